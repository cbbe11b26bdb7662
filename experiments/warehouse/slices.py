"""Units by variant and slice: what the search for an uneven split's cause looks at.

They are counted before any exclusion but that of units seen in an earlier phase.
"""

import json
from collections import defaultdict
from functools import reduce

import ibis
import ibis.expr.types as ir

from experiments.warehouse.attributes import attribute
from experiments.warehouse.moments import Question

ENTRY_DAY, SINCE = "day", "since"  # ours: an attribute of that name is not searched
MOST_VALUES = 50
SAMPLED = 1_000

Slices = dict[str, dict[str, list[int]]]  # dimension → value → units per variant, in declared order


def slices(question: Question) -> Slices:
    """Return units per variant by each value of each attribute of their first exposure, and by day of entry.

    Only attributes that a sample of units shows to have at most 50 values; a day is its number since 1970, as text.
    """
    u = question.units
    enrolled = u.filter(~u.outside & ~u.earlier).select("unit", "variant", "day", "attributes")
    parts = [_counted(enrolled, ENTRY_DAY, enrolled.day.cast("string"))]
    parts += [_counted(enrolled, name, attribute(enrolled, name)) for name in _names(enrolled)]
    found: Slices = defaultdict(dict)
    for row in reduce(lambda a, b: a.union(b), parts).to_pyarrow().to_pylist():
        units = found[row["dimension"]].setdefault(row["value"], [0] * len(question.variants))
        units[row["variant"]] = row["units"]
    return {name: dict(sorted(v.items())) for name, v in sorted(found.items()) if _few(name, v)}


def _counted(enrolled: ir.Table, name: str, value: ir.Value) -> ir.Table:
    by_value = enrolled.select("variant", value=value).group_by(["variant", "value"]).agg(units=lambda t: t.count())
    return by_value.select("variant", "value", "units", dimension=ibis.literal(name))


def _names(enrolled: ir.Table) -> list[str]:
    """Attributes of the first units in order of their id: the same ones whenever one looks."""
    sample = enrolled.order_by("unit").limit(SAMPLED).attributes.to_pyarrow().to_pylist()
    values: dict[str, set[str]] = defaultdict(set)
    for text in sample:
        for name, value in json.loads(text or "{}").items():
            values[name].add(json.dumps(value))
    return sorted(name for name, seen in values.items() if len(seen) <= MOST_VALUES and name not in {ENTRY_DAY, SINCE})


def _few(name: str, values: dict[str, list[int]]) -> bool:
    return len(values) > 1 and (name == ENTRY_DAY or len(values) <= MOST_VALUES)
