"""Share links: made and ended by people with an account, opened by anybody who has one. Off unless switched on."""

from datetime import UTC, datetime

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as Answer

from experiments.errors import DefinitionError, NotReady, Refused
from experiments.registry import experiments, pictures, shares, snapshots
from experiments.reports import FORMATS, Report
from web.access import needs, open_to_all
from web.experiments.blueprint import blueprint
from web.security import root
from web.stores import stores

shared = Blueprint("shared", __name__)
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}  # fmt: skip
CHOICES = (1, 7, 14, 30, 90)
OFF = "Links are switched off here. Whoever runs this installation may set KEEPERS_SHARE_LINKS=on. Exports need none."


@blueprint.get("/experiments/<key>/share")
@needs("experimenter")
def share(key: str) -> str:
    """List the links of one experiment, with a form for another."""
    return _page(key)


@blueprint.post("/experiments/<key>/share")
def make_link(key: str) -> tuple[str, int]:
    """Make a link to the newest snapshot and show it this once, so that no address or cookie holds it."""
    if not stores().settings.share_links:
        raise Refused(OFF)
    newest = snapshots.latest(stores().db, key)
    if newest is None:
        raise NotReady(f"'{key}' has no snapshot yet, so there is nothing to share.")
    days = request.form.get("days", type=int)
    if days is None:
        raise DefinitionError("Choose for how long the link shall work.")
    link, token = shares.create(stores().db, key, newest.number, days=days, by=current_user.email)
    return _page(key, root() + url_for("shared.report", token=token), link), 201


@blueprint.post("/experiments/<key>/share/<int:share_id>/end")
def end_link(key: str, share_id: int) -> Answer:
    """End a link at once."""
    shares.revoke(stores().db, key, share_id, by=current_user.email)
    flash("The link has ended. Whoever opens it now finds nothing.")
    return redirect(url_for("experiments.share", key=key), 303)


@shared.get("/shared/<token>")
@open_to_all
def report(token: str) -> Response:
    """Show the one page of the shared snapshot; a link that ended is like one that never was.

    Looks after launch are left out: what was shared does not change from day to day.
    """
    db = stores().db
    link = shares.find(db, token, datetime.now(UTC)) if stores().settings.share_links else None
    if link is None:
        abort(404)
    shown, seen = experiments.get(db, link.experiment), snapshots.get(db, link.experiment, link.snapshot)
    made = Report(shown, seen, pictures=pictures.whole(db, link.experiment))
    return Response(FORMATS["html"](made), content_type="text/html; charset=utf-8", headers=HEADERS)


def _page(key: str, address: str = "", made: shares.Share | None = None) -> str:
    experiment, now = experiments.get(stores().db, key), datetime.now(UTC)
    found = [(link, link.open(now)) for link in shares.listing(stores().db, key)]
    return render_template(
        "experiments/share.html", experiment=experiment, plan=experiment.plan, links=found, address=address, made=made,
        on=stores().settings.share_links, off=OFF, choices=CHOICES, newest=experiment.latest_number,
    )  # fmt: skip
