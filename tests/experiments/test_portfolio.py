"""The portfolio's numbers, over a handful of experiments whose answers can be worked out by hand."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import stats
from experiments.portfolio import Period, calendar, outcomes, pace, portfolio, records, wording, worth
from experiments.registry.overview import Card, Effect

TODAY = date(2026, 11, 17)
YEAR = Period.year_to(TODAY)


def card(key: str = "a", **changes: Any) -> Card:
    fields = dict.fromkeys(Card.__dataclass_fields__)
    fields |= {
        "experiment": key, "title": key.upper(), "state": "running", "team": "Checkout", "owner": "Ada", "unit": "user",
        "tags": [], "variants": 2, "complete": True, "targeted": False, "coverage": 1.0, "layer": "", "layer_from": 0.0,
        "layer_to": 1.0, "enrol_days": 14, "created_at": datetime(2026, 1, 1, tzinfo=UTC), "launched": date(2026, 10, 1),
        "horizon": date(2026, 10, 20), "decision": "", "kept": "", "decided_from": "", "learning": "", "word": "wait",
        "day": 20, "days": 20, "failing": "",
    }  # fmt: skip
    return Card(**{**fields, **changes})


def decided(key: str, word: str = "keep", verdict: str = "keep", on: date = date(2026, 10, 25), **changes: Any) -> Card:
    found = {
        "state": "decided", "decision": word, "kept": "t1" if word == "keep" else "", "decided_from": verdict,
        "decided_at": datetime(on.year, on.month, on.day, 9, tzinfo=UTC), "followed": True, "rollout": 1.0,
        "word": verdict, "since": date(2026, 10, 18), **changes,
    }  # fmt: skip
    return card(key, **found)


def effect(key: str = "a", lift: float = 0.02, se: float = 0.01, **changes: Any) -> Effect:
    fields = {
        "experiment": key, "treatment": "t1", "metric": "orders", "role": "goal", "title": "Orders", "kind": "mean",
        "direction": "increase", "symbol": "", "reading": "better", "harmed": False, "valid": True, "effect": lift,
        "low": lift - 2 * se, "high": lift + 2 * se, "lift": lift, "variance": se**2, "expected": None,
        "control_mean": 1.0, "control_sd": 2.0, "units": 1000,
    }  # fmt: skip
    return Effect(**{**fields, **changes})


def whole(every: list[Card], effects: list[Effect]) -> Any:
    """The portfolio of the year, with what is usual learnt from these effects."""
    usual = worth.known((e.experiment, e.metric, e.lift or 0.0, e.variance or 1.0) for e in effects if e.role == "goal")
    return portfolio(every, effects, usual, {}, period=YEAR, today=TODAY, windows={})


def test_months_count_launches_and_decisions_by_the_verdict_they_were_made_from() -> None:
    every = [decided("a"), decided("b", "drop", "wait"), decided("c", on=date(2026, 11, 2)), card("d")]
    found = {m.first: (m.launched, m.decided) for m in pace.months(every, date(2026, 9, 15), TODAY)}
    assert found == {
        date(2026, 9, 1): (0, {}), date(2026, 10, 1): (4, {"keep": 1, "none": 1}), date(2026, 11, 1): (0, {"keep": 1}),
    }  # fmt: skip


def test_a_wait_begins_after_the_horizon_or_after_an_earlier_answer() -> None:
    early = decided("a")  # the verdict asked from 18 October on, the horizon was the 20th
    late = decided("b", verdict="review", since=date(2026, 10, 20))
    against = decided("c", verdict="wait", on=date(2026, 10, 10))  # before any answer: no wait
    assert list(pace.waits([early, late, against])) == [6, 4]
    assert pace.answered(card(horizon=None)) is None


def test_overdue_is_what_waits_for_more_than_a_week() -> None:
    just = card("just", horizon=TODAY - timedelta(days=8))
    over = card("over", horizon=TODAY - timedelta(days=9))
    asked = card("asked", horizon=TODAY + timedelta(days=3), word="stop", since=TODAY - timedelta(days=20))
    found = [(o.card.experiment, o.days) for o in pace.overdue([just, over, asked, decided("d"), card(horizon=TODAY)], TODAY)]
    assert found == [("asked", 19), ("over", 8)]


def test_a_win_rate_leaves_out_invalid_results_and_what_had_no_answer_and_holds_its_truth() -> None:
    every = [decided(str(n), "keep" if n < 7 else "drop", "keep", team="A" if n % 2 else "B") for n in range(20)]
    unanswered = [decided("y", "keep", "wait"), decided("z", "keep", None)]
    found = outcomes.rates([*every, *unanswered, decided("x", "again", "invalid")])
    assert sum(n for word, n in outcomes.mix([*every, *unanswered]).items() if word != "none") == found[0].valid
    assert [(r.team, r.kept, r.valid) for r in found] == [("", 7, 20), ("A", 3, 10), ("B", 4, 10)]
    assert (found[0].low, found[0].high) == pytest.approx((0.1812, 0.5671), abs=5e-5)  # Wilson 1927, 7 of 20
    assert not outcomes.tellable(found)
    assert wording.rate_words(found[0]) == ("35%", "18% to 57%")


def test_quality_counts_each_practice_and_says_what_went_wrong() -> None:
    some = [
        decided("a"), decided("b", verdict="review", precision=0.4, complete=False),
        decided("c", "again", "invalid", failing="split,plan", precision=1.2),
        decided("d", "drop", "wait", day=9, followed=False, precision=0.2),
    ]  # fmt: skip
    found = {q.name: (q.good, q.of, q.remark) for q in outcomes.quality(some)}
    assert found == {
        "Brief complete before launch": (3, 4, ""),
        "Enough people": (2, 4, "two experiments could only see large effects"),
        "Passed its trust checks": (3, 4, "uneven split in 1, plan changed in 1"),
        "Ran as planned": (3, 4, "one was ended before the horizon without an answer"),
        "Decision followed the verdict": (3, 4, "one differed, with a reason and a second person"),
    }


def test_the_shrunken_sum_lies_below_what_winners_measured_and_the_naive_one_is_their_sum() -> None:
    lifts = [0.05, 0.04, 0.01, 0.0, -0.01, 0.02]
    every = [decided(str(n), "keep" if lift > 0.03 else "drop") for n, lift in enumerate(lifts)]
    effects = [effect(str(n), lift) for n, lift in enumerate(lifts)]
    (found,) = whole(every, effects).impacts
    assert (found.count, found.naive) == (2, pytest.approx(0.09))
    assert found.sum is not None
    assert found.sum.low < found.sum.total < 0.09
    usual = stats.heterogeneity(lifts, np.full(6, 1e-4))
    each = [stats.shrink(lifts[:2], [1e-4, 1e-4], m, t).mean.sum() for m, t in zip(usual.mean, usual.tau2, strict=True)]
    assert found.sum.total == pytest.approx(usual.weight @ np.array(each))
    assert [round(naive, 9) for _, naive, _ in found.course] == [0.05, 0.09]
    fewer = whole(every[:4], effects[:4]).impacts[0]
    assert fewer.sum is None
    assert "once five experiments have measured it" in wording.worth(fewer)


def test_the_interval_of_a_shrunken_sum_of_selected_winners_holds_the_truth() -> None:
    """Of 200 programmes of 40 experiments the naive sum of winners is nearly always too high, the shrunken one right."""
    rng, hits, above = np.random.default_rng(11), 0, 0
    for _ in range(200):
        true = rng.normal(0.002, 0.015, 40)
        seen = true + rng.normal(0, 0.01, 40)
        won = seen > 0.0196
        effects = [effect(str(n), float(seen[n])) for n in range(40)]
        usual = stats.heterogeneity(seen, np.full(40, 1e-4))
        total = worth.shrunk([(e, 1.0) for e, w in zip(effects, won, strict=True) if w], usual)[-1]
        assert total is not None
        hits += total.low <= true[won].sum() <= total.high
        above += seen[won].sum() > true[won].sum()
    assert 0.91 <= hits / 200 <= 0.99  # .95 within 2.5 standard errors of 200 programmes
    assert above / 200 > 0.95


def test_a_roll_out_counts_by_its_share_and_a_holdout_stands_beside_the_sum() -> None:
    every = [decided("a", rollout=0.5), decided("b", "again", "review", tags=["holdout"])]
    effects = [effect("a", 0.04), effect("b", 0.03, role="secondary")]
    (found,) = worth.impacts(every, effects, {}, every)
    assert found.naive == pytest.approx(0.02)
    assert found.holdout == effects[1]


def test_a_loss_was_avoided_where_harm_was_shown_and_nothing_was_kept() -> None:
    every = [decided("a", "drop", "stop"), decided("b", "keep"), card("c", state="stopped", stopped_at=datetime(2026, 11, 1, tzinfo=UTC)),
             decided("d", "drop", "drop"), decided("old", "drop", "stop", on=date(2020, 1, 1))]  # fmt: skip
    worst, slight = effect("a", -0.05, reading="worse"), effect("a", -0.03, metric="m", role="guardrail", harmed=True)
    effects = [slight, worst, effect("b", -0.02, reading="worse"), effect("c", -0.04, harmed=True), effect("d", -0.001),
               effect("old", -0.1, harmed=True)]  # fmt: skip
    found = whole(every, effects)
    assert [(x.card.experiment, x.effect) for x in found.losses] == [("c", effects[3]), ("a", worst)]
    assert [(i.metric, i.count, round(i.naive, 9)) for i in found.avoided] == [("orders", 2, -0.09)]


def test_a_record_counts_whither_a_metric_moved() -> None:
    readings = ["better", "better", "worse", "about the same", "not enough data", "better"]
    effects = [effect(str(n), reading=r) for n, r in enumerate(readings)]
    effects += [effect("5", reading="better", valid=False), effect("6", role="secondary")]
    effects += [effect("7", role="guardrail", reading="safe"), effect("8", role="guardrail", reading="harmed", harmed=True)]
    (found,) = records.records(effects)
    assert (found.goals, found.better, found.worse, found.flat, found.unknown) == (6, 3, 1, 1, 1)
    assert (found.guardrails, found.safe, found.harmed, found.unsafe, found.moved) == (2, 1, 1, 0, 4)
    assert found.average == 0.5
    assert found.low < 0.5 < found.high


def test_a_draft_begins_when_its_slice_is_free() -> None:
    live = card("live", layer="L", layer_from=0.0, layer_to=0.4, horizon=TODAY + timedelta(days=5))
    same = card("same", state="draft", layer="L", layer_from=0.3, layer_to=0.5, launched=None, horizon=None)
    after = card("after", state="draft", layer="L", layer_from=0.4, layer_to=0.6, launched=None, horizon=None)
    after = card(**{**{n: getattr(after, n) for n in Card.__dataclass_fields__ if n != "experiment"}, "key": "after", "created_at": datetime(2026, 2, 1, tzinfo=UTC)})
    free = card("free", state="draft", launched=None, horizon=None)
    found = calendar.layers([live, same, after, free, decided("d", layer="L")], TODAY, {"same": 8})
    assert [(x.name, round(x.free, 9)) for x in found] == [("L", 0.6), ("", 1.0)]
    days = {s.card.experiment: (s.first - TODAY).days for layer in found for s in layer.stays}
    assert days == {"live": (date(2026, 10, 1) - TODAY).days, "same": 6, "after": 27, "free": 0}


def test_what_runs_on_after_its_days_says_when_they_were_over() -> None:
    late = card("late", horizon=TODAY - timedelta(days=2))
    fine = card("fine", horizon=TODAY)
    (layer,) = calendar.layers([late, fine], TODAY, {})
    assert {s.card.experiment: (s.last, s.over) for s in layer.stays} == {
        "late": (TODAY, TODAY - timedelta(days=2)), "fine": (TODAY, None)
    }  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)).map(sorted), max_size=8))
def test_slices_cover_what_their_union_covers(slices: list[list[int]]) -> None:
    covered = {n for first, last in slices for n in range(first, last)}
    assert calendar.taken([(first / 20, last / 20) for first, last in slices]) == pytest.approx(len(covered) / 20)


def test_an_empty_portfolio_says_so() -> None:
    found = whole([], [])
    assert wording.lead(found) == ["Nothing was decided in these days."]
    assert wording.wait_words(found) == ("not known", "median, from the answer on; 0 overdue")
    assert [q.of for q in found.quality] == [0] * 5
    assert found.layers == ()
