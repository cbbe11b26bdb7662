"""The brief as form fields: from a plan to fields, and from fields to the same data that a YAML plan holds.

Fields have flat names, such as `goals-0-metric`. Percentages are what people type; shares are what a plan holds.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from experiments import filters, plan_file
from experiments.errors import DefinitionError
from experiments.plan import MOST_PLANNED, Plan
from experiments.planning.layers import Offer

TEXTS = ("key", "title", "hypothesis", "change", "owner", "team")
ROWS = {
    "variants": ("key", "title", "weight"), "goals": ("metric", "worthwhile", "of"),
    "guardrails": ("metric", "margin", "of"),
}  # fmt: skip
SIZES = {"goals": "worthwhile", "guardrails": "margin"}
LISTS = ("tags", "segments")  # typed with commas between
LAYER = ("layer", "layer_from", "layer_to")
FIRST_ROWS = {"variants": 2, "goals": 1, "guardrails": 1}
MOST_ROWS = {"variants": 6, "goals": 10, "guardrails": 20}
Fields = dict[str, str]


@dataclass
class Brief:
    """What somebody entered: fields, chosen secondary metrics, and problems by field (or '' for the whole)."""

    fields: Fields
    secondary: list[str] = field(default_factory=list)
    problems: dict[str, list[str]] = field(default_factory=dict)
    extra: str = ""

    def get(self, name: str) -> str:
        """What is in a field."""
        return self.fields.get(name, "")

    def rows(self, kind: str) -> range:
        """The numbers of the rows to show: those filled in, the first ones, and one more where asked for."""
        parts = ROWS[kind][:2]
        used = [n for n in range(MOST_ROWS[kind]) if any(self.get(f"{kind}-{n}-{part}") for part in parts)]
        count = max(FIRST_ROWS[kind], 1 + max(used, default=-1)) + (self.extra == kind)
        return range(min(count, MOST_ROWS[kind]))

    def problem(self, name: str, text: str) -> None:
        """Note what is wrong with a field."""
        self.problems.setdefault(name, []).append(text)


def blank(owner: str) -> Brief:
    """A new brief: control and one treatment, two weeks, everyone."""
    return Brief({
        "owner": owner, "unit": "user", "coverage": "100", "enrol_weeks": "2", "method": "group-sequential",
        "variants-0-key": "control", "variants-0-weight": "50",
        "variants-1-key": "treatment", "variants-1-weight": "50",
    })  # fmt: skip


def filled(plan: Plan) -> Brief:
    """The fields of a stored draft."""
    fields = {name: getattr(plan, name) for name in (*TEXTS, "unit", "method")}
    fields |= {"coverage": _typed(plan.coverage, 100), "enrol_weeks": str(plan.enrol_days // 7)}
    fields |= {name: ", ".join(getattr(plan, name)) for name in LISTS} | {"filters": plan.left_out}
    if plan.layer is not None:
        ends = (_typed(plan.layer.start, 100), _typed(plan.layer.end, 100))
        fields |= dict(zip(LAYER, (plan.layer.name, *ends), strict=True))
    if plan.prior is not None:
        fields |= {"prior_mean": _typed(plan.prior.mean, 100), "prior_sd": _typed(plan.prior.sd, 100)}
    fields["planned_units"] = "" if plan.planned_units is None else str(plan.planned_units)
    equal = _equal_weights(plan)
    for n, variant in enumerate(plan.variants):
        fields |= _row("variants", n, (variant.key, variant.title, "" if equal else _typed(variant.weight, 100)))
    for n, goal in enumerate(plan.goals):
        fields |= _row("goals", n, (goal.metric, *_size(goal.worthwhile, goal.absolute)))
    for n, guard in enumerate(plan.guardrails):
        fields |= _row("guardrails", n, (guard.metric, *_size(guard.margin, guard.absolute)))
    return Brief(fields, list(plan.secondary))


def read(brief: Brief, base: Plan | None, offered: Sequence[Offer] = ()) -> Plan | None:
    """Build the plan, or note on the brief what is wrong with each field and return None.

    What the form does not show (payloads, ranges, targeting) is kept from `base`. `offered` are the layers there are.
    """
    data = _data(brief, base)
    if "layer" in brief.fields:
        data["layer"] = layer(brief, base, offered)
    if brief.problems:
        return None
    try:
        return Plan.model_validate(data)
    except ValueError as error:  # pydantic's ValidationError, by the name that needs no import of it
        _place_problems(brief, error)
        return None


def layer(brief: Brief, base: Plan | None, offered: Sequence[Offer]) -> dict[str, Any] | None:
    """The layer that was entered, with its slice; a name that no layer has makes a new one.

    Without a slice it is what is left: of a new layer the whole.
    """
    name = brief.get("layer").strip()
    if not name:
        return None
    known = next((o for o in offered if o.name == name), None)
    own = base.layer.model_dump(mode="json", by_alias=True) if base and base.layer and base.layer.name == name else None
    whole = own or (known.layer if known else {"name": name, "salt": name})
    if not any(brief.get(end).strip() for end in LAYER[1:]):
        best = known.best if known else (0.0, 1.0)
        if best is None:
            brief.problem("layer", f"'{name}' has nothing left: choose another layer, or a part that ends in time.")
            return None
        return {**whole, "from": best[0], "to": best[1]}
    start, end = (_number(brief, part, 100) for part in LAYER[1:])
    if start is not None and end is not None and not 0 <= start < end <= 1:
        said = f"the slice goes from {100 * start:g} to {100 * end:g}; it must rise within 0 to 100."
        brief.problem("layer_to", said)
    return {**whole, "from": start, "to": end}


def listed(brief: Brief, name: str) -> list[str]:
    """What was entered with commas between, each once."""
    return list(dict.fromkeys(filter(None, (part.strip() for part in brief.get(name).split(",")))))


def compared(brief: Brief) -> int | None:
    """How many units of those planned are in the two arms of one comparison; None where no sensible number is typed."""
    typed = re.sub(r"[\s,.']", "", brief.get("planned_units"))
    planned = min(int(typed), MOST_PLANNED) if typed.isascii() and typed.isdigit() else 0
    return 2 * planned // max(2, len(_used(brief, "variants"))) or None


def chosen(brief: Brief, kind: str) -> dict[int, str]:
    """The metrics that are chosen for goals or guardrails, by row."""
    return {n: brief.get(f"{kind}-{n}-metric") for n in _used(brief, kind)}


def fill_margins(brief: Brief, suggested: Mapping[str, str]) -> None:
    """Fill in what is suggested where a guardrail has no margin yet."""
    for n, metric in chosen(brief, "guardrails").items():
        if not brief.get(f"guardrails-{n}-margin").strip() and metric in suggested:
            brief.fields |= {f"guardrails-{n}-margin": suggested[metric], f"guardrails-{n}-of": "relative"}


def mark(plan: Plan) -> str:
    """Which version of a draft a form was opened from, texts included."""
    return hashlib.sha256(plan.model_dump_json(by_alias=True).encode()).hexdigest()[:16]


def moved(brief: Brief, now: Plan) -> bool:
    """Whether the draft changed since this form was opened; said once, then the form counts as opened anew."""
    was, brief.fields["was"] = brief.get("was"), mark(now)
    return bool(was) and was != mark(now)


def key_from(title: str) -> str:
    """Suggest a key for a title: 'One-page checkout' gives 'one-page-checkout'."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60]


