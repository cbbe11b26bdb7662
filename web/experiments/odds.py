"""What a draft can and cannot tell: its odds, asked for on its page and simulated then."""

from dataclasses import dataclass

from flask import request

from experiments import planning, wording
from experiments.errors import KeepersError
from experiments.plan import FrozenPlan
from experiments.registry import snapshots
from web.stores import stores

DOTS = 40


@dataclass(frozen=True)
class Chance:
    """One situation, what the plan would do in it, and how many of 40 dots are filled."""

    situation: str
    sentence: str
    filled: int


@dataclass(frozen=True)
class Outlook:
    """The answer to a question about a draft: chances and reach, or the problem that leaves it unanswered."""

    asked: bool
    units_a_day: str
    chances: tuple[Chance, ...] = ()
    reach: tuple[str, ...] = ()
    problem: str = ""


def outlook(frozen: FrozenPlan) -> Outlook:
    """Simulate the draft for the units a day that the query states; without them only offer the traffic seen so far."""
    measured = list(snapshots.latest_of_all(stores().db).values())
    usual = planning.traffic(measured)
    stated = request.args.get("units_a_day", "")
    if not stated:
        return Outlook(False, f"{usual:.0f}" if usual else "")
    try:
        found = planning.odds(frozen, planning.baselines(measured), _number(stated))
    except KeepersError as error:
        return Outlook(True, stated, problem=str(error))
    chances = (Chance(s, t, round(DOTS * share)) for s, t, share in wording.chances(found, frozen.plan))
    return Outlook(True, stated, tuple(chances), tuple(wording.reach(found, frozen.plan)))


def _number(text: str) -> float:
    try:
        number = float(text.replace(",", ""))
    except ValueError:
        number = 0.0
    if not 1 <= number <= 1e9:
        raise KeepersError(f"'{text}' is no number of people a day; write one such as 1500.")
    return number
