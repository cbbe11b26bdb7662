"""The report as JSON: the snapshot as stored, with the experiment's texts and decision beside it."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from experiments.reports.model import Report

if TYPE_CHECKING:
    from experiments.followup import FollowUp
    from experiments.registry.experiments import Decision

SCHEMA = 1
PICTURE = ("variant", "alt", "width", "height", "sha256")  # pixels have an address of their own in the API


def render(report: Report) -> bytes:
    """Return UTF-8 JSON. `hash` is the SHA-256 of the member `snapshot` as Snapshot.hash takes it."""
    text = json.dumps(document(report), indent=2, ensure_ascii=False, allow_nan=False)
    return text.encode() + b"\n"


def document(report: Report) -> dict[str, Any]:
    """The members of the JSON report, in the order of reading. What is beside the snapshot is not in its hash."""
    plan, snapshot = report.experiment.plan, report.snapshot
    texts = {name: getattr(plan, name) for name in ("key", "title", "hypothesis", "change", "owner", "team")}
    decision, seen = report.decision, report.after
    return {
        "schema": SCHEMA,
        "hash": snapshot.hash,
        "experiment": texts,
        "decision": decision and _plain(decision),
        "pictures": [{name: getattr(p, name) for name in PICTURE} for p in report.pictures],
        "after_launch": seen and _plain(seen),
        "snapshot": snapshot.model_dump(mode="json", by_alias=True),
    }


def _plain(record: "Decision | FollowUp") -> dict[str, Any]:
    """Its fields, with every date in them written out."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(record), default=lambda at: at.isoformat()))
    return plain
