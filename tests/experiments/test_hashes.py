"""Hashes notice what was changed, and not what a later version of the program knows besides."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from experiments import importing
from experiments.analysis import analyze
from experiments.inbox import Inbox
from experiments.plan import FrozenPlan, hash_of
from experiments.recomputing import Past, differing, recompute
from experiments.registry import Database, snapshots
from experiments.settings import Settings
from experiments.snapshot import Snapshot
from experiments.warehouse.files import Columns

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A small finished experiment, imported and analysed; the last test changes it, the others only read."""
    folder = tmp_path_factory.mktemp("analysed")
    settings = Settings.load({"KEEPERS_HOME": str(folder / "home")})
    db = Database(settings.registry)
    db.migrate()
    Inbox(settings.inbox).migrate()
    path = folder / "small.csv"
    path.write_text("group,bought\n" + "control,0\ntreatment,1\ncontrol,1\ntreatment,0\n" * 100)
    at = datetime(2026, 1, 5, tzinfo=UTC)
    importing.import_rows(settings, path, Columns("group", ("bought",)), importing.Finished(key="small"), at=at)
    return settings, db


def test_a_field_that_a_later_version_adds_changes_no_stored_hash(analysed: Any) -> None:
    _, db = analysed
    stored = snapshots.latest(db, "small")

    class Later(Snapshot):
        remark: str = ""
        remarks: tuple[str, ...] = ()

    assert Later.model_validate_json(stored.model_dump_json(by_alias=True)).hash == stored.hash


def test_a_stored_snapshot_can_be_computed_again_from_what_it_kept(analysed: Any) -> None:
    _, db = analysed
    stored = snapshots.latest(db, "small")
    past = Past.of(stored, snapshots.before(db, stored))
    assert differing(stored, recompute(stored, past)) == []
    assert stored.metrics[0].effect is not None
    assert stored.metrics[0].control.moments.n == stored.metrics[0].control.n


def test_a_plan_s_hash_is_of_what_is_stored_and_ignores_texts(analysed: Any) -> None:
    _, db = analysed
    frozen = snapshots.latest(db, "small").frozen
    data = frozen.model_dump(mode="json", by_alias=True)
    assert hash_of(data) == FrozenPlan.model_validate(data).hash
    assert hash_of({**data, "plan": {**data["plan"], "hypothesis": "another"}}) == frozen.hash
    assert hash_of({**data, "plan": {**data["plan"], "alpha": 0.1}}) != frozen.hash


def test_a_plan_changed_in_the_database_makes_the_next_look_invalid(analysed: Any) -> None:
    settings, db = analysed
    with db.begin() as session:
        session.execute(text("UPDATE experiments SET frozen = replace(frozen, '\"alpha\": 0.05', '\"alpha\": 0.1')"))
    found = analyze(settings, "small")
    assert found.verdict.word == "invalid"
    assert next(c for c in found.checks if c.key == "plan").invalidates
