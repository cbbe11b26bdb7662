"""Variants forced by this process: for all its time, or inside a `with` block."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextvars import ContextVar, Token
else:
    try:  # where `contextvars` has it from
        from _contextvars import ContextVar
    except ImportError:  # another interpreter
        from contextvars import ContextVar


class Overrides:
    """The forced variant of each experiment, as this thread or task sees it.

    `active` stays true once anything was forced, so that the fast path need not look.
    """

    def __init__(self, fixed: Mapping[str, str] | None):
        self._fixed = dict(fixed or {})
        self.active = bool(self._fixed)
        self.current: ContextVar[Mapping[str, str]] = ContextVar("keepers_overrides", default=self._fixed)

    def get(self, experiment: str) -> str | None:
        """Return the forced variant, or None."""
        return self.current.get().get(experiment)


class Override:
    """A `with` block that forces variants, for the current thread or task only."""

    def __init__(self, overrides: Overrides, variants: Mapping[str, str], changed: Callable[[], None]):
        self._overrides = overrides
        self._variants = dict(variants)
        self._changed = changed
        self._tokens: list[Token[Mapping[str, str]]] = []

    def __enter__(self) -> None:
        self._overrides.active = True
        self._changed()
        current = self._overrides.current
        self._tokens.append(current.set({**current.get(), **self._variants}))

    def __exit__(self, *exception: object) -> None:
        self._overrides.current.reset(self._tokens.pop())
