"""A demonstration shop: simulated visitors go the whole way, from the SDK to the verdict's page."""

from experiments.demo.run import run

__all__ = ["run"]
