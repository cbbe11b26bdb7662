"""Events that come late, doubled, out of order and restated, and the comparison of what is made of them with raw rows.

Two experiments run at once, their metrics drawn anew for each seed. Windows of one have a day less than those of the
other, so that windows of both shapes end on one day.
"""

import random
from datetime import date, timedelta
from typing import Any

from happenings import CATALOG, LAUNCHED, PLAN, arrive, assert_equal, happened, launch
from msgspec.structs import replace
from uncapped import assert_alike

from experiments import rollup
from experiments.analysis import question_of
from experiments.catalog import Catalog, Metric
from experiments.inbox.arrivals import Stored
from experiments.plan import FrozenPlan, freeze
from experiments.plan_file import read_catalog, read_plan
from experiments.registry import Database
from experiments.settings import Settings
from experiments.warehouse import Warehouse, full, warehouse
from experiments.warehouse.moments import Question, cells, per_unit

# Seeds take them in turn, three for one experiment and two for the other: three seeds in a row have every kind in both.
LONGER = ("ratio", "retention", "funnel", "days", "mean", "quantile", "proportion")
SHORTER = ("mean", "proportion", "ratio", "funnel", "days", "quantile")
ROLES = "\n".join(PLAN.splitlines()[4:7])


def agree(settings: Settings, seed: int, days: int = 2) -> bool:
    """Let the events of so many days arrive in disorder, rolling up in between; then compare with the full query.

    An even seed compares everyone, an odd one by country. Say whether there were kept totals of both experiments to read.
    """
    rng, plans, last = random.Random(seed), drawn(seed, days), LAUNCHED + timedelta(days=days - 1)
    launch(Database(settings.registry), plans)
    for i, batch in enumerate(_batches(rng, _late(rng, [p.plan.key for p in plans], days), days)):
        arrive(warehouse(settings), batch, f"load-{i}")
        rollup.collect(settings, last - timedelta(days=rng.randint(0, 1)))
    rollup.collect(settings, last)
    lake = warehouse(settings)
    asked = [question_of(lake, p.plan.key, p, LAUNCHED, last) for p in plans]
    for question in asked:
        _compare(lake, question, "country" if seed % 2 else None)
    return all(question.finished is not None for question in asked)


def drawn(seed: int, days: int = 2) -> list[FrozenPlan]:
    """Two plans: all windows of the first have so many days, those of the second one less."""
    rng = random.Random(f"plans of {seed}")
    kinds = _turn(LONGER, 3, seed), _turn(SHORTER, 2, seed)
    return [_plan(rng, *named) for named in zip(("checkout", "sign-up"), kinds, (days, days - 1), strict=True)]


def _turn(kinds: tuple[str, ...], number: int, seed: int) -> list[str]:
    return [kinds[(seed * number + i) % len(kinds)] for i in range(number)]


def _plan(rng: random.Random, key: str, kinds: list[str], days: int) -> FrozenPlan:
    metrics = {kind: Metric(key=kind, kind=kind, window_days=days, **_drawn(rng, kind, days)) for kind in kinds}
    roles = f"goals: [{{metric: {kinds[0]}, worthwhile: 0.02}}]\nsecondary: [{', '.join(kinds[1:])}]"
    plan = read_plan(PLAN.replace("key: checkout", f"key: {key}").replace(ROLES, roles))
    return freeze(plan, read_catalog(CATALOG).merged(Catalog(metrics=metrics)), phase=2)


def _drawn(rng: random.Random, kind: str, days: int) -> dict[str, Any]:
    """What a metric of this kind may have beside its window."""
    counts, sums = ["orders", "visits", "large"], ["euros", "spent"]
    found: dict[str, Any] = {"from_day": rng.randrange(1 if kind == "retention" else 0, days)}
    if kind == "funnel":
        found["steps"] = rng.sample(counts, rng.choice([2, 3]))
    else:
        found["measure"] = rng.choice({"days": counts, "quantile": sums}.get(kind, counts + sums))
    if kind == "quantile":
        return {**found, "quantile": rng.choice([0.25, 0.6, 0.9])}
    if kind in {"mean", "ratio", "days"}:
        found["cap"] = rng.choice([None, 1.0, 30.5])
    if kind == "ratio":
        found["denominator"] = rng.choice(counts)
    return {**found, "pre_days": rng.choice([0, 1, 3])}


def _late(rng: random.Random, keys: list[str], days: int) -> list[Stored]:
    """What some units did, with exposures of their own in each experiment, in the order in which it comes."""
    found, *more = (happened(rng, 40, 0, days) for _ in keys)
    for key, other in zip(keys[1:], more, strict=True):
        found += [replace(s, experiment=key, id=f"{key}-{s.id}") for s in other if s.experiment]
    late = found + rng.choices(found, k=16) + [restate(rng, s) for s in rng.choices(found, k=16)]
    rng.shuffle(late)
    return late


def _batches(rng: random.Random, late: list[Stored], number: int) -> list[list[Stored]]:
    cuts = sorted(rng.sample(range(1, len(late)), number - 1))
    return [late[first:end] for first, end in zip([0, *cuts], [*cuts, len(late)], strict=True)]


def restate(rng: random.Random, s: Stored) -> Stored:
    """The same id on the same day with other content: a source that corrects itself."""
    if s.experiment:
        return replace(s, at=s.at + rng.choice([0, 1, 60_000_000]))
    return replace(s, value=rng.choice([None, 1.25, 40.0]), properties={**s.properties, "currency": "EUR"})


def _compare(lake: Warehouse, asked: Question, segment: str | None) -> None:
    keys = list(asked.frozen.plan.metric_keys)
    incremental = cells(asked, keys, segment, lake.keep(per_unit(asked, keys)))
    recounted = full.cells(raw(lake, asked.frozen, asked.cutoff), keys, segment)
    for key in keys:
        assert set(incremental[key]) == set(recounted[key]) != set()
        for place, cell in incremental[key].items():
            assert recounted[key][place].waiting == cell.waiting
            assert_equal(recounted[key][place].moments, cell.moments)
            if segment is None:  # a look asks no segment what it is without a cap
                assert_alike(recounted[key][place], cell)


def raw(lake: Warehouse, frozen: FrozenPlan, last: date) -> full.Raw:
    def table(name: str) -> Any:
        return lake.table("production", name, [d for d in lake.days("production", name) if d <= last])

    return full.Raw(frozen.plan.key, frozen, LAUNCHED, last, table("exposures"), table("events"))
