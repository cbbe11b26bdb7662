"""Reports to take away: one snapshot as a file."""

from flask import Response, abort, request

from experiments import reporting
from experiments.reports import FORMATS, MEDIA_TYPES
from web.experiments.blueprint import blueprint
from web.stores import stores


@blueprint.get("/experiments/<key>/report.<kind>")
def report(key: str, kind: str) -> Response:
    """Hand out the newest snapshot, or ?snapshot=N, in one of the formats."""
    if kind not in FORMATS:
        abort(404)
    made = reporting.report(stores().db, key, request.args.get("snapshot", type=int))
    media = MEDIA_TYPES[kind]
    charset = "; charset=utf-8" if media.startswith("text/") else ""
    answer = Response(FORMATS[kind](made), content_type=f"{media}{charset}")
    answer.headers["Content-Disposition"] = f'attachment; filename="{made.file_stem}.{kind}"'
    return answer
