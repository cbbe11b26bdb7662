"""The metric catalogue, to read."""

from flask import Blueprint, render_template

from experiments.registry import metrics
from web.stores import stores

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def listing() -> str:
    """List metrics with what they count, and measures."""
    return render_template("metrics/listing.html", catalog=metrics.catalog(stores().db))
