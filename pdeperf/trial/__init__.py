"""Runs old and new side by side, each in a fresh process, and brings back what they did."""

from pdeperf.trial.baseline import drift, machine_changes, rerun, validate
from pdeperf.trial.keeping import (
    Baseline,
    BaselineError,
    CorruptError,
    IncompatibleError,
    MissingError,
    save_baseline,
)
from pdeperf.trial.original import Original, measure_original
from pdeperf.trial.pairs import Effort
from pdeperf.trial.reading import load_baseline
from pdeperf.trial.run import Run, Setting, run_once, setting
from pdeperf.trial.trial import judge_results, try_candidate

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
    "machine_changes",
    "measure_original",
    "rerun",
    "run_once",
    "save_baseline",
    "setting",
    "try_candidate",
    "validate",
]
