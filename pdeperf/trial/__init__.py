"""Runs old and new side by side, each in a fresh process, and brings back what they did."""

from pdeperf.trial.original import Original, measure_original
from pdeperf.trial.run import Run, Setting, run_once, setting
from pdeperf.trial.trial import Effort, judge_results, try_candidate

__all__ = [
    "Effort",
    "Original",
    "Run",
    "Setting",
    "judge_results",
    "measure_original",
    "run_once",
    "setting",
    "try_candidate",
]
