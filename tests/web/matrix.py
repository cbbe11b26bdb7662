"""Who may do what, as the tables of docs/access.md: made from the application's own routes, read back by the tests.

`python tests/web/matrix.py` prints the tables for the page.
"""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from flask import Flask

from experiments.inbox import Inbox
from experiments.registry import Database, keys
from experiments.settings import Settings
from web import create_app
from web.access import RANKS, needed
from web.api.blueprint import OPERATIONS

DOCS = Path(__file__).parents[2] / "docs" / "access.md"
PEOPLE = ("nobody", *RANKS)
KINDS = ("none", *keys.KINDS.values())
COLLECTOR = {"collector.receive", "collector.config"}
Cells = dict[tuple[str, str], dict[str, bool]]


def pages(app: Flask) -> Cells:
    """Pages: (address, method) to who may."""
    found: Cells = {}
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if rule.endpoint in COLLECTOR or _operation(rule.endpoint):
            continue
        open_to_all = rule.endpoint == "static" or getattr(view, "open_to_all", False)
        for method in methods(rule):
            least = needed(view, method)
            may = {who: open_to_all or RANKS.get(who, -1) >= RANKS[least] for who in PEOPLE}
            found[rule.rule, method] = may
    return dict(sorted(found.items()))


def api(app: Flask) -> Cells:
    """The collector and the REST API: (address, method) to the kinds of keys that may."""
    found: Cells = {}
    acts = {kind: keys.ACTING.get(role, role) for role, kind in keys.KINDS.items()}
    sends = {keys.KINDS[role] for role in keys.COLLECTING}
    for rule in app.url_map.iter_rules():
        for method in methods(rule):
            if rule.endpoint in COLLECTOR:
                found[rule.rule, method] = {kind: kind in sends for kind in KINDS}
            elif operation := _operation(rule.endpoint):
                least = RANKS[operation.role]
                found[rule.rule, method] = {kind: RANKS.get(acts.get(kind, ""), -1) >= least for kind in KINDS}
    return dict(sorted(found.items()))


def methods(rule: object) -> list[str]:
    """The methods of a route that are more than another's shadow."""
    return sorted(set(rule.methods) - {"HEAD", "OPTIONS"})  # type: ignore[attr-defined]


def table(cells: Cells) -> str:
    """Write cells as a table of Markdown."""
    columns = next(iter(cells.values()))
    rows = [["address", "method", *columns], ["---"] * (2 + len(columns))]
    rows += [[f"`{a}`", m, *("yes" if may else "" for may in who.values())] for (a, m), who in cells.items()]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def written(heading: str) -> Cells:
    """Read the table under a heading of the page back."""
    part = DOCS.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = [[c.strip() for c in line.strip("|").split("|")] for line in re.findall(r"^\|.*\|$", part, re.MULTILINE)]
    head, body = rows[0], rows[2:]
    return {(r[0].strip("`"), r[1]): {who: c == "yes" for who, c in zip(head[2:], r[2:], strict=True)} for r in body}


def _operation(endpoint: str) -> object:
    return next((op for op in OPERATIONS if endpoint == f"api.{op.name}"), None)


def _made() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as home:
        settings = Settings.load({"KEEPERS_HOME": home})
        Database(settings.registry).migrate()
        Inbox(settings.inbox).migrate()
        app = create_app(settings)
        yield f"## Pages\n\n{table(pages(app))}"
        yield f"## Keys\n\n{table(api(app))}"


if __name__ == "__main__":
    print("\n".join(_made()))
