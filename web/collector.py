"""The collector: SDKs fetch their config here and send their events. Answers are JSON; errors say what to do."""

import hashlib
import time
import zlib
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from flask import Blueprint, current_app, jsonify, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Response

from experiments.errors import Conflict, NotReady
from experiments.inbox import Malformed
from experiments.registry import experiments, keys
from web.access import open_to_all
from web.monitoring import DROPPED, EVENTS
from web.security import csrf
from web.stores import stores

blueprint = Blueprint("collector", __name__, url_prefix="/v1")
csrf.exempt(blueprint)  # machines with a bearer key: no cookie, so nothing to forge

INFLATED = 8 << 20  # bytes
DRAINED, CHUNK = 64 << 20, 1 << 16
KEY_SECONDS = 3.0
KNOWN_SECONDS = 1.0
GZIP = 31  # zlib's number for "gzip header and trailer"
STATUS = {"too_many_events": 413}
CODES = {404: "not_found", 405: "method", 413: "too_large", 429: "too_many_requests"}
V = TypeVar("V")
Answer = tuple[Response, int] | Response


class Problem(Exception):
    """An answer other than 2xx: status, code for programs, message and remedy for people."""

    def __init__(self, status: int, code: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.status, self.code, self.remedy = status, code, remedy


class Kept(Generic[V]):
    """Values kept for some seconds, so that a request in a rush asks no database twice."""

    def __init__(self, seconds: float, most: int = 1000) -> None:
        self._seconds, self._most = seconds, most
        self._values: dict[Any, tuple[float, V]] = {}

    def get(self, key: Any, make: Callable[[], V]) -> V:
        """Return the kept value, or make it anew once it is too old."""
        now = time.monotonic()
        found = self._values.get(key)
        if found and found[0] > now:
            return found[1]
        if len(self._values) >= self._most:
            self._values.clear()
        value = make()
        self._values[key] = (now + self._seconds, value)
        return value


_keys: Kept[keys.Key | None] = Kept(KEY_SECONDS)
_known: Kept[experiments.Known] = Kept(KNOWN_SECONDS)


@blueprint.post("/events")
@open_to_all
def receive() -> Answer:
    """Take a batch in; 202 only after it is durable."""
    key = _key()
    body = _body()
    db, privacy = stores().db, stores().settings.privacy
    known = _known.get((db, key.environment), lambda: experiments.known(db, key.environment, privacy))
    receipt = stores().inbox.accept(body, known)
    EVENTS.labels("accepted").inc(receipt.accepted)
    EVENTS.labels("duplicate").inc(receipt.duplicate)
    for reject in receipt.rejected:
        EVENTS.labels(reject.reason).inc()
    DROPPED.inc(receipt.dropped)
    rejected = [vars(reject) for reject in receipt.rejected]
    return jsonify(accepted=receipt.accepted, duplicate=receipt.duplicate, rejected=rejected), 202


@blueprint.get("/config")
@open_to_all
def config() -> Response:
    """Hand out the config of the key's environment; 304 if the caller has it already."""
    body, etag = experiments.served(stores().db, _key().environment)
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if etag.strip('"') in request.if_none_match:
        return Response(status=304, headers=headers)
    return Response(body, mimetype="application/json", headers=headers)


@blueprint.errorhandler(Problem)
def _problem(error: Problem) -> Answer:
    return _error(error.status, error.code, str(error), error.remedy)


@blueprint.errorhandler(Malformed)
def _malformed(error: Malformed) -> Answer:
    return _error(STATUS.get(error.code, 400), error.code, str(error), error.remedy)


@blueprint.errorhandler(Exception)
def _failed(error: Exception) -> Answer:
    """Whatever was not stored may be sent again: say so, instead of an error that would make a sender give up."""
    if isinstance(error, HTTPException) and (error.code or 500) < 500:
        return refused(error)
    if not isinstance(error, Conflict | NotReady):
        current_app.logger.exception("the collector failed")
    answer, status = _error(503, "unavailable", "The events were not stored.", "Send the same batch again, later.")
    answer.headers["Retry-After"] = "2"
    return answer, status


def asked() -> bool:
    """Whether this request is for the collector, which never answers with a page."""
    return request.path.startswith("/v1/") or request.path == "/v1"


def refused(error: HTTPException) -> Answer:
    """Say in the collector's form what the server as a whole refuses: an address, a method, too many requests."""
    code = error.code or 400
    remedy = "Send it again after Retry-After seconds." if code == 429 else "See docs/events-by-http.md."
    answer, status = _error(code, CODES.get(code, "bad_request"), error.description or error.name, remedy)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            answer.headers[name] = value
    return answer, status


def _error(status: int, code: str, message: str, remedy: str) -> tuple[Response, int]:
    return jsonify(error={"code": code, "message": message, "remedy": remedy}), status


def _key() -> keys.Key:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        remedy = "Send the header 'Authorization: Bearer sdk-...'; an administrator makes keys on the page Keys."
        raise Problem(401, "key_missing", "The request carries no API key.", remedy)
    kept_as = (stores().db, hashlib.sha256(token.encode()).digest())
    key = _keys.get(kept_as, lambda: keys.verify(stores().db, token.strip()))
    if key is None:
        message = f"The API key '{token.strip()[:8]}…' is unknown or revoked."
        raise Problem(401, "key_unknown", message, "Ask an administrator for a key.")
    return key


def _body() -> bytes:
    if request.mimetype != "application/json":
        message = f"The content type is '{request.mimetype or 'missing'}'."
        raise Problem(415, "content_type", message, "Send JSON with 'Content-Type: application/json'.")
    try:
        sent = request.get_data(cache=False)
    except RequestEntityTooLarge:
        _drain()
        raise Problem(413, "too_large", "The body has more than 1 MiB as sent.", "Send several batches.") from None
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding == "gzip":
        return inflate(sent)
    if encoding != "identity":
        raise Problem(415, "content_encoding", f"The content encoding is '{encoding}'.", "Use gzip, or none.")
    return sent


def _drain() -> None:
    """Read on past the limit, to a point: a sender that is cut off while sending never hears the answer."""
    source, left = request.environ["wsgi.input"], DRAINED
    while left > 0 and source.read(CHUNK):
        left -= CHUNK


def inflate(sent: bytes) -> bytes:
    """Inflate a gzip body of at most 8 MiB; memory stays bounded whatever the sender claims."""
    stream = zlib.decompressobj(wbits=GZIP)
    try:
        body = stream.decompress(sent, INFLATED + 1)
    except zlib.error as error:
        message = f"The body is not gzip: {error}."
        raise Problem(400, "bad_gzip", message, "Compress it again, or send it plain.") from None
    if len(body) > INFLATED:
        raise Problem(413, "too_large", "The body inflates to more than 8 MiB.", "Send several batches.")
    if not stream.eof or stream.unused_data:
        what = "goes on after its end" if stream.eof else "ends too early"
        raise Problem(400, "bad_gzip", f"The gzip body {what}.", "Compress and send the whole batch again.")
    return body
