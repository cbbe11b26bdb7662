"""The portfolio page: how fast, how well, and worth how much. It reads cards and effects, never a snapshot."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from flask import render_template, request

from experiments.errors import DefinitionError
from experiments.portfolio import Period, Portfolio, outcomes, portfolio, wording, worth
from experiments.registry import Database, experiments, followups, overview, search, windows
from experiments.reports.programme import Programme, programme
from web.portfolio import drawing
from web.portfolio.blueprint import blueprint
from web.stores import stores

FIRST, LAST = date(2000, 1, 1), date(2100, 12, 31)
MOST = 8  # rows of a table; the rest is counted


@dataclass(frozen=True)
class Asked:
    """What the address asks for: a period and a team, '' for all."""

    period: Period
    team: str
    today: date


@dataclass(frozen=True)
class Found:
    """A portfolio and its report, how many of all experiments ask for what, as lists group them, and all teams."""

    portfolio: Portfolio
    programme: Programme
    groups: Mapping[str, int]
    teams: tuple[str, ...]


@blueprint.get("/portfolio")
def listing() -> str:
    """Show the twelve months until today, or with ?from= and ?to= others, of all teams or of ?team=."""
    asked = chosen()
    summed = of(asked)
    found = summed.portfolio
    return render_template(
        "portfolio/listing.html", p=found, asked=asked, any=bool(summed.groups), teams=summed.teams,
        first=wording.first_step(summed.groups),
        words=wording, columns=drawing.columns(found.months), rates=drawing.rate_lines(found.rates),
        tellable=outcomes.tellable(found.rates), impacts=[(i, *drawing.impact_lines(i)) for i in found.impacts[:3]],
        curve=drawing.curve(found.impacts[0], asked.period) if found.impacts else None,
        losses=drawing.loss_lines([x.effect for x in found.losses[:MOST]]), most=MOST,
        lanes=drawing.lanes(found.layers, asked.today), dates=drawing.dates(asked.today), now=drawing.now(),
        mix=Counter(found.mix), learnt=search.learnings(stores().db, limit=3, within=search.Within()),
    )  # fmt: skip


@lru_cache(maxsize=8)
def found_at(db: Database, version: tuple[int, int], asked: Asked) -> Found:
    """Sum up what was asked for; done once as long as nothing changes. What is usual is learnt from all teams."""
    period, served = asked.period, experiments.rolled_out(db, asked.today)
    every = [replace(c, rollout=served.get(c.experiment, c.rollout)) for c in overview.cards(db)]
    held = {c.experiment for c in every if worth.HOLDOUT in c.tags}
    usual = worth.known(row for row in overview.lifts(db, roles=("goal",)) if row[0] not in held)
    mine = [c for c in every if asked.team in ("", c.team)]
    effects = overview.ended_effects(db, period.first, period.last, worth.HOLDOUT)
    after = followups.words(db, [c.experiment for c in mine if c.decision == "keep"])
    made = portfolio(mine, effects, usual, after, period=period, today=asked.today, windows=windows.of_drafts(db))
    written = programme(made, effects, asked.team)
    return Found(made, written, Counter(c.group for c in every), tuple(sorted({c.team for c in every} - {""})))


def of(asked: Asked) -> Found:
    """Return what was asked for, as things stand now."""
    return found_at(stores().db, overview.version(stores().db), asked)


def chosen() -> Asked:
    """Read period and team from the address. DefinitionError for days that are none, or that run backwards."""
    return ask(_day("from"), _day("to"), request.args.get("team", "").strip())


def ask(first: date | None, last: date | None, team: str) -> Asked:
    """Ask for days and a team: without days for the twelve months until today."""
    today = datetime.now(UTC).astimezone(ZoneInfo(stores().settings.time_zone)).date()
    usual = Period.year_to(last or today)
    period = Period(first or usual.first, usual.last)
    if period.first > period.last:
        raise DefinitionError(f"The days begin on {period.first} and end on {period.last}: choose a later end.")
    return Asked(period, team, today)


def _day(name: str) -> date | None:
    text = request.args.get(name, "").strip()
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError:
        raise DefinitionError(f"'{text}' is no day; write one such as 2026-11-30.") from None
    if found and not FIRST <= found <= LAST:
        raise DefinitionError(f"'{text}' lies outside the years 2000 to 2100; choose another day.")
    return found
