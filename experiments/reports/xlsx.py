"""The report as a workbook: a summary as people read it, then every table of the snapshot with typed cells."""

import io
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from experiments.reports.model import Report
from experiments.reports.page import HELD, Page, page
from experiments.reports.rows import Block, Row
from experiments.reports.tables import Table, Value, readable
from experiments.reports.wording import harmless, plain
from experiments.reports.zipped import packed

FONT = {"font_name": "Calibri", "font_size": 11, "valign": "top", "quote_prefix": True}
INK, SOFT, LINE = "#191B1F", "#50545B", "#E1DFD9"
TONES = {"good": "#00598C", "bad": "#A34100", "unknown": "#50545B", "flat": "#3D4046", "plain": "#191B1F"}
HEAD = {"bold": True, "font_color": SOFT, "bottom": 1, "bottom_color": "#84888E"}
STYLES: dict[str, dict[str, Any]] = {
    "text": {"text_wrap": True}, "soft": {"font_color": SOFT, "text_wrap": True},
    "title": {"bold": True, "font_size": 18, "font_color": INK}, "part": {"bold": True},
    "head": {**HEAD, "text_wrap": True},
    "head-right": {**HEAD, "align": "right", "indent": 1},
    "number": {"num_format": "General"}, "count": {"num_format": "#,##0"}, "share": {"num_format": "0.00%"},
    **{f"tone-{tone}": {"bold": True, "font_color": colour, "text_wrap": True} for tone, colour in TONES.items()},
    **{f"verdict-{tone}": {"bold": True, "font_size": 18, "font_color": colour} for tone, colour in TONES.items()},
    "date": {"num_format": "d mmm yyyy", "align": "left"},
    "moment": {"num_format": "d mmm yyyy hh:mm", "align": "left"},
    "strong": {"bold": True, "text_wrap": True},
    "right": {"align": "right", "indent": 1},
    "about": {"font_color": SOFT},
}  # fmt: skip
SHARES = {"relative", "relative_low", "relative_high", "weight", "predicted", "measured"}
COUNTS = {"n", "units", "missing", "planned", "waiting", "served", "held_back", "capped"}
WIDTHS = (32, 12, 12, 28, 42, 34)
HEIGHT = 15.75  # points of a line
TITLE = 27
NARROWEST, WIDEST = 9, 60


def render(report: Report) -> bytes:
    """Return XLSX. Numbers are numbers, in full; text is text and never a formula or a link."""
    from xlsxwriter import Workbook

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    at = report.snapshot.computed_at.astimezone(UTC).replace(tzinfo=None)
    with Workbook(out, options) as book:
        book.set_properties(
            {"title": plain(report.name), "author": "Keepers", "comments": report.snapshot.hash, "created": at}
        )
        styles = {name: book.add_format({**FONT, **style}) for name, style in STYLES.items()}
        _summary(Sheet(book.add_worksheet("Summary"), styles), page(report))
        for table in readable(report):
            _table(Sheet(book.add_worksheet(table.title), styles), table)
    return packed(out.getvalue(), at)


class Sheet:
    """A worksheet that takes values by their type and escapes text at the one place where it is written."""

    def __init__(self, sheet: Any, styles: dict[str, Any]) -> None:
        self.sheet, self.styles = sheet, styles
        sheet.hide_gridlines(2)

    def put(self, row: int, column: int, value: Value, style: str = "text", *, ours: bool = False) -> None:
        """Write one cell; what is not known stays empty. `ours` is text that we wrote, such as '+2.8%'."""
        if value is None:
            return
        form = self.styles[style]
        if isinstance(value, bool):
            self.sheet.write_boolean(row, column, value, form)
        elif isinstance(value, int | float):
            self.sheet.write_number(row, column, value, self.styles["number"] if style == "text" else form)
        elif isinstance(value, datetime):
            self.sheet.write_datetime(row, column, value.astimezone(UTC).replace(tzinfo=None), self.styles["moment"])
        elif isinstance(value, date):
            self.sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), self.styles["date"])
        else:
            self.sheet.write_string(row, column, value if ours else harmless(plain(value)), form)


