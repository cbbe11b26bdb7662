"""The metric catalogue, to read, and whether each metric can be trusted: a replay over real units, when asked for."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request

from experiments import numbers
from experiments.catalog import Catalog
from experiments.errors import NotFound, NotReady
from experiments.planning import calibration, preview, priors
from experiments.planning.calibration import Calibration
from experiments.portfolio import records
from experiments.registry import metrics, overview
from experiments.registry.overview import Card, Effect
from experiments.reports import rows
from web.preview import Histogram, histogram
from web.stores import stores

blueprint = Blueprint("metrics", __name__)


LAST = 12  # uses that its page lists
SIZES = (0.01, 0.02, 0.05)


@dataclass(frozen=True)
class Use:
    """One treatment of an experiment that has the metric, and what was seen there."""

    card: Card
    effect: Effect
    change: str
    interval: str

    @property
    def tone(self) -> str:
        """How its reading is drawn."""
        return rows.TONES.get(self.effect.reading, "unknown")  # type: ignore[call-overload, no-any-return]  # stored as text


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
    """Show one metric, what past experiments say of its effects, with ?preview=yes how its values lie, and
    with ?check=yes its replay.
    """
    db = stores().db
    catalog = metrics.catalog(db)
    past = priors.learnt(stores().db, _known(key, catalog)).get(key)
    seen = overview.effects(db, key)
    largest = records.typical(seen)
    return render_template(
        "metrics/detail.html", record=records.record(key, seen), uses=_uses(key), versions=metrics.versions(db, key),
        largest=largest, mean=_mean(largest), needed=_needed(largest), m=catalog.metrics[key],
        past=priors.sentence(past), prior=priors.prior_words(past.prior, catalog.metrics[key])
        if past and past.prior else "", shown=_preview(key) if request.args.get("preview") else None,
        replay=_replay(key) if request.args.get("check") else None,
    )  # fmt: skip


def _mean(largest: Effect | None) -> str:
    return numbers.measured(largest.control_mean, largest.kind, largest.symbol) if largest else ""


def _uses(key: str) -> list[Use]:
    """Where it was used last."""
    last = overview.uses(stores().db, key, LAST)
    cards = overview.some_cards(stores().db, {e.experiment for e in last})
    return [
        Use(cards[e.experiment], e, *numbers.change(e.effect, e.low, e.high)) for e in last if e.experiment in cards
    ]


def _needed(largest: Effect | None) -> list[tuple[str, str]]:
    """How many units show changes of a few sizes."""
    found = [(size, records.needed(largest, size) if largest else None) for size in SIZES]
    return [(numbers.plain_percent(size), numbers.about(units)) for size, units in found if units is not None]


def _known(key: str, catalog: Catalog) -> str:
    if key not in catalog.metrics:
        raise NotFound.of("metric", key, catalog.metrics)
    return key


def _preview(key: str) -> Histogram | str:
    """How its values lie, or the problem that leaves it unanswered."""
    try:
        return histogram(preview.preview(stores().settings, key))
    except NotReady as error:
        text = str(error)
        return text[0].upper() + text[1:]


def _replay(key: str) -> Replay:
    try:
        found: Calibration = calibration.check(stores().settings, key)
    except NotReady as error:
        text = str(error)
        return Replay("Not known yet", False, (text[0].upper() + text[1:],), problem=True)
    return Replay(calibration.headline(found), found.sound, calibration.sentences(found))
