"""Answers are sent compressed to whoever can read that: tables of many metrics repeat themselves.

Compressing beside a secret leaks it only if the secret stays the same over many answers (BREACH, Gluck, Harris, Prado
2013): the forms' proof of origin is signed anew each second, and cookies stand in headers, which are not compressed.
"""

import gzip

from flask import Flask, Response, request

LEAST = 1_024  # bytes: below it there is nothing to gain
LEVEL = 5
TEXT = ("text/html", "text/css")


def init(app: Flask) -> None:
    """Compress what is text and long enough."""
    app.after_request(_compress)


def _compress(answer: Response) -> Response:
    if answer.mimetype not in TEXT or answer.status_code != 200 or "Content-Encoding" in answer.headers:
        return answer
    answer.vary.add("Accept-Encoding")
    if not request.accept_encodings["gzip"] or request.method != "GET" or (answer.is_streamed and not _file(answer)):
        return answer
    answer.direct_passthrough = False
    body = answer.get_data()
    if len(body) >= LEAST:
        answer.set_data(gzip.compress(body, LEVEL, mtime=0))
        answer.headers["Content-Encoding"] = "gzip"
    return answer


def _file(answer: Response) -> bool:
    """A file of ours, which is read here at once."""
    return answer.direct_passthrough
