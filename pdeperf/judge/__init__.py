"""Pure: what a run brought back in, a verdict out."""

from pdeperf.judge.compare import Comparison, compare, unstable_names
from pdeperf.judge.noise import Growth, Noise, Spread, growth, measure_noise, measure_slack, widened
from pdeperf.judge.values import Capture, Laps, Observable
from pdeperf.judge.verdict import interval, speed_is_clear, verdict

__all__ = [
    "Capture",
    "Comparison",
    "Growth",
    "Laps",
    "Noise",
    "Observable",
    "Spread",
    "compare",
    "growth",
    "interval",
    "measure_noise",
    "measure_slack",
    "speed_is_clear",
    "unstable_names",
    "verdict",
    "widened",
]
