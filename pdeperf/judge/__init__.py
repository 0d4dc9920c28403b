"""Pure: what a run brought back in, a verdict out."""

from pdeperf.judge.compare import Comparison, Noise, compare, measure_noise, unstable_names
from pdeperf.judge.values import Capture, Observable
from pdeperf.judge.verdict import interval, speed_is_clear, verdict

__all__ = [
    "Capture",
    "Comparison",
    "Noise",
    "Observable",
    "compare",
    "interval",
    "measure_noise",
    "speed_is_clear",
    "unstable_names",
    "verdict",
]
