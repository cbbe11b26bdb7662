"""The report as five slides: the verdict, the question, the evidence, the trust in it, and what comes next."""

import io
from collections.abc import Sequence
from datetime import UTC
from typing import Any

from pptx import Presentation
from pptx.util import Inches

from experiments.reports import shapes
from experiments.reports.model import Report
from experiments.reports.page import HELD, Page, Point, Section, page
from experiments.reports.printing import Print, first_of_each
from experiments.reports.rows import Block, Row
from experiments.reports.shapes import INK, SOFT, TEXTS, Box, Paragraph, Run
from experiments.reports.tables import Written, shown
from experiments.reports.wording import plain
from experiments.reports.zipped import packed

WIDTH, HEIGHT, MARGIN = 13.333, 7.5, 0.7
INNER = WIDTH - 2 * MARGIN
TITLE_ONLY = 5  # the layout with a title and nothing else
MOST_ROWS, MOST_COLUMNS = 9, 4
NOTES = {
    "Readings": 2,
    "Effects": 2,
    "Arms": 2,
    "Funnels": 2,
    "Looks": 2,
    "Tests": 2,
    "Trends": 2,
    "Days": 2,
    "Plan": 1,
    "After launch": 4,
}
TRUST = 3  # the slide whose notes hold every other table


def render(report: Report) -> bytes:
    """Return PPTX. Shapes are native and editable; the notes of each slide hold its numbers to six digits."""
    said, show = page(report), Presentation()
    show.slide_width, show.slide_height = Inches(WIDTH), Inches(HEIGHT)
    slides = [draw(show, said) for draw in (_verdict, _question, _evidence, _trust, _ahead)]
    _pictures(slides[1], said, first_of_each(report))
    for slide, text in zip(slides, _notes(report, said), strict=True):
        slide.notes_slide.notes_text_frame.text = text
    for number, slide in enumerate(slides, 1):
        _footer(slide, report, number)
    return _saved(show, report)


def _saved(show: Any, report: Report) -> bytes:
    """Every time in the file is the snapshot's."""
    at = report.snapshot.computed_at.astimezone(UTC).replace(tzinfo=None)
    about = show.core_properties
    about.title, about.author, about.last_modified_by = plain(report.name), "Keepers", "Keepers"
    about.created = about.modified = about.last_printed = at
    about.comments, about.identifier, about.revision = f"Snapshot {report.snapshot.hash}", report.snapshot.hash, 1
    out = io.BytesIO()
    show.save(out)
    return packed(out.getvalue(), at)


def _slide(show: Any, title: str, size: float = 28) -> Any:
    slide = show.slides.add_slide(show.slide_layouts[TITLE_ONLY])
    box = Box(MARGIN, 0.5, INNER, 0.75)
    heading = slide.shapes.title
    heading.left, heading.top, heading.width, heading.height = map(Inches, box)
    text = shapes.fitting(title, box, size, 14)
    shapes.fill(heading, [[text._replace(bold=True)]], middle=True)
    return slide


def _verdict(show: Any, said: Page) -> Any:
    slide = _slide(show, said.title, 24)
    shapes.write(slide, Box(MARGIN, 0.32, INNER, 0.25), [[Run(said.kicker, 11, SOFT)]])
    shapes.rule(slide, Box(MARGIN, 1.4, INNER, 0), INK, 1.5)
    colour = TEXTS[said.tone] if said.tone in ("good", "bad") else INK
    shapes.mark(slide, Box(MARGIN, 1.9, 1.0, 1.0), said.word, said.tone)
    headline = shapes.fitting(said.headline, Box(0, 0, 10.4, 0.9), 54, 24)
    shapes.write(slide, Box(2.1, 1.85, 10.5, 1.1), [[headline._replace(colour=colour, bold=True)]], middle=True)
    box = Box(2.1, 3.05, 10.0, 1.7)
    shapes.write(slide, box, [[shapes.fitting(said.sentence, box, 22, 11)]])
    shapes.rule(slide, Box(MARGIN, 4.95, INNER, 0))
    _part(slide, Box(MARGIN, 5.1, 5.7, 1.7), said.decision)
    _part(slide, Box(6.95, 5.1, 5.7, 1.7), said.who)
    return slide


