"""Sources: rows that a team logs elsewhere end as if they had been sent to the collector, and are only ever read."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from experiments import cli
from experiments.errors import DefinitionError, NotReady
from experiments.loading import load
from experiments.plan_file import read_sources
from experiments.registry import sources
from experiments.sources.pulling import pull, trial
from experiments.warehouse.reading import opened, single_select

LAUNCHED = datetime(2026, 3, 2, tzinfo=UTC)
DAY = date(2026, 3, 3)
CATALOG = """
measures: {orders: {event: order, where: {currency: EUR}}, revenue: {event: order, aggregate: sum}}
metrics:
  orders: {title: Orders, kind: proportion, measure: orders, window_days: 1}
  revenue: {title: Revenue, kind: mean, measure: revenue, window_days: 1}
"""
PLAN = """
key: basket
variants: [{key: control, weight: 0.5}, {key: new, weight: 0.5}]
goals: [{metric: orders, worthwhile: 0.05}]
secondary: [revenue]
enrol_days: 14
"""
SEEN = "columns: {unit: person, time: seen_at, experiment: flag, variant: arm, attributes: [country]}"
ORDERED = "columns: {unit: person, time: ordered_at, event: what, value: total, properties: [currency], id: number}"
EXPOSURES = """
CREATE TABLE seen AS
SELECT 'p' || i AS person, TIMESTAMP '2026-03-03 08:00:00' + INTERVAL 1 MINUTE * i AS seen_at,
    CASE WHEN i < 40 THEN 'basket' ELSE 'baskett' END AS flag, CASE WHEN i % 2 = 0 THEN 'control' ELSE 'new' END AS arm,
    CASE WHEN i % 3 = 0 THEN NULL ELSE 'DE' END AS country
FROM range(50) AS t(i)
"""
ORDERS = """
CREATE TABLE orders AS
SELECT i AS number, 'p' || i AS person, TIMESTAMP '2026-03-03 12:00:00' AS ordered_at, 'order' AS what,
    (i + 0.25)::DECIMAL(9, 2) AS total, CASE WHEN i % 5 = 0 THEN 'USD' ELSE 'EUR' END AS currency
FROM range(1, 30) AS t(i)
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Exposures as two Parquet files, orders in a DuckDB database."""
    with duckdb.connect() as connection:
        connection.execute(EXPOSURES)
        for i in (0, 1):
            out = tmp_path / f"seen-{i}.parquet"
            connection.execute(f"COPY (SELECT * FROM seen WHERE hash(person) % 2 = {i}) TO '{out}'")
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        connection.execute(ORDERS)
    return tmp_path


def of_files(folder: Path) -> str:
    return f"""
sources:
  seen: {{kind: exposures, at: "{folder}/seen-*.parquet", {SEEN}}}
  orders: {{kind: events, at: "{folder}/shop.duckdb", table: orders, {ORDERED}}}
