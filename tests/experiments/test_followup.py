"""After launch those who have what was kept are compared with those held back, and the prediction is held to it."""

import json
import re
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import text as sql

from experiments import alerts, following, followup, lifecycle, rollout
from experiments.alerts.digest import letter
from experiments.analysis import analyze
from experiments.errors import NotReady
from experiments.plan import FrozenPlan
from experiments.registry import experiments, followups, log, snapshots
from keepers.testing import FakeClient

LAUNCH = datetime(2026, 3, 2, tzinfo=UTC)
CATALOG = """
measures: {orders: {event: order}}
metrics: {orders: {title: Orders, kind: proportion, measure: orders, window_days: 1, pre_days: 3}}
"""
PLAN = """
key: %s
variants: [{key: control, weight: 0.5}, {key: other, weight: 0.2}, {key: new, weight: 0.3}]
goals: [{metric: orders, worthwhile: 0.05}]
enrol_days: 7
"""
DECIDED = LAUNCH + timedelta(days=8, hours=1)
A_DAY = 250
DAYS = (0, 2, 4, 8, 10, 12)  # of them three before the decision: each day that has events is rolled up


def events(client, rng, day, gain):
    """Exposures as the SDK logs them, of the day's new people and of some who came before; and who ordered."""
    at = (LAUNCH + timedelta(days=day, hours=12)).timestamp()
    people = [f"u{day}-{n}" for n in range(A_DAY)] + [f"u{max(day - 8, 0)}-{n}" for n in range(0, A_DAY, 3)]
    for person in dict.fromkeys(people):
        got = {key: client.variant(key, person, at=at) for key in gain}
        chance = 0.3 + sum(gain[key] for key, variant in got.items() if variant == "new")
        if rng.random() < chance:
            client.track("order", person, at=at + 60)
    return [*client.exposures, *client.events]


def kept(home):
    """Two kept experiments: one goes on gaining after launch, the other's gain is gone."""
    rng = np.random.default_rng(5)
    for key in ("lasting", "fading"):
        home.launched(CATALOG, PLAN % key, LAUNCH)
    found = []
    for day in DAYS:
        if day == 8:
            home.arrived(found, now=LAUNCH + timedelta(days=8))
            home.rolled(day=date(2026, 3, 9))
            for key in ("lasting", "fading"):
                analyze(home.settings, key, date(2026, 3, 9))
                lifecycle.decide(home.db, key, word="keep", variant="new", coverage=0.7, reason="It sells.", by="a@example.com", at=DECIDED)
            found = []
        today = (LAUNCH + timedelta(days=day)).date()
        client = FakeClient(config=json.loads(experiments.served(home.db, "production", today)[0]))
        found += events(client, rng, day, {"lasting": 0.3, "fading": 0.3 if day < 8 else -0.05})
    home.arrived(found, now=LAUNCH + timedelta(days=13))
    home.rolled(day=date(2026, 3, 14))


