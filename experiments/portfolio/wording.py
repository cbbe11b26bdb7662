"""The portfolio in sentences: templates with slots, for the page and the programme report."""

from collections.abc import Mapping

from experiments.numbers import change, percent, several
from experiments.portfolio import Portfolio, pace
from experiments.portfolio.outcomes import FOLLOWED, Rate
from experiments.portfolio.worth import LEAST, Impact
from experiments.registry.overview import Card

SELDOM = 0.1  # decided a week: below it, a number with one decimal says 0.0
ASKS = {
    "keep": "ready to keep", "drop": "ready to drop", "stop": "harmed: decide now",
    "review": "needs a person's judgement", "invalid": "to repair, then launch again",
}  # fmt: skip


def lead(p: Portfolio) -> list[str]:
    """Say the whole in two to four sentences."""
    if not p.decided:
        return ["Nothing was decided in these days.", *_waiting(p)]
    return [*([worth(p.impacts[0])] if p.impacts else []), _kept(p.rates[0]), *_since(p), *_waiting(p)]


def first_step(groups: Mapping[str, int]) -> tuple[str, str, str]:
    """Say what fills a portfolio in which nothing was decided: a sentence, a link's words, and the group it lists.

    `groups` are numbers of experiments as lists group them.
    """
    asking, running, drafts = (groups.get(name, 0) for name in ("needs", "running", "draft"))
    if asking:
        who = several(asking, "result asks", "results ask").capitalize()
        return f"{who} for a decision or a repair. Each decision fills this page.", "See what asks for you", "needs"
    if running:
        who = several(running, "experiment runs", "experiments run").capitalize()
        return f"{who}, and none asks for you yet. The calendar says until when.", "See what runs", "running"
    if drafts:
        who = several(drafts, "draft is", "drafts are").capitalize()
        return f"{who} not launched yet. The page of each says what that takes.", "See the drafts", "draft"
    return "All that was decided lies outside these days: choose others above.", "See what was decided", "decided"


def worth(impact: Impact) -> str:
    """Say what was kept is likely to bring to one metric, or that too little is known."""
    if impact.sum is None:
        return (
            f"{impact.title}: what was kept measured {change(impact.naive, None, None)[0]} in sum, which luck makes "
            f"too good; what to expect is known once {several(LEAST, 'experiment')} have measured it."
        )
    point, ends = sum_words(impact)
    return f"{impact.title}: what was kept is likely to bring {point} in sum, plausibly {ends}."


def sum_words(impact: Impact) -> tuple[str, str]:
    """The shrunken sum and its interval."""
    return change(impact.sum.total, impact.sum.low, impact.sum.high) if impact.sum else ("", "")


def rate_words(rate: Rate) -> tuple[str, str]:
    """A win rate and its interval: ('35%', '23% to 48%')."""
    if not rate.valid:
        return "none yet", ""
    return f"{100 * rate.share:.0f}%", f"{100 * rate.low:.0f}% to {100 * rate.high:.0f}%"


def assumptions(p: Portfolio) -> list[str]:
    """Say what the sums take for granted."""
    said = [
        "Changes are added, each times the share of people who get it, as if they lasted and none weakened another.",
    ]
    targeted = sum(i.targeted for i in p.impacts[:1])
    if targeted:
        some = several(targeted, "of them was", "of them were").capitalize()
        said.append(f"{some} for a part of the people only: there the sum is too large for everyone.")
    return said


def asks(card: Card) -> str:
    """What an experiment that waits asks for."""
    return ASKS.get(card.word or "", "its days are over")


def pace_words(p: Portfolio) -> str:
    """How many were launched, and how many decided a week."""
    weeks = max(1.0, ((p.period.last - p.period.first).days + 1) / 7)
    rate = len(p.decided) / weeks
    decided = f"{rate:.1f} decided a week" if rate >= SELDOM else f"fewer than {SELDOM:g} decided a week"
    return f"{p.launched} launched; {decided if p.decided else 'none decided yet'}"


def wait_words(p: Portfolio) -> tuple[str, str]:
    """The median wait, and who waits now."""
    days = pace.typical(p.waits)
    text = "not known" if days is None else f"{days:g} {'day' if days == 1 else 'days'}"
    return text, f"median, from the answer on; {len(p.overdue)} overdue"


def quality_share(good: int, of: int) -> str:
    """A share of experiments."""
    return percent(good / of) if of else "none yet"


def _kept(whole: Rate) -> str:
    if not whole.valid:
        return "No decided experiment had a valid result."
    of = several(whole.valid, "experiment")
    return f"Of {of} with a valid result {several(whole.kept, 'was', 'were')} kept."


def _since(p: Portfolio) -> list[str]:
    """How what was kept fares, once something is known of it."""
    held, short, unknown = (len(p.after.get(word, ())) for word in FOLLOWED)
    if not held + short:
        return []
    of = several(held + short + unknown, "is", "are")
    fared = f"{_how_many(held)} held up, {_how_many(short)} fell short"
    return [f"Of what was kept {of} compared with people held back: {fared}."]


def _how_many(number: int) -> str:
    """A small count on its own: 'none', 'one', '14'."""
    return several(number, " ", " ").strip() if number else "none"


def _waiting(p: Portfolio) -> list[str]:
    if not p.overdue:
        return []
    who = several(len(p.overdue), "result has", "results have").capitalize()
    return [f"{who} waited for a decision for longer than a week."]
