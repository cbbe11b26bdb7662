"""A client with the unit filled in."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .assignment import Assignment, At
    from .client import Client


class Bound:
    """What `Client.bind` returns: the same calls, without the unit.

    Attributes given to `bind` are part of every assignment; those of the call win. They are not
    added to the properties of tracked events.
    """

    __slots__ = ("_attributes", "_client", "_unit")

    def __init__(self, client: Client, unit: Any, attributes: Mapping[str, Any]):
        self._client = client
        self._unit = unit
        self._attributes = attributes

    def variant(
        self,
        experiment: str,
        /,
        default: str = "control",
        *,
        expose: bool = True,
        at: At = None,
        attributes: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> str:
        """As `Client.variant`."""
        merged = self._merged(attributes, more)
        return self._client.variant(experiment, self._unit, default, expose=expose, at=at, attributes=merged)

    def assign(
        self, experiment: str, /, default: str = "control", *, attributes: Mapping[str, Any] | None = None, **more: Any
    ) -> Assignment:
        """As `Client.assign`."""
        return self._client.assign(experiment, self._unit, default, attributes=self._merged(attributes, more))

    def expose(
        self, experiment: str, /, variant: str, *, at: At = None, attributes: Mapping[str, Any] | None = None
    ) -> None:
        """As `Client.expose`."""
        self._client.expose(experiment, self._unit, variant, at=at, attributes=self._merged(attributes, {}))

    def track(
        self,
        event: str,
        /,
        value: float | None = None,
        *,
        at: At = None,
        properties: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> None:
        """As `Client.track`."""
        self._client.track(event, self._unit, value, at=at, properties=properties, **more)

    def _merged(self, attributes: Any, more: Mapping[str, Any]) -> Any:
        try:
            return {**self._attributes, **(attributes or {}), **more}
        except TypeError:
            return attributes  # which the client refuses
