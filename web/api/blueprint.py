"""Operations of the API: each says its method, path, types and role once, for the router and for OpenAPI."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Blueprint, Response, g, request
from pydantic import BaseModel, ValidationError

from experiments.catalog import KEY
from experiments.registry import keys
from experiments.registry.approvals import BY_KEY
from web.access import RANKS, open_to_all
from web.api.problems import ApiProblem, answer, unusable
from web.security import csrf
from web.stores import stores

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
csrf.exempt(blueprint)  # programs with a bearer key: no cookie, so nothing to forge
View = TypeVar("View", bound=Callable[..., Any])
JSON = "application/json"
NAMED = {"key", "metric", "measure"}


@dataclass(frozen=True)
class Operation:
    """One operation. `path` is Flask's; `media` are the types of an answer that is no JSON of ours.

    `sends` are the types of a body that is a file, of at most `most` bytes.
    """

    name: str
    method: str
    path: str
    summary: str
    about: str
    role: str = "viewer"
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    status: int = 200
    media: tuple[str, ...] = ()
    conflicts: bool = False
    sends: tuple[str, ...] = ()
    most: int = 0

    @property
    def errors(self) -> list[int]:
        """Every status that says why an operation was not done."""
        found = [HTTPStatus.UNAUTHORIZED]
        found += [HTTPStatus.BAD_REQUEST] if self.body or self.query or self.sends else []
        found += [HTTPStatus.FORBIDDEN] if RANKS[self.role] else []
        found += [HTTPStatus.NOT_FOUND] if "<" in self.path else []
        found += [HTTPStatus.CONFLICT] if self.conflicts else []
        takes = self.body or self.sends
        found += [HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE] if takes else []
        return sorted(map(int, found))


OPERATIONS: list[Operation] = []


def operation(method: str, path: str, **more: Any) -> Callable[[View], View]:
    """Make a function an operation: it gets what the path holds, then query and body, both checked."""

    def register(function: View) -> View:
        summary, _, about = (function.__doc__ or "").partition("\n")
        made = Operation(function.__name__, method, path, summary.rstrip("."), " ".join(about.split()), **more)
        OPERATIONS.append(made)

        def view(**place: Any) -> Response:
            _authorised(made)
            _checked_names(place)
            return _answered(made, function(**place, **_given(made)))

        blueprint.add_url_rule(path, made.name, open_to_all(view), methods=[method])
        return function

    return register


def actor() -> str:
    """Who acts, for the log: the person who made the key, and the key by its name."""
    key: keys.Key = g.api_key
    return f"{key.made_by}{BY_KEY}'{key.name}'" if key.made_by else f"API key '{key.name}'"


@blueprint.errorhandler(ApiProblem)
def _problem(error: ApiProblem) -> Response:
    return answer(error.status, error.detail, error.errors, error.headers)


def _authorised(made: Operation) -> None:
    """Let in who shows a key with a role that suffices; a session of the pages counts for nothing here."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    key = keys.verify_api(stores().db, token.strip()) if scheme.lower() == "bearer" and token.strip() else None
    if key is None:
        text = "Send 'Authorization: Bearer api-...' with a key of the REST API; an administrator makes it under Keys."
        raise ApiProblem(401, text, headers={"WWW-Authenticate": 'Bearer realm="keepers"'})
    if RANKS[key.acts_as] < RANKS[made.role]:
        text = f"The key '{key.name}' may act as {key.acts_as}; this needs {made.role}. Use another key."
        raise ApiProblem(403, text)
    g.api_key = key


def _checked_names(place: dict[str, Any]) -> None:
    """Names that no key can have lead to nothing, and never reach the database."""
    for name, value in place.items():
        if name in NAMED and not re.fullmatch(KEY, value):
            raise ApiProblem(404, f"Nothing is called '{value}': a key has lower-case letters, digits, '-', '_', '.'.")


def _given(made: Operation) -> dict[str, BaseModel | bytes]:
    """What a function gets: its query, and a body that is JSON or a file."""
    found: dict[str, BaseModel | bytes] = {}
    if made.query is not None:
        found["query"] = _queried(made.query)
    if made.body is not None:
        found["body"] = _read(made.body, _sent(made, (JSON,)))
    if made.sends:
        found["file"] = _sent(made, made.sends)
    return found


def _sent(made: Operation, kinds: tuple[str, ...]) -> bytes:
    """The body; it is read once the key is known to be good, as a file may be larger than other requests."""
    if request.mimetype not in kinds:
        raise ApiProblem(415, f"The content type is '{request.mimetype or 'missing'}'; send {' or '.join(kinds)}.")
    request.max_content_length = made.most or request.max_content_length
    return request.get_data()


def _read(kind: type[BaseModel], sent: bytes) -> BaseModel:
    try:
        return kind.model_validate_json(sent)
    except ValidationError as error:
        raise unusable(error, "body") from None


def _queried(kind: type[BaseModel]) -> BaseModel:
    try:
        return kind.model_validate(request.args.to_dict())
    except ValidationError as error:
        raise unusable(error, "query") from None


def _answered(made: Operation, result: Any) -> Response:
    if isinstance(result, Response):
        return result
    return Response(result.model_dump_json(by_alias=True), made.status, content_type=JSON)
