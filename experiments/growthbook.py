"""Moves experiments of GrowthBook here while they run: from its features payload to plans that reshuffle nobody.

What cannot be moved exactly stays where it is, with the reason. Rules: docs.growthbook.io/lib/build-your-own.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pydantic import ValidationError

from experiments.errors import DefinitionError
from experiments.importing import slug
from experiments.plan import Goal, Layer, Plan, Variant, servable
from experiments.plan_file import problems
from keepers.conditions import fault, matches
from keepers.peers import equal_weights, growthbook_ranges

Rule = Mapping[str, Any]
Condition = dict[str, Any]
ALGORITHMS = {1: "growthbook-v1", 2: "growthbook-v2"}
BY_HASH = ("filters", "namespace", "parentConditions", "range", "ranges")  # a rule with one of these takes some units
ONCE = "a rule before it takes some of the units, in a way that a plan cannot repeat"


@dataclass(frozen=True)
class Moved:
    """The plans, and by key the reason why another experiment stays where it is."""

    plans: tuple[Plan, ...]
    left: dict[str, str]


@dataclass(frozen=True)
class Payload:
    """Features by key, groups of ids by name, and experiments that change pages in the browser."""

    features: Mapping[str, Any]
    groups: Mapping[str, Any]
    in_browsers: Sequence[Any] = ()


class Stays(Exception):
    """Carries why an experiment cannot be moved exactly."""


def read(text: str) -> Payload:
    """Read what GrowthBook's SDK endpoint answers, or its `features` alone. DefinitionError if it is neither."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise DefinitionError(f"this is not JSON: {error}. Save what GrowthBook's SDK endpoint answers.") from None
    if isinstance(data, dict) and data.get("encryptedFeatures"):
        raise DefinitionError("the features are encrypted; save the answer of a connection without encryption.")
    features = data.get("features", data) if isinstance(data, dict) else None
    if not isinstance(features, dict) or not all(isinstance(each, dict) for each in features.values()):
        raise DefinitionError("this holds no features; save what GrowthBook's SDK endpoint answers, with 'features'.")
    return Payload(features, data.get("savedGroups") or {}, data.get("experiments") or ())


def moved(payload: Payload, goals: Sequence[str], worthwhile: float) -> Moved:
    """Return a plan, with these goals, for each experiment that can be moved without reshuffling one unit."""
    wanted = tuple(Goal(metric=goal, worthwhile=worthwhile) for goal in goals)
    left = {str(each.get("key")): "it changes pages in the browser" for each in payload.in_browsers}
    plans: dict[str, Plan] = {}
    for key, places in _experiments(payload).items():
        try:
            plan = _joined([(feature, _plan(payload, feature, place, wanted)) for feature, place in places])
            if plan.key in plans:
                raise Stays(f"another experiment has the same key once it is written plainly: '{plan.key}'")
            plans[plan.key] = plan
        except Stays as reason:
            left[key] = str(reason)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            left[key] = f"a rule is not as GrowthBook writes it ({type(error).__name__}: {error})"
    return Moved(*_in_order(plans, left))


def _in_order(plans: dict[str, Plan], left: dict[str, str]) -> tuple[tuple[Plan, ...], dict[str, str]]:
    """Plans after those they need, as they are stored in this order; one that needs what stays, stays."""
    placed: dict[str, Plan] = {}
    waiting = dict(plans)
    while ready := [p for p in waiting.values() if all(n["experiment"] in placed for n in p.prerequisites)]:
        placed |= {plan.key: waiting.pop(plan.key) for plan in ready}
    needs = {key: plan.prerequisites[0]["experiment"] for key, plan in waiting.items()}
    return tuple(placed.values()), left | {key: f"it needs '{name}', which stays" for key, name in needs.items()}


def _experiments(payload: Payload) -> dict[str, list[tuple[str, int]]]:
    """Where each experiment is: its key → features, and the place among their rules."""
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for feature, definition in payload.features.items():
        for place, rule in enumerate(definition.get("rules") or ()):
            if _splits(rule):
                found[_key(rule, feature)].append((feature, place))
    return found


def _splits(rule: Rule) -> bool:
    return rule.get("force") is None and ("variations" in rule or "contextualVariations" in rule)


def _key(rule: Rule, feature: str) -> str:
    return str(rule.get("key") or feature)


def _joined(plans: list[tuple[str, Plan]]) -> Plan:
    """One plan for an experiment over several features; its payloads then hold a value for each feature."""
    first = plans[0][1]
    if len(plans) == 1:
        return first
    if any(_without_payloads(plan) != _without_payloads(first) for _, plan in plans):
        raise Stays("it is defined differently in several features")
    payloads = [{feature: plan.variants[i].payload for feature, plan in plans} for i in range(len(first.variants))]
    pairs = zip(first.variants, payloads, strict=True)
    return first.model_copy(update={"variants": tuple(v.model_copy(update={"payload": p}) for v, p in pairs)})


def _without_payloads(plan: Plan) -> Plan:
    return plan.model_copy(update={"variants": tuple(v.model_copy(update={"payload": None}) for v in plan.variants)})


