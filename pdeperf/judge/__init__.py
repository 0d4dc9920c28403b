"""Pure: what a run brought back in, a verdict out."""

from pdeperf.judge.compare import Comparison, compare, unknown_names, unstable_names
from pdeperf.judge.noise import Growth, Noise, Spread, growths, measure_noise, measure_slack
from pdeperf.judge.speed import Speed, is_decided, judge_speed, median_interval
from pdeperf.judge.values import Capture, Laps, Observable
from pdeperf.judge.verdict import verdict

__all__ = [
    "Capture",
    "Comparison",
    "Growth",
    "Laps",
    "Noise",
    "Observable",
    "Speed",
    "Spread",
    "compare",
    "growths",
    "is_decided",
    "judge_speed",
    "measure_noise",
    "measure_slack",
    "median_interval",
    "unknown_names",
    "unstable_names",
    "verdict",
]
