"""Errors of the API as problem details (RFC 9457): what is wrong, with which value, and what to do next."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from flask import Response, request
from pydantic import BaseModel, ValidationError

MEDIA_TYPE = "application/problem+json"
PREFIX = "/api/"


HINTS = {
    404: "There is nothing at this address; /api/v1/docs lists what there is.",
    405: "This address does not take that method; the header Allow says which it takes.",
    413: "A request may have 1 MiB: send less at once.",
    429: "Too many requests: send it again after Retry-After seconds.",
    500: "Something failed on our side, and nothing was changed. If it happens twice, tell whoever runs this.",
}


class Fault(BaseModel):
    """One value of a request that cannot be used: where it stands as a JSON pointer, and why."""

    pointer: str
    detail: str


class Problem(BaseModel):
    """What went wrong, after RFC 9457. `type` is a page that says what to do; `status` is that of the answer."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Fault] = []


class ApiProblem(Exception):
    """Raised to answer with a problem; `headers` go with the answer."""

    def __init__(
        self, status: int, detail: str, errors: Iterable[Fault] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors, self.headers = status, detail, [*errors], {**(headers or {})}


def wanted() -> bool:
    """Whether this request asks the API, which never answers with a page."""
    return request.path.startswith(PREFIX)


def answer(status: int, detail: str, errors: Iterable[Fault] = (), headers: Any = ()) -> Response:
    """Return the answer that says what is wrong."""
    title = HTTPStatus(status).phrase
    kind = f"/api/v1/docs#{title.lower().replace(' ', '-')}"
    body = Problem(type=kind, title=title, status=status, detail=detail or title, errors=[*errors])
    return Response(body.model_dump_json(), status, dict(headers), content_type=MEDIA_TYPE)


def unusable(error: ValidationError, what: str) -> ApiProblem:
    """Turn what pydantic found into a problem with a pointer to each value."""
    faults = [Fault(pointer=_pointer(e["loc"]), detail=e["msg"]) for e in error.errors(include_url=False)]
    return ApiProblem(400, f"The {what} cannot be used: {faults[0].detail}.", faults)


def _pointer(place: tuple[int | str, ...]) -> str:
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in place)
