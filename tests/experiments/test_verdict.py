"""The verdict: the ladder rung by rung, its sentences, and looks that nothing later revises."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from experiments import analysis, wording
from experiments.errors import Conflict, Distrusted, NotReady
from experiments.evidence import Evidence, Moment
from experiments.plan_file import read_plan
from experiments.registry import snapshots
from experiments.snapshot import Check, Effect, MetricResult, Snapshot, TreatmentVerdict
from experiments.verdict import Verdict, judge

GOOD = Check(key="split", title="Split as planned", state="good", value="50 / 50", detail="As planned.")
BROKEN = Check(key="split", title="Split uneven", state="bad", value="60 / 40", detail="treatment is missing about 90 people.", invalidates=True)  # fmt: skip
WEEK, LAST = Moment(7, 7, 14, "on 22 Nov 2026"), Moment(14, 7, 14, "on 22 Nov 2026")


def effect(relative: float, half: float = 0.01, *, base: float = 0.5) -> Effect:
    difference = relative * base
    return Effect(
        difference=difference, low=difference - half * base, high=difference + half * base, relative=relative,
        relative_low=relative - half, relative_high=relative + half, se=half * base / 2, df=1e6, p_value=0.01,
        critical=2.0, level=0.95, method="group-sequential",
    )  # fmt: skip


def goal(metric: str = "ordered", reading: str = "better", at: float = 0.03, **more: Any) -> MetricResult:
    same = {
        "metric": metric, "title": metric.capitalize(), "kind": "proportion", "direction": "increase", "window_days": 7,
        "role": "goal", "treatment": "t", "effect": effect(at), "size": 0.02, "reading": reading,
    }  # fmt: skip
    return MetricResult.model_validate({**same, **more})


def guardrail(metric: str = "errors", reading: str = "safe", at: float = 0.0, **more: Any) -> MetricResult:
    same = {"role": "guardrail", "direction": "decrease", "band": effect(at, 0.02)}
    return goal(metric, reading, at, **{**same, **more})


def evidence(
    goals: list[MetricResult],
    guardrails: list[MetricResult] = (),
    *,
    short: str = "",
    harmed: str = "",
    name: str = "One page",
) -> Evidence:  # type: ignore[assignment]
    treatment = name.lower().replace(" ", "-")
    return Evidence(
        treatment, name, tuple(goals), tuple(guardrails), frozenset(short.split()), frozenset(harmed.split())
    )


def word(e: Evidence, moment: Moment = WEEK, checks: tuple[Check, ...] = (GOOD,)) -> str:
    return judge(checks, (e,), moment, "rule").word


BETTER, SAFE = [goal()], [guardrail()]
UNKNOWN = goal("ordered", "not enough data", 0.005)
NOT_SAFE = guardrail("errors", "not yet shown safe")
LADDER = [
    ("invalid before everything", evidence(BETTER, SAFE, harmed="ordered errors"), LAST, (GOOD, BROKEN), "invalid"),
    ("a warning invalidates nothing", evidence(BETTER, SAFE), WEEK, (Check(key="split", title="t", state="unknown", value="v", detail="d"),), "keep"),
    ("harm stops on the first day", evidence(BETTER, SAFE, harmed="errors"), Moment(1, 7, 14, ""), (GOOD,), "stop"),
    ("harm of a goal stops too", evidence(BETTER, SAFE, harmed="ordered"), LAST, (GOOD,), "stop"),
    ("who was stopped in the first week is left to a person", evidence(BETTER, SAFE), Moment(5, 7, 14, "", True), (GOOD,), "review"),
    ("who was stopped early and showed enough is kept", evidence(BETTER, SAFE), Moment(9, 7, 14, "", True), (GOOD,), "keep"),
    ("nothing else speaks before a week", evidence(BETTER, SAFE), Moment(6, 7, 14, ""), (GOOD,), "wait"),
    ("nor does a drop", evidence([goal("o", "worse")], SAFE), Moment(6, 7, 14, ""), (GOOD,), "wait"),
    ("all is shown", evidence(BETTER, SAFE), WEEK, (GOOD,), "keep"),
    ("no guardrails to wait for", evidence(BETTER), WEEK, (GOOD,), "keep"),
    ("worse within the margin does not block", evidence(BETTER, [guardrail("e", "worse within margin")]), WEEK, (GOOD,), "keep"),
    ("one goal of two is enough", evidence([*BETTER, UNKNOWN], SAFE), WEEK, (GOOD,), "keep"),
    ("a guardrail not shown safe blocks", evidence(BETTER, [*SAFE, NOT_SAFE]), WEEK, (GOOD,), "wait"),
    ("another goal worse blocks", evidence([*BETTER, goal("b", "worse")], SAFE), WEEK, (GOOD,), "wait"),
    ("better but not by what is worthwhile", evidence(BETTER, SAFE, short="ordered"), WEEK, (GOOD,), "drop"),
    ("not worthwhile", evidence([goal("a", "about the same", 0.0)], [NOT_SAFE], short="a"), WEEK, (GOOD,), "drop"),
    ("every goal worse or short", evidence([goal("a", "worse"), UNKNOWN], SAFE, short="ordered"), WEEK, (GOOD,), "drop"),
    ("one goal may still be worthwhile", evidence([goal("a", "worse"), UNKNOWN], SAFE), WEEK, (GOOD,), "wait"),
    ("not enough data at the horizon", evidence([UNKNOWN], SAFE), LAST, (GOOD,), "review"),
    ("not shown safe at the horizon", evidence(BETTER, [NOT_SAFE]), LAST, (GOOD,), "review"),
    ("better and worse at the horizon", evidence([*BETTER, goal("b", "worse")], SAFE), LAST, (GOOD,), "review"),
    ("keep at the horizon", evidence(BETTER, SAFE), LAST, (GOOD,), "keep"),
    ("drop at the horizon", evidence([goal("a", "worse")], SAFE), LAST, (GOOD,), "drop"),
    ("no data at all", evidence([goal("a", "not enough data", effect=None)], [guardrail("e", "not yet shown safe", effect=None)]), LAST, (GOOD,), "review"),
]  # fmt: skip


@pytest.mark.parametrize(("e", "moment", "checks", "expected"), [c[1:] for c in LADDER], ids=[c[0] for c in LADDER])
def test_the_first_rung_that_holds_speaks(
    e: Evidence, moment: Moment, checks: tuple[Check, ...], expected: str
) -> None:
    verdict = judge(checks, (e,), moment, "rule")
    assert verdict.word == expected
    steps = verdict.treatments[0].steps
    assert [s.word for s in steps] == ["invalid", "stop", "wait", "keep", "drop", "review"]
    assert [s.word for s in steps if s.hit] == [expected]
    at = [s.word for s in steps].index(expected)
    assert all(s.text.startswith("No: ") for s in steps[:at])
    assert steps[at].text.startswith("Yes: ")
    assert all(s.text == "Not reached" for s in steps[at + 1 :])


KEEP, DROP = evidence(BETTER, SAFE, name="A"), evidence([goal("x", "worse")], name="B")
STOP, WAIT = evidence(BETTER, SAFE, harmed="errors", name="C"), evidence([UNKNOWN], name="D")


@pytest.mark.parametrize(
    ("found", "moment", "checks", "expected"),
    [
        ((KEEP, STOP, DROP, WAIT), WEEK, (BROKEN,), "invalid"), ((STOP, DROP, WAIT, KEEP), WEEK, (), "keep"),
        ((STOP, STOP), WEEK, (), "stop"), ((STOP, WAIT), WEEK, (), "wait"), ((STOP, WAIT, DROP), LAST, (), "review"),
        ((STOP, DROP), LAST, (), "drop"), ((DROP, WAIT), WEEK, (), "wait"), ((DROP, WAIT), LAST, (), "review"),
    ],
)  # fmt: skip
def test_the_headline_over_several_treatments(
    found: tuple[Evidence, ...], moment: Moment, checks: tuple[Check, ...], expected: str
) -> None:
    verdict = judge(checks, found, moment, "rule")
    assert verdict.word == expected
    assert [t.treatment for t in verdict.treatments] == [e.treatment for e in found]
    assert next(t.word for t in verdict.treatments if t.treatment == verdict.treatment) == expected


def sentence(e: Evidence, moment: Moment = WEEK, checks: tuple[Check, ...] = (GOOD,)) -> str:
    return judge(checks, (e,), moment, "rule").sentence


GAIN = "Better: Ordered, +3.0%, plausibly between +2.0% and +4.0%."
SENTENCES = {
    "invalid": (
        sentence(evidence(BETTER), checks=(GOOD, BROKEN)),
        "The groups cannot be compared, so no effect is shown. treatment is missing about 90 people.",
    ),
    "stop": (
        sentence(evidence(BETTER, [guardrail(at=0.09)], harmed="errors")),
        "Harmed: Errors, +9.0%, plausibly between +7% and +11%; the margin is 2%.",
    ),
    "stop for a goal": (
        sentence(evidence([goal(at=-0.09)], harmed="ordered")),
        "Harmed: Ordered, −9.0%, plausibly between −10% and −8%; the worthwhile effect, which is also the most "
        "it may lose, is 2%.",
    ),
    "stop in the metric's own unit": (
        sentence(evidence([goal(at=-0.09, absolute=True, size=0.005)], harmed="ordered")),
        "Harmed: Ordered, −4.5 percentage points, plausibly between −5.0 and −4.0; the worthwhile effect, which is "
        "also the most it may lose, is 0.5 percentage points.",
    ),
    "wait": (
        sentence(evidence([UNKNOWN])),
        "Too early to say. The experiment has done 7 of its 14 days, and nothing is harmed. Expect an answer on 22 Nov 2026.",
    ),
    "keep": (sentence(evidence(BETTER)), GAIN),
    "keep with a guardrail": (sentence(evidence(BETTER, SAFE)), f"{GAIN} The guardrail is shown safe."),
    "keep with two guardrails": (sentence(evidence(BETTER, SAFE * 2)), f"{GAIN} Both guardrails are shown safe."),
    "keep with a guardrail that is worse": (
        sentence(evidence(BETTER, [*SAFE, guardrail("speed", "worse within margin")])),
        f"{GAIN} Speed is worse, but within the margin.",
    ),
    "keep with guardrails that are worse": (
        sentence(evidence(BETTER, [guardrail(k, "worse within margin") for k in ("speed", "errors", "size")])),
        f"{GAIN} Speed, Errors and Size are worse, but within the margin.",
    ),
    "keep for several goals": (
        sentence(evidence([*BETTER, goal("revenue"), goal("visits")])),
        f"{GAIN} Also better: Revenue and Visits.",
    ),
    "keep with an open goal": (
        sentence(evidence([*BETTER, goal("revenue"), goal("visits", "not enough data")])),
        f"{GAIN} Also better: Revenue. Not settled: Visits.",
    ),
    "drop": (
        sentence(evidence([goal("ordered", "about the same", 0.002)], short="ordered")),
        "Ordered did not improve by as much as was asked for. At best it is +1.2%, and worthwhile begins at +2%.",
    ),
    "drop where less is better": (
        sentence(evidence([goal("errors", "about the same", -0.002, direction="decrease")], short="errors")),
        "Errors did not improve by as much as was asked for. At best it is −1.2%, and worthwhile begins at −2%.",
    ),
    "drop in the metric's own unit": (
        sentence(evidence([goal("ordered", "about the same", 0.002, absolute=True, size=0.01)], short="ordered")),
        "Ordered did not improve by as much as was asked for. At best it is +0.60 percentage points, and worthwhile "
        "begins at +1 percentage points.",
    ),
    "drop of a loss": (
        sentence(evidence([goal("ordered", "worse", -0.03)])),
        "Worse: Ordered, −3.0%, plausibly between −4.0% and −2.0%.",
    ),
    "review": (
        sentence(evidence([UNKNOWN], [NOT_SAFE]), LAST),
        "The planned days are over and the evidence does not settle it. Not enough data: Ordered. Not shown safe: "
        "Errors. On average, keeping risks 0.042% of ordered, dropping 0.54%.",
    ),
    "review of a contradiction": (
        sentence(evidence([goal(effect=None), goal("revenue", "worse", effect=None)]), LAST),
        "The planned days are over and the evidence does not settle it. Ordered better, Revenue worse.",
    ),
    "control too close to zero": (
        sentence(evidence([goal(effect=effect(0.03).model_copy(update={"relative_low": None, "relative_high": None}))])),
        "Better: Ordered, +1.5 percentage points, plausibly between +1.0 and +2.0.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SENTENCES)
def test_each_template_reads_as_a_sentence(case: str) -> None:
    found, expected = SENTENCES[case]
    assert found == expected


def test_sentences_have_no_p_values_no_gaps_and_no_python_in_them() -> None:
    said = [s for s, _ in SENTENCES.values()]
    for _, e, moment, checks, _ in LADDER:
        verdict = judge(checks, (e,), moment, "rule")
        said += [verdict.sentence, verdict.would_change, *(s.text + "." for s in verdict.treatments[0].steps)]
    for sentence in said:
        assert re.fullmatch(r"[A-Z].*[.]", sentence), sentence
        assert not re.search(r"  |\.\.|None|nan|inf\b|p-value|\bp [<=]|significan", sentence), sentence


def test_the_headline_says_what_became_of_the_others() -> None:
    def said(*found: Evidence) -> str:
        return judge((), found, WEEK, "rule").sentence

    assert said(KEEP, DROP) == f"A: {GAIN} The guardrail is shown safe. The other: B drop."
    assert said(KEEP, DROP, STOP).endswith("The others: B drop and C stop.")
    both = said(KEEP, evidence(BETTER, name="E"))
    assert both.endswith("Also to keep: E. They were not compared with each other.")
    assert judge((BROKEN,), (KEEP, DROP), WEEK, "rule").sentence.startswith("The groups cannot be compared")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("guardrails: [{metric: e, margin: 0.02}]", "Keep when a goal improves and every guardrail is shown safe. 95% confidence, looked at every day, allowed for (group sequential)."),
        ("method: always-valid\nalpha: 0.1", "Keep when a goal improves and no goal is worse. 90% confidence, valid whenever one looks (always valid)."),
        ("method: fixed\nalpha: 0.025", "Keep when a goal improves and no goal is worse. 97.5% confidence, looked at once, on the last day (fixed)."),
    ],
)  # fmt: skip
def test_the_rule_is_two_sentences(more: str, expected: str) -> None:
    assert wording.rule(read_plan(PLAN + more)) == expected


# From here on with a lake: looks day by day.

LAUNCH = datetime(2026, 1, 5, tzinfo=UTC)
CATALOG = """
measures: {orders: {event: order}, refunds: {event: refund}}
metrics:
  ordered: {kind: proportion, measure: orders, window_days: 1}
  refunded: {kind: proportion, measure: refunds, window_days: 1, direction: decrease}
