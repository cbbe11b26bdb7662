"""The check of a plan's filters: whether they leave out the same share of each variant, or a variant moved them."""

from collections.abc import Iterable, Mapping

import stats
from experiments.numbers import percent
from experiments.plan import Plan
from experiments.snapshot import Check

REMEDY = (
    "What a filter reads must be known before the exposure, and be the same in every variant: see where the code "
    "takes it from. Then begin a new phase or experiment."
)


def checks(plan: Plan, units: Mapping[str, int], out: Mapping[str, int], threshold: float) -> Iterable[Check]:
    """Yield the check where the plan has filters; below the threshold of its p-value it invalidates.

    `units` are those of the split by variant, `out` those of them that filters leave out.
    """
    everybody, nobody = sum(units.values()), not sum(out.values())
    if plan.filters and nobody:
        yield Check(
            key="filtered", title="Filters leave nobody out", state="unknown", value="nobody yet",
            detail=f"By the first exposure they leave out: {plan.left_out}.",
            remedy="If somebody should be, give these attributes, of this type, with the exposure. Else it is fine.",
        )  # fmt: skip
    elif plan.filters and sum(out.values()) >= everybody:
        yield Check(
            key="filtered", title="Filters leave everybody out", state="unknown", value="100% left out",
            detail=f"By the first exposure they leave out: {plan.left_out}. So nobody is analysed.",
            remedy="If somebody should be, see what the code sends of these attributes with the exposure.",
        )  # fmt: skip
    elif plan.filters:
        share = sum(out.values()) / everybody
        yield _judged(plan, units, out, percent(share), _p_value(units, out, share) < threshold)


def _judged(plan: Plan, units: Mapping[str, int], out: Mapping[str, int], value: str, unequal: bool) -> Check:
    shares = ", ".join(f"{percent(n / max(units[key], 1))} of {plan.names.get(key, key)}" for key, n in out.items())
    apart = "; those who are left are no longer alike" if unequal else ""
    return Check(
        key="filtered", title="Filters unlike by variant" if unequal else "Filters alike", value=f"{value} left out",
        state="bad" if unequal else "good", remedy=REMEDY if unequal else "", invalidates=unequal,
        detail=f"Filters leave out {shares}{apart}. They go by the first exposure: {plan.left_out}.",
    )  # fmt: skip


def _p_value(units: Mapping[str, int], out: Mapping[str, int], share: float) -> float:
    """Pearson's test of left out or not by variant: that of the ones left out alone, over the share that is kept."""
    scaled = [out[key] / (1 - share) for key in units]
    return float(stats.srm_chi_square(scaled, list(units.values())).p_value)
