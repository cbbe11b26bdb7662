"""The list of experiments, in groups by what they ask of the reader, a page at a time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from experiments import numbers
from experiments.registry import overview
from experiments.registry.overview import Card
from experiments.reports.wording import DECISIONS
from web.experiments.blueprint import blueprint
from web.stores import stores

PAGE = 40
GROUPS = {
    "needs": ("Needs you", "A verdict asks for a decision or a repair"), "running": ("Running", "As planned"),
    "draft": ("Drafts", "Not yet launched"), "decided": ("Decided", "Newest first"),
    "archived": ("Archived", "Drafts and decided ones that were put away"),
}  # fmt: skip
FILTERS = ("q", "state", "verdict", "team", "owner", "tag", "group")
TO_DO = {"invalid": "repair, then launch again", "stop": "harmed: decide now", "review": "needs a person's judgement"}


@dataclass(frozen=True)
class Line:
    """One experiment as the list shows it."""

    card: Card

    @property
    def remark(self) -> str:
        """What follows from the verdict: the decision, what to do, or when to expect an answer."""
        card = self.card
        if card.decision:
            return f"decision: {DECISIONS[card.decision].lower()}"
        if card.word is None:
            return ""
        if card.word == "wait" and card.answer_to:
            return f"answer {numbers.days(card.answer_from, card.answer_to)}"
        return TO_DO.get(card.word, "ready to decide" if card.group == "needs" else "")

    @property
    def share(self) -> float:
        """How much of the planned days is done, 0 to 1."""
        return min(1.0, self.card.day / self.card.days) if self.card.day and self.card.days else 0.0


@blueprint.get("/")
def home() -> Response:
    """Start with the list."""
    return redirect(url_for("experiments.listing"), 303)


@blueprint.get("/experiments")
def listing() -> str:
    """List experiments in groups; search, filters and the page are part of the address."""
    chosen = {name: request.args.get(name, "").strip() for name in FILTERS}
    asked = {**chosen, "owner": current_user.name if chosen["owner"] == "me" else chosen["owner"]}
    counts = overview.counts(stores().db, asked)
    found = sum(counts.values())
    pages = max(1, -(-found // PAGE))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    cards = overview.page(stores().db, asked, limit=PAGE, offset=PAGE * (page - 1))
    teams, owners, tags = overview.distinct(stores().db)
    return render_template(
        "experiments/listing.html", groups=_groups(cards, counts), chosen=chosen, any=overview.some(stores().db),
        kept={name: value for name, value in chosen.items() if value}, found=found, page=page, pages=pages,
        first=PAGE * (page - 1) + 1, shown=len(cards), teams=_options(teams), owners=_options(owners),
        tags=_options(tags), summary=_summary(counts),
    )  # fmt: skip


def _groups(cards: Iterable[Card], counts: Mapping[str, int]) -> list[tuple[str, str, str, int, list[Line]]]:
    """The groups of one page: key, title, why, how many in all, and those shown here."""
    lines: dict[str, list[Line]] = {key: [] for key in GROUPS}
    for card in cards:
        lines[card.group].append(Line(card))
    return [(key, *GROUPS[key], counts.get(key, 0), shown) for key, shown in lines.items()]


def _options(values: Iterable[str]) -> list[tuple[str, str]]:
    """Values and labels of a filter."""
    return [(v, v) for v in values]


def _summary(counts: Mapping[str, int]) -> str:
    needs, running = counts.get("needs", 0), counts.get("running", 0)
    return f"{_how_many(needs, 'needs', 'need')} you. {_how_many(running, 'is', 'are')} running as planned."


def _how_many(number: int, one: str, many: str) -> str:
    """Say how many with a verb: 'None needs', 'One needs', '12 need'."""
    return numbers.several(number, one, many).capitalize() if number else f"None {one}"
