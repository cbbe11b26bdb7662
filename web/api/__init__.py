"""The REST API under /api/v1: what the pages do, for programs, with an OpenAPI document made from the same types."""

from web.api import documents, experiments, metrics, overviews, pictures, planning, portfolio, shares, snapshots
from web.api.blueprint import blueprint

__all__ = [
    "blueprint", "documents", "experiments", "metrics", "overviews", "pictures", "planning", "portfolio",
    "shares", "snapshots",
]  # fmt: skip
