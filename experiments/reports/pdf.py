"""The report as PDF: one A4 page and then all numbers, tagged for screen readers (PDF/UA-1), fonts embedded."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from typing import Any

from experiments.reports.model import Report
from experiments.reports.page import HELD, page
from experiments.reports.printing import first_of_each
from experiments.reports.tables import Written, shown
from experiments.reports.wording import TEMPLATES, plain

FONT = "font_source_sans_pro"  # a package that carries the font's files
NARROW, WIDE = 5, 40  # least and most letters that a column is planned for


def render(report: Report) -> bytes:
    """Return PDF whose only time is the snapshot's. Text is passed as data, so that none of it is read as markup."""
    import typst

    said, at = page(report), report.snapshot.computed_at.replace(microsecond=0)
    printable = first_of_each(report)
    data = {
        "page": asdict(said), "title": f"{said.headline}: {said.title}", "hash": report.snapshot.hash, "held": HELD,
        "shots": [[p.name, p.place, p.width / p.height] for p in printable],
        "footer": " · ".join(said.footer), "tables": [_table(t) for t in shown(report)],
    }  # fmt: skip
    given = {"data": json.dumps(_plain(data))}
    with TemporaryDirectory() as folder:  # Typst reads pictures from files beside its source, and nothing outside
        source = Path(copy(TEMPLATES / "report.typ", folder))
        for p in printable:
            Path(folder, p.name).write_bytes(p.body)
        return typst.compile(
            source, root=Path(folder), font_paths=_fonts(), sys_inputs=given, pdf_standards="ua-1", timestamp=at
        )


def _table(table: Written) -> dict[str, Any]:
    """A written table with the share of the width that each column needs, and its side."""
    columns = list(zip(*table.rows, strict=True))
    longest = [max(map(len, (name, *cells))) for name, cells in zip(table.columns, columns, strict=True)]
    return {
        "title": table.title, "about": table.about, "columns": [c.replace("_", " ") for c in table.columns],
        "rows": table.rows, "widths": [min(max(n, NARROW), WIDE) for n in longest],
        "aligned": ["right" if _numeric(cells) else "left" for cells in columns],
    }  # fmt: skip


def _numeric(cells: Sequence[str]) -> bool:
    return any(cells) and all(c.lstrip("−")[:1].isdigit() for c in cells if c)


def _plain(data: Any) -> Any:
    """The same data with every text on one line and without control characters."""
    if isinstance(data, str):
        return plain(data)
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    return [_plain(value) for value in data] if isinstance(data, list | tuple) else data


def _fonts() -> list[Path]:
    """The folder of our font where it is installed; else the machine's fonts serve."""
    found = find_spec(FONT)
    places = found.submodule_search_locations if found else None
    return [Path(places[0]) / "files"] if places else []
