"""Schemathesis over the OpenAPI document: whatever it allows and whatever it does not, no 5xx and no strange answer.

A bounded run with fixed examples; `make fuzz-api` runs longer (KEEPERS_FUZZ is the number of examples per operation).
"""

import os
import warnings

import pytest
import samples
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from experiments import lifecycle
from experiments.registry import keys
from web.api.blueprint import OPERATIONS

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis.generation import GenerationMode
    from schemathesis.specs.openapi import checks as more

pytestmark = pytest.mark.slow

EXAMPLES = int(os.environ.get("KEEPERS_FUZZ", "5"))
KNOWN = {"key": ["running"] * 4 + [f"draft-{n}" for n in range(6)], "metric": ["completed", "load"], "measure": ["orders"], "number": [1, 2]}
RUN = hypothesis_settings(
    max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)  # fmt: skip


def checks(operation):
    """Of a query a broken value may not survive being written into an address, so its rejection is not asked for."""
    refused = [] if operation.query else [more.negative_data_rejection]
    return [
        schemathesis.checks.not_a_server_error, more.status_code_conformance, more.content_type_conformance,
        more.response_schema_conformance, more.response_headers_conformance, *refused,
    ]  # fmt: skip


@pytest.fixture(scope="module")
def api(make_site):
    """The document as an application of our own serves it, and a key that may change things."""
    site = make_site()
    site.app.testing = False  # a failure must be answered, not raised
    for key in KNOWN["key"][4:]:
        lifecycle.save(site.db, samples.plan(key), "test")
    site.launched(samples.plan("running"), "keep", 2)
    token = keys.create(site.db, name="fuzz", role="experimenter")[1]
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", site.app), {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["allowed", "not allowed"])
@pytest.mark.parametrize("name", [op.name for op in OPERATIONS])
def test_an_operation_answers_as_the_document_says(api, name, mode):
    schema, headers = api
    operation = schema.find_operation_by_id(name)
    if mode == GenerationMode.NEGATIVE and not (operation.body or operation.query or operation.path_parameters):
        pytest.skip("this operation takes nothing that could be wrong")

    @seed(20261125)
    @RUN
    @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
    def run(case, data):
        for place in KNOWN.keys() & set(case.path_parameters or {}) if mode == GenerationMode.POSITIVE else ():
            if data.draw(st.integers(0, 3)):  # most names that fit the document lead to nothing
                case.path_parameters[place] = data.draw(st.sampled_from(KNOWN[place]))
        case.call_and_validate(headers=headers, checks=checks(operation))

    run()
