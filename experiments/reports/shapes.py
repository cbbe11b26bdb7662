"""Slides are drawn with native shapes, so that people can edit them: texts, marks and intervals in inches."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any, NamedTuple

from pptx.dml.color import RGBColor
from pptx.enum.dml import MSO_LINE_DASH_STYLE, MSO_PATTERN_TYPE
from pptx.enum.shapes import MSO_CONNECTOR, MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Inches, Pt

from experiments.reports.rows import Bar, Scale
from experiments.reports.wording import plain

FONT = "Calibri"
INK, SOFT, LINE, EDGE, PAPER = "191B1F", "50545B", "E1DFD9", "84888E", "FFFFFF"
FILLS = {"good": "0072B2", "bad": "D55E00", "unknown": "74787F", "flat": "3D4046", "plain": "50545B"}
TEXTS = {"good": "00598C", "bad": "A34100", "unknown": "50545B", "flat": "3D4046", "plain": "191B1F"}
WORTH, BEYOND = "DCEBF5", "FBE6D8"
MARKS = {
    "good": MSO_SHAPE.OVAL, "keep": MSO_SHAPE.OVAL, "bad": MSO_SHAPE.DIAMOND, "stop": MSO_SHAPE.OCTAGON,
    "flat": MSO_SHAPE.ROUNDED_RECTANGLE, "drop": MSO_SHAPE.ROUNDED_RECTANGLE, "unknown": MSO_SHAPE.OVAL,
    "wait": MSO_SHAPE.OVAL, "review": MSO_SHAPE.HEXAGON, "invalid": MSO_SHAPE.ISOSCELES_TRIANGLE,
}  # fmt: skip
SIGNS = {"good": "✓", "keep": "✓", "bad": "×", "stop": "×", "flat": "=", "drop": "↓", "review": "?", "invalid": "!"}
CLOCKS = {"unknown", "wait"}
OPEN = {"unknown", "wait", "review", "invalid", "drop"}
LETTERS = 2.1  # letters of Calibri that fit in an inch at 72 points


class Box(NamedTuple):
    """A place on a slide: left, top, width and height in inches."""

    left: float
    top: float
    width: float
    height: float


class Run(NamedTuple):
    """A piece of text in one size and colour."""

    text: str
    size: float = 14
    colour: str = INK
    bold: bool = False


Paragraph = Sequence[Run]


def write(slide: Any, box: Box, paragraphs: Sequence[Paragraph], *, right: bool = False, middle: bool = False) -> Any:
    """Write paragraphs into a box without borders."""
    shape = slide.shapes.add_textbox(*map(Inches, box))
    fill(shape, paragraphs, right=right, middle=middle)
    return shape


def fill(shape: Any, paragraphs: Sequence[Paragraph], *, right: bool = False, middle: bool = False) -> None:
    """Write paragraphs into a shape that is there."""
    frame = shape.text_frame
    frame.word_wrap = True
    frame.vertical_anchor = MSO_ANCHOR.MIDDLE if middle else MSO_ANCHOR.TOP
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    for n, runs in enumerate(paragraphs):
        paragraph = frame.paragraphs[0] if n == 0 else frame.add_paragraph()
        paragraph.alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT
        paragraph.space_after = Pt(3)
        for run in runs:
            _run(paragraph, run)


def picture(slide: Any, box: Box, body: bytes, pixels: tuple[int, int], alt: str) -> None:
    """Put a picture into a box, as large as it fits at the top left, with words for who cannot see it."""
    scale = min(box.width / pixels[0], box.height / pixels[1])
    size = (Inches(scale * pixels[0]), Inches(scale * pixels[1]))
    drawn = slide.shapes.add_picture(BytesIO(body), Inches(box.left), Inches(box.top), *size)
    drawn._element.nvPicPr.cNvPr.set("descr", plain(alt))
    drawn.line.color.rgb, drawn.line.width = RGBColor.from_string(LINE), Pt(0.75)


def size_for(letters: int, box: Box, largest: float, smallest: float = 9) -> float:
    """Return the largest size in points at which so many letters fit the box, or the smallest."""
    size = largest
    while size > smallest and letters > _room(box, size):
        size -= 1
    return size


def fitting(text: str, box: Box, largest: float, smallest: float = 9) -> Run:
    """Return the text in the largest size that fits the box, cut at the smallest; the notes hold it whole."""
    size = size_for(len(text), box, largest, smallest)
    room = _room(box, size)
    return Run(text if len(text) <= room else f"{text[: room - 1].rstrip()}…", size)


def rule(slide: Any, box: Box, colour: str = LINE, width: float = 0.75, *, dashed: bool = False) -> None:
    """Draw a straight line from the box's top left to its bottom right."""
    ends = (box.left, box.top, box.left + box.width, box.top + box.height)
    line = slide.shapes.add_connector(MSO_CONNECTOR.STRAIGHT, *map(Inches, ends))
    _bare(line)
    line.line.color.rgb, line.line.width = RGBColor.from_string(colour), Pt(width)
    if dashed:
        line.line.dash_style = MSO_LINE_DASH_STYLE.DASH


