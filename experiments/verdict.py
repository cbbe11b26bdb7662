"""The verdict: the frozen rule of the plan, turned on readings. The first rung that matches speaks.

invalid → stop → wait → keep → drop → review, for each treatment; then one headline over all of them.
"""

from collections.abc import Callable, Iterable

from experiments import wording
from experiments.evidence import Evidence, Moment
from experiments.snapshot import Check, Step, TreatmentVerdict, Verdict, Word

PATIENCE = 7  # days that an answer may wait for its decision
HEADLINE: tuple[Word, ...] = ("invalid", "keep", "stop", "wait", "review", "drop")


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
