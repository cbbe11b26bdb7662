"""Every number of a snapshot is found again in each of the eight formats, and no text becomes more than text."""

import io
import zipfile
from dataclasses import replace
from math import isclose

import pytest
import reading
import samples
import worked
from pypdf import PdfReader

from experiments.plan import freeze
from experiments.reports import FORMATS, Report
from experiments.reports.page import page
from experiments.reports.tables import written
from experiments.snapshot import Look

pytestmark = pytest.mark.slow

EXACT = ("csv", "json", "xlsx", "ipynb")
PEOPLE = ("html", "pdf", "pptx", "xlsx", "md")
WHAT_IT_SAW = {"moments", "control", "variant"}  # of an arm or a day: the engine's input, in files for programs only
HOSTILE = {
    "equals": "=cmd|' /C calc'!A0", "plus": "+1+cmd", "minus": "-2+3", "at": "@SUM(1)", "tab": "\t=1+1", "return": "\r=1+1",
    "script": "<script>alert(1)</script>", "rtl": samples.RTL, "turning": "abc\u202egnp.exe", "long": (samples.LONG + "." * 9)[:120],
    "quotes": "\"it's\" ‘so’ \\", "typst": "#import \"x.typ\" $x$ *b* _e_ = Head @ref <label> `raw`",
    "markdown": "**b** [x](javascript:1) ![i](x) `c` | a | http://example.com # h", "control": "a\x00b\x1fc", "zip": "../../etc/passwd",
}  # fmt: skip


def results(snapshot):
    """Every number of a snapshot but the moments that it was made of."""
    def cut(value):
        if isinstance(value, dict):
            days = {"day", "change"} <= set(value)
            return {k: cut(v) for k, v in value.items() if k != "moments" and not (days and k in WHAT_IT_SAW)}
        return [cut(v) for v in value] if isinstance(value, list) else value

    return set(reading.leaves(cut(snapshot.model_dump(mode="json", by_alias=True))))


def full():
    """A snapshot with something in every field that holds numbers."""
    frozen = freeze(samples.plan(secondary=("long", "through")), samples.CATALOG)
    look = Look(fraction=0.913, information=66_121.0, spent=0.0431, statistics={"zero": 3.17, "minus": -3.17, "short": -1.23, "margin": 4.44})
    whole = samples.snapshot(frozen)
    rows = tuple(m.model_copy(update={"look": look, "waiting": 917, "dunnett_p": 0.0317}) for m in whole.metrics)
    tests = samples.other_tests("t1")
    return whole.model_copy(update={"metrics": rows, "segment_tests": tests, "causes": samples.causes()})


class Printed:
    """A report; each of its formats is made and read once."""

    def __init__(self, report):
        self.report, self.snapshot, self.kept = report, report.snapshot, {}

    def data(self, kind):
        if kind not in self.kept:
            self.kept[kind] = FORMATS[kind](self.report)
        return self.kept[kind]

    def text(self, kind):
        name = f"text of {kind}"
        if name not in self.kept:
            self.kept[name] = " ".join(reading.texts(kind, self.data(kind)))
        return self.kept[name]


@pytest.fixture(scope="module", params=["drawn", pytest.param("worked", marks=pytest.mark.slow)])
def report(request):
    """A report with invented numbers in every field, and one with numbers of the engine."""
    if request.param == "worked":
        return Printed(worked.report(worked.worked(looks=2, treatments=2)))
    snapshot = full()
    return Printed(Report(samples.experiment(snapshot, "decided", samples.decision()), snapshot, after=samples.follow_up(), pictures=samples.pictures(("control", "Three pages"), ("t1", "One page"), ("t1", "On a phone"))))


@pytest.mark.parametrize("kind", FORMATS)
def test_every_number_is_found_again(report, kind):
    expected = results(report.snapshot)
    assert len(expected) > 200
    found = reading.numbers(kind, report.data(kind)) if kind in EXACT else reading.in_text(report.text(kind))
    if kind == "xlsx":  # XlsxWriter writes 16 digits, one less than a double may need
        expected = {x for x in expected if not any(isclose(x, y, rel_tol=1e-15) for y in found)}
    elif kind not in EXACT:
        expected = {float(written(x).replace("−", "-")) for x in expected}
    assert expected - found == set()


@pytest.mark.parametrize("kind", PEOPLE)
def test_what_the_page_says_is_said_in_every_format_for_people(report, kind):
    text = report.text(kind)
    said = page(report.report)
    rows = [] if kind == "pptx" and len(said.blocks) > 1 else [w for _, b in said.blocks for r in b.rows for w in reading.written(r)]
    sections = (said.decision, said.hypothesis, said.who, said.change, said.learning, said.next_step)
    points = [p for s in (said.checks, said.after, said.shots) if s for p in s.points]
    wanted = [said.headline, said.sentence, *(s.text for s in sections), *(p.text for p in points), *rows]
    tight = "".join(text.split())  # a PDF breaks lines where it likes
    assert [w for w in wanted if "".join(w.split()) not in tight] == []


