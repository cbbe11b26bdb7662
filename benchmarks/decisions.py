"""The decision benchmark: what rules do with simulated fleets whose truth is known, ours beside four others.

Prints every figure with its Monte-Carlo error, holds ours against what they should be, and writes
docs/benchmarks/decisions.md with its charts. Seeds are fixed: the same numbers come out every time.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks import charts, faults, splits
from benchmarks.faults import Fault
from benchmarks.fleets import TRUTHS, Truth, fleet, plan
from benchmarks.independent import READINGS, Reading, fourteen_looks, one_look
from benchmarks.rules import RULES
from benchmarks.tally import ERRORS, HEADS, Check, Row, Share, at_most, cells, check_cells, row, short
from experiments.planning import operating

DOCS = Path(__file__).parents[1] / "docs" / "benchmarks"
SEED, RUNS = 20_261_122, 20_000
OURS = "ours, group sequential"


@dataclass(frozen=True)
class AtMargin:
    """Keeps with a guardrail at its margin and a null goal: of our rule, of the independent one, exact for one look."""

    ours: Share
    independent: Share
    one_look: float

    def check(self, reading: Reading) -> Check:
        """Ours within what the independent simulation leaves open."""
        open_to = ERRORS * self.independent.error
        low, high = self.independent.value - open_to, self.independent.value + open_to
        return Check(f"keep, goal null, {reading}", self.ours, max(low, 0.0), high)


@dataclass(frozen=True)
class Findings:
    """All that was simulated."""

    tables: dict[str, list[Row]]
    harm: dict[str, tuple[Share, Share]]
    at_margin: dict[Reading, AtMargin]
    skewed: list[tuple[int, dict[str, Share]]]
    rollbacks: list[tuple[int, Share, Share]]
    split: dict[splits.Split, dict[str, splits.Alarms]]
    crossovers: dict[tuple[float, float], splits.Alarms]
    faults: list[Fault]

    def of(self, truth: int, rule: str = OURS) -> Row:
        """One rule's row in one fleet."""
        return next(r for r in self.tables[TRUTHS[truth].name] if r.rule == rule)


