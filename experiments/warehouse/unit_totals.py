"""One row per unit: the totals behind one metric in one variant, for replays, which moments cannot serve."""

import numpy as np
from numpy.typing import NDArray

from experiments.warehouse.moments import Question, _columns, _per_unit

USED = ("y", "d", "pre")


def unit_totals(question: Question, metric: str, variant: str) -> dict[str, NDArray[np.float64]]:
    """Return y, and d of a ratio and the pre-period where there are any, of each analysed unit, `[units]`, by unit.

    Units whose window is still open are left out.
    """
    rows = _per_unit(question, [metric])
    mine = rows.filter((rows.variant == question.variants.index(variant)) & rows.m0_y.notnull()).order_by("unit")
    names = [name for name in _columns(question, metric) if name in USED]
    table = mine.select(**{name: mine[f"m0_{name}"] for name in names}).to_pyarrow()
    return {name: table[name].to_numpy().astype(np.float64) for name in names}
