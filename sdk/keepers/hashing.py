"""From a salt and a unit to a place in [0, 1): the one hash behind every assignment.

A place is 15 hexadecimal digits of an MD5 digest divided by 16**15. Every warehouse can
recompute it in SQL; MD5 keeps no secret here. Comparisons are made on bytes: a digest is
below a threshold exactly when its 15 digits are, so nothing is rounded.
"""

from __future__ import annotations

from math import ceil

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _hashlib import HASH
    from collections.abc import Callable


def _find_md5() -> Callable[[bytes], HASH]:
    """Return the quickest MD5: the module behind hashlib needs half the time of OpenSSL's set-up."""
    try:
        return __import__("_md5").md5  # type: ignore[no-any-return]
    except ImportError:  # an interpreter built without it
        from hashlib import md5

        return lambda data: md5(data, usedforsecurity=False)


new_md5 = _find_md5()
PLACES = 16**15
BEYOND = b"\xff" * 17  # above every digest


def digest_of(salt: str, unit: str) -> bytes:
    """Return the 16 bytes of md5("salt:unit") in UTF-8."""
    return new_md5(f"{salt}:{unit}".encode()).digest()


def split_of(digest: bytes) -> float:
    """Return the place of hexadecimal digits 0 to 14, which picks the variant."""
    return (int.from_bytes(digest[:8], "big") >> 4) / PLACES


def gate_of(digest: bytes) -> float:
    """Return the place of hexadecimal digits 16 to 30, which decides coverage."""
    return split_of(digest[8:])


def threshold(place: float) -> bytes:
    """Return the bytes that a digest is below exactly when its place is below `place`."""
    digits = ceil(place * PLACES)
    if digits >= PLACES:
        return BEYOND
    return (max(digits, 0) << 4).to_bytes(8, "big")
