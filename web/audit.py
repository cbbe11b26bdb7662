"""The audit log for administrators: read, filtered, taken away; and where each request's changes come from."""

from contextlib import ExitStack

from flask import Blueprint, Flask, Response, abort, g, render_template, request

from experiments.administering import EXPORTS
from experiments.registry import audit, log
from web.access import needs
from web.stores import stores

blueprint = Blueprint("audit", __name__, url_prefix="/audit")
MEDIA = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
SHOWN = 50


def init(app: Flask) -> None:
    """Let every entry that a request writes say from which address it came."""
    app.before_request(_arrive)
    app.teardown_request(_leave)


@blueprint.get("")
@needs("administrator")
def listing() -> str:
    """Show a page of the log, newest first, and whether the whole of it is what was written if ?verify=yes."""
    chosen, before = _chosen(), request.args.get("before", type=int)
    about = {"experiment": chosen["experiment"], "who": chosen["who"]}
    found = audit.entries(stores().db, **about, before=before, limit=SHOWN + 1)
    following = found[SHOWN - 1].number if len(found) > SHOWN else None
    checked = audit.verify(stores().db) if request.args.get("verify") == "yes" else None
    return render_template(
        "audit/listing.html", entries=found[:SHOWN], chosen=chosen, following=following, checked=checked, before=before
    )


@blueprint.get("/export.<kind>")
@needs("administrator")
def export(kind: str) -> Response:
    """Hand out the log, or the chosen part of it, oldest first."""
    if kind not in EXPORTS:
        abort(404)
    chosen = _chosen()
    rows = audit.entries(stores().db, experiment=chosen["experiment"], who=chosen["who"])[::-1]
    answer = Response(EXPORTS[kind](rows), content_type=MEDIA[kind])
    answer.headers["Content-Disposition"] = f'attachment; filename="audit.{kind}"'
    return answer


def _chosen() -> dict[str, str]:
    return {name: request.args.get(name, "").strip()[:254] for name in ("experiment", "who")}


def _arrive() -> None:
    stack = ExitStack()
    stack.enter_context(log.from_where(request.remote_addr or "unknown"))
    g.origin = stack


def _leave(error: BaseException | None) -> None:
    stack: ExitStack | None = g.pop("origin", None)
    if stack is not None:
        stack.close()
