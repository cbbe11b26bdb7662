"""Why a unit gets its variant: a form that asks for it, and each step of the SDK's assignment in words.

The form is posted, as ids in an address would stand in access logs and in the browser's history.
"""

from flask import render_template, request

from experiments import why
from experiments.errors import DefinitionError
from experiments.registry import experiments
from web.access import needs
from web.experiments.blueprint import blueprint
from web.stores import stores

MOST = 4000


@blueprint.get("/experiments/<key>/why")
def ask_why(key: str) -> str:
    """Ask for a unit."""
    return _page(key, None, None)


@blueprint.post("/experiments/<key>/why")
@needs("viewer")
def tell_why(key: str) -> tuple[str, int]:
    """Say what a unit gets and why. Nothing is stored."""
    try:
        unit, given = _asked("unit").strip(), why.attributes_of(_asked("attributes"))
        if not unit:
            raise DefinitionError("No unit is given; write the id that the code passes.")
        return _page(key, why.explain(experiments.compiled(stores().db, key), unit, given), None), 200
    except DefinitionError as error:
        return _page(key, None, error), 400


def _asked(name: str) -> str:
    return request.form.get(name, "")[:MOST]


def _page(key: str, found: why.Why | None, error: DefinitionError | None) -> str:
    experiment = experiments.get(stores().db, key)
    return render_template(
        "experiments/why.html", experiment=experiment, plan=experiment.plan, unit=_asked("unit"),
        attributes=_asked("attributes"), found=found, error=error,
    )  # fmt: skip
