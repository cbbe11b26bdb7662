"""What a report is made of: an experiment, one of its snapshots and a look after launch; nothing changes by itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.snapshot import Snapshot

if TYPE_CHECKING:  # reports read its fields only, and load no database code
    from experiments.followup import FollowUp
    from experiments.registry.experiments import Decision, Experiment
    from experiments.registry.pictures import Whole


@dataclass(frozen=True)
class Report:
    """A snapshot and the experiment it belongs to. Every time in a report is that of something stored.

    `after` is how what was kept fares, by a look of its own date and hash. `earlier` returns the official looks that
    the snapshot saw; only a format that computes again asks for them.
    """

    experiment: "Experiment"
    snapshot: Snapshot
    earlier: Callable[[], Sequence[Snapshot]] = tuple
    after: "FollowUp | None" = None
    pictures: "Sequence[Whole]" = ()

    @property
    def decision(self) -> "Decision | None":
        """What was decided, if it was decided on this phase."""
        return self.experiment.decision if self.snapshot.frozen.phase == self.experiment.phase else None

    @property
    def name(self) -> str:
        """The experiment's title as it is now; texts may be mended after launch."""
        return self.experiment.plan.name

    @property
    def file_stem(self) -> str:
        """A file name without its ending: key and snapshot number."""
        return f"{self.snapshot.experiment}-r{self.snapshot.number}"
