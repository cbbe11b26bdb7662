"""What pages show, over a shop with an experiment in every state."""

import csv
import gc
import html
import io
import json
import re
import unicodedata

import pytest
import samples
import sqlalchemy

from experiments import health
from experiments.catalog import Catalog
from experiments.numbers import day, statistic
from experiments.registry import experiments, metrics, snapshots


@pytest.fixture(scope="module")
def client(shop):
    return shop.client()


def test_the_shop_holds_all_that_a_results_page_must_bear(shop):
    launched = [e.plan for e in experiments.listing(shop.db) if e.state != "draft"]
    assert {len(p.variants) for p in launched} >= {2, 3, 6}
    assert {len(p.metric_keys) for p in launched} >= {1, 60}
    assert any(len(p.title) == 120 for p in launched)
    assert any(unicodedata.bidirectional(letter) in ("R", "AL") for p in launched for letter in p.title)
    newest = {p.key: snapshots.latest(shop.db, p.key) for p in launched}
    assert any(s is None for s in newest.values()), "no data"
    assert any(s is not None and all(m.error for m in s.metrics) for s in newest.values()), "all failed"
    assert {s.verdict.word for s in newest.values() if s} == {"invalid", "stop", "wait", "keep", "drop", "review"}


@pytest.mark.slow
@pytest.mark.parametrize("asked", ["checkout-one-page", "sign-up", "promise", "forty", "reviews", "fresh", "search/stop"])
def test_what_a_page_was_made_of_goes_with_it_and_waits_for_no_collection_of_garbage(client, asked):
    """A macro that reads the page's context holds it in a ring: dozens of pages then go at once, and hold up somebody."""
    client.get(f"/experiments/{asked}")
    gc.collect()
    gc.disable()
    try:
        assert client.get(f"/experiments/{asked}").status_code == 200
        assert gc.collect() < 60
    finally:
        gc.enable()


@pytest.mark.parametrize("key", ["checkout-one-page", "sign-up"])
def test_every_trust_check_shows_what_was_found_its_threshold_since_when_and_the_remedy(shop, client, key):
    """The thresholds are those that the analysis used: the page takes them from the snapshot."""
    rows = snapshots.latest(shop.db, key).checks
    without = {k: v for k, v in health.THRESHOLDS.items() if k != "filtered"}  # these plans leave nobody out
    assert {c.threshold for c in rows} == set(without.values())
    text = html.unescape(client.get(f"/experiments/{key}").text)
    shown = dict(re.findall(r"<b>([^<]+)</b><span>[^<]*</span></summary><div class=\"in\">(.*?)</details>", text, re.DOTALL))
    for c in rows:
        for part in (c.value, c.detail, c.threshold, day(c.since), c.remedy if c.state != "good" else ""):
            assert part in shown[c.title], (c.title, part)


def test_every_page_renders_without_inline_scripts_and_styles_or_anything_fetched_from_elsewhere(client, page):
    answer = client.get(page)
    assert answer.status_code == 200
    scripts = answer.text.count("<script")
    assert scripts == answer.text.count('<script src="/static/brief.js" defer></script>') <= page.startswith(("/experiments/new", "/experiments/basket/edit"))
    assert not re.search(r"\sstyle=|\son[a-z]+=", answer.text)
    assert re.findall(r'(?:src|href)="(?:https?:)?//[^"]*"', answer.text) == []


