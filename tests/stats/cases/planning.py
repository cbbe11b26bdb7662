"""Power, sizes and detectable changes of one look."""

import re
from typing import Any

import numpy as np
from cases.answers import Case, NotOffered, Offer, Rejected
from cases.estimates import side_of

from stats import Side
from stats.power import (
    Aim,
    Schedule,
    arcsine_effect,
    detectable,
    fixed,
    power,
    proportions_power,
    proportions_size,
    sample_size,
)

ROUNDED = "rounds to the nearest unit, which may be one too few; we give the exact number, to be rounded up"
POOLED_DF = "degrees of freedom of one pooled variance; we give those of Welch's test, which is what we run"
STOPPED = "statsmodels' solver stops early: power at its effect is not the power asked for; at ours it is"
ONE_TAIL = "leaves out rejections on the wrong side; we count both tails"


def answer(case: Case) -> Any:
    """Whatever is missing among n, power and effect; by two proportions, or by a standardised effect."""
    given = {name: value for name, value in case.inputs.items() if value is not None}
    side: Side = "greater" if given.get("sides") == 1 or "margin" in given else side_of(case)
    if "h" in given:
        return _standard(given, float(given["h"]), side, exact=False)
    if {"p1", "p2"} <= given.keys() or {"p2", "diff"} <= given.keys():
        return _proportions(case, given, side)
    exact = not re.search(r"normal|\bz\b|z approx", case.text)
    if "margin" in given:
        return _margin(given, exact)
    if "mde" in given and "mean" in given:
        return _relative(given, side, exact)
    effect = next((float(given[name]) for name in ("d", "delta", "effect", "diff") if name in given), None)
    spread = float(given.get("sd", given.get("std", 1.0)))
    return _standard(given, effect, side, exact=exact, spread=spread)


def _standard(given: dict[str, Any], effect: float | None, side: Side, *, exact: bool, spread: float = 1.0) -> Any:
    """Units per arm, power or effect, the other two given."""
    alpha, target = float(given.get("alpha", 0.05)), float(given.get("power", 0.8))
    plan = fixed(alpha, side)
    n0, n1 = given.get("n1", given.get("n")), given.get("n2", given.get("n"))
    if effect is None:
        units, share = float(n0) + float(n1), float(n1) / (float(n0) + float(n1))
        found = detectable(Aim(spread, 1.0, share=share), plan, units, target, exact=exact)
        stopped = Rejected(_statsmodels_effect(float(n0), float(n1), target, plan), STOPPED) if exact else None
        offer = Offer(found, (stopped,) if stopped else ())
        return dict.fromkeys(("d", "mde", "delta", "effect", "value"), offer)
    if n0 is not None and n1 is not None:
        share = float(n1) / (float(n0) + float(n1))
        aim, units = Aim(spread, effect, share=share), float(n0) + float(n1)
        value = power(aim, plan, units, exact=exact)
        student = plan.power(aim.drift(units), units - 2.0 if exact else np.inf)
        return dict.fromkeys(("power", "value"), Offer(value, (Rejected(student, POOLED_DF),)))
    if n0 is not None:
        return dict.fromkeys(("n2", "value"), _other_arm(effect / spread, float(n0), target, plan.alpha, side))
    aim = Aim(spread, effect, share=float(given.get("ratio", 1.0)) / (1.0 + float(given.get("ratio", 1.0))))
    total = sample_size(aim, plan, target, exact=exact)
    each = total * (1.0 - aim.share)
    return {**dict.fromkeys(("n", "n_per_arm", "n_per_group", "n1", "value"), each), "n_total": total, "total": total}


def _statsmodels_effect(n0: float, n1: float, target: float, plan: Schedule) -> float:
    """The effect of another program, to tell whose number a case holds; loaded when asked for."""
    from statsmodels.stats.power import tt_ind_solve_power

    side = "two-sided" if plan.side == "both" else "larger"
    found = tt_ind_solve_power(nobs1=n0, ratio=n1 / n0, alpha=plan.alpha, power=target, alternative=side)
    return float(np.squeeze(found))


def _other_arm(effect: float, n0: float, target: float, alpha: float, side: Side) -> float:
    """Units of the other arm, one arm's being fixed (normal)."""
    from scipy.optimize import brentq

    def short(log: float) -> float:
        n1 = float(np.exp(log))
        return float(power(Aim(1.0, effect, share=n1 / (n0 + n1)), fixed(alpha, side), n0 + n1, exact=False)) - target

    return float(np.exp(brentq(short, np.log(2.1), 30.0, xtol=1e-14)))


def _margin(given: dict[str, Any], exact: bool) -> Any:
    """Non-inferiority: nothing (or `effect`) is true, the margin is tested, on one side."""
    aim = Aim(float(given.get("sd", 1.0)), float(given.get("effect", given.get("diff", 0.0))), -float(given["margin"]))
    plan, target = fixed(float(given.get("alpha", 0.05)), "greater"), float(given.get("power", 0.8))
    if "n" in given:
        return {"power": power(aim, plan, 2.0 * float(given["n"]), exact=exact)}
    total = sample_size(aim, plan, target, exact=exact)
    return {**dict.fromkeys(("n_per_arm", "n", "value"), total / 2.0), "n_total": total}


def _relative(given: dict[str, Any], side: Side, exact: bool) -> Any:
    """A relative change of a mean, tested absolute; some round."""
    aim = Aim(float(given.get("std", given.get("sd", 1.0))), float(given["mde"]) * float(given["mean"]))
    alpha = float(given.get("alpha", 0.05)) / max(int(given.get("n_variants", 2)) - 1, 1)
    each = sample_size(aim, fixed(alpha, side), float(given.get("power", 0.8)), exact=exact) / 2.0
    offer = Offer(each, (Rejected(float(round(each)), ROUNDED), Rejected(float(np.ceil(each)), ROUNDED)))
    return {"n": offer, "n_per_arm": offer, "n_per_variant": offer, "n_total": 2.0 * each}


def _proportions(case: Case, given: dict[str, Any], side: Side) -> Any:
    """Two proportions: the pooled test's power or size; pwr's arcsine effect by name."""
    if "diff" in given:
        p0 = float(given["p2"])
        rates = (p0, p0 + float(given["diff"]))
    else:
        rates = (float(given["p1"]), float(given["p2"]))
    if re.search(r"arcsin|es\.h|cohen", case.text):
        return _standard(given, arcsine_effect(*rates), side, exact=False)
    alpha, target = float(given.get("alpha", 0.05)), float(given.get("power", 0.8))
    if "n" in given:
        # The far tail, that of the effect turned round at the same spread, is left out by some.
        both = proportions_power(rates, 2.0 * float(given["n"]), alpha, side)
        near = proportions_power(
            rates, 2.0 * float(given["n"]), alpha / 2.0, "greater" if rates[1] > rates[0] else "less"
        )
        offer = Offer(both, (Rejected(near, ONE_TAIL),) if side == "both" else ())
        return {"power": offer, "value": offer}
    if "power" not in given and "n" not in given:
        return NotOffered("neither units nor power are given")
    total = proportions_size(rates, target, alpha, side)
    low, high = 0.9 * total, 1.1 * total
    from scipy.optimize import brentq

    towards: Side = "greater" if rates[1] > rates[0] else "less"
    near = brentq(lambda n: float(proportions_power(rates, n, alpha / 2.0, towards)) - target, low, high, xtol=1e-10)
    offer = Offer(total / 2.0, (Rejected(near / 2.0, ONE_TAIL),) if side == "both" else ())
    return {"n": offer, "n_per_arm": offer, "value": offer, "n_total": total}
