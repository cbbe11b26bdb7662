"""Looks after launch: those who have what was kept beside those held back. One a day and phase, never changed."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from experiments.registry import log
from experiments.registry.database import Database
from experiments.registry.models import RegistryBase
from experiments.registry.snapshots import trusted
from experiments.snapshot import Snapshot

WORDS = ("held up", "fell short", "not known yet")


class FollowUpRow(RegistryBase):
    """One look after launch; `word` says how what was predicted stands."""

    __tablename__ = "followups"
    __table_args__ = (UniqueConstraint("experiment", "phase", "cutoff"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    experiment: Mapped[str] = mapped_column(ForeignKey("experiments.key"))
    phase: Mapped[int]
    cutoff: Mapped[date]
    computed_at: Mapped[datetime]
    word: Mapped[str] = mapped_column(String(20))
    hash: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text)


def append(db: Database, snapshot: Snapshot, word: str) -> None:
    """Store one look. What it changes of the word is logged in the same transaction."""
    row = FollowUpRow(
        experiment=snapshot.experiment, phase=snapshot.frozen.phase, cutoff=snapshot.cutoff, word=word,
        computed_at=snapshot.computed_at, hash=snapshot.hash, body=snapshot.model_dump_json(by_alias=True),
    )  # fmt: skip
    with db.begin() as session:
        newest = select(FollowUpRow.word).where(FollowUpRow.experiment == snapshot.experiment)
        before = session.scalar(newest.order_by(FollowUpRow.id.desc()).limit(1))
        session.add(row)
        if word != (before or WORDS[-1]):
            text = f"Since launch, what was predicted {word if word != WORDS[-1] else 'is not known yet'}."
            log.add(session, who="Keepers", kind="followup", experiment=snapshot.experiment, text=text)


def history(db: Database, key: str, phase: int) -> list[Snapshot]:
    """Return the looks of one phase after launch, by cutoff; Distrusted if one is not what was stored."""
    mine = FollowUpRow.experiment == key, FollowUpRow.phase == phase
    with db.read() as session:
        return [_trusted(row) for row in session.scalars(select(FollowUpRow).where(*mine).order_by(FollowUpRow.cutoff))]


def latest(db: Database, key: str) -> Snapshot | None:
    """Return the newest look after launch; None where there is none yet."""
    query = select(FollowUpRow).where(FollowUpRow.experiment == key).order_by(FollowUpRow.id.desc()).limit(1)
    with db.read() as session:
        row = session.scalar(query)
    return _trusted(row) if row else None


def last_cutoff(db: Database, key: str, phase: int) -> date | None:
    """Return the day of the newest look of one phase."""
    mine = FollowUpRow.experiment == key, FollowUpRow.phase == phase
    with db.read() as session:
        return session.scalar(select(func.max(FollowUpRow.cutoff)).where(*mine))


def words(db: Database, keys: Sequence[str]) -> dict[str, str]:
    """Return the newest word of each of these experiments that was looked at after launch."""
    newest = select(func.max(FollowUpRow.id)).where(FollowUpRow.experiment.in_(keys)).group_by(FollowUpRow.experiment)
    query = select(FollowUpRow.experiment, FollowUpRow.word).where(FollowUpRow.id.in_(newest))
    with db.read() as session:
        return {row[0]: row[1] for row in session.execute(query)}


def short(db: Database, keys: Sequence[str]) -> dict[str, datetime]:
    """Return since when each of these fell short of its prediction, and was not seen to hold up at a later look."""
    told = FollowUpRow.experiment.in_(keys), FollowUpRow.word != WORDS[-1]
    query = select(FollowUpRow.experiment, FollowUpRow.word, FollowUpRow.computed_at).where(*told)
    found: dict[str, datetime] = {}
    with db.read() as session:
        for key, word, at in session.execute(query.order_by(FollowUpRow.id)):
            if word == WORDS[0]:
                found.pop(key, None)
            else:
                found.setdefault(key, at)
    return found


def _trusted(row: FollowUpRow) -> Snapshot:
    return trusted(f"the look at '{row.experiment}' of {row.cutoff} after its launch", row.hash, row.body)
