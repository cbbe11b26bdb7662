"""Each format, parsed back: the numbers are the snapshot's, and the same snapshot gives the same bytes."""

import base64
import csv
import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser

import pytest
import reading
import samples
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE
from pypdf import PdfReader

from experiments.errors import NotReady
from experiments.plan import freeze
from experiments.reports import FORMATS, Report
from experiments.reports.csv import COLUMNS, EFFECT, cell
from experiments.reports.tables import tables
from experiments.reports.wording import FORMULA
from experiments.snapshot import Snapshot

PACKED = ("pdf", "pptx", "xlsx")
LAZY = ("typst", "pptx", "xlsxwriter", "nbformat", "lxml", "PIL")


def report(snapshot=None, **changes):
    snapshot = snapshot or samples.snapshot()
    return Report(samples.experiment(snapshot, **changes), snapshot)


def table(of):
    return list(csv.DictReader(io.StringIO(FORMATS["csv"](of).decode(), newline="")))


@pytest.mark.parametrize("kind", [k for k in FORMATS if k not in PACKED])
def test_a_format_of_text_carries_the_snapshots_hash(kind):
    assert report().snapshot.hash.encode() in FORMATS[kind](report())


def test_a_format_whose_library_is_missing_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(NotReady, match=r"needs 'typst'.*keepers-platform\[reports\]"):
        FORMATS["pdf"](report())


@pytest.mark.slow
def test_no_library_of_a_format_is_loaded_before_that_format_is_asked_for():
    code = f"import sys, web, experiments.cli, experiments.reports; print([n for n in {LAZY!r} if n in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_json_holds_the_snapshot_from_which_its_hash_can_be_computed_again():
    of = report(state="decided", decided=samples.decision())
    data = json.loads(FORMATS["json"](of))
    assert Snapshot.model_validate(data["snapshot"]) == of.snapshot
    assert Snapshot.model_validate(data["snapshot"]).hash == data["hash"]
    assert data["decision"]["reason"] == samples.decision().reason
    assert data["schema"] == 1
    assert data["after_launch"] is None


def test_how_a_keep_fares_is_a_dated_record_of_its_own_in_every_format():
    of = replace(report(state="decided", decided=samples.decision()), after=samples.follow_up())
    seen = of.after
    data = json.loads(FORMATS["json"](of))
    assert data["after_launch"]["outcomes"][0]["predicted"] == seen.outcomes[0].predicted
    assert (data["after_launch"]["hash"], data["after_launch"]["cutoff"]) == (seen.hash, "2026-12-16")
    assert data["hash"] == of.snapshot.hash, "the snapshot is what it was"
    rows = [r for r in table(of) if r["hash"] == seen.hash]
    assert [(r["estimate"], r["relative"], r["reading"]) for r in rows[:2]] == [("predicted", "0.0231", "fell short"), ("since-launch", "0.0042", "fell short")]
    for kind in ("html", "md", "ipynb"):
        assert "After launch: fell short" in FORMATS[kind](of).decode(), kind
    bare = FORMATS["html"](report(state="decided", decided=samples.decision())).decode()
    assert "After launch" not in bare
    split = replace(of, after=samples.follow_up(failing=("Split uneven",)))
    assert "The two sides cannot be compared: Split uneven." in FORMATS["html"](split).decode()


def test_csv_numbers_parse_back_to_exactly_the_snapshots():
    of = report()
    used = {(r["metric"], r["treatment"]): r for r in table(of) if r["estimate"] == "used"}
    assert len(used) == len(of.snapshot.metrics)
    for m in of.snapshot.metrics:
        row = used[m.metric, m.treatment]
        for name in EFFECT[:-1]:
            expected = getattr(m.effect, name)
            assert (float(row[name]) if row[name] else None) == expected
        assert float(row["control_mean"]) == m.control.mean
        assert int(row["variant_n"]) == m.variant.n
        assert row["reading"] == m.reading


