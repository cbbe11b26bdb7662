"""The public names, their parameters, what importing costs, and what installs."""

import inspect
import sys
from collections.abc import Callable
from pathlib import Path

import keepers
import keepers.testing

PUBLIC = [
    "ArgumentError",
    "Assignment",
    "Bound",
    "Client",
    "ConfigError",
    "ConfigUnavailable",
    "DeliveryError",
    "KeepersError",
    "__version__",
]
CLIENT = ["assign", "bind", "close", "expose", "flush", "override", "stats", "track", "variant"]
ASSIGNMENT = ["bucket", "experiment", "expose", "payload", "reason", "variant", "version"]
IMPORTED = """
import sys
before = set(sys.modules)
import keepers
print(*sorted(set(sys.modules) - before))
"""
OPTIONAL = ("asgi", "conditions", "django", "openfeature", "patterns", "peers", "testing", "visitors", "wsgi")
SLOW = {"json", "gzip", "http", "logging", "threading", "typing", "dataclasses", "asyncio", "hashlib", "re", "ssl", "signal"}


def public(kind: type) -> list[str]:
    return sorted(name for name in dir(kind) if not name.startswith("_"))


def test_the_public_surface_is_what_is_written_here() -> None:
    assert sorted(keepers.__all__) == PUBLIC
    assert public(keepers.Client) == CLIENT
    assert public(keepers.Assignment) == ASSIGNMENT
    assert public(keepers.Bound) == ["assign", "expose", "track", "variant"]


def test_a_client_is_built_with_the_documented_arguments() -> None:
    parameters = inspect.signature(keepers.Client).parameters
    options = ["sink", "spool", "refresh", "dedupe", "queue", "overrides", "on_error", "strict"]
    assert list(parameters) == ["config", "key", *options]
    assert all(parameters[name].kind is inspect.Parameter.KEYWORD_ONLY for name in options)


def test_every_error_is_a_keepers_error() -> None:
    errors = [value for name, value in vars(keepers).items() if name in PUBLIC and inspect.isclass(value)]
    raised = [error for error in errors if issubclass(error, Exception)]
    assert len(raised) == 5
    assert all(issubclass(error, keepers.KeepersError) for error in raised)


def test_what_installs_has_at_most_200_kib() -> None:
    """As `make bench-sdk` counts it; an installer adds 140 bytes for each file to its list, and 800 of its own."""
    files = [path for path in Path(keepers.__file__).parent.iterdir() if path.suffix == ".py" or path.name == "py.typed"]
    assert sum(path.stat().st_size + 140 for path in files) + 800 <= 200 * 1024


def test_importing_loads_only_the_standard_library_and_nothing_slow(run: Callable[..., str]) -> None:
    names = run(IMPORTED).split()
    assert not {f"keepers.{name}" for name in OPTIONAL} & set(names)
    loaded = {name.split(".")[0] for name in names}
    assert loaded - {"keepers"} <= sys.stdlib_module_names
    assert not loaded & SLOW
    assert "keepers" in loaded