def _question(show: Any, said: Page) -> Any:
    slide = _slide(show, "What we asked, and what it may bring")
    half = (INNER - 0.6) / 2
    if said.shots:  # they take the right half
        _part(slide, Box(MARGIN, 1.6, half, 1.45), said.hypothesis, 16)
        _part(slide, Box(MARGIN, 3.2, half, 1.5), said.change, 16)
    else:
        _part(slide, Box(MARGIN, 1.6, half, 3.1), said.hypothesis, 18)
        _part(slide, Box(MARGIN + half + 0.6, 1.6, half, 3.1), said.change, 18)
    shapes.rule(slide, Box(MARGIN, 4.85, INNER, 0))
    _part(slide, Box(MARGIN, 5.0, INNER, 1.8), said.expected, 16)
    return slide


def _pictures(slide: Any, said: Page, prints: Sequence[Print]) -> None:
    """The first picture of each variant side by side, in the right half of the slide."""
    left, wide, gap = MARGIN + (INNER + 0.6) / 2, (INNER - 0.6) / 2, 0.2
    each = (wide - gap * (len(prints) - 1)) / max(len(prints), 1)
    for n, p in enumerate(prints):
        point = said.shots.points[p.place] if said.shots else Point("", "")
        at = Box(left + n * (each + gap), 1.6, each, 2.55)
        shapes.picture(slide, at, p.body, (p.width, p.height), point.text)
        text = shapes.fitting(f"{point.lead} {point.text}", Box(0, 0, each, 0.5), 11, 8)._replace(colour=SOFT)
        shapes.write(slide, Box(at.left, 4.2, each, 0.5), [[text]])


def _evidence(show: Any, said: Page) -> Any:
    slide = _slide(show, "Goals and guardrails")
    if not said.blocks:
        shapes.write(slide, Box(MARGIN, 1.7, INNER, 1), [[Run(HELD, 18)]])
    elif len(said.blocks) == 1:
        _forest(slide, said.blocks[0][1])
    else:
        _overview(slide, said.blocks)
    return slide


def _trust(show: Any, said: Page) -> Any:
    slide = _slide(show, "Can we trust it, and what do we not know?")
    half, points = (INNER - 0.6) / 2, said.checks.points
    middle = (len(points) + 1) // 2
    for n, part in enumerate((points[:middle], points[middle:])):
        box = Box(MARGIN + n * (half + 0.6), 1.55, half, 3.5)
        lines = _points(Section("", points=part), box, 14) if part else [[Run("")]]
        limits = [[Run(p.small, 10, SOFT)] for p in part]
        shapes.write(slide, box, [line for pair in zip(lines, limits, strict=False) for line in pair])
    shapes.rule(slide, Box(MARGIN, 5.2, INNER, 0))
    _part(slide, Box(MARGIN, 5.3, half, 1.6), said.unknown)
    _part(slide, Box(MARGIN + half + 0.6, 5.3, half, 1.6), said.deviations)
    return slide


def _ahead(show: Any, said: Page) -> Any:
    slide = _slide(show, "What we learnt, and what comes next")
    half, tall = (INNER - 0.6) / 2, 1.7 if said.after else 3.6
    _part(slide, Box(MARGIN, 1.6, half, tall), said.learning, 22)
    _part(slide, Box(MARGIN + half + 0.6, 1.6, half, tall), said.next_step, 22)
    if said.after:
        shapes.rule(slide, Box(MARGIN, 3.45, INNER, 0))
        _part(slide, Box(MARGIN, 3.6, INNER, 1.7), said.after)
    shapes.rule(slide, Box(MARGIN, 5.4, INNER, 0))
    shapes.write(slide, Box(MARGIN, 5.55, INNER, 1.2), [[Run(" · ".join(said.footer), 11, SOFT)]])
    return slide


def _part(slide: Any, box: Box, section: Section, largest: float = 15) -> None:
    """A title with its text or points, as large as they fit."""
    inner = Box(box.left, box.top + 0.35, box.width, box.height - 0.35)
    lines: list[Paragraph] = [[Run(section.title, 13, SOFT, True)]]
    if section.points:
        lines += _points(section, inner, largest)
    else:
        lines.append([shapes.fitting(section.text, inner, largest)])
    shapes.write(slide, box, lines)


