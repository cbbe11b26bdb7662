"""How the command line writes what is known of a source."""

import textwrap
from collections.abc import Iterable

from experiments.numbers import count
from experiments.sources.pulling import Pulled, Trial


def source_text(t: Trial) -> str:
    """Write a source's columns with their types, how much there is, and what became of a sample."""
    how = "counted; bytes are of the files" if t.size.exact else "as the planner expects, nothing was read"
    parts = {
        "COLUMNS": [f"{name}: {kind}" for name, kind in t.columns.items()],
        "SIZE": [f"{t.size.rows:,} rows, {t.size.bytes:,} bytes ({how})."],
        "A SAMPLE, NOT STORED": _fates(t.sample),
    }
    return "\n\n".join("\n".join([title, *_wrapped(lines)]) for title, lines in parts.items())


def pulled_text(name: str, found: Pulled) -> str:
    """Write what became of the rows of one source."""
    return "\n".join([name, *_wrapped(_fates(found))])


def _fates(found: Pulled) -> list[str]:
    refused = (f"{count(n)} refused, {reason}: {found.why[reason]}" for reason, n in found.refused.most_common())
    return [f"{count(found.loaded)} fit.", *refused]


def _wrapped(lines: Iterable[str]) -> Iterable[str]:
    return (textwrap.fill(text, 80, initial_indent="  ", subsequent_indent="    ") for text in lines)
