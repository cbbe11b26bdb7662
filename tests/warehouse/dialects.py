"""Ibis's SQL for warehouses that are not run here, but for JSON, which it does not read from text as these do.

Each class is what the class of an engine would add, as the ones that run have it: a text is parsed, not taken for a JSON
string, and a property is found by its own name. Written by the documentation of each; nothing here was executed.
"""

from functools import cache
from typing import Any

import ibis.expr.types as ir
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.base import NULL
from ibis.backends.sql.compilers.bigquery import BigQueryCompiler
from ibis.backends.sql.compilers.clickhouse import ClickHouseCompiler
from ibis.backends.sql.compilers.databricks import DatabricksCompiler
from ibis.backends.sql.compilers.snowflake import SnowflakeCompiler
from ibis.backends.sql.compilers.trino import TrinoCompiler

DIALECTS = ["bigquery", "clickhouse", "databricks", "snowflake", "trino"]


@cache
def compiler(dialect: str) -> Any:
    """The one that writes a dialect."""
    if dialect == "databricks":
        return _databricks()
    return {"bigquery": BigQuery, "clickhouse": ClickHouse, "snowflake": Snowflake, "trino": Trino}[dialect]()


def sql_of(query: ir.Table, dialect: str) -> str:
    """A query in a dialect."""
    writer = compiler(dialect)
    return str(writer.to_sqlglot(query.unbind()).sql(dialect=writer.dialect, pretty=True))


class BigQuery(BigQueryCompiler):
    """A number that no float holds is rounded, and fails no query."""

    __slots__ = ()

    def visit_Cast(self, op: Any, *, arg: Any, to: Any) -> Any:
        if op.arg.dtype.is_json() and to.is_string():
            return self.f.anon.to_json_string(arg)
        rounded = sge.Kwarg(this=sge.Var(this="wide_number_mode"), expression=sge.convert("round"))
        return self.f.anon.parse_json(arg, rounded) if to.is_json() else super().visit_Cast(op, arg=arg, to=to)


class ClickHouse(ClickHouseCompiler):
    """Ibis 12 reads no JSON on ClickHouse: what the class of an engine would add, as the ones that run have it."""

    __slots__ = ()

    def visit_Cast(self, op: Any, *, arg: Any, to: Any) -> Any:
        return arg if to.is_json() else super().visit_Cast(op, arg=arg, to=to)

    def visit_JSONGetItem(self, op: Any, *, arg: Any, index: Any) -> Any:
        return self.f.anon.JSONExtractRaw(arg, index)

    def visit_UnwrapJSONString(self, op: Any, *, arg: Any) -> Any:
        return self._if(arg, self.f.anon.JSONExtractString(arg), "String")

    def visit_UnwrapJSONFloat64(self, op: Any, *, arg: Any) -> Any:
        return self._if(arg, self.f.anon.JSONExtractFloat(arg), "Int64", "UInt64", "Double")

    def visit_UnwrapJSONBoolean(self, op: Any, *, arg: Any) -> Any:
        return self._if(arg, self.f.anon.JSONExtractBool(arg), "Bool")

    def _if(self, arg: Any, value: Any, *types: str) -> Any:
        kind = self.f.anon.toString(self.f.anon.JSONType(arg))
        return self.if_(kind.isin(*map(sge.convert, types)), value, NULL)


class Snowflake(SnowflakeCompiler):
    """A cast makes a VARIANT that is the text itself."""

    __slots__ = ()

    def visit_Cast(self, op: Any, *, arg: Any, to: Any) -> Any:
        if op.arg.dtype.is_json() and to.is_string():
            return self.f.anon.to_json(arg)
        return self.f.anon.try_parse_json(arg) if to.is_json() else super().visit_Cast(op, arg=arg, to=to)


class Trino(TrinoCompiler):
    """A cast makes a JSON string of the text."""

    __slots__ = ()

    def visit_Cast(self, op: Any, *, arg: Any, to: Any) -> Any:
        if op.arg.dtype.is_json() and to.is_string():
            return self.f.anon.json_format(arg)
        return self.f.anon.json_parse(arg) if to.is_json() else super().visit_Cast(op, arg=arg, to=to)


def _databricks() -> Any:
    """That of Spark, which runs (experiments/warehouse/spark.py), in the dialect of Databricks."""
    from experiments.warehouse.spark import Spark

    class Databricks(Spark):  # type: ignore[misc]
        __slots__ = ()
        dialect = DatabricksCompiler.dialect
        SIMPLE_OPS: dict[type, str] = {}

    return Databricks()
