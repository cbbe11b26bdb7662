"""Order of version numbers, as Semantic Versioning 2.0 has it, for targeting conditions."""

from __future__ import annotations

LONGEST = 100  # characters of a version: a caller waits for each part, and Python refuses numbers of thousands


def version_key(version: object) -> list[tuple[int, int, str]]:
    """Return a list that sorts as the version does: 1.2.0-rc.1 < 1.2.0 < 1.10.0.

    A leading v and build metadata (after a plus sign) do not count. Numbers sort before words. What is longer, or
    neither text nor a number, is version 0, so that nobody without a version is taken for one who has the newest.
    """
    known = isinstance(version, (str, int, float)) and not isinstance(version, bool)
    text = (str(version) if known else "") or "0"
    text = text[1:] if text[:1] == "v" else text
    text = text.split("+", 1)[0]
    parts = (text if len(text) <= LONGEST else "0").replace("-", ".").split(".")
    if len(parts) == 3:  # a release comes after all its pre-releases
        parts.append("~")
    return [_part(part) for part in parts]


def _part(part: str) -> tuple[int, int, str]:
    number = part.isascii() and part.isdigit()
    return (0, int(part), "") if number else (1, 0, part)
