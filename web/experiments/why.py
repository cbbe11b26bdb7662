"""Why a unit gets its variant: a form that asks for it, and each step of the SDK's assignment in words."""

from flask import render_template, request

from experiments import why
from experiments.errors import DefinitionError
from experiments.registry import experiments
from web.experiments.blueprint import blueprint
from web.stores import stores

MOST = 4000


@blueprint.get("/experiments/<key>/why")
def ask_why(key: str) -> tuple[str, int]:
    """Ask for a unit, or with ?unit=ID&attributes=LINES say what it gets and why."""
    experiment = experiments.get(stores().db, key)
    unit, attributes = (request.args.get(name, "")[:MOST] for name in ("unit", "attributes"))
    found, error = None, None
    try:
        if unit.strip():
            given = why.attributes_of(attributes)
            found = why.explain(experiments.compiled(stores().db, key), unit.strip(), given)
    except DefinitionError as wrong:
        error = wrong
    page = render_template(
        "experiments/why.html", experiment=experiment, plan=experiment.plan, unit=unit, attributes=attributes,
        found=found, error=error,
    )  # fmt: skip
    return page, 400 if error else 200
