"""One-time codes of the second step: RFC 6238 (2011) with its usual choices, SHA-1, six digits, half a minute."""

import base64
import hmac
import secrets
import struct
from datetime import datetime
from urllib.parse import quote

STEP = 30  # seconds
DIGITS = 6
AROUND = (0, -1, 1)  # steps: clocks differ, and people type slowly


def new_secret() -> str:
    """Return a secret of 160 random bits as base32, which apps take."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code(secret: str, step: int) -> str:
    """Return the code of one step."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", step), "sha1")
    start = digest[-1] & 15
    number: int = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of(secret: str, given: str, now: datetime, after: int) -> int | None:
    """Return the step whose code was given, if it is a present one and later than step `after`, the last used."""
    current = int(now.timestamp()) // STEP
    typed = "".join(given.split()).encode(errors="replace")
    fitting = (n for n in (current + d for d in AROUND) if hmac.compare_digest(code(secret, n).encode(), typed))
    return next((n for n in fitting if n > after), None)


def address(secret: str, email: str) -> str:
    """Return the otpauth address that a QR code holds."""
    return f"otpauth://totp/Keepers:{quote(email)}?secret={secret}&issuer=Keepers&digits={DIGITS}&period={STEP}"