def test_csv_has_a_row_for_each_estimate_and_segment_and_an_empty_cell_for_unbounded():
    metric = samples.snapshot().metrics[0]
    open_ended = metric.effect.model_copy(update={"high": None})
    snapshot = samples.snapshot().model_copy(update={"metrics": (metric.model_copy(update={"effect": open_ended}),)})
    found = [r for r in table(report(snapshot)) if r["estimate"] != "entry"]
    assert [r["estimate"] for r in found] == ["used", "raw", "always-valid", "expected", "raw", "shrunken", "raw", "shrunken", "raw", "raw", "raw"]
    assert found[0]["high"] == ""
    assert [r["segment_value"] for r in found[4:]] == ["phone", "phone", "desktop", "desktop", "'=tv", "control", "t1"]
    assert [float(r["relative_low"]) for r in found if r["estimate"] == "shrunken"] == [0.012, 0.012]
    assert tuple(found[0]) == COLUMNS


def test_a_metric_without_its_cap_has_a_row_with_arms_of_its_own_and_a_table_of_who_lies_above():
    of = report()
    (metric,) = (m for m in of.snapshot.metrics if m.uncapped)
    (row,) = (r for r in table(of) if r["estimate"] == "uncapped")
    assert (row["metric"], float(row["difference"])) == ("revenue", metric.uncapped.effect.difference)
    assert (float(row["variant_mean"]), float(row["control_sd"])) == (metric.uncapped.variant.mean, metric.uncapped.control.sd)
    (whole,) = (t for t in tables(of.snapshot) if t.title == "Uncapped")
    assert [line[:6] for line in whole.rows] == [("revenue", "t1", "control", 400.0, 33_127, 132), ("revenue", "t1", "t1", 400.0, 32_995, 141)]
    assert "moves no verdict" in whole.about
    stored = json.loads(FORMATS["json"](of))["snapshot"]["metrics"]
    assert [m["uncapped"] is not None for m in stored] == [m.metric == "revenue" for m in of.snapshot.metrics]


@pytest.mark.parametrize("start", FORMULA)
def test_csv_text_that_a_spreadsheet_would_run_is_escaped_and_numbers_are_not(start):
    assert cell(f"{start}cmd") == f"'{start}cmd"
    assert cell(-1.5) == "-1.5"
    assert cell("plain") == "plain"


SHOWN = (("t1", "One page"), ("control", "Three pages"), ("t1", "On a phone"), ("gone", "Of no variant"))


def pictured(treatments=1, shown=SHOWN):
    whole = samples.snapshot(freeze(samples.plan(treatments=treatments), samples.CATALOG))
    return Report(samples.experiment(whole), whole, pictures=samples.pictures(*shown))


def test_pictures_stand_in_the_page_by_variant_and_are_listed_for_programs():
    of = pictured()
    text = FORMATS["html"](of).decode()
    drawn = re.findall(r'src="data:image/webp;base64,([^"]+)" alt="([^"]*)"', text)
    assert [alt for _, alt in drawn] == ["Three pages", "One page", "On a phone"]
    assert base64.b64decode(drawn[1][0]) == of.pictures[0].body
    assert "**control:** Three pages" in FORMATS["md"](of).decode()
    listed = json.loads(FORMATS["json"](of))["pictures"]
    assert [(p["variant"], p["alt"], p["sha256"]) for p in listed] == [(p.variant, p.alt, p.sha256) for p in of.pictures]
    assert "How each variant looked" not in FORMATS["html"](report()).decode()


