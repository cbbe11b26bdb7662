"""The sentences of verdicts: templates with slots, each with a test. No p-values, no adjectives."""

from collections.abc import Sequence
from math import exp, pi, sqrt
from statistics import NormalDist

from experiments.evidence import Evidence, Moment
from experiments.numbers import change, difference, percent, plain_percent, several, size
from experiments.plan import Plan
from experiments.snapshot import Check, Effect, MetricResult, TreatmentVerdict, Verdict, Word

NO_RISK = 1e-4  # a loss below it is said to be below it
UNBOUNDED = "without limit"
UNCOMPARABLE = "The groups cannot be compared, so no effect is shown."
METHODS = {
    "group-sequential": "looked at every day, allowed for (group sequential)",
    "always-valid": "valid whenever one looks (always valid)",
    "fixed": "looked at once, on the last day (fixed)",
    "bayesian": "by the posterior of a prior that was fixed before (Bayesian): no guarantee on errors",
}


def sentence(word: Word, checks: Sequence[Check], e: Evidence, moment: Moment) -> str:
    """Return the verdict in one to four plain sentences."""
    if word == "invalid":
        wrong = " ".join(c.detail for c in checks if c.invalidates)
        return f"{UNCOMPARABLE} {wrong}"
    if word == "stop":
        harmed = [m for m in (*e.guardrails, *e.goals) if m.metric in e.harmed]
        return " ".join(_harm(m) for m in harmed)
    if word == "wait":
        return (
            f"Too early to say. The experiment has done {moment.day} of its {moment.days} days, "
            f"and nothing is harmed. Expect an answer {moment.answer}."
        )
    if word == "keep":
        return _joined(_gain(e.better), _guardrails(e), _unsettled(e))
    if word == "drop":
        return " ".join(_short(m) for m in e.goals)
    early = f"It was stopped on day {moment.day} of {moment.days}"
    over = early if moment.day < moment.days else "The planned days are over"
    return _joined(f"{over} and the evidence does not settle it.", _open(e), _later(e.goals), _losses(e.goals))


def over_phases(plan: Plan, phases: int) -> str:
    """Say what alpha promises of one phase, and of this many, each of units that no other one counted.

    Whatever made somebody begin the next one, in each the chance to err is at most alpha given all before; so over k of
    them it is at most 1 - (1 - alpha)^k.
    """
    if plan.method == "bayesian":
        return "Each phase begins with the prior of the plan again; a posterior gives no guarantee on errors."
    one, most = plain_percent(plan.alpha), percent(1 - (1 - plan.alpha) ** phases)
    return (
        f"The chance to call a goal changed when it is not is at most {one} in one phase, and at most {most} over "
        f"{several(phases, 'phase')} together."
    )


def in_short(verdict: Verdict, failing: Sequence[Check]) -> str:
    """Return a verdict's sentence for a page that explains below it what fails: of each check what is wrong alone."""
    return " ".join([UNCOMPARABLE, *(apart(c)[0] for c in failing)]) if failing else verdict.sentence


def apart(check: Check) -> tuple[str, str]:
    """Return what a check found, its first sentence, and what is known of the cause, which may be nothing."""
    first, dot, rest = check.detail.partition(". ")
    return first + dot.rstrip(), rest


def step(word: Word, checks: Sequence[Check], e: Evidence, moment: Moment, *, hit: bool, past: bool) -> str:
    """Return why one rung of the ladder did or did not match."""
    if past:
        return "Not reached"
    wrong = [c.title.lower() for c in checks if c.invalidates]
    counted = f"{len(e.better)} of {len(e.goals)} goals better, {len(e.safe)} of {len(e.guardrails)} guardrails safe"
    reasons = {
        "invalid": ", ".join(wrong) if hit else "every trust check that could invalidate it passes",
        "stop": f"{len(e.harmed)} harmed beyond the margin" if hit else "nothing is harmed beyond its margin",
        "wait": f"day {moment.day} of {moment.days}" + ("" if hit else ", and there is an answer"),
        "keep": counted,
        "drop": f"{len(e.dropped)} of {len(e.goals)} goals shown below what is worthwhile",
        "review": "the planned days are over and no other step holds",
    }
    return f"{'Yes' if hit else 'No'}: {reasons[word]}"