def test_every_answer_carries_the_strict_headers(client, page):
    headers = client.get(page).headers
    policy = headers["Content-Security-Policy"]
    for part in ("default-src 'none'", "style-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert part in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_every_id_on_a_page_is_unique_and_every_link_within_it_has_a_target(client, page):
    text = client.get(page).text
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert sorted(ids) == sorted(set(ids))
    within = {*re.findall(r'href="#([^"]+)"', text), *re.findall(r'popovertarget="([^"]+)"', text)}
    named = {name for group in re.findall(r'aria-(?:labelledby|describedby)="([^"]+)"', text) for name in group.split()}
    assert within | named <= set(ids)


def test_the_results_page_answers_in_the_order_of_the_design(client):
    text = client.get("/experiments/checkout-one-page").text
    headings = [re.sub("<[^>]+>", "", h) for h in re.findall(r"<h[12][^>]*>(.*?)</h[12]>", text)]
    assert headings == [
        "One-page checkout with address autofill", "Keep", "Trust checks", "Progress", "Goals", "Guardrails",
        "Secondary", "Over time", "Who", "Worth", "What changed", "Detail", "Served now", "Log",
    ]  # fmt: skip
    for words in ("+2.8%", "+1.4% to +4.2%", "+1.3 percentage points", "48.1%", "49.4%", "margin +10%", "142"):
        assert words in text


def test_a_funnel_shows_the_share_that_made_each_step(client):
    text = re.sub("<[^>]+>", " ", client.get("/experiments/search").text)
    section = " ".join(text[text.index("Funnels, step by step") :].split())
    for step in ("1. address-filled-in 60.8% 61.8%", "2. payment-chosen 35.9% 36.4%", "3. orders 22.0% 22.2%"):
        assert step in section
    assert "Funnels" not in client.get("/experiments/checkout-one-page").text
    assert "address-filled-in</code>, then <code>payment-chosen" in client.get("/metrics/through").text


def test_a_quantile_is_told_in_words_on_its_page(client):
    text = re.sub("<[^>]+>", "", client.get("/metrics/slow").text)
    assert "The value that 90% of all events of revenue do not exceed; less is better." in text
    assert "quantile, 90%" in client.get("/metrics").text


def test_no_p_value_is_seen_before_detail_is_opened(client):
    text = client.get("/experiments/checkout-one-page").text
    assert "0.012" in text
    assert text.index("0.012") > text.index('id="detail"')


def test_detail_shows_a_metric_with_a_cap_used_raw_and_uncapped_beside_each_other(client, shop):
    found = next(m for m in snapshots.latest(shop.db, "checkout-one-page").metrics if m.metric == "revenue")
    text = client.get("/experiments/checkout-one-page").text
    table = text[text.index("Adjusted, raw, uncapped") :].split("</table>")[0]
    assert "Uncapped: raw and without the cap; it moves no verdict." in table
    rows = [" ".join(re.sub("<[^>]+>", " ", row).split()) for row in table.split("<tr")]
    used, raw, uncapped = (row for row in rows if "Revenue per person" in row)
    assert "used, capped at €400" in used
    assert "raw, capped at €400" in raw
    assert "uncapped: 132 people in control and 141 in the variant lie above the cap" in uncapped
    whole = found.uncapped
    for e, arms, row in ((found.effect, found, used), (found.raw, found, raw), (whole.effect, whole, uncapped)):
        for value in (e.difference, e.se, arms.control.mean, arms.variant.sd):
            assert f" {statistic(value)} " in row
    assert sum("uncapped:" in row for row in rows) == 1


def test_failing_checks_come_first(client):
    strip = client.get("/experiments/sign-up").text.split('<div class="trust">')[1]
    assert strip.index("Split uneven") < strip.index("Alike before") < strip.index("Events on time")


def test_an_invalid_snapshot_shows_no_effect_and_says_what_to_do(client):
    text = client.get("/experiments/sign-up").text
    assert 'class="iv"' not in text
    assert "+2.8% <span" not in text
    assert "Two goals and two guardrails are not shown" in text
    assert "Log the exposure before the page draws" in text


def test_an_invalid_page_says_what_is_wrong_once_and_its_cause_once(client, shop):
    text = html.unescape(client.get("/experiments/sign-up").text)
    strip = text.index('<div class="trust">')  # folded there, beside the other checks
    read = text[:strip] + text[text.index("</section>", strip) :]
    check = next(c for c in snapshots.latest(shop.db, "sign-up").checks if c.invalidates)
    assert {read.count(said) for said in check.detail.rstrip(".").split(". ")} == {1}


def test_several_treatments_begin_with_an_overview_and_each_has_its_block(client):
    text = client.get("/experiments/promise").text
    assert text.index('id="glance"') < text.index('id="v-t1"') < text.index('id="v-t5"')
    assert "Keep One page" in text


def test_an_older_snapshot_says_that_it_is_and_links_to_the_newest(client):
    text = client.get("/experiments/checkout-one-page?snapshot=3").text
    assert "This is an older snapshot, r3" in text
    assert "See the newest, r14" in text
    assert "older snapshot" not in client.get("/experiments/checkout-one-page?snapshot=14").text


def test_the_course_over_time_is_drawn_from_two_looks_on_with_its_table(client):
    text = client.get("/experiments/search").text
    assert text.count('class="chart"') == 5  # two goals, each of them by days alone, and one by days since exposure
    assert text.count("Show this chart as a table") == 5
    assert "Day 9" in text
    assert "The course is drawn from the second look on." in client.get("/experiments/lone").text


def test_an_effect_that_fades_is_said_and_drawn_by_days_since_exposure(client):
    text = client.get("/experiments/checkout-one-page").text
    since = text[text.index('class="print-only">By days since exposure') : text.index('id="who"')]
    assert "The effect fades by 0.60 percentage points per day since exposure." in since
    assert since.count('class="chart"') == since.count("Show this chart as a table") == 1
    assert "+1.4%" in since[since.index("Day 6</th>") :]
    assert "Revenue" not in since  # nothing is known of it, and it would only hide what is


def test_groups_show_a_shrunken_change_with_the_raw_one_and_other_experiments_that_matter(client):
    text = client.get("/experiments/checkout-one-page").text
    who = text[text.index('id="who"') : text.index('id="worth"')]
    for words in ("Change, shrunken, 95% interval", "+2.9%", "(+1.2% to +4.6%)", "raw +3.6%", "(+1.3% to +5.9%)"):
        assert words in who
    assert "One other experiment shares people with this one: 41,310. The effect differs" in who
    assert "Checkouts completed by the variant of search" in who


def test_an_uneven_split_shows_the_slices_that_explain_it(client):
    cause = client.get("/experiments/sign-up").text.split('id="cause"')[1].split("</section>")[0]
    for words in ("platform = ios", "&#39;One page&#39; is missing about 812 of 4,100 people", "above 99.9%", "day = Mon 2 Nov 2026"):
        assert words in cause
    assert "What explains the split" not in client.get("/experiments/checkout-one-page").text


def test_the_list_groups_by_what_it_asks_of_the_reader(client):
    text = client.get("/experiments").text
    groups = [text.index(f">{title}</h2>") for title in ("Needs you", "Running", "Drafts", "Decided")]
    assert groups == sorted(groups)
    needs, running = text[groups[0] : groups[1]], text[groups[1] : groups[2]]
    assert "checkout-one-page" in needs
    assert "sign-up" in needs
    assert "search" in running
    assert "fresh" in running


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=typos", {"search"}), ("verdict=invalid", {"sign-up"}), ("state=draft", {"basket"}),
        ("team=Discovery", {"search"}), ("q=BASKET+account", {"basket"}), ("state=decided&verdict=review", {"forty"}),
        ("owner=me", set()),
    ],
)  # fmt: skip
def test_search_and_filters_leave_what_matches(client, query, found):
    text = client.get(f"/experiments?{query}").text
    assert set(re.findall(r'<a href="/experiments/([a-z0-9-]+)" dir', text)) == found


