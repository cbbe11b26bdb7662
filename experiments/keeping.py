"""Moments as a snapshot keeps them, and back: with these every number of a snapshot can be computed again."""

from dataclasses import replace
from typing import Literal

import numpy as np

from experiments.snapshot import Arm, ArmMoments, Uncapped
from experiments.warehouse.moments import Cell
from stats import Moments


def kept(cell: Cell, *, adjusted: bool = True) -> ArmMoments:
    """Return one arm's cell as a snapshot keeps it, exactly; without covariates where no effect is adjusted."""
    names = [n for n in cell.moments.names if adjusted or n in ("y", "d")]
    return kept_moments(cell.moments.only(names)).model_copy(update={"rows": cell.rows, "spread": cell.spread})


def kept_moments(moments: Moments) -> ArmMoments:
    """Return moments of one arm, without batch axes, as a snapshot keeps them."""
    return ArmMoments(
        n=float(moments.n), names=moments.names, mean=tuple(moments.mean.tolist()),
        cov=tuple(moments.cov[np.tril_indices(len(moments.names))].tolist()),
    )  # fmt: skip


def moments_of(arm: ArmMoments) -> Moments:
    """Return the moments that `kept_moments` was given; without numpy's triangles, as pages ask for hundreds."""
    k, kept = len(arm.names), arm.cov
    place = [[max(i, j) * (max(i, j) + 1) // 2 + min(i, j) for j in range(k)] for i in range(k)]
    whole = [[kept[at] for at in row] for row in place]
    return Moments(arm.names, np.array(arm.n), np.array(arm.mean), np.array(whole).reshape(k, k))


def without_cap(cell: Cell, kept: Uncapped | None, side: Literal["control", "variant"]) -> Cell:
    """Return the cell with what a snapshot kept of it without the metric's cap, if it kept that."""
    if kept is None:
        return cell
    arm, capped = (kept.control, kept.capped[0]) if side == "control" else (kept.variant, kept.capped[1])
    return replace(cell, uncapped=cell_of(arm), capped=capped)


def cell_of(arm: Arm, waiting: int = 0) -> Cell | None:
    """Return the cell that an arm was made of; None in a snapshot from before moments were kept."""
    held = arm.moments
    return None if held is None else Cell(moments_of(held), waiting, held.rows, arm.steps, held.spread)
