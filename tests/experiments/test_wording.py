"""Every sentence template, filled in and read in full; a template that no case here fills in fails the test."""

import ast
import inspect
import textwrap
from dataclasses import replace
from datetime import date

import pytest

from experiments import causes, others, segments, trends, wording
from experiments.evidence import Evidence, Moment
from experiments.plan import Goal, Guardrail, Plan, Variant
from experiments.portfolio import Period, portfolio
from experiments.portfolio import wording as programme
from experiments.portfolio.outcomes import Rate
from experiments.portfolio.pace import Overdue
from experiments.portfolio.worth import Impact, Shrunk
from experiments.registry.overview import Card
from experiments.reports import wording as shared
from experiments.snapshot import (
    Cause,
    Check,
    DayEffect,
    Effect,
    Expected,
    MetricResult,
    SegmentTest,
    Step,
    TreatmentVerdict,
    Trend,
    Verdict,
)
from web.experiments import over_time, results

LEAST_WORDS = 3  # of a literal that is a template; shorter ones are joints
READINGS = {"worse within margin", "not enough data", "not yet shown safe"}  # compared with, not said
HEADS = {"Change on that day alone"}  # of tables
MODULES = (
    wording, programme, trends.sentence, trends.steady, segments.sentence, others.summary, causes.sentence,
    causes.shortfall, shared.shares, shared.sentence, results.exploratory, results._odds, over_time._over_looks,
    over_time._each_day, over_time._span, over_time._left_out, over_time._worthwhile,
)  # fmt: skip


def effect(relative, half=0.01, method="group-sequential"):
    d = relative * 0.5
    return Effect(difference=d, low=d - half / 2, high=d + half / 2, relative=relative, relative_low=relative - half, relative_high=relative + half,
                  se=half / 4, df=1e6, p_value=0.01, critical=2.0, level=0.95, method=method)  # fmt: skip


def metric(title="Orders", reading="better", at=0.03, role="goal", **more):
    shown = {"effect": effect(at), "size": 0.02, "direction": "increase" if role == "goal" else "decrease"}
    return MetricResult.model_validate({"metric": title.lower(), "title": title, "kind": "proportion", "window_days": 7, "role": role,
                                        "treatment": "t", "reading": reading, **shown, **more})  # fmt: skip


def evidence(goals, guardrails=(), short="", harmed=""):
    return Evidence("t", "One page", tuple(goals), tuple(guardrails), frozenset(short.split()), frozenset(harmed.split()))


def headline(*words):
    found = [TreatmentVerdict(treatment=str(n), word=w, sentence="Better: Orders.", would_change="", steps=(Step(word=w, hit=True, text=""),))
             for n, w in enumerate(words)]  # fmt: skip
    return wording.headline(found[0], found, {"0": "A", "1": "B", "2": "C"})


def plan(method="group-sequential", guardrails=True, variants=2, **more):
    found = tuple(Variant(key=f"v{n}", title=f"V{n}", weight=1 / variants) for n in range(variants))
    kept = (Guardrail(metric="errors", margin=0.05),) if guardrails else ()
    return Plan(key="k", method=method, variants=found, goals=(Goal(metric="orders", worthwhile=0.02),), guardrails=kept, **more)


def impact(total=None, targeted=0):
    return Impact("orders", "Orders", "increase", 3, 0.093, None, total, None, targeted, ())


def trend(slope=0.004, p=0.01, absolute=False, note=""):
    days = tuple(DayEffect(day=n, n=900, change=c, low=c - 0.01, high=c + 0.01) for n, c in enumerate((-0.03, -0.026)))
    return Trend(metric="orders", treatment="t", absolute=absolute, days=days, slope=slope, p_value=p, note=note)


def cause(dimension="platform", value="ios", chance=0.97, missing=812, planned=True):
    return Cause(dimension=dimension, value=value, counts={"a": 1, "b": 2}, variant="new", missing=missing, planned=4_100, chance=chance, rest_as_planned=planned)


def secondary(count, different=0):
    return tuple(metric(f"M{n}", "better" if n < different else "about the same", role="secondary", direction="increase") for n in range(count))


def between_groups(p):
    return SegmentTest(segment="device", metric="orders", treatment="t", values=3, p_value=p)


def day(number, days=1):
    return over_time.DayAlone(day=number, n=900, change=0.03, low=0.01, high=0.05, days=days)


def caption(days, method="always-valid"):
    looks = tuple(over_time.Look(n, 0.03, 0.01, 0.05, "", "") for n in days)
    return over_time._over_looks(metric(), looks, "always-valid band" if method == "always-valid" else "95% interval", []).caption


