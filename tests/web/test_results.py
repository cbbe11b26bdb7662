"""What the results page works out of stored snapshots: a winner's year, the course of an effect, what happened."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import samples

from experiments.daily import newest
from experiments.plan import Holdout, Layer, freeze
from experiments.registry.cards import course_of
from experiments.registry.log import Entry
from experiments.registry.snapshots import point
from experiments.reports.wording import sentence
from experiments.snapshot import ArmMoments, Expected
from web.experiments.over_time import Happened, alone, courses, happened
from web.experiments.worth import a_day, worth
from web.glossary import GLOSSARY


def looks(**changes):
    """Fourteen looks, to which 500 people a day came, and in the last week 300."""
    frozen = freeze(samples.plan(**changes), samples.CATALOG)
    for day in range(1, 15):
        made = samples.snapshot(frozen, day, "wait")
        people = 500 * day if day <= 7 else 3_500 + 300 * (day - 7)
        yield made.model_copy(update={"progress": made.progress.model_copy(update={"people": people, "day": day})})


def points(history):
    """As the registry keeps them."""
    return [point(s.cutoff, course_of(s)) for s in history]


def kept(snapshot):
    """With the moments of the goals' arms: a thousand more units on each day."""
    moments = ArmMoments(n=1_000 * snapshot.progress.day, names=("y",), mean=(0.4,), cov=(0.24,))
    arms = [[getattr(m, a).model_copy(update={"moments": moments}) for a in ("control", "variant")] for m in snapshot.metrics]
    metrics = (m.model_copy(update={"control": c, "variant": v}) for m, (c, v) in zip(snapshot.metrics, arms, strict=True))
    return snapshot.model_copy(update={"metrics": tuple(metrics)})


def winner(**changes):
    found = samples.snapshot().metrics[0]
    expected = Expected(relative=0.02, low=0.01, high=0.03, level=0.95)
    return found.model_copy(update={"expected": expected, **changes})


def test_new_people_a_day_are_those_of_the_last_week_of_enrolment():
    history = list(looks())
    assert a_day(points(history), history[-1]) == 300
    assert a_day(points(history[:4]), history[3]) == 500
    assert a_day([], history[0]) == 0


def test_a_winner_is_projected_to_a_year_with_what_that_assumes():
    shown = list(looks())[-1]
    found = worth(winner(), shown, 300.0)
    per_year = 365 * 300 * winner().control.mean
    assert found.yearly[0] == "Checkouts completed, more in a year"
    assert found.yearly[1] == "1,100"
    assert float(found.yearly[1].replace(",", "")) == pytest.approx(per_year * 0.02, rel=0.05)
    assert found.yearly[2] == "between 530 and 1,600"
    assert "300 new people a day keep coming" in found.said
    assert [row.change for row in found.block.rows] == ["+2.8%", "+2.0%"]


def test_a_winner_half_covered_is_worth_twice_to_all_and_says_so():
    shown = list(looks(coverage=0.5))[-1]
    found = worth(winner(), shown, 300.0)
    assert found.yearly[1] == "2,100"
    assert "that all of them get it instead of 50%" in found.said


QUARTER = Layer.model_validate({"name": "checkout", "salt": "l", "from": 0.25, "to": 0.5})
HELD_OUT = Holdout(name="all", salt="h", share=0.1)


@pytest.mark.parametrize(
    ("changes", "yearly", "coming", "share"),
    [
        ({"layer": QUARTER}, "4,200", "1,200", "that all of them get it instead of 25%"),
        ({"layer": QUARTER, "coverage": 0.5}, "8,400", "2,400", "that all of them get it instead of 12.5%"),
        ({"holdout": HELD_OUT}, "1,200", "334", "that all of them, also those held out, get it instead of 90%"),
    ],
)
def test_a_year_allows_for_a_slice_of_a_layer_and_for_a_holdout_and_says_so(changes, yearly, coming, share):
    found = worth(winner(), list(looks(**changes))[-1], 300.0)
    assert found.yearly[1] == yearly
    assert f"{coming} new people a day keep coming" in found.said
    assert share in found.said


