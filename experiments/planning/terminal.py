"""How the command line writes what is known of a plan and of a metric: 80 columns, no colours."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from experiments.errors import NotReady
from experiments.numbers import unit_name
from experiments.planning import calibration, priors
from experiments.planning.calibration import Calibration
from experiments.planning.forecast import Forecast, Row
from experiments.planning.priors import Past
from experiments.planning.sizes import Sizes
from experiments.registry import Database, metrics
from experiments.settings import Settings

WIDTH = 80
HEADS = ("", "asked for", "needs", "chance", "smallest")


def plan_text(f: Forecast) -> str:
    """Write who comes, the table of sizes, what the rule needs, what it would do, and what the past says."""
    return "\n\n".join([
        f.frozen.plan.name,
        _section("Who comes", f.who),
        _section("What each test can show", [*_table(f.rows)], wrap=False) + "\n" + _wrapped(_legend(f)),
        _section("The whole rule", [*f.whole, *_fields(f.sizes)]),
        _section("What it would do", [*(f"{c.situation}: {c.sentence}" for c in f.chances), f.days]),
        _section("What the past says", f.past),
    ])  # fmt: skip


def metric_texts(settings: Settings, db: Database, key: str | None) -> Iterator[str]:
    """Replay one metric, or each of the catalogue, and write what was found; NotReady only where one was named."""
    past = priors.learnt(db)
    for each in [key] if key else sorted(metrics.catalog(db).metrics):
        try:
            yield metric_text(calibration.check(settings, each), past.get(each))
        except NotReady as error:
            if key:
                raise
            yield _wrapped(str(error)).strip()


def metric_text(c: Calibration, past: Past | None) -> str:
    """Write what a replay found of one metric, and what past experiments say of its effects."""
    known = priors.sentence(past)
    if past and past.prior:
        known += f" As a prior for a Bayesian plan: {priors.prior_words(past.prior, c.metric)}."
    return _section(f"{c.metric.key}: {calibration.headline(c)}", [*calibration.sentences(c), known], shout=False)


def _fields(s: Sizes) -> list[str]:
    """What to write into the file of the plan, where a duration is advised."""
    return [f"In its file: enrol_days: {s.enrol_days}, planned_units: {s.planned_units}"] if s.enrol_days else []


def _legend(f: Forecast) -> str:
    return (
        f"Needs: {unit_name(f.frozen.plan.unit)} for power {f.frozen.plan.power:g}, each test alone. Chance: to show "
        "what is asked for, with those who come. Smallest: the change, or margin, that they show with that power."
    )


def _section(title: str, lines: Iterable[str], *, wrap: bool = True, shout: bool = True) -> str:
    return "\n".join([title.upper() if shout else title, *(_wrapped(line) if wrap else line for line in lines)])


def _wrapped(line: str) -> str:
    return textwrap.fill(line, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)


def _table(rows: Sequence[Row]) -> list[str]:
    """Name and role on the left, numbers on the right; a name that is too long ends in dots."""
    cells = [HEADS, *((f"{r.role}: {r.metric}", r.asked, r.needed, r.chance, r.smallest) for r in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(1, len(HEADS))]
    first = WIDTH - 2 - sum(w + 2 for w in widths)
    right = ["".join(f"  {v:>{w}}" for v, w in zip(r[1:], widths, strict=True)) for r in cells]
    return [f"  {_cut(r[0], first):{first}}{numbers}" for r, numbers in zip(cells, right, strict=True)]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
