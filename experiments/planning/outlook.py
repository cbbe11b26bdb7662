"""A plan's outlook: what it can and cannot tell and how long that takes, in words that are stored with the draft.

Working it out reads the lake and simulates the rule, which takes a second or more: pages show what was stored.
"""

from collections.abc import Iterable, Mapping

from experiments.catalog import Record
from experiments.numbers import about, several, times, unit_name
from experiments.plan import LONGEST, FrozenPlan, Goal
from experiments.planning import odds as planning
from experiments.planning import priors, sizes, traffic
from experiments.planning.forecast import Chance, Forecast, Row, forecast
from experiments.planning.odds import Baseline
from experiments.registry import Database, outlooks, overview, snapshots
from experiments.settings import Settings

WEEKS = (1, 2, 3, 4, 6, 8)  # of enrolment, to choose between
WEEK = 7
OFTEN = 0.5


class Duration(Record):
    """What enrolling for so many weeks brings: the answer by `day` at the latest, from `people` in the arms compared.

    `power` is the chance that the whole rule keeps what is just worthwhile and harms nothing.
    """

    weeks: int
    day: int
    people: int
    power: float
    unit: str

    @property
    def title(self) -> str:
        """How long."""
        return several(self.weeks, "week").capitalize()

    @property
    def sentence(self) -> str:
        """What it would find."""
        found = f"Finds a worthwhile effect {times(self.power)}."
        if self.power < OFTEN:
            found = f"Would miss a worthwhile effect more often than not: finds it {times(self.power)}."
        return f"{found} Answer by day {self.day}, from {about(self.people)} {unit_name(self.unit)}."


class Outlook(Record):
    """What is known of one plan before its launch; all of it in words but what the checklist reads.

    `units_a_day` is what somebody stated, None where the lake or past experiments tell. `people` come to the arms
    compared in the plan's days, `needed` would let its rule pass with the power `asked`; `power` is what they reach.
    """

    plan_hash: str
    weeks: int
    units_a_day: float | None
    who: tuple[str, ...]
    rows: tuple[Row, ...]
    whole: tuple[str, ...]
    chances: tuple[Chance, ...]
    days: str
    past: tuple[str, ...]
    durations: tuple[Duration, ...]
    limits: tuple[str, ...]
    people: int
    needed: int
    power: float
    asked: float

    @property
    def enough(self) -> bool:
        """Whether those who come show what is asked for with the plan's power, but for rounding."""
        return self.power >= self.asked - 0.005

    @property
    def summary(self) -> str:
        """The two odds that matter most, for the log."""
        return " ".join(f"{c.situation}: {c.sentence[0].lower()}{c.sentence[1:]}" for c in self.chances[:2])


def work_out(settings: Settings, db: Database, frozen: FrozenPlan, units_a_day: float | None) -> Outlook:
    """Work out what a plan can tell, with so many new units a day, or None for as many as came.

    NotReady where a metric was never measured or nobody knows who comes; DefinitionError for an absurd number.
    """
    known = planning.baselines(snapshots.latest_of_all(db, overview.last_with(db, frozen.plan.metric_keys)).values())
    planning.check_known(frozen, known)
    comes = traffic.measured(settings, db, frozen.plan) if units_a_day is None else traffic.stated(units_a_day)
    return told(forecast(frozen, known, comes, priors.learnt(db)), known, units_a_day)


def told(f: Forecast, known: Mapping[str, Baseline], units_a_day: float | None) -> Outlook:
    """Put a forecast into words, and beside it what other durations would bring."""
    return Outlook(
        plan_hash=f.frozen.hash, weeks=f.frozen.plan.enrol_days // WEEK, units_a_day=units_a_day,
        who=f.who, rows=f.rows, whole=f.whole, chances=f.chances,
        days=f.days, past=f.past, durations=tuple(durations(f, known)), limits=tuple(_limits(f)),
        people=f.sizes.units, needed=f.sizes.needed, power=f.sizes.power, asked=f.frozen.plan.power,
    )  # fmt: skip


def store(db: Database, key: str, found: Outlook, by: str) -> None:
    """Keep an outlook with its draft. Conflict once that was launched."""
    text = f"Worked out what the plan can tell. {found.summary}"
    outlooks.store(db, key, plan_hash=found.plan_hash, body=found.model_dump_json(), text=text, by=by)


def stored(found: outlooks.Stored) -> Outlook:
    """Read one back."""
    return Outlook.model_validate_json(found.body)


def durations(f: Forecast, known: Mapping[str, Baseline]) -> Iterable[Duration]:
    """Yield what the plan would bring if it enrolled for fewer or more weeks, its looks expecting those who come."""
    frozen, plan = f.frozen, f.frozen.plan
    for weeks in sorted({*WEEKS, plan.enrol_days // WEEK, (f.sizes.enrol_days or 0) // WEEK}):
        if not plan.minimum_days <= weeks * WEEK <= LONGEST:
            continue
        changed = plan.model_copy(update={"enrol_days": weeks * WEEK, "planned_units": None})
        found = sizes.sizes(frozen.model_copy(update={"plan": changed}), known, f.traffic)
        last = weeks * WEEK + frozen.longest_window - 1
        yield Duration(weeks=weeks, day=last, people=found.units, power=found.power, unit=plan.unit)


def _limits(f: Forecast) -> Iterable[str]:
    """What the plan cannot tell, however it ends."""
    for row, size in zip(f.rows, f.sizes.tests, strict=True):
        change = row.smallest.lstrip("+−")
        if isinstance(size.role, Goal):
            yield f"whether {row.metric} changes by less than about {change};"
        else:
            yield f"whether {row.metric} gets worse by less than about {change};"
    yield f"what happens once people have had it for longer than {several(f.frozen.longest_window, 'day')}."