def _plan(payload: Payload, feature: str, place: int, goals: tuple[Goal, ...]) -> Plan:
    rules = payload.features[feature]["rules"]
    rule = rules[place]
    key = _key(rule, feature)
    conditions, layers = _own(payload, rule), _own_layers(rule)
    for earlier in rules[:place]:
        _pass_by(payload, feature, earlier, rule, conditions=conditions, layers=layers)
    if len(layers) > 1:
        raise Stays("it lies in two layers at once; a plan has one")
    conditions = [_by_unit(each, rule) for each in conditions]
    try:
        plan = Plan(
            key=slug(key), title=str(rule.get("name") or "")[:200], unit=_unit(rule), salt=str(rule.get("seed") or key),
            algorithm=_algorithm(rule.get("hashVersion")), goals=goals, layer=layers[0] if layers else None,
            targeting=conditions[0] if len(conditions) == 1 else {"$and": conditions} if conditions else {},
            prerequisites=_prerequisites(payload, rule), **_split(rule),
        )  # fmt: skip
        servable(plan)
    except ValidationError as error:
        raise Stays(" ".join(problems(error, Plan))) from None
    except DefinitionError as error:
        raise Stays(str(error)) from None
    return plan


def _unit(rule: Rule) -> str:
    """The type of unit; GrowthBook's `id` is what we call a user."""
    attribute = str(rule.get("hashAttribute") or "id")
    return "user" if attribute == "id" else slug(attribute)


def _algorithm(version: Any) -> str:
    if (version or 1) not in ALGORITHMS:
        raise Stays(f"its hash has the version {version!r}, which is not known here")
    return ALGORITHMS[version or 1]


# The split.


def _split(rule: Rule) -> dict[str, Any]:
    """Variants and coverage: as weights where they add to 1, else as the ranges that GrowthBook makes of them."""
    if "contextualVariations" in rule:
        raise Stays("it is a contextual bandit, whose weights change by itself")
    values, weights, coverage = rule["variations"], rule.get("weights"), rule.get("coverage")
    if any(meta.get("passthrough") for meta in rule.get("meta") or ()):
        raise Stays("it is a holdout, whose units go on to other rules")
    if rule.get("ranges"):
        return _by_ranges(rule, [tuple(map(float, pair)) for pair in rule["ranges"]])
    if not weights or len(weights) != len(values) or not 0.99 <= sum(weights) <= 1.01:
        weights = equal_weights(len(values))
    if abs(sum(weights) - 1) > 1e-9:
        return _by_ranges(rule, growthbook_ranges(len(values), coverage, weights))
    share = 1.0 if coverage is None else min(max(float(coverage), 0.0), 1.0)
    return {"coverage": share, "variants": _variants(rule, weights, [()] * len(values))}


def _by_ranges(rule: Rule, pairs: Sequence[tuple[float, ...]]) -> dict[str, Any]:
    kept = [(start, min(end, 1.0)) if end > start else None for start, end in pairs]
    lengths = [end - start if end > start else 0.0 for start, end in (pair or (0.0, 0.0) for pair in kept)]
    apart = sorted(pair for pair in kept if pair)
    if any(one[1] > other[0] for one, other in pairwise(apart)):
        raise Stays("its ranges overlap")
    if not sum(lengths):
        raise Stays("it takes nobody")
    shares = [length / sum(lengths) for length in lengths]
    return {"variants": _variants(rule, shares, [(pair,) if pair else () for pair in kept])}


def _variants(rule: Rule, weights: Sequence[float], ranges: Sequence[Any]) -> tuple[Variant, ...]:
    meta = list(rule.get("meta") or ())
    meta += [{}] * (len(rule["variations"]) - len(meta))
    return tuple(
        Variant(
            key=slug(str(meta[i].get("key") or i)), title=str(meta[i].get("name") or "")[:200], weight=weights[i],
            payload=value, ranges=ranges[i],
        )
        for i, value in enumerate(rule["variations"])
    )  # fmt: skip


# Who gets as far as the rule.


def _own(payload: Payload, rule: Rule) -> list[Condition]:
    condition = _condition(payload, rule)
    return [condition] if condition else []


def _condition(payload: Payload, rule: Rule) -> Condition:
    """The rule's condition with saved groups written out."""
    condition: Condition = _written_out(rule.get("condition") or {}, payload.groups)
    found = fault(condition)
    if found:
        raise Stays(f"a condition cannot be read: {found}")
    return condition


def _written_out(condition: Any, groups: Mapping[str, Any]) -> Any:
    if isinstance(condition, list):
        return [_written_out(each, groups) for each in condition]
    if not isinstance(condition, dict):
        return condition
    return dict(_clause(name, value, groups) for name, value in condition.items())


def _clause(name: str, value: Any, groups: Mapping[str, Any]) -> tuple[str, Any]:
    if name not in ("$inGroup", "$notInGroup"):
        return name, _written_out(value, groups)
    if not isinstance(groups.get(value, []), list):
        raise Stays(f"the saved group '{value}' is no list of ids")
    return "$in" if name == "$inGroup" else "$nin", groups.get(value, [])


