"""What every view needs: the settings and the two databases of this installation."""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from experiments.inbox import Inbox
from experiments.registry import Database
from experiments.settings import Settings


@dataclass(frozen=True)
class Stores:
    """The stores of one application. Both are opaque here: only functions of `experiments` look inside."""

    settings: Settings
    db: Database
    inbox: Inbox

    @classmethod
    def open(cls, settings: Settings) -> "Stores":
        """Open registry and inbox; nothing is read until the first request."""
        return cls(settings, Database(settings.registry), Inbox(settings.inbox))


def stores() -> Stores:
    """Return the stores of the application that answers this request."""
    return cast(Stores, current_app.extensions["keepers"])
