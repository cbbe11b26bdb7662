"""Choices of the installation that are made once."""

from experiments.errors import Conflict
from experiments.registry.database import Database
from experiments.registry.models import SettingRow


def time_zone(db: Database) -> str:
    """Return the reporting time zone; UTC until one was fixed."""
    with db.read() as session:
        row = session.get(SettingRow, "time_zone")
    return row.value if row else "UTC"


def fix_time_zone(db: Database, wanted: str) -> None:
    """Fix the reporting time zone at the first load; Conflict if a different one was fixed before."""
    with db.begin() as session:
        row = session.get(SettingRow, "time_zone")
        if row is None:
            session.add(SettingRow(key="time_zone", value=wanted))
        elif row.value != wanted:
            raise Conflict(
                f"days of this installation begin in {row.value}, and KEEPERS_TIME_ZONE says {wanted}. "
                "It cannot change once data is loaded, as every day would mean another; set it back."
            )
