"""The report of a programme: what was tried in some days, what became of it, what it is worth in sum, what was learnt.

One record, from which the page, the API and the files are made, so that all say the same numbers.
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from experiments.catalog import Record
from experiments.numbers import change, day
from experiments.portfolio import Portfolio, pace, wording
from experiments.portfolio.worth import Impact, Loss
from experiments.registry.overview import Card, Effect
from experiments.reports.csv import cell
from experiments.reports.markdown import escaped


class Tried(Record):
    """One experiment that was decided: its verdict then, the decision, and its first goal's effect as share of control.

    `change` and its interval are None where the groups could not be compared, or there is no relative change. `after`
    says how what was kept fares beside those held back; empty for what was not kept.
    """

    key: str
    title: str
    team: str
    owner: str
    launched: date | None
    decided: date | None
    verdict: str
    decision: str
    followed: bool
    metric: str
    change: float | None
    low: float | None
    high: float | None
    learning: str
    tags: tuple[str, ...]
    after: str = ""


class Sum(Record):
    """What several effects on one metric add up to, as share of control; without `total` too few measured it.

    `low` and `high` bound the shrunken total (95 %). `naive` is each as measured, which luck makes too large.
    """

    metric: str
    title: str
    direction: str
    experiments: int
    naive: float
    total: float | None
    low: float | None
    high: float | None
    holdout: float | None = None
    holdout_low: float | None = None
    holdout_high: float | None = None


class Avoided(Record):
    """An experiment that was not kept although, or as, it was shown worse on this metric."""

    key: str
    title: str
    metric: str
    change: float | None
    low: float | None
    high: float | None


class Adherence(Record):
    """In how many decided experiments a practice was kept."""

    practice: str
    kept: int
    of: int
    others: str


class Programme(Record):
    """A programme's days in numbers and sentences. Rates are shares of one; `wait` is in days, None if not known."""

    first: date
    last: date
    team: str
    summary: tuple[str, ...]
    assumptions: tuple[str, ...]
    launched: int
    decided: int
    overdue: int
    wait: float | None
    win_rate: float
    win_rate_low: float
    win_rate_high: float
    verdicts: dict[str, int]
    worth: tuple[Sum, ...]
    avoided: tuple[Avoided, ...]
    avoided_sum: tuple[Sum, ...]
    after: dict[str, int]
    adherence: tuple[Adherence, ...]
    tried: tuple[Tried, ...]

    def those(self, decision: str) -> tuple[Tried, ...]:
        """The experiments with one decision."""
        return tuple(t for t in self.tried if t.decision == decision)

    @property
    def file_stem(self) -> str:
        """The name of its files."""
        return f"programme-{self.first}-{self.last}"


def programme(p: Portfolio, effects: Sequence[Effect], team: str = "") -> Programme:
    """Write a portfolio out; `effects` are those that it was made from."""
    whole, firsts = p.rates[0], _firsts(effects)
    since = {c.experiment: word for word, cards in p.after.items() for c in cards}
    return Programme(
        first=p.period.first, last=p.period.last, team=team, summary=tuple(wording.lead(p)),
        assumptions=tuple(wording.assumptions(p)) if p.impacts else (), launched=p.launched, decided=len(p.decided),
        overdue=len(p.overdue), wait=pace.typical(p.waits), win_rate=whole.share, win_rate_low=whole.low,
        win_rate_high=whole.high, verdicts=p.mix, worth=tuple(map(_sum, p.impacts)),
        avoided=tuple(map(_avoided, p.losses)), avoided_sum=tuple(map(_sum, p.avoided)),
        after={word: len(cards) for word, cards in p.after.items() if cards},
        adherence=tuple(Adherence(practice=q.name, kept=q.good, of=q.of, others=q.remark) for q in p.quality),
        tried=tuple(_tried(c, firsts.get(c.experiment, []), since.get(c.experiment, "")) for c in p.decided),
    )  # fmt: skip


def markdown(report: Programme) -> bytes:
    """Return the report as UTF-8 Markdown. What people wrote is text, never markup."""
    parts = [f"# {escaped(title(report))}", escaped(" ".join(report.summary))]
    for name, head, rows, _ in sections(report):
        parts += [f"## {name}", _table(head, rows) if rows else "None."]
    learnt = [f"- {escaped(t.learning)} ({escaped(t.title)})" for t in report.tried if t.learning]
    parts += ["## Learnings", "\n".join(learnt) or "None.", escaped(" ".join(report.assumptions))]
    return "\n\n".join(part for part in parts if part).encode() + b"\n"