def _data(brief: Brief, base: Plan | None) -> dict[str, Any]:
    data = base.model_dump(mode="json", by_alias=True, exclude_defaults=True) if base else {}
    data |= {name: brief.get(name).strip() for name in (*TEXTS, "unit", "method")}
    data["key"] = base.key if base else data["key"] or key_from(data["title"])
    data["coverage"] = _number(brief, "coverage", 100)
    data["enrol_days"] = (_whole(brief, "enrol_weeks") or 0) * 7
    data["planned_units"] = _whole(brief, "planned_units")
    data["prior"] = _prior(brief)
    data["variants"] = _variants(brief, base)
    data["goals"], data["guardrails"] = _sized(brief, "goals"), _sized(brief, "guardrails")
    data["secondary"] = [*brief.secondary]
    data |= {name: listed(brief, name) for name in LISTS if name in brief.fields}
    return data | (_filters(brief) if "filters" in brief.fields else {})


def _filters(brief: Brief) -> dict[str, Any]:
    try:
        return {"filters": filters.read(brief.get("filters"))}
    except DefinitionError as error:
        brief.problem("filters", str(error))
        return {}


def _prior(brief: Brief) -> dict[str, Any] | None:
    """Read only where it is used: with another method the fields say nothing."""
    if brief.get("method") != "bayesian" or not brief.get("prior_sd").strip():
        return None
    mean = _number(brief, "prior_mean", 100) if brief.get("prior_mean").strip() else 0.0
    return {"mean": mean, "sd": _number(brief, "prior_sd", 100)}


