"""The metric catalogue, to read, and whether each metric can be trusted: a replay over real units, when asked for."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request

from experiments.catalog import Catalog
from experiments.errors import NotFound, NotReady
from experiments.planning import calibration, priors
from experiments.planning.calibration import Calibration
from experiments.registry import metrics
from web.stores import stores

blueprint = Blueprint("metrics", __name__)


@dataclass(frozen=True)
class Replay:
    """What a replay found, in words, or the problem that leaves it unanswered."""

    headline: str
    sound: bool
    sentences: tuple[str, ...]
    problem: bool = False


@blueprint.get("/metrics")
def listing() -> str:
    """List metrics with what they count, and measures."""
    return render_template("metrics/listing.html", catalog=metrics.catalog(stores().db))


@blueprint.get("/metrics/<key>")
def detail(key: str) -> str:
    """Show one metric, what past experiments say of its effects, and with ?check=yes its replay."""
    catalog = metrics.catalog(stores().db)
    past = priors.learnt(stores().db, _known(key, catalog)).get(key)
    return render_template(
        "metrics/detail.html", m=catalog.metrics[key], past=priors.sentence(past),
        prior=priors.prior_words(past.prior, catalog.metrics[key]) if past and past.prior else "",
        replay=_replay(key) if request.args.get("check") else None,
    )  # fmt: skip


def _known(key: str, catalog: Catalog) -> str:
    if key not in catalog.metrics:
        raise NotFound.of("metric", key, catalog.metrics)
    return key


def _replay(key: str) -> Replay:
    try:
        found: Calibration = calibration.check(stores().settings, key)
    except NotReady as error:
        text = str(error)
        return Replay("Not known yet", False, (text[0].upper() + text[1:],), problem=True)
    return Replay(calibration.headline(found), found.sound, calibration.sentences(found))
