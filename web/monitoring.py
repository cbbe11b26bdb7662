"""Measurements for Prometheus under /-/metrics (pages have /metrics): for this machine, or with a key of the REST API.

Under gunicorn the workers share their counts through files of a folder that `web.workers` makes.
"""

import os
import time
from datetime import UTC, datetime

from flask import Blueprint, Flask, Response, abort, g, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from experiments.errors import Unavailable
from experiments.inbox import loads
from experiments.registry import keys
from web.access import open_to_all
from web.logs import route
from web.stores import stores

blueprint = Blueprint("monitoring", __name__)
LOCAL = ("127.0.0.1", "::1")
METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")
REQUESTS = Counter("keepers_requests", "Requests answered.", ["route", "method", "status"])
SECONDS = Histogram(
    "keepers_request_seconds", "Time to an answer.", ["route"], buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
)
EVENTS = Counter("keepers_events", "Events received: accepted, duplicate, or why they were refused.", ["outcome"])
DROPPED = Counter("keepers_attributes_dropped", "Attributes of exposures that no plan names: not stored.")


def init(app: Flask) -> None:
    """Count every answer."""
    app.after_request(_count)


@blueprint.get("/-/metrics")
@open_to_all
def measurements() -> Response:
    """Hand out all measurements as text."""
    if not _allowed():
        abort(404)
    text = generate_latest(_registry()).decode() + _waiting()
    return Response(text, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _allowed() -> bool:
    """A program on this machine, and no proxy on it that passes on what others ask; or a key of the REST API."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return keys.verify_api(stores().db, token.strip()) is not None
    passed_on = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "Via"))
    return request.remote_addr in LOCAL and not passed_on


def _registry() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library types only a part
    return registry


def _waiting() -> str:
    """How long the oldest event has waited to be loaded; without a line where the inbox does not answer."""
    try:
        oldest = loads.oldest(stores().inbox)
    except Unavailable:
        return ""
    seconds = 0.0 if oldest is None else (datetime.now(UTC) - oldest).total_seconds()
    name = "keepers_inbox_oldest_seconds"
    about = "Age of the oldest event that waits to be loaded."
    return f"# HELP {name} {about}\n# TYPE {name} gauge\n{name} {seconds:.1f}\n"


def _count(response: Response) -> Response:
    method = request.method if request.method in METHODS else "other"
    REQUESTS.labels(route(), method, str(response.status_code)).inc()
    if "began" in g:
        SECONDS.labels(route()).observe(time.perf_counter() - g.began)
    return response
