"""The audit log: no row can be edited, removed, put in or moved without being named; writers never fork the chain."""

import csv
import io
import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from argon2 import PasswordHasher
from sqlalchemy import select, text, update
from sqlalchemy.exc import DatabaseError

from experiments import administering, cli, totp
from experiments.errors import DefinitionError, Distrusted, KeepersError
from experiments.plan_file import read_catalog
from experiments.registry import Database, attempts, audit, keys, log, metrics, passwords, users
from experiments.registry.database import MIGRATIONS
from experiments.registry.models import LogHeadRow, LogRow, UserRow

pytestmark = pytest.mark.slow

EDITS = {
    "at": "2020-01-01 00:00:00.000000", "who": "mallory", "origin": "10.0.0.1", "kind": "note", "experiment": "other",
    "text": "Nothing happened.", "before": "{}", "after": '{"role":"administrator"}', "former": "f" * 64,
    "hash": "e" * 64,
}  # fmt: skip


def wrote(home: Any, rows: int = 6) -> None:
    with home.db.begin() as session:
        for n in range(rows):
            log.add(session, who="ada", kind="comment", text=f"Line {n}.", experiment="checkout", after={"text": n})


def unguarded(home: Any, *statements: str) -> None:
    """Do what somebody does who may change the database: take the triggers away, then change rows."""
    on = " ON log" if home.db.engine.dialect.name == "postgresql" else ""
    with home.db.begin() as session:
        for verb in ("update", "delete"):
            session.execute(text(f"DROP TRIGGER log_no_{verb}{on}"))
        for statement in statements:
            session.execute(text(statement))


def faults(home: Any, noted: tuple[int, str] | None = None) -> str:
    return "; ".join(audit.verify(home.db, noted).faults)


def test_what_was_written_verifies_and_carries_who_when_where_before_and_after(home: Any) -> None:
    with log.from_where("192.0.2.7"):
        key, _ = keys.create(home.db, name="shop", by="ada@example.com")
    keys.revoke(home.db, key.id, by="grace@example.com")
    ended, made = audit.entries(home.db)[:2]
    assert (made.who, made.origin, ended.who, ended.origin) == ("ada@example.com", "192.0.2.7", "grace@example.com", "command")
    assert (made.before, json.loads(made.after or "")["name"]) == (None, "shop")
    assert "revoked_at" not in json.loads(ended.before or "")
    assert "revoked_at" in json.loads(ended.after or "")
    assert audit.verify(home.db).faults == ()
    assert audit.verify(home.db).rows == made.number + 1


def test_a_measure_and_a_metric_of_one_name_are_each_logged_as_themselves(home: Any) -> None:
    metrics.apply(home.db, read_catalog("measures: {sold: {event: order}}\nmetrics: {sold: {kind: mean, measure: sold}}"), "ada")
    metric, measure = audit.entries(home.db)[:2]
    assert json.loads(measure.after or "")["event"] == "order"
    assert json.loads(metric.after or "")["measure"] == "sold"


@pytest.mark.parametrize("column", EDITS)
def test_an_edited_row_is_named(home: Any, column: str) -> None:
    wrote(home)
    unguarded(home, f"UPDATE log SET \"{column}\" = '{EDITS[column]}' WHERE number = 3")
    assert "row 3 " in faults(home)


@pytest.mark.parametrize(
    ("gone", "words"),
    [("1", "row 1 was removed before row 2"), ("3, 4", "rows 3 to 4 were removed before row 5"), ("6", "row 6 was removed from the end"),
     ("5, 6", "rows 5 to 6 were removed from the end"), ("1, 2, 3, 4, 5, 6", "rows 1 to 6 were removed from the end")],
)  # fmt: skip
def test_removed_rows_are_named_the_last_ones_too(home: Any, gone: str, words: str) -> None:
    wrote(home)
    unguarded(home, f"DELETE FROM log WHERE number IN ({gone})")
    assert words in faults(home)


def test_rows_that_changed_places_are_named(home: Any) -> None:
    wrote(home)
    swap = [f"UPDATE log SET number = {b} WHERE number = {a}" for a, b in ((2, 99), (5, 2), (99, 5))]
    unguarded(home, *swap)
    found = faults(home)
    assert "row 2 was edited" in found
    assert "row 5 was edited" in found


