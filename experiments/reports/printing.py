"""Pictures for formats that print: the first of each variant, as JPEG, which every reader of slides and paper knows."""

from dataclasses import dataclass

from experiments.picturing import printed
from experiments.reports.model import Report
from experiments.reports.page import pictured

MOST = 4  # side by side they can still be read; the others are told in words, and all stand in the HTML


@dataclass(frozen=True)
class Print:
    """A picture's file, its size in pixels, and its place among the points of the page's `shots`."""

    name: str
    body: bytes
    width: int
    height: int
    place: int


def first_of_each(report: Report) -> list[Print]:
    """Return the first picture of each of the first variants that has one; what cannot be read is left out."""
    found: dict[str, Print] = {}
    for place, p in enumerate(pictured(report)):
        if p.variant not in found and len(found) < MOST and (made := printed(p.body)) is not None:
            found[p.variant] = Print(f"{len(found) + 1}.jpg", made.body, made.width, made.height, place)
    return list(found.values())
