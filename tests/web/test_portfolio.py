"""What leaders read: the portfolio and learnings, over a few decided experiments and over an empty installation."""

import csv
import io
import itertools
import re
from functools import partial

import pytest
import samples

from experiments import lifecycle
from experiments.catalog import Catalog
from experiments.registry import experiments, keys, metrics, snapshots


def words(text):
    """A page as one line of text."""
    return " ".join(re.sub("<[^>]+>", " ", text).split())


@pytest.fixture(scope="module")
def programme(make_site):
    """Six decided experiments, of which one differs from its verdict, with what they taught."""
    site = make_site()
    for n in range(6):
        site.launched(samples.plan(f"e{n}", title=f"Idea {n}", tags=("forms", "speed")[n % 2 :], team="AB"[n % 2]), "keep", 2)
        kept = {"word": "keep"} if n < 4 else {"word": "drop", "second": "rev@example.com"}
        learning = f"Less typing helps <b>{n}</b>." if n else ""
        lifecycle.decide(site.db, f"e{n}", reason="It fits.", by="pm@example.com", learning=learning, **kept)
    return site


def test_the_portfolio_says_how_fast_how_well_and_worth_how_much(programme):
    text = words(programme.client("viewer").get("/portfolio").text)
    for said in (
        "Of six experiments with a valid result four were kept", "67% plausibly 30% to 90%, of 6 valid", "All teams 4 6",
        "Naive sum each as measured, added up +11%", "Decision followed the verdict 4 of 6 67% two differed, with a reason",
        "Checkouts completed 6 6 0 0 0 never", "Payments refused 0 0 0 0 0 6 times: safe 6, harmed 0", "All learnings",
        "None: every answer was decided within a week",
    ):  # fmt: skip
        assert said in text, said


def test_what_was_kept_counts_from_its_day_on_and_brought_nothing_before(programme):
    page = programme.client("viewer").get("/portfolio").text
    places = [tuple(map(float, p.split(","))) for p in re.search(r'class="line" points="([^"]+)"', page)[1].split()]
    assert places[0][1] == places[1][1]  # nothing before the first, which was today
    assert all(before[0] == after[0] or before[1] == after[1] for before, after in itertools.pairwise(places))
    assert (places[0][0], places[-1][0]) == (0, 100)


def test_a_team_s_portfolio_counts_its_own_experiments(programme):
    client = programme.client("viewer")
    assert "of 3 valid" in words(client.get("/portfolio?team=A").text)
    assert "Nothing was decided in these days." in words(client.get("/portfolio?from=2020-01-01&to=2020-06-30").text)


@pytest.mark.parametrize(
    ("query", "said"),
    [("from=yesterday", "is no day"), ("from=2026-02-01&to=2026-01-01", "choose a later end"), ("to=0001-01-01", "outside the years")],
)  # fmt: skip
def test_days_that_are_none_are_refused_with_what_to_do(programme, query, said):
    answer = programme.client("viewer").get(f"/portfolio?{query}")
    assert answer.status_code == 400
    assert said in answer.text


def test_learnings_are_found_marked_and_escaped(programme):
    client = programme.client("viewer")
    text = client.get("/learnings").text
    assert text.count("<q ") == 5
    assert "<b>" not in text
    found = client.get("/learnings?q=typ").text
    assert "Less <mark>typing</mark> helps &lt;b&gt;" in found
    assert client.get("/learnings?tag=forms").text.count("<q ") == 2
    assert client.get("/learnings?outcome=drop").text.count("<q ") == 2
    assert "Nothing matches" in client.get("/learnings?q=%22+OR+1%3D1+--").text
    assert client.get("/learnings?page=99999999999999999999").status_code == 200


def test_a_text_is_answered_with_a_piece_of_a_page(programme):
    text = programme.client("viewer").get("/learnings/similar?text=another+idea+with+less+typing&besides=e1").text
    assert text.strip().startswith("<ul")
    assert "Idea 2" in text
    assert "Idea 1" not in text
    assert "No past experiment" in programme.client("viewer").get("/learnings/similar?text=").text


def test_a_metric_s_page_holds_its_record_its_uses_its_versions_and_what_to_plan_with(programme):
    metrics.apply(programme.db, Catalog(metrics={"revenue": samples.CATALOG.metrics["revenue"].model_copy(update={"cap": 300})}), "ada")
    client = programme.client("viewer")
    text = words(client.get("/metrics/completed").text)
    for said in (
        "Became better 100% 6 of 6 as a goal, plausibly 61% to 100%", "Idea 3 decided goal +2.8% +1.4% to +4.2% Better",
        "Control's mean 48.1%", "To see 2% 78,500 in both variants", "it never meant anything else",
    ):  # fmt: skip
        assert said in text, said
    text = words(client.get("/metrics/revenue").text)
    assert "2 versions" in text
    assert text.index("Capped at €300") < text.index("Capped at €400")
    assert "6 6 safe, 0 harmed, 0 not shown safe" in words(client.get("/metrics/refused").text)
    assert "No finished experiment had it" in words(client.get("/metrics/extra-1").text)


