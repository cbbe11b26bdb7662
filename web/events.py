"""The live event view: what arrives now, what is rejected and why."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from experiments.inbox import live
from experiments.registry import overview
from web.stores import stores

blueprint = Blueprint("events", __name__)
COUNTED = timedelta(minutes=5)
EXPLAINED = timedelta(hours=1)
SHOWN = 100
EVERY = 5  # seconds between two looks while watching


@blueprint.get("/events")
def listing() -> Response:
    """Show the newest events; with ?watch=1 the browser asks again every few seconds, without any script."""
    now = datetime.now(UTC)
    inbox, chosen = stores().inbox, _chosen()
    answer = make_response(
        render_template(
            "events/listing.html", arrived=live.recent(inbox, limit=SHOWN, **chosen), chosen=chosen,
            tally=live.tally(inbox, now - COUNTED), reasons=live.reasons(inbox, now - EXPLAINED), now=now,
            watching=request.args.get("watch") == "1", example=_example(),
        )
    )  # fmt: skip
    if request.args.get("watch") == "1":
        answer.headers["Refresh"] = str(EVERY)
    return answer


def _chosen() -> dict[str, str]:
    allowed = {"kind": {"exposure", "event"}, "result": {"counted", "rejected"}}
    chosen = {name: request.args.get(name, "") for name in allowed}
    kept = {name: value if value in allowed[name] else "" for name, value in chosen.items()}
    return {"text": request.args.get("text", "").strip()[:200], **kept}


def _example() -> str:
    """The key of an experiment to try, for the snippet."""
    return next((c.experiment for c in overview.page(stores().db, {}, limit=1)), "my-first-experiment")
