"""What a draft can and cannot tell: its forecast, asked for on its page and computed then."""

from dataclasses import dataclass

from flask import request

from experiments.errors import KeepersError
from experiments.plan import FrozenPlan
from experiments.planning import odds as planning
from experiments.planning import priors, traffic
from experiments.planning.forecast import Forecast, forecast
from experiments.planning.traffic import Traffic
from experiments.registry import overview, snapshots
from web.stores import stores

DOTS = 40


@dataclass(frozen=True)
class Outlook:
    """The answer to a question about a draft: its forecast, or the problem that leaves it unanswered."""

    asked: bool
    units_a_day: str
    forecast: Forecast | None = None
    problem: str = ""


def outlook(frozen: FrozenPlan) -> Outlook:
    """Forecast the draft if the query asks for it: with the units a day that it states, else as the lake shows."""
    asked = request.args.get("units_a_day")
    if asked is None:
        return Outlook(False, "")
    try:
        last = overview.last_with(stores().db, frozen.plan.metric_keys)
        known = planning.baselines(snapshots.latest_of_all(stores().db, last).values())
        planning.check_known(frozen, known)
        return Outlook(True, asked, forecast(frozen, known, _traffic(frozen, asked), priors.learnt(stores().db)))
    except KeepersError as error:
        return Outlook(True, asked, problem=str(error))


def _traffic(frozen: FrozenPlan, asked: str) -> Traffic:
    if not asked.strip():
        return traffic.measured(stores().settings, stores().db, frozen.plan)
    return traffic.stated(_number(asked))


def _number(text: str) -> float:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        raise KeepersError(f"'{text}' is no number of people a day; write one such as 1500.") from None
