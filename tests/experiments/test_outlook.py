"""What a plan can tell, in words that are stored: every sentence, and that they are read back as they were."""

import sys
from pathlib import Path

import pytest

from experiments.planning import outlook
from experiments.planning.forecast import forecast
from experiments.planning.outlook import Duration, Outlook
from experiments.planning.traffic import stated

sys.path.insert(0, str(Path(__file__).parent))
from test_planning import KNOWN, frozen


@pytest.fixture(scope="module")
def found() -> Outlook:
    """Of a plan of two weeks that 6,000 people a day meet."""
    plan = frozen()
    return outlook.told(forecast(plan, KNOWN, stated(6_000), {}), KNOWN, 6_000)


@pytest.mark.parametrize(("power", "words"), [
    (0.3, "Would miss a worthwhile effect more often than not: finds it 3 times in 10. Answer by day 20, from 84,000 people."),
    (0.91, "Finds a worthwhile effect 10 times in 11. Answer by day 20, from 84,000 people."),
])  # fmt: skip
def test_a_duration_says_what_it_finds_when_and_from_how_many(power: float, words: str) -> None:
    two = Duration(weeks=2, day=20, people=84_000, power=power, unit="user")
    assert (two.title, two.sentence) == ("Two weeks", words)


def test_longer_finds_more_and_the_plan_s_own_weeks_are_among_them(found: Outlook) -> None:
    assert {1, 2, 3, 4, 6, 8} <= {d.weeks for d in found.durations}
    assert f"{found.durations[1].title.lower()} of enrolment" in found.whole[1]
    powers = [d.power for d in found.durations]
    assert powers == sorted(powers)
    assert next(d.power for d in found.durations if d.weeks == found.weeks) == pytest.approx(found.power, abs=1e-9)


def test_what_the_plan_cannot_tell_is_said_by_metric_in_its_smallest_sizes(found: Outlook) -> None:
    goal, guardrail, last = found.limits
    assert goal == f"whether Checkouts completed changes by less than about {found.rows[0].smallest.lstrip('+')};"
    assert guardrail == f"whether Payments refused gets worse by less than about {found.rows[1].smallest.lstrip('+')};"
    assert last == "what happens once people have had it for longer than seven days."


def test_it_is_read_back_as_it_was_stored_and_says_whether_those_who_come_are_enough(found: Outlook) -> None:
    assert Outlook.model_validate_json(found.model_dump_json()) == found
    assert not found.model_copy(update={"power": 0.79}).enough
    assert found.model_copy(update={"power": 0.8}).enough
    assert found.summary.startswith("If it does nothing: you would wrongly keep it ")
