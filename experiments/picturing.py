"""Pictures of what each variant looks like: checked by what they hold, encoded anew, kept with the draft, and printed.

Of a file that somebody sends nothing is kept but its pixels: no name, no metadata, no bytes that a browser could take
for something else.
"""

import hashlib
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

from experiments.errors import Conflict, DefinitionError, NotFound
from experiments.plan import Plan
from experiments.registry import log
from experiments.registry.brief_models import PictureRow
from experiments.registry.database import Database, Session
from experiments.registry.experiments import find
from experiments.registry.models import ExperimentRow
from experiments.registry.pictures import facts

if TYPE_CHECKING:  # loaded where a picture comes, as few do
    from PIL import Image

MOST_BYTES = 5_000_000
MOST_PIXELS = 25_000_000  # of the file; four bytes each while it is encoded
WIDEST, HIGHEST = 1_600, 3_200  # of what is kept
QUALITY = 80
PRINTED, PRINT_QUALITY = (900, 1_400), 85
MOST_EACH = 4  # pictures of one variant
LONGEST_ALT = 300
FORMATS = {"PNG": b"\x89PNG\r\n\x1a\n", "JPEG": b"\xff\xd8\xff", "WEBP": b"RIFF"}
NO_PICTURE = "the file is no picture that can be read; send a PNG, a JPEG or a WebP of at most 5 MB."


@dataclass(frozen=True)
class Encoded:
    """A picture as WebP, or as JPEG to print, and its size in pixels."""

    body: bytes
    width: int
    height: int


def encode(data: bytes) -> Encoded:
    """Read a PNG, JPEG or WebP and write its first frame as WebP, upright, at most 1,600 by 3,200 pixels.

    DefinitionError for anything else, for more than 5 MB, and for more than 25 million pixels, before any is read.
    """
    if len(data) > MOST_BYTES:
        raise DefinitionError("the file has more than 5 MB, which a picture may have: save it smaller.")
    if not any(data.startswith(begin) for begin in FORMATS.values()):
        raise DefinitionError(NO_PICTURE)
    from PIL import Image

    try:
        with Image.open(BytesIO(data), formats=tuple(FORMATS)) as image:
            return _encoded(_upright(image))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise DefinitionError(_too_large("over 89")) from None
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, struct.error):
        raise DefinitionError(NO_PICTURE) from None


@lru_cache(maxsize=32)
def printed(body: bytes) -> Encoded | None:
    """Return a kept picture as JPEG of at most 900 by 1,400 pixels on white, for programs that know no WebP.

    The same picture gives the same bytes. None where it cannot be read: a damaged one keeps no report back.
    """
    from PIL import Image

    try:
        with Image.open(BytesIO(body), formats=("WEBP",)) as image:
            clear = image.has_transparency_data
            drawn = image.convert("RGBA" if clear else "RGB")
    except (OSError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None
    drawn.thumbnail(PRINTED)
    canvas = Image.new("RGB", drawn.size, "white")
    canvas.paste(drawn, mask=drawn if clear else None)
    out = BytesIO()
    canvas.save(out, "JPEG", quality=PRINT_QUALITY)
    return Encoded(out.getvalue(), canvas.width, canvas.height)


def add(db: Database, key: str, *, variant: str, alt: str, data: bytes, by: str) -> None:
    """Add a picture of a variant to a draft, with what it shows in words. Conflict once the draft was launched."""
    alt = " ".join(alt.split())
    if not 0 < len(alt) <= LONGEST_ALT:
        raise DefinitionError("say in words what the picture shows, in 300 characters at most, for who cannot see it.")
    found = encode(data)
    with db.begin() as session:
        row = _draft(session, key)
        _fits(session, Plan.model_validate(row.plan), variant)
        digest = hashlib.sha256(found.body).hexdigest()
        made = PictureRow(
            experiment=key, variant=variant, alt=alt, width=found.width, height=found.height, sha256=digest,
            at=datetime.now(UTC), by=by[:254], body=found.body,
        )  # fmt: skip
        session.add(made)
        text = f"Picture of {variant} added: {alt}"
        log.add(session, who=by, kind="picture", experiment=key, text=text, after=facts(made))


def remove(db: Database, key: str, number: int, by: str) -> None:
    """Take a picture away from a draft. NotFound if it has no such picture, Conflict once it was launched."""
    with db.begin() as session:
        _draft(session, key)
        row = session.get(PictureRow, number)
        if row is None or row.experiment != key:
            raise NotFound(f"'{key}' has no picture {number}; it may have been removed already. Reload.")
        session.delete(row)
        text = f"Picture of {row.variant} removed: {row.alt}"
        log.add(session, who=by, kind="picture", experiment=key, text=text, before=facts(row))


def _upright(image: "Image.Image") -> "Image.Image":
    """The pixels as they are to be seen: a camera says in its metadata which side is up."""
    from PIL import ImageOps

    if image.width * image.height > MOST_PIXELS:
        raise DefinitionError(_too_large(f"{image.width * image.height / 1e6:.0f}"))
    return ImageOps.exif_transpose(image)


def _encoded(image: "Image.Image") -> Encoded:
    """Draw onto a new canvas, which has no metadata to take along."""
    from PIL import Image

    mode = "RGBA" if image.has_transparency_data else "RGB"
    drawn = image.convert(mode)
    drawn.thumbnail((WIDEST, HIGHEST))
    canvas = Image.new(mode, drawn.size)
    canvas.paste(drawn)
    out = BytesIO()
    canvas.save(out, "WEBP", quality=QUALITY)
    return Encoded(out.getvalue(), canvas.width, canvas.height)


def _too_large(many: str) -> str:
    return f"the picture has {many} million pixels; it may have 25: save it smaller."


def _draft(session: Session, key: str) -> ExperimentRow:
    row = find(session, key)
    if row.state != "draft":
        raise Conflict(f"'{key}' is {row.state}: its pictures stay as they were at launch.")
    return row


def _fits(session: Session, plan: Plan, variant: str) -> None:
    keys = [v.key for v in plan.variants]
    if variant not in keys:
        raise DefinitionError(f"which variant does it show? '{variant}' is none of {', '.join(keys)}; choose one.")
    many = session.query(PictureRow).filter_by(experiment=plan.key, variant=variant).count()
    if many >= MOST_EACH:
        raise DefinitionError(f"{variant} has {many} pictures, and may have {MOST_EACH}: remove one first.")
