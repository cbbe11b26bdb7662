"""Keepers for Python: assign units to variants, log exposures and events.

This file is the whole public surface. Everything else is reached through a `Client`;
`keepers.testing` holds the fake one.
"""

from .assignment import Assignment
from .bound import Bound
from .client import Client
from .errors import ArgumentError, ConfigError, ConfigUnavailable, DeliveryError, KeepersError
from .version import __version__

__all__ = [
    "ArgumentError",
    "Assignment",
    "Bound",
    "Client",
    "ConfigError",
    "ConfigUnavailable",
    "DeliveryError",
    "KeepersError",
    "__version__",
]
