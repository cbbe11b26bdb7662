"""Who gets what may change while an experiment runs: coverage rises within a phase, all else begins the answer anew."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial, reduce
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import text

from experiments import extending, lifecycle, phases, wording
from experiments.analysis import analyze, due
from experiments.errors import Conflict, DefinitionError, Distrusted, NotReady, Refused
from experiments.health import SRM_INVALID
from experiments.others import overlapping
from experiments.phases import Wanted
from experiments.plan_file import read_plan
from experiments.recomputing import Past, differing, recompute
from experiments.recount import recount
from experiments.registry import audit, experiments, log, overview, settings_store, snapshots
from experiments.replaying import replay
from keepers.testing import FakeClient
from stats import srm_sequential

pytestmark = pytest.mark.slow

LAUNCH = datetime(2026, 3, 2, tzinfo=UTC)
CHANGED = LAUNCH + timedelta(days=2, hours=12)
CATALOG = """
measures: {orders: {event: order}}
metrics: {orders: {kind: proportion, measure: orders, window_days: 1, pre_days: 2}}
"""
PLAN = """
key: checkout
variants: [{key: control, weight: 0.5}, {key: new, weight: 0.5}]
goals: [{metric: orders, worthwhile: 0.02}]
coverage: 0.5
enrol_days: 7
"""
UNEVEN = Wanted(weights={"control": 0.25, "new": 0.75}, coverage=1.0)
ASKED = {"by": "ada@example.com", "reason": " The old one is known. "}


def sdk(home: Any) -> FakeClient:
    """An SDK with the config as it is served now."""
    return FakeClient(config=json.loads(experiments.served(home.db, "production", LAUNCH.date())[0]))


def served(home: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(experiments.served(home.db, "production", LAUNCH.date())[0])["experiments"][0]
    return found


def visits(client: FakeClient, people: list[str], at: datetime) -> list[dict[str, Any]]:
    """What the SDK logs when these people come, of whom one in three orders."""
    for n, person in enumerate(people):
        client.variant("checkout", person, at=(at + timedelta(seconds=n)).timestamp())
        if n % 3 == 0:
            client.track("order", person, at=(at + timedelta(seconds=n + 0.5)).timestamp())
    return [*client.exposures, *client.events]


def people(name: str, many: int = 150) -> list[str]:
    return [f"{name}-{n}" for n in range(many)]


def first_phase(home: Any) -> list[str]:
    """Two days with a look each; return whoever had the treatment, as these alone come again."""
    home.launched(CATALOG, PLAN.replace("checkout", "other"), LAUNCH)  # for its sake the same days are rolled up again
    home.launched(CATALOG, PLAN, LAUNCH)
    found = [e for day in range(2) for e in visits(sdk(home), people(f"u{day}", 300), LAUNCH + timedelta(days=day, hours=9))]
    home.arrived(found, now=LAUNCH + timedelta(days=2))
    home.rolled(day=date(2026, 3, 3))
    for day in (2, 3):
        analyze(home.settings, "checkout", date(2026, 3, day))
    return sorted({e["units"]["user"] for e in found if e.get("variant") == "new"})


def second_phase(home: Any, again: list[str]) -> Counter[str]:
    """Three days of it, one client going on with the old config for a day; return how many new people got what.

    The split of all who come is uneven, as of those who were here before only the treatment's come again.
    """
    old = sdk(home)
    phases.change(home.db, "checkout", UNEVEN, at=CHANGED, **ASKED)
    found = visits(old, people("stale"), CHANGED + timedelta(hours=1))
    for day in range(3):
        stale = people("stale") if day == 2 else []
        at = CHANGED + timedelta(days=day, hours=2)
        found += visits(sdk(home), [*people(f"n{day}"), *again[day::3], *stale], at)
    home.arrived(found, now=LAUNCH + timedelta(days=5))
    met = {e["units"]["user"]: e["variant"] for e in found if e.get("version") == 2}
    seen = {e["units"]["user"] for e in found if e.get("version") == 1} | set(again)
    assert srm_sequential([Counter(met.values())[key] for key in ("control", "new")], [0.25, 0.75]).p_value < SRM_INVALID
    return Counter(variant for person, variant in met.items() if person not in seen)


@pytest.mark.slow
def test_results_count_the_new_phase_alone_and_begin_with_day_one(home: Any) -> None:
    again = first_phase(home)
    before = home.table("entry_days")
    expected = second_phase(home, again)
    assert snapshots.latest(home.db, "checkout") is None, "the first phase's verdict is no advice for this one"
    with pytest.raises(Refused, match="none yet"):
        lifecycle.decide(home.db, "checkout", word="again", reason="Enough.", by="ada@example.com")
    with pytest.raises(NotReady, match=r"phase 2 of 'checkout' began on 2026-03-04 .* whose looks stay as they are"):
        analyze(home.settings, "checkout", date(2026, 3, 3))
    home.rolled(day=date(2026, 3, 6))
    last = max(r[4] for r in before)
    assert [r for r in home.table("entry_days") if r[4] <= last] == before, "days of before stay"
    assert "checkout" in due(home.settings)
    first = analyze(home.settings, "checkout", date(2026, 3, 4))
    found = analyze(home.settings, "checkout")
    assert (found.official, found.frozen.phase, found.launched, found.progress.day) == (True, 2, date(2026, 3, 4), 3)
    assert found.split.counts == dict(expected)
    assert found.progress.people == sum(expected.values())
    assert {m.control.n + m.variant.n for m in found.metrics if m.control and m.variant} == {sum(expected.values())}
    assert found.excluded.earlier_phase > 150
    checks = {c.key: c.state for c in found.checks}
    assert (checks["split"], checks["plan"], found.verdict.word) == ("good", "good", "wait")
    assert differing(first, recompute(first, Past())) == [], "a first look owes nothing to those of another phase"
    assert [s.number for s in snapshots.history(home.db, "checkout")] == [first.number, found.number]
    assert [p.day for p in snapshots.course(home.db, found)] == [1, 3]
    assert [p.day for p in snapshots.course(home.db, snapshots.get(home.db, "checkout", 2))] == [1, 2]
    assert [(end.phase, end.number) for end in snapshots.ends(home.db, "checkout")] == [(1, 2), (2, found.number)]
    assert max(recount(home.settings, "checkout").values()) < 1e-9
    assert replay(home.settings, "checkout").differences == {}, "each exposure is held to the plan of its phase"


def test_a_new_phase_is_frozen_served_and_logged_and_leaves_the_launch_as_it_was(stored: Any) -> None:
    e = stored.launched(CATALOG, PLAN, LAUNCH)
    extending.extend(stored.db, "checkout", 1, "ada", "Few came.")
    found = phases.change(stored.db, "checkout", replace(UNEVEN, fresh=True), at=CHANGED, **ASKED)
    assert (found.phase, found.began, found.launched) == (2, date(2026, 3, 4), e.launched)
    assert found.frozen is not None
    assert (found.plan_hash, found.stored_hash) == (found.frozen.hash, found.frozen.hash)
    assert found.plan_hash != e.plan_hash == found.earlier[0].plan_hash == found.earlier[0].frozen.hash
    assert (found.frozen.definitions, found.frozen.extended_days) == (e.frozen.definitions, 0)
    assert [v["weight"] for v in served(stored)["variants"]] == [0.25, 0.75]
    assert (served(stored)["version"], served(stored)["salt"], served(stored)["coverage"]) == (2, "checkout#2", 1.0)
    assert overview.newest(stored.db, {}, limit=1, offset=0)[0].horizon == date(2026, 3, 10)
    row = audit.entries(stored.db)[0]
    told = "Phase 2 begins: split 25% control / 75% new, was 50% control / 50% new; coverage 100%, was 50%; draw anew for everyone"
    assert (row.kind, row.who, row.text.startswith(told)) == ("phase", "ada@example.com", True)
    assert row.text.endswith(f"Plan {found.plan_hash[:12]} is frozen. The old one is known.")
    assert json.loads(row.before or "")["weights"] == {"control": 0.5, "new": 0.5}
    assert json.loads(row.after or "")["phase"] == 2
    assert audit.verify(stored.db).faults == ()
    third = phases.change(stored.db, "checkout", Wanted(coverage=0.2), **ASKED)
    assert (third.phase, [frozen.phase for frozen, _ in third.phases]) == (3, [1, 2, 3])
    settings_store.fix_time_zone(stored.db, "Pacific/Auckland")
    third = experiments.get(stored.db, "checkout")
    assert (third.earlier[0].day, third.past_changed) == (date(2026, 3, 5), False), "there it was after midnight"


def test_coverage_that_rises_alone_keeps_the_phase_and_moves_nobody(stored: Any) -> None:
    e = stored.launched(CATALOG, PLAN, LAUNCH)
    before = sdk(stored)
    found = phases.change(stored.db, "checkout", Wanted(coverage=0.8), **ASKED)
    assert (found.phase, found.began, found.earlier) == (1, e.launched, ())
    assert (found.plan_hash, found.plan_hash != e.plan_hash) == (found.frozen.hash, True)
    after = sdk(stored)
    for person in people("u", 300):
        had = before.assign("checkout", person)
        if had.reason == "split":
            assert after.assign("checkout", person).variant == had.variant
    assert (log.entries(stored.db, "checkout")[0].kind, served(stored)["version"]) == ("coverage", 1)


def test_an_exposure_without_a_version_is_of_the_phase_of_its_time(home: Any) -> None:
    home.launched(CATALOG, PLAN, LAUNCH)
    phases.change(home.db, "checkout", UNEVEN, at=CHANGED, **ASKED)
    event = {"type": "exposure", "experiment": "checkout", "variant": "new", "explicit": True}
    times = {"a": LAUNCH, "b": CHANGED - timedelta(seconds=1), "c": CHANGED}
    late = [{**event, "id": k, "units": {"user": k}, "at": at.timestamp()} for k, at in times.items()]
    home.arrived(late, now=LAUNCH + timedelta(days=4))
    assert sorted((r[3], r[2]) for r in home.table("exposures")) == [("a", 1), ("b", 1), ("c", 2)]


def test_a_replay_asks_prerequisites_what_they_gave_at_the_time(home: Any) -> None:
    home.launched(CATALOG, PLAN.replace("0.5\n", "1.0\n"), LAUNCH)
    home.launched(CATALOG, PLAN.replace("checkout", "button") + "prerequisites: [{experiment: checkout, variants: [new]}]", LAUNCH)

    def shown(name: str, at: datetime) -> list[dict[str, Any]]:
        client = sdk(home)
        for person in people(name, 40):
            client.variant("button", person, at=at.timestamp())
        return list(client.exposures)

    found = shown("u", CHANGED - timedelta(hours=1))
    phases.change(home.db, "checkout", Wanted(fresh=True), at=CHANGED, **ASKED)
    found += shown("v", CHANGED + timedelta(hours=1))
    home.arrived(found, now=CHANGED + timedelta(days=1))
    replayed = replay(home.settings, "button")
    assert (len(replayed.assigned) > 10, replayed.differences) == (True, {})


NO_PHASE = [
    (Wanted(), DefinitionError, "Nothing would change"),
    (Wanted(weights={"control": 0.5}, coverage=0.5, targeting={}), DefinitionError, "Nothing would change"),
    (Wanted(weights={"control": 0.4}), DefinitionError, "must add to 1"),
    (Wanted(weights={"nwe": 0.5}), DefinitionError, "no variant 'nwe'. Did you mean 'new'"),
    (Wanted(weights={"control": 0.0, "new": 1.0}), DefinitionError, "nothing to compare"),
    (Wanted(coverage=0.0), DefinitionError, "lets nobody in"),
    (Wanted(targeting={"country": {"$regx": "x"}}), DefinitionError, "regx"),
    (Wanted(targeting={"age": float("nan")}), DefinitionError, "finite"),  # it was stored and served as null
    (Wanted(targeting={"age": "\ud800"}), DefinitionError, "half a character"),
    (Wanted(targeting=reduce(lambda inner, _: {"$not": inner}, range(260), {})), DefinitionError, "more than 50"),
]


@pytest.mark.parametrize(("wanted", "error", "why"), NO_PHASE)
def test_a_change_that_makes_no_sense_is_refused_with_the_rule(home: Any, wanted: Wanted, error: Any, why: str) -> None:
    e = home.launched(CATALOG, PLAN, LAUNCH)
    with pytest.raises(error, match=why):
        phases.change(home.db, "checkout", wanted, **ASKED)
    assert experiments.get(home.db, "checkout") == e


def test_states_and_verdicts_that_allow_none_say_what_to_do(home: Any) -> None:
    e = home.launched(CATALOG, PLAN, LAUNCH)
    for change, why in (
        ({"state": "stopped"}, "make a new draft"), ({"state": "decided"}, "make a new draft"), ({"verdict": "stop"}, "stop it"),
        ({"verdict": "keep"}, "must not be asked for again: decide it"), ({"verdict": "drop"}, "decide it"),
    ):  # fmt: skip
        with pytest.raises(Conflict, match=why):
            phases.propose(replace(e, **change), UNEVEN)
    for verdict in ("wait", "review", "invalid"):
        assert phases.propose(replace(e, verdict=verdict), UNEVEN).begins
    with pytest.raises(Conflict, match="Mend the cause"):
        phases.propose(replace(e, verdict="invalid"), Wanted(coverage=0.9))
    for at in (LAUNCH - timedelta(hours=1), datetime.now(UTC) + timedelta(hours=1)):
        with pytest.raises(DefinitionError, match="choose another time"):
            phases.change(home.db, "checkout", UNEVEN, at=at, **ASKED)
    with pytest.raises(DefinitionError, match="Say why"):
        phases.change(home.db, "checkout", UNEVEN, by="ada", reason=" ")


def test_another_tools_ranges_and_a_plan_that_was_tampered_with_are_left_alone(home: Any) -> None:
    ranges = "{key: control, weight: 0.5, ranges: [[0, 0.5]]}, {key: new, weight: 0.5, ranges: [[0.5, 1]]}"
    home.launched(CATALOG, f"key: moved\nalgorithm: optimizely\nvariants: [{ranges}]\ngoals: [{{metric: orders, worthwhile: 0.02}}]", LAUNCH)
    with pytest.raises(DefinitionError, match="which weights do not move"):
        phases.change(home.db, "moved", Wanted(weights={"control": 0.2, "new": 0.8}), **ASKED)
    home.launched(CATALOG, PLAN, LAUNCH)
    with home.db.begin() as session:
        session.execute(text("UPDATE experiments SET frozen = replace(frozen, '0.02', '0.5') WHERE key = 'checkout'"))
    with pytest.raises(Distrusted, match="Restore the registry"):
        phases.change(home.db, "checkout", UNEVEN, **ASKED)


def test_another_experiment_overlaps_in_each_phase_for_the_days_that_it_covered(home: Any) -> None:
    first = date(2026, 3, 2)
    mine = home.launched(CATALOG, PLAN.replace("checkout", "other"), LAUNCH).frozen
    home.launched(CATALOG, PLAN, LAUNCH)
    phases.change(home.db, "checkout", UNEVEN, at=CHANGED, **ASKED)

    def found(begin: int, end: int) -> list[tuple[str, int]]:
        span = first + timedelta(days=begin), first + timedelta(days=end)
        return overlapping(experiments.listing(home.db), "other", mine, span, ZoneInfo("UTC"))

    assert found(0, 1) == [("checkout", 1)]
    assert found(0, 5) == [("checkout", 1), ("checkout", 2)]
    assert found(3, 5) == [("checkout", 2)]
    assert found(9, 10) == []


@pytest.mark.parametrize(("zone", "then"), [("UTC", []), ("America/New_York", []), ("Pacific/Auckland", [("checkout", 1)])])
def test_another_experiment_overlaps_until_the_day_of_its_stop_in_the_time_zone_of_the_days(home: Any, zone: str, then: Any) -> None:
    """22:00 in UTC on 4 March is still the 4th in New York, and the 5th in Auckland."""
    mine = home.launched(CATALOG, PLAN.replace("checkout", "other"), LAUNCH).frozen
    home.launched(CATALOG, PLAN, LAUNCH)
    with home.db.begin() as session:
        session.execute(text("UPDATE experiments SET stopped_at = '2026-03-04 22:00:00' WHERE key = 'checkout'"))
    day = date(2026, 3, 5)
    assert overlapping(experiments.listing(home.db), "other", mine, (day, day), ZoneInfo(zone)) == then


def alter(home: Any, change: str) -> None:
    """Change what is stored of earlier phases by hand, past all rules; JSON on SQLite is text."""
    with home.db.begin() as session:
        session.execute(text(f"UPDATE experiments SET earlier = {change} WHERE key = 'checkout'"))


LATER = "replace(earlier, '2026-03-04', '2026-03-05')"
TAMPERED = {"plan": "replace(earlier, '\"enrol_days\": 7', '\"enrol_days\": 70')", "first day of the next": LATER, "all": "'[]'"}


@pytest.mark.parametrize("what", TAMPERED)
def test_nothing_is_built_on_an_earlier_phase_that_was_tampered_with(home: Any, what: str) -> None:
    home.launched(CATALOG, PLAN, LAUNCH)
    phases.change(home.db, "checkout", UNEVEN, at=CHANGED, **ASKED)
    alter(home, TAMPERED[what])
    settings_store.fix_time_zone(home.db, "UTC")  # it writes the days of phases anew, and makes nothing good
    with pytest.raises(Distrusted, match="earlier phases of 'checkout' are not stored as they ended"):
        phases.change(home.db, "checkout", Wanted(fresh=True), **ASKED)


@pytest.mark.slow
def test_the_next_look_of_a_phase_whose_earlier_one_was_tampered_with_is_invalid(home: Any) -> None:
    home.launched(CATALOG, PLAN, LAUNCH)
    phases.change(home.db, "checkout", UNEVEN, at=CHANGED, **ASKED)
    home.arrived(visits(sdk(home), people("u", 30), CHANGED + timedelta(hours=1)), now=LAUNCH + timedelta(days=4))
    home.rolled(day=date(2026, 3, 5))
    assert {c.title for c in analyze(home.settings, "checkout").checks if c.key == "plan"} == {"Plan unchanged"}
    alter(home, LATER)
    found = analyze(home.settings, "checkout")
    assert (found.verdict.word, {c.title for c in found.checks if c.key == "plan"}) == ("invalid", {"Earlier phase changed"})


def test_an_upgrade_gives_phases_a_hash_but_for_those_whose_plans_were_changed(stored: Any) -> None:
    for key in ("checkout", "other", "third"):
        stored.launched(CATALOG, PLAN.replace("checkout", key), LAUNCH)
    for key in ("checkout", "other"):
        phases.change(stored.db, key, UNEVEN, at=CHANGED, **ASKED)
    with stored.db.begin() as session:
        row = experiments.find(session, "other")
        row.earlier = [{**row.earlier[0], "plan_hash": "0" * 64}]
    migration = import_module("experiments.registry.migrations.registry.registry_0015_hashes_of_phases")
    with stored.db.engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        migration.downgrade()
        migration.upgrade()
    found = {key: experiments.get(stored.db, key).past_changed for key in ("checkout", "other", "third")}
    assert found == {"checkout": False, "other": True, "third": False}


def test_where_launches_are_reviewed_a_second_person_approves_this_very_change(home: Any) -> None:
    home.launched(CATALOG, PLAN, LAUNCH)
    read = phases.propose(experiments.get(home.db, "checkout"), UNEVEN).frozen.hash
    with pytest.raises(Refused, match="nobody else has approved this change"):
        phases.change(home.db, "checkout", UNEVEN, review=True, **ASKED)
    with pytest.raises(Refused, match="nobody approves their own change"):
        phases.approve(home.db, "checkout", UNEVEN, by="test", plan_hash=read)
    phases.approve(home.db, "checkout", UNEVEN, by="grace@example.com", plan_hash=read, note="Sound.")
    with pytest.raises(Refused, match="nobody else has approved"):
        phases.change(home.db, "checkout", UNEVEN, review=True, by="Grace@example.com", reason="I want it.")
    with pytest.raises(Refused, match="nobody else has approved"):
        phases.change(home.db, "checkout", replace(UNEVEN, coverage=0.9), review=True, **ASKED)
    assert phases.change(home.db, "checkout", UNEVEN, review=True, **ASKED).plan_hash == read
    with pytest.raises(Conflict, match="changed in between"):
        phases.change(home.db, "checkout", Wanted(coverage=0.3), plan_hash=read, **ASKED)


def test_nobody_decides_a_phase_that_begins_while_they_do(home: Any, request: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    home.launched(CATALOG, PLAN, LAUNCH)
    latest = snapshots.latest

    def slowly(db: Any, key: str) -> Any:
        found = latest(db, key)
        phases.change(db, key, UNEVEN, **ASKED)
        return found

    request.getfixturevalue("people")(home.db)  # `people` is another function here
    again = partial(lifecycle.decide, home.db, "checkout", word="again", reason="Enough.", by="ada@example.com", second="grace@example.com")
    monkeypatch.setattr(lifecycle.snapshots, "latest", slowly)
    with pytest.raises(Conflict, match="phase 2 of 'checkout' began just now, and you read phase 1"):
        again()
    monkeypatch.undo()
    assert experiments.get(home.db, "checkout").state == "running"
    lifecycle.agree(home.db, "checkout", word="again", by="grace@example.com")
    phases.change(home.db, "checkout", Wanted(fresh=True), **ASKED)
    with pytest.raises(Refused, match="has not agreed to this yet"):
        again(review=True)
    lifecycle.agree(home.db, "checkout", word="again", by="grace@example.com")
    assert again(review=True).phase == 3


def test_what_alpha_means_over_phases_is_a_sum_that_is_told() -> None:
    plan = read_plan(PLAN)
    assert wording.over_phases(plan, 2).endswith("is at most 5% in one phase, and at most 9.8% over two phases together.")
    assert wording.over_phases(plan, 3).endswith("at most 14% over three phases together.")
