"""Words and filters that templates of pages and reports share."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from experiments import numbers
from experiments.plan import Plan
from experiments.reports import drawing
from experiments.reports.escaping import Quick, quoted
from experiments.reports.rows import Row
from experiments.snapshot import Check, Effect, Expected, Snapshot
from experiments.wording import METHODS

TEMPLATES = Path(__file__).parent / "templates"
VERDICT_TONES = {
    "keep": "good", "stop": "bad", "invalid": "bad", "drop": "flat", "wait": "unknown", "review": "unknown",
}  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")
TURNING = frozenset(
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)  # they would turn what stands beside them too
FAILING_FIRST = {"bad": 0, "unknown": 1, "good": 2}
DECISIONS = {"keep": "Keep", "drop": "Drop", "again": "Run again with a new plan"}


def loader() -> FileSystemLoader:
    """Find the drawn vocabulary that pages and reports share."""
    return FileSystemLoader(TEMPLATES)


def environment() -> Environment:
    """The environment in which reports are rendered; everything is escaped."""
    made = Environment(loader=loader(), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    made.template_class = Quick
    made.filters.update(filters())
    made.globals.update(drawings())
    return made


def change_words(effect: Effect | Expected | None) -> tuple[str, str]:
    """Write a relative change and its interval, as measured or as expected."""
    if effect is None:
        return numbers.UNKNOWN, ""
    if isinstance(effect, Expected):
        return numbers.change(effect.relative, effect.low, effect.high)
    return numbers.change(effect.relative, effect.relative_low, effect.relative_high)


def filters() -> dict[str, Callable[..., Any]]:
    """Filters by the name that templates use."""
    return {
        "count": numbers.count, "units": numbers.units, "unit_name": numbers.unit_name, "several": numbers.several,
        "percent": numbers.percent, "plain_percent": numbers.plain_percent, "p_value": numbers.p_value,
        "chance": numbers.chance, "declared": numbers.declared,
        "statistic": numbers.statistic, "day": numbers.day, "days": numbers.days, "moment": numbers.moment,
        "stamp": numbers.stamp,
        "place": drawing.place, "verdict_tone": verdict_tone, "failing_first": failing_first, "short_hash": short_hash,
        "method": METHODS.get, "decision_word": DECISIONS.get, "sentence": sentence,
        "follows": follows, "breakable": breakable, "change_words": change_words, "each": each, "seen": seen,
    }  # fmt: skip


def drawings() -> dict[str, Callable[..., Markup]]:
    """Drawings by the name that templates use."""
    names = ("axis", "icon", "interval", "lines", "result_rows", "state")
    return {name: getattr(drawing, name) for name in names}


def each(form: str, rows: Iterable[Iterable[object]]) -> Markup:
    """Fill every row's texts, escaped, into a template's piece of markup at {0}, {1} ...: far faster than a loop."""
    columns = [map(quoted, map(str, column)) for column in zip(*rows, strict=True)]
    return Markup("".join(map(str(form).format, *columns)) if columns else "")  # noqa: S704  # its form is ours, the rest escaped


def seen(rows: Iterable[Row]) -> set[str]:
    """What the bars of some rows show: their tones, and 'off' where one runs off its scale."""
    bars = [row.bar for row in rows if row.bar]
    return {bar.tone for bar in bars} | {"off" for bar in bars if bar.left or bar.right}


def verdict_tone(word: str | None) -> str:
    """The tone of a verdict: only keep is good news, only stop and invalid are bad."""
    return VERDICT_TONES.get(word or "", "unknown")


def failing_first(checks: Sequence[Check]) -> list[Check]:
    """Order checks so that what needs attention comes first, otherwise as stored."""
    return sorted(checks, key=lambda check: FAILING_FIRST[check.mark])


def short_hash(text: str) -> str:
    """Write a hash so that two can be told apart by eye: '9b1e 47c0 … 55da'."""
    return text if len(text) < 16 else f"{text[:4]} {text[4:8]} … {text[-4:]}"


def breakable(text: str) -> Markup:
    """Let a long technical name break after its separators, and not within its words."""
    return Markup("").join(Markup("{}<wbr>").format(part) for part in re.split(r"(?<=[_.:/])", text))


def plain(text: str) -> str:
    """Return text that any file may hold: one line, without control characters or marks that turn its direction."""
    kept = (" " if unicodedata.category(c) == "Cc" else c for c in text if c not in TURNING)
    return "".join(c for c in kept if ord(c) & 0xFFFE != 0xFFFE)


def harmless(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def sentence(text: str) -> str:
    """Begin with a capital and end with a full stop."""
    text = text.strip()
    return text and f"{text[0].upper()}{text[1:]}{'' if text[-1] in '.!?' else '.'}"


def treatment_name(plan: Plan, key: str | None) -> str:
    """The title of a variant, or its key where the plan no longer has it."""
    return next((v.name for v in plan.variants if v.key == key), key or "")


def headline(snapshot: Snapshot) -> str:
    """The verdict as a headline."""
    return snapshot.headline


def follows(verdict: str | None) -> str:
    """Say of a decision that is not against the verdict what it has to do with it."""
    return "The verdict left it to a person." if verdict == "review" else "Follows the verdict."


def shares(plan: Plan) -> str:
    """The split in words: 'control 50%, One page 50%', or for many 'an equal split over six variants'."""
    if len(plan.variants) > 2 and len({v.weight for v in plan.variants}) == 1:
        return f"an equal split over {numbers.several(len(plan.variants), 'variant')}"
    return ", ".join(f"{v.name} {numbers.plain_percent(v.weight)}" for v in plan.variants)
