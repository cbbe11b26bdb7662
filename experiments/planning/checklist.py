"""What is done before a launch and what is not: a few items that launch refuses without, the others are advice."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from experiments.approving import Standing
from experiments.numbers import about, several, stamp, times, unit_name
from experiments.plan import FrozenPlan
from experiments.planning import odds
from experiments.planning.collisions import Collisions
from experiments.planning.outlook import Outlook

State = Literal["done", "open", "none"]


@dataclass(frozen=True)
class Item:
    """One item: whether it is done, open or does not apply, and what was found or what to do.

    Launch is refused while an item that `blocks` is open. `place` is where it is done: a section of the draft's page,
    'edit' for the brief, or 'metric:KEY'.
    """

    title: str
    state: State
    text: str
    place: str = ""
    blocks: bool = False


@dataclass(frozen=True)
class Facts:
    """What the checklist needs beside the plan. `outlook` is of the plan as it is now, or None.

    `measured` are metrics that an experiment has measured, `pictured` variants with a picture, `waiting` prerequisites
    that are still drafts; `seen` is when an exposure of another environment came last.
    """

    outlook: Outlook | None
    standing: Standing
    review: bool
    collisions: Collisions
    measured: Collection[str] = ()
    pictured: Collection[str] = ()
    waiting: Sequence[str] = ()
    seen: datetime | None = None


@dataclass(frozen=True)
class Checklist:
    """All items, those that launch refuses without first."""

    items: tuple[Item, ...]

    @property
    def blocking(self) -> tuple[Item, ...]:
        """What launch waits for."""
        return tuple(i for i in self.items if i.blocks and i.state == "open")

    @property
    def summary(self) -> str:
        """How far it is, and whether launch would be refused."""
        counted = [i for i in self.items if i.state != "none"]
        done = sum(i.state == "done" for i in counted)
        begin = f"{done} of {len(counted)} done."
        if self.blocking:
            return f"{begin} Launch waits for: {', '.join(i.title.lower() for i in self.blocking)}."
        return begin if done == len(counted) else f"{begin} Launch waits for none of the others: they are advice."


def checklist(frozen: FrozenPlan, facts: Facts) -> Checklist:
    """Return what is done of a draft and what is not."""
    items = (
        *_refused(frozen, facts), *_written(frozen), _guardrails(frozen), _traffic(frozen, facts.outlook),
        _alone(facts.collisions), _measured(frozen, facts), _seen(facts.seen), _pictures(frozen, facts.pictured),
    )  # fmt: skip
    return Checklist(tuple(sorted(items, key=lambda i: not i.blocks)))


def _refused(frozen: FrozenPlan, facts: Facts) -> Iterable[Item]:
    """What launch asks for: see lifecycle.launch."""
    goals = len(frozen.plan.goals)
    yield Item("Goal", "done", f"{several(goals, 'goal')}, with what would be worthwhile.".capitalize(), "rule", True)
    waiting = ", ".join(facts.waiting)
    if waiting:
        yield Item("Prerequisites", "open", f"Still a draft: {waiting}. Launch that first.", "", True)
    elif frozen.plan.prerequisites:
        yield Item("Prerequisites", "done", "All of them are launched.", "", True)
    else:
        yield Item("Prerequisites", "none", "This plan needs no other experiment.", "", True)
    yield _review(facts)


def _review(facts: Facts) -> Item:
    holding = facts.standing.holding
    if holding:
        return Item("Review", "done", f"Approved by {holding[0].by} as it is now.", "approval", facts.review)
    lapsed = "An approval lapsed when the plan changed. " if facts.standing.lapsed else ""
    ask = "Ask a reviewer who neither changed it nor launches it to read and approve it."
    return Item("Review", "open", f"{lapsed}{ask}", "approval", facts.review)


def _written(frozen: FrozenPlan) -> Iterable[Item]:
    plan = frozen.plan
    for title, text, todo in (
        ("Hypothesis", plan.hypothesis, "Write one sentence that could turn out to be wrong."),
        ("What changes", plan.change, "Say what changes as someone would see it: it is what people read in a year."),
        ("Owner", plan.owner, "Name who decides, and whom others ask."),
    ):
        yield Item(title, "done" if text else "open", "Written down." if text else todo, "brief" if text else "edit")


def _guardrails(frozen: FrozenPlan) -> Item:
    n = len(frozen.plan.guardrails)
    if n:
        return Item("Guardrail", "done", f"{several(n, 'guardrail').capitalize()} with a margin.", "rule")
    return Item("Guardrail", "open", "None: name what must not get worse, such as returns or load time.", "edit")


def _traffic(frozen: FrozenPlan, outlook: Outlook | None) -> Item:
    if outlook is None:
        return Item("Enough people", "open", "Not worked out for the plan as it is now.", "odds")
    people = f"{about(outlook.people)} {unit_name(frozen.plan.unit)} come"
    if outlook.enough:
        return Item("Enough people", "done", f"{people}, and show what is asked for {times(outlook.power)}.", "odds")
    short = f"{people}, and show what is asked for {times(outlook.power)}; the plan wants {times(outlook.asked)}."
    return Item("Enough people", "open", f"{short} Enrol for longer, or ask for larger effects and margins.", "odds")


def _alone(found: Collisions) -> Item:
    if found.serious:
        who = several(found.serious, "other experiment")
        return Item("No collision", "open", f"{who.capitalize()} to settle with first.", "collisions")
    met = f"; {several(len(found.meetings), 'shares a metric', 'share a metric')}" if found.meetings else ""
    return Item("No collision", "done", f"Nothing to settle with another experiment{met}.", "collisions")


def _measured(frozen: FrozenPlan, facts: Facts) -> Item:
    roles = [r.metric for r in odds.roles(frozen)]
    new = [m for m in roles if m not in facts.measured]
    if not new:
        text = "Each goal and guardrail was measured before. Replay one on its page to see whether it can be trusted."
        return Item("Metrics known", "done", text, f"metric:{roles[0]}")
    names = ", ".join(frozen.definitions[m].metric.name for m in new)
    todo = "Measure it as secondary in an experiment that runs, or in one that changes nothing."
    return Item("Metrics known", "open", f"Never measured: {names}. {todo}", f"metric:{new[0]}")


def _seen(seen: datetime | None) -> Item:
    if seen is not None:
        return Item("Code tried", "done", f"An exposure from outside production came {stamp(seen)}.", "code")
    text = "No exposure from outside production among the newest events: try the code with a development key."
    return Item("Code tried", "open", text, "code")


def _pictures(frozen: FrozenPlan, pictured: Collection[str]) -> Item:
    missing = [v.name for v in frozen.plan.variants if v.key not in pictured]
    if not missing:
        return Item("Pictures", "done", "Each variant has one.", "pictures")
    said = f"None yet of {', '.join(missing)}. With them, readers see at once what changed."
    return Item("Pictures", "open", said, "pictures")
