"""Codes of the second step, against the numbers of RFC 6238, appendix B (SHA-1; its eight digits end in our six)."""

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from experiments import cli, totp
from experiments.registry import users
from experiments.registry.models import UserRow

SECRET = base64.b32encode(b"12345678901234567890").decode()
PUBLISHED = {59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130"}


@pytest.mark.parametrize("second", PUBLISHED)
def test_codes_are_those_of_the_standard(second: int) -> None:
    assert totp.code(SECRET, second // totp.STEP) == PUBLISHED[second][-6:]
    assert totp.step_of(SECRET, PUBLISHED[second][-6:], datetime.fromtimestamp(second, UTC), 0) == second // 30


def test_a_code_holds_a_step_before_and_after_and_only_once() -> None:
    now = datetime.fromtimestamp(1111111109, UTC)
    step = 1111111109 // 30
    assert [totp.step_of(SECRET, totp.code(SECRET, step + d), now, 0) for d in (-2, -1, 0, 1, 2)] == [None, step - 1, step, step + 1, None]
    assert totp.step_of(SECRET, totp.code(SECRET, step), now, step) is None
    assert totp.step_of(SECRET, " 081 804", now, 0) == step
    assert totp.step_of(SECRET, "ö81804", now, 0) is None


def test_a_secret_is_random_and_has_160_bits() -> None:
    assert len(base64.b32decode(totp.new_secret())) == 20
    assert len({totp.new_secret() for _ in range(100)}) == 100


def test_a_secret_is_sealed_for_one_account_of_one_installation() -> None:
    secret = totp.new_secret()
    stored = totp.seal(secret, b"ours", 7)
    assert (len(stored), totp.plain(stored), totp.plain(secret)) == (64, False, True)
    assert stored != totp.seal(secret, b"ours", 7)
    assert totp.opened(stored, b"ours", 7) == totp.opened(secret, b"ours", 7) == secret
    assert totp.opened(stored, b"ours", 8) is None
    assert totp.opened(stored, b"theirs", 7) is None


def test_the_registry_holds_no_secret_that_makes_codes_nor_one_from_before_there_were_seals(home: Any, people: Any, monkeypatch: Any) -> None:
    people(home.db)
    now, old, new, key = datetime.now(UTC), totp.new_secret(), totp.new_secret(), home.settings.secret
    ada, grace = users.everyone(home.db)
    with home.db.begin() as session:
        session.get_one(UserRow, ada.id).totp = old
    codes = users.set_two_step(home.db, grace.id, new, by=grace.email, key=key)
    monkeypatch.setenv("KEEPERS_HOME", str(home.settings.home))
    assert cli.main(["init"]) == 0
    with home.db.read() as session:
        kept = [*session.scalars(select(UserRow.totp))]
    assert not any(totp.plain(each) for each in kept)
    step = int(now.timestamp()) // totp.STEP
    assert users.second_step(home.db, ada.id, totp.code(old, step), now, key) == "code"
    assert users.second_step(home.db, grace.id, totp.code(new, step), now, b"another") is None
    assert users.second_step(home.db, grace.id, codes[0], now, b"another") == "recovery code"