def _by_unit(condition: Any, rule: Rule) -> Any:
    """The condition with the split attribute called by the type of unit, which the SDK gives to targeting by itself."""
    attribute, unit = str(rule.get("hashAttribute") or "id"), _unit(rule)
    if isinstance(condition, list):
        return [_by_unit(each, rule) for each in condition]
    if unit != attribute and any(name.split(".")[0] == unit for name in condition):
        raise Stays(f"a condition uses the attribute '{unit}', which is the unit here")
    logic = ("$and", "$or", "$nor", "$not")
    return {
        unit if name == attribute else name: _by_unit(value, rule) if name in logic else value
        for name, value in condition.items()
    }


def _own_layers(rule: Rule) -> list[Layer]:
    if rule.get("filters"):
        return [_filter_layer(each, rule) for each in rule["filters"]]
    if rule.get("namespace"):
        name, start, end = rule["namespace"]
        return [_layer(f"__{name}", 1, max(start, 0.0), end, name=name)]
    return []


def _filter_layer(given: Mapping[str, Any], rule: Rule) -> Layer:
    if str(given.get("attribute") or "id") != str(rule.get("hashAttribute") or "id"):
        raise Stays("it is filtered by another attribute than it is split by")
    if len(given["ranges"]) != 1:
        raise Stays("its filter has several ranges; a layer has one")
    return _layer(str(given.get("seed") or ""), given.get("hashVersion", 2), *given["ranges"][0])


def _layer(seed: str, version: Any, start: float, end: float, *, name: str = "") -> Layer:
    if not seed:
        raise Stays("its filter has no seed")
    values = {"name": name or seed, "salt": seed, "from": start, "to": min(end, 1.0), "algorithm": _algorithm(version)}
    return Layer.model_validate(values)


def _pass_by(
    payload: Payload, feature: str, earlier: Rule, rule: Rule, *, conditions: list[Condition], layers: list[Layer]
) -> None:
    """Leave out the units that an earlier rule of the feature takes; Stays where a plan cannot say who they are."""
    if (not _splits(earlier) and earlier.get("force") is None) or earlier.get("coverage") == 0:
        return
    condition = _condition(payload, earlier)
    if _splits(earlier) and _unit(earlier) != _unit(rule):
        raise Stays(ONCE)
    if _takes_all(earlier):
        if not condition:
            raise Stays("nobody gets as far: a rule before it takes everybody")
        conditions.append({"$not": condition})
    elif _splits(earlier) and _apart(_own_layers(earlier), _own_layers(rule)):
        return
    elif _splits(earlier) or condition or any(earlier.get(name) for name in BY_HASH) or _unit(earlier) != _unit(rule):
        raise Stays(ONCE)
    else:  # the rest of a roll-out by percentage
        seed = str(earlier.get("seed") or feature)
        layers.append(_layer(seed, earlier.get("hashVersion") or 1, earlier["coverage"], 1.0))


def _takes_all(rule: Rule) -> bool:
    """Whether the rule takes all who meet its condition."""
    if any(rule.get(name) for name in BY_HASH) or any(meta.get("passthrough") for meta in rule.get("meta") or ()):
        return False
    if not _splits(rule):
        return rule.get("coverage") is None
    split = _split(rule)
    return bool(split.get("coverage") == 1)


def _apart(one: list[Layer], other: list[Layer]) -> bool:
    """Whether two rules lie in slices of one layer that share no unit."""
    return any(
        (a.salt, a.algorithm) == (b.salt, b.algorithm) and (a.end <= b.start or b.end <= a.start)
        for a in one
        for b in other
    )


# Prerequisites: what another feature must be.


def _prerequisites(payload: Payload, rule: Rule) -> tuple[dict[str, Any], ...]:
    found = [_prerequisite(payload, parent, rule) for parent in rule.get("parentConditions") or ()]
    return tuple(each for each in found if each)


def _prerequisite(payload: Payload, parent: Mapping[str, Any], rule: Rule) -> dict[str, Any] | None:
    """The variants of the one experiment of another feature whose values meet the condition; None if all do."""
    name = str(parent.get("id"))
    feature = payload.features.get(name, {})
    rules = feature.get("rules") or ()
    condition = _written_out(parent.get("condition") or {}, payload.groups)
    elsewhere = matches(condition, {"value": feature.get("defaultValue")})
    if not rules:
        if not elsewhere:
            raise Stays(f"nobody meets it: the feature '{name}' never is what it asks for")
        return None
    if len(rules) != 1 or not _splits(rules[0]) or _unit(rules[0]) != _unit(rule):
        raise Stays(f"it depends on the feature '{name}', which is not decided by one experiment on the same units")
    fits = [matches(condition, {"value": value}) for value in rules[0]["variations"]]
    if fits[0] != elsewhere:
        raise Stays(f"it depends on the feature '{name}', which is not control's for those who take no part")
    variants = _variants(rules[0], equal_weights(len(fits)), [()] * len(fits))
    named = [variant.key for variant, fit in zip(variants, fits, strict=True) if fit]
    return {"experiment": slug(_key(rules[0], name)), "variants": named}