def would_change(word: Word, e: Evidence, moment: Moment) -> str:
    """Return what would change this verdict."""
    texts: dict[Word, str] = {
        "invalid": "Nothing that more days could bring. Mend the cause, then begin a new phase or experiment.",
        "stop": "Nothing is planned: a loss this size was shown on a bound that holds on every day.",
        "wait": f"More days, until {moment.days} are done, or a goal or guardrail harmed beyond its margin.",
        "review": f"A person's judgement, or {_going_on(e, moment)}.",
    }
    settled = "A guardrail harmed beyond its margin, or a trust check that fails on late data."
    return texts.get(word, settled if not moment.ended else "A trust check that fails on late data would withdraw it.")


def _going_on(e: Evidence, moment: Moment) -> str:
    """What more days could do, which depends on the method: one look was all that a fixed plan allows."""
    methods = {g.effect.method for g in e.goals if g.effect}
    if moment.cut_short:
        return "a new experiment: nobody new comes to this one"
    if "fixed" in methods:
        return "a new experiment: this one was to be looked at once"
    if "bayesian" in methods:
        return "a new experiment: one by its posterior is not extended"
    if "always-valid" in methods:
        return "extending it: with more days its intervals become narrower, and they hold on any day"
    return "extending it: more days use the reserve of alpha, whose intervals are wider at first and stay valid"


def rule(plan: Plan) -> str:
    """Return the frozen rule in two sentences."""
    guardrails = "every guardrail is shown safe" if plan.guardrails else "no goal is worse"
    confidence = plain_percent(1 - plan.alpha)
    sure = "chance" if plan.method == "bayesian" else "confidence"
    return f"Keep when a goal improves and {guardrails}. {confidence} {sure}, {METHODS[plan.method]}."


def headline(chosen: TreatmentVerdict, found: Sequence[TreatmentVerdict], names: dict[str, str]) -> str:
    """Return the headline over several treatments: the chosen one's sentence, then what became of the others."""
    kept = [names[t.treatment] for t in found if t.word == "keep"]
    begin = f"{names[chosen.treatment]}: {chosen.sentence}" if chosen.word != "invalid" else chosen.sentence
    if chosen.word == "keep" and len(kept) > 1:
        begin += f" Also to keep: {_list(kept[1:])}. They were not compared with each other."
    others = [f"{names[t.treatment]} {t.word}" for t in found if t.word not in {"invalid", "keep"} and t is not chosen]
    of_others = f"The {'other' if len(others) == 1 else 'others'}: {_list(others)}." if others else ""
    return _joined(begin, of_others)


def words_of(effect: Effect | None, absolute: bool, *, kind: str = "mean", symbol: str = "") -> str:
    """Return '+2.8%, plausibly between +1.4% and +4.2%' for an effect, or that none is shown.

    In the metric's own unit where the size is absolute, or where control is too close to zero for a relative change.
    """
    if effect is None:
        return "no effect shown yet"
    if absolute or effect.relative is None or effect.relative_low is None:
        point, interval = difference(effect.difference, effect.low, effect.high, kind=kind, symbol=symbol)
    else:
        point, interval = change(effect.relative, effect.relative_low, effect.relative_high)
    low, high = interval.split(" to ")
    return f"{point}, plausibly between {low} and {high}"


def _words(m: MetricResult, effect: Effect | None) -> str:
    return words_of(effect, m.absolute, kind=m.kind, symbol=m.symbol)


def _gain(better: Sequence[MetricResult]) -> str:
    first = better[0]
    text = f"Better: {first.title}, {_words(first, first.effect)}."
    rest = [m.title for m in better[1:]]
    return f"{text} Also better: {_list(rest)}." if rest else text


def _guardrails(e: Evidence) -> str:
    within = e.read(e.guardrails, "worse within margin")
    if within:
        names = _list([m.title for m in within])
        return f"{names} {'is' if len(within) == 1 else 'are'} worse, but within the margin."
    if not e.guardrails:
        return ""
    if len(e.guardrails) == 1:
        return "The guardrail is shown safe."
    every = "Both guardrails" if len(e.guardrails) == 2 else f"All {several(len(e.guardrails), 'guardrail')}"
    return f"{every} are shown safe."


