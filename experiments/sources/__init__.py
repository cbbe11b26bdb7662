"""Sources: a team's own exposures and events, logged elsewhere, and pulled into the raw tables day by day."""

from experiments.sources.definition import POSTGRESQL, Columns, Source, Sources, address_of

__all__ = ["POSTGRESQL", "Columns", "Source", "Sources", "address_of"]
