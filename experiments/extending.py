"""Extending a running experiment: more days on which units enrol. What its looks may say stays valid.

Alpha is spent up to the horizon that was planned; looks after it hold on any day (`inference.Test.on_reserve`; with
the method always-valid all do). So who extends because of what the looks said spends nothing that was not kept back.
"""

from experiments.errors import Conflict, DefinitionError
from experiments.numbers import day, several
from experiments.plan import LONGEST, FrozenPlan
from experiments.registry import cards, log
from experiments.registry.database import Database
from experiments.registry.experiments import Experiment, experiment, find, get

ANY_DAY = ("group-sequential", "always-valid")
WHY = {
    "draft": "it is a draft: change how long its plan enrols",
    "stopped": "it is stopped and everyone gets control, so nobody new can come: make a new draft from its plan",
    "decided": "it is decided: make a new draft from its plan",
}
ANSWERED = {
    "invalid": "its looks must not be believed, and more days of the same do not mend that: mend the cause first",
    "stop": "harm was shown, and more people would meet it: stop it",
    "keep": "the rule has its answer, which more days do not take back: decide it",
    "drop": "the rule has its answer, which more days do not take back: decide it",
}


def refusal(e: Experiment) -> str:
    """Return why this experiment cannot be extended, empty if it can."""
    if e.state in WHY:
        return WHY[e.state]
    if e.plan.method not in ANY_DAY:
        return f"its method is {e.plan.method}, which says nothing valid after the planned days: run it anew"
    return ANSWERED.get(e.verdict or "", "")


def extend(db: Database, key: str, weeks: int, by: str, reason: str) -> Experiment:
    """Let units enrol for more whole weeks than planned. Conflict where that makes no sense, and it says why.

    DefinitionError for fewer than one week, for more than a year in all, and without a reason.
    """
    if not reason.strip():
        raise DefinitionError("Say why it goes on for longer: one sentence that others will find in the log.")
    with db.begin() as session:
        row = find(session, key)
        e = experiment(row, cards.newest(session, key))
        why = refusal(e)
        if why or e.frozen is None or e.began is None:
            raise Conflict(f"'{key}' cannot be extended: {why}.")
        before = e.frozen
        days = before.extended_days + 7 * weeks
        _expect_fits(before, weeks, days)
        after = before.model_copy(update={"extended_days": days})
        row.frozen = after.model_dump(mode="json", by_alias=True)
        until = day(after.enrols_until(e.began))
        log.add(
            session, who=by, kind="extend", experiment=key,
            text=f"Extended by {several(weeks, 'week')}: units enrol until {until}. {reason.strip()}",
            before={"extended_days": before.extended_days}, after={"extended_days": days, "reason": reason.strip()},
        )  # fmt: skip
    return get(db, key)


def _expect_fits(frozen: FrozenPlan, weeks: int, days: int) -> None:
    most = (LONGEST - frozen.plan.enrol_days - frozen.extended_days) // 7
    if not weeks >= 1 or frozen.plan.enrol_days + days > LONGEST:
        raise DefinitionError(
            f"It would go on for {several(weeks, 'week')} more; write whole weeks, from 1 to {most}: an experiment "
            f"enrols for at most {LONGEST} days."
        )
