"""Experiments: listed, drafted, launched, stopped, decided, discussed."""

from experiments import approving, archiving, extending, followup, lifecycle, phases, why
from experiments.plan import Plan
from experiments.registry import experiments, log, overview
from web.api import types
from web.api.blueprint import actor, operation
from web.api.problems import ApiProblem, Fault
from web.stores import stores

ONE = "/experiments/<key>"


@operation("GET", "/experiments", query=types.Listing, answer=types.Experiments)
def list_experiments(query: types.Listing) -> types.Experiments:
    """List experiments, newest first.

    With `state` and `q` only some of them; `limit` and `offset` choose a part. Archived ones have a state of their own.
    """
    chosen = {"state": query.state or "", "named": query.q}
    total = sum(overview.counts(stores().db, chosen).values())
    part = overview.newest(stores().db, chosen, limit=query.limit, offset=query.offset)
    end = query.offset + len(part)
    following = end if part and end < total else None
    return types.Experiments(items=[types.short(card) for card in part], total=total, next=following)


@operation(
    "POST", "/experiments", body=Plan, answer=types.Experiment, status=201, role="experimenter", conflicts=True
)  # fmt: skip
def create_experiment(body: Plan) -> types.Experiment:
    """Store a draft from a plan.

    Its metrics must be in the catalogue. A key that exists is a conflict: change a draft with PUT.
    """
    if overview.exists(stores().db, body.key):
        raise ApiProblem(409, f"'{body.key}' exists. Choose another key, or change the draft with PUT.")
    return types.whole(lifecycle.save(stores().db, body, actor()))


@operation("GET", ONE, answer=types.Experiment)
def get_experiment(key: str) -> types.Experiment:
    """Read one experiment with its plan, state and decision."""
    return types.whole(experiments.get(stores().db, key))


@operation("PUT", ONE, body=Plan, answer=types.Experiment, role="experimenter", conflicts=True)
def put_experiment(key: str, body: Plan) -> types.Experiment:
    """Store or replace a draft.

    The plan's key must be that of the address. Once launched a plan is frozen, and this is a conflict.
    """
    if body.key != key:
        fault = Fault(pointer="/key", detail=f"it is '{body.key}', and the address says '{key}'")
        raise ApiProblem(400, "The plan belongs to another experiment: write the same key in both.", [fault])
    return types.whole(lifecycle.save(stores().db, body, actor()))


@operation("GET", f"{ONE}/approval", answer=types.Approval, conflicts=True)
def get_approval(key: str) -> types.Approval:
    """Read who approved a draft.

    Its `plan_hash` is that of the plan as it would be frozen now; approvals of an earlier plan have lapsed.
    """
    return types.approval(approving.of(stores().db, key), stores().settings.review)


@operation("POST", f"{ONE}/approve", body=types.Approve, answer=types.Approval, role="reviewer", conflicts=True)
def approve_experiment(key: str, body: types.Approve) -> types.Approval:
    """Approve a draft as a second person.

    Whoever changed the plan may not: 403. A plan that changed since it was read is a conflict. A key acts for
    whoever made it.
    """
    found = approving.approve(stores().db, key, actor(), body.plan_hash, body.note)
    return types.approval(found, stores().settings.review)


@operation("POST", f"{ONE}/launch", answer=types.Experiment, role="experimenter", conflicts=True)
def launch_experiment(key: str) -> types.Experiment:
    """Freeze the plan and start serving its split.

    Where launches need an approval, 403 until a second person gave one for this very plan.
    """
    return types.whole(lifecycle.launch(stores().db, key, actor(), review=stores().settings.review))


@operation("POST", f"{ONE}/stop", body=types.Stop, answer=types.Experiment, role="experimenter", conflicts=True)
def stop_experiment(key: str, body: types.Stop) -> types.Experiment:
    """Serve control to everyone.

    A running experiment is stopped; an enhancement that was kept is withdrawn. Clients learn of it when they next
    ask for the config, by default within 30 seconds.
    """
    return types.whole(lifecycle.stop(stores().db, key, actor(), body.reason))


@operation("POST", f"{ONE}/extend", body=types.Extend, answer=types.Experiment, role="experimenter", conflicts=True)
def extend_experiment(key: str, body: types.Extend) -> types.Experiment:
    """Let units enrol for more weeks than planned.

    Looks stay valid: those after the planned end hold on any day. A conflict where it makes no sense, and it says why.
    """
    return types.whole(extending.extend(stores().db, key, body.weeks, actor(), body.reason))