def mark(slide: Any, box: Box, name: str, tone: str) -> None:
    """Draw the mark of a verdict or a reading: its shape and its sign say the same as its colour."""
    shape = slide.shapes.add_shape(MARKS[name], *map(Inches, box))
    colour = FILLS[tone]
    _paint(shape, PAPER if name in OPEN else colour, colour, 1.5)
    if name in CLOCKS:
        shape.line.dash_style = MSO_LINE_DASH_STYLE.DASH
        x, y, tall = box.left + box.width / 2, box.top + box.height / 2, box.height
        rule(slide, Box(x, y - 0.24 * tall, 0, 0.24 * tall), colour, 1.5)
        rule(slide, Box(x, y, 0.17 * tall, 0.12 * tall), colour, 1.5)
    describe(shape, "")
    sign = SIGNS.get(name, "")
    ink = colour if name in OPEN else PAPER
    fill(shape, [[Run(sign, 42 * box.height, ink, True)]], middle=True)
    shape.text_frame.paragraphs[0].alignment = PP_ALIGN.CENTER


def interval(slide: Any, box: Box, bar: Bar, scale: Scale, label: str) -> None:
    """Draw one interval on its scale; `label` says the same to people who cannot see it."""
    across = box.width / 100
    if bar.area:
        area = Box(box.left + bar.area[0] * across, box.top, bar.area[1] * across, box.height)
        _block(slide, area, BEYOND if bar.beyond else WORTH)
    for place, text in scale.ticks:
        if text != "0":
            rule(slide, Box(box.left + place * across, box.top, 0, box.height), LINE, 0.5)
    if bar.line is not None:
        at = Box(box.left + bar.line * across, box.top, 0, box.height)
        rule(slide, at, FILLS["bad" if bar.beyond else "good"], 1.75 if bar.beyond else 1, dashed=not bar.beyond)
    rule(slide, Box(box.left + scale.zero * across, box.top, 0, box.height), INK, 1)
    _bar(slide, box, bar, label)


def axis(slide: Any, box: Box, scale: Scale) -> None:
    """Write the labels of a scale above its drawing."""
    for place, text in scale.ticks:
        shift = 0.0 if place < 8 else 0.8 if place > 92 else 0.4
        at = Box(box.left + place * box.width / 100 - shift, box.top, 0.8, box.height)
        shape = write(slide, at, [[Run(text, 10, INK if text == "0" else SOFT, text == "0")]])
        side = {0.0: PP_ALIGN.LEFT, 0.8: PP_ALIGN.RIGHT}.get(shift, PP_ALIGN.CENTER)
        shape.text_frame.paragraphs[0].alignment = side


def describe(shape: Any, text: str) -> None:
    """Give a shape its alternative text; an empty one says that it is only decoration."""
    shape._element.xpath(".//p:cNvPr")[0].set("descr", plain(text))


def _bar(slide: Any, box: Box, bar: Bar, label: str) -> None:
    across, middle, colour = box.width / 100, box.top + box.height / 2, FILLS[bar.tone]
    start = box.left + bar.start * across
    shape = _block(slide, Box(start, middle - 0.05, max(bar.width * across, 0.02), 0.1), colour)
    describe(shape, label)
    if bar.tone == "unknown":
        shape.fill.patterned()
        shape.fill.pattern = MSO_PATTERN_TYPE.WIDE_UPWARD_DIAGONAL
        shape.fill.fore_color.rgb, shape.fill.back_color.rgb = RGBColor.from_string(colour), RGBColor.from_string(PAPER)
        shape.line.color.rgb, shape.line.width = RGBColor.from_string(colour), Pt(0.75)
    for off, left, turn in ((bar.left, box.left - 0.04, -90), (bar.right, box.left + box.width - 0.12, 90)):
        if off:
            arrow = slide.shapes.add_shape(
                MSO_SHAPE.ISOSCELES_TRIANGLE, *map(Inches, (left, middle - 0.08, 0.16, 0.16))
            )
            arrow.rotation = turn
            _paint(arrow, colour, None, 0)
    if bar.point is not None:
        _point(slide, box.left + bar.point * across, middle, bar.tone)


def _point(slide: Any, x: float, y: float, tone: str) -> None:
    kind = {"bad": MSO_SHAPE.DIAMOND, "flat": MSO_SHAPE.RECTANGLE}.get(tone, MSO_SHAPE.OVAL)
    size = 0.19 if tone in ("good", "bad") else 0.16
    shape = slide.shapes.add_shape(kind, *map(Inches, (x - size / 2, y - size / 2, size, size)))
    hollow = tone == "unknown"
    _paint(shape, PAPER if hollow else FILLS[tone], FILLS[tone] if hollow else PAPER, 1.5)


def _block(slide: Any, box: Box, colour: str) -> Any:
    shape = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *map(Inches, box))
    _paint(shape, colour, None, 0)
    return shape


def _paint(shape: Any, inside: str, edge: str | None, width: float) -> None:
    _bare(shape)
    shape.fill.solid()
    shape.fill.fore_color.rgb = RGBColor.from_string(inside)
    if edge is None:
        shape.line.fill.background()
    else:
        shape.line.color.rgb, shape.line.width = RGBColor.from_string(edge), Pt(width)


def _bare(shape: Any) -> None:
    """Without the theme's style, which brings shadows."""
    for style in shape._element.xpath("./p:style"):
        shape._element.remove(style)


def _run(paragraph: Any, run: Run) -> None:
    made = paragraph.add_run()
    made.text = plain(run.text)
    made.font.name, made.font.size, made.font.bold = FONT, Pt(run.size), run.bold
    made.font.color.rgb = RGBColor.from_string(run.colour)


def _room(box: Box, size: float) -> int:
    """Letters that fit: lines of the box times letters of a line, with some air."""
    lines = int(box.height * 72 / (size * 1.22))
    return max(int(lines * box.width * 72 / size * LETTERS * 0.9), 1)
