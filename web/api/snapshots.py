"""Snapshots: what was computed at each look, and its reports in every format."""

from flask import Response

from experiments import reporting
from experiments.errors import NotFound
from experiments.registry import experiments, snapshots
from experiments.reports import FORMATS, MEDIA_TYPES
from experiments.snapshot import Snapshot
from web.api import types
from web.api.blueprint import operation
from web.api.problems import ApiProblem
from web.stores import stores

ALL = "/experiments/<key>/snapshots"
NUMBER = "<int(min=1, max=2147483647):number>"


@operation("GET", ALL, answer=types.Looks)
def list_snapshots(key: str) -> types.Looks:
    """List the snapshots of one experiment, newest first, without their numbers."""
    experiments.get(stores().db, key)
    return types.Looks(items=[types.look(s) for s in snapshots.summaries(stores().db, key)])


@operation("GET", f"{ALL}/latest", answer=Snapshot)
def get_latest_snapshot(key: str) -> Snapshot:
    """Read the newest snapshot; 404 before the first."""
    experiments.get(stores().db, key)
    found = snapshots.latest(stores().db, key)
    if found is None:
        raise NotFound(f"'{key}' has no snapshot yet: the first is made once its first day has closed.")
    return found


@operation("GET", f"{ALL}/{NUMBER}", answer=Snapshot)
def get_snapshot(key: str, number: int) -> Snapshot:
    """Read one snapshot as it was stored."""
    return snapshots.get(stores().db, key, number)


@operation("GET", f"{ALL}/{NUMBER}/report.<format>", media=tuple(MEDIA_TYPES.values()))
def get_report(key: str, number: int, format: str) -> Response:
    """Read the report of one snapshot in one of the formats.

    The same snapshot gives the same bytes, as long as nobody decides and no day after launch is looked at.
    """
    if format not in FORMATS:
        raise ApiProblem(404, f"'{format}' is no format; choose one of {', '.join(FORMATS)}.")
    made = reporting.report(stores().db, key, number)
    headers = {"Content-Disposition": f'attachment; filename="{made.file_stem}.{format}"'}
    return Response(FORMATS[format](made), headers=headers, content_type=MEDIA_TYPES[format])
