"""One row per unit: the totals behind one metric in one variant, for replays, which moments cannot serve."""

import numpy as np
from numpy.typing import NDArray

from experiments.warehouse.moments import Question, _columns, per_unit, prefix

USED = ("y", "d", "pre")


def unit_totals(question: Question, metric: str, variant: str) -> dict[str, NDArray[np.float64]]:
    """Return y, and d of a ratio and the pre-period where there are any, of each analysed unit, `[units]`, by unit.

    Units whose window is still open are left out.
    """
    rows, begins = per_unit(question, [metric]), prefix(question, metric)
    of_variant = rows.variant == question.variants.index(variant)
    mine = rows.filter(of_variant & rows[f"{begins}_y"].notnull()).order_by("unit")
    names = [name for name in _columns(question, metric) if name in USED]
    table = mine.select(**{name: mine[f"{begins}_{name}"] for name in names}).to_pyarrow()
    return {name: table[name].to_numpy().astype(np.float64) for name in names}
