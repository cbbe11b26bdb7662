"""Forgets one unit: its rows go from the inbox, the raw tables and the daily totals, and a receipt says so.

The receipt holds no id, only a hash of it with this installation's secret, so that who asks again can be answered.
Snapshots hold sums of many units and stay as they were; later ones say how many units were forgotten.
"""

import hashlib
import hmac
from dataclasses import dataclass

from experiments.inbox import Inbox, erasing
from experiments.loading import load
from experiments.numbers import count
from experiments.registry import Database, forgotten, log
from experiments.registry.keys import ENVIRONMENTS
from experiments.registry.leases import lease
from experiments.settings import Settings
from experiments.snapshot import Check, Snapshot
from experiments.warehouse import Warehouse, warehouse
from experiments.warehouse.tables import TABLES


@dataclass(frozen=True)
class Receipt:
    """What was removed, by table, and from which experiments; `unit_hash` stands for the unit."""

    number: int
    unit_hash: str
    rows: dict[str, int]
    experiments: tuple[str, ...]

    @property
    def text(self) -> str:
        """The receipt in words."""
        removed = ", ".join(f"{count(n)} from {table}" for table, n in self.rows.items() if n) or "nothing was stored"
        return f"Receipt {self.number}: unit {self.unit_hash} is forgotten ({removed})."


def forget(settings: Settings, unit: str, by: str) -> Receipt:
    """Remove every row of a unit, of all environments, for good; run again after a crash it goes on.

    What waits in the inbox is loaded first, so that no row is on its way. Conflict while another process writes.
    """
    db, name = Database(settings.registry), settings.privacy.unit(unit)
    load(settings)
    with lease(db, "lake"):
        lake = warehouse(settings)
        keys = tuple(sorted({key for e in ENVIRONMENTS for key in met(lake, e, name)}))
        number = forgotten.begin(db, _hash(settings, unit), keys, by)
        rows = {table: sum(lake.erase(e, table, name) for e in ENVIRONMENTS) for table in TABLES}
        for _ in range(2):  # the second deletes the files that the first replaced
            lake.publish()
    rows |= erasing.erase(Inbox(settings.inbox), {unit, name})
    receipt = Receipt(number, _hash(settings, unit), rows, keys)
    forgotten.finish(db, number, receipt.rows)
    with db.begin() as session:
        log.add(session, who=by, kind="forget", text=receipt.text)
    return receipt


def met(lake: Warehouse, environment: str, unit: str) -> set[str]:
    """Return the keys of the experiments that this unit met."""
    found: set[str] = set()
    for table in ("exposures", "exposure_days"):
        rows = lake.table(environment, table, lake.days(environment, table))
        own = rows.filter(rows.unit == unit).select("experiment").distinct()
        found |= set(own.to_pyarrow()["experiment"].to_pylist())
    return found


def marked(db: Database, snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with a check that says how many of its units were forgotten, if any were."""
    units = forgotten.units_of(db, snapshot.experiment)
    if not units:
        return snapshot
    detail = f"{count(units)} who met this experiment asked to be forgotten. Earlier snapshots may still count them."
    check = Check(
        key="forgotten", title="Units forgotten", state="good", value=count(units), detail=detail,
        threshold="Never invalidates: who asks does not depend on the variant.", since=snapshot.cutoff,
    )  # fmt: skip
    return snapshot.model_copy(update={"checks": (*snapshot.checks, check)})


def _hash(settings: Settings, unit: str) -> str:
    text = f"forgotten\n{unit}".encode("utf-8", "surrogatepass")
    return hmac.new(settings.secret, text, hashlib.sha256).hexdigest()[:32]
