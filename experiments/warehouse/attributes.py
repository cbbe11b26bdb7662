"""Attributes of exposures, which are kept as a JSON text: read as text or as a number, the same on every engine."""

import ibis
import ibis.expr.types as ir

from experiments.filters import Filters
from experiments.warehouse.rollup import is_one_of, property_of


def attribute(t: ir.Table, name: str) -> ir.Value:
    """Return an exposure attribute as text, '(none)' where it is missing; `t` has a column `attributes` of JSON."""
    return _text(t, name).fill_null("(none)")


def attribute_number(t: ir.Table, name: str) -> ir.Value:
    """Return an exposure attribute as a number, null where it is none; `t` has a column `attributes` of JSON."""
    return property_of(t.attributes, name).float


def left_out(t: ir.Table, filters: Filters) -> ir.BooleanValue | None:
    """Return the condition under which any of these filters leaves a unit out; None where there are no filters.

    `t` has a column `attributes` of JSON, those of the unit's first exposure.
    """
    each = [is_one_of(t.attributes, name, values).fill_null(False) for name, values in filters.items()]
    return ibis.or_(*each) if each else None


def _text(t: ir.Table, name: str) -> ir.Value:
    """The attribute as text. Engines write floats differently, so whole numbers go without a point."""
    item = property_of(t.attributes, name)
    number = item.float
    whole = (number == number.round()) & (number.abs() < 2**53)
    figures = ibis.ifelse(whole, number.cast("int64").cast("string"), number.cast("string"))
    return ibis.coalesce(item.str, figures, item.bool.cast("string"))
