"""Plans, catalogues and sources in YAML, with errors that name line, value, rule and remedy."""

from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from experiments.catalog import Catalog, Record
from experiments.errors import DefinitionError, nearest
from experiments.plan import Plan
from experiments.sources import Source, Sources

R = TypeVar("R", bound=Record)
Location = tuple[int | str, ...]


def read_plan(text: str, source: str = "plan.yaml") -> Plan:
    """Read one plan. DefinitionError lists every problem with its line."""
    return _checked(Plan, text, source)


def read_catalog(text: str, source: str = "metrics.yaml") -> Catalog:
    """Read `measures:` and `metrics:`, each a mapping from key to definition. DefinitionError as for a plan."""
    data, lines = _parsed(text, source)
    metrics = data.get("metrics")
    for key, metric in metrics.items() if isinstance(metrics, dict) else ():
        if isinstance(metric, dict):
            metric.setdefault("key", key)
    catalog = _validated(Catalog, data, lines, source)
    return catalog


def read_sources(text: str, source: str = "sources.yaml") -> dict[str, Source]:
    """Read `sources:`, a mapping from name to source. DefinitionError as for a plan."""
    return _checked(Sources, text, source).sources


def plan_yaml(plan: Plan) -> str:
    """Write a plan as the YAML that read_plan takes back, without what equals the defaults."""
    data = plan.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True)


def _checked(record: type[R], text: str, source: str) -> R:
    data, lines = _parsed(text, source)
    return _validated(record, data, lines, source)


def _parsed(text: str, source: str) -> tuple[dict[str, Any], dict[Location, int]]:
    try:
        data, node = yaml.safe_load(text), yaml.compose(text, yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise DefinitionError(f"{source}:{line}: this is not YAML: {getattr(error, 'problem', error)}.") from None
    if not isinstance(data, dict):
        raise DefinitionError(f"{source}:1: the file holds {type(data).__name__}; it must be a mapping of fields.")
    lines: dict[Location, int] = {}
    try:
        _number(node, (), lines)
    except RecursionError:
        raise DefinitionError(f"{source}:1: a part holds itself by an alias (*); write it out instead.") from None
    return data, lines


def _number(node: yaml.Node | None, path: Location, lines: dict[Location, int]) -> None:
    """Note the line of every value by its path, since YAML's data keeps none."""
    if node is None:
        return
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            lines[(*path, key.value)] = key.start_mark.line + 1
            _number(value, (*path, key.value), lines)
    elif isinstance(node, yaml.SequenceNode):
        for i, value in enumerate(node.value):
            _number(value, (*path, i), lines)


def _validated(record: type[R], data: dict[str, Any], lines: dict[Location, int], source: str) -> R:
    try:
        return record.model_validate(data)
    except ValidationError as error:
        raise DefinitionError(problems(error, record, source, lines)) from None


def problems(
    error: ValidationError, record: type[Record], source: str = "", lines: dict[Location, int] | None = None
) -> list[str]:
    """Return one sentence per problem: place, value, rule and remedy."""
    return [f"{_place(e['loc'], source, lines or {})}{_sentence(dict(e), record)}" for e in error.errors()]


def _place(location: Location, source: str, lines: dict[Location, int]) -> str:
    known = next((location[:n] for n in range(len(location), -1, -1) if location[:n] in lines), None)
    return "" if known is None or not source else f"{source}:{lines[known]}: "


def _sentence(error: dict[str, Any], record: type[Record]) -> str:
    field = ".".join(str(part) for part in error["loc"])
    if error["type"] == "value_error":
        return f"{error['ctx']['error']}."
    if error["type"] == "missing":
        return f"'{field}' is missing; it is required: add it."
    if error["type"] == "extra_forbidden":
        known = record.model_fields if len(error["loc"]) == 1 else ()
        return f"'{field}' is not a field here. {nearest(str(error['loc'][-1]), known) if known else 'Remove it.'}"
    rule = error["msg"][0].lower() + error["msg"][1:]
    return f"'{field}' is {error['input']!r}; {rule}. Correct the value."
