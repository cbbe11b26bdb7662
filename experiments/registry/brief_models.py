"""What belongs to a brief beside its plan: what was worked out of it before launch, and pictures of its variants."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from experiments.registry.models import RegistryBase


class OutlookRow(RegistryBase):
    """What a plan can and cannot tell, as it was worked out last, in words; `plan_hash` says for which plan."""

    __tablename__ = "outlooks"
    experiment: Mapped[str] = mapped_column(ForeignKey("experiments.key"), primary_key=True)
    plan_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(254))
    body: Mapped[str] = mapped_column(Text)


class PictureRow(RegistryBase):
    """A picture of one variant, as we encoded it: nothing of the file that was sent is kept but its pixels."""

    __tablename__ = "pictures"
    id: Mapped[int] = mapped_column(primary_key=True)
    experiment: Mapped[str] = mapped_column(ForeignKey("experiments.key"), index=True)
    variant: Mapped[str] = mapped_column(String(120))
    alt: Mapped[str] = mapped_column(String(300))
    width: Mapped[int]
    height: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(254))
    body: Mapped[bytes] = mapped_column(LargeBinary)