"""


def applied(home: Any, text: str) -> Any:
    home.launched(CATALOG, PLAN, LAUNCHED)
    sources.apply(home.db, read_sources(text), "test")
    return home


def sent() -> list[dict[str, Any]]:
    """The same rows as an SDK would send them."""
    start = datetime(2026, 3, 3, 8, tzinfo=UTC)
    seen = [
        {
            "type": "exposure", "id": f"x{i}", "units": {"user": f"p{i}"}, "experiment": "basket", "explicit": True,
            "variant": ("control", "new")[i % 2], "at": (start + timedelta(minutes=i)).isoformat(),
            "attributes": {"country": "DE"} if i % 3 else {},
        }
        for i in range(40)
    ]  # fmt: skip
    ordered = [
        {
            "type": "event", "id": f"o{i}", "units": {"user": f"p{i}"}, "name": "order", "value": i + 0.25,
            "at": "2026-03-03T12:00:00Z", "explicit": True, "properties": {"currency": "EUR" if i % 5 else "USD"},
        }
        for i in range(1, 30)
    ]  # fmt: skip
    return seen + ordered


def pulled(home: Any) -> list[Any]:
    return [pull(home.settings, name, DAY - timedelta(days=1), DAY) for name in ("seen", "orders")]


def rolled(home: Any) -> list[Any]:
    home.rolled(day=DAY)
    return [home.table(t) for t in ("exposure_days", "unit_days", "outcome_days")]


@pytest.mark.slow
def test_rows_of_a_source_end_as_if_they_had_been_sent_to_the_collector(make_home: Any, files: Path) -> None:
    one, other = applied(make_home("one"), of_files(files)), make_home("two")
    seen, orders = pulled(one)
    assert (seen.loaded, orders.loaded, dict(orders.refused)) == (40, 29, {})
    assert dict(seen.refused) == {"unknown_experiment": 10}
    assert "Did you mean 'basket'?" in seen.why["unknown_experiment"]
    other.launched(CATALOG, PLAN, LAUNCHED)
    other.arrived(sent())
    assert rolled(one) == rolled(other)
    assert len(one.table("outcome_days")) > 0


@pytest.mark.slow
def test_a_day_pulled_again_is_replaced_and_a_corrected_row_is_rolled_up_again(make_home: Any, files: Path) -> None:
    home = applied(make_home(), of_files(files))
    pulled(home)
    raw, first = [home.table(t) for t in ("exposures", "events")], rolled(home)
    pulled(home)
    assert [home.table(t) for t in ("exposures", "events")] == raw
    assert rolled(home) == first
    with duckdb.connect(str(files / "shop.duckdb")) as connection:
        connection.execute("UPDATE orders SET total = 7 WHERE number = 7")
        connection.execute("DELETE FROM orders WHERE number = 8")
    pulled(home)
    values = {row[3]: row[6] for row in home.table("events")}
    assert (values["p7"], "p8" in values) == (7.0, False)
    assert rolled(home) != first
    with duckdb.connect(str(files / "shop.duckdb")) as connection:
        connection.execute("DELETE FROM orders")
    pulled(home)
    assert home.table("events") == []
    load(home.settings)  # what the collector took is beside it, untouched


def test_equal_rows_without_an_id_are_each_counted(make_home: Any, files: Path) -> None:
    twice = "SELECT * FROM orders UNION ALL SELECT * FROM orders -- and no id"
    text = of_files(files).replace(", id: number", "").replace("table: orders", f'sql: "{twice}"')
    home = applied(make_home(), text)
    assert pulled(home)[1].loaded == 58
    assert len({row[0] for row in home.table("events")}) == 58


def test_days_are_those_of_the_reporting_time_zone(make_home: Any, files: Path) -> None:
    sql = "SELECT * REPLACE (ordered_at - INTERVAL 9 HOUR AS ordered_at) FROM orders"
    text = of_files(files).replace("table: orders", f"sql: {sql}")
    home = applied(make_home(KEEPERS_TIME_ZONE="America/New_York"), text)  # 3:00 UTC is the day before there
    assert pull(home.settings, "orders", DAY, DAY).loaded == 0
    assert pull(home.settings, "orders", DAY - timedelta(days=1), DAY - timedelta(days=1)).loaded == 29
    assert len(home.table("events")) == 29


def test_a_dry_run_tells_columns_size_and_a_sample_and_stores_nothing(
    make_home: Any, files: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = applied(make_home(), of_files(files))
    monkeypatch.setenv("KEEPERS_HOME", str(home.settings.home))
    assert cli.main(["source", "check", "seen"]) == 0
    told = capsys.readouterr().out
    bytes_of = sum(p.stat().st_size for p in files.glob("*.parquet"))
    for words in ("seen_at: TIMESTAMP", f"50 rows, {bytes_of:,} bytes", "40 fit.", "10 refused, unknown_experiment"):
        assert words in told
    assert home.table("exposures") == []
    (files / "sources.yaml").write_text(of_files(files).replace("arm", "armm").replace("ordered_at", "number"))
    assert cli.main(["source", "apply", str(files / "sources.yaml")]) == 0
    assert cli.main(["source", "check", "seen"]) == 1
    assert "there is no column 'armm'. Did you mean 'arm'?" in capsys.readouterr().err
    assert cli.main(["source", "load", "orders", "--from", "2026-03-03"]) == 1
    assert "'number' is BIGINT; the time must be a timestamp" in capsys.readouterr().err
    assert cli.main(["source", "load", "order"]) == 1
    assert "no source is called 'order'. Did you mean 'orders'?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT 1; DROP TABLE orders", "holds 2 statements"),
        ("DELETE FROM orders", "holds DELETE"),
        ("WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone", "holds DELETE"),
        ("SELECT * INTO copied FROM orders", "holds INTO"),
        ("COPY orders TO 'out.csv'", "holds COPY"),
        ("SELECT * FROM orders FOR UPDATE", "holds LOCK"),
        ("SET transaction_read_only = off", "holds SET"),
        ("SELECT 1) AS s; DROP TABLE orders; SELECT (1", "cannot be read"),
        ("CALL now()", "only read"),
        ("", "holds 0 statements"),
    ],
)
def test_whatever_is_no_single_select_is_refused(sql: str, words: str) -> None:
    with pytest.raises(DefinitionError, match=words):
        single_select(sql, "postgres")


def test_a_source_of_files_reads_no_other_file(files: Path) -> None:
    (files / "secret.csv").write_text("a\n1\n")
    seen = read_sources(of_files(files))["seen"]
    for sql in (f"SELECT * FROM read_csv('{files}/secret.csv')", f"SELECT * FROM '{files}/secret.csv'"):
        refused = pytest.raises(DefinitionError, match=r"the SQL (calls read_csv|reads)")
        with refused, opened(seen.model_copy(update={"sql": sql}), seen.at):
            pass
        with opened(seen, seen.at) as reader:
            reader.select = sql  # type: ignore[attr-defined]
            with pytest.raises(DefinitionError, match=r"cannot read the source: .*disabled by configuration"):
                reader.columns()


def test_even_a_statement_that_the_parser_had_let_through_could_not_write_a_file(files: Path) -> None:
    for source in read_sources(of_files(files)).values():
        with opened(source, source.at) as reader:
            run = reader.connection.execute  # type: ignore[attr-defined]
            with pytest.raises(duckdb.Error, match="disabled by configuration"):
                run(f"COPY (SELECT 1) TO '{files}/out.csv'")
            with pytest.raises(duckdb.Error, match="locked"):
                run("SET enable_external_access = true")


def test_mistakes_in_the_file_are_told_with_their_line_and_no_password_is_kept(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for old, new, words in (
        ("variant: arm", "value: arm", "exposures need the column of 'variant'"),
        ("table: orders, ", "", "needs a 'table' or 'sql'"),
        ("kind: events", "kind: outcomes", "sources.orders.kind"),
        (f"{files}/shop.duckdb", "postgresql://me:hunter2@db/shop", r"at' holds a password.*\$\{PASSWORD\}@db"),
    ):
        with pytest.raises(DefinitionError, match=words) as told:
            read_sources(of_files(files).replace(old, new))
        assert "hunter2" not in str(told.value)
        assert "sources.yaml:" in str(told.value)
    url = "postgresql://me:${SHOP_PASSWORD}@db/shop"
    hidden = read_sources(of_files(files).replace(f"{files}/shop.duckdb", url))["orders"]
    monkeypatch.delenv("SHOP_PASSWORD", raising=False)
    with pytest.raises(NotReady, match="SHOP_PASSWORD is not set"):
        hidden.address()


def test_a_row_whose_id_is_empty_is_refused_and_told(make_home: Any, files: Path) -> None:
    sql = "SELECT * REPLACE (CASE WHEN number > 3 THEN number END AS number) FROM orders"
    home = applied(make_home(), of_files(files).replace("table: orders", f"sql: {sql}"))
    found = pull(home.settings, "orders", DAY, DAY)
    assert (found.loaded, dict(found.refused)) == (26, {"bad_shape": 3})
    assert "The id has 0 characters" in found.why["bad_shape"]


@pytest.mark.slow
def test_a_source_in_postgresql_is_pulled_and_can_change_nothing(
    make_home: Any, postgresql_server: Callable[[str], str]
) -> None:
    url = postgresql_server("shop")
    plain = url.replace("+psycopg", "")
    with psycopg.connect(plain) as connection:
        for table in (EXPOSURES, ORDERS):
            connection.execute(
                table.replace("range(50)", "generate_series(0, 49)").replace("range(1, 30)", "generate_series(1, 29)")
                .replace("INTERVAL 1 MINUTE", "INTERVAL '1 minute'").encode()
            )  # fmt: skip
        connection.execute("CREATE SEQUENCE counter")
        connection.execute("CREATE FUNCTION harmless() RETURNS bigint LANGUAGE sql AS 'SELECT nextval(''counter'')'")
        connection.execute("ANALYZE")
    sql = "SELECT * FROM orders WHERE what LIKE 'ord%' AND what <> '%s' -- all"
    home = applied(make_home("one", KEEPERS_WAREHOUSE=url), f"""