"""
PLAN = """
key: checkout
variants: [{key: control, weight: 0.5}, {key: treatment, weight: 0.5}]
goals: [{metric: ordered, worthwhile: 0.05}]
"""
A_DAY = 80


def day_of_events(day: int, *, likely: float = 0.5) -> list[dict[str, Any]]:
    """80 units, half of them in each variant; in treatment a few more of them order."""
    at = (LAUNCH + timedelta(days=day, hours=1)).timestamp()
    found: list[dict[str, Any]] = []
    for i in range(A_DAY):
        unit, variant = {"user": f"u{day}-{i}"}, ("control", "treatment")[i % 2]
        found.append({"type": "exposure", "id": f"x{day}-{i}", "experiment": "checkout", "units": unit, "variant": variant, "at": at})  # fmt: skip
        if (i * 37 + day) % 100 < 100 * (likely + 0.2 * (i % 2)):
            found.append({"type": "event", "id": f"e{day}-{i}", "name": "order", "units": unit, "at": at + 60})
    return found


@pytest.fixture(scope="module")
def nine_days(first_home: Any) -> Any:
    """Nine days of one experiment, loaded; no day is rolled up yet."""
    first_home.launched(CATALOG, PLAN, LAUNCH)
    first_home.arrived([e for day in range(9) for e in day_of_events(day)])
    first_home.close()
    return first_home


@pytest.fixture
def shop(make_home: Any, nine_days: Any) -> Any:
    """A copy of them, to be changed."""
    return make_home(like=nine_days)


def looks(shop: Any, first: int, last: int) -> list[Snapshot]:
    """Close days one after the other, with a look at each."""
    found = []
    for i in range(first, last):
        shop.rolled(day=LAUNCH.date() + timedelta(days=i))
        assert analysis.due(shop.settings) == ["checkout"]
        found.append(analysis.analyze(shop.settings, "checkout"))
        assert analysis.due(shop.settings) == []
    return found


def day(n: int) -> date:
    return LAUNCH.date() + timedelta(days=n)


@pytest.mark.slow
def test_looks_are_official_once_a_day_and_what_they_spent_is_never_revised(shop: Any) -> None:
    found = looks(shop, 0, 6)
    assert [s.official for s in found] == [True] * 6
    assert [s.cutoff for s in found] == [day(n) for n in range(6)]
    recorded = [s.metrics[0].look for s in found]
    assert recorded[:2] == [None, None], "an arm of fewer than 100 units spends nothing"
    spent = [r for r in recorded if r is not None]
    assert [r.fraction for r in spent] == pytest.approx([(n + 1) / 14 for n in range(2, 6)])
    assert [r.information for r in spent] == [A_DAY * (n + 1) for n in range(2, 6)]
    assert [r.spent for r in spent] == sorted(r.spent for r in spent)

    shop.arrived([{**e, "id": f"late-{e['id']}"} for e in day_of_events(1, likely=0.9) if e["type"] == "event"])
    assert shop.rolled(day=day(5)) == [day(1)]
    assert analysis.due(shop.settings) == [], "late events of an old day allow no official look"
    again = analysis.analyze(shop.settings, "checkout")
    assert not again.official
    assert again.metrics[0].control != found[-1].metrics[0].control, "it sees the late events"
    look = again.metrics[0].look
    assert look is not None
    assert (look.fraction, look.information, look.spent) == (spent[-1].fraction, spent[-1].information, spent[-1].spent)
    history = snapshots.history(shop.db, "checkout")
    assert [s.metrics[0].look for s in history] == recorded
    assert [s.hash for s in history] == [s.hash for s in found]


@pytest.mark.slow
def test_analysing_the_same_data_again_gives_the_same_snapshot_on_every_day(shop: Any) -> None:
    found = looks(shop, 0, 9)
    assert found[-1].verdict.word == "keep"
    for original in found[::-3]:
        again = analysis.analyze(shop.settings, "checkout", original.cutoff)
        assert not again.official
        assert again.number > original.number
        assert again.verdict == original.verdict
        assert again.hash == original.hash


@pytest.mark.slow
def test_a_look_asked_for_as_unofficial_spends_nothing(shop: Any) -> None:
    looks(shop, 0, 4)
    shop.rolled(day=day(4))
    seen = analysis.analyze(shop.settings, "checkout", official=False)
    assert (seen.cutoff, seen.official) == (day(4), False)
    assert analysis.due(shop.settings) == ["checkout"]
    official = analysis.analyze(shop.settings, "checkout")
    assert official.official
    look = official.metrics[0].look
    assert look is not None
    assert look.fraction == pytest.approx(5 / 14)


@pytest.mark.slow
def test_an_open_day_cannot_be_looked_at(shop: Any) -> None:
    with pytest.raises(NotReady, match="no day since is rolled up"):
        analysis.analyze(shop.settings, "checkout")
    looks(shop, 0, 1)
    with pytest.raises(NotReady, match="2026-01-07 is not rolled up, and 'checkout' still runs"):
        analysis.analyze(shop.settings, "checkout", day(2))
    assert analysis.analyze(shop.settings, "checkout").cutoff == day(0)


@pytest.mark.slow
def test_a_draft_cannot_be_analysed(home: Any) -> None:
    from experiments import lifecycle
    from experiments.plan_file import read_catalog
    from experiments.registry import metrics

    metrics.apply(home.db, read_catalog(CATALOG), "test")
    lifecycle.save(home.db, read_plan(PLAN), "test")
    with pytest.raises(Conflict, match="is a draft"):
        analysis.analyze(home.settings, "checkout")


@pytest.mark.slow
def test_one_distrusted_experiment_hides_no_other_and_is_named(shop: Any) -> None:
    shop.launched(CATALOG, PLAN.replace("key: checkout", "key: another"), LAUNCH)
    shop.rolled(day=day(0))
    analysis.analyze(shop.settings, "another")
    with shop.db.begin() as session:
        session.execute(text("UPDATE snapshots SET body = replace(body, 'production', 'staging')"))
    shop.rolled(day=day(1))
    assert analysis.due(shop.settings) == ["another", "checkout"]
    assert analysis.analyze(shop.settings, "checkout").experiment == "checkout"
    with pytest.raises(Distrusted, match="'another'"):
        analysis.analyze(shop.settings, "another")


@pytest.mark.slow
def test_a_changed_plan_makes_the_verdict_invalid(shop: Any) -> None:
    with shop.db.begin() as session:
        session.execute(text("UPDATE experiments SET frozen = replace(frozen, '0.05', '0.01')"))
    (found,) = looks(shop, 0, 1)
    assert found.verdict.word == "invalid"
    assert next(c for c in found.checks if c.invalidates).key == "plan"


@pytest.mark.slow
def test_an_event_that_never_comes_makes_the_verdict_invalid_on_the_third_look_and_again_in_its_replay(
    shop: Any,
) -> None:
    plan = PLAN.replace("checkout", "silent") + "guardrails: [{metric: refunded, margin: 0.05}]\nsegments: [country]"
    shop.launched(CATALOG, plan, LAUNCH)
    sent = [e for n in range(4) for e in day_of_events(n) if e["type"] == "exposure"]
    shop.arrived([{**e, "id": f"s{e['id']}", "experiment": "silent"} for e in sent])
    found = []
    for n in range(4):
        shop.rolled(day=day(n))
        found.append(analysis.analyze(shop.settings, "silent"))
    assert [s.verdict.word for s in found[1:]] == ["wait", "invalid", "invalid"]
    assert "no event 'refund' has arrived" in found[-1].verdict.sentence
    replayed = [analysis.analyze(shop.settings, "silent", s.cutoff) for s in found[1:3]]
    assert [s.hash for s in replayed] == [s.hash for s in found[1:3]]
    assert snapshots.latest(shop.db, "silent") is not None, "rows without variation can be stored and read"
    assert all(s.effect is None for s in found[-1].segments if s.metric == "refunded")


@pytest.mark.slow
def test_a_metric_that_fails_becomes_a_row_and_hides_no_other(shop: Any, monkeypatch: Any) -> None:
    shop.launched(CATALOG, PLAN.replace("checkout", "half") + "secondary: [refunded]", LAUNCH)
    original = analysis.cells

    def failing(question: Any, keys: Any, segment: str | None = None, units: Any = None) -> Any:
        if "refunded" in keys:
            raise RuntimeError("the engine broke")
        return original(question, keys, segment, units)

    monkeypatch.setattr(analysis, "cells", failing)
    shop.rolled(day=day(3))
    found = analysis.analyze(shop.settings, "half")
    assert [(m.metric, m.error) for m in found.metrics] == [
        ("ordered", ""),
        ("refunded", "RuntimeError: the engine broke"),
    ]


@pytest.mark.slow
def test_units_of_a_variant_that_was_to_get_none_are_a_certain_mismatch_that_can_be_stored(home: Any) -> None:
    plan = PLAN.replace("weight: 0.5}, {", "weight: 1}, {").replace("treatment, weight: 0.5", "treatment, weight: 0")
    home.launched(CATALOG, plan, LAUNCH)
    home.arrived(day_of_events(0))
    home.rolled(day=day(0))
    stored = analysis.analyze(home.settings, "checkout")
    assert stored.verdict.word == "invalid"
    assert snapshots.latest(home.db, "checkout") == stored


@pytest.mark.slow
def test_a_stopped_experiment_is_analysed_until_its_last_windows_are_complete_in_its_own_zone(make_home: Any) -> None:
    """Stopped at five in the morning of the 8th in Tokyo, which is still the 7th in UTC."""
    from experiments import lifecycle

    home = make_home(KEEPERS_TIME_ZONE="Asia/Tokyo")
    home.launched(CATALOG, PLAN, LAUNCH)
    home.arrived([e for n in range(9) for e in day_of_events(n)])
    lifecycle.stop(home.db, "checkout", "ada", "Enough.", at=datetime(2026, 1, 7, 20, tzinfo=UTC))
    home.rolled(day=day(8))
    assert analysis.analyze(home.settings, "checkout").cutoff == date(2026, 1, 8)
    assert analysis.due(home.settings) == []


def test_verdicts_are_records_that_nobody_changes() -> None:
    verdict = judge((), (KEEP,), WEEK, "rule")
    assert isinstance(verdict, Verdict)
    assert isinstance(verdict.treatments[0], TreatmentVerdict)
    with pytest.raises(ValueError, match="frozen"):
        verdict.word = "drop"  # type: ignore[misc]
