"""A source's SQL reads its own tables and nothing else, by what it says and by what its engine allows."""

import duckdb
import pytest

from experiments.errors import DefinitionError
from experiments.sources import Source
from experiments.warehouse.reading import opened, single_select

POSTGRES = [
    "SELECT pg_read_file('/etc/passwd')", "SELECT pg_catalog.pg_read_file('/etc/passwd')", 'SELECT "pg_read_binary_file"(\'x\')',
    "SELECT * FROM pg_ls_dir('.')", "SELECT * FROM dblink('host=x', 'select 1') AS t(a int)", "SELECT lo_import('/etc/passwd')",
    "SELECT query_to_xml('drop table x', true, true, '')", "SELECT set_config('default_transaction_read_only', 'off', false)",
    "SELECT current_setting('data_directory')", "SELECT nextval('s')", "SELECT pg_sleep(99999)", "SELECT pg_terminate_backend(1)",
    "SELECT * FROM pg_authid", "SELECT * FROM pg_catalog.pg_hba_file_rules", "SELECT (SELECT pg_read_file('x'))",
    "WITH a AS (SELECT 1), b AS (SELECT pg_stat_file('x')) SELECT * FROM b", "SELECT 1 WHERE EXISTS (SELECT pg_ls_waldir())",
    "COPY (SELECT 1) TO PROGRAM 'sh'", "SELECT 1; DROP TABLE x", "WITH x AS (DELETE FROM t RETURNING 1) SELECT * FROM x", "SELECT 1 INTO t",
    "SELECT * FROM t FOR UPDATE", "SET ROLE postgres", "DO $$ BEGIN END $$", "EXPLAIN ANALYZE DELETE FROM t", "CALL p()", "VACUUM", "SELECT PG_READ_FILE('x')",
]  # fmt: skip
DUCKDB = [
    "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM read_csv_auto('x')", "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM read_blob('x')",
    "SELECT * FROM read_parquet('s3://x/y')", "SELECT * FROM read_json('https://x')", "SELECT * FROM glob('*')", "SELECT * FROM parquet_scan('x')",
    "SELECT * FROM 'https://example.com/x.csv'", "SELECT * FROM '/etc/passwd'", "SELECT getenv('HOME')", "SELECT * FROM duckdb_settings()",
    "SELECT * FROM query('select 1')", "SELECT * FROM postgres_query('db', 'drop table x')", "SELECT * FROM sqlite_scan('x', 't')", "ATTACH 'x'",
    "INSTALL httpfs", "LOAD httpfs", "PRAGMA database_list", "COPY files TO 'x'", "EXPORT DATABASE 'x'", "CREATE TABLE x AS SELECT 1", "SELECT 1; SELECT 2",
    "SET enable_external_access = true", "SELECT * FROM sniff_csv('x')", "SELECT * FROM duckdb_secrets()", "SELECT a FROM (SELECT * FROM read_text('x'))",
]  # fmt: skip
HONEST = [
    "SELECT user_id, ts, lower(name) AS n FROM shop.orders WHERE ts > now() - interval '9 days'",
    "WITH a AS (SELECT * FROM orders) SELECT count(*) OVER (PARTITION BY u), json_extract(x, '$.a'), coalesce(y, 0) FROM a JOIN b USING (u)",
    "SELECT 1 AS read_text, x.pg_note, query FROM orders AS x UNION ALL SELECT 2, 3, 4",
]


@pytest.mark.parametrize(("sql", "dialect"), [(s, "postgres") for s in POSTGRES] + [(s, "duckdb") for s in DUCKDB])
def test_sql_that_reaches_beyond_its_tables_is_refused_before_it_runs(sql, dialect):
    with pytest.raises(DefinitionError, match=r"the SQL (holds|calls|reads|cannot be read)"):
        single_select(sql, dialect)


@pytest.mark.parametrize("sql", HONEST)
@pytest.mark.parametrize("dialect", ["postgres", "duckdb"])
def test_sql_that_only_selects_is_taken_as_it_is(sql, dialect):
    assert single_select(sql, dialect) == sql


def test_the_engine_itself_reads_no_other_file_whatever_the_sql_says(tmp_path, monkeypatch):
    shop = tmp_path / "shop.parquet"
    duckdb.sql("SELECT 'u' AS u, TIMESTAMP '2026-11-02' AS at, 'buy' AS e").write_parquet(str(shop))
    other = tmp_path / "other.csv"
    other.write_text("a\n1\n")
    source = Source.model_validate({"kind": "events", "at": str(shop), "columns": {"unit": "u", "time": "at", "event": "e"}})
    with opened(source, str(shop)) as reader:
        assert reader.size().rows == 1
        for sql in (f"SELECT * FROM read_csv('{other}')", f"SELECT * FROM '{other}'", "SET enable_external_access = true", "LOAD httpfs"):
            with pytest.raises(DefinitionError, match="DuckDB cannot read"):
                reader._run(sql)
