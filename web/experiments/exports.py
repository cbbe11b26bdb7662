"""Reports to take away: one snapshot as a file."""

from flask import Response, abort, request

from experiments.errors import NotReady
from experiments.registry import experiments, snapshots
from experiments.reports import FORMATS, MEDIA_TYPES, Report
from web.experiments.blueprint import blueprint
from web.stores import stores


@blueprint.get("/experiments/<key>/report.<kind>")
def report(key: str, kind: str) -> Response:
    """Hand out the newest snapshot, or ?snapshot=N, in one of the formats."""
    if kind not in FORMATS:
        abort(404)
    number = request.args.get("snapshot", type=int)
    db = stores().db
    experiment = experiments.get(db, key)
    snapshot = snapshots.get(db, key, number) if number else snapshots.latest(db, key)
    if snapshot is None:
        raise NotReady(f"'{key}' has no snapshot yet: the first is made once its first day has closed.")
    made = Report(experiment, snapshot, lambda: snapshots.before(db, snapshot))
    media = MEDIA_TYPES[kind]
    charset = "; charset=utf-8" if media.startswith("text/") else ""
    answer = Response(FORMATS[kind](made), content_type=f"{media}{charset}")
    answer.headers["Content-Disposition"] = f'attachment; filename="{made.file_stem}.{kind}"'
    return answer