def test_an_empty_installation_says_how_to_begin(site):
    client = site.client()
    assert "No experiments yet" in client.get("/experiments").text
    assert "Waiting for the first event" in client.get("/events").text


@pytest.mark.parametrize(
    ("address", "code", "words"),
    [
        ("/experiments/chekout-one-page", 404, "Did you mean &#39;checkout-one-page&#39;?"),
        ("/experiments/checkout-one-page?snapshot=99", 404, "no snapshot r99"),
        ("/experiments/chekout-one-page", 404, "No experiment is called"),
        ("/nowhere", 404, "Check the address"),
        ("/experiments/basket/decide", 409, "only a launched, undecided experiment"),
        ("/experiments/search/edit", 409, "its plan is frozen"),
        ("/experiments/fresh/report.html", 409, "no snapshot yet"),
        ("/experiments/search/report.exe", 404, "There is nothing here"),
    ],
)
def test_errors_are_pages_that_say_what_is_wrong_and_what_to_do(client, address, code, words):
    answer = client.get(address)
    assert answer.status_code == code
    assert words in answer.text
    assert "List of experiments" in answer.text


def test_what_no_longer_fits_has_one_way_on_that_works(client):
    text = client.get("/experiments/basket/decide").text
    assert re.findall(r'<a class="btn" href="([^"]+)"', text) == ["/experiments/basket", "/experiments"]
    assert "Open it as it is now, then choose again." in text
    assert not re.search("[Rr]eload|[Gg]o back", text)


def test_a_page_without_testing_mode_turns_an_unexpected_error_into_a_page(make_site, monkeypatch):
    site = make_site()
    client = site.client()
    site.app.testing = False
    monkeypatch.setattr("web.metrics.metrics.catalog", lambda db: 1 / 0)
    answer = client.get("/metrics")
    assert answer.status_code == 500
    assert "Something failed on our side" in answer.text
    assert "ZeroDivisionError" not in answer.text