def _summary(sheet: Sheet, said: Page) -> None:
    """The page as people read it, from top to bottom."""
    for column, width in enumerate(WIDTHS):
        sheet.sheet.set_column(column, column, width)
    for row, text, style in ((0, said.title, "title"), (3, said.headline, f"verdict-{said.tone}")):
        _wide(sheet, row, text, style)
        sheet.sheet.set_row(row, TITLE)
    _wide(sheet, 1, said.kicker, "about")
    line = count(4)
    _wide(sheet, next(line), said.sentence)
    for section in filter(None, (said.decision, said.hypothesis, said.who, said.change, said.shots)):
        _section(sheet, line, section)
    for title, block in said.blocks:
        next(line)
        _block(sheet, line, title, block)
    if not said.blocks:
        _wide(sheet, next(line), HELD)
    last = (said.expected, said.after, said.checks, said.unknown, said.learning, said.next_step, said.deviations)
    for section in filter(None, last):
        _section(sheet, line, section)
    next(line)
    for text in said.footer:
        _wide(sheet, next(line), text, "soft")
    _print(sheet.sheet)


def _section(sheet: Sheet, line: "count[int]", section: Any) -> None:
    next(line)
    sheet.put(next(line), 0, section.title, "part")
    if not section.points:
        _wide(sheet, next(line), section.text)
    for point in section.points:
        row = next(line)
        text = " ".join(t for t in (point.text, f"({point.small})" if point.small else "") if t)
        _wide(sheet, row, f"{point.lead} {text}".strip())


def _wide(sheet: Sheet, row: int, text: str, style: str = "text") -> None:
    """A text over all columns, in a row as high as its lines."""
    last = len(WIDTHS) - 1
    sheet.sheet.merge_range(row, 0, row, last, "", sheet.styles[style])
    sheet.put(row, 0, text, style)
    sheet.sheet.set_row(row, HEIGHT * (1 + len(text) // (sum(WIDTHS) - 10)))


def _block(sheet: Sheet, line: "count[int]", title: str, block: Block) -> None:
    sheet.put(next(line), 0, title, "part")
    row = next(line)
    names = ("Metric", "Control", "Variant", f"Change, {block.interval}", "In its own unit", "Reading")
    for column, name in enumerate(names):
        sheet.put(row, column, name, "head-right" if column in (1, 2) else "head")
    for result in block.rows:
        _result(sheet, next(line), result)


def _result(sheet: Sheet, row: int, result: Row) -> None:
    change = f"{result.change} ({result.interval})" if result.interval else result.change or result.error
    second = f"{result.second} ({result.second_interval})" if result.second_interval else result.second
    sheet.put(row, 0, result.name, "strong")
    for column, text in enumerate((result.control, result.variant), 1):
        sheet.put(row, column, text, "right", ours=True)
    sheet.put(row, 3, change, ours=not result.error)
    sheet.put(row, 4, second, "soft", ours=True)
    sheet.put(row, 5, "; ".join(t for t in (result.word, result.remark) if t), f"tone-{result.tone}")
    reading = f"{result.word}; {result.remark}"
    longest = max(len(result.name) / 32, len(change) / 30, len(second) / 44, len(reading) / 36)
    sheet.sheet.set_row(row, HEIGHT * (1 + int(longest)))


def _table(sheet: Sheet, table: Table) -> None:
    """One table with its head frozen and a filter over it."""
    sheet.put(0, 0, table.about, "about")
    for column, name in enumerate(table.columns):
        typed = any(isinstance(row[column], int | float) for row in table.rows)
        sheet.put(1, column, name, "head-right" if typed else "head")
        sheet.sheet.set_column(column, column, _width(table, column))
    for row, values in enumerate(table.rows, 2):
        for column, value in enumerate(values):
            sheet.put(row, column, value, _style(table.columns[column]))
    sheet.sheet.freeze_panes(2, 0)
    sheet.sheet.autofilter(1, 0, 1 + len(table.rows), len(table.columns) - 1)
    _print(sheet.sheet)


def _width(table: Table, column: int) -> int:
    cells = (row[column] for row in table.rows)
    longest = max((len(c) if isinstance(c, str) else 11 for c in cells if c is not None), default=0)
    return min(max(longest, len(table.columns[column]) + 3, NARROWEST), WIDEST)


def _style(column: str) -> str:
    return "share" if column in SHARES else "count" if column in COUNTS else "text"


def _print(sheet: Any) -> None:
    """Print on A4, as wide as the page."""
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
