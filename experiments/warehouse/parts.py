"""A roll-up's rows become its files: cut by experiment where they are kept so, and put in order."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import sha256
from math import prod
from pathlib import Path
from typing import Any, TypeAlias

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from experiments.warehouse.tables import BY_EXPERIMENT, ORDERS, TABLES

SHARED = 122_880  # rows of any other file that one thread of DuckDB reads, while others read the next ones
SKIPPED = 16_384  # rows of an experiment's file that a reader skips at once: those of another day of entry
MOST = 2**62  # that a whole number of 64 bits holds, with room to spare
Part: TypeAlias = Callable[[], pa.Table]  # the rows of one file, put together when it is written


def found(table: str, rows: ir.Table) -> pa.Table:
    """Work a roll-up's rows out."""
    return rows.select(TABLES[table].names).to_pyarrow()


def parts(table: str, found: pa.Table, name: str) -> Iterable[tuple[str, Part]]:
    """Return the files of a roll-up, each with its name: of one that is kept by experiment, a file for each.

    Rows that are alike lie together (`ORDERS`), so that files are small, and those in the order in which they came.
    """
    found = found.combine_chunks()  # rows are taken out of many small pieces ten times as slowly
    texts = _texts(table)
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        ordered = dict(zip(texts, workers.map(_in_order, [found[column] for column in texts]), strict=True))
    found = pa.table({column: ordered.get(column, found[column]) for column in found.column_names})
    cut = ["experiment"] if table in BY_EXPERIMENT else []
    order = _order([_number(found[column]) for column in [*cut, *ORDERS[table]]])
    if not cut:
        yield name, partial(_taken, table, found, order)
        return
    experiments = found["experiment"].combine_chunks()
    ends = np.cumsum(np.bincount(experiments.indices.to_numpy()))
    for key, places in zip(experiments.dictionary.to_pylist(), np.split(order, ends), strict=False):
        yield f"{mark(key)}-{name}", partial(_taken, table, found, places)


def mark(experiment: str) -> str:
    """Return what the names of an experiment's files begin with, whatever characters its key has."""
    return sha256(experiment.encode()).hexdigest()[:12]


def write(part: Part, group: int, path: Path) -> None:
    """Write one file. Units' names and times hardly come twice in a group of rows: a dictionary would only cost."""
    rows = part()
    often = [name for name in rows.column_names if name not in {"id", "unit", "at", "received"}]
    pq.write_table(rows, path, compression="zstd", row_group_size=group, use_dictionary=often)


def _texts(table: str) -> list[str]:
    """The columns of text by which rows are ordered or cut."""
    chosen = {*ORDERS[table], *(["experiment"] if table in BY_EXPERIMENT else [])}
    return [f.name for f in TABLES[table] if f.name in chosen and f.type == pa.string()]


def _in_order(column: pa.ChunkedArray) -> pa.DictionaryArray:
    """Texts as numbers in the order of the texts: those are sorted and moved quickly."""
    texts = column.combine_chunks().dictionary_encode()
    order = pc.sort_indices(texts.dictionary)
    ranks = np.empty(len(order), np.int32)
    ranks[order.to_numpy()] = np.arange(len(order), dtype=np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(ranks[texts.indices.to_numpy()]), texts.dictionary.take(order))


def _number(column: pa.ChunkedArray) -> NDArray[Any]:
    whole = column.combine_chunks()
    numbers = whole.indices if pa.types.is_dictionary(whole.type) else whole
    return np.asarray(numbers.to_numpy(zero_copy_only=False))


def _order(keys: list[NDArray[Any]]) -> NDArray[np.int64]:
    """The places of the rows in order. Where the keys fit into one whole number, they are sorted once, not each."""
    spans = [(k.min().item(), k.max().item()) for k in keys if len(k)]
    size = prod(most - least + 1 for least, most in spans)
    if not spans or not all(k.dtype.kind in "ib" for k in keys) or size >= MOST:
        return np.lexsort(keys[::-1])
    whole = np.zeros(len(keys[0]), np.int64)
    for key, (least, most) in zip(keys, spans, strict=True):
        whole = whole * (most - least + 1) + (key.astype(np.int64) - least)
    return np.argsort(whole.astype(np.min_scalar_type(size)), kind="stable")  # few numbers are sorted by their digits


def _taken(table: str, rows: pa.Table, places: NDArray[np.int64]) -> pa.Table:
    return rows.take(places).cast(TABLES[table])