def test_a_row_put_in_at_the_end_and_a_missing_head_are_found(home: Any) -> None:
    wrote(home)
    columns = "at, who, kind, experiment, text, origin, before, after, former, hash"
    unguarded(home, f"INSERT INTO log (number, {columns}) SELECT 7, {columns} FROM log WHERE number = 6")
    assert "row 7 does not follow row 6" in faults(home)
    unguarded_head = "DELETE FROM log_head"
    with home.db.begin() as session:
        session.execute(text(unguarded_head))
    assert "the head of the log is gone" in faults(home)
    with pytest.raises(Distrusted, match="the head of the log is gone"):
        wrote(home)


def test_a_chain_sealed_anew_from_its_first_row_is_found_by_what_was_noted_elsewhere(home: Any) -> None:
    wrote(home)
    noted = audit.verify(home.db)
    unguarded(home)
    with home.db.begin() as session:
        former = audit.START
        for row in session.scalars(select(LogRow).order_by(LogRow.number)):
            row.who, row.former = "mallory", former
            row.hash = former = log.seal(row)
        session.execute(update(LogHeadRow).values(hash=former))
    assert faults(home) == ""
    assert "row 6 is not the one that was noted" in faults(home, (noted.rows, noted.head))


def test_the_database_itself_refuses_changes_of_the_log(stored: Any) -> None:
    wrote(stored, 2)
    for statement in ("UPDATE log SET who = 'mallory'", "DELETE FROM log"):
        with pytest.raises((DatabaseError, sqlite3.Error), match="append-only"), stored.db.begin() as session:
            session.execute(text(statement))
    assert audit.verify(stored.db).faults == ()


def test_writers_at_the_same_time_make_one_chain(stored: Any) -> None:
    before = audit.verify(stored.db).rows
    with ThreadPoolExecutor(6) as pool:
        written = pool.map(lambda n: wrote(stored, 1 + n % 3), range(18))
        seen = list(pool.map(lambda n: audit.verify(stored.db).faults, range(6)))
        assert list(written) == [None] * 18
    assert seen == [()] * 6  # whoever verifies meanwhile sees a whole chain
    found = audit.verify(stored.db)
    assert (found.rows - before, found.faults) == (36, ())


def test_a_change_that_fails_leaves_no_row_and_no_gap(home: Any) -> None:
    wrote(home, 2)
    failing = {"who": "ada", "kind": "comment", "text": "Never."}
    with pytest.raises(ZeroDivisionError), home.db.begin() as session:
        session.info["end"] = log.add(session, **failing) or 1 / 0
    wrote(home, 1)
    assert (faults(home), len(audit.entries(home.db, who="ADA"))) == ("", 3)


