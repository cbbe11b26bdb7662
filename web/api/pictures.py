"""Pictures of a draft's variants: listed, read, added as files, taken away."""

from datetime import datetime
from typing import Annotated

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from experiments import picturing
from experiments.registry import experiments, pictures
from web.api.blueprint import actor, operation
from web.api.experiments import ONE
from web.api.snapshots import NUMBER
from web.api.types import Given
from web.stores import stores

ALL = f"{ONE}/pictures"
LARGEST = 8 << 20  # bytes: above what a picture may have, so that whoever sends too much reads how much is allowed


class PictureOf(Given):
    """Which variant a picture shows, and what it shows in words, for who cannot see it."""

    variant: Annotated[str, Field(min_length=1, max_length=120)]
    alt: Annotated[str, Field(min_length=1, max_length=picturing.LONGEST_ALT)]


class Picture(BaseModel):
    """One picture as it is kept: encoded anew as WebP, `width` by `height` pixels, with the SHA-256 of that file."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    variant: str
    alt: str
    width: int
    height: int
    sha256: str
    at: datetime
    by: str


class Pictures(BaseModel):
    """The pictures of an experiment, in the order in which they were added."""

    items: list[Picture]


@operation("GET", ALL, answer=Pictures)
def list_pictures(key: str) -> Pictures:
    """List the pictures of an experiment's variants, without their pixels."""
    experiments.get(stores().db, key)
    return Pictures(items=[Picture.model_validate(p) for p in pictures.of(stores().db, key)])


@operation("GET", f"{ALL}/{NUMBER}", media=("image/webp",))
def get_picture(key: str, number: int) -> Response:
    """Read one picture as WebP."""
    body, _ = pictures.body(stores().db, key, number)
    return Response(body, content_type="image/webp")


@operation(
    "POST", ALL, query=PictureOf, sends=("image/png", "image/jpeg", "image/webp"), most=LARGEST, answer=Pictures,
    status=201, role="experimenter", conflicts=True,
)  # fmt: skip
def add_picture(key: str, query: PictureOf, file: bytes) -> Pictures:
    """Add a picture of a variant to a draft: the body is a PNG, JPEG or WebP of at most 5 MB.

    It is encoded anew, and nothing of the file is kept but its pixels. Once launched, pictures stay as they were:
    a conflict.
    """
    picturing.add(stores().db, key, variant=query.variant, alt=query.alt, data=file, by=actor())
    return list_pictures(key)


@operation("DELETE", f"{ALL}/{NUMBER}", answer=Pictures, role="experimenter", conflicts=True)
def remove_picture(key: str, number: int) -> Pictures:
    """Take a picture away from a draft, and read those that are left. A conflict once it was launched."""
    picturing.remove(stores().db, key, number, by=actor())
    return list_pictures(key)
