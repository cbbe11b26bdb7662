"""One line for each request, with an id that the answer carries too; and nothing secret in any line.

As text only what fails is told. As JSON (KEEPERS_LOG=json) each request is a line: its route, never its address, which
may hold the token of a shared report.
"""

import json
import logging
import re
import secrets
import time
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, g, has_request_context, request

GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")
SECRETS = (
    (re.compile(r"\b(sdk|api)-[\w-]{8,}"), r"\1-…"),
    (re.compile(r"(://[^\s:/@]*):[^\s/@]+@"), r"\1:…@"),
    (re.compile(r"(?i)\b(bearer|basic) +[\w.~+/=-]{8,}"), r"\1 …"),
    (re.compile(r"(/shared/)[\w-]+"), r"\1…"),
)


class Plain(logging.Formatter):
    """Lines for people."""

    def format(self, record: logging.LogRecord) -> str:
        """Write level, request and message, without what is secret."""
        return cleaned(f"{record.levelname} {_request_id()} {super().format(record)}".replace("  ", " "))


class Json(logging.Formatter):
    """Lines for programs: one JSON object each."""

    def format(self, record: logging.LogRecord) -> str:
        """Write time (UTC), level, logger, request, message, and what the caller added as `fields`."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(), "logger": record.name, "request": _request_id(),
            "message": cleaned(record.getMessage()),
        }  # fmt: skip
        line.update(getattr(record, "fields", {}))
        if record.exc_info:
            line["error"] = cleaned(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def init(app: Flask) -> None:
    """Number requests, and write lines as the settings say."""
    style = app.extensions["keepers"].settings.log
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(style))
    app.logger.handlers[:] = [handler]
    app.logger.propagate = False
    app.logger.setLevel(logging.INFO if style == "json" else logging.WARNING)
    app.before_request(_begin)
    app.after_request(_named)
    if style == "json":
        app.after_request(lambda response: _tell(app, response))


def formatter(style: str) -> logging.Formatter:
    """Return what writes lines in this style."""
    return Json() if style == "json" else Plain()


def cleaned(text: str) -> str:
    """Return the text without keys, passwords in addresses, and tokens."""
    for found, instead in SECRETS:
        text = found.sub(instead, text)
    return text


def route() -> str:
    """The route of this request as the application knows it; its values stay out of lines and measurements."""
    return request.url_rule.rule if request.url_rule else "(none)"


def _request_id() -> str:
    return g.get("request_id", "") if has_request_context() else ""


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if GIVEN.fullmatch(given) else secrets.token_hex(8)
    g.began = time.perf_counter()


def _named(response: Response) -> Response:
    if "request_id" in g:
        response.headers["X-Request-Id"] = g.request_id
    return response


def _tell(app: Flask, response: Response) -> Response:
    took = round(1000 * (time.perf_counter() - g.began), 1) if "began" in g else None
    fields = {"method": request.method, "route": route(), "status": response.status_code, "ms": took}
    app.logger.info("request", extra={"fields": fields})
    return response
