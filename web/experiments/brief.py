"""Writing a brief: a conversation of seven questions that ends in the same plan as a YAML file."""

from collections.abc import Mapping, Sequence

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from experiments import lifecycle
from experiments.catalog import Catalog, Metric
from experiments.errors import Conflict, DefinitionError, NotFound, NotReady
from experiments.plan import Plan, freeze
from experiments.plan_file import plan_yaml
from experiments.planning import layers, margins, outlook, priors
from experiments.planning.collisions import Collisions
from experiments.planning.drafting import met_by
from experiments.planning.margins import Suggestion
from experiments.planning.outlook import Outlook
from experiments.planning.priors import Past
from experiments.planning.reading_back import read_back
from experiments.registry import claims, experiments, metrics, overview, search
from web.access import needs, writable
from web.experiments import form
from web.experiments.blueprint import blueprint
from web.experiments.odds import units_a_day
from web.stores import stores

CHANGED = (
    "Somebody changed this draft while you had it open. What you entered is here, unsaved: open the draft in another "
    "tab to see theirs. Saving again puts yours in its place."
)


@blueprint.get("/experiments/new")
@needs("experimenter")
def new() -> str:
    """Show an empty brief."""
    return _page(form.blank(current_user.name), None)


@blueprint.post("/experiments/new")
def create() -> tuple[str, int] | Response:
    """Save a new draft, or show what is wrong beside the fields."""
    return _save(None)


@blueprint.get("/experiments/<key>/edit")
@needs("experimenter")
def edit(key: str) -> str:
    """Show a draft's brief."""
    plan = _draft(key)
    return _page(form.filled(plan), plan)


@blueprint.post("/experiments/<key>/edit")
def change(key: str) -> tuple[str, int] | Response:
    """Save a draft anew; if it was launched or changed meanwhile, show what was entered and say so."""
    return _save(experiments.get(stores().db, key).plan)


def _draft(key: str) -> Plan:
    experiment = experiments.get(stores().db, key)
    if experiment.state != "draft":
        raise Conflict(f"'{key}' is {experiment.state}: its plan is frozen. Make a new experiment with another key.")
    return experiment.plan


def _save(base: Plan | None) -> tuple[str, int] | Response:
    brief = form.entered(request.form, request.form.getlist("secondary"))
    if brief.extra:
        return _page(brief, base, *(_asked(brief, base) if brief.extra == "odds" else ())), 200
    plan = _read(brief, base)
    if plan and base is None and _taken(plan.key):
        brief.problem("key", f"'{plan.key}' is the key of another experiment; choose one that no experiment has.")
    if base and form.moved(brief, base):
        brief.problem("", CHANGED)
    if plan and not brief.problems:
        try:
            lifecycle.save(stores().db, writable(plan), by=current_user.email)
            flash("The draft is saved.")
            return redirect(url_for("experiments.results", key=plan.key), 303)
        except (DefinitionError, Conflict) as error:
            brief.problems[""] = str(error).splitlines()
            return _page(brief, base), 409 if isinstance(error, Conflict) else 400
    return _page(brief, base), 400


def _asked(brief: form.Brief, base: Plan | None) -> tuple[()] | tuple[Outlook, str]:
    """What the plan can tell as entered, and the plan read back; nothing is saved. Else what is missing, by field."""
    plan = _read(brief, base)
    if plan is None:
        return ()
    try:
        frozen = freeze(plan, metrics.catalog(stores().db))
        asked = units_a_day(brief.get("units_a_day"))
        return outlook.work_out(stores().settings, stores().db, frozen, asked), read_back(frozen)
    except (NotReady, DefinitionError) as error:
        brief.problem("units_a_day", str(error))
        return ()


def _met(brief: form.Brief, base: Plan | None, catalog: Catalog, every: Sequence[claims.Claim]) -> Collisions:
    """Who shares the people of what was entered so far; a slice that is no slice yet counts as no layer."""
    stored = base.model_dump(mode="json", by_alias=True) if base else {"key": "", "variants": []}
    tried = form.Brief(dict(brief.fields))  # what is wrong with it is told when it is saved
    layer = form.layer(tried, base, layers.offers(every, base.key if base else ""))
    roles = [{"metric": metric} for kind in form.SIZES for metric in form.chosen(brief, kind).values()]
    said = {"unit": brief.get("unit").strip(), "goals": roles, "guardrails": [], "tags": form.listed(brief, "tags")}
    mine = claims.claim({**stored, **said, "layer": None if tried.problems else layer})
    return met_by(mine, every, catalog)


def _claims(brief: form.Brief) -> Sequence[claims.Claim]:
    """What runs and is planned on the units that were entered."""
    return claims.claims(stores().db, brief.get("unit").strip())


def _read(brief: form.Brief, base: Plan | None) -> Plan | None:
    """Build the plan, with a layer of those that there are."""
    return form.read(brief, base, layers.offers(_claims(brief), base.key if base else ""))


def _taken(key: str) -> bool:
    try:
        experiments.get(stores().db, key)
    except NotFound:
        return False
    return True


def _margins(brief: form.Brief, windowed: list[Metric], past: Mapping[str, Past]) -> dict[str, Suggestion]:
    """A margin to begin with for every metric that may be a guardrail, from its history and those who are planned."""
    found = margins.suggest(
        [m.key for m in windowed], margins.noises(stores().db), past, unit=brief.get("unit").strip() or "user",
        planned=form.compared(brief), guardrails=max(1, len(form.chosen(brief, "guardrails"))),
    )  # fmt: skip
    if brief.extra == "margins":
        form.fill_margins(brief, {key: s.typed for key, s in found.items()})
    return found


def _similar(brief: form.Brief, base: Plan | None) -> list[search.Found]:
    """Past experiments like what was entered."""
    typed = " ".join(brief.get(name) for name in ("title", "hypothesis", "change"))
    return search.similar(stores().db, typed, besides=base.key if base else "")


def _page(brief: form.Brief, base: Plan | None, found: Outlook | None = None, said: str = "") -> str:
    whole, past = metrics.catalog(stores().db), priors.learnt(stores().db)
    catalog = whole.metrics.values()
    windowed, every = [m for m in catalog if m.window_days], _claims(brief)
    offered = layers.offers(every, base.key if base else "")
    return render_template(
        "experiments/brief.html", brief=brief, outlook=found, said=said, base=base,
        similar=_similar(brief, base), was=brief.get("was") or (form.mark(base) if base else ""),
        yaml=plan_yaml(base) if base else "", met=_met(brief, base, whole, every),
        offered=offered, tags=overview.distinct(stores().db)[2],
        windowed=windowed, metrics=list(catalog), most=form.MOST_ROWS, margins=_margins(brief, windowed, past),
        suggested=priors.suggestions(past, whole),
    )  # fmt: skip
