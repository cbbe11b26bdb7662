"""Two addresses for whoever runs this: is the process alive, and can it do its work."""

from datetime import UTC, datetime

from flask import Blueprint, jsonify
from werkzeug.wrappers import Response

from experiments.inbox import live
from experiments.registry import keys
from web.access import open_to_all
from web.stores import stores

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
@open_to_all
def health() -> Response:
    """Say that the process answers; asks nobody else."""
    return jsonify(status="ok")


@blueprint.get("/ready")
@open_to_all
def ready() -> tuple[Response, int]:
    """Say whether registry and inbox can be read; 503 while they cannot."""
    try:
        keys.listing(stores().db)
        live.tally(stores().inbox, datetime.now(UTC))
    except Exception as error:  # whatever the database raises: this page's answer is the same
        remedy = "Run 'keepers init'; check that the databases can be reached."
        return jsonify(status="not ready", reason=type(error).__name__, remedy=remedy), 503
    return jsonify(status="ok"), 200
