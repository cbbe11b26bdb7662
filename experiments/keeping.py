"""Moments as a snapshot keeps them, and back: with these every number of a snapshot can be computed again."""

from experiments.snapshot import Arm, ArmMoments
from experiments.warehouse.moments import Cell
from stats import Moments


def kept(cell: Cell) -> ArmMoments:
    """Return one arm's cell as a snapshot keeps it, exactly."""
    return kept_moments(cell.moments).model_copy(update={"rows": cell.rows, "spread": cell.spread})


def kept_moments(moments: Moments) -> ArmMoments:
    """Return moments of one arm, without batch axes, as a snapshot keeps them."""
    return ArmMoments(
        n=float(moments.n), names=moments.names, mean=tuple(moments.mean.tolist()),
        cov=tuple(map(tuple, moments.cov.tolist())),
    )  # fmt: skip


def moments_of(arm: ArmMoments) -> Moments:
    """Return the moments that `kept_moments` was given."""
    return Moments(arm.names, arm.n, arm.mean, arm.cov)  # type: ignore[arg-type]  # it makes arrays of them


def cell_of(arm: Arm, waiting: int = 0) -> Cell | None:
    """Return the cell that an arm was made of; None in a snapshot from before moments were kept."""
    held = arm.moments
    return None if held is None else Cell(moments_of(held), waiting, held.rows, arm.steps, held.spread)