def test_slides_show_the_first_picture_of_each_variant_and_leave_out_what_is_damaged():
    of = pictured(5, (*SHOWN[:3], *((f"t{n}", f"Page {n}") for n in range(2, 6))))
    slides = Presentation(io.BytesIO(FORMATS["pptx"](of))).slides
    drawn = [s._element.nvPicPr.cNvPr.get("descr") for s in slides[1].shapes if s.shape_type == MSO_SHAPE_TYPE.PICTURE]
    assert (len(slides), drawn) == (5, ["Three pages", "One page", "Page 2", "Page 3"])
    assert "Page 5" in slides[1].notes_slide.notes_text_frame.text
    broken = replace(of, pictures=[replace(p, body=p.body[:40]) for p in of.pictures])
    slides = Presentation(io.BytesIO(FORMATS["pptx"](broken))).slides
    assert [s for s in slides[1].shapes if s.shape_type == MSO_SHAPE_TYPE.PICTURE] == []


@pytest.mark.slow
def test_paper_holds_the_first_picture_of_each_variant_with_words_for_who_cannot_see_it():
    (page, *_) = PdfReader(io.BytesIO(FORMATS["pdf"](pictured()))).pages
    assert [image.image.size for image in page.images] == [(60, 40), (60, 40)]
    told = "".join(page.extract_text().split())
    assert all("".join(alt.split()) in told for _, alt in SHOWN[:3])
    broken = pictured(shown=SHOWN[:1])
    broken = replace(broken, pictures=[replace(broken.pictures[0], body=b"RIFF")])
    assert "Onepage:Onepage" in "".join(PdfReader(io.BytesIO(FORMATS["pdf"](broken))).pages[0].extract_text().split())


class Page(HTMLParser):
    """Collects text and everything that would be fetched."""

    def __init__(self, text):
        super().__init__()
        self.text, self.fetched, self.open = "", [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        values = dict(attrs)
        self.fetched += [v for k, v in attrs if (k == "src" and not v.startswith("data:")) or (tag == "link" and k == "href" and v != "data:,")]
        assert tag != "script"
        assert "style" not in values

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.text += data


def test_html_is_one_self_contained_page_in_the_order_of_a_readers_questions():
    text = FORMATS["html"](report(state="decided", decided=samples.decision())).decode()
    page = Page(text)
    assert page.fetched == []
    asked = [
        "Keep", "Decision: keep", "Hypothesis, as written before launch", "Who and how long", "What changed",
        "Goals and guardrails", "+2.8%", "Expected after launch", "Trust checks", "What we do not know",
        "What we learnt", "Next step", "Deviations from plan", "Data until",
    ]  # fmt: skip
    places = [page.text.index(words, page.text.index("snapshot r14")) for words in asked]
    assert places == sorted(places)


def test_html_of_an_invalid_snapshot_shows_no_effect():
    text = FORMATS["html"](report(samples.snapshot(word="invalid"))).decode()
    assert "+2.8% <" not in text
    assert "Held back" in text
    assert 'class="iv"' not in text


def test_html_escapes_what_people_wrote():
    frozen = freeze(samples.plan(title="<script>alert(1)</script>", hypothesis="a & b"), samples.CATALOG)
    text = FORMATS["html"](report(samples.snapshot(frozen))).decode()
    assert "<script>" not in text
    assert "a &amp; b" in text


@pytest.mark.parametrize("kind", [pytest.param(k, marks=pytest.mark.slow if k == "pdf" else ()) for k in FORMATS])
def test_every_format_copes_with_six_variants_long_and_right_to_left_names_and_missing_effects(kind):
    frozen = freeze(samples.plan(treatments=5, title=samples.RTL), samples.CATALOG)
    whole = samples.snapshot(frozen)
    empty = [m.model_copy(update={"effect": None, "raw": None, "band": None, "control": None, "variant": None}) for m in whole.metrics]
    broken = empty[0].model_copy(update={"error": "=no rows"})
    data = FORMATS[kind](report(whole.model_copy(update={"metrics": (broken, *empty[1:]), "segments": ()})))
    text = " ".join(reading.texts(kind, data)) if kind in (*PACKED, "md") else data.decode()
    assert samples.RTL in text or kind in ("csv", "pdf")  # a PDF holds right-to-left text as it is drawn
    assert ("'=no rows" if kind in ("csv", "xlsx") else "=no rows") in text