BAD = Check(key="split", title="Split uneven", state="bad", value="60 / 40", detail="'new' is missing about 90 people.", invalidates=True)
CAUSED = BAD.model_copy(update={"detail": f"{BAD.detail} From Mon 9 Nov on. Nowhere else."})
NOW, LAST = Moment(9, 7, 14, "on 22 Nov 2026"), Moment(14, 7, 14, "on 22 Nov 2026")
UNSETTLED, UNSAFE = metric("Revenue", "not enough data", 0.005), metric("Errors", "not yet shown safe", 0.0, "guardrail")
SAFE, SLOW = metric("Errors", "safe", 0.0, "guardrail"), metric("Load time", "safe", 0.0, "guardrail")
WITHIN = metric("Load time", "worse within margin", 0.01, "guardrail")
LATER = Expected(relative=0.024, low=0.005, high=0.039, level=0.95)
EMPTY = portfolio([], [], {}, {}, period=Period(date(2026, 1, 1), date(2026, 12, 31)), today=date(2026, 12, 31), windows={})
CARD = Card(**{**dict.fromkeys(Card.__dataclass_fields__), "word": "keep"})


def say(word, e, moment=NOW, checks=()):
    return wording.sentence(word, checks, e, moment)


def in_short(word, checks=()):
    return wording.in_short(Verdict(word=word, treatment=None, sentence="All of it.", would_change="", rule="", treatments=()), checks)


def step(word, e, hit, moment=NOW, checks=(), past=False):
    return wording.step(word, checks, e, moment, hit=hit, past=past)


def of(method):
    return evidence([metric(effect=effect(0.03, method=method))])


def change(word, e=None, moment=NOW):
    return wording.would_change(word, e or evidence([metric()]), moment)


