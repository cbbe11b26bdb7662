"""Full-text search over what people wrote of experiments: SQLite's FTS5 or PostgreSQL's tsvector behind one function.

What is typed is cut into words first, and only words reach the database: no operator, quote or bracket does. Words
are taken by their English stem, so that 'photos' finds 'photo'; a title counts more than a learning or tag, and those
more than hypothesis and reason. Rank: BM25 (Robertson & Zaragoza 2009), on PostgreSQL by ts_rank.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import JSON, Row, Text, cast, select, text

from experiments.registry.database import Database
from experiments.registry.models import UtcTime
from experiments.registry.summary_models import CardRow

MOST_WORDS, LONGEST_WORD = 24, 40
LEAST_SIMILAR = 3  # letters of a word that says what a brief is about
BEGIN, END = "\x02", "\x03"  # around a word that was found; people's own are taken out
COMMON = frozenset(
    re.findall(
        r"\w+",
        "and are but can for from have her has his how its into more most not our out than that the their them then "
        "there these they this those too was were what when which while who will with would you your",
    )
)
PART = "LIMIT :limit OFFSET :offset"
ONLY = (
    "(:learnt = 0 OR c.learning <> '') AND (:outcome = '' OR c.decision = :outcome) "
    "AND (:tag = '' OR CAST(c.tags AS TEXT) LIKE :tagged ESCAPE '!')"
)
COLUMNS = "c.experiment, c.title, c.state, c.word, c.decision, c.learning, c.tags, c.decided_at, c.team"


@dataclass(frozen=True)
class Found:
    """One experiment that was found. `snippet` is its best passage in pieces: text, and whether it was asked for."""

    key: str
    title: str
    state: str
    verdict: str | None
    decision: str
    learning: str
    tags: tuple[str, ...]
    decided: date | None
    team: str
    snippet: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Within:
    """Which experiments count: those that taught something, with a tag, decided so; '' for any."""

    tag: str = ""
    outcome: str = ""
    learnt: bool = True

    @property
    def values(self) -> dict[str, Any]:
        """As the statements take them. A tag is stored as JSON writes it."""
        tagged = re.sub("([!%_])", r"!\1", json.dumps(self.tag))
        return {"tag": self.tag, "tagged": f"%{tagged}%", "outcome": self.outcome, "learnt": int(self.learnt)}


def words(typed: str) -> list[str]:
    """The words of what was typed, as the database may see them."""
    return [w[:LONGEST_WORD] for w in re.findall(r"[^\W_]+", typed)][:MOST_WORDS]


def similar(db: Database, typed: str, limit: int = 5, *, besides: str = "") -> list[Found]:
    """Experiments that are about the same as a text, most alike first; not the one whose key is `besides`.

    Any word counts, rare ones most. Nothing where the text has no word that says what it is about.
    """
    telling = [w for w in words(typed.lower()) if len(w) >= LEAST_SIMILAR and w not in COMMON]
    found = _search(db, sorted(set(telling)), any_word=True, limit=limit + 1) if telling else []
    return [f for f in found if f.key != besides][:limit]


def search(db: Database, typed: str, limit: int = 50, *, offset: int = 0, within: Within | None = None) -> list[Found]:
    """Experiments that hold every word, best first; the last word may be unfinished. Nothing for no words."""
    asked = words(typed.lower())
    telling = [w for w in asked if w not in COMMON] or asked
    return _search(db, telling, limit=limit, offset=offset, within=within) if asked else []


def learnings(db: Database, typed: str = "", limit: int = 50, *, offset: int = 0, within: Within) -> list[Found]:
    """Learnings that hold every word, best first; without words all of them, those decided last first."""
    if words(typed):
        return search(db, typed, limit, offset=offset, within=within)
    every = f"SELECT {COLUMNS}, '' AS snippet FROM cards c WHERE {ONLY}"
    newest = f"{every} ORDER BY c.decided_at DESC, c.experiment {PART}"
    return _rows(db, newest, {"limit": limit, "offset": offset, **within.values})


def tags(db: Database) -> list[str]:
    """All tags of learnings, in order."""
    with db.read() as session:
        found = session.scalars(select(CardRow.tags).where(CardRow.learning != "", cast(CardRow.tags, Text) != "[]"))
        return sorted({tag for each in found for tag in each})


def _search(
    db: Database, asked: Sequence[str], *, limit: int, offset: int = 0, any_word: bool = False,
    within: Within | None = None,
) -> list[Found]:  # fmt: skip
    statement, query = {"sqlite": _fts5, "postgresql": _tsvector}[db.engine.dialect.name](asked, any_word)
    values = {"query": query, "limit": limit, "offset": offset, **(within or Within(learnt=False)).values}
    return _rows(db, statement, values)


def _rows(db: Database, statement: str, values: dict[str, Any]) -> list[Found]:
    typed = text(statement).columns(tags=JSON(), decided_at=UtcTime())
    with db.read() as session:
        return [_found(row) for row in session.execute(typed, values)]


def _fts5(asked: Sequence[str], any_word: bool) -> tuple[str, str]:
    """FTS5's statement and query; each word is a quoted string, the last one a beginning."""
    quoted = [f'"{w}"' for w in asked]
    query = " OR ".join(quoted) if any_word else " AND ".join([*quoted[:-1], f"{quoted[-1]}*"])
    return (
        f"SELECT {COLUMNS}, snippet(texts_words, -1, char(2), char(3), ' … ', 24) AS snippet "
        "FROM texts_words w JOIN texts t ON t.id = w.rowid JOIN cards c ON c.experiment = t.experiment "
        f"WHERE texts_words MATCH :query AND {ONLY} "
        f"ORDER BY bm25(texts_words, 8.0, 2.0, 4.0, 4.0, 2.0), c.experiment {PART}",
        query,
    )


def _tsvector(asked: Sequence[str], any_word: bool) -> tuple[str, str]:
    """PostgreSQL's. Stop words find nothing and forbid nothing."""
    quoted = [f"'{w}'" for w in asked]
    query = " | ".join(quoted) if any_word else " & ".join([*quoted[:-1], f"{quoted[-1]}:*"])
    options = f"StartSel={BEGIN}, StopSel={END}, MaxFragments=1, MaxWords=24, MinWords=8"
    parts = ", ".join(f"nullif(t.{name}, '')" for name in ("learning", "hypothesis", "reason", "tags", "title"))
    passage = f"concat_ws(' … ', {parts})"
    return (
        f"SELECT {COLUMNS}, ts_headline('english', {passage}, q, '{options}') AS snippet "
        "FROM texts t JOIN cards c ON c.experiment = t.experiment, to_tsquery('english', :query) q "
        f"WHERE t.vector @@ q AND {ONLY} "
        f"ORDER BY ts_rank(t.vector, q, 1) DESC, c.experiment {PART}",
        query,
    )


def _found(row: Row[Any]) -> Found:
    return Found(
        key=row.experiment, title=row.title, state=row.state, verdict=row.word, decision=row.decision,
        learning=row.learning, tags=tuple(row.tags), decided=row.decided_at.date() if row.decided_at else None,
        team=row.team, snippet=pieces(row.snippet),
    )  # fmt: skip


def pieces(passage: str) -> tuple[tuple[str, bool], ...]:
    """Cut a passage at its marks: text, and whether it was found."""
    cut = re.split(f"{BEGIN}([^{BEGIN}{END}]*){END}", passage)
    clean = [re.sub(f"[{BEGIN}{END}]", "", part) for part in cut]
    return tuple((part, n % 2 == 1) for n, part in enumerate(clean) if part)
