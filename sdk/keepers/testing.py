"""For your tests: a client that talks to nobody and remembers what it was told.

client = FakeClient({"checkout-cta": "treatment"})
checkout_page(client, "user-1")
assert client.exposures[0]["variant"] == "treatment"
assert [event["name"] for event in client.events] == ["purchase"]
"""

from __future__ import annotations

from .client import Client

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class Recorder:
    """A sink that keeps what it is given: `Client(config, sink=Recorder())`."""

    def __init__(self) -> None:
        self.batches: list[dict[str, Any]] = []

    def __call__(self, batch: dict[str, Any]) -> None:
        """Keep a batch."""
        self.batches.append(batch)

    @property
    def records(self) -> list[dict[str, Any]]:
        """Everything received, in order."""
        return [record for batch in self.batches for record in batch["events"]]

    @property
    def exposures(self) -> list[dict[str, Any]]:
        """The exposures received, in order."""
        return [record for record in self.records if record["type"] == "exposure"]

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events received, in order."""
        return [record for record in self.records if record["type"] == "event"]


class FakeClient(Client):
    """A strict client without thread or network.

    `variants` says which variant everybody gets in which experiment; or give a whole `config`.
    """

    _background = False

    def __init__(self, variants: Mapping[str, str] | None = None, *, config: Mapping[str, Any] | None = None):
        self._recorder = Recorder()
        super().__init__(config or config_for(variants or {}), sink=self._recorder, spool=False, strict=True)

    @property
    def exposures(self) -> list[dict[str, Any]]:
        """The exposures logged so far, as they would be sent."""
        self.flush()
        return self._recorder.exposures

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events logged so far, as they would be sent."""
        self.flush()
        return self._recorder.events


def config_for(variants: Mapping[str, str]) -> dict[str, Any]:
    """Return a config in which everybody gets the named variant of each experiment."""
    return {"schema": 1, "experiments": [_certain(key, variant) for key, variant in variants.items()]}


def _certain(key: str, variant: str) -> dict[str, Any]:
    treatment = variant if variant != "control" else "treatment"
    weight = 0.0 if variant == "control" else 1.0
    arms = [{"key": "control", "weight": 1.0 - weight}, {"key": treatment, "weight": weight}]
    return {"key": key, "version": 1, "status": "running", "variants": arms}
