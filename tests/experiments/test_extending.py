"""An extension lets more units enrol; what was planned, its hash and what looks may spend stay as they were."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from experiments import extending, results
from experiments.analysis import analyze
from experiments.errors import Conflict, DefinitionError
from experiments.registry import audit, experiments
from experiments.registry.summary_models import CardRow

LAUNCH = datetime(2026, 1, 5, tzinfo=UTC)
CATALOG = """
measures: {orders: {event: order}}
metrics: {ordered: {kind: proportion, measure: orders, window_days: 2}}
"""
PLAN = """
key: checkout
variants: [{key: a, weight: 0.5}, {key: b, weight: 0.5}]
goals: [{metric: ordered, worthwhile: 0.02}]
enrol_days: 7
%s
"""


def visits(days):
    return [
        {"type": "exposure", "id": f"x{d}-{i}", "experiment": "checkout", "variant": "ab"[i % 2], "units": {"user": f"u{d}-{i}"}, "at": (LAUNCH + timedelta(days=d, hours=i)).timestamp()}
        for d in days
        for i in range(6)
    ]  # fmt: skip


@pytest.mark.slow
def test_units_of_the_added_days_count_and_the_plan_stays_the_same(home):
    home.launched(CATALOG, PLAN % "", LAUNCH)
    home.arrived(visits((0, 3, 6, 7, 9)), now=LAUNCH + timedelta(days=10))
    home.rolled(day=date(2026, 1, 14))
    planned = analyze(home.settings, "checkout", date(2026, 1, 12))
    assert (planned.progress.people, planned.verdict.word) == (18, "review")
    e = extending.extend(home.db, "checkout", 2, "ada", " Few came. ")
    home.rolled(day=date(2026, 1, 14))
    found = analyze(home.settings, "checkout")
    assert (found.progress.people, found.progress.days, found.verdict.word) == (30, 22, "wait")
    assert (found.frozen.hash, found.plan_hash) == (planned.frozen.hash, e.plan_hash)
    assert next(c.state for c in found.checks if c.key == "plan") == "good"
    row = next(r for r in audit.entries(home.db) if r.kind == "extend")
    assert row.before == '{"extended_days":0}'
    assert row.text == "Extended by two weeks: units enrol until Sun 25 Jan 2026. Few came."
    with pytest.raises(DefinitionError, match="from 1 to 49: an experiment enrols for at most 364 days"):
        extending.extend(home.db, "checkout", 50, "ada", "More.")
    with pytest.raises(DefinitionError, match="Say why"):
        extending.extend(home.db, "checkout", 1, "ada", " ")


def test_no_look_spends_other_than_without_the_extension(home):
    e = home.launched(CATALOG, PLAN % "", LAUNCH)
    longer, first = e.frozen.model_copy(update={"extended_days": 14}), e.launched
    assert longer.horizon(first) - longer.planned_horizon(first) == timedelta(days=14)
    for day in range(30):
        for ended in (False, True):
            asked = {"official": True, "ended": ended}
            now = [results.clock(f, first, first + timedelta(days=day), **asked) for f in (e.frozen, longer)]
            assert now[0] == now[1]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"state": "draft"}, "it is a draft"), ({"state": "stopped"}, "nobody new can come"), ({"state": "decided"}, "it is decided"),
        ({"verdict": "invalid"}, "mend the cause"), ({"verdict": "stop"}, "stop it"), ({"verdict": "keep"}, "decide it"),
        ({"verdict": "drop"}, "decide it"), ({"verdict": "wait"}, ""), ({"verdict": "review"}, ""), ({}, ""),
    ],
)  # fmt: skip
def test_it_is_refused_where_it_makes_no_sense(home, change, why):
    e = home.launched(CATALOG, PLAN % "", LAUNCH)
    found = extending.refusal(replace(e, **change))
    assert bool(found) == bool(why)
    assert why in found


def test_what_is_said_at_the_same_moment_counts(home, monkeypatch):
    home.launched(CATALOG, PLAN % "", LAUNCH)
    find = extending.find

    def answered(session, key):
        session.execute(update(CardRow).values(number=1, word="keep"))  # a look that ends just before this begins
        return find(session, key)

    monkeypatch.setattr(extending, "find", answered)
    with pytest.raises(Conflict, match="the rule has its answer, which more days do not take back"):
        extending.extend(home.db, "checkout", 1, "ada", "More.")
    assert experiments.get(home.db, "checkout").frozen.extended_days == 0


def test_a_fixed_plan_is_run_again_instead(home):
    home.launched(CATALOG, PLAN % "method: fixed", LAUNCH)
    with pytest.raises(Conflict, match="its method is fixed, which says nothing valid after the planned days"):
        extending.extend(home.db, "checkout", 1, "ada", "More.")
    assert experiments.get(home.db, "checkout").frozen.extended_days == 0