CASES = [
    (say("invalid", evidence([metric()]), checks=(BAD,)), "The groups cannot be compared, so no effect is shown. 'new' is missing about 90 people."),
    (in_short("invalid", [CAUSED]), "The groups cannot be compared, so no effect is shown. 'new' is missing about 90 people."),
    (in_short("keep"), "All of it."),
    (" | ".join(wording.apart(CAUSED)), "'new' is missing about 90 people. | From Mon 9 Nov on. Nowhere else."),
    (" | ".join(wording.apart(BAD)), "'new' is missing about 90 people. | "),
    (say("stop", evidence([metric()], [metric("Errors", "harmed", 0.08, "guardrail", band=effect(0.08, 0.02), note="Shown harmed on day 3.")], harmed="errors")), 'Harmed: Errors, +8.0%, plausibly between +6% and +10%; the margin is 2%. Shown harmed on day 3.'),
    (say("stop", evidence([metric(at=-0.05, reading="worse")], harmed="orders")), 'Harmed: Orders, −5.0%, plausibly between −6.0% and −4.0%; the worthwhile effect, which is also the most it may lose, is 2%.'),
    (say("wait", evidence([UNSETTLED])), 'Too early to say. The experiment has done 9 of its 14 days, and nothing is harmed. Expect an answer on 22 Nov 2026.'),
    (say("keep", evidence([metric(), metric("Signups"), UNSETTLED], [SAFE])), 'Better: Orders, +3.0%, plausibly between +2.0% and +4.0%. Also better: Signups. The guardrail is shown safe. Not settled: Revenue.'),
    (say("keep", evidence([metric()], [SAFE, SLOW])), 'Better: Orders, +3.0%, plausibly between +2.0% and +4.0%. Both guardrails are shown safe.'),
    (say("keep", evidence([metric()], [SAFE, SLOW, metric("Refunds", "safe", 0.0, "guardrail")])), 'Better: Orders, +3.0%, plausibly between +2.0% and +4.0%. All three guardrails are shown safe.'),
    (say("keep", evidence([metric()], [SAFE, WITHIN])), 'Better: Orders, +3.0%, plausibly between +2.0% and +4.0%. Load time is worse, but within the margin.'),
    (say("keep", evidence([metric()], [metric("Errors", "worse within margin", 0.01, "guardrail"), WITHIN])), 'Better: Orders, +3.0%, plausibly between +2.0% and +4.0%. Errors and Load time are worse, but within the margin.'),
    (say("keep", evidence([metric(effect=None)])), 'Better: Orders, no effect shown yet.'),
    (say("drop", evidence([metric(reading="about the same", at=0.001), metric("Revenue", "worse", -0.04)])), 'Orders did not improve by as much as was asked for. At best it is +1.1%, and worthwhile begins at +2%. Worse: Revenue, −4.0%, plausibly between −5.0% and −3.0%.'),
    (say("drop", evidence([metric(reading="about the same", effect=None)])), 'Orders did not improve by as much as was asked for. At best it is not known, and worthwhile begins at +2%.'),
    (say("drop", evidence([metric("Wait", "about the same", 0.0, direction="decrease", effect=effect(0.0).model_copy(update={"relative_low": None, "low": None}))])), 'Wait did not improve by as much as was asked for. At best it is without limit, and worthwhile begins at −2%.'),
    (say("drop", evidence([metric(reading="about the same", at=0.001, absolute=True)])), 'Orders did not improve by as much as was asked for. At best it is +0.55 percentage points, and worthwhile begins at +2 percentage points.'),
    (say("review", evidence([metric(), metric("Revenue", "worse", -0.02)], [UNSAFE]), LAST), 'The planned days are over and the evidence does not settle it. Orders better, Revenue worse. Not shown safe: Errors. On average, keeping risks 2.0% of revenue, dropping 3.0% of orders.'),
    (say("review", evidence([metric("Revenue", "worse", -0.02), metric(expected=LATER)]), LAST), 'The planned days are over and the evidence does not settle it. Orders better, Revenue worse. Expected after launch: Orders +2.4% (+0.5% to +3.9%). On average, keeping risks 2.0% of revenue, dropping 3.0% of orders.'),
    (say("review", evidence([metric(effect=None), UNSETTLED]), LAST), 'The planned days are over and the evidence does not settle it. Not enough data: Revenue. On average, keeping risks 0.042% of revenue, dropping 0.54%.'),
    (say("review", evidence([UNSETTLED])), 'It was stopped on day 9 of 14 and the evidence does not settle it. Not enough data: Revenue. On average, keeping risks 0.042% of revenue, dropping 0.54%.'),
    (step("invalid", evidence([metric()]), True, checks=(BAD,)), 'Yes: split uneven'),
    (step("invalid", evidence([metric()]), False), 'No: every trust check that could invalidate it passes'),
    (step("stop", evidence([metric()], harmed="orders"), True), 'Yes: 1 harmed beyond the margin'),
    (step("stop", evidence([metric()]), False), 'No: nothing is harmed beyond its margin'),
    (step("wait", evidence([metric()]), True), 'Yes: day 9 of 14'),
    (step("wait", evidence([metric()]), False), 'No: day 9 of 14, and there is an answer'),
    (step("keep", evidence([metric()], [SAFE]), True), 'Yes: 1 of 1 goals better, 1 of 1 guardrails safe'),
    (step("drop", evidence([metric()]), False), 'No: 0 of 1 goals shown below what is worthwhile'),
    (step("review", evidence([metric()]), True), 'Yes: the planned days are over and no other step holds'),
    (step("review", evidence([metric()]), False, past=True), 'Not reached'),
    (change("invalid"), 'Nothing that more days could bring. Mend the cause, then begin a new phase or experiment.'),
    (change("stop"), 'Nothing is planned: a loss this size was shown on a bound that holds on every day.'),
    (change("wait"), 'More days, until 14 are done, or a goal or guardrail harmed beyond its margin.'),
    (change("keep"), 'A guardrail harmed beyond its margin, or a trust check that fails on late data.'),
    (change("drop", moment=LAST), 'A trust check that fails on late data would withdraw it.'),
    (change("review"), "A person's judgement, or extending it: more days use the reserve of alpha, whose intervals are wider at first and stay valid."),
    (change("review", of("always-valid")), "A person's judgement, or extending it: with more days its intervals become narrower, and they hold on any day."),
    (change("review", of("fixed")), "A person's judgement, or a new experiment: this one was to be looked at once."),
    (change("review", of("bayesian")), "A person's judgement, or a new experiment: one by its posterior is not extended."),
    (change("review", moment=Moment(9, 7, 14, "", cut_short=True)), "A person's judgement, or a new experiment: nobody new comes to this one."),
    (wording.rule(plan()), 'Keep when a goal improves and every guardrail is shown safe. 95% confidence, looked at every day, allowed for (group sequential).'),
    (wording.rule(plan("always-valid", guardrails=False)), 'Keep when a goal improves and no goal is worse. 95% confidence, valid whenever one looks (always valid).'),
    (wording.rule(plan("fixed", alpha=0.1)), 'Keep when a goal improves and every guardrail is shown safe. 90% confidence, looked at once, on the last day (fixed).'),
    (wording.rule(plan("bayesian", prior={"sd": 0.05})), 'Keep when a goal improves and every guardrail is shown safe. 95% chance, by the posterior of a prior that was fixed before (Bayesian): no guarantee on errors.'),
    (wording.over_phases(plan(), 2), "The chance to call a goal changed when it is not is at most 5% in one phase, and at most 9.8% over two phases together."),
    (wording.over_phases(plan("bayesian", prior={"sd": 0.05}), 2), "Each phase begins with the prior of the plan again; a posterior gives no guarantee on errors."),
    (headline("keep", "keep", "drop"), 'A: Better: Orders. Also to keep: B. They were not compared with each other. The other: C drop.'),
    (headline("wait", "drop", "stop"), 'A: Better: Orders. The others: B drop and C stop.'),
    (headline("invalid"), 'Better: Orders.'),
    (trends.sentence(trend(), metric()), 'The effect fades by 0.40 percentage points per day since exposure.'),
    (trends.sentence(trend(-0.004), metric()), 'The effect grows by 0.40 percentage points per day since exposure.'),
    (trends.sentence(trend(absolute=True), metric()), 'The effect fades by 0.40 percentage points per day since exposure.'),
    (trends.sentence(trend(p=0.4), metric()), 'No evidence that the effect changes with days since exposure.'),
    (trends.sentence(trend(None, note="Too few."), metric()), 'Too few.'),
    (trends.steady([trend()], "t"), 'No evidence that any effect changes with days since exposure.'),
    (trends.steady([], "t"), 'People do this on too few days after exposure to see a trend.'),
    (segments.sentence(None), 'Too few people to tell whether they differ.'),
    (segments.sentence(between_groups(0.4)), 'No evidence that these three groups differ.'),
    (segments.sentence(between_groups(0.001)), 'These three groups differ by more than chance explains: look for the reason before you generalise.'),
    (others.summary({}, [], "user"), ''),
    (others.summary({"a": 4_100}, [], "user"), 'One other experiment shares people with this one: 4,100. Too few to tell whether any changes its effect.'),
    (others.summary({"a": 4_100, "b": 60}, [between_groups(0.001)], "user"), "Two other experiments share people with this one, up to 4,100. The effect differs between another one's variants by more than chance explains:"),
    (others.summary({"a": 4_100}, [between_groups(0.4)], "account"), 'One other experiment shares accounts with this one: 4,100. No evidence that the effect depends on any of them.'),
    (causes.sentence([], "user"), ''),
    (causes.sentence([cause()], "user", {"new": "One page"}), "In platform = ios, 'One page' is missing about 812 of 4,100 people; elsewhere the split is as planned."),
    (causes.sentence([cause()], "user"), "In platform = ios, 'new' is missing about 812 of 4,100 people; elsewhere the split is as planned."),
    (causes.sentence([cause(missing=-40, planned=False)], "user"), "In platform = ios, 'new' has too many, by about 40 of 4,100 people; elsewhere the split is uneven too."),
    (causes.sentence([cause(chance=0.2)], "user"), 'No slice of the people stands out as its cause.'),
    (causes.sentence([cause("", "")], "user"), 'The fault is everywhere alike, and in none of the slices that were searched.'),
    (causes.sentence([cause("day", "20769")], "user"), "On Thu 12 Nov 2026, 'new' is missing about 812 of 4,100 people; elsewhere the split is as planned."),
    (causes.sentence([cause("since", "20769")], "user"), "From Thu 12 Nov 2026 on, 'new' is missing about 812 of 4,100 people; elsewhere the split is as planned."),
    (programme.lead(EMPTY), ['Nothing was decided in these days.']),
    (programme.lead(replace(EMPTY, decided=(CARD,), rates=(Rate("", 0, 0, 0.0, 1.0),), overdue=(Overdue(CARD, 9),))), ['No decided experiment had a valid result.', 'One result has waited for a decision for longer than a week.']),
    (programme.lead(replace(EMPTY, decided=(CARD,), impacts=(impact(),), rates=(Rate("", 1, 2, 0.1, 0.9),), overdue=(Overdue(CARD, 9),) * 2)), ['Orders: what was kept measured +9.3% in sum, which luck makes too good; what to expect is known once five experiments have measured it.', 'Of two experiments with a valid result one was kept.', 'Two results have waited for a decision for longer than a week.']),
    (programme.lead(replace(EMPTY, decided=(CARD,), rates=(Rate("", 1, 1, 0.2, 1.0),), after={"held up": (CARD,), "fell short": (), "not known yet": (CARD,)})), ['Of one experiment with a valid result one was kept.', 'Of what was kept two are compared with people held back: one held up, none fell short.']),
    ([programme.first_step(dict(zip(("needs", "running", "draft"), n, strict=True))) for n in ((1, 2, 3), (0, 2, 3), (0, 0, 2), (0, 0, 0))],
     [("One result asks for a decision or a repair. Each decision fills this page.", "See what asks for you", "needs"),
      ("Two experiments run, and none asks for you yet. The calendar says until when.", "See what runs", "running"),
      ("Two drafts are not launched yet. The page of each says what that takes.", "See the drafts", "draft"),
      ("All that was decided lies outside these days: choose others above.", "See what was decided", "decided")]),
    (programme.worth(impact(Shrunk(0.04, 0.01, 0.07))), 'Orders: what was kept is likely to bring +4.0% in sum, plausibly +1.0% to +7.0%.'),
    (programme.rate_words(Rate("", 0, 0, 0.0, 1.0)), ('none yet', '')),
    (programme.rate_words(Rate("", 7, 20, 0.23, 0.48)), ('35%', '23% to 48%')),
    (programme.assumptions(replace(EMPTY, impacts=(impact(targeted=2),))), ['Changes are added, each times the share of people who get it, as if they lasted and none weakened another.', 'Two of them were for a part of the people only: there the sum is too large for everyone.']),
    (programme.assumptions(replace(EMPTY, impacts=(impact(targeted=1),)))[1], 'One of them was for a part of the people only: there the sum is too large for everyone.'),
    (programme.asks(CARD), 'ready to keep'),
    ([programme.asks(replace(CARD, word=w)) for w in ("drop", "stop", "review", "invalid", None)], ['ready to drop', 'harmed: decide now', "needs a person's judgement", 'to repair, then launch again', 'its days are over']),
    (programme.pace_words(EMPTY), '0 launched; none decided yet'),
    (programme.pace_words(replace(EMPTY, launched=4, decided=(CARD,))), '4 launched; fewer than 0.1 decided a week'),
    (programme.pace_words(replace(EMPTY, launched=80, decided=(CARD,) * 78)), '80 launched; 1.5 decided a week'),
    (programme.wait_words(EMPTY), ('not known', 'median, from the answer on; 0 overdue')),
    (programme.wait_words(replace(EMPTY, waits=(1,))), ('1 day', 'median, from the answer on; 0 overdue')),
    ([programme.quality_share(*x) for x in ((0, 0), (3, 4))], ['none yet', '75%']),
    (shared.shares(plan()), 'V0 50%, V1 50%'),
    (shared.shares(plan(variants=6)), 'an equal split over six variants'),
    ([shared.sentence(x) for x in ("", " as planned", "Really?")], ['', 'As planned.', 'Really?']),
    (list(shared.DECISIONS.values()), ['Keep', 'Drop', 'Run again with a new plan']),
    (results.exploratory(secondary(1)), 'none looks different; by luck alone, a 1 in 20 chance of at least one'),
    (results.exploratory(secondary(12, 1)), 'one looks different; by luck alone, a 1 in 2 chance of at least one'),
    (results.exploratory(secondary(40, 3)), 'three look different; about 2 would by luck alone'),
    (caption((1, 2, 3)), 'Orders: the change so far, with its always-valid band. The band holds on any day, so looking early does no harm; it is wider than the final interval for that reason. Shaded: worthwhile, from +2%.'),
    (caption((1, 10, 19), "fixed"), 'Orders: the change so far, with its 95% interval. Shaded: worthwhile, from +2%. So that days can be told apart, every ninth day is drawn.'),
    (over_time._each_day(metric(), [day(1), day(2)], {1: date(2026, 11, 2), 2: date(2026, 11, 3)}, []).caption, 'Orders: only those whose window closed on that day, unadjusted, each with its 95% interval. Days scatter: about 1 in 20 of these intervals misses the truth by chance. Shaded: worthwhile, from +2%.'),
    (over_time._span([day(9, 9)]), 'since the look before it, on up to 9 days'),
]


@pytest.mark.parametrize(("said", "expected"), CASES)
def test_a_sentence_reads_in_full_as_it_should(said, expected):
    assert said == expected


def literals(of):
    """The fixed parts of every sentence in a module or function."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(of)))
    docs = {id(n.body[0].value) for n in ast.walk(tree) if isinstance(n, ast.Module | ast.FunctionDef) and isinstance(n.body[0], ast.Expr)}
    texts = (n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in docs)
    return {text.strip() for text in texts if len(text.split()) >= LEAST_WORDS}


def test_every_template_is_filled_in_by_a_case():
    read = " ".join(str(said) for said, _ in CASES).lower()
    templates = {text for of in MODULES for text in literals(of)}
    assert len(templates) > 90, "templates are found where they are"
    assert sorted(t for t in templates - READINGS - HEADS if t.lower() not in read) == []
