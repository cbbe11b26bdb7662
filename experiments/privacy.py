"""What of a person is kept: no addresses, telephone or card numbers; ids as hashes, if one wants that."""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

EMAIL = re.compile(r"[^\s@<>\"',;:]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}")
PHONE = re.compile(r"(?<![\w+])\+[1-9](?:[ ().-]{0,2}\d){7,14}(?!\w)")  # E.164: 8 to 15 digits
DIGITS = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")
CARD = re.compile(
    r"4|5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720|3[47]|30[0-5]|3[689]|35(?:2[89]|[3-8])|6011|64[4-9]|65|62|50|5[6-8]"
)
WHAT = {
    "email_address": "an e-mail address", "phone_number": "a telephone number", "card_number": "the number of a card",
}  # fmt: skip
LONGEST = 4096  # characters that are looked at; a property has no more


@dataclass(frozen=True)
class Privacy:
    """What one installation does with ids: `check_ids` looks for personal data in them; a `salt` hashes them."""

    check_ids: bool = False
    salt: bytes = b""

    def unit(self, name: str) -> str:
        """The id as it is stored: itself, or 32 hexadecimal digits that only this installation can make of it."""
        text = name.encode("utf-8", "surrogatepass")
        return hmac.new(self.salt, text, hashlib.sha256).hexdigest()[:32] if self.salt else name

    def event(self, name: str) -> str:
        """The id of an exposure as it is stored: senders make it of the unit, so that a list of units would find it."""
        return self.unit(name)[:24] if self.salt else name


PLAIN = Privacy()


def personal(value: Any) -> str:
    """Return what personal data a value holds: email_address, phone_number, card_number, or an empty text."""
    text = str(value)[:LONGEST] if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    text = text if text.isascii() else unicodedata.normalize("NFKC", text)  # wide forms are read as the plain ones
    if "@" in text and EMAIL.search(text):
        return "email_address"
    if "+" in text and PHONE.search(text):
        return "phone_number"
    return "card_number" if any(_card(found[0]) for found in DIGITS.finditer(text)) else ""


def first_personal(values: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the name of the first value that holds personal data, or whose name does, and what it is."""
    found = ((name, personal(value) or personal(name)) for name, value in values.items())
    return next(((name, what) for name, what in found if what), None)


def read_by(condition: Any) -> Iterable[str]:
    """The attributes that a targeting condition reads, by their first part."""
    if isinstance(condition, list | tuple):
        for part in condition:
            yield from read_by(part)
    elif isinstance(condition, Mapping):
        for name, inner in condition.items():
            if name.startswith("$"):
                yield from read_by(inner)
            else:
                yield name.split(".")[0]


def _card(text: str) -> bool:
    """13 to 19 digits that begin as a card's number does, and whose last one checks the others (Luhn 1960)."""
    digits = [int(d) for d in text if d.isdigit()]
    doubled = (d if i % 2 == 0 else 2 * d - 9 * (d > 4) for i, d in enumerate(reversed(digits)))
    return bool(CARD.match("".join(map(str, digits)))) and sum(doubled) % 10 == 0
