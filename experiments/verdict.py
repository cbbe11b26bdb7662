"""The verdict: the frozen rule of the plan, turned on readings. The first rung that matches speaks.

invalid → stop → wait → keep → drop → review, for each treatment; then one headline over all of them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from experiments import wording
from experiments.snapshot import Check, MetricResult, Step, TreatmentVerdict, Verdict, Word

HEADLINE: tuple[Word, ...] = ("invalid", "keep", "stop", "wait", "review", "drop")


@dataclass(frozen=True)
class Moment:
    """Where the experiment stands: days done and planned, and the days on which an answer can come.

    `cut_short` is said of one that was stopped before its horizon and whose last windows are complete.
    """

    day: int
    minimum_days: int
    days: int
    answer: str
    cut_short: bool = False

    @property
    def ended(self) -> bool:
        """Whether no more units or days will come: the horizon is reached, or it was stopped."""
        return self.cut_short or self.day >= self.days


@dataclass(frozen=True)
class Evidence:
    """One treatment's goals and guardrails with their readings, and what their intervals reach.

    `falls_short` holds keys of goals shown to gain less than their worthwhile effect.
    """

    treatment: str
    name: str
    goals: tuple[MetricResult, ...]
    guardrails: tuple[MetricResult, ...]
    falls_short: frozenset[str]
    harmed: frozenset[str]

    def read(self, results: Iterable[MetricResult], *words: str) -> tuple[MetricResult, ...]:
        """The results whose reading is one of these words."""
        return tuple(r for r in results if r.reading in words)

    @property
    def better(self) -> tuple[MetricResult, ...]:
        """Goals shown better whose interval reaches what is worthwhile."""
        return tuple(g for g in self.read(self.goals, "better") if g.metric not in self.falls_short)

    @property
    def worse(self) -> tuple[MetricResult, ...]:
        """Goals shown worse."""
        return self.read(self.goals, "worse")

    @property
    def safe(self) -> tuple[MetricResult, ...]:
        """Guardrails shown to stay inside their margins."""
        return self.read(self.guardrails, "safe", "worse within margin")

    @property
    def dropped(self) -> tuple[MetricResult, ...]:
        """Goals shown worse, or shown to fall short of what is worthwhile."""
        return tuple(g for g in self.goals if g.metric in self.falls_short or g.reading == "worse")


def judge(checks: tuple[Check, ...], evidence: tuple[Evidence, ...], moment: Moment, rule: str) -> Verdict:
    """Return the verdict on every treatment and the headline over all."""
    found = tuple(_treatment(checks, e, moment) for e in evidence)
    words = [t.word for t in found]
    word = next(w for w in HEADLINE if (all(x == w for x in words) if w == "stop" else w in words))
    chosen = next(t for t in found if t.word == word)
    several = len(found) > 1
    names = {e.treatment: e.name for e in evidence}
    return Verdict(
        word=word, treatment=chosen.treatment if several or word == "keep" else None,
        sentence=wording.headline(chosen, found, names) if several else chosen.sentence,
        would_change=chosen.would_change, rule=rule, treatments=found,
    )  # fmt: skip


def _treatment(checks: tuple[Check, ...], e: Evidence, moment: Moment) -> TreatmentVerdict:
    """Climb the ladder: the first rung whose condition holds is the verdict, the rest were not reached."""
    steps: list[Step] = []
    word: Word | None = None
    for rung, holds in _ladder(checks, e, moment):
        hit = word is None and holds()
        text = wording.step(rung, checks, e, moment, hit=hit, past=word is not None)
        steps.append(Step(word=rung, hit=hit, text=text))
        word = rung if hit else word
    assert word is not None  # review always holds
    return TreatmentVerdict(
        treatment=e.treatment, word=word, sentence=wording.sentence(word, checks, e, moment),
        would_change=wording.would_change(word, e, moment), steps=tuple(steps), evidence=_evidence(word, e),
    )  # fmt: skip


def _ladder(checks: tuple[Check, ...], e: Evidence, moment: Moment) -> Iterable[tuple[Word, Callable[[], bool]]]:
    early = moment.day < moment.minimum_days
    keeps, drops = not early and _keeps(e), not early and _drops(e)
    yield "invalid", lambda: any(c.invalidates for c in checks)
    yield "stop", lambda: bool(e.harmed)
    yield "wait", lambda: not (moment.ended or keeps or drops)
    yield "keep", lambda: keeps
    yield "drop", lambda: drops
    yield "review", lambda: True


def _keeps(e: Evidence) -> bool:
    return bool(e.better) and not e.worse and len(e.safe) == len(e.guardrails)


def _drops(e: Evidence) -> bool:
    return len(e.dropped) == len(e.goals)


def _evidence(word: Word, e: Evidence) -> tuple[str, ...]:
    """Keys of the metrics that the verdict rests on."""
    rests: dict[Word, Iterable[str]] = {
        "stop": sorted(e.harmed),
        "keep": [m.metric for m in (*e.better, *e.guardrails)],
        "drop": [m.metric for m in e.goals],
        "review": [m.metric for m in (*e.goals, *e.guardrails)],
    }
    return tuple(rests.get(word, ()))
