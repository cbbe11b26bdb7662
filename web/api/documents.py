"""The API's own description: OpenAPI 3.1 from the types that the operations use, and a page to read it."""

import json
import re
from functools import cache
from typing import Any

from flask import Response, current_app, render_template
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from experiments import __version__
from experiments.catalog import KEY
from experiments.reports import FORMATS
from experiments.reports.programme import FILES
from web.access import open_to_all
from web.api.blueprint import JSON, OPERATIONS, Operation, blueprint
from web.api.problems import MEDIA_TYPE, Problem

REFERENCE = "#/components/schemas/{model}"
PLACES: dict[str, dict[str, Any]] = {
    "key": {"type": "string", "pattern": KEY}, "metric": {"type": "string", "pattern": KEY},
    "measure": {"type": "string", "pattern": KEY}, "number": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    "kind": {"type": "string", "enum": list(FILES)}, "format": {"type": "string", "enum": list(FORMATS)},
}  # fmt: skip
FILE = {"type": "string", "format": "binary"}
OBJECT = {"type": "object"}
ERRORS = {
    400: "A value cannot be used; errors points to each.", 401: "No key, or one that is unknown or revoked.",
    403: "The key's role does not suffice, a second person is missing, or it is switched off here.",
    404: "Nothing has this name or number.",
    409: "The state does not allow it: read it again, then choose.",
    413: "The body has more than 1 MiB, or a file more than the operation takes.",
    415: "The body is not JSON, or a file is none that the operation takes.",
}  # fmt: skip


@blueprint.get("/openapi.json")
@open_to_all
def openapi() -> Response:
    """Hand out the OpenAPI document."""
    return Response(json.dumps(document()), content_type=JSON)


@blueprint.get("/docs")
@open_to_all
def docs() -> str:
    """Show the operations to people, with the types that they take and return."""
    operations, types = described()
    return render_template("api/docs.html", operations=operations, types=types, errors=ERRORS)


@cache
def described() -> tuple[str, str]:
    """Return the operations and the types as markup, which is made once: neither changes while the server runs."""
    pieces = current_app.jinja_env.get_template("api/described.html").module
    return pieces.operations(document()), pieces.types(document())  # type: ignore[attr-defined]  # its macros


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of all operations."""
    types: set[type[BaseModel]] = {t for op in OPERATIONS for t in (op.body, op.answer) if t is not None}
    named = sorted(types | {Problem}, key=lambda t: t.__name__)
    _, made = models_json_schema([(t, "validation") for t in named], ref_template=REFERENCE)
    paths: dict[str, dict[str, Any]] = {}
    for op in OPERATIONS:
        paths.setdefault(_template(op.path), {})[op.method.lower()] = _operation(op)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Keepers", "version": __version__, "description": "What the pages do, for programs."},
        "servers": [{"url": "/api/v1"}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "schemas": made["$defs"],
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "A key with a role."}},
        },
    }


def _template(path: str) -> str:
    """Flask's path in OpenAPI's writing."""
    return re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", path)


def _operation(op: Operation) -> dict[str, Any]:
    names = re.findall(r"{(\w+)}", _template(op.path))
    made: dict[str, Any] = {
        "operationId": op.name, "summary": op.summary, "description": f"{op.about} Needs the role {op.role}.".strip(),
        "parameters": [{"name": n, "in": "path", "required": True, "schema": PLACES[n]} for n in names] + _query(op),
        "responses": {str(op.status): _success(op), **{str(code): _failure(code) for code in op.errors}},
    }  # fmt: skip
    if op.body is not None:
        made["requestBody"] = {"required": True, "content": {JSON: {"schema": _reference(op.body)}}}
    if op.sends:
        made["requestBody"] = {"required": True, "content": {kind: {"schema": FILE} for kind in op.sends}}
    return made


def _query(op: Operation) -> list[dict[str, Any]]:
    if op.query is None:
        return []
    whole = op.query.model_json_schema()
    held, needed = whole["properties"], whole.get("required", ())
    return [{"name": n, "in": "query", "required": n in needed, "schema": _flat(s)} for n, s in held.items()]


def _flat(schema: dict[str, Any]) -> dict[str, Any]:
    """A query has no null: what may be missing is left out."""
    kinds = [s for s in schema.get("anyOf", []) if s.get("type") != "null"]
    return kinds[0] if kinds else {k: v for k, v in schema.items() if k != "title"}


def _success(op: Operation) -> dict[str, Any]:
    if op.answer is None:
        held = {media: {"schema": OBJECT if media.endswith("json") else FILE} for media in op.media}
        return {"description": "The file.", "content": held}
    return {"description": "Done.", "content": {JSON: {"schema": _reference(op.answer)}}}


def _failure(code: int) -> dict[str, Any]:
    return {"description": ERRORS[code], "content": {MEDIA_TYPE: {"schema": _reference(Problem)}}}


def _reference(kind: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REFERENCE.format(model=kind.__name__)}
