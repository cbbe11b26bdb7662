"""The metric catalogue: read, and changed one entry at a time."""

from experiments.catalog import Catalog, Measure, Metric
from experiments.errors import NotFound
from experiments.planning import preview
from experiments.registry import metrics
from web.api import types
from web.api.blueprint import actor, operation
from web.api.problems import ApiProblem, Fault
from web.stores import stores


@operation("GET", "/metrics", answer=types.Catalogue)
def list_metrics() -> types.Catalogue:
    """Read the whole catalogue: metrics, and the measures that they add up."""
    found = metrics.catalog(stores().db)
    return types.Catalogue(metrics=found.metrics, measures=found.measures)


@operation("GET", "/metrics/<metric>", answer=Metric)
def get_metric(metric: str) -> Metric:
    """Read one metric."""
    found = metrics.catalog(stores().db).metrics
    if metric not in found:
        raise NotFound.of("metric", metric, found)
    return found[metric]


@operation("GET", "/metrics/<metric>/preview", answer=types.Preview, conflicts=True)
def preview_metric(metric: str) -> types.Preview:
    """Read how a metric's values lie on recent data: among all units met in the newest four weeks of the warehouse.

    Worked out from raw events when it is asked for, so it takes seconds where these are many. A conflict where nobody
    did lately what it counts, or fewer than 200 units have a complete window.
    """
    get_metric(metric)
    return types.Preview.model_validate(preview.preview(stores().settings, metric))


@operation("PUT", "/metrics/<metric>", body=Metric, answer=Metric, role="experimenter")
def put_metric(metric: str, body: Metric) -> Metric:
    """Add or change a metric.

    Its measures must be in the catalogue. Running experiments keep the version of their launch.
    """
    if body.key != metric:
        fault = Fault(pointer="/key", detail=f"it is '{body.key}', and the address says '{metric}'")
        raise ApiProblem(400, "The metric has another key: write the same in both.", [fault])
    metrics.apply(stores().db, Catalog(metrics={metric: body}), actor())
    return body


@operation("PUT", "/measures/<measure>", body=Measure, answer=Measure, role="experimenter")
def put_measure(measure: str, body: Measure) -> Measure:
    """Add or change a measure."""
    metrics.apply(stores().db, Catalog(measures={measure: body}), actor())
    return body
