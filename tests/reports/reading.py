"""Reads each format back as another program would: all its texts, and all its numbers."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import nbformat
from markdown_it import MarkdownIt
from pptx import Presentation
from pypdf import PdfReader

from experiments.reports.rows import Row

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
NUMBER = re.compile(r"(?<![\w.])[−-]?\d[\d,]*(?:\.\d+)?(?:e[−+-]?\d+)?")


def texts(kind: str, data: bytes) -> list[str]:
    """Every piece of text of a report for people, as a reader meets it."""
    return {"html": _html, "pdf": _pdf, "pptx": _pptx, "xlsx": _cells, "md": _markdown}[kind](data)


def numbers(kind: str, data: bytes) -> set[float]:
    """Every number of a report."""
    if kind == "json":
        return set(leaves(json.loads(data)["snapshot"]))
    if kind == "csv":
        return {float(v) for row in table(data) for v in row.values() if _is_number(v)}
    if kind == "xlsx":
        return {value for value in cells(data) if isinstance(value, float)}
    if kind == "ipynb":
        return set(leaves(held(data)))
    return in_text(" ".join(texts(kind, data)))


def in_text(text: str) -> set[float]:
    """Every number that a text holds."""
    return {float(t.replace("−", "-").replace(",", "")) for t in NUMBER.findall(text)}


def leaves(value: Any) -> Iterator[float]:
    """Yield every number of nested data; what is true or false is none."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves(inner)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


def table(data: bytes) -> list[dict[str, str]]:
    """The rows of the CSV."""
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def held(data: bytes) -> Any:
    """The snapshot that the notebook holds."""
    (source,) = [c.source for c in nbformat.reads(data.decode(), as_version=4).cells if "SNAPSHOT = " in c.source]
    left: dict[str, Any] = {}
    exec(source, left)
    return json.loads(left["SNAPSHOT"])


def cells(data: bytes) -> list[str | float]:
    """Every cell of every sheet by its type; a formula or a link would not be read, and so be missed."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        names = [n for n in book.namelist() if n.startswith("xl/worksheets/sheet")]
        shared = ET.fromstring(book.read("xl/sharedStrings.xml"))
        strings = ["".join(t.text or "" for t in s.iter(f"{SHEET}t")) for s in shared.iter(f"{SHEET}si")]
        found: list[str | float] = []
        for name in names:
            for cell in ET.fromstring(book.read(name)).iter(f"{SHEET}c"):
                assert cell.find(f"{SHEET}f") is None, "a formula"
                value = cell.find(f"{SHEET}v")
                if value is not None and cell.get("t") != "b":
                    found.append(strings[int(value.text or "")] if cell.get("t") == "s" else float(value.text or ""))
    return found


def written(row: Row) -> list[str]:
    """The numbers of a printed row, as words."""
    return [t for t in (row.control, row.variant, row.change, row.interval, row.second, row.second_interval) if t]


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", text))


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        assert tag not in ("script", "iframe", "object")
        assert tag != "img" or dict(attrs)["src"].startswith("data:image/webp;base64,")
        assert not [name for name, _ in attrs if name.startswith("on")]
        self.open = tag

    def handle_data(self, data: str) -> None:
        if self.open != "style" and data.strip():
            self.found.append(data)


def _html(data: bytes) -> list[str]:
    page = _Page()
    page.feed(data.decode())
    return page.found


def _pdf(data: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]


def _pptx(data: bytes) -> list[str]:
    slides = Presentation(io.BytesIO(data)).slides
    shown = [s.text_frame.text for slide in slides for s in slide.shapes if s.has_text_frame]
    return shown + [slide.notes_slide.notes_text_frame.text for slide in slides]


def _cells(data: bytes) -> list[str]:
    return [str(cell) for cell in cells(data)]


def _markdown(data: bytes) -> list[str]:
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(data.decode())
    found = []
    for token in tokens:
        assert token.type not in ("html_block", "code_block", "fence"), token.content
        for inner in token.children or []:
            assert inner.type in ("text", "softbreak", "strong_open", "strong_close", "text_special"), inner
        found += ["".join(i.content or " " for i in token.children)] if token.children else []
    return found