@pytest.mark.parametrize(
    ("relative", "low", "high", "title", "ends"),
    [
        (0.02, -0.001, 0.03, "more in a year", "between 53 fewer and 1,600 more"),
        (-0.02, -0.03, 0.001, "fewer in a year", "between 53 more and 1,600 fewer"),
        (-0.02, -0.03, -0.01, "fewer in a year", "between 530 and 1,600"),
    ],
)
def test_both_ends_of_a_year_are_told_in_words(relative, low, high, title, ends):
    expected = Expected(relative=relative, low=low, high=high, level=0.95)
    found = worth(winner(expected=expected), list(looks())[-1], 300.0)
    assert found.yearly == (f"Checkouts completed, {title}", "1,100", ends)


@pytest.mark.parametrize("changes", [{"kind": "ratio"}, {"kind": "quantile"}])
def test_what_does_not_add_up_is_not_projected(changes):
    found = worth(winner(**changes), samples.snapshot(), 300.0)
    assert found.yearly is None
    assert "is not projected to a year" in found.said


def test_charts_mark_the_days_on_which_people_said_that_something_changed():
    snapshot = samples.snapshot()
    at = datetime(2026, 11, 9, 10, tzinfo=UTC)
    entries = [
        Entry(at, "rev@example.com", "comment", "demo", "x" * 200),
        Entry(at.replace(hour=9), "eng@example.com", "comment", "demo", "App 4.12 went out"),
        Entry(at, "Keepers", "verdict", "demo", "Verdict changed"),
        Entry(at + timedelta(days=1), "ada@example.com", "extend", "demo", "Extended by one week"),
        Entry(at.replace(year=2027), "rev@example.com", "comment", "demo", "Long after"),
    ]
    found = happened(entries, snapshot)
    assert [(h.day, len(h.text)) for h in found] == [(8, len("App 4.12 went out; ") + 90), (9, len("Extended by one week"))]
    course = courses(points(looks()), snapshot.of("goal", "t1"), found)[0]
    assert [(round(x), h.day) for x, h in course.happened] == [(54, 8), (62, 9)]
    assert course.looks[0].date == "2 Nov 2026"


def test_a_course_without_kept_moments_has_no_days_alone():
    assert alone(points(looks()), samples.snapshot().frozen, samples.snapshot().of("goal", "t1"), [Happened(3, "x")]) == []


def test_a_chart_says_which_days_it_draws_and_over_how_many_each_point_counts():
    history = [kept(s) for s in looks()]
    goals, frozen = history[-1].of("goal", "t1"), history[-1].frozen
    stored = [point(s.cutoff, course_of(s, newest(history[:n], s))) for n, s in enumerate(history)]
    said = "So that days can be told apart, every third day is drawn."
    for drawn, each, few in ((stored, "closed on that day,", False), (stored[1::3], "closed on that day,", True),
                             (points(history)[1::3], "closed since the look before it, on up to 3 days,", True)):  # fmt: skip
        caption = alone(drawn, frozen, goals, [])[0].caption
        assert each in caption
        assert (said in caption, said in courses(drawn, goals, [])[0].caption) == (few, few)


def test_words_that_pages_explain_stand_in_the_glossary_in_the_same_words():
    text = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text()
    rows = dict(line.strip("| ").split(" | ", 1) for line in text.splitlines() if " | " in line)
    assert {word: sentence(rows[word]) for word in GLOSSARY} == GLOSSARY


def test_many_treatments_stand_beside_each_other_and_each_has_a_page_of_its_own(shop):
    client = shop.client()
    every = client.get("/experiments/promise").text
    assert "At a glance" in every
    assert 'class="tabset"' not in every
    assert 'href="/experiments/promise?variant=t2"' in every
    one = client.get("/experiments/promise?variant=t2").text
    assert "Only Delivery cost shown first, against control" in one
    for words in ("Goals", "Secondary", "Over time", "Each day alone", 'href="/experiments/promise#glance"'):
        assert words in one
    assert "At a glance" in client.get("/experiments/promise?variant=none-of-them").text


def test_a_page_and_its_styles_are_at_most_150_kilobytes_as_sent(shop, page):
    client, accept = shop.client(), {"Accept-Encoding": "gzip"}
    sent = [client.get(address, headers=accept) for address in (page, "/static/tokens.css", "/static/app.css")]
    assert sum(len(answer.data) for answer in sent) <= 150_000
    for answer in sent:
        answer.close()
    assert sent[0].headers.get("Content-Encoding") == "gzip"
    assert b"</html>" in gzip.decompress(sent[0].data)
    assert "Accept-Encoding" in sent[0].headers["Vary"]
    assert "Content-Encoding" not in client.get(page).headers
