"""OpenFeature's evaluation scenarios, against our provider in the SDK that OpenFeature publishes for Python."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from forms.result import Result, judged

from keepers.testing import FakeClient

# The flags of OpenFeature's "stable provider", as experiments in which one variant has all the weight.
FLAGS: dict[str, tuple[str, dict[str, Any]]] = {
    "boolean-flag": ("on", {"on": True, "off": False}),
    "string-flag": ("greeting", {"greeting": "hi", "parting": "bye"}),
    "integer-flag": ("ten", {"one": 1, "ten": 10}),
    "float-flag": ("half", {"tenth": 0.1, "half": 0.5}),
    "object-flag": ("template", {"empty": {}, "template": {"showImages": True, "title": "Check out these pics!", "imagesPerPage": 100}}),
    "context-aware": ("internal", {"external": "EXTERNAL", "internal": "INTERNAL"}),
    "wrong-flag": ("one", {"one": "uno", "two": "dos"}),
}  # fmt: skip
TARGETING = {"context-aware": {"fn": "Sulisław", "ln": "Świętopełk", "age": 29, "customer": False}}


def config() -> dict[str, Any]:
    return {"experiments": [_experiment(key, chosen, values) for key, (chosen, values) in FLAGS.items()]}


def _experiment(key: str, chosen: str, values: dict[str, Any]) -> dict[str, Any]:
    arms = [{"key": name, "weight": float(name == chosen), "payload": value} for name, value in values.items()]
    return {"key": key, "variants": arms, "targeting": TARGETING.get(key, {})}


def run(text: str) -> Iterator[Result]:
    from openfeature import api

    from keepers.openfeature import KeepersProvider

    with FakeClient(config=config()) as client:
        api.set_provider_and_wait(KeepersProvider(client))
        try:
            for name, steps in _scenarios(text):
                yield Scenario(api.get_client()).play(name, steps)
        finally:
            api.clear_providers()


def _scenarios(text: str) -> Iterator[tuple[str, list[str]]]:
    for part in re.split(r"^\s*Scenario:", text, flags=re.MULTILINE)[1:]:
        name, *lines = [line.strip() for line in part.strip().splitlines()]
        steps = [line.split(" ", 1)[1] for line in lines if re.match(r"(Given|When|Then|And|But) ", line)]
        yield name, steps


class Scenario:
    """Plays one scenario: evaluations are remembered, statements about them are judged."""

    def __init__(self, client: Any):
        self.client = client
        self.kind, self.key, self.default = "", "", None
        self.context: Any = None
        self.details: Any = None
        self.expected: list[Any] = []
        self.got: list[Any] = []

    def play(self, name: str, steps: list[str]) -> Result:
        for step in steps:
            found = next(((do, m) for pattern, do in STEPS if (m := re.fullmatch(pattern, step))), None)
            if found is None:
                return Result(name, "fail", got=f"no step is known for: {step}")
            found[0](self, *found[1].groups())
        return judged(name, self.expected, self.got)

    def evaluate(self, kind: str, key: str, default: str) -> None:
        self.kind, self.key, self.default = kind, key, _value(default, kind)
        ask = getattr(self.client, f"get_{kind}_details")
        self.details = ask(key, self.default, self.context)

    def evaluate_object(self, key: str) -> None:
        self.evaluate("object", key, "{}")

    def set_context(self, names: str, values: str) -> None:
        from openfeature.evaluation_context import EvaluationContext

        self.context = EvaluationContext(attributes=dict(zip(_list(names), _list(values), strict=True)))

    def evaluate_in_context(self, key: str, default: str) -> None:
        self.evaluate("string", key, f'"{default}"')

    def value_is(self, kind: str, expected: str) -> None:
        self.note(_value(expected, kind), self.details.value)

    def fields_are(self, names: str, values: str) -> None:
        expected = dict(zip(_list(names), _list(values), strict=True))
        self.note(expected, {name: self.details.value.get(name) for name in expected})

    def variant_and_reason_are(self, variant: str, reason: str) -> None:
        self.note([variant, reason], [self.details.variant, str(self.details.reason)])

    def all_are(self, kind: str, expected: str, variant: str, reason: str) -> None:
        self.value_is(kind, expected)
        self.variant_and_reason_are(variant, reason)

    def value_without_context_is(self, expected: str) -> None:
        self.note(expected, self.client.get_string_details(self.key, self.default, None).value)

    def default_is_returned(self, kind: str) -> None:
        self.note(self.default, self.details.value)

    def error_is(self, code: str) -> None:
        self.note(["ERROR", code], [str(self.details.reason), str(self.details.error_code.value)])

    def note(self, expected: Any, got: Any) -> None:
        self.expected.append(expected)
        self.got.append(got)


def _value(text: str, kind: str) -> Any:
    bare = text.strip('"')
    return bare if kind == "string" else json.loads(bare)


def _list(text: str) -> list[Any]:
    """Texts in quotes and numbers; "true" and "false" are booleans."""
    found = re.findall(r'"([^"]*)"|(-?\d+(?:\.\d+)?)', text)
    return [json.loads(number) if number else {"true": True, "false": False}.get(word, word) for word, number in found]


TYPE = r"(?:a|an) (boolean|string|integer|float) flag with key"
VALUE = r'("[^"]*"|-?[\d.]+)'
STEPS: list[tuple[str, Callable[..., None]]] = [
    (r"a stable provider", lambda scenario: None),
    (rf'{TYPE} "([^"]*)" is evaluated with (?:details and )?default value {VALUE}', Scenario.evaluate),
    (r'an object flag with key "([^"]*)" is evaluated with (?:details and )?a null default value', Scenario.evaluate_object),
    (r"context contains keys (.*) with values (.*)", Scenario.set_context),
    (r'a flag with key "([^"]*)" is evaluated with default value "([^"]*)"', Scenario.evaluate_in_context),
    (r'a non-existent (string) flag with key "([^"]*)" is evaluated with details and a fallback value ("[^"]*")', Scenario.evaluate),
    (r'a string flag with key "([^"]*)" is evaluated as an (integer), with details and a fallback value (\d+)', lambda s, key, kind, default: s.evaluate(kind, key, default)),
    (rf"the resolved (boolean|string|integer|float) value should be {VALUE}", Scenario.value_is),
    (rf'the resolved (boolean|string|integer|float) details value should be {VALUE}, the variant should be "([^"]*)", and the reason should be "([^"]*)"', Scenario.all_are),
    (r"the resolved object (?:details )?value should be contain fields (.*), with values (.*), respectively", Scenario.fields_are),
    (r'the variant should be "([^"]*)", and the reason should be "([^"]*)"', Scenario.variant_and_reason_are),
    (r'the resolved (string) response should be ("[^"]*")', Scenario.value_is),
    (r'the resolved flag value is "([^"]*)" when the context is empty', Scenario.value_without_context_is),
    (r"the default (string|integer) value should be returned", Scenario.default_is_returned),
    (r'the reason should indicate an error and the error code should indicate a (?:missing flag|type mismatch) with "([^"]*)"', Scenario.error_is),
]  # fmt: skip