def _variants(brief: Brief, base: Plan | None) -> list[dict[str, Any]]:
    """Rows with a key; without any weight they share alike."""
    chosen = _used(brief, "variants")
    alike = not any(brief.get(f"variants-{n}-weight").strip() for n in chosen)
    hidden = {v.key: {"payload": v.payload, "ranges": v.ranges} for v in base.variants} if base else {}
    kept = _equal_weights(base) if base and len(base.variants) == len(chosen) else {}
    made = []
    for n in chosen:
        key, title = (brief.get(f"variants-{n}-{part}").strip() for part in ("key", "title"))
        equal = kept.get(key, 1 / len(chosen))
        weight = equal if alike else _number(brief, f"variants-{n}-weight", 100)
        made.append({"key": key, "title": title, "weight": weight, **hidden.get(key, {})})
    return made


def _sized(brief: Brief, kind: str) -> list[dict[str, Any]]:
    made = []
    for n in _used(brief, kind):
        absolute = brief.get(f"{kind}-{n}-of") == "absolute"
        size = _number(brief, f"{kind}-{n}-{SIZES[kind]}", 1 if absolute else 100)
        made.append({"metric": brief.get(f"{kind}-{n}-metric"), SIZES[kind]: size, "absolute": absolute})
    return made


def _used(brief: Brief, kind: str) -> list[int]:
    """Rows that somebody filled in; an empty row is how one is removed."""
    name = ROWS[kind][0]
    return [n for n in range(MOST_ROWS[kind]) if brief.get(f"{kind}-{n}-{name}").strip()]


def typed(text: str, divisor: int = 100) -> float | None:
    """Read a number as people type it, exactly: '2,9 %' is .029, as in a file. None where it is no number."""
    try:
        number = Decimal(text.strip().replace(",", ".").rstrip("% ")) / divisor
    except InvalidOperation:
        return None
    return float(number) if number.is_finite() else None


def _number(brief: Brief, name: str, divisor: int) -> float | None:
    number = typed(brief.get(name), divisor)
    if number is None:
        brief.problem(name, f"'{brief.get(name)}' is not a number; write one such as 2.5.")
    return number


def _whole(brief: Brief, name: str) -> int | None:
    text = re.sub(r"[\s,.']", "", brief.get(name))
    if text and not (text.isascii() and text.isdigit()):
        brief.problem(name, f"'{brief.get(name)}' is not a whole number; write one such as 20000.")
        return None
    return int(text) if text else None


def _place_problems(brief: Brief, error: ValueError) -> None:
    """Put each of the plan's own messages beside the field that it is about."""
    texts = plan_file.problems(error, Plan)  # type: ignore[arg-type]  # model_validate raises just this ValueError
    places = [e["loc"] for e in getattr(error, "errors")()]  # noqa: B009  # ValueError itself has no such method
    for location, text in zip(places, texts, strict=True):
        brief.problem(_field(brief, location), text)


def _field(brief: Brief, location: tuple[int | str, ...]) -> str:
    head = str(location[0]) if location else ""
    if head == "enrol_days":
        return "enrol_weeks"
    if head == "layer" and len(location) > 1:
        return f"layer_{location[1]}"
    if head == "prior":
        return f"prior_{location[1]}" if len(location) > 1 else "prior_sd"
    if head in ROWS and len(location) > 2:
        return f"{head}-{_used(brief, head)[int(location[1])]}-{location[2]}"
    return head


def _row(kind: str, n: int, values: tuple[str, ...]) -> Fields:
    return {f"{kind}-{n}-{part}": value for part, value in zip(ROWS[kind], values, strict=True)}


def _size(value: float, absolute: bool) -> tuple[str, str]:
    return _typed(value, 1 if absolute else 100), "absolute" if absolute else "relative"


def _typed(value: float, factor: int) -> str:
    """Write a number as somebody would type it: .029 as 2.9."""
    return f"{(Decimal(repr(value)) * factor).normalize():f}"


def _equal_weights(plan: Plan) -> dict[str, float]:
    """The weights of an equal split that nobody can type, such as thirds: their fields stay empty. Else nothing."""
    weights = {v.key: v.weight for v in plan.variants}
    equal = all(abs(w * len(weights) - 1) < 1e-9 for w in weights.values())
    return weights if equal and len(_typed(weights[plan.control.key], 100)) > 8 else {}


def entered(form: Mapping[str, str], secondary: list[str]) -> Brief:
    """What a request brought. To choose another duration is to ask what the plan can tell with that one."""
    found = Brief({name: value[:4000] for name, value in form.items()}, secondary, extra=form.get("add", ""))
    if weeks := re.fullmatch(r"weeks-(\d{1,2})", found.extra):
        found.fields["enrol_weeks"], found.extra = weeks[1], "odds"
    return found
