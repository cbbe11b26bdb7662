"""What the API takes and gives before a launch."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from experiments.planning import checklist as planning
from experiments.planning.outlook import Outlook
from experiments.registry.outlooks import Stored
from web.api.types import Given


class Ask(Given):
    """How many new units a day to plan with; without it as many as the lake or past experiments show."""

    units_a_day: float | None = Field(default=None, ge=1, le=1e9)


class Kept(BaseModel):
    """An outlook with when and by whom it was worked out, and whether it is of the plan as it is now."""

    at: datetime
    by: str
    of_this_plan: bool
    outlook: Outlook


class Item(BaseModel):
    """One thing to do before a launch: what was found, or what to do."""

    title: str
    state: Literal["done", "open", "none"]
    text: str
    blocks: bool


class Checklist(BaseModel):
    """All of them, those that launch refuses without first."""

    summary: str
    items: list[Item]


def kept(stored: Stored, plan_hash: str) -> Kept:
    """Return an outlook as it is stored."""
    found = Outlook.model_validate_json(stored.body)
    return Kept(at=stored.at, by=stored.by, of_this_plan=stored.plan_hash == plan_hash, outlook=found)


def checklist(of: planning.Checklist) -> Checklist:
    """Return what is done and what is not."""
    items = [Item(title=i.title, state=i.state, text=i.text, blocks=i.blocks) for i in of.items]
    return Checklist(summary=of.summary, items=items)
