"""The domain of Keepers: plans, registry, warehouse, analysis, verdicts and reports."""

__version__ = "0.1.0"
