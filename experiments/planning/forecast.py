"""What is known of a plan before its launch, in words: who comes, what they can show, what the rule would do."""

from collections.abc import Mapping
from dataclasses import dataclass

from experiments.numbers import about, change, count, day, difference, percent, several, size, times, unit_name
from experiments.plan import FrozenPlan, Goal, Guardrail
from experiments.planning import odds as planning
from experiments.planning import priors
from experiments.planning import sizes as sizing
from experiments.planning.odds import Baseline, Odds
from experiments.planning.priors import Past
from experiments.planning.sizes import Size, Sizes
from experiments.planning.traffic import Traffic
from experiments.reached import entering

WEEK, LONG = 7, 84
OTHER = 1.25  # how many times more or fewer units than planned are worth a word
ASK_LESS = "Ask for larger sizes or margins, fewer guardrails, or more coverage."


@dataclass(frozen=True)
class Row:
    """One goal or guardrail of the table of sizes, written out."""

    metric: str
    role: str
    asked: str
    needed: str
    chance: str
    smallest: str


@dataclass(frozen=True)
class Chance:
    """One situation, what the plan would do in it, and the share of simulated runs behind that."""

    situation: str
    sentence: str
    share: float


@dataclass(frozen=True)
class Forecast:
    """Everything that is known of one plan before its launch. `past` holds a sentence for each goal."""

    frozen: FrozenPlan
    traffic: Traffic
    sizes: Sizes
    odds: Odds
    past: tuple[str, ...]

    @property
    def who(self) -> tuple[str, ...]:
        """Who comes, a sentence each."""
        return tuple(_who(self.frozen, self.traffic, self.sizes))

    @property
    def rows(self) -> tuple[Row, ...]:
        """The table of sizes."""
        return tuple(_row(self.frozen, s) for s in self.sizes.tests)

    @property
    def whole(self) -> tuple[str, ...]:
        """What the rule as a whole needs, and what is advised, a sentence each."""
        return tuple(_whole(self.frozen, self.sizes))

    @property
    def chances(self) -> tuple[Chance, ...]:
        """What the plan would do in each situation."""
        return tuple(_chances(self.frozen, self.odds))

    @property
    def days(self) -> str:
        """How long an answer takes."""
        o = self.odds
        return (
            f"An answer takes {o.days_if_worthwhile:.0f} days on average if it is worthwhile, "
            f"{o.days_if_nothing:.0f} if it does nothing."
        )


def forecast(
    frozen: FrozenPlan, known: Mapping[str, Baseline], traffic: Traffic, past: Mapping[str, Past]
) -> Forecast:
    """Return what is known of a plan: sizes by integration, odds by simulation. NotReady names what is not measured."""
    sizes, odds = sizing.sizes(frozen, known, traffic), planning.odds(frozen, known, traffic)
    said = tuple(priors.expectation(frozen, g, past, known[g.metric].mean) for g in frozen.plan.goals)
    return Forecast(frozen, traffic, sizes, odds, said)


def _who(frozen: FrozenPlan, traffic: Traffic, found: Sizes) -> list[str]:
    people = unit_name(frozen.plan.unit)
    arms = "both variants" if len(frozen.plan.variants) == 2 else "control and the first treatment"
    enrolling = f"In {several(frozen.plan.enrol_days // WEEK, 'week')}, {count(found.units)} {people} enter {arms}."
    return [_source(traffic, people), *_limits(frozen, traffic, people), enrolling, *_unexpected(frozen, found)]


def _source(traffic: Traffic, people: str) -> str:
    a_day = f"{count(traffic.new[0])} new {people} a day"
    if traffic.source == "stated":
        return f"You expect {a_day}."
    if traffic.source == "experiments":
        return f"The busiest experiment so far would have met {a_day} at full coverage."
    return (
        f"In the {len(traffic.new)} days until {day(traffic.until)}, {count(sum(traffic.new))} different {people} "
        f"came: {count(traffic.new[0])} on the first day, {count(traffic.new[-1])} new ones on the last, as whoever "
        "comes back counts once. If only some of them meet the difference, state how many."
    )