@operation("POST", f"{ONE}/phase", body=types.Phase, answer=types.Experiment, role="experimenter", conflicts=True)
def change_phase(key: str, body: types.Phase) -> types.Experiment:
    """Change who gets what while it runs.

    Coverage that rises alone keeps the phase. Other weights, targeting, less coverage or a fresh draw begin a new one:
    units seen before are left out and counted, and the answer starts anew with day 1. The answer's `phase` says which.
    Where launches need an approval, 403 until a second person approved this very change.
    """
    found = phases.change(
        stores().db, key, _wanted(body), by=actor(), reason=body.reason, plan_hash=body.plan_hash,
        review=stores().settings.review,
    )  # fmt: skip
    return types.whole(found)


@operation(
    "POST", f"{ONE}/phase/approve", body=types.ApprovePhase, answer=types.Approval, role="reviewer", conflicts=True
)  # fmt: skip
def approve_phase(key: str, body: types.ApprovePhase) -> types.Approval:
    """Approve a change of who gets what as a second person.

    It holds for this very change of the plan as it is now. Whoever changed the draft may not: 403.
    """
    found = phases.approve(
        stores().db, key, _wanted(body), by=actor(), plan_hash=body.plan_hash, note=body.note
    )  # fmt: skip
    return types.approval(found, stores().settings.review)


def _wanted(body: types.Change) -> phases.Wanted:
    return phases.Wanted(body.weights, body.coverage, body.targeting, body.fresh)


@operation(
    "POST", f"{ONE}/clone", body=types.Clone, answer=types.Experiment, status=201, role="experimenter", conflicts=True
)  # fmt: skip
def clone_experiment(key: str, body: types.Clone) -> types.Experiment:
    """Store a new draft with this plan.

    No data come along, and units are split afresh. A key that exists is a conflict.
    """
    return types.whole(lifecycle.clone(stores().db, key, body.key, actor()))


@operation("POST", f"{ONE}/archive", answer=types.Experiment, role="experimenter", conflicts=True)
def archive_experiment(key: str) -> types.Experiment:
    """Take a draft or a decided experiment off the list.

    Nothing is deleted, and what users get stays as it is. A conflict while it is running or undecided.
    """
    return types.whole(archiving.archive(stores().db, key, actor()))


@operation("POST", f"{ONE}/restore", answer=types.Experiment, role="experimenter", conflicts=True)
def restore_experiment(key: str) -> types.Experiment:
    """Put an archived experiment back on the list."""
    return types.whole(archiving.restore(stores().db, key, actor()))


@operation("POST", f"{ONE}/decide", body=types.Decision, answer=types.Experiment, role="experimenter", conflicts=True)
def decide_experiment(key: str, body: types.Decision) -> types.Experiment:
    """Record a decision.

    Differing from the verdict needs a second person with an account: 403 without one. Where launches need an
    approval, that person has agreed to it on the page of the decision before.
    """
    review = stores().settings.review
    ramp = [(s.after, s.coverage) for s in body.ramp]
    given = body.model_dump(exclude={"ramp"})
    return types.whole(lifecycle.decide(stores().db, key, by=actor(), review=review, ramp=ramp, **given))


@operation("POST", f"{ONE}/why", body=types.AskedWhy, answer=types.Why)
def explain_assignment(key: str, body: types.AskedWhy) -> types.Why:
    """Read why a unit gets its variant now.

    Each step of the assignment, by the SDK's own code and the config as it is served. Nothing is stored: it is a POST
    so that ids stand in no address, as addresses are logged.
    """
    found = why.explain(experiments.compiled(stores().db, key), body.unit, why.attributes_of(body.attributes))
    return types.Why.model_validate(found)


@operation("GET", f"{ONE}/after-launch", answer=types.AfterLaunch)
def read_after_launch(key: str) -> types.AfterLaunch:
    """Read how what was kept fares beside those held back.

    Each goal's prediction, what was measured since launch, and an interval that holds on any day. `latest` is null
    before the first look after launch, and where nobody is held back.
    """
    found = followup.latest(stores().db, experiments.get(stores().db, key))
    return types.AfterLaunch(latest=types.FollowUp.model_validate(found) if found else None)


@operation("GET", f"{ONE}/log", answer=types.Log)
def list_log(key: str) -> types.Log:
    """Read the log: changes, verdicts, discussion, newest first."""
    experiments.get(stores().db, key)
    return types.Log(items=[types.entry(e) for e in log.entries(stores().db, key)])


@operation("POST", f"{ONE}/comments", body=types.Comment, answer=types.Log, status=201, role="experimenter")
def add_comment(key: str, body: types.Comment) -> types.Log:
    """Add a line to the discussion, and read the log."""
    lifecycle.comment(stores().db, key, actor(), body.text)
    return list_log(key)
