"""The programme report of chosen days: a page to read and print, and the same as files."""

from datetime import date, timedelta

from flask import Response, abort, render_template

from experiments.reports.programme import FILES, Programme, sections, title
from web.portfolio.blueprint import blueprint
from web.portfolio.page import Asked, chosen, of

MOST = 60  # rows of each table on the page; files hold all


@blueprint.get("/portfolio/report")
def programme() -> str:
    """Show the report of the twelve months until today, or of other days and one team."""
    asked = chosen()
    found = of(asked)
    made = found.programme
    return render_template(
        "portfolio/report.html", r=made, title=title(made), sections=sections(made, MOST), files=FILES, most=MOST,
        teams=found.teams, quarters=quarters(asked.today),
        address={"from": made.first, "to": made.last, "team": made.team or None},
    )  # fmt: skip


@blueprint.get("/portfolio/report.<kind>")
def programme_file(kind: str) -> Response:
    """Hand the report out as a file."""
    if kind not in FILES:
        abort(404)
    media, _, render = FILES[kind]
    made = report(chosen())
    charset = "; charset=utf-8" if media.startswith("text/") else ""
    answer = Response(render(made), content_type=f"{media}{charset}")
    answer.headers["Content-Disposition"] = f'attachment; filename="{made.file_stem}.{kind}"'
    return answer


def report(asked: Asked) -> Programme:
    """Make the report of what was asked for."""
    return of(asked).programme


def quarters(today: date) -> list[tuple[str, date, date]]:
    """The last four quarters, the running one first: name, first and last day."""
    found, first = [], date(today.year, today.month - (today.month - 1) % 3, 1)
    for _ in range(4):
        last = (first + timedelta(days=95)).replace(day=1) - timedelta(days=1)
        found.append((f"Q{(first.month + 2) // 3} {first.year}", first, last))
        before = first - timedelta(days=1)
        first = date(before.year, before.month - 2, 1)
    return found