def _unsettled(e: Evidence) -> str:
    names = [m.title for m in e.read(e.goals, "not enough data")]
    return f"Not settled: {_list(names)}." if names else ""


def _short(m: MetricResult) -> str:
    """A goal that did not bring what was asked for, and what it could bring at best."""
    if m.reading == "worse":
        return f"Worse: {m.title}, {_words(m, m.effect)}."
    best = _best(m)
    gain = (m.size or 0) * (1 if m.direction == "increase" else -1)
    begins = size(gain, absolute=m.absolute, kind=m.kind, symbol=m.symbol)
    asked = f"At best it is {best}, and worthwhile begins at {begins}."
    return f"{m.title} did not improve by as much as was asked for. {asked}"


def _best(m: MetricResult) -> str:
    up = m.direction == "increase"
    e = m.effect
    if e is None:
        return "not known"
    if m.absolute or e.relative_low is None:
        bound = e.high if up else e.low
        return UNBOUNDED if bound is None else difference(bound, bound, bound, kind=m.kind, symbol=m.symbol)[0]
    bound = e.relative_high if up else e.relative_low
    return UNBOUNDED if bound is None else change(bound, bound, bound)[0]


def _harm(m: MetricResult) -> str:
    begins = size(m.size or 0, absolute=m.absolute, kind=m.kind, symbol=m.symbol).lstrip("+−")
    since = f" {m.note}" if m.note.startswith("Shown harmed") else ""
    kind = "margin" if m.role == "guardrail" else "worthwhile effect, which is also the most it may lose,"
    return f"Harmed: {m.title}, {_words(m, m.band or m.effect)}; the {kind} is {begins}.{since}"


def _open(e: Evidence) -> str:
    parts = []
    if e.better and e.worse:
        parts.append(f"{_list([m.title for m in e.better])} better, {_list([m.title for m in e.worse])} worse.")
    waiting = e.read(e.goals, "not enough data")
    if waiting:
        parts.append(f"Not enough data: {_list([m.title for m in waiting])}.")
    unsafe = e.read(e.guardrails, "not yet shown safe")
    if unsafe:
        parts.append(f"Not shown safe: {_list([m.title for m in unsafe])}.")
    return " ".join(parts)


def _later(goals: Sequence[MetricResult]) -> str:
    """What goals that were shown better are likely to bring: shrunken, as luck helped them win."""
    found = [(m.title, change(m.expected.relative, m.expected.low, m.expected.high)) for m in goals if m.expected]
    said = [f"{title} {point} ({interval})" for title, (point, interval) in found]
    return f"Expected after launch: {_list(said)}." if said else ""


def _losses(goals: Sequence[MetricResult]) -> str:
    """The largest expected loss of keeping, and of dropping, with the goal that it is of."""
    found = [(m.title.lower(), *both) for m in goals if (both := _loss(m)) is not None]
    if not found:
        return ""
    kept, keep, _ = max(found, key=lambda f: f[1])
    dropped, _, drop = max(found, key=lambda f: f[2])
    of = f" of {dropped}" if dropped != kept else ""
    return f"On average, keeping risks {_risk(keep)} of {kept}, dropping {_risk(drop)}{of}."


def _loss(m: MetricResult) -> tuple[float, float] | None:
    """Expected loss of keeping and of dropping, on a flat prior: s φ(m/s) ∓ m Φ(∓m/s)."""
    e = m.effect
    if e is None or e.relative is None or e.difference == 0:
        return None
    s = abs(e.relative / e.difference) * e.se
    gain = e.relative if m.direction == "increase" else -e.relative
    density = s * exp(-((gain / s) ** 2) / 2) / sqrt(2 * pi)
    normal = NormalDist()
    return density - gain * normal.cdf(-gain / s), density + gain * normal.cdf(gain / s)


def _risk(loss: float) -> str:
    return f"less than {plain_percent(NO_RISK)}" if loss < NO_RISK else change(loss, loss, loss)[0].lstrip("+")


def _joined(*sentences: str) -> str:
    return " ".join(s for s in sentences if s)


def _list(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
