"""Choices of the installation that are made once."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from experiments.errors import Conflict
from experiments.plan import hash_of_phases
from experiments.registry import log
from experiments.registry.database import Database, Session
from experiments.registry.models import ExperimentRow, SettingRow

_TIME_ZONE = select(SettingRow.value).where(SettingRow.key == "time_zone")


def today(db: Database) -> date:
    """Return the day that it is in the reporting time zone."""
    return datetime.now(ZoneInfo(time_zone(db))).date()


def time_zone(db: Database) -> str:
    """Return the reporting time zone; UTC until one was fixed."""
    return next((row.value for row in db.rows(_TIME_ZONE)), "") or "UTC"


def propose_time_zone(db: Database, wanted: str) -> None:
    """Note the reporting time zone that launches go by; it may change until the first load fixes it."""
    with db.begin() as session:
        row = session.get(SettingRow, "time_zone")
        if session.get(SettingRow, "time_zone_fixed") is None and (row is None or row.value != wanted):
            before = {"time_zone": row.value} if row else None
            session.merge(SettingRow(key="time_zone", value=wanted))
            _log(session, f"The reporting time zone is {wanted}.", before, {"time_zone": wanted})


def fix_time_zone(db: Database, wanted: str) -> None:
    """Fix the reporting time zone at the first load; Conflict if a different one was fixed before."""
    propose_time_zone(db, wanted)
    if time_zone(db) != wanted:
        raise Conflict(
            f"days of this installation begin in {time_zone(db)}, and KEEPERS_TIME_ZONE says {wanted}. "
            "It cannot change once data is loaded, as every day would mean another; set it back."
        )
    with db.begin() as session:
        if session.get(SettingRow, "time_zone_fixed") is None:
            session.add(SettingRow(key="time_zone_fixed", value="yes"))
            _redate(session, wanted)
            _log(session, f"The reporting time zone is fixed: {wanted}.", None, {"time_zone_fixed": wanted})


def _log(session: Session, text: str, before: dict[str, str] | None, after: dict[str, str]) -> None:
    log.add(session, who="Keepers", kind="setting", text=text, before=before, after=after)


def _redate(session: Session, zone: str) -> None:
    """What was launched before the zone was fixed began on the day that it was there, and so did its phases."""
    for row in session.scalars(select(ExperimentRow).where(ExperimentRow.launched_at.is_not(None))):
        row.launched = row.launched_at.astimezone(ZoneInfo(zone)).date() if row.launched_at else None
        if row.earlier:
            held = row.earlier_hash == hash_of_phases(row.earlier)  # what was changed by hand is not made good by this
            row.earlier = [{**each, "ended": _day(each["ended_at"], zone)} for each in row.earlier]
            row.earlier_hash = hash_of_phases(row.earlier) if held else row.earlier_hash


def _day(at: str, zone: str) -> str:
    return datetime.fromisoformat(at).astimezone(ZoneInfo(zone)).date().isoformat()
