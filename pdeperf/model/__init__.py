"""The frozen values that travel through pdeperf: standard library only.

Workload -> Evidence -> Diagnosis -> Candidate -> Trial -> Verdict -> Report
"""

from pdeperf.model.candidate import Candidate, Patch, Refusal, Safety
from pdeperf.model.diagnosis import Diagnosis, Kind
from pdeperf.model.evidence import Environment, Evidence, Hotspot, Measurement
from pdeperf.model.history import PastRun
from pdeperf.model.ranks import Rank, RanksProfile, ScalePoint, Scaling, Wait
from pdeperf.model.report import Comparison, Report, SourceFile, Step
from pdeperf.model.span import Span
from pdeperf.model.trial import Difference, Outcome, Trial, Verdict
from pdeperf.model.validation import ConvergenceOrder, InputResult, Validation
from pdeperf.model.workload import Tolerance, Workload

__all__ = [
    "Candidate",
    "Comparison",
    "ConvergenceOrder",
    "Diagnosis",
    "Difference",
    "Environment",
    "Evidence",
    "Hotspot",
    "InputResult",
    "Kind",
    "Measurement",
    "Outcome",
    "PastRun",
    "Patch",
    "Rank",
    "RanksProfile",
    "Refusal",
    "Report",
    "Safety",
    "ScalePoint",
    "Scaling",
    "SourceFile",
    "Span",
    "Step",
    "Tolerance",
    "Trial",
    "Validation",
    "Verdict",
    "Wait",
    "Workload",
]