def test_the_commands_verify_and_export(home: Any, monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setenv("KEEPERS_HOME", str(home.settings.home))
    wrote(home, 3)
    with home.db.begin() as session:
        log.add(session, who="=HYPERLINK(1)", kind="comment", text="Harmless, “said” they.\nNext line.")
    assert cli.main(["audit", "verify"]) == 0
    noted = capsys.readouterr().out.splitlines()[-1]
    assert cli.main(["audit", "verify", "--noted", noted]) == 0
    assert cli.main(["audit", "verify", "--noted", "4:short"]) == 1
    capsys.readouterr()
    assert cli.main(["audit", "export", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["number"] for row in found] == [1, 2, 3, 4]
    assert [log.seal(e) == e.hash for e in audit.entries(home.db)] == [True] * 4
    assert cli.main(["audit", "export"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert tuple(rows[0]) == administering.COLUMNS
    assert rows[3]["who"] == "'=HYPERLINK(1)"
    assert rows[3]["text"] == found[3]["text"]
    unguarded(home, "DELETE FROM log WHERE number = 2")
    assert cli.main(["audit", "verify"]) == 1
    assert "row 2 was removed before row 3" in capsys.readouterr().err


def test_rows_that_are_older_than_the_chain_are_sealed_as_they_are_found(tmp_path: Any) -> None:
    db = Database(f"sqlite:///{tmp_path / 'old.sqlite'}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("version_locations", str(MIGRATIONS / "registry"))
    config.set_main_option("path_separator", "os")
    with db.engine.begin() as connection:
        config.attributes.update(connection=connection, branch="registry")
        command.upgrade(config, "registry_0004")
        for n in range(3):
            values = {"at": datetime(2026, 1, 1 + n, 9, 30, 1, 250), "who": "ada", "kind": "comment", "text": f"Line “{n}”."}
            connection.execute(text("INSERT INTO log (at, who, kind, text) VALUES (:at, :who, :kind, :text)"), {**values, "at": str(values["at"])})
    db.migrate()
    assert audit.verify(db).rows == 3
    assert audit.verify(db).faults == ()
    assert [e.text for e in audit.entries(db)] == ["Line “2”.", "Line “1”.", "Line “0”."]
    db.engine.dispose()


def test_many_guesses_at_the_same_moment_are_counted_before_they_are_looked_at(stored: Any) -> None:
    now = datetime.now(UTC)
    with ThreadPoolExecutor(6) as pool:
        waits = list(pool.map(lambda n: attempts.begin(stored.db, "ada@example.com", f"192.0.2.{n}", now), range(12)))
    assert waits.count(None) == attempts.FREE["account"]


def test_an_account_is_reset_from_the_shell_by_whoever_lost_the_second_step(home: Any, monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setenv("KEEPERS_HOME", str(home.settings.home))
    monkeypatch.setenv("KEEPERS_PASSWORD", "seven grey umbrellas")
    assert cli.main(["user", "add", "grace@example.com"]) == 0
    grace = users.everyone(home.db)[0]
    users.set_two_step(home.db, grace.id, totp.new_secret(), by=grace.email, key=b"any")
    monkeypatch.setenv("KEEPERS_PASSWORD", "nine blue umbrellas")
    assert cli.main(["user", "reset", "Grace@example.com"]) == 0
    again = users.authenticate(home.db, grace.email, "nine blue umbrellas")
    assert again
    assert not again.two_step
    assert cli.main(["user", "reset", "grce@example.com"]) == 1
    assert "Did you mean 'grace@example.com'?" in capsys.readouterr().err


def test_two_administrators_who_demote_each_other_at_the_same_moment_leave_one(stored: Any, people: Any) -> None:
    people(stored.db)
    ada, grace = sorted(users.everyone(stored.db), key=lambda u: u.email)
    users.set_roles(stored.db, grace.id, role="administrator", teams={}, by=ada.email)
    meet = Barrier(2)

    def demote(whom: users.User, by: users.User) -> str:
        meet.wait()
        try:
            users.set_roles(stored.db, whom.id, role="viewer", teams={}, by=by.email)
        except KeepersError as error:
            return str(error)
        return "done"

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(demote, (ada, grace), (grace, ada)))
    assert said[1:] == ["done"] or "only administrator" in said[1], said
    assert [u.role for u in users.everyone(stored.db)].count("administrator") == 1


@pytest.mark.parametrize("address", ["bar\u212a@example.com", "\u0430da@example.com", "ada@ex\u0430mple.com", "ada@example.com\u200b", "a da@example.com", "ada@a@example.com"])
def test_an_address_that_could_pass_for_anothers_gets_no_account(home: Any, address: str) -> None:
    with pytest.raises(DefinitionError, match="not an e-mail address of plain letters"):
        users.add(home.db, email=address, name="Ada", password="seven grey umbrellas")


def test_a_password_is_kept_with_todays_costs_once_its_owner_signs_in(home: Any, people: Any) -> None:
    people(home.db)
    former = PasswordHasher(time_cost=2, memory_cost=128, parallelism=1).hash("seven grey umbrellas")

    def kept() -> str:
        with home.db.begin() as session:
            return session.scalars(select(UserRow.password_hash).where(UserRow.email == "ada@example.com")).one()

    with home.db.begin() as session:
        session.execute(update(UserRow).where(UserRow.email == "ada@example.com").values(password_hash=former))
    assert users.authenticate(home.db, "ada@example.com", "seven grey umbrella") is None
    assert kept() == former
    assert users.authenticate(home.db, "ada@example.com", "seven grey umbrellas")
    assert (kept() == former, passwords.outdated(kept())) == (False, False)
    assert users.authenticate(home.db, "ada@example.com", "seven grey umbrellas")
