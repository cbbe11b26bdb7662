"""The list of experiments, in groups by what they ask of the reader."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from experiments import numbers
from experiments.registry import experiments, snapshots
from experiments.registry.experiments import Experiment
from experiments.reports.wording import DECISIONS, headline
from experiments.snapshot import Snapshot
from web.experiments.blueprint import blueprint
from web.stores import stores
from web.words import state_text

ASKING = {"keep", "drop", "stop", "review", "invalid"}
GROUPS = (
    ("needs", "Needs you", "A verdict asks for a decision or a repair"),
    ("running", "Running", "As planned"),
    ("draft", "Drafts", "Not yet launched"),
    ("decided", "Decided", "Newest first"),
)
TO_DO = {"invalid": "repair, then launch again", "stop": "harmed: decide now", "review": "needs a person's judgement"}


@dataclass(frozen=True)
class Line:
    """One experiment as the list shows it."""

    experiment: Experiment
    snapshot: Snapshot | None
    group: str

    @property
    def state(self) -> str:
        """The state in words, with its day."""
        return state_text(self.experiment.state, self.snapshot)

    @property
    def verdict(self) -> str:
        """The verdict's headline, or nothing."""
        return headline(self.snapshot) if self.snapshot else ""

    @property
    def remark(self) -> str:
        """What follows from the verdict: the decision, what to do, or when to expect an answer."""
        decision, snapshot = self.experiment.decision, self.snapshot
        if decision:
            return f"decision: {DECISIONS[decision.word].lower()}"
        if snapshot is None:
            return ""
        if snapshot.verdict.word == "wait" and snapshot.progress.answer_to:
            return f"answer {numbers.days(snapshot.progress.answer_from, snapshot.progress.answer_to)}"
        return TO_DO.get(snapshot.verdict.word, "ready to decide" if self.group == "needs" else "")

    @property
    def share(self) -> float:
        """How much of the planned days is done, 0 to 1."""
        return min(1.0, self.snapshot.progress.day / self.snapshot.progress.days) if self.snapshot else 0.0


@blueprint.get("/")
def home() -> Response:
    """Start with the list."""
    return redirect(url_for("experiments.listing"), 303)


@blueprint.get("/experiments")
def listing() -> str:
    """List experiments in groups; search and filters are part of the address."""
    newest = snapshots.latest_of_all(stores().db)
    everything = [_line(e, newest.get(e.key)) for e in experiments.listing(stores().db)]
    chosen = _chosen()
    lines = [line for line in everything if _matches(line, chosen)]
    groups = [(key, title, why, [x for x in lines if x.group == key]) for key, title, why in GROUPS]
    return render_template(
        "experiments/listing.html", groups=groups, chosen=chosen, any=bool(everything), found=len(lines),
        filtered=any(chosen.values()), teams=_distinct(x.experiment.plan.team for x in everything),
        owners=_distinct(x.experiment.plan.owner for x in everything), summary=_summary(groups),
    )  # fmt: skip


def _line(experiment: Experiment, snapshot: Snapshot | None) -> Line:
    if experiment.state == "running" and (snapshot is None or snapshot.verdict.word not in ASKING):
        return Line(experiment, snapshot, "running")
    group = "needs" if experiment.state in ("running", "stopped") else experiment.state
    return Line(experiment, snapshot, group)


def _chosen() -> dict[str, str]:
    return {name: request.args.get(name, "").strip() for name in ("q", "state", "verdict", "team", "owner")}


def _matches(line: Line, chosen: dict[str, str]) -> bool:
    e = line.experiment
    learning = e.decision.learning if e.decision else ""
    text = " ".join((e.key, e.plan.title, e.plan.hypothesis, e.plan.change, *e.plan.tags, learning)).lower()
    owner = current_user.name if chosen["owner"] == "me" else chosen["owner"]
    wanted = ((chosen["state"], e.state), (chosen["verdict"], e.verdict), (chosen["team"], e.plan.team))
    fits = all(word in ("", has) for word, has in (*wanted, (owner, e.plan.owner)))
    return fits and all(word in text for word in chosen["q"].lower().split())


def _distinct(values: Iterable[str]) -> list[tuple[str, str]]:
    """Values and labels of a filter."""
    return sorted({(v, v) for v in values if v})


def _summary(groups: Sequence[tuple[str, str, str, list[Line]]]) -> str:
    n = {key: len(lines) for key, _, _, lines in groups}
    needs = f"{numbers.several(n['needs'], 'needs', 'need')} you".capitalize()
    return f"{needs}. {numbers.several(n['running'], 'is', 'are').capitalize()} running as planned."