def csv_file(report: Programme) -> bytes:
    """Return UTF-8 CSV: a row for each experiment, numbers in full; what a spreadsheet would run is made harmless."""
    out = io.StringIO(newline="")
    names = list(Tried.model_fields)
    table = csv.DictWriter(out, names, lineterminator="\r\n")
    table.writeheader()
    for t in report.tried:
        row = {**t.model_dump(mode="json"), "tags": ", ".join(t.tags)}
        table.writerow({name: cell(row[name]) for name in names})
    return out.getvalue().encode()


def json_file(report: Programme) -> bytes:
    """Return the whole record as UTF-8 JSON."""
    return report.model_dump_json(indent=1).encode() + b"\n"


FILES: dict[str, tuple[str, str, Callable[[Programme], bytes]]] = {
    "csv": ("text/csv", "Experiments, a row each (CSV)", csv_file),
    "md": ("text/markdown", "Text with tables (Markdown)", markdown),
    "json": ("application/json", "Every number, for programs (JSON)", json_file),
}  # fmt: skip


def title(report: Programme) -> str:
    """Its title: whose programme, and which days."""
    return f"Programme report, {report.team or 'all teams'}: {day(report.first)} to {day(report.last)}"


Section = tuple[str, tuple[str, ...], list[tuple[str, ...]], int]


def sections(report: Programme, most: int | None = None) -> list[Section]:
    """Return the tables: name, columns, at `most` so many rows, all written, and how many rows are left out."""
    tried = ("Experiment", "Verdict", "First goal", "Change", "95% interval")
    worth = ("Metric", "Experiments", "Naive sum", "Shrunken sum", "95% interval", "Holdout")
    tables: list[tuple[str, tuple[str, ...], Sequence[Any], Callable[[Any], tuple[str, ...]]]] = [
        ("Worth in sum", worth, report.worth, _summed),
        ("Kept", (*tried, "Since launch"), report.those("keep"), lambda t: (*_written(t), t.after)),
        ("Dropped", tried, report.those("drop"), _written), ("To run again", tried, report.those("again"), _written),
        ("Losses avoided", ("Experiment", "Metric", "Change", "95% interval"), report.avoided, _lost),
        ("Avoided in sum", worth[:5], report.avoided_sum, lambda s: _summed(s)[:5]),
        ("Quality and adherence", ("Practice", "Experiments", "The others"), report.adherence, _kept),
    ]  # fmt: skip
    return [
        (name, head, [write(x) for x in found[:most]], len(found[most:]) if most else 0)
        for name, head, found, write in tables
    ]


def _tried(card: Card, effects: Sequence[Effect], after: str) -> Tried:
    first = next((e for e in effects if e.treatment == card.kept), effects[0] if effects else None)
    shown = first if first and first.valid else None
    return Tried(
        key=card.experiment, title=card.title, team=card.team, owner=card.owner, launched=card.launched,
        decided=card.decided, verdict=card.decided_from or "none", decision=card.decision, followed=bool(card.followed),
        metric=first.title if first else "", change=shown.effect if shown else None, low=shown.low if shown else None,
        high=shown.high if shown else None, learning=card.learning, tags=tuple(card.tags),
        after=after,
    )  # fmt: skip


def _firsts(effects: Iterable[Effect]) -> dict[str, list[Effect]]:
    """The goals of each experiment."""
    found: dict[str, list[Effect]] = {}
    for e in effects:
        if e.role == "goal":
            found.setdefault(e.experiment, []).append(e)
    return found


def _sum(i: Impact) -> Sum:
    s, held = i.sum, i.holdout
    return Sum(
        metric=i.metric, title=i.title, direction=i.direction, experiments=i.count, naive=i.naive,
        total=s.total if s else None, low=s.low if s else None, high=s.high if s else None,
        holdout=held.effect if held else None, holdout_low=held.low if held else None,
        holdout_high=held.high if held else None,
    )  # fmt: skip


def _avoided(loss: Loss) -> Avoided:
    e = loss.effect
    return Avoided(
        key=loss.card.experiment, title=loss.card.title, metric=e.title, change=e.effect, low=e.low, high=e.high
    )


def _written(t: Tried) -> tuple[str, ...]:
    verdict = t.verdict if t.followed else f"{t.verdict}; decided otherwise"
    return t.title, verdict, t.metric, *(change(t.change, t.low, t.high) if t.change is not None else ("not shown", ""))


def _summed(s: Sum) -> tuple[str, ...]:
    total = change(s.total, s.low, s.high) if s.total is not None else ("takes five experiments", "")
    held = " (".join(change(s.holdout, s.holdout_low, s.holdout_high)) + ")" if s.holdout is not None else "none"
    return s.title, str(s.experiments), change(s.naive, None, None)[0], *total, held


def _kept(a: Adherence) -> tuple[str, ...]:
    return a.practice, f"{a.kept} of {a.of}", a.others


def _lost(a: Avoided) -> tuple[str, ...]:
    return a.title, a.metric, *change(a.change, a.low, a.high)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(escaped(text) for text in row)} |" for row in rows)])


