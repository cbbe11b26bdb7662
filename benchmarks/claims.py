"""What pages and reports claim, held against simulation: how often each claim fails beside how often it may.

Run `python -m benchmarks.claims [repetitions]`. Units are drawn one by one and read by the engine's own functions; the
rules that combine looks are written here again, from the design and not from the code.
"""

import sys
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

import stats
from stats import AlwaysValid, Fixed, Moments, Pair
from stats.quantiles import Quantile
from stats.segments import interaction_test

Floats = NDArray[np.float64]
LOOKS, AT_ONCE = 14, 100
DRIFT = 2.0  # of what may be expected of winners: the true effect over its standard error at the horizon
Claim = Callable[[np.random.Generator, int], tuple[float, float]]


def revenue(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """One unit in twenty buys, a lognormal amount."""
    return (rng.random(shape) < 0.05) * rng.lognormal(3.0, 1.0, shape)


def courses(rng: np.random.Generator, runs: int, lift: float, per_day: int = 200) -> Iterator[Pair]:
    """Revenue of both arms up to each of the looks, `[runs, looks]`, some runs at a time."""
    for _ in range(runs // AT_ONCE):
        arms = []
        for gain in (1.0, 1.0 + lift):
            y = gain * revenue(rng, (AT_ONCE, LOOKS, per_day))
            n = per_day * np.arange(1, LOOKS + 1) * np.ones((AT_ONCE, 1))
            mean = y.sum(axis=2).cumsum(axis=1) / n
            spread = ((y**2).sum(axis=2).cumsum(axis=1) - n * mean**2) / (n - 1)
            arms.append(Moments(("y",), n, mean[..., None], spread[..., None, None]))
        yield stats.mean(arms[0], arms[1], "y")


def times() -> Floats:
    """The looks' shares of the plan."""
    return np.arange(1, LOOKS + 1) / LOOKS


def wrong_keep(rng: np.random.Generator, runs: int) -> tuple[float, float]:
    """A goal that does nothing is called better at some look, by nine tenths of .05 to the horizon."""
    bound = stats.boundaries(0.045, times(), times())
    hits = [np.any(stats.normal_scores(p) >= bound, axis=1) for p in courses(rng, runs, 0.0)]
    return 0.025, float(np.mean(hits))


def group_sequential_interval(rng: np.random.Generator, runs: int) -> tuple[float, float]:
    """The relative interval misses a true +20 % at some look."""
    bound = stats.boundaries(0.05, times(), times())
    return 0.05, float(np.mean([_missed(p, bound, 0.2) for p in courses(rng, runs, 0.2)]))


def always_valid_interval(rng: np.random.Generator, runs: int) -> tuple[float, float]:
    """The relative band misses a true +20 % at some look, tightest at the horizon."""
    rule = AlwaysValid(0.05, planned=2 * 200 * LOOKS)
    return 0.05, float(np.mean([_missed(p, rule.critical(p), 0.2) for p in courses(rng, runs, 0.2)]))


def _missed(pair: Pair, critical: Floats, truth: float) -> NDArray[np.bool_]:
    found = stats.estimate(pair, np.where(np.isfinite(critical), critical, np.inf) * np.ones(pair.m0.shape), 1.0)
    return np.asarray(np.any((found.relative_low > truth) | (found.relative_high < truth), axis=1))


def unsafe_called_safe(rng: np.random.Generator, runs: int) -> tuple[float, float]:
    """A guardrail that truly loses its margin of 10 % is called safe at some look."""
    bound = stats.boundaries(0.045, times(), times(), two_sided=False)
    hits = [np.any(stats.normal_scores(p, -0.1) >= bound, axis=1) for p in courses(rng, runs, -0.1)]
    return 0.05, float(np.mean(hits))


def called_harmed(rng: np.random.Generator, runs: int) -> tuple[float, float]:
    """A guardrail that loses no more than its margin of 10 % is called harmed on some day."""
    rule = AlwaysValid(0.05, planned=2 * 200 * LOOKS)
    hits = [
        np.any(-stats.normal_scores(p, -0.1) >= rule.critical(p, "greater"), axis=1) for p in courses(rng, runs, -0.1)
    ]
    return 0.05, float(np.mean(hits))


def split_called_uneven(rng: np.random.Generator, runs: int) -> tuple[float, float]:
    """An even split is called invalid on one of 28 days."""
    counts = rng.binomial(1_000, 0.5, (runs, 28)).cumsum(axis=1)
    both = np.stack([counts, 1_000 * np.arange(1, 29) - counts], axis=-1)
    return 0.005, float(np.mean(np.any(stats.srm_sequential(both, [0.5, 0.5]).p_value <= 0.005, axis=1)))


def adjusted_interval(rng: np.random.Generator, runs: int) -> tuple[float, float]:
    """With 100 units an arm and a skewed covariate of unequal slope, the adjusted interval misses a true +1."""
    before = rng.gamma(1.0, 1.0, (2, runs, 100))
    y = before * np.array([1.0, 3.0])[:, None, None] + rng.normal(size=before.shape)
    arms = [Moments.of(("y", "x"), np.stack([y[i] + (i == 1) - 2.0 * (i == 1), before[i]], axis=-1)) for i in (0, 1)]
    return 0.05, _miss(stats.mean(arms[0], arms[1], "y", ["x"]), 1.0)


def ratio_interval(rng: np.random.Generator, runs: int) -> tuple[float, float]:
    """Clicks per view of 300 units an arm, whose views are skewed and whose rates differ: a true 0 is missed."""
    arms = []
    for _ in range(2):
        views = 1 + rng.poisson(rng.gamma(0.7, 8.0, (runs, 300)))
        clicks = rng.binomial(views, rng.beta(1.0, 4.0, views.shape))
        arms.append(Moments.of(("y", "d"), np.stack([clicks, views], axis=-1).astype(float)))
    return 0.05, _miss(stats.ratio(arms[0], arms[1], "y", "d"), 0.0)


def _miss(pair: Pair, truth: float) -> float:
    """How often the fixed interval of the difference leaves out the truth."""
    return float(np.mean(np.abs(pair.m1 - pair.m0 - truth) > Fixed(0.05).critical(pair) * stats.standard_error(pair)))


def quantile_interval(rng: np.random.Generator, runs: int) -> tuple[float, float]:
    """The 90th percentile of load times, by units with many loads: a true 0 is missed."""
    few = max(runs // 10, 1)
    p = [Fixed(0.05).p_value(stats.quantile(_loads(rng), _loads(rng))) for _ in range(few)]
    return 0.05, float(np.mean(np.array(p) <= 0.05))


def _loads(rng: np.random.Generator) -> Quantile:
    loads = 1 + rng.poisson(rng.gamma(1.0, 9.0, 300))
    unit = np.repeat(np.arange(300), loads)
    return Quantile.of(np.exp(0.35 * rng.normal(size=300)[unit] + 0.5 * rng.normal(size=unit.size)), unit, 0.9)


def segments_called_different(rng: np.random.Generator, runs: int) -> tuple[float, float]:
    """Four groups of revenue, of 300 to 2,000 units an arm, that all gain 20 %, are called different."""
    found = _groups(rng, runs, (300, 500, 1_000, 2_000), 0.2)
    sizes, errors, df = (np.stack(x, axis=-1) for x in zip(*found, strict=True))
    known = np.isfinite(errors)
    p = interaction_test(np.where(known, sizes, 0.0), np.where(known, errors**2, np.inf), np.maximum(df, 1.0)).p_value
    return 0.05, float(np.mean(p <= 0.05))


def _groups(
    rng: np.random.Generator, runs: int, sizes: tuple[int, ...], lift: float
) -> list[tuple[Floats, Floats, Floats]]:
    """Relative effect, its error from the width of its interval as segments.py has it, and df, of each group."""
    found = []
    for n in sizes:
        arms = [Moments.of(("y",), (g * revenue(rng, (runs, n)))[..., None]) for g in (1.0, 1.0 + lift)]
        pair = stats.mean(arms[0], arms[1], "y")
        c = Fixed(0.05).critical(pair)
        e = stats.estimate(pair, c, 1.0)
        width = np.where(np.isfinite(e.relative_low), e.relative_high - e.relative_low, np.nan)
        found.append((e.relative, np.where(width > 0, width, np.nan) / (2 * c), pair.df))
    return found


def shrunken_interval(rng: np.random.Generator, runs: int) -> tuple[float, float]:
    """A group's shrunken interval misses its truth: four groups whose truths spread by their usual error."""
    errors = np.array([0.01, 0.015, 0.02, 0.03])
    truth = rng.normal(0.02, 0.015, (runs, 4))
    effects, variances = rng.normal(truth, errors), np.broadcast_to(errors**2, truth.shape)
    missed = []
    for at, d, v in zip(truth, effects, variances, strict=True):
        moved = stats.shrink_each(d, v)
        missed.append(np.abs(moved.mean - at) > 1.96 * moved.sd)
    return 0.05, float(np.mean(missed))


def expected_interval(rng: np.random.Generator, runs: int) -> tuple[float, float]:
    """What a winner may bring, told at the look at which it first crossed, misses the truth (drift of half power)."""
    scores, bound = _walks(rng, runs)
    winners = scores[np.any(scores >= bound, axis=1)]
    at = np.argmax(winners >= bound, axis=1)
    low, high, truth = _expected(winners[np.arange(at.size), at], bound[at], times()[at])
    return 0.05, float(np.mean((low > truth) | (high < truth)))


def yearly_interval(rng: np.random.Generator, runs: int) -> tuple[float, float]:
    """The same of winners at the horizon, all of which the page multiplies to a year."""
    scores, bound = _walks(rng, 10 * runs)
    last = scores[scores[:, -1] >= bound[-1], -1]
    low, high, truth = _expected(last, bound[-1:], times()[-1:])
    return 0.05, float(np.mean((low > truth) | (high < truth)))


def _walks(rng: np.random.Generator, runs: int) -> tuple[Floats, Floats]:
    """Normal scores at all looks, `[runs, looks]`, and their boundaries."""
    steps = rng.normal(DRIFT / LOOKS, np.sqrt(1 / LOOKS), (runs, LOOKS))
    return steps.cumsum(axis=1) / np.sqrt(times()), stats.boundaries(0.045, times(), times())


def _expected(score: Floats, bound: Floats, share: Floats) -> tuple[Floats, Floats, float]:
    """Both ends of what to expect of winners, and the truth."""
    se = 1 / np.sqrt(share)
    found = stats.conditional_estimate(score * se, se, bound, level=0.95)
    return found.low, found.high, DRIFT


CLAIMS: tuple[Claim, ...] = (
    wrong_keep, group_sequential_interval, always_valid_interval, unsafe_called_safe, called_harmed,
    split_called_uneven, adjusted_interval, ratio_interval, quantile_interval, segments_called_different,
    shrunken_interval, expected_interval, yearly_interval,
)  # fmt: skip


def main(repetitions: int) -> None:
    """Print the table."""
    print("| claim | may fail | fails |\n|---|---|---|")
    for claim in CLAIMS:
        may, does = claim(np.random.default_rng(42), repetitions)
        print(f"| {(claim.__doc__ or '').rstrip('.')} | {may:.3f} | {does:.3f} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
