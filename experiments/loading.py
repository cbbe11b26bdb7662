"""Loads: inbox → warehouse. Every step can be killed and run again; nothing is lost and nothing doubled."""

from dataclasses import dataclass

from experiments.inbox import Inbox, loads
from experiments.registry import Database, settings_store
from experiments.registry.leases import lease
from experiments.settings import Settings
from experiments.warehouse import warehouse
from experiments.warehouse.incoming import raw_tables


@dataclass(frozen=True)
class Loaded:
    """How much one run moved."""

    rows: int
    files: int


def load(settings: Settings) -> Loaded:
    """Move everything that waits in the inbox to the warehouse; Conflict while another process writes there."""
    db, inbox = Database(settings.registry), Inbox(settings.inbox)
    settings_store.fix_time_zone(db, settings.time_zone)
    rows = files = 0
    with lease(db, "lake"):
        while (planned := loads.plan(inbox)) is not None:
            files += _move(settings, planned)
            loads.finish(inbox, planned)
            rows += len(planned.rows)
    return Loaded(rows, files)


def _move(settings: Settings, planned: loads.Load) -> int:
    """Write and publish the files of one planned load; return how many."""
    lake = warehouse(settings)
    files = 0
    for environment, table, day, rows in raw_tables(planned.rows, settings.time_zone):
        lake.append(environment, table, day, planned.name, rows)
        files += 1
    lake.publish()
    return files
