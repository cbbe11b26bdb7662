"""The schemas, the page on plain HTTP and the README agree with each other and with the code."""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import openfeature.api
import pytest

import keepers
from keepers.config import parse_config
from keepers.testing import FakeClient, Recorder

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "events-by-http.md").read_text(encoding="utf-8")
README = (ROOT / "sdk" / "README.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", ["config", "events"])
def test_the_schemas_are_schemas(schema: Callable[[str], Any], name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize("name", ["config", "events"])
def test_the_examples_follow_the_schemas(schema: Callable[[str], Any], name: str) -> None:
    examples = [json.loads(block) for block in blocks(PAGE, f"json {name}")]
    assert examples
    for example in examples:
        jsonschema.validate(example, schema(name))


def test_every_json_example_is_json() -> None:
    found = [json.loads(block) for block in re.findall(r"^```json[a-z ]*\n(.*?)^```", PAGE, re.M | re.S)]
    assert len(found) == 5


def test_the_event_in_the_curl_command_follows_the_schema(schema: Callable[[str], Any]) -> None:
    (body,) = re.findall(r"-d '(\{.*\})'", README)
    jsonschema.validate(json.loads(body), schema("events"))


def test_the_example_config_is_read_and_its_ids_are_made_as_told() -> None:
    (example,) = [json.loads(block) for block in blocks(PAGE, "json config")]
    assert parse_config(example).experiments["checkout-cta"].coverage == 0.2
    exposure = json.loads(blocks(PAGE, "json events")[0])["events"][0]
    day = datetime.fromtimestamp(exposure["at"], UTC).date()
    hashed = f"checkout-cta|1|user-1|treatment|{day}"
    assert exposure["id"] == hashlib.md5(hashed.encode()).hexdigest()[:24]


def test_the_python_examples_run(
    collector: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each by itself, as a newcomer would: what it uses it imports, or has from the one that makes the client."""
    monkeypatch.chdir(tmp_path)
    variants = [{"key": "control", "weight": 0.0}, {"key": "treatment", "weight": 1.0}]
    collector.config = {"schema": 1, "experiments": [{"key": "checkout-cta", "version": 1, "variants": variants}]}
    examples = [*blocks(README, "python"), *blocks(PAGE, "python")]
    assert len(examples) == 5
    for example in examples:
        names: dict[str, Any] = {} if "Client(" in example or "openfeature" not in example else {"client": FakeClient()}
        exec(example.replace("https://keepers.example.com", collector.address), names)
        if "keepers" in names:
            names["client"].close(10)
    openfeature.api.clear_providers()
    assert [record["type"] for record in collector.records] == ["exposure", "event"]
    shown = [line.split() for line in capsys.readouterr().out.splitlines()]
    logged = [json.loads(line) for line in Path("events.jsonl").read_text().splitlines()]
    exposed = [[each["units"]["user"], each["variant"]] for each in logged if each["type"] == "exposure"]
    assert exposed == shown
    assert len(logged) == 20


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("events", 0, "units"), {}),
        (("events", 0, "units"), {"user": ""}),
        (("events", 0, "variant"), ""),
        (("events", 0, "version"), 0),
        (("events", 0, "attributes"), {"a": [1]}),
        (("events", 0, "forced"), False),
        (("events", 1, "value"), "42"),
        (("events", 1, "id"), "x" * 65),
        (("events", 1, "extra"), 1),
        (("events",), [{"type": "event"}]),
        (("schema",), 2),
        (("lost",), [{"count": 1}]),
    ],
)
def test_the_schema_refuses_what_the_rules_refuse(
    schema: Callable[[str], Any], path: tuple[Any, ...], value: Any
) -> None:
    body = json.loads(blocks(PAGE, "json events")[0])
    inner = body
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(body, schema("events"))


def test_every_call_and_option_is_in_the_readme() -> None:
    calls = [name for name in dir(keepers.Client) if not name.startswith("_")]
    assert [name for name in calls if f".{name}(" not in README and name not in ("close",)] == []


def test_a_config_that_the_schema_allows_is_read(schema: Callable[[str], Any]) -> None:
    """Null and absent are the same in every optional field."""
    variants = [{"key": "control", "weight": 1}]
    optional = ["serve", "layer", "targeting", "overrides", "holdout", "prerequisites"]
    experiment = {"key": "k", "version": 1, "status": "draft", "variants": variants, **dict.fromkeys(optional)}
    data = {"schema": 1, "experiments": [experiment]}
    jsonschema.validate(data, schema("config"))
    recorder = Recorder()
    with keepers.Client(data, sink=recorder, strict=True) as client:
        assert client.variant("k", "u1") == "control"
    assert recorder.records == []
