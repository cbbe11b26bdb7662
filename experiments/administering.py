"""What an administrator does from a shell: accounts, keys, approvals and the audit log."""

import argparse
import csv
import getpass
import io
import json
import os
from collections.abc import Callable, Sequence

from experiments import approving
from experiments.errors import DefinitionError, Distrusted, NotFound
from experiments.registry import Database, audit, keys, users
from experiments.registry.log import Entry
from experiments.settings import Settings

COLUMNS = ("number", "at", "who", "origin", "kind", "experiment", "text", "before", "after", "former", "hash")


def add_user(options: argparse.Namespace, settings: Settings) -> None:
    """Add an account; the password is asked for, or read from KEEPERS_PASSWORD."""
    password = os.environ.get("KEEPERS_PASSWORD") or getpass.getpass("Password: ")
    user = users.add(
        Database(settings.registry), email=options.email, name=options.name, password=password, role=options.role,
        by=me(),
    )  # fmt: skip
    print(f"{user.email} may sign in as {user.role}.")


def forget_unit(options: argparse.Namespace, settings: Settings) -> None:
    """Remove every row of one unit from inbox, warehouse and daily totals, and give a receipt."""
    from experiments.forgetting import forget

    print(forget(settings, options.unit, me()).text)


def reset_user(options: argparse.Namespace, settings: Settings) -> None:
    """Give an account a new password, asked for or read from KEEPERS_PASSWORD; its second step is taken away."""
    db = Database(settings.registry)
    found = {u.email: u for u in users.everyone(db, off=True)}
    if options.email.lower() not in found:
        raise NotFound.of("account", options.email, found)
    password = os.environ.get("KEEPERS_PASSWORD") or getpass.getpass("Password: ")
    users.set_password(db, found[options.email.lower()].id, password, by=me(), reset=True)
    print(f"{options.email} has a new password, no second step, and is signed out everywhere.")


def make_backup(options: argparse.Namespace, settings: Settings) -> None:
    """Write registry, inbox, lake and secrets into one file, while everything runs."""
    from experiments.backup import backup

    size = backup(settings, options.file)
    print(f"{options.file}: {size:,} bytes. It holds the secrets of this installation: keep it as carefully.")


def restore_backup(options: argparse.Namespace, settings: Settings) -> None:
    """Put a back-up in place, in an empty KEEPERS_HOME."""
    from experiments.backup import restore

    made = restore(settings, options.file)
    print(f"Restored in {settings.home} as of {made:%Y-%m-%d %H:%M} UTC. Now: keepers audit verify")


def create_key(options: argparse.Namespace, settings: Settings) -> None:
    """Make an API key and print its token, once."""
    key, token = keys.create(
        Database(settings.registry), name=options.name, environment=options.environment, role=options.role, by=me()
    )
    print(f"Key '{key.name}', {key.kind}, for {key.environment}. It is shown once, keep it now:\n{token}")


def rotate_key(options: argparse.Namespace, settings: Settings) -> None:
    """Make a new token for a key, print it once, and let the old one work for some hours more."""
    key, token = keys.rotate(Database(settings.registry), options.number, hours=options.hours, by=me())
    print(f"Key '{key.name}', {key.kind}; the old one works {options.hours} hours more. Keep the new one now:\n{token}")


def list_keys(options: argparse.Namespace, settings: Settings) -> None:
    """List API keys with their number, kind and last use."""
    for key in keys.listing(Database(settings.registry)):
        used = f"last used {key.used_at:%Y-%m-%d %H:%M}" if key.used_at else "never used"
        state = "revoked" if key.revoked_at else f"until {key.expires_at:%Y-%m-%d %H:%M}" if key.expires_at else "works"
        print(f"{key.id}  {key.prefix}…  {key.name}  {key.kind}  {key.environment}  {used}  {state}")


def approve(options: argparse.Namespace, settings: Settings) -> None:
    """Approve a draft as a second person: whoever changed its plan may not."""
    found = approving.approve(Database(settings.registry), options.key, me(), note=options.note)
    print(f"Plan {found.plan_hash[:12]} of '{options.key}' is approved. A change of the plan voids that.")


def verify_audit(options: argparse.Namespace, settings: Settings) -> None:
    """Walk the audit log and name every row that was edited, removed or put elsewhere."""
    found = audit.verify(Database(settings.registry), _noted(options.noted))
    if found.faults:
        raise Distrusted("\n".join([*found.faults, "The log is not what was written: keep a copy, and find out who."]))
    print(f"{found.rows} rows, each sealed by the next. Note this elsewhere, and check with --noted later:")
    print(f"{found.rows}:{found.head}")


def export_audit(options: argparse.Namespace, settings: Settings) -> None:
    """Print the audit log as CSV or JSON, oldest first."""
    rows = audit.entries(Database(settings.registry), experiment=options.experiment, who=options.who)
    print(EXPORTS[options.format](rows[::-1]), end="")


def as_json(rows: Sequence[Entry]) -> str:
    """Return entries as JSON; `before` and `after` stay the texts that were sealed."""
    return json.dumps([{**vars(row), "at": _at(row)} for row in rows], indent=1, ensure_ascii=False) + "\n"


def as_csv(rows: Sequence[Entry]) -> str:
    """Return entries as CSV; a text that a spreadsheet would take for a formula gets an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_cell({**vars(row), "at": _at(row)}[name]) for name in COLUMNS])
    return out.getvalue()


EXPORTS: dict[str, Callable[[Sequence[Entry]], str]] = {"csv": as_csv, "json": as_json}


def me() -> str:
    """Who changes something from the shell: the person's account on this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "command line"


def _at(row: Entry) -> str:
    return row.at.isoformat(timespec="microseconds")


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else value


def _noted(text: str) -> tuple[int, str] | None:
    number, _, seal = text.partition(":")
    if text and not (number.isdecimal() and len(seal) == 64):
        raise DefinitionError(f"--noted is '{text}'; give what an earlier 'keepers audit verify' printed: NUMBER:HASH.")
    return (int(number), seal) if text else None