sources:
  seen: {{kind: exposures, at: warehouse, table: public.seen, {SEEN}}}
  orders: {{kind: events, at: "{plain}", sql: "{sql}", {ORDERED}}}
  sly: {{kind: events, at: "{plain}", sql: "SELECT *, harmless() FROM orders", {ORDERED}}}
""")  # fmt: skip
    found = trial(home.settings, "seen")
    assert (found.size.rows, found.size.exact, found.columns["seen_at"]) == (50, False, "timestamp")
    assert (found.sample.loaded, found.problems) == (40, ())
    for _ in range(2):
        seen, orders = pulled(home)
        assert (seen.loaded, dict(seen.refused), orders.loaded) == (40, {"unknown_experiment": 10}, 29)
    with psycopg.connect(plain) as connection:
        counted = connection.execute("SELECT count(*), count(DISTINCT id), sum(value) FROM warehouse.events").fetchone()
    assert counted == (29, 29, sum(range(1, 30)) + 29 / 4)
    home.rolled(day=DAY)
    with pytest.raises(DefinitionError, match="read-only transaction"):
        pull(home.settings, "sly", DAY, DAY)
    with psycopg.connect(plain) as connection:
        assert connection.execute("SELECT is_called FROM counter").fetchone() == (False,)


def test_the_documented_file_of_sources_is_valid() -> None:
    page = (Path(__file__).parents[2] / "docs" / "sources.md").read_text(encoding="utf-8")
    assert set(read_sources(page.split("```yaml\n")[1].split("```")[0])) == {"flags", "orders"}
