"""Back-up and restore of one installation on SQLite and the lake: one file, consistent while everything runs.

The lease of the lake is held meanwhile, so that nothing moves from the inbox into the lake; the collector goes on.
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
from pathlib import Path
from typing import BinaryIO

from experiments.errors import Conflict, Distrusted, NotFound, Refused
from experiments.inbox import Inbox
from experiments.registry import Database
from experiments.registry.leases import lease
from experiments.settings import Settings

LIST = "keepers-backup.json"
SECRETS = ("secret", "unit-salt")


def backup(settings: Settings, file: Path) -> int:
    """Write everything that this installation keeps into a file that only its owner may read; return its bytes.

    Refused where a database or the warehouse is PostgreSQL; Conflict while another process writes to the lake.
    """
    _refuse_servers(settings)
    draft = file.with_name(f".{file.name}.part")
    with tempfile.TemporaryDirectory(dir=settings.home) as folder, lease(Database(settings.registry), "lake"):
        copies = _copied(settings, Path(folder))
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as raw:
            _pack(raw, [*copies, *_of_lake(settings.lake)])
            raw.flush()
            os.fsync(raw.fileno())
    draft.replace(file)
    return file.stat().st_size


def restore(settings: Settings, file: Path) -> datetime:
    """Put a back-up in place in an empty home, and migrate it; return when it was made.

    Conflict if something is there already; Distrusted if the file is not as it was written.
    """
    _refuse_servers(settings)
    if not file.is_file():
        raise NotFound(f"there is no file {file}.")
    places = settings.home / "registry.sqlite", settings.home / "inbox.sqlite", settings.lake
    taken = [p.name for p in places if p.exists()]
    if taken:
        raise Conflict(f"{settings.home} already holds {', '.join(taken)}; restore into an empty KEEPERS_HOME.")
    with tempfile.TemporaryDirectory(dir=settings.home) as folder:
        made = _unpacked(file, Path(folder))
        _place(Path(folder), settings)
    db, inbox = Database(settings.registry), Inbox(settings.inbox)
    db.free_leases()
    db.migrate()
    inbox.migrate()
    return made


def _refuse_servers(settings: Settings) -> None:
    own = {f"sqlite:///{settings.home / name}.sqlite" for name in ("registry", "inbox")}
    elsewhere = [url.split(":")[0] for url in (settings.registry, settings.inbox) if url not in own]
    if elsewhere or settings.warehouse.startswith("postgres"):
        raise Refused(
            "this keeps SQLite databases in KEEPERS_HOME and the lake alone. Dump those of PostgreSQL with pg_dump, "
            "the inbox first; restore them with pg_restore; copy KEEPERS_LAKE and the secret beside them."
        )


def _copied(settings: Settings, folder: Path) -> list[tuple[str, Path]]:
    """Copies of what changes while it is read."""
    for name, database in (("inbox", Inbox(settings.inbox).database), ("registry", Database(settings.registry))):
        database.copy_to(folder / f"{name}.sqlite")
    (folder / "secret").write_bytes(settings.secret)
    if settings.privacy.salt:
        (folder / "unit-salt").write_bytes(settings.privacy.salt)
    return [(p.name, p) for p in sorted(folder.iterdir())]


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
    for name in ("registry.sqlite", "inbox.sqlite", *SECRETS):
        if (folder / name).exists():
            (folder / name).chmod(0o600)
            (folder / name).replace(settings.home / name)
    if (folder / "lake").exists():
        settings.lake.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(folder / "lake", settings.lake)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
