"""Templates that escape at a third of the time: a page of results has fifteen hundred places to fill."""

from collections.abc import Callable, MutableMapping
from contextlib import suppress
from types import CodeType
from typing import Any

from jinja2 import Environment, Template
from markupsafe import Markup, escape

quoted: Callable[[str], str] = escape
with suppress(ImportError):  # what that rests on has no public name, and a later markupsafe may do without it
    from markupsafe import _escape_inner as quoted  # type: ignore[attr-defined]


def escaped(value: object) -> str:
    """Return what `markupsafe.escape` does, but not as Markup: whoever fills a place only joins it with others."""
    kind = type(value)
    if kind is str:
        return quoted(value)  # type: ignore[arg-type]  # a str
    if kind is Markup:
        return value  # type: ignore[return-value]  # a str, too
    return str(value) if kind is int or kind is float else escape(value)


class Quick(Template):
    """A template whose places are filled by `escaped`."""

    @classmethod
    def from_code(
        cls, environment: Environment, code: CodeType, globals: MutableMapping[str, Any], uptodate: Any = None
    ) -> Template:
        """Make it of what Jinja compiled, which looks the function up in the template's own names."""
        made = super().from_code(environment, code, globals, uptodate)
        made.root_render_func.__globals__["escape"] = escaped
        return made
