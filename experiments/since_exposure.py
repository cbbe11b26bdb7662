"""What a look reads of each day since exposure, and how sure the line through an effect's days is."""

from collections.abc import Sequence

import numpy as np

from experiments.plan import FrozenPlan
from experiments.trends import Arms, SinceExposure, arms_of, line_of, roles_of, share_of
from experiments.warehouse import Warehouse
from experiments.warehouse.moments import Question, Units
from experiments.warehouse.offsets import ByDay, enrolment, offsets, unit_days
from experiments.warehouse.spreads import Part, Sum, spreads
from stats import Line, Moments
from stats.checks import Floats


def since_exposure(lake: Warehouse, question: Question, metrics: Sequence[str], units: Units) -> SinceExposure:
    """Read what the analysed units did on each day since exposure, by three queries; their days are kept meanwhile.

    Metrics that read events one by one are left out: a funnel is gone through over days, and a quantile is of all.
    """
    frozen, share = question.frozen, share_of(question.frozen, question.launched, question.cutoff)
    metrics = [k for k in metrics if not frozen.definitions[k].singly]
    if not metrics:
        return SinceExposure({}, {}, share)
    rows, enrolled = lake.keep(unit_days(question, metrics, units)), enrolment(question, units)
    days = offsets(question, metrics, rows, enrolled)
    sums = sums_of(frozen, days)
    spread = dict(zip(sums, spreads(question, [*sums.values()], rows, enrolled), strict=True))
    lake.let_go(rows)
    return SinceExposure(days, spread, share)


def sums_of(frozen: FrozenPlan, days: ByDay) -> dict[tuple[str, str], Sum]:
    """Return the slopes of all lines, by metric and treatment, as sums over days of what units did."""
    sums = {}
    for role in roles_of(frozen):
        for treatment in (t.key for t in frozen.plan.treatments):
            arms = arms_of(frozen, days.get(role.metric, {}), treatment)
            line = line_of(frozen, role, arms)
            if line is not None:
                sums[role.metric, treatment] = _sum(frozen, (role.metric, treatment), arms, line)
    return sums


def _sum(frozen: FrozenPlan, place: tuple[str, str], arms: Arms, line: Line) -> Sum:
    control, treatment = ([both[i] for both in arms] for i in (0, 1))
    parts = _part(frozen.plan.control.key, control, line.control), _part(place[1], treatment, line.treatment)
    return Sum(place[0], parts)


def _part(variant: str, arm: Sequence[Moments], moves: Floats) -> Part:
    """What a unit adds on each day as it moves the line: y over the units, of a ratio y - r d over the total of d."""
    used = moves != 0.0
    y, d = (np.array([float(m.n * m.mean[i]) for m in arm]) for i in (0, -1))
    n = np.array([float(m.n) for m in arm])
    divides = "d" in arm[0].names
    of_y = np.divide(moves, d if divides else n, out=np.zeros_like(moves), where=used)
    r = np.divide(y, d, out=np.zeros_like(moves), where=used & divides)
    middle = np.zeros_like(moves) if divides else np.divide(of_y * y, n, out=np.zeros_like(moves), where=used)
    return Part(variant, of_y, -r * of_y, middle)