def _points(section: Section, box: Box, largest: float) -> list[Paragraph]:
    """All points in one size, in which the longest fits its share of the box."""
    each = Box(0, 0, box.width, box.height / len(section.points))
    size = min(shapes.size_for(len(p.lead) + len(p.text), each, largest) for p in section.points)
    made = ((p, shapes.fitting(p.text, each, size)) for p in section.points)
    return [[Run(f"{p.lead} ", size, INK, True), text] if p.lead else [text] for p, text in made]


def _forest(slide: Any, block: Block) -> None:
    """One treatment: a row for each metric, its bar on the shared scale."""
    rows = block.rows[:MOST_ROWS]
    step = min(0.95, 5.0 / len(rows))
    left = (MARGIN, 4.0, 5.0, 6.1, 8.85, 11.05)
    heads = ("Metric", "Control", "Variant", f"Change, {block.interval}", "", "Reading")
    for n, (at, text) in enumerate(zip(left, heads, strict=True)):
        shapes.write(
            slide, Box(at, 1.42, 2.6 if n in (0, 3) else 0.95, 0.25), [[Run(text, 11, SOFT)]], right=n in (1, 2)
        )
    shapes.axis(slide, Box(left[4], 1.42, 2.0, 0.25), block.scale)
    for n, row in enumerate(rows):
        top = 1.72 + n * step
        shapes.rule(slide, Box(MARGIN, top, INNER, 0), shapes.EDGE if n == 0 else shapes.LINE)
        _row(slide, Box(0, top, 0, step), row, block)
    shapes.rule(slide, Box(MARGIN, 1.72 + len(rows) * step, INNER, 0))
    if len(block.rows) > len(rows):
        more = f"{len(block.rows) - len(rows)} more in the notes of this slide."
        shapes.write(slide, Box(MARGIN, 6.75, INNER, 0.25), [[Run(more, 11, SOFT)]])


def _row(slide: Any, at: Box, row: Row, block: Block) -> None:
    top, tall = at.top + 0.06, at.height - 0.12
    small = at.height < 0.7
    name = Box(MARGIN, top, 3.3, tall)
    title = shapes.fitting(row.name, Box(0, 0, 3.3, tall / 2), 14)._replace(bold=True)
    note = (
        []
        if small or not row.note
        else [[shapes.fitting(row.note, Box(0, 0, 3.3, tall / 2), 11)._replace(colour=SOFT)]]
    )
    shapes.write(slide, name, [[title], *note], middle=True)
    if row.error:
        text = shapes.fitting(f"Could not be computed. {row.error}", Box(0, 0, 6.5, tall), 12)
        shapes.write(slide, Box(4.3, top, 6.6, tall), [[text]], middle=True)
    else:
        _values(slide, top, tall, row, small)
    if row.bar:
        shapes.interval(slide, Box(8.85, at.top, 2.0, at.height), row.bar, row.own or block.scale, row.label)
    shapes.mark(slide, Box(11.05, at.top + at.height / 2 - 0.12, 0.24, 0.24), row.tone, row.tone)
    remark = [] if small else [[shapes.fitting(row.remark, Box(0, 0, 1.6, 0.4), 10)._replace(colour=SOFT)]]
    shapes.write(slide, Box(11.37, top, 1.6, tall), [[Run(row.word, 13, TEXTS[row.tone], True)], *remark], middle=True)


def _values(slide: Any, top: float, tall: float, row: Row, small: bool) -> None:
    for left, text in ((4.0, row.control), (5.0, row.variant)):
        shapes.write(slide, Box(left, top, 0.95, tall), [[Run(text, 13)]], right=True, middle=True)
    change = [Run(row.change or "No change to show yet", 14, INK if row.change else SOFT, bool(row.change))]
    change += [Run(f" ({row.interval})", 13)] if row.interval else []
    second = f"{row.second} ({row.second_interval})" if row.second_interval else row.second
    below = [[shapes.fitting(second, Box(0, 0, 2.7, 0.36), 11)._replace(colour=SOFT)]] if second and not small else []
    shapes.write(slide, Box(6.1, top, 2.7, tall), [change, *below], middle=True)


