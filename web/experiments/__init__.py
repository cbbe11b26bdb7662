"""Pages of experiments: the list, the results, the brief, the decision, and what may be taken away."""

from web.experiments import (
    approval,
    brief,
    changes,
    decide,
    exports,
    listing,
    odds,
    phases,
    pictures,
    results,
    share,
    why,
)
from web.experiments.blueprint import blueprint

__all__ = [
    "approval", "blueprint", "brief", "changes", "decide", "exports", "listing", "odds", "phases", "pictures",
    "results", "share", "why",
]  # fmt: skip
