"""One-time codes of the second step: RFC 6238 (2011) with its usual choices, SHA-1, six digits, half a minute.

In the registry a secret is sealed with the installation's own, by AES-GCM, for one account: whoever reads the database
alone can make no codes, and a secret that is put at another account opens nothing there.
"""

import base64
import hmac
import secrets
import struct
from datetime import datetime
from urllib.parse import quote

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

STEP = 30  # seconds
DIGITS = 6
AROUND = (0, -1, 1)  # steps: clocks differ, and people type slowly
SECRET, NONCE = 20, 12  # bytes


def new_secret() -> str:
    """Return a secret of 160 random bits as base32, which apps take."""
    return base64.b32encode(secrets.token_bytes(SECRET)).decode()


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


def seal(secret: str, key: bytes, account: int) -> str:
    """Return a secret as it is stored: 64 characters that only this installation opens, and for this account alone."""
    nonce = secrets.token_bytes(NONCE)
    box = AESGCM(_derived(key)).encrypt(nonce, base64.b32decode(secret), str(account).encode())
    return base64.urlsafe_b64encode(nonce + box).decode()


def opened(stored: str, key: bytes, account: int) -> str | None:
    """Return the secret that was sealed, None if the installation's secret is another now.

    What was stored before there were seals is returned as it is.
    """
    if plain(stored):
        return stored
    box = base64.urlsafe_b64decode(stored)
    try:
        secret = AESGCM(_derived(key)).decrypt(box[:NONCE], box[NONCE:], str(account).encode())
    except InvalidTag:
        return None
    return base64.b32encode(secret).decode()


def plain(stored: str) -> bool:
    """Whether a stored secret is not sealed."""
    return len(stored) == SECRET * 8 // 5


def _derived(key: bytes) -> bytes:
    return hmac.digest(key, b"secrets of the second step", "sha256")
