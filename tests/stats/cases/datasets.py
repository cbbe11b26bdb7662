"""Small data sets that R brings along, and the p-values of a paper: inputs of published tests."""

from typing import Any

import numpy as np

# Benjamini and Hochberg 1995, their example.
BENJAMINI_HOCHBERG = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
]  # fmt: skip
# Student 1908: extra hours of sleep under two drugs.
SLEEP = (
    [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0],
    [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
)
# Beall 1942: insects left after six sprays.
INSECTS = (
    [10, 7, 20, 14, 14, 12, 10, 23, 17, 20, 14, 13],
    [11, 17, 21, 11, 16, 14, 17, 17, 19, 21, 7, 13],
    [0, 1, 7, 2, 3, 1, 2, 1, 3, 0, 1, 4],
    [3, 5, 12, 6, 4, 3, 5, 5, 5, 5, 2, 4],
    [3, 5, 3, 5, 3, 6, 1, 1, 3, 2, 6, 4],
    [11, 9, 15, 22, 15, 16, 13, 10, 26, 26, 24, 13],
)

_arms = {"control": SLEEP[1], "treatment": SLEEP[0]}
_groups = {
    "effects": [float(np.mean(group)) for group in INSECTS],
    "variances": [float(np.var(group, ddof=1)) / len(group) for group in INSECTS],
    "df": [float(len(group) - 1) for group in INSECTS],
}

TESTS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "t.test sleep": ("Welch t from rows", _arms, {"t": 0, "df": 1, "p": 2, "ci": (3, 5)}),
    "wilcox.test sleep": ("Mann-Whitney, as wilcox.test", _arms, {"W": 0, "p": 1}),
    "oneway.test InsectSprays": (
        "Heterogeneity of means, Welch 1951", _groups, {"F": 0, "df_num": 1, "df_denom": 2, "p": 3},
    ),
}  # fmt: skip
