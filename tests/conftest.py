"""A report with everything in it, for the tests of what stores and shows reports."""

import math
import os
import signal

import pytest

from pdeperf import TRACEBACK
from pdeperf.model import (
    Candidate,
    Comparison,
    Diagnosis,
    Difference,
    Environment,
    Evidence,
    Hotspot,
    Kind,
    Measurement,
    Outcome,
    Patch,
    Refusal,
    Report,
    Safety,
    SourceFile,
    Span,
    Step,
    Trial,
    Verdict,
    Workload,
)

os.environ.setdefault(TRACEBACK, "1")  # a bug of a plugin fails the test that meets it
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as shells start what runs in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)

BEFORE = """import numpy as np

n = 64
u = np.zeros((n, n))
un = u.copy()
u[0, :] = 1.0
for step in range(200):
    for i in range(1, n - 1):
        for j in range(1, n - 1):
            un[i, j] = 0.25 * (u[i + 1, j] + u[i - 1, j] + u[i, j + 1] + u[i, j - 1])
    u, un = un, u
print(u.sum())
"""
AFTER = """import numpy as np
from numba import njit

n = 64


@njit(cache=True)
def sweep(u, un, n):
    for i in range(1, n - 1):
        for j in range(1, n - 1):
            un[i, j] = 0.25 * (u[i + 1, j] + u[i - 1, j] + u[i, j + 1] + u[i, j - 1])


u = np.zeros((n, n))
un = u.copy()
u[0, :] = 1.0
for step in range(200):
    sweep(u, un, n)
    u, un = un, u
print(u.sum())
"""


def make_report(script: str = "heat.py") -> Report:
    """One session of a small solver: profiled, suggested, optimised."""
    where = Span(file=script, first=8, last=10)
    hits = Measurement(
        where=Span(file=script, first=10, last=10),
        metric="hits_count",
        value=768800.0,
        collector="line_profiler",
    )
    share = Measurement(
        where=Span(file=script, first=12, last=12),
        metric="library_share",
        value=0.04,
        collector="pyspy",
        subject="matplotlib",
    )
    line = Measurement(
        where=Span(file=script, first=10, last=10), metric="line_share", value=0.9, collector="pyspy"
    )
    diagnosis = Diagnosis(
        rule="scalar-loop",
        kind=Kind.LOOP,
        where=where,
        message="Python steps through 768,800 cells one at a time.",
        share=0.93,
        headroom=240.0,
        facts=(hits,),
    )
    candidate = Candidate(
        backend="numba",
        title="compile lines 8-10 as one Numba kernel",
        diagnosis=diagnosis,
        patches=(Patch(file=script, before=BEFORE, after=AFTER),),
        safety=Safety.EXACT,
        assumes=("u and un are different arrays",),
        forgets=("i", "j"),
    )
    trial = Trial(
        before_s=(1.2, 1.3, 1.25),
        after_s=(0.1, 0.11, 0.1),
        first_run_s=1.9,
        differences=(
            Difference(observable="u", l2=3e-16, linf=5e-16, allowed=1e-13, worst_index=(3, 4)),
            Difference(observable="stdout[0]", l2=0.0, linf=0.0, allowed=1e-13),
        ),
        unstable=("elapsed",),
        tolerance="rounding",
    )
    wrong = Trial(
        differences=(
            Difference(
                observable="u", l2=math.inf, linf=math.inf, allowed=1e-9, note="shape (5,) became (6,)"
            ),
        )
    )
    kept = Verdict(
        outcome=Outcome.ACCEPTED,
        reason="same results, faster",
        speedup=12.4,
        speedup_low=11.9,
        speedup_high=12.8,
        first_run_speedup=0.66,
    )
    return Report(
        session="20260101T000000-001",
        created="2026-01-01T00:00:00+00:00",
        workload=Workload(script=script, argv=("--n", "64")),
        evidence=Evidence(
            elapsed_s=1.25,
            profiling_s=3.1,
            environment=Environment(
                cpu_model="Test CPU",
                cores_count=2,
                threads_count=2,
                python_version="3.11.7",
                platform="Linux",
                versions=(("numpy", "2.0"),),
            ),
            rows=(hits, share, line),
            hotspots=(
                Hotspot(where=where, share=0.93, headroom=240.0, facts=(hits, line)),
                Hotspot(where=Span(file=script, first=12, last=12), share=0.04, facts=(share,)),
            ),
            notes=("memray was not needed",),
        ),
        sources=(SourceFile(file=script, text=BEFORE),),
        diagnoses=(diagnosis,),
        suggestions=(candidate,),
        refusals=(
            Refusal(
                backend="prange",
                diagnosis=diagnosis,
                where=where,
                reason="u may share memory with un",
                advice="swap the arrays outside the loop",
            ),
        ),
        steps=(
            Step(
                candidate=candidate,
                trial=wrong,
                verdict=Verdict(outcome=Outcome.WRONG, reason="u differs"),
            ),
            Step(candidate=candidate, trial=trial, verdict=kept),
        ),
        overall=Comparison(trial=trial, verdict=kept),
    )


@pytest.fixture
def report() -> Report:
    return make_report()