def simulate(runs: int) -> Findings:
    """Run everything; each part draws from its own stream."""
    streams = [np.random.default_rng(s) for s in np.random.SeedSequence(SEED).spawn(9)]
    tables, harm = {}, {}
    for truth in TRUTHS:
        metrics = fleet(truth, runs, streams[0])
        tables[truth.name] = [row(name, truth, rule(metrics)) for name, rule in RULES.items()]
        if min(truth.goal, *truth.guardrails) <= -2:
            harm[truth.name] = _harm(metrics)
    return Findings(
        tables, harm, {r: _at_margin(r, runs, (streams[7], streams[8])) for r in READINGS},
        faults.skewed(runs, streams[1]), faults.rollbacks(runs // 2, streams[2]),
        {s: splits.split_alarms(s, 5 * runs if s.as_planned else runs, streams[3]) for s in splits.SPLITS},
        {s: splits.crossover_alarms(s, runs // 20, streams[4]) for s in ((0.02, 0.02), (0.08, 0.08), (0.015, 0.025))},
        faults.peeking(runs, streams[5]) + faults.singles(runs, streams[6]),
    )  # fmt: skip


def _at_margin(reading: Reading, runs: int, rngs: tuple[np.random.Generator, np.random.Generator]) -> AtMargin:
    """So rare that it takes ten times the runs."""
    truth = Truth(str(reading), 0.0, (-1.0,) * reading.at_margin + (0.0,) * (3 - reading.at_margin))
    mine = [RULES[OURS](fleet(truth, runs, rngs[0], correlation=reading.correlation)).kept for _ in range(10)]
    theirs = [fourteen_looks(reading, 2 * runs, rngs[1]) for _ in range(10)]
    return AtMargin(Share.of(np.concatenate(mine)), Share.of(np.concatenate(theirs)), one_look(reading))


def _harm(metrics: dict[str, operating.Metric]) -> tuple[Share, Share]:
    """Runs in which harm is found by the horizon, even if a drop came first, and the share of the days it takes."""
    found = operating.outcomes(plan(), metrics, range(1, 15), 14).harmed
    days = np.where(found.any(axis=1), found.argmax(axis=1) + 1, 14)
    return Share.of(found.any(axis=1)), Share.of(days / 14)


def checks(f: Findings) -> list[Check]:
    """Our figures against the ones the design expects, and those that the faults of others taught."""
    null, worthwhile = f.of(0), f.of(2)
    assert null.cried is not None
    everything, of_days = f.harm[TRUTHS[8].name]
    return [
        at_most("A/A: keep", null.kept, 0.025),
        at_most("A/A: stop, or any reading worse or harmed", null.cried, 0.05),
        at_most("A/A, always valid: keep", f.of(0, "ours, always valid").kept, 0.025),
        Check("goal at its MDE: keep (about .6)", worthwhile.kept, 0.57, 0.63),
        *(found.check(reading) for reading, found in f.at_margin.items()),
        at_most("a guardrail at its margin, goal at its MDE: keep", f.of(5).kept, 0.05),
        Check("harm of two margins, goal and guardrails: harm found by the horizon (about .80)", everything, 0.77, 1.0),
        at_most("the same: share of the days until then (about three quarters)", of_days, 0.75),
        *(at_most(f"harm of two margins: keep ({TRUTHS[i].name})", f.of(i).kept, 0.001) for i in (6, 7, 8)),
        *(
            at_most(f"A/A of revenue, {users} users an arm and day, {name}: false positives", got, 0.05)
            for users, by in f.skewed for name, got in by.items() if name.startswith("ours")
        ),
        *(at_most(f"false harm by day 28, {n} guardrails", mine, 0.05) for n, _, mine in f.rollbacks),
        *(
            at_most(f"split {s}, {s.a_day:,} units a day: alarms in 28 looks", by[splits.OURS].ever, 0.002)
            for s, by in f.split.items() if s.as_planned
        ),
        *(x.check for x in f.faults),
    ]  # fmt: skip


def report(f: Findings, runs: int) -> str:
    """The page that is kept in docs/."""
    found = checks(f)
    missed = [c.what for c in found if not c.passed]
    verdict = f"{len(missed)} of {len(found)} miss by more than three Monte-Carlo errors"
    verdict += f": {'; '.join(missed)}." if missed else "."
    parts = [
        "# Decisions: what rules do with simulated experiments",
        f"Written by `make bench-decisions` ({runs:,} runs a fleet, seed {SEED}); it gives the same numbers each time.",
        METHOD, "## Our figures against what they should be",
        f"{verdict} {CARE}",
        _table(("", "figure", "wanted", "got"), check_cells(found)),
        "![A/A: share of runs that end in keep](keep-nothing.svg)",
        "![Share kept by the goal's effect](keep-effect.svg)", "![Harm cried where there is none](false-harm.svg)",
        "## Fleets", "Percentages ± one Monte-Carlo error; days are days to an end.",
        *(p for name, rows in f.tables.items() for p in (f"### {_sentence(name)}", _table(HEADS, map(cells, rows)))),
        "### Harm found by the horizon", "Also where a drop had ended the run before; days as a share of the plan's.",
        _table(("fleet", "found", "share of days"), ((k, str(a), str(b)) for k, (a, b) in f.harm.items())),
        *_special(f),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


CARE = """\
The limits are those of the design; where it says *about*, the range is ours. It does not say which metrics its harm of
two margins hits: of the three fleets below, the one with its .80 is checked, and one harmed guardrail alone is found
far less often."""

METHOD = """\
Each run has one goal and three guardrails that correlate .3, fourteen daily looks, margins of one minimum detectable
effect (MDE, 5 %), and as many units as find the goal's MDE with a power of .8 at the alpha that is spent to the
horizon. All rules see the same draws. *Ours* is the verdict itself (`experiments/planning/operating.py`, held against
the rule of an analysis look by look in `tests/experiments/test_operating.py`). *Peeking*: p < .05 at any look.
*Chance to win*: above 95 % ship, below 5 % drop. *Expected loss*: ship once shipping is expected to lose less than
.25 %, drop once not shipping is. *GrowthBook-like*: all goals won and no guardrail lost, ship; any guardrail lost,
roll back; won above 95 %, lost below 5 %, no sequential test. These read from the first day; ours waits a week for
all but a stop.

A *wrong keep*: the goal gains nothing, or a guardrail is at its margin or beyond. A *wrong drop or stop*, and a *right
keep*: the goal gains at least its MDE and no guardrail is at its margin. *False harm*: a stop, or any metric called
worse or harmed, where nothing is. In an A/A a drop (not worthwhile) is the right answer. What is missing to 100 % ended
undecided: review."""


AT_MARGIN = """\
Keeping is wrong here. The first column of figures is a normal probability, the second a simulation that shares no code
with the rule (`benchmarks/independent.py`). How the metrics correlate makes most of the difference:
[0007](../decisions/0007-a-guardrail-at-its-margin.md)."""


def _special(f: Findings) -> list[str]:
    names = list(f.skewed[0][1])
    share = [(str(n), a.percent, b.percent) for n, a, b in f.rollbacks]
    split = [
        (str(s), f"{s.a_day:,}", k, str(a.ever), f"{a.day:.1f}") for s, by in f.split.items() for k, a in by.items()
    ]
    crossed = [(f"{a:.1%} and {b:.1%}", str(x.ever), f"{x.day:.1f}") for (a, b), x in f.crossovers.items()]
    return [
        "## A guardrail at its margin", AT_MARGIN,
        _table(("goal null, and", "one look, exactly", "14 looks, independently", "ours"),
               ((str(r), f"{x.one_look:.5f}", *map(_rare, (x.independent, x.ours))) for r, x in f.at_margin.items())),
        "## Skewed revenue",
        "A/A; one unit in twenty buys, for lognormal(3, 1); every unit is drawn; any look that shows a change counts.",
        "![False positives on skewed revenue](skewed.svg)",
        _table(("users an arm and day", *names), ((str(u), *(by[n].percent for n in names)) for u, by in f.skewed)),
        "## False harm with many guardrails", "A/A, 28 daily looks, independent guardrails.",
        _table(("guardrails", "GrowthBook-like rolls back", "ours: stop, worse or harmed"), share),
        "## The split", "28 daily looks.",
        _table(("split", "units a day", "test", "ever alarmed", "mean day"), split),
        "## Crossovers",
        "Shares of control and of treatment that meet both variants; 14 daily looks of the health check.",
        _table(("crossovers", "ever invalid", "mean day"), crossed),
        "## Faults found elsewhere",
        "What the others' way gives is measured here, on the same draws or by the same arithmetic.",
        _table(("figure", "ours", "theirs"), [(x.check.what, short(x.check.got), x.theirs) for x in f.faults]),
    ]  # fmt: skip


def _rare(s: Share) -> str:
    return f"{s.value:.5f} ±{s.error:.5f}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def draw(f: Findings) -> dict[str, str]:
    """The charts by file name."""
    effects = (0, 1, 2, 3)
    kept = {name: [f.of(i, name).kept.value for i in effects] for name in RULES}
    cried = {name: _pair(found) for name in RULES if (found := f.of(0, name).cried) is not None}
    skewed = {n: [by[n].value for _, by in f.skewed] for n in f.skewed[0][1]}
    return {
        "keep-nothing.svg": charts.bars(
            "A/A: runs that end in keep, though nothing works", {n: _pair(f.of(0, n).kept) for n in RULES}, 0.025
        ),
        "keep-effect.svg": charts.lines(
            "Runs that end in keep, by the goal's true effect", [TRUTHS[i].goal for i in effects], kept,
            label="effect in minimum detectable effects; guardrails unharmed",
        ),
        "false-harm.svg": charts.bars("A/A: harm cried by the end, though there is none", cried, 0.05),
        "skewed.svg": charts.lines(
            "False positives over 14 daily looks of A/A revenue", [u for u, _ in f.skewed], skewed,
            label="users an arm and day", limit=0.05,
        ),
    }  # fmt: skip


def _pair(s: Share) -> tuple[float, float]:
    return s.value, s.error


def show(f: Findings) -> int:
    """Print all tables, then every check; return how many fail."""
    for name, rows in f.tables.items():
        _print(name, HEADS, [cells(r) for r in rows])
    found = check_cells(checks(f))
    _print("checks", ("", "figure", "wanted", "got"), found)
    return sum(line[0] != "pass" for line in found)


def _print(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    print(f"\n{title}")
    for line in (heads, *rows):
        print("  " + "  ".join(text.ljust(w) for text, w in zip(line, widths, strict=True)).rstrip())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help="experiments in each fleet")
    parser.add_argument("--docs", type=Path, default=DOCS, help="folder for the report and its charts")
    chosen = parser.parse_args()
    start = perf_counter()
    found = simulate(chosen.runs)
    failed = show(found)
    chosen.docs.mkdir(parents=True, exist_ok=True)
    for name, text in {"decisions.md": report(found, chosen.runs), **draw(found)}.items():
        (chosen.docs / name).write_text(text)
    took = perf_counter() - start
    print(f"\n{failed} checks failed; report in {chosen.docs / 'decisions.md'}; {took:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