def _overview(slide: Any, blocks: Sequence[tuple[str, Block]]) -> None:
    """Several treatments: one row each, with the readings of the first goals and guardrails."""
    names = [row.name for row in blocks[0][1].rows[:MOST_COLUMNS]]
    wide = (INNER - 3.0) / len(names)
    for n, name in enumerate(names):
        head = shapes.fitting(name, Box(0, 0, wide - 0.2, 0.4), 12)._replace(colour=SOFT)
        shapes.write(slide, Box(MARGIN + 3.0 + n * wide, 1.35, wide - 0.2, 0.42), [[head]])
    shown_here = blocks[:MOST_ROWS]
    step = min(0.95, 4.9 / len(shown_here))
    for n, (title, block) in enumerate(shown_here):
        top = 1.85 + n * step
        shapes.rule(slide, Box(MARGIN, top, INNER, 0), shapes.EDGE if n == 0 else shapes.LINE)
        variant = shapes.fitting(title.partition(": ")[2], Box(0, 0, 2.8, step - 0.15), 14)._replace(bold=True)
        shapes.write(slide, Box(MARGIN, top + 0.05, 2.8, step - 0.1), [[variant]], middle=True)
        for column, row in enumerate(block.rows[:MOST_COLUMNS]):
            _cell(slide, Box(MARGIN + 3.0 + column * wide, top, wide - 0.2, step), row)
    shapes.rule(slide, Box(MARGIN, 1.85 + len(shown_here) * step, INNER, 0))
    left_out = "Every number of every treatment is in the notes of this slide."
    shapes.write(slide, Box(MARGIN, 6.78, INNER, 0.25), [[Run(left_out, 11, SOFT)]])


def _cell(slide: Any, box: Box, row: Row) -> None:
    shapes.mark(slide, Box(box.left, box.top + 0.14, 0.22, 0.22), row.tone, row.tone)
    lines = [[Run(row.word, 12, TEXTS[row.tone], True)]]
    lines += [[Run(text, 11, SOFT)] for text in (row.change, row.interval) if text]
    shapes.write(slide, Box(box.left + 0.3, box.top + 0.12, box.width - 0.3, box.height - 0.15), lines)


def _footer(slide: Any, report: Report, number: int) -> None:
    text = f"Keepers · {report.snapshot.experiment} · snapshot r{report.snapshot.number} · {report.snapshot.hash[:12]}"
    shapes.write(slide, Box(MARGIN, 7.08, 9, 0.25), [[Run(text, 10, SOFT)]])
    shapes.write(slide, Box(WIDTH - MARGIN - 1, 7.08, 1, 0.25), [[Run(f"{number} / 5", 10, SOFT)]], right=True)


def _notes(report: Report, said: Page) -> list[str]:
    """The texts of each slide in full, then the tables that belong to it."""
    asked = (said.hypothesis, said.change, *([said.shots] if said.shots else []), said.expected)
    ahead = (said.learning, said.next_step, *([said.after] if said.after else []))
    sections: tuple[tuple[Section, ...], ...] = (
        (said.decision, said.who), asked, (), (said.checks, said.unknown, said.deviations), ahead
    )  # fmt: skip
    texts = [[line for s in each for line in _lines(s)] for each in sections]
    texts[0].insert(0, f"{said.headline}. {said.sentence}")
    texts[4].append(" · ".join(said.footer))
    for table in shown(report):
        texts[NOTES.get(table.title, TRUST)] += _written(table)
    return ["\n".join(map(plain, lines)) for lines in texts]


def _lines(section: Section) -> list[str]:
    told = [" ".join(t for t in (p.lead, p.text, p.small) if t) for p in section.points] or [section.text]
    return [f"{section.title.rstrip('?')}:", *told]


def _written(table: Written) -> list[str]:
    named = ([f"{n.replace('_', ' ')} {v}" for n, v in zip(table.columns, row, strict=True) if v] for row in table.rows)
    return ["", f"{table.title}. {table.about}", *("; ".join(parts) for parts in named)]
