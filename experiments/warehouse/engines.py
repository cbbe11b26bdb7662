"""Which warehouse an address means. To add one: a class with the methods of the protocol, and a line here."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from experiments.errors import DefinitionError, nearest
from experiments.settings import Settings
from experiments.warehouse.lake import Lake
from experiments.warehouse.protocol import Warehouse


def warehouse(settings: Settings) -> Warehouse:
    """Return the warehouse of KEEPERS_WAREHOUSE; DefinitionError for a scheme that nobody wrote a class for."""
    scheme = settings.warehouse.split(":", 1)[0]
    if scheme not in ENGINES:
        raise DefinitionError(
            f"KEEPERS_WAREHOUSE begins with '{scheme}', which is no warehouse. {nearest(scheme, ENGINES)} "
            "Use lake:, postgresql+psycopg://..., or spark://HOST:PORT."
        )
    return ENGINES[scheme](settings)


def _lake(settings: Settings) -> Warehouse:
    return Lake(settings.lake, settings.cores)


def _postgresql(settings: Settings) -> Warehouse:
    made: Warehouse = _loaded("postgresql", "psycopg", "postgres").Postgresql(settings.warehouse)
    return made


def _spark(settings: Settings) -> Warehouse:
    made: Warehouse = _loaded("spark", "pyspark", "spark").SparkLake(settings.lake, settings.warehouse)
    return made


def _loaded(module: str, library: str, extra: str) -> Any:
    """An engine's module is imported when it is asked for: its libraries are heavy, or not installed."""
    try:
        return import_module(f"experiments.warehouse.{module}")
    except ModuleNotFoundError as error:
        if error.name != library:
            raise
        raise DefinitionError(
            f"KEEPERS_WAREHOUSE needs {library}: install keepers-platform[{extra}], or unset it to use the lake."
        ) from None


ENGINES: dict[str, Callable[[Settings], Warehouse]] = {
    "lake": _lake, "postgresql+psycopg": _postgresql, "spark": _spark,
}  # fmt: skip
