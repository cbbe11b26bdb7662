"""What templates write is escaped as markupsafe escapes it, only sooner."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from experiments.reports import wording
from experiments.reports.escaping import escaped

HOSTILE = "<b title='x'>\"&\"</b>"
VALUES = st.text() | st.text("<>&'\"a", min_size=1) | st.integers() | st.floats() | st.booleans() | st.none()


class Drawn:
    def __html__(self):
        return "<svg>"


@given(VALUES | VALUES.map(escape) | st.lists(st.text()))
def test_any_value_is_escaped_as_by_markupsafe(value):
    assert escaped(value) == escape(value)


def test_markup_is_left_as_it_is():
    assert (escaped(Markup("<b>")), escaped(Drawn())) == ("<b>", "<svg>")


@pytest.mark.parametrize(
    "form", ["{{ x }}", "{% macro m(y) %}{{ y }}{% endmacro %}{{ m(x) }}", "{% set y %}{{ x }}{% endset %}{{ y }}", "{{ '<i>' ~ x }}"]
)
def test_a_template_lets_no_markup_of_others_through(form):
    assert "<" not in wording.environment().from_string(form).render(x=HOSTILE)


def test_texts_of_rows_are_escaped_and_the_form_is_not():
    assert wording.each("<td>{1}</td>{0}", [(1, HOSTILE), (2, Markup("<i>"))]) == f"<td>{escape(HOSTILE)}</td>1<td>&lt;i&gt;</td>2"
    assert wording.each("<td>{0}</td>", []) == ""