def _limits(frozen: FrozenPlan, traffic: Traffic, people: str) -> list[str]:
    """What coverage and targeting take off, and from where on the count is a projection."""
    share = entering(frozen.plan)
    said = [f"Coverage, layer and holdout let in {percent(share)} of them."] if share < 1 else []
    if frozen.plan.targeting and traffic.source == "lake":
        fits, known = traffic.targeted, count(traffic.known)
        said.append(
            f"The targeting is not taken into account: its attributes are known of {known} {people} only."
            if fits is None
            else f"The targeting lets in {percent(fits)} of the {known} {people} whose attributes are known."
        )
    if traffic.source == "lake" and frozen.plan.enrol_days > len(traffic.new):
        said.append(f"After day {len(traffic.new)} new {people} are taken to go on declining as they did.")
    return said


def _unexpected(frozen: FrozenPlan, found: Sizes) -> list[str]:
    """What it does to the looks that another number was planned: they spend by planned units."""
    plan = frozen.plan
    expected = (plan.planned_units or 0) * sum(planning.compared(plan))
    if not expected or 1 / OTHER < found.units / expected < OTHER:
        return []
    what = "its looks spend all they may long before the end" if found.units > expected else "its looks save too long"
    return [f"The plan expects {count(expected)}, so that {what}: correct the planned {unit_name(plan.unit)}."]


def _row(frozen: FrozenPlan, s: Size) -> Row:
    metric = frozen.definitions[s.role.metric].metric
    role = "Goal" if isinstance(s.role, Goal) else "Guardrail"
    asked = size(_signed(frozen, s.role), absolute=s.role.absolute, kind=metric.form, symbol=metric.symbol)
    return Row(metric.name, role, asked, about(s.needed), _chance(s.power), _smallest(frozen, s))


def _chance(power: float) -> str:
    return "over 99%" if power > 0.99 else percent(power)


def _signed(frozen: FrozenPlan, role: Goal | Guardrail) -> float:
    """A goal's worthwhile change, and the change at a guardrail's margin, with the sign of the metric."""
    gain = 1 if frozen.definitions[role.metric].metric.direction == "increase" else -1
    return gain * role.worthwhile if isinstance(role, Goal) else -gain * role.margin


def _smallest(frozen: FrozenPlan, s: Size) -> str:
    metric = frozen.definitions[s.role.metric].metric
    value = s.smallest if _signed(frozen, s.role) > 0 else -s.smallest
    if s.role.absolute:
        return difference(value, value, value, kind=metric.form, symbol=metric.symbol)[0]
    return change(value, value, value)[0]


def _whole(frozen: FrozenPlan, s: Sizes) -> list[str]:
    plan, people = frozen.plan, unit_name(frozen.plan.unit)
    goal = "A goal and every guardrail" if plan.guardrails else "A goal"
    said = [
        f"{goal} together: {about(s.needed)} {people} show them {times(plan.power)}; "
        f"the {count(s.units)} that come do {times(s.power)}."
    ]
    if s.enrol_days is None:
        return [*said, f"A whole year would not bring so many. {ASK_LESS}"]
    weeks, last = several(s.enrol_days // WEEK, "week"), s.enrol_days + frozen.longest_window - 1
    begin = "The plan's" if s.enrol_days == plan.enrol_days else "Advised:"
    bring = "bring" if s.enrol_days > WEEK else "brings"
    said.append(
        f"{begin} {weeks} of enrolment {bring} them, and the answer by day {last}. "
        f"Planned {people}: {count(s.planned_units or 0)}."
    )
    return [*said, ASK_LESS] if s.enrol_days > LONG else said


def _chances(frozen: FrozenPlan, o: Odds) -> list[Chance]:
    found = [
        Chance("If it does nothing", f"You would wrongly keep it {times(o.wrong_keep)}.", o.wrong_keep),
        Chance("If every goal is just worthwhile", f"You would keep it {times(o.right_keep)}.", o.right_keep),
    ]
    if frozen.plan.guardrails:
        unsafe, stopped = o.unsafe_called_safe, o.harm_stopped
        found += [
            Chance("If every guardrail is worse by its margin", f"You would still keep it {times(unsafe)}.", unsafe),
            Chance("If it harms twice as much", f"It would be stopped early {times(stopped)}.", stopped),
        ]
    return found
