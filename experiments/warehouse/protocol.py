"""What every warehouse can do: the few methods that loading, roll-up and analysis use."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol

import ibis.expr.types as ir
import pyarrow as pa


class Warehouse(Protocol):
    """Raw exposures and events by day, and their roll-ups, of each environment.

    An object sees one state: the one that was published when it was made, and what it wrote itself since. Writers
    hold the lease "lake" (registry/leases.py), whatever the engine.
    """

    def append(self, environment: str, table: str, day: date, name: str, rows: pa.Table) -> None:
        """Add raw rows of one day under `name`; the same name again replaces what was there."""

    def replace(self, environment: str, table: str, day: date, fingerprint: str, rows: ir.Table) -> None:
        """Put a roll-up of one day in place of the former one, with the fingerprint of what it was made from.

        It may still be on its way to the disk when this returns; whoever reads its table next waits for it.
        """

    def settle(self) -> None:
        """Wait until nothing is on its way to the disk any more; raise what writing it raised."""

    def close(self, environment: str, day: date) -> None:
        """Say that everything up to this day is rolled up; an earlier day than before changes nothing."""

    def publish(self) -> None:
        """Make all that was written visible at once. Conflict if another process published since this was made."""

    def days(self, environment: str, table: str) -> list[date]:
        """Days that have rows of this table, in order."""

    def sources(self, environment: str, table: str, day: date) -> list[str]:
        """Texts that change whenever the day's rows do."""

    def rolled(self, environment: str, table: str, day: date) -> str | None:
        """The fingerprint under which the roll-up of this day was made, if it was; of dropped raw rows, theirs."""

    def outdate(self, environment: str, first: date, last: date) -> None:
        """Drop the fingerprints of these days' roll-ups, so that they are made again."""

    def drop(self, environment: str, table: str, day: date, digest: str) -> None:
        """Remove the raw rows of a day for good; `rolled` says from then on what they were."""

    def erase(self, environment: str, table: str, unit: str) -> int:
        """Remove every row of a unit from a table; return how many. After two calls of `publish` no file holds one."""

    def closed_through(self, environment: str) -> date | None:
        """The last day up to which everything is rolled up."""

    def keep(self, rows: ir.Table) -> ir.Table:
        """The rows as a temporary table, worked out once and gone with the connection."""

    def let_go(self, kept: ir.Table) -> None:
        """Drop a temporary table that `keep` made."""

    def table(
        self, environment: str, table: str, days: Iterable[date], experiments: Iterable[str] | None = None
    ) -> ir.Table:
        """The rows of these days, with the columns of TABLES, whatever days of the same table are opened later.

        With `experiments` rows of others may be left out, where that spares reading them.
        """
