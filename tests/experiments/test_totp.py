"""Codes of the second step, against the numbers of RFC 6238, appendix B (SHA-1; its eight digits end in our six)."""

import base64
from datetime import UTC, datetime

import pytest

from experiments import totp

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