@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_snapshot_gives_the_same_bytes(report, kind):
    assert FORMATS[kind](report.report) == report.data(kind)


@pytest.fixture(scope="module")
def hostile():
    """A report in which everything that people write is hostile."""
    texts = iter([*HOSTILE.values()] * 4)
    plan = samples.plan(
        title=next(texts), hypothesis=" ".join(HOSTILE.values()), change=HOSTILE["typst"], owner=HOSTILE["markdown"], team=HOSTILE["at"]
    )
    variants = tuple(v.model_copy(update={"title": HOSTILE["script"]}) for v in plan.variants)
    whole = samples.snapshot(freeze(plan.model_copy(update={"variants": variants}), samples.CATALOG))
    rows = tuple(m.model_copy(update={"title": next(texts), "description": next(texts), "note": next(texts)}) for m in whole.metrics)
    broken = rows[1].model_copy(update={"error": HOSTILE["equals"], "effect": None})
    parts = tuple(s.model_copy(update={"value": next(texts)}) for s in whole.segments)
    snapshot = whole.model_copy(update={"metrics": (rows[0], broken, *rows[2:]), "segments": parts})
    decided = samples.decision(reason=HOSTILE["markdown"], learning=HOSTILE["typst"], by=HOSTILE["plus"])
    short = replace(samples.follow_up().outcomes[0], title=HOSTILE["script"])
    after = samples.follow_up(outcomes=(short,))
    return Printed(Report(samples.experiment(snapshot, "decided", decided), snapshot, after=after, pictures=samples.pictures(("t1", HOSTILE["quotes"] + HOSTILE["script"]))))


@pytest.mark.parametrize("kind", PEOPLE)
def test_hostile_texts_are_read_as_they_were_written(hostile, kind):
    """The readers of `reading` refuse scripts, links, markup and formulas; here the words must still be there."""
    text = "".join(hostile.text(kind).split())
    for name in ("script", "quotes", "typst", "markdown", "long", "equals"):
        assert "".join(HOSTILE[name].split()) in text, name
    if kind != "html":
        assert not {"\x00", "\x1f", "\u202e"} & set(text)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_cell_begins_like_a_formula(hostile, kind):
    data = hostile.data(kind)
    found = [v for row in reading.table(data) for v in row.values()] if kind == "csv" else reading.cells(data)
    words = [v for v in found if isinstance(v, str) and v.startswith(("=", "@", "\t", "\r"))]
    signed = [v for v in found if isinstance(v, str) and v.startswith(("+", "-")) and not v[1:2].isdigit() and v[1:2] != "€"]
    assert words + signed == []
    assert f"'{HOSTILE['equals']}" in found


@pytest.mark.parametrize("kind", ["xlsx", "pptx"])
def test_office_files_carry_no_time_but_the_snapshots_and_nothing_that_runs_or_is_fetched(hostile, kind):
    with zipfile.ZipFile(io.BytesIO(hostile.data(kind))) as packed:
        assert {e.date_time for e in packed.infolist()} == {(2026, 11, 16, 4, 12, 0)}
        assert packed.read("docProps/core.xml").decode().count("2026-11-16T04:12:00Z") >= 2
        assert hostile.snapshot.hash in packed.read("docProps/core.xml").decode()
        assert not [n for n in packed.namelist() if "vba" in n.lower() or "external" in n.lower()]
        assert b'TargetMode="External"' not in b"".join(packed.read(n) for n in packed.namelist() if n.endswith(".rels"))


def test_the_pdf_is_tagged_titled_and_embeds_its_fonts(hostile):
    pdf = PdfReader(io.BytesIO(hostile.data("pdf")))
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert "pdfuaid" in pdf.xmp_metadata.stream.get_data().decode()
    assert pdf.metadata.creation_date == hostile.snapshot.computed_at.replace(microsecond=0)
    assert hostile.snapshot.hash in pdf.metadata.subject
    fonts = [f.get_object()["/DescendantFonts"][0].get_object() for f in pdf.pages[0]["/Resources"]["/Font"].values()]
    assert len(fonts) >= 2
    assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(f["/FontDescriptor"].get_object()) for f in fonts)
    assert any("SourceSansPro" in f["/BaseFont"] for f in fonts)


def test_no_format_shows_people_an_effect_while_the_snapshot_is_invalid():
    snapshot = samples.snapshot(word="invalid")
    invalid = Printed(Report(samples.experiment(snapshot), snapshot))
    for kind in ("html", "pptx", "xlsx", "md"):
        text = invalid.text(kind)
        assert "Held back" in text, kind
        assert "+2.8%" not in text, kind
        assert "0.013468" not in text, kind
        assert "not enough data" not in text, kind
