"""Rows of what was estimated, for whoever checks it: a page has dozens, which a template makes slowly."""

from collections.abc import Iterator

from markupsafe import Markup

from experiments.numbers import chance, count, declared, p_value, statistic, unit_name
from experiments.reports.escaping import escaped
from experiments.snapshot import Arm, Effect, MetricResult, Snapshot

SCORE_TEST = 1e12  # more degrees of freedom than this stand for a test that has none


def estimates(snapshot: Snapshot) -> Markup:
    """Return the rows: of each metric what the verdict used, then raw and uncapped where these are other numbers."""
    rows = [row for m in snapshot.metrics for row in _rows(m, snapshot)]
    return Markup("\n".join(rows))  # noqa: S704  # escaped in `_row`


def _rows(m: MetricResult, snapshot: Snapshot) -> Iterator[str]:
    about = f" · {m.treatment}" if len(snapshot.frozen.plan.treatments) > 1 else ""
    cap = snapshot.frozen.definitions[m.metric].metric.cap
    capped = "" if cap is None else f", capped at {declared(cap, m.symbol)}"
    adjusted = f", adjusted for {', '.join(m.covariates)}" if m.covariates else ""
    if m.effect:
        yield _row(m, f"used{capped}{adjusted}{about}", m.effect, (m.control, m.variant), _dunnett(m))
    if m.raw and (m.covariates or m.uncapped):
        yield _row(m, f"raw{capped}{about}", m.raw, (m.control, m.variant))
    if m.uncapped:
        more = m.uncapped
        yield _row(m, f"{_above(snapshot, more.capped)}{about}", more.effect, (more.control, more.variant))


def _above(snapshot: Snapshot, n: tuple[int, int]) -> str:
    unit = unit_name(snapshot.frozen.plan.unit, n[0])
    return f"uncapped: {count(n[0])} {unit} in control and {count(n[1])} in the variant lie above the cap"


def _dunnett(m: MetricResult) -> str:
    return "" if m.dunnett_p is None else f"<small>Dunnett {p_value(m.dunnett_p)}</small>"


def _row(m: MetricResult, kind: str, e: Effect, arms: tuple[Arm | None, Arm | None], more: str = "") -> str:
    label, told, df = _told(e)
    low, high = ("no limit" if end is None else statistic(end) for end in (e.low, e.high))
    cells = (
        *zip(("n, control and variant", "Mean, control and variant", "Standard deviation"), _arms(*arms), strict=True),
        ("Difference and its interval", f"{statistic(e.difference)}<br>{low} to {high}"),
        ("Standard error, df", f"{statistic(e.se)}<br>{df}"), (label, f"{told}{more}"),
    )  # fmt: skip
    name = f"{escaped(m.title)}<small>{escaped(kind)}</small>"
    shown = "\n".join([f'<td role="cell" data-l="{head}" class="r">{text}</td>' for head, text in cells])
    return f'<tr role="row"><th role="rowheader" scope="row" dir="auto">{name}</th>\n{shown}</tr>'


def _told(e: Effect) -> tuple[str, str, str]:
    """What the last cell is called and says, and the degrees of freedom; of a posterior neither is its own."""
    if e.chance is not None:
        return "Chance", f"chance to be better {chance(e.chance)}", "of the posterior"
    return "p", p_value(e.p_value), "score test" if e.df is not None and e.df > SCORE_TEST else statistic(e.df)


def _arms(control: Arm | None, variant: Arm | None) -> tuple[str, str, str]:
    """Units, means and standard deviations, control's above the variant's; empty where no arm was kept."""
    if control is None or variant is None:
        return "", "", ""
    return (
        f"{count(control.n)}<br>{count(variant.n)}", f"{statistic(control.mean)}<br>{statistic(variant.mean)}",
        f"{statistic(control.sd)}<br>{statistic(variant.sd)}",
    )  # fmt: skip
