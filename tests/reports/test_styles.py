"""The report's styles are a part of the pages' styles, so that both look alike."""

import re
from pathlib import Path

from experiments.reports.wording import TEMPLATES

STATIC = Path(__file__).parents[2] / "web" / "static"


def rules(text, around=""):
    """All rules as (place, selector) -> declarations, with white space made plain."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    found, start = {}, 0
    while (brace := text.find("{", start)) >= 0:
        selector, depth, end = " ".join(text[start:brace].split()), 1, brace + 1
        while depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        body = text[brace + 1 : end - 1]
        if selector.startswith("@media"):
            found |= rules(body, selector)
        else:
            found.setdefault((around, selector), " ".join(body.split()))
        start = end
    return found


def test_the_reports_rules_are_those_of_the_pages():
    pages = {**rules((STATIC / "tokens.css").read_text()), **rules((STATIC / "app.css").read_text())}
    ours = rules((TEMPLATES / "report.css").read_text())
    shared = {key for key in ours if key in pages}
    assert len(shared) > 80
    assert {key: ours[key] for key in shared} == {key: pages[key] for key in shared}


def test_every_class_that_the_report_draws_has_a_style():
    drawn = "".join((TEMPLATES / name).read_text() for name in ("marks.html", "results.html", "../drawing.py"))
    styles = (TEMPLATES / "report.css").read_text()
    for name in ("iv", "worth", "beyond", "mwe", "margin", "zero", "grid", "pt", "arrow", "axis", "res", "ivc", "own"):
        assert re.search(rf'["\s\'.]{name}\b', drawn), name
        assert re.search(rf"\.{name}\b", styles), name
