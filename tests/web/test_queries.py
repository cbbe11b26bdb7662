"""No page asks its databases more than ten times, however many experiments there are."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

MOST = 10


@pytest.fixture(scope="module")
def client(shop):
    return shop.client()


@contextmanager
def counted(site) -> Iterator[list[str]]:
    """The statements that are executed meanwhile."""
    own, said = site.app.extensions["keepers"], []

    def note(connection, cursor, statement, parameters, context, many):
        said.append(statement)

    engines = (own.db.engine, own.inbox.database.engine)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield said
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


def test_every_page_makes_at_most_ten_queries(shop, client, page):
    with counted(shop) as said:
        assert client.get(page).status_code == 200
    asked = [s for s in said if not s.startswith(("BEGIN", "PRAGMA"))]
    assert asked, "somebody is signed in, which takes one"
    assert len(asked) <= MOST, "\n".join(asked)
