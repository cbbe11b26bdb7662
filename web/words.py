"""What templates may use: the filters and drawings of the reports, and a few facts about the installation."""

from typing import Any

from flask import Flask
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined

from experiments.reports import FORMATS, wording
from experiments.snapshot import Snapshot
from web.glossary import GLOSSARY
from web.stores import stores

MENU = ("experiments", "portfolio", "learnings", "metrics", "events")  # each with a list of its own
BEHIND = ("keys", "people", "audit")  # for administrators
STATES = {"draft": "draft", "running": "run", "stopped": "done", "decided": "done"}


def init(app: Flask) -> None:
    """Share filters and drawings with the reports, so that a number is written in one place only."""
    app.jinja_env.undefined = StrictUndefined  # a name that is not there is an error, not an empty place
    own = FileSystemLoader(f"{app.root_path}/templates")
    app.jinja_env.loader = ChoiceLoader([own, wording.loader()])
    app.jinja_env.filters.update(wording.filters(), headline=wording.headline, letter=letter)
    words = {"FORMATS": FORMATS, "GLOSSARY": GLOSSARY, "STATES": STATES, "MENU": MENU, "BEHIND": BEHIND}
    app.jinja_env.globals.update(words, **wording.drawings(), treatment_name=wording.treatment_name)
    app.context_processor(_facts)


def letter(number: int) -> str:
    """Name the places on a chart: A, B, ... Z, then A again."""
    return chr(ord("A") + (number - 1) % 26)


def state_text(state: str, snapshot: Snapshot | None, phase: int) -> str:
    """The state in words, with the day where there is one: 'Running, day 9 of 14', 'Running, phase 2, day 3 of 14'."""
    if snapshot is None or snapshot.frozen.phase != phase or state not in ("running", "stopped"):
        return state.capitalize()
    which = f", phase {phase}" if phase > 1 else ""
    return f"{state.capitalize()}{which}, day {snapshot.progress.day} of {snapshot.progress.days}"


def _facts() -> dict[str, Any]:
    settings = stores().settings
    return {"time_zone": settings.time_zone, "single_sign_on": settings.single_sign_on is not None}
