"""Spark over the lake: the same Parquet files and manifest, read and aggregated by a Spark cluster.

Every worker must see the lake's folder under the same path. Results of a roll-up or an analysis come back to the
process that asked, which writes them as the lake does.
"""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import sqlglot.expressions as sge
from ibis.backends.pyspark import Backend
from ibis.backends.sql.compilers.databricks import DatabricksCompiler
from ibis.backends.sql.dialects import PySpark
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

from experiments.warehouse.lake import SCHEMAS, Lake
from experiments.warehouse.tables import TABLES


class Spark(DatabricksCompiler):  # type: ignore[misc]
    """Ibis's SQL for Spark, with Spark 4's own VARIANT for JSON: Ibis would call Python for each property.

    It is the SQL for Databricks, which reads VARIANT so, in Spark's dialect.
    """

    __slots__ = ()
    dialect = PySpark
    # Those of the parent are inherited; to name them again would undo what follows.
    SIMPLE_OPS: ClassVar[dict[type, str]] = {}
    # As in postgresql.py: nothing of ours needs these steps.
    LOWERED_OPS: ClassVar[dict[type, None]] = dict.fromkeys(DatabricksCompiler.lowered_ops)
    post_rewrites = ()

    def visit_NonNullLiteral(self, op: ops.Literal, *, value: Any, dtype: Any) -> Any:
        """Say that 1.0 is a float: by itself it is a decimal here, and its mean is rounded."""
        if dtype.is_floating():
            return self.cast(sge.convert(value), dtype)
        return super().visit_NonNullLiteral(op, value=value, dtype=dtype)

    def visit_Cast(self, op: ops.Cast, *, arg: sge.Expression, to: Any) -> Any:
        """Parse JSON, or write it as text; all other casts are Ibis's."""
        if op.arg.dtype.is_json() and to.is_string():
            return self.f.anon.to_json(arg)
        return self.f.anon.try_parse_json(arg) if to.is_json() else super().visit_Cast(op, arg=arg, to=to)

    def visit_JSONGetItem(self, op: ops.JSONGetItem, *, arg: sge.Expression, index: sge.Expression) -> Any:
        """One property by its own name: as a key of a map no character has a meaning."""
        return self.f.anon.try_element_at(self.f.anon.try_variant_get(arg, "$", "MAP<STRING, VARIANT>"), index)


class Connection(Backend):  # type: ignore[misc]
    """Ibis's connection to Spark, exchanging Arrow tables instead of pandas frames, which turn integers to floats."""

    compiler = Spark()

    def to_pyarrow(self, expr: ir.Expr, /, **_: Any) -> Any:
        """Run a query and return its rows."""
        table = expr.as_table()
        self._run_pre_execute_hooks(table)
        found = self._session.sql(self.compile(table)).toArrow()
        return expr.__pyarrow_result__(found.cast(table.schema().to_pyarrow()))

    def _register_udfs(self, expr: ir.Expr) -> None:
        """Nothing: Ibis would register Python functions for JSON, which `Spark` does without."""

    def _register_in_memory_table(self, op: ops.InMemoryTable) -> None:
        frame = self._session.createDataFrame(op.data.to_pyarrow(op.schema))
        frame.createOrReplaceTempView(op.name)


class SparkLake(Lake):
    """The lake, with Spark in the place of DuckDB. `url` is the address of the cluster's master."""

    def __init__(self, root: Path, url: str) -> None:
        super().__init__(root)
        session = SparkSession.builder.master(url).appName("keepers").getOrCreate()
        self.connection = Connection()
        self.connection.register_options()
        self.connection.do_connect(session.newSession())

    def table(
        self, environment: str, table: str, days: Iterable[date], experiments: Iterable[str] | None = None
    ) -> ir.Table:
        """Return the rows of these days as an Ibis table; without files an empty one.

        The columns are told: to find them in a file is a job of the cluster for each table that is read.
        """
        columns = from_arrow_schema(TABLES[table])
        read = self.connection._session.read.schema(columns).option("recursiveFileLookup", "true")
        files = self._files(environment, table, days, experiments)
        name = self._name(table, files)
        read.parquet(*files).createOrReplaceTempView(name)
        return self._view(name, SCHEMAS[table])

    def keep(self, rows: ir.Table) -> ir.Table:
        """Return the rows as a view that the cluster works out once and caches."""
        name = ibis.util.gen_name("kept")
        self.connection._run_pre_execute_hooks(rows)
        self.connection._session.sql(self.connection.compile(rows)).cache().createOrReplaceTempView(name)
        return self._view(name, rows.schema())

    def _view(self, name: str, columns: ibis.Schema) -> ir.Table:
        return ops.DatabaseTable(name, columns, self.connection, ops.Namespace()).to_expr()

    def let_go(self, kept: ir.Table) -> None:
        """Forget a view that `keep` made, and what the cluster has cached of it."""
        self.connection._session.catalog.uncacheTable(kept.get_name())
        self.connection._session.catalog.dropTempView(kept.get_name())
