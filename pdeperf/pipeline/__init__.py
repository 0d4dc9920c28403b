"""The flow: profile, diagnose, propose, try, judge, repeat; the only room that knows every stage."""

from pdeperf.pipeline.optimisation import final_sources, optimize
from pdeperf.pipeline.profiling import profile, suggest
from pdeperf.pipeline.settings import PipelineError, Progress, Settings
from pdeperf.pipeline.validation import Demands, baseline, validate

__all__ = [
    "Demands",
    "PipelineError",
    "Progress",
    "Settings",
    "baseline",
    "final_sources",
    "optimize",
    "profile",
    "suggest",
    "validate",
]
