"""Back-up and restore of one installation: one file, consistent while everything runs.

Registry and inbox are in it as SQLite files, whether they lie in SQLite or on a server, so that it may be restored into
either. The lease of the lake is held meanwhile: nothing moves from the inbox into the lake; the collector goes on.
"""

import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from experiments.errors import Conflict, Distrusted, NotFound
from experiments.inbox import Inbox
from experiments.registry import Database, copying
from experiments.registry.leases import lease
from experiments.settings import Settings

LIST = "keepers-backup.json"
SECRETS = ("secret", "unit-salt")


def backup(settings: Settings, file: Path) -> int:
    """Write everything that this installation keeps into a file that only its owner may read; return its bytes.

    Conflict while another process writes to the lake.
    """
    draft = file.with_name(f".{file.name}.part")
    with tempfile.TemporaryDirectory(dir=settings.home) as folder, lease(Database(settings.registry), "lake"):
        copies = [*_copied(settings, Path(folder)), *_of_warehouse(settings, Path(folder))]
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as raw:
            _pack(raw, copies)
            raw.flush()
            os.fsync(raw.fileno())
    draft.replace(file)
    return file.stat().st_size


def restore(settings: Settings, file: Path) -> datetime:
    """Put a back-up in place where nothing is yet, and migrate it; return when it was made.

    Conflict if something is there already, or if it holds another kind of warehouse; Distrusted if the file is not as
    it was written.
    """
    if not file.is_file():
        raise NotFound(f"there is no file {file}.")
    _refuse_taken(settings)
    with tempfile.TemporaryDirectory(dir=settings.home) as folder:
        made = _unpacked(file, Path(folder))
        _place(Path(folder), settings)
    db, inbox = Database(settings.registry), Inbox(settings.inbox)
    db.free_leases()
    db.migrate()
    inbox.migrate()
    return made


def _databases(settings: Settings) -> dict[str, Database]:
    return {"inbox": Inbox(settings.inbox).database, "registry": Database(settings.registry)}


def _on_server(settings: Settings) -> bool:
    return settings.warehouse.startswith("postgresql")


def _refuse_taken(settings: Settings) -> None:
    taken = [f"the {name}" for name, database in _databases(settings).items() if _holds(database)]
    taken += ["the lake"] if settings.lake.exists() else []
    taken += ["the warehouse"] if _on_server(settings) and not _copying().empty(settings.warehouse) else []
    if taken:
        raise Conflict(f"there already is {', '.join(taken)}; restore into an empty KEEPERS_HOME and empty databases.")


def _holds(database: Database) -> bool:
    """Whether a database was begun; to ask a SQLite file that is not there would make it."""
    path = database.file
    return path.exists() if path else database.exists()


def _copied(settings: Settings, folder: Path) -> list[tuple[str, Path]]:
    """Copies of what changes while it is read."""
    for name, database in _databases(settings).items():
        copying.to_file(database, folder / f"{name}.sqlite")
    (folder / "secret").write_bytes(settings.secret)
    if settings.privacy.salt:
        (folder / "unit-salt").write_bytes(settings.privacy.salt)
    return [(p.name, p) for p in sorted(folder.iterdir())]


def _of_warehouse(settings: Settings, folder: Path) -> list[tuple[str, Path]]:
    if not _on_server(settings):
        return [*_of_lake(settings.lake)]
    return [(f"warehouse/{p.name}", p) for p in _copying().to_files(settings.warehouse, folder / "warehouse")]


def _copying() -> Any:
    """What speaks to a warehouse on a server needs its libraries, which others do without."""
    return import_module("experiments.warehouse.copying")


def _of_lake(lake: Path) -> Iterator[tuple[str, Path]]:
    """The manifest, and the files that it names."""
    manifest = lake / "manifest.json"
    if not manifest.exists():
        return
    yield "lake/manifest.json", manifest
    environments = json.loads(manifest.read_bytes())["files"].values()
    tables = (days for environment in environments for days in environment.values())
    for path in sorted({p for days in tables for paths in days.values() for p in paths}):
        yield f"lake/{path}", lake / path


def _pack(raw: BinaryIO, files: list[tuple[str, Path]]) -> None:
    sums = {}
    with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=1) as tar:
        for name, path in files:
            tar.add(path, name)
            sums[name] = _digest(path)
        listed = json.dumps({"made": datetime.now(UTC).isoformat(), "sha256": sums}).encode()
        head = tarfile.TarInfo(LIST)
        head.size = len(listed)
        tar.addfile(head, io.BytesIO(listed))


def _unpacked(file: Path, folder: Path) -> datetime:
    """Unpack into a folder, where nothing can lead out of it, and hold every file to its digest."""
    try:
        with tarfile.open(file) as tar:
            tar.extractall(folder, filter="data")
        listed = json.loads((folder / LIST).read_bytes())
        wrong = [name for name, digest in listed["sha256"].items() if _digest(folder / name) != digest]
    except (tarfile.TarError, OSError, EOFError, ValueError, KeyError) as error:
        raise Distrusted(f"{file} is no whole back-up ({type(error).__name__}); take another one.") from None
    if wrong:
        raise Distrusted(f"in {file} {wrong[0]} is not what was written; take another back-up.")
    return datetime.fromisoformat(listed["made"])


def _place(folder: Path, settings: Settings) -> None:
    if (folder / "warehouse").exists() != _on_server(settings):
        there = "PostgreSQL" if (folder / "warehouse").exists() else "the lake"
        raise Conflict(f"the back-up's warehouse is {there}; set KEEPERS_WAREHOUSE so, and restore again.")
    for name, database in _databases(settings).items():
        if database.file is None:
            copying.from_file(folder / f"{name}.sqlite", database)
        else:
            _put(folder / f"{name}.sqlite", database.file)
    for name in SECRETS:
        _put(folder / name, settings.home / name)
    if (folder / "warehouse").exists():
        _copying().from_files(settings.warehouse, folder / "warehouse")
    if (folder / "lake").exists():
        settings.lake.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(folder / "lake", settings.lake)


def _put(found: Path, place: Path) -> None:
    if found.exists():
        found.chmod(0o600)
        shutil.move(found, place)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
