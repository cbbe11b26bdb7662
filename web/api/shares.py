"""Links to a report for people without an account: listed, made, ended, where the installation allows them."""

from datetime import UTC, datetime

from flask import url_for
from pydantic import BaseModel, Field

from experiments.errors import NotReady, Refused
from experiments.registry import experiments, shares, snapshots
from web.api.blueprint import actor, operation
from web.api.experiments import ONE
from web.api.snapshots import NUMBER
from web.api.types import Given
from web.experiments.share import OFF
from web.security import root
from web.stores import stores

ALL = f"{ONE}/links"


class NewLink(Given):
    """For how many days a link shall work, and to which snapshot it leads: without a number to the newest."""

    days: int = Field(ge=1, le=shares.LONGEST)
    snapshot: int | None = Field(default=None, ge=1, le=2**31 - 1)


class Link(BaseModel):
    """A link by its number. `open` says whether it still leads somewhere."""

    id: int
    snapshot: int
    made_by: str
    made_at: datetime
    expires_at: datetime
    open: bool


class MadeLink(Link):
    """A link with its address, which is shown this once."""

    address: str


class Links(BaseModel):
    """The links of an experiment, newest first, without their addresses."""

    items: list[Link]


@operation("GET", ALL, answer=Links, role="experimenter")
def list_links(key: str) -> Links:
    """List the links to an experiment's reports; their addresses were shown when they were made."""
    experiments.get(stores().db, key)
    return Links(items=[_link(s) for s in shares.listing(stores().db, key)])


@operation("POST", ALL, body=NewLink, answer=MadeLink, status=201, role="experimenter", conflicts=True)
def make_link(key: str, body: NewLink) -> MadeLink:
    """Make a link by which people without an account read the one page of one snapshot.

    403 where links are switched off; a conflict before the first snapshot.
    """
    if not stores().settings.share_links:
        raise Refused(OFF)
    db, number = stores().db, body.snapshot or experiments.get(stores().db, key).latest_number
    if number is None:
        raise NotReady(f"'{key}' has no snapshot yet, so there is nothing to share.")
    shown = snapshots.get(db, key, number)
    made, token = shares.create(db, key, shown.number, days=body.days, by=actor())
    return MadeLink(**_link(made).model_dump(), address=root() + url_for("shared.report", token=token))


@operation("DELETE", f"{ALL}/{NUMBER}", answer=Links, role="experimenter")
def end_link(key: str, number: int) -> Links:
    """End a link at once and for good, and read all that there are."""
    shares.revoke(stores().db, key, number, by=actor())
    return list_links(key)


def _link(s: shares.Share) -> Link:
    return Link(
        id=s.id, snapshot=s.snapshot, made_by=s.made_by, made_at=s.made_at, expires_at=s.expires_at,
        open=s.open(datetime.now(UTC)),
    )  # fmt: skip