@pytest.mark.parametrize("kind", ["html", "csv", "json"])
def test_a_report_is_a_file_of_the_asked_snapshot(client, shop, kind):
    answer = client.get(f"/experiments/checkout-one-page/report.{kind}?snapshot=9")
    stored = snapshots.get(shop.db, "checkout-one-page", 9)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="checkout-one-page-r9.{kind}"'
    assert stored.hash in answer.text


def test_downloaded_numbers_are_the_stored_ones(client, shop):
    stored = snapshots.latest(shop.db, "checkout-one-page")
    data = json.loads(client.get("/experiments/checkout-one-page/report.json").data)
    assert data["snapshot"]["metrics"][0]["effect"]["relative"] == stored.metrics[0].effect.relative
    rows = list(csv.DictReader(io.StringIO(client.get("/experiments/checkout-one-page/report.csv").text)))
    assert float(rows[0]["relative"]) == stored.metrics[0].effect.relative


def test_a_results_page_asks_the_registry_at_most_ten_times(shop, client):
    from sqlalchemy import event

    asked = []
    engine = shop.app.extensions["keepers"].db.engine
    def note(connection, cursor, statement, *rest):
        asked.append(statement)
    event.listen(engine, "before_cursor_execute", note)
    client.get("/experiments/checkout-one-page")
    event.remove(engine, "before_cursor_execute", note)
    assert 1 <= len([s for s in asked if s.startswith("SELECT")]) <= 10


def test_a_winner_says_what_to_expect_after_launch_beside_what_was_measured(shop):
    """Measured +2.8%; expected +2.3%, as winners are a little too good."""
    text = shop.client().get("/experiments/checkout-one-page").text
    assert text.index('id="worth"') > text.index('id="goals"')
    assert "+2.3%" in text.partition('id="worth"')[2]
    assert 'id="worth"' not in shop.client().get("/experiments/sign-up").text  # invalid: nothing is shown


def test_a_posterior_is_told_as_a_chance_and_a_credible_interval(shop):
    text = shop.client("viewer").get("/experiments/receipt").text
    assert "chance to be better 97.4%" in text
    assert "95% credible interval" in text
    assert "no guarantee on errors" in text.replace("\n", " ")


def test_several_treatments_show_dunnett_s_p_value_as_a_reference(shop):
    client = shop.client("viewer")
    assert client.get("/experiments/promise").text.count("Dunnett 0.031") == 10, "two goals of five treatments"
    assert "Dunnett" not in client.get("/experiments/checkout-one-page").text


@pytest.mark.slow
def test_a_metric_has_a_page_that_says_what_is_known_of_it(client):
    assert 'href="/metrics/completed"' in client.get("/metrics").text
    assert re.search(r"Too little is known of its effects: only \w+ finished experiments? ha\w+ measured it", client.get("/metrics/completed").text)
    assert "takes 200" in client.get("/metrics/completed?check=yes").text
    answer = client.get("/metrics/complete")
    assert (answer.status_code, "Did you mean &#39;completed&#39;?" in answer.text) == (404, True)


def test_who_may_not_decide_reads_the_advice_without_a_form(shop):
    page = shop.client("viewer").get("/experiments/promise/decide").text
    assert "You may read this and not decide: that takes the role of an experimenter" in page
    assert "You are deciding as" not in page
    assert 'name="decision"' not in page
    assert 'name="decision"' in shop.client("experimenter").get("/experiments/promise/decide").text


def test_an_error_s_page_is_whole_when_nobody_can_be_looked_up(site):
    client = site.client()
    with site.db.engine.begin() as connection:
        connection.execute(sqlalchemy.text("ALTER TABLE sessions RENAME TO gone"))
    page = client.get("/experiments")
    assert (page.status_code, "This cannot be read at the moment</h1>" in page.text) == (503, True)
    assert "Main" not in page.text  # its navigation is for those who are signed in


def test_a_metric_that_is_counted_otherwise_since_launch_is_a_notice(site):
    site.launched(samples.plan(), "keep")
    page, client = "/experiments/checkout-one-page", site.client("viewer")
    said = "This experiment keeps what was frozen at its launch."
    assert said not in client.get(page).text
    completed = metrics.catalog(site.db).metrics["completed"]
    longer = completed.model_copy(update={"window_days": (completed.window_days or 1) + 1})
    metrics.apply(site.db, Catalog(measures={}, metrics={"completed": longer}), "ada")
    text = client.get(page).text
    assert said in text
    assert f'<a href="/metrics/completed" dir="auto">{completed.name}</a> (version 2). This experiment keeps' in text
