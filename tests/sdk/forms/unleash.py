"""Unleash's client specification, through an importer from toggles to our config.

A toggle is on where one of its strategies says so: each strategy becomes an experiment whose only variant with weight
is "on", on the strategy's own unit and with its constraints as targeting. Its variants become one more, split as
Unleash splits. What is drawn at random on each call cannot be repeated and is refused, except for nobody and everybody.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from forms.result import Result, judged, not_offered

from keepers.assignment import FORCED, SPLIT
from keepers.testing import FakeClient

Toggle = Mapping[str, Any]
OPERATORS = {"IN": "$in", "NOT_IN": "$nin"}
STICKY = {"gradualRolloutUserId": "userId", "gradualRolloutSessionId": "sessionId", "gradualRolloutRandom": "random"}
ANYBODY = {"anybody": "-"}


class Unlike(Exception):
    """Why a toggle means something that no plan says."""


def run(content: dict[str, Any]) -> Iterator[Result]:
    toggles = {toggle["name"]: toggle for toggle in content["state"]["features"]}
    for form, judge in (("tests", _on), ("variantTests", _variant)):
        for case in content.get(form, []):
            name = f"{content['name']} {case['description']}"
            try:
                got = judge(toggles.get(case["toggleName"]), case["context"])
                yield judged(name, case["expectedResult"], got)
            except Unlike as why:
                yield not_offered(name, str(why))


def _on(toggle: Toggle | None, context: Mapping[str, Any]) -> bool:
    if toggle is None or not toggle["enabled"]:
        return False
    experiments = [strategy_experiment(f"s{n}", s, toggle["name"]) for n, s in enumerate(toggle["strategies"])]
    with FakeClient(config={"experiments": experiments}) as client:
        return not experiments or any(_says_on(client, each, context) for each in experiments)


def _says_on(client: FakeClient, experiment: dict[str, Any], context: Mapping[str, Any]) -> bool:
    units = {**_units(context), **ANYBODY}
    if experiment["unit"] not in units:
        return False
    return client.variant(experiment["key"], units, attributes=_attributes(context)) == "on"


def _variant(toggle: Toggle | None, context: Mapping[str, Any]) -> dict[str, Any]:
    on = _on(toggle, context)
    if toggle is None or not on or not toggle.get("variants"):
        return {"name": "disabled", "enabled": False, "feature_enabled": on}
    with FakeClient(config={"experiments": [variants_experiment(toggle)]}) as client:
        given = client.assign("variants", _units(context))
    assert given.reason in (SPLIT, FORCED)
    payload = {"payload": given.payload} if given.payload else {}
    return {"name": given.variant, "enabled": True, "feature_enabled": True, **payload}


def _units(context: Mapping[str, Any]) -> dict[str, str]:
    found = {name: str(context[name]) for name in ("userId", "sessionId") if context.get(name)}
    return {**found, "default": found.get("userId") or found["sessionId"]} if found else {}


def _attributes(context: Mapping[str, Any]) -> dict[str, Any]:
    return {**context.get("properties", {}), **{k: v for k, v in context.items() if k != "properties"}}


# The importer.


def strategy_experiment(key: str, strategy: Mapping[str, Any], toggle: str) -> dict[str, Any]:
    """An experiment of our config that says "on" to whom the strategy turns the toggle on for."""
    parameters = strategy.get("parameters") or {}
    kind = strategy["name"]
    conditions = [_condition(each) for each in strategy.get("constraints") or ()]
    unit, coverage = "anybody", 1.0
    if kind == "userWithId":
        conditions.append({"userId": {"$in": _listed(parameters["userIds"])}})
    elif kind == "remoteAddress":
        conditions.append({"remoteAddress": {"$in": _addresses(parameters["IPs"])}})
    elif kind in STICKY or kind == "flexibleRollout":
        unit = STICKY.get(kind) or parameters.get("stickiness", "default")
        coverage = float(parameters.get("percentage" if kind in STICKY else "rollout", 100)) / 100
        unit = _repeatable(unit, coverage)
    elif kind != "default":
        raise Unlike(f"the strategy '{kind}' is the installation's own")
    arms = [{"key": "off", "weight": 0}, {"key": "on", "weight": 1}]
    return {
        "key": key, "unit": unit, "algorithm": "unleash", "salt": parameters.get("groupId") or toggle,
        "coverage": coverage, "variants": arms, "targeting": {"$and": conditions} if conditions else {},
    }  # fmt: skip


def variants_experiment(toggle: Toggle) -> dict[str, Any]:
    """The experiment of a toggle's variants: their weights are shares of their sum, which is the number of buckets."""
    total = sum(variant["weight"] for variant in toggle["variants"])
    arms = [
        {"key": v["name"], "weight": v["weight"] / total, "payload": v.get("payload")} for v in toggle["variants"]
    ]
    forced = {
        unit: v["name"]
        for v in toggle["variants"]
        for override in v.get("overrides") or ()
        for unit in _of_user(override)
    }
    return {
        "key": "variants", "unit": "default", "algorithm": f"unleash/{total}", "salt": toggle["name"],
        "variants": arms, "overrides": forced,
    }  # fmt: skip


def _of_user(override: Mapping[str, Any]) -> list[str]:
    if override["contextName"] != "userId":
        raise Unlike("a variant is forced by an attribute; overrides are by unit")
    return list(override["values"])


def _condition(constraint: Mapping[str, Any]) -> dict[str, Any]:
    if constraint["operator"] not in OPERATORS or constraint.get("inverted") or constraint.get("caseInsensitive"):
        raise Unlike(f"the operator {constraint['operator']} is not imported")
    return {constraint["contextName"]: {OPERATORS[constraint["operator"]]: constraint["values"]}}


def _listed(text: str) -> list[str]:
    return [each.strip() for each in text.split(",")]


def _addresses(text: str) -> list[str]:
    if "/" in text:
        raise Unlike("a range of addresses; targeting has lists")
    return _listed(text)


def _repeatable(unit: str, coverage: float) -> str:
    """The unit that the strategy sticks to; who is drawn at random each time is the same only for none and for all."""
    if unit in ("userId", "sessionId") or (unit == "default" and 0 < coverage < 1):
        return unit
    if coverage not in (0, 1):
        raise Unlike("it is drawn at random on each call")
    return "anybody"
