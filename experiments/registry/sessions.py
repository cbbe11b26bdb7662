"""Browsers in which somebody is signed in: each is a row, so that it can be listed, and ended from anywhere."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select

from experiments.errors import NotFound
from experiments.registry import log
from experiments.registry.database import Database
from experiments.registry.models import SessionRow, UserRow
from experiments.registry.users import User, user

IDLE, LONGEST = timedelta(hours=12), timedelta(days=7)
SEEN = timedelta(minutes=5)  # last use is noted no finer than this, so that reading costs no writing

BROWSERS = (  # the first that a browser names; most name others, too
    ("Firefox/", "Firefox"), ("Edg/", "Edge"), ("OPR/", "Opera"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip

_SIGNED_IN = (  # asked by every page, and made once: to build a statement takes longer than to run it
    select(
        SessionRow.id.label("session"), SessionRow.made_at, SessionRow.seen_at, SessionRow.origin, SessionRow.browser
    )
    .add_columns(*UserRow.__table__.c)
    .join(UserRow, UserRow.id == SessionRow.user_id)
    .where(SessionRow.seen_at > bindparam("seen"), SessionRow.made_at > bindparam("made"), UserRow.off_at.is_(None))
    .where(SessionRow.token_hash == bindparam("token_hash"))
)


@dataclass(frozen=True)
class Session:
    """One browser of a person: since when, last seen, from where; `id` is for lists, it signs nobody in."""

    id: int
    made_at: datetime
    seen_at: datetime
    origin: str
    browser: str

    @property
    def device(self) -> str:
        """The browser in people's words, such as "Firefox on Windows", as far as it says what it is."""
        names = [next((word for part, word in known if part in self.browser), "") for known in (BROWSERS, SYSTEMS)]
        return " on ".join(filter(None, names)) or self.browser[:60] or "Not stated"


def start(db: Database, person: User, browser: str, now: datetime, how: str = "password") -> str:
    """Sign a person in; return the token that the browser keeps."""
    token = secrets.token_urlsafe(32)
    with db.begin() as session:
        session.execute(delete(SessionRow).where(SessionRow.user_id == person.id, SessionRow.seen_at < now - IDLE))
        session.add(
            SessionRow(
                token_hash=_hash(token), user_id=person.id, made_at=now, seen_at=now, origin=log.origin(),
                browser=browser[:200],
            )
        )  # fmt: skip
        facts = {"browser": browser[:200]}
        log.add(session, who=person.email, kind="sign-in", text=f"Signed in by {how}.", after=facts)
    return token


def find(db: Database, token: str, now: datetime) -> tuple[User, Session] | None:
    """Return who is signed in with this token: nobody once it is idle or old, ended, or the account is off."""
    asked = {"token_hash": _hash(token), "seen": now - IDLE, "made": now - LONGEST}
    row = next(iter(db.rows(_SIGNED_IN, asked)), None)
    if row is None:
        return None
    if now - row.seen_at > SEEN:
        with db.begin() as session:
            seen = session.get(SessionRow, row.session)
            if seen is not None:
                seen.seen_at = now
    return user(row), Session(row.session, row.made_at, row.seen_at, row.origin, row.browser)


def listing(db: Database, user_id: int, now: datetime) -> list[Session]:
    """Return the browsers in which a person is signed in, last used first."""
    alive = (SessionRow.seen_at > now - IDLE, SessionRow.made_at > now - LONGEST)
    query = select(SessionRow).where(SessionRow.user_id == user_id, *alive).order_by(SessionRow.seen_at.desc())
    with db.read() as session:
        return [_session(row) for row in session.scalars(query)]


def end(db: Database, person: User, *, id: int | None = None, but: int | None = None) -> None:
    """End one of a person's sessions, or all, or all `but` one."""
    chosen = SessionRow.user_id == person.id
    chosen = chosen & (SessionRow.id == id) if id is not None else chosen
    chosen = chosen & (SessionRow.id != but) if but is not None else chosen
    with db.begin() as session:
        found = session.scalars(select(SessionRow).where(chosen))
        gone = [{"session": row.id, "browser": row.browser} for row in found]
        if id is not None and not gone:
            raise NotFound("this browser is not signed in any more, or is not yours; reload the page.")
        session.execute(delete(SessionRow).where(chosen))
        which = "here" if id is not None else "everywhere else" if but is not None else "everywhere"
        log.add(session, who=person.email, kind="sign-out", text=f"Signed out {which}.", before={"sessions": gone})


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _session(row: SessionRow) -> Session:
    return Session(row.id, row.made_at, row.seen_at, row.origin, row.browser)
