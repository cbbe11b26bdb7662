"""The registry: its tables, its people and keys, its snapshots that nobody can change, and one writer at a time."""

import json
import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from experiments.errors import Conflict, DefinitionError, Distrusted, NotFound, Unavailable
from experiments.plan import freeze
from experiments.registry import Database, keys, leases, metrics, settings_store, snapshots, users
from experiments.registry.experiments import Experiment
from experiments.registry.models import InboxBase, RegistryBase
from experiments.snapshot import Excluded, Progress, Snapshot, Split, Verdict

PASSWORD = "a few plain words"
CATALOG = "measures: {o: {event: order}}\nmetrics: {ordered: {kind: proportion, measure: o, window_days: 1}}"
PLAN = """
key: checkout
variants: [{key: control, weight: 0.5}, {key: treatment, weight: 0.5}]
goals: [{metric: ordered, worthwhile: 0.02}]
"""
LAUNCH = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture
def experiment(stored: Any) -> Experiment:
    """A launched experiment."""
    launched: Experiment = stored.launched(CATALOG, PLAN, LAUNCH)
    return launched


def look(e: Experiment, day: int, *, word: str = "wait", official: bool = True) -> Snapshot:
    assert e.frozen is not None
    verdict = Verdict.model_construct(
        word=word, treatment=None, sentence="s", would_change="w", rule="r", treatments=()
    )  # fmt: skip
    return Snapshot(
        experiment=e.key, number=0, official=official, environment="production", launched=LAUNCH.date(),
        cutoff=LAUNCH.date() + timedelta(days=day), time_zone="UTC", frozen=e.frozen, plan_hash=e.plan_hash or "",
        state="running", verdict=verdict, checks=(), progress=Progress(day=1, days=14, precision=None, people=0, people_planned=None),
        split=Split(counts={}, weights={}, sequential_p=1, chi_square=0.1 + 0.2, df=1, chi_square_p=1 / 3),
        excluded=Excluded(), metrics=(), computed_at=datetime.now(UTC),
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_database_that_was_never_made_is_named_with_the_command_that_makes_it(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """As a task of Airflow finds it whose worker lacks our variables."""
    made = request.getfixturevalue("postgresql_server") if engine == "postgresql" else None
    url = made("never_made") if made else f"sqlite:///{tmp_path}/registry.sqlite"
    with pytest.raises(Unavailable, match=r"fails: .*settings.* Run 'keepers init', or name the installation in KEEPERS_HOME"):
        settings_store.time_zone(Database(url))


@pytest.mark.parametrize(("branch", "models"), [("registry", RegistryBase), ("inbox", InboxBase)])
def test_the_migrations_make_exactly_the_tables_of_the_models(stored: Any, branch: str, models: Any) -> None:
    database: Database = stored.db if branch == "registry" else stored.inbox.database
    with database.engine.connect() as connection:
        own = ("texts_words", "vector")  # the words that SQLite and PostgreSQL keep by themselves
        options = {"version_table": f"{branch}_version", "include_name": lambda name, kind, _: not (name or "").startswith(own)}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, models.metadata) == []


def test_a_command_that_imports_nothing_else_knows_every_table_to_back_up(home: Any) -> None:
    program = "from experiments.registry.copying import TABLES; print(*TABLES['registry'].tables)"
    known = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    there = {name for name in inspect(home.db.engine).get_table_names() if not name.startswith("texts_words")}
    assert there - {"registry_version"} == set(known)


def test_migrating_twice_changes_nothing(stored: Any) -> None:
    keys.create(stored.db, name="kept")
    stored.db.migrate()
    assert [k.name for k in keys.listing(stored.db)] == ["kept"]


def test_a_password_is_kept_as_argon2id_and_only_the_right_one_signs_in(stored: Any) -> None:
    ada = users.add(stored.db, email="Ada@Example.com", name="Ada", password=PASSWORD, role="administrator")
    with stored.db.read() as session:
        (kept,) = session.execute(text("SELECT password_hash FROM users")).one()
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept
    assert users.authenticate(stored.db, " ada@example.COM ", PASSWORD) == ada
    assert users.authenticate(stored.db, "ada@example.com", PASSWORD + " ") is None
    assert users.authenticate(stored.db, "ada@example.com", "") is None


def test_nobody_signs_in_with_an_address_that_has_no_account(stored: Any) -> None:
    for password in (PASSWORD, "nobody has this password"):
        assert users.authenticate(stored.db, "eve@example.com", password) is None


def test_an_address_has_one_account_in_whatever_case(stored: Any) -> None:
    users.add(stored.db, email="ada@example.com", name="", password=PASSWORD)
    with pytest.raises(Conflict, match="already has an account"):
        users.add(stored.db, email="ADA@example.com", name="", password=PASSWORD)


def test_all_that_is_wrong_with_a_new_account_is_said_at_once(stored: Any) -> None:
    with pytest.raises(DefinitionError) as caught:
        users.add(stored.db, email="ada", name="", password="short", role="boss")
    assert len(caught.value.problems) == 3
    assert users.everyone(stored.db) == []


def test_a_token_is_nowhere_in_the_database_file(home: Any) -> None:
    _, token = keys.create(home.db, name="shop")
    home.close()
    files = [p for p in Path(home.settings.home).iterdir() if p.name.startswith("registry.sqlite")]
    held = b"".join(p.read_bytes() for p in files)
    assert b"shop" in held
    assert token.encode() not in held
    assert token.removeprefix("sdk-").encode() not in held


def test_a_key_works_until_it_is_revoked_and_in_its_environment(stored: Any) -> None:
    key, token = keys.create(stored.db, name="shop", environment="staging")
    other, _ = keys.create(stored.db, name="other")
    found = keys.verify(stored.db, token)
    assert found == key
    assert found.environment == "staging"
    assert keys.verify(stored.db, token[:-1]) is None
    assert keys.verify(stored.db, "") is None
    keys.revoke(stored.db, key.id)
    assert keys.verify(stored.db, token) is None
    first = next(k.revoked_at for k in keys.listing(stored.db) if k.id == key.id)
    keys.revoke(stored.db, key.id)
    assert next(k.revoked_at for k in keys.listing(stored.db) if k.id == key.id) == first is not None
    assert next(k.revoked_at for k in keys.listing(stored.db) if k.id == other.id) is None


def test_wrong_environments_and_numbers_of_keys_are_refused(stored: Any) -> None:
    with pytest.raises(DefinitionError, match="'prod' is not an environment; choose one of production"):
        keys.create(stored.db, name="x", environment="prod")
    with pytest.raises(NotFound, match="number 99"):
        keys.revoke(stored.db, 99)


def test_a_snapshot_comes_back_as_it_was_and_every_look_is_kept(stored: Any, experiment: Experiment) -> None:
    first = snapshots.append(stored.db, look(experiment, 1))
    second = snapshots.append(stored.db, look(experiment, 2, word="keep"))
    again = snapshots.append(stored.db, look(experiment, 2, official=False))
    assert [s.number for s in (first, second, again)] == [1, 2, 3]
    assert snapshots.get(stored.db, "checkout", 1) == first
    assert snapshots.latest(stored.db, "checkout") == again
    assert snapshots.history(stored.db, "checkout") == [first, second]
    assert snapshots.latest_of_all(stored.db) == {"checkout": again}
    with pytest.raises(NotFound, match="r9"):
        snapshots.get(stored.db, "checkout", 9)


def test_the_hash_covers_results_and_not_when_they_were_computed(stored: Any, experiment: Experiment) -> None:
    first, other = look(experiment, 1), look(experiment, 1)
    assert first.computed_at != other.computed_at
    assert first.hash == other.hash != look(experiment, 2).hash
    assert first.hash != look(experiment, 1, word="keep").hash


@pytest.mark.parametrize(
    "change",
    [
        'body = replace(body, \'"word":"wait"\', \'"word":"keep"\')',
        "body = replace(body, '0.30000000000000004', '0.3')",
        'body = replace(body, \'"word":"wait"\', \'"word":"maybe"\')',
        "body = replace(body, '{', '[')",
        "hash = replace(hash, substr(hash, 1, 1), 'x')",
        "word = 'keep'",
    ],
)
def test_a_changed_snapshot_is_distrusted(stored: Any, experiment: Experiment, change: str) -> None:
    snapshots.append(stored.db, look(experiment, 1))
    for sealed in ("", ", seal = NULL"):  # without a seal as looks of earlier versions are
        with stored.db.begin() as session:
            session.execute(text(f"UPDATE snapshots SET {change}{sealed}"))
        with pytest.raises(Distrusted, match=r"snapshot r1 of 'checkout'.*do not decide from it"):
            snapshots.latest(stored.db, "checkout")


def test_a_sealed_look_is_trusted_by_its_seal_and_one_without_by_its_own_hash(
    stored: Any, experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, worked_out, dumps = snapshots.append(stored.db, look(experiment, 1)), [], json.dumps
    monkeypatch.setattr("experiments.snapshot.json.dumps", lambda *a, **k: worked_out.append(a) or dumps(*a, **k))
    for seal, times in (("seal", 0), ("NULL", 1), ("'of another text'", 1)):
        worked_out.clear()
        with stored.db.begin() as session:
            session.execute(text(f"UPDATE snapshots SET seal = {seal}"))
        found = snapshots.latest(stored.db, "checkout")
        assert (found, found.hash, len(worked_out)) == (kept, kept.hash, times)


def test_of_looks_taken_at_the_same_time_one_is_official_and_each_has_its_number(
    stored: Any, experiment: Experiment
) -> None:
    done: list[Snapshot] = []
    threads = [
        threading.Thread(target=lambda: done.append(snapshots.append(stored.db, look(experiment, 1)))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(s.number for s in done) == [1, 2, 3, 4]
    assert [s.official for s in sorted(done, key=lambda s: s.number)] == [True, False, False, False]


def test_a_second_writer_is_refused_and_told_who_writes(stored: Any) -> None:
    with leases.lease(stored.db, "lake"):
        with (
            pytest.raises(Conflict, match=rf"/{os.getpid()}/.* is writing to the lake.*run this again"),
            leases.lease(stored.db, "lake"),
        ):
            pass
        with leases.lease(stored.db, "another table"):
            pass
    with leases.lease(stored.db, "lake"):
        pass


def test_a_lease_ends_with_an_error_too(stored: Any) -> None:
    with pytest.raises(ZeroDivisionError), leases.lease(stored.db, "lake"):
        raise ZeroDivisionError
    with leases.lease(stored.db, "lake"):
        pass


def test_of_writers_that_come_at_once_exactly_one_gets_a_free_lease(stored: Any) -> None:
    together, outcomes, done = threading.Barrier(4), [], threading.Event()

    def take() -> None:
        together.wait(20)
        try:
            with leases.lease(stored.db, "lake"):
                outcomes.append("held")
                done.wait(20)
        except Conflict:
            outcomes.append("refused")
        if len(outcomes) == 4:
            done.set()

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["held", "refused", "refused", "refused"]


def _die_holding(url: str) -> None:
    with leases.lease(Database(url), "lake"):
        os._exit(9)  # killed: nothing is released


def test_the_lease_of_a_dead_process_is_taken_over(stored: Any) -> None:
    """Also before its parent has asked how it ended: process 1 of many containers never asks."""
    victim = multiprocessing.get_context("spawn").Process(target=_die_holding, args=(stored.settings.registry,))
    victim.start()
    os.waitid(os.P_PID, victim.pid or 0, os.WEXITED | os.WNOWAIT)  # it is over, and still has its number
    with stored.db.read() as session:
        row = session.get_one(leases.LeaseRow, "lake")
    assert f"/{victim.pid}/" in row.holder
    with leases.lease(stored.db, "lake"):
        pass
    victim.join(60)
    assert victim.exitcode == 9
    with stored.db.begin() as session:
        session.merge(leases.LeaseRow(name="lake", holder=row.holder, expires_at=row.expires_at))
    with leases.lease(stored.db, "lake"):
        pass


def test_the_lease_of_another_machine_holds_until_it_runs_out(stored: Any) -> None:
    def held(until: datetime) -> None:
        with stored.db.begin() as session:
            session.merge(leases.LeaseRow(name="lake", holder="elsewhere/1/abc", expires_at=until))

    held(datetime.now(UTC) + timedelta(hours=1))
    with pytest.raises(Conflict, match="elsewhere/1/abc"), leases.lease(stored.db, "lake"):
        pass
    held(datetime.now(UTC) - timedelta(seconds=1))
    with leases.lease(stored.db, "lake"):
        pass


def test_the_time_zone_is_fixed_once_and_moves_the_launch_days_of_before(stored: Any, experiment: Experiment) -> None:
    assert experiment.launched == date(2026, 1, 5)
    settings_store.fix_time_zone(stored.db, "America/New_York")
    with stored.db.read() as session:
        launched = session.execute(text("SELECT launched FROM experiments")).scalar_one()
    assert str(launched) == "2026-01-04"
    settings_store.fix_time_zone(stored.db, "America/New_York")
    with pytest.raises(Conflict, match="begin in America/New_York, and KEEPERS_TIME_ZONE says UTC"):
        settings_store.fix_time_zone(stored.db, "UTC")


def test_the_catalogue_says_what_changed_and_keeps_plans_as_they_were_launched(
    stored: Any, experiment: Experiment, people: Callable[[Database], None]
) -> None:
    from experiments.plan_file import read_catalog

    assert experiment.frozen is not None
    assert metrics.apply(stored.db, read_catalog(CATALOG), "ada") == []
    changed = metrics.apply(stored.db, read_catalog(CATALOG.replace("event: order", "event: paid")), "ada")
    assert changed == ["o"]
    assert freeze(experiment.plan, metrics.catalog(stored.db)).hash != experiment.plan_hash == experiment.frozen.hash


def test_a_metric_counted_otherwise_since_launch_is_told_and_one_with_another_title_is_not(
    stored: Any, experiment: Experiment
) -> None:
    from experiments.plan_file import read_catalog

    assert experiment.frozen is not None
    metrics.apply(stored.db, read_catalog(CATALOG.replace("{kind: prop", "{title: Ordered, kind: prop")), "ada")
    assert metrics.redefined(stored.db, experiment.frozen) == {}
    metrics.apply(stored.db, read_catalog(CATALOG.replace("event: order", "event: paid")), "ada")
    assert metrics.redefined(stored.db, experiment.frozen) == {"ordered": 3}
