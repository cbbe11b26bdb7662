"""Learnings: one reusable sentence from each experiment, searched; and past experiments like one being planned."""

from flask import Blueprint, render_template, request

from experiments.registry import search
from web.stores import stores

blueprint = Blueprint("learnings", __name__)

PAGE = 30
OUTCOMES = (("keep", "Keep"), ("drop", "Drop"), ("again", "Run again"))
MOST_TYPED = 4000


@blueprint.get("/learnings")
def listing() -> str:
    """Search learnings; words, tag, outcome and page are part of the address."""
    chosen = {name: request.args.get(name, "").strip()[:MOST_TYPED] for name in ("q", "tag", "outcome")}
    number = max(1, request.args.get("page", 1, type=int))
    within = search.Within(tag=chosen["tag"], outcome=chosen["outcome"])
    found = search.learnings(stores().db, chosen["q"], PAGE + 1, offset=PAGE * (min(number, 10_000) - 1), within=within)
    return render_template(
        "learnings/listing.html", found=found[:PAGE], more=len(found) > PAGE, page=number, chosen=chosen,
        filtered=any(chosen.values()), tags=search.tags(stores().db), outcomes=OUTCOMES,
    )  # fmt: skip


@blueprint.get("/learnings/similar")
def similar() -> str:
    """Past experiments like the text of ?text=, but the one of ?besides=, as a piece of a page."""
    text, besides = request.args.get("text", "")[:MOST_TYPED], request.args.get("besides", "")
    found = search.similar(stores().db, text, besides=besides)
    return render_template("learnings/similar.html", found=found)
