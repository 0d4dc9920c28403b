"""Runs old and new side by side, each in a fresh process, and brings back what they did."""

from pdeperf.trial.baseline import (
    Baseline,
    BaselineError,
    CorruptError,
    IncompatibleError,
    MissingError,
    drift,
    load_baseline,
    rerun,
    save_baseline,
    validate,
)
from pdeperf.trial.original import Original, measure_original
from pdeperf.trial.run import Run, Setting, run_once, setting
from pdeperf.trial.trial import Effort, judge_results, try_candidate

__all__ = [
    "Baseline",
    "BaselineError",
    "CorruptError",
    "Effort",
    "IncompatibleError",
    "MissingError",
    "Original",
    "Run",
    "Setting",
    "drift",
    "judge_results",
    "load_baseline",
    "measure_original",
    "rerun",
    "run_once",
    "save_baseline",
    "setting",
    "try_candidate",
    "validate",
]
