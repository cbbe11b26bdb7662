"""The arrows between our packages, and the sizes that keep them readable: docs/decisions/0001-layout.md."""

import ast
import statistics
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {  # a folder or a file, and what it may import besides what the folders above it may
    "sdk/keepers": "keepers",
    "sdk/keepers/django.py": "django",
    "sdk/keepers/openfeature.py": "openfeature",
    "stats": "stats numpy scipy statsmodels",
    "experiments": "experiments stats keepers pydantic numpy",
    "experiments/plan_file.py": "yaml",
    "experiments/totp.py": "cryptography",
    "experiments/picturing.py": "PIL",
    "experiments/registry": "sqlalchemy alembic argon2",
    "experiments/inbox": "sqlalchemy alembic msgspec",
    "experiments/warehouse": "ibis sqlglot duckdb pyarrow psycopg pyspark",
    "experiments/reports": "jinja2 markupsafe nbformat pptx typst xlsxwriter",
    "experiments/demo": "rich",
    "web": "web experiments stats flask flask_login flask_wtf wtforms werkzeug jinja2 markupsafe authlib segno",
    "web/api": "pydantic",
    "web/single_sign_on.py": "joserfc requests",
    "web/limiting.py": "limits",
    "web/monitoring.py": "prometheus_client",
    "web/workers.py": "gunicorn prometheus_client",
    "dags": "dags experiments airflow",
}
PACKAGES = ["sdk/keepers", "stats", "experiments", "web", "dags"]
TREES = {path: ast.parse(path.read_text()) for p in PACKAGES for path in sorted((ROOT / p).rglob("*.py"))}


def imports(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module)


def functions(package: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    trees = [tree for path, tree in TREES.items() if path.is_relative_to(ROOT / package)]
    return (n for t in trees for n in ast.walk(t) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Without the docstring."""
    text = ast.get_docstring(function, clean=False)
    return (function.end_lineno or 0) - function.lineno + 1 - (text.count("\n") + 1 if text else 0)


@pytest.mark.parametrize("path", TREES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_imports_only_along_the_arrows_and_has_at_most_400_lines(path: Path) -> None:
    rules = [words for place, words in MAY_IMPORT.items() if path.is_relative_to(ROOT / place)]
    strange = {n.split(".")[0] for n in imports(ast.walk(TREES[path]))} - {*" ".join(rules).split()}
    assert strange <= sys.stdlib_module_names, f"it may not import {strange - sys.stdlib_module_names}"
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("path", sorted((ROOT / "dags").glob("*.py")), ids=lambda path: path.name)
def test_a_dag_file_imports_only_airflow_sdk_when_it_is_read(path: Path) -> None:
    others = {name for name in imports(TREES[path].body) if name not in sys.stdlib_module_names}
    assert others <= {"airflow.sdk", "dags.defaults"}


@pytest.mark.parametrize("package", PACKAGES)
def test_functions_are_short_and_take_few_positional_parameters(package: str) -> None:
    lengths = sorted(lines(f) for f in functions(package))
    assert statistics.median(lengths) <= 6
    assert lengths[int(0.9 * len(lengths))] <= 30
    taken = {f.name: [a.arg for a in f.args.posonlyargs + f.args.args] for f in functions(package)}
    assert not [name for name, arguments in taken.items() if len(set(arguments) - {"self", "cls"}) > 5]
