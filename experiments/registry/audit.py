"""The whole log for auditors: searched, and held against its own seals."""

from dataclasses import dataclass

from sqlalchemy import Select, func, select

from experiments.registry.database import Database
from experiments.registry.log import Entry, entry, seal
from experiments.registry.models import LogHeadRow, LogRow

START = "0" * 64


@dataclass(frozen=True)
class Checked:
    """What a walk along the chain found: how many rows, the hash of the last, and a sentence for each fault."""

    rows: int
    head: str
    faults: tuple[str, ...]


def entries(
    db: Database, *, experiment: str = "", who: str = "", before: int | None = None, limit: int | None = None
) -> list[Entry]:
    """Return entries, newest first: of one experiment, of one person, with numbers below `before`; all by default."""
    query: Select[LogRow] = select(LogRow).order_by(LogRow.number.desc()).limit(limit)
    query = query.where(LogRow.experiment == experiment) if experiment else query
    query = query.where(func.lower(LogRow.who) == who.lower()) if who else query
    query = query.where(LogRow.number < before) if before else query
    with db.read() as session:
        return [entry(row) for row in session.scalars(query)]


def verify(db: Database, noted: tuple[int, str] | None = None) -> Checked:
    """Walk the chain and name every row that was edited, removed or put elsewhere.

    `noted` is a number and a hash that were written down elsewhere before. Without it, somebody who may write to
    the database and seals every row anew, head included, cannot be found; with it they are.
    """
    faults: list[str] = []
    number, former, hashes = 0, START, {}
    with db.read() as session:
        for row in session.scalars(select(LogRow).order_by(LogRow.number).execution_options(yield_per=1000)):
            faults += _faults(entry(row), number, former)
            number, former = row.number, row.hash
            if noted and row.number == noted[0]:
                hashes[row.number] = row.hash
        head = session.execute(select(LogHeadRow.rows, LogHeadRow.hash)).one_or_none()
    faults += _end(number, former, (head[0], head[1]) if head else None)
    if noted and hashes.get(noted[0]) != noted[1]:
        faults.append(f"row {noted[0]} is not the one that was noted: everything up to it may have been written anew")
    return Checked(number, former, tuple(faults))


def _faults(row: Entry, number: int, former: str) -> list[str]:
    """What is wrong with one row that follows row `number` with the hash `former`."""
    found = []
    if row.number > number + 1:
        found.append(f"{_rows(number + 1, row.number - 1)} removed before row {row.number}")
    elif row.former != former:
        found.append(f"row {row.number} does not follow row {number}: one of them was put in, or put elsewhere")
    if seal(row) != row.hash:
        found.append(f"row {row.number} was edited: its content and its hash disagree")
    return found


def _end(number: int, last: str, head: tuple[int, str] | None) -> list[str]:
    """What is wrong at the end, which only the head can tell."""
    if head is None:
        return ["the head of the log is gone, so rows removed from its end cannot be noticed"]
    if head[0] > number:
        return [f"{_rows(number + 1, head[0])} removed from the end"]
    if head != (number, last):
        return [f"the head says row {head[0]} with another hash: row {number} was put in, or sealed anew"]
    return []


def _rows(first: int, last: int) -> str:
    return f"row {first} was" if first == last else f"rows {first} to {last} were"