def test_before_anything_is_decided_the_page_says_what_to_do_first_and_what_will_stand_there(site):
    site.launched(samples.plan(), "keep")
    text = site.client("viewer").get("/portfolio").text
    for said in ("One result asks for a decision", "What will stand here", "still running"):
        assert said in text
    assert [f'id="{name}"' in text for name in ("first", "waiting", "calendar", "will", "velocity", "impact")] == [True] * 4 + [False] * 2


def test_an_empty_installation_says_what_will_stand_there(site):
    client = site.client("viewer")
    assert "No experiments yet" in client.get("/portfolio").text
    assert "No learnings yet" in client.get("/learnings").text


def test_the_programme_report_says_the_same_on_its_page_in_its_files_and_to_programs(programme):
    client = programme.client("viewer")
    text = words(client.get("/portfolio/report").text)
    assert "Each week a letter by e-mail and webhook says what waits" in text
    assert "sums and win rates stand here only" in text
    for said in ("Of six experiments with a valid result four were kept", "Idea 5 keep; decided otherwise Checkouts completed +2.8%",
                 "Worth in sum", "Less typing helps", "CSV"):  # fmt: skip
        assert said in text, said
    data = client.get("/portfolio/report.json").get_json()
    rows = list(csv.DictReader(io.StringIO(client.get("/portfolio/report.csv").text)))
    assert [r["key"] for r in rows] == [t["key"] for t in data["tried"]]
    assert [float(r["change"]) for r in rows] == [t["change"] for t in data["tried"]] == [0.028] * 6
    assert (data["decided"], data["win_rate"], len(data["worth"])) == (6, pytest.approx(2 / 3), 2)
    written = client.get("/portfolio/report.md").text
    assert "## Kept" in written
    assert "<b>" not in written
    assert client.get("/portfolio/report.pdf").status_code == 404
    token = keys.create(programme.db, name="reader", role="viewer")[1]
    api = partial(client.get, headers={"Authorization": f"Bearer {token}"})
    whole = {**data, "losses": len(data["avoided"]), "next": None}
    assert api("/api/v1/portfolio").get_json() == whole
    first, rest = api("/api/v1/portfolio?limit=4").get_json(), api("/api/v1/portfolio?limit=4&offset=4").get_json()
    assert first == {**whole, "tried": data["tried"][:4], "avoided": data["avoided"][:4], "next": 4}
    assert rest == {**whole, "tried": data["tried"][4:], "avoided": data["avoided"][4:]}
    assert api("/api/v1/portfolio?from=2026-02-01&to=2026-01-01").status_code == 400


def test_losses_avoided_reach_programs_in_parts_with_their_number(site):
    for n in range(3):
        site.launched(samples.plan(f"harm{n}", title=f"Harm {n}"), "wait", 1)
        look = samples.snapshot(experiments.get(site.db, f"harm{n}").frozen, 2, "stop")
        worse = tuple(m.model_copy(update={"reading": "worse"}) if m.metric == "completed" else m for m in look.metrics)
        snapshots.append(site.db, look.model_copy(update={"metrics": worse}))
        lifecycle.decide(site.db, f"harm{n}", reason="It harms.", by="pm@example.com", word="drop")
    token = keys.create(site.db, name="reader", role="viewer")[1]
    api = partial(site.client().get, headers={"Authorization": f"Bearer {token}"})
    parts = [api(f"/api/v1/portfolio?limit=2&offset={at}").get_json() for at in (0, 2)]
    assert [(len(p["avoided"]), p["losses"], p["next"]) for p in parts] == [(2, 3, 2), (1, 3, None)]
    assert {a["key"] for p in parts for a in p["avoided"]} == {"harm0", "harm1", "harm2"}


def test_programs_find_learnings_alike_experiments_and_records(programme):
    headers = {"Authorization": f"Bearer {keys.create(programme.db, name='finder', role='viewer')[1]}"}
    client = programme.app.test_client()
    found = client.get("/api/v1/learnings?q=typing&limit=2", headers=headers).get_json()
    assert (len(found["items"]), found["next"]) == (2, 2)
    alike = client.get("/api/v1/similar?text=an+idea+about+typing&besides=e1", headers=headers).get_json()["items"]
    assert {f["key"] for f in alike} == {"e0", "e2", "e3", "e4", "e5"}
    record = client.get("/api/v1/metrics/completed/record", headers=headers).get_json()
    assert (record["goals"], record["better"], len(record["versions"])) == (6, 6, 1)
    assert client.get("/api/v1/metrics/nothing/record", headers=headers).status_code == 404


def test_a_text_that_a_spreadsheet_would_run_is_harmless_in_the_programme_s_file(site):
    site.launched(samples.plan("bad", title="=cmd()", hypothesis="@x"), "keep", 1)
    lifecycle.decide(site.db, "bad", word="keep", reason="r", by="pm@example.com", learning="+1 | [a](b) <script>")
    client = site.client("viewer")
    (row,) = csv.DictReader(io.StringIO(client.get("/portfolio/report.csv").text))
    assert (row["title"], row["learning"][:2]) == ("'=cmd()", "'+")
    assert "\\<script\\>" in client.get("/portfolio/report.md").text
    assert "<script" not in client.get("/portfolio/report").text