@pytest.mark.slow
def test_what_lasts_holds_up_and_what_fades_falls_short(home):
    kept(home)
    assert following.due(home.settings) == ["fading", "lasting"]
    assert followup.latest(home.db, experiments.get(home.db, "lasting")) is None
    for key, expected in (("lasting", "held up"), ("fading", "fell short")):
        before = snapshots.latest(home.db, key)
        following.look(home.settings, key)
        found = followup.latest(home.db, experiments.get(home.db, key))
        assert (found.word, found.failing) == (expected, ())
        assert (found.since, found.cutoff) == (date(2026, 3, 10), date(2026, 3, 14))
        assert abs(found.held_back / (found.held_back + found.served) - 0.3) < 0.05
        assert found.outcomes[0].predicted == pytest.approx(before.metrics[1].expected.relative)
        assert snapshots.latest(home.db, key) == before
    assert following.due(home.settings) == []
    with pytest.raises(NotReady, match="no day has closed since the last look"):
        following.follow(home.settings, "lasting")
    assert followups.words(home.db, ["lasting", "fading"]) == {"lasting": "held up", "fading": "fell short"}
    assert [e.text for e in log.entries(home.db, "fading") if e.kind == "followup"] == ["Since launch, what was predicted fell short."]
    now = LAUNCH + timedelta(days=13, hours=7)
    (told,) = alerts.watch(home.settings, now)
    assert (told.key, told.title) == ("after:fading", "fading: fell short after launch")
    assert re.search(r"Orders: predicted \+[\d.]+%, measured −[\d.]+% \(.*\)\. Data until Sat 14 Mar", told.detail)
    _, text = letter(home.settings, now)
    assert re.search(r"After launch\n- fading: fell short\. .*\n- lasting: held up\. Orders: predicted ", text)
    assert "Not in order" not in text, "a launch has a section of its own"
    with home.db.begin() as session:
        session.execute(sql("UPDATE followups SET hash = 'x' WHERE experiment = 'fading'"))
    _, text = letter(home.settings, now)
    assert re.search(r"After launch\n- fading: the look at 'fading' of 2026-03-14 .* does not match .*\n- lasting: held up\.", text)
    lifecycle.stop(home.db, "fading", "a@example.com", "It fades.", now)
    assert alerts.watch(home.settings, now) == []


def test_what_fell_short_is_told_from_then_on_until_it_is_seen_to_hold_up(home):
    home.launched(CATALOG, PLAN % "lasting", LAUNCH)
    told = []
    for day, word in enumerate(("not known yet", "fell short", "not known yet", "fell short", "held up", "fell short")):
        at = LAUNCH + timedelta(days=day)
        with home.db.begin() as session:
            session.add(followups.FollowUpRow(experiment="lasting", phase=2, cutoff=at.date(), computed_at=at, word=word, hash="", body=""))
        since = followups.short(home.db, ["lasting", "fading"]).get("lasting")
        told.append(since and (since - LAUNCH).days)
    assert told == [None, 1, 1, 1, None, 5]


@pytest.mark.parametrize(
    ("predicted", "low", "high", "direction", "word"),
    [
        (0.1, 0.02, 0.18, "increase", "held up"), (0.1, 0.02, 0.09, "increase", "fell short"),
        (0.1, -0.02, 0.18, "increase", "not known yet"), (0.1, 0.15, 0.3, "increase", "held up"),
        (-0.1, -0.2, -0.01, "decrease", "held up"), (-0.1, -0.05, 0.04, "decrease", "fell short"),
        (None, 0.1, 0.2, "increase", "not known yet"), (0.1, None, None, "increase", "not known yet"),
    ],
)  # fmt: skip
def test_a_prediction_is_judged_by_the_interval_alone(predicted, low, high, direction, word):
    assert followup.judged(predicted, low, high, direction) == word


@pytest.mark.parametrize(
    ("steps", "spans"),
    [
        ([(0, 0.5), (2, 0.9)], [(2, 7, 0, 1), (3, 91, 2, None)]), ([(0, 0.5), (30, 1.0)], [(2, 35, 0, 29)]),
        ([(0, 0.1), (3, 0.2), (8, 1.0)], [(2, 7, 0, 2), (3, 7, 3, 7)]), ([(0, 1.0)], []),
    ],
)  # fmt: skip
def test_each_step_that_leaves_some_out_is_compared_until_the_next_one(home, steps, spans):
    e = home.launched(CATALOG, PLAN % "lasting", LAUNCH)
    day = date(2026, 4, 1)
    found = list(rollout.compared(e.frozen, "new", [rollout.Step(day + timedelta(days=d), s) for d, s in steps], None))
    assert [(c.frozen.phase, c.frozen.plan.enrol_days, (c.first - day).days, (c.last - day).days) for c in found] == [
        (phase, enrols, first, (date.max - day).days - 1 if last is None else last) for phase, enrols, first, last in spans
    ]
    for c in found:
        assert FrozenPlan.model_validate_json(c.frozen.model_dump_json(by_alias=True)) == c.frozen  # as it is stored
        assert c.frozen.plan.variants[1].weight >= 0.3
