"""Two addresses for whoever runs this: is the process alive, and can it do its work."""

import os
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Blueprint, current_app, jsonify
from werkzeug.wrappers import Response

from experiments.errors import NotReady, Unavailable
from experiments.inbox import live
from experiments.registry import Database, keys
from web.access import open_to_all
from web.stores import stores

blueprint = Blueprint("health", __name__)
LEAST_ROOM = 64 << 20  # bytes


@blueprint.get("/health")
@blueprint.get("/healthz")
@open_to_all
def health() -> Response:
    """Say that the process answers; asks nobody else."""
    return jsonify(status="ok")


@blueprint.get("/ready")
@blueprint.get("/readyz")
@open_to_all
def ready() -> tuple[Response, int]:
    """Say whether the databases can be read and are of the newest version, and the disk takes more; 503 if not."""
    wrong = {name: remedy for name, (check, remedy) in CHECKS.items() if not _passes(check)}
    if wrong:
        return jsonify(status="not ready", failing=sorted(wrong), remedy=" ".join(wrong.values())), 503
    return jsonify(status="ok"), 200


def _passes(check: Callable[[], None]) -> bool:
    """What failed is for the log: this page tells everybody the same few words."""
    try:
        check()
    except Exception:
        current_app.logger.warning("not ready", exc_info=True)
        return False
    return True


def _registry() -> None:
    keys.listing(stores().db)


def _inbox() -> None:
    live.tally(stores().inbox, datetime.now(UTC))


def _migrations() -> None:
    for database in (stores().db, stores().inbox.database):
        _newest(database)


def _newest(database: Database) -> None:
    if not database.migrated():
        raise NotReady(f"the {database.branch} has tables of another version")


def _disk() -> None:
    home = stores().settings.home
    room = os.statvfs(home)
    if not os.access(home, os.W_OK) or room.f_bavail * room.f_frsize < LEAST_ROOM:
        raise Unavailable(f"{home} takes no more files")


CHECKS: dict[str, tuple[Callable[[], None], str]] = {
    "registry": (_registry, "Start the registry's database, or run 'keepers init'."),
    "inbox": (_inbox, "Start the inbox's database, or run 'keepers init'."),
    "migrations": (_migrations, "Run 'keepers init' with this version of Keepers."),
    "disk": (_disk, "Make room on the disk of KEEPERS_HOME, or let the server write there."),
}
