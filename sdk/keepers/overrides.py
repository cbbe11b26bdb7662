"""Variants forced by this process: for all its time, or inside a `with` block."""

from __future__ import annotations

from .errors import ArgumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextvars import ContextVar, Token
    from typing import Any
else:
    try:  # where `contextvars` has it from
        from _contextvars import ContextVar
    except ImportError:
        from contextvars import ContextVar


class Overrides:
    """The forced variant of each experiment, as this thread or task sees it.

    `active` stays true once anything was forced, so that the fast path need not look.
    """

    def __init__(self, fixed: Mapping[str, str] | None):
        self._fixed = forced(fixed or {})
        self.active = bool(self._fixed)
        self.current: ContextVar[Mapping[str, str]] = ContextVar("keepers_overrides", default=self._fixed)

    def get(self, experiment: str) -> str | None:
        """Return the forced variant, or None."""
        return self.current.get().get(experiment)


def forced(variants: Any) -> dict[str, str]:
    """Return a copy of the variants to force. Raises ArgumentError."""
    if not hasattr(variants, "items"):
        raise ArgumentError(f"overrides are {variants!r:.60}: they must be a dict of variants by experiment.")
    for key, variant in variants.items():
        if not (isinstance(key, str) and isinstance(variant, str) and variant):
            raise ArgumentError(f"the override of {key!r:.60} is {variant!r:.60}: it must be the key of a variant.")
    return dict(variants)


class Override:
    """A `with` block that forces variants, for the current thread or task only."""

    def __init__(self, overrides: Overrides, variants: Mapping[str, str], changed: Callable[[], None]):
        self._overrides = overrides
        self._variants = variants
        self._changed = changed
        self._tokens: list[Token[Mapping[str, str]]] = []

    def __enter__(self) -> None:
        self._overrides.active = True
        self._changed()
        current = self._overrides.current
        self._tokens.append(current.set({**current.get(), **self._variants}))

    def __exit__(self, *exception: object) -> None:
        self._overrides.current.reset(self._tokens.pop())
