"""What somebody must hear of without looking: problems of the pipeline, and verdicts that ask for a decision."""

from experiments.alerts.problems import Problem, found
from experiments.alerts.told import watch

__all__ = ["Problem", "found", "watch"]
