"""The report as Markdown: the page, then all numbers as tables, for wikis and pull requests."""

import re
from collections.abc import Iterable, Iterator

from experiments.reports.model import Report
from experiments.reports.page import HELD, Section, page
from experiments.reports.rows import Block, Row
from experiments.reports.tables import shown
from experiments.reports.wording import plain

SPECIAL = re.compile(r"[\\`*_\[\]<>|~&$]|:(?=//)|(?<=www)\.|^[#+=-]|(?<=^\d)[.)]|(?<=^\d\d)[.)]")


def render(report: Report) -> bytes:
    """Return UTF-8 Markdown (CommonMark, with the tables of GitHub). What people wrote is text, never markup."""
    said = page(report)
    parts = [
        f"# {escaped(said.title)}",
        escaped(said.kicker),
        f"**{escaped(said.headline)}.** {escaped(said.sentence)}",
    ]
    parts += [p for s in (said.decision, said.hypothesis, said.who, said.change, said.shots) if s for p in _section(s)]
    parts += [p for title, block in said.blocks for p in (f"## {escaped(title)}", _results(block))]
    parts += [] if said.blocks else ["## Goals and guardrails", HELD]
    after = (said.expected, said.after, said.checks, said.unknown, said.learning, said.next_step, said.deviations)
    parts += [p for s in after if s for p in _section(s)]
    parts += ["---", " · ".join(map(escaped, said.footer)), "## Every number of this snapshot, to six digits"]
    for t in shown(report):
        parts += [f"### {escaped(t.title)}", escaped(t.about), _table(t.columns, t.rows)]
    return "\n\n".join(parts).encode() + b"\n"


def escaped(text: str) -> str:
    """Return text that Markdown prints as it is: on one line, with whatever could be markup escaped."""
    return SPECIAL.sub(r"\\\g<0>", plain(text).strip())


def _section(section: Section) -> Iterator[str]:
    yield f"## {escaped(section.title)}"
    if section.points:
        yield "\n".join(f"- {_point(p.lead)}{escaped(p.text)}{_small(p.small)}" for p in section.points)
    else:
        yield escaped(section.text)


def _point(lead: str) -> str:
    return f"**{escaped(lead)}** " if lead else ""


def _small(text: str) -> str:
    return f" ({escaped(text)})" if text else ""


def _results(block: Block) -> str:
    head = ("Metric", "Control", "Variant", f"Change, {block.interval}", "In its own unit", "Reading")
    return _table(head, map(_cells, block.rows))


def _cells(row: Row) -> tuple[str, ...]:
    if row.error:
        return row.name, "", "", f"Could not be computed. {row.error}", "", row.word
    change = f"{row.change} ({row.interval})" if row.interval else row.change
    second = f"{row.second} ({row.second_interval})" if row.second_interval else row.second
    return row.name, row.control, row.variant, change, second, "; ".join(t for t in (row.word, row.remark) if t)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(map(escaped, head)), *(list(map(escaped, row)) for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
