"""After a clear loss, the lesser rewrites of the same place are not tried."""

from dataclasses import replace

import pytest

from pdeperf.guest.launch import Finished, describe_failure
from pdeperf.judge import verdict
from pdeperf.model import Candidate, Diagnosis, Kind, Outcome, Refusal, Safety, Span, Step, Trial, Verdict
from pdeperf.pipeline.lessons import differs_from_itself, is_lost, is_too_short
from pdeperf.pipeline.origin import is_of_ours, made_by_rewrites
from pdeperf.pipeline.settings import Settings

WHERE = Span(file="script.py", first=3, last=9)
CANDIDATE = Candidate(
    backend="numba",
    title="compile lines 3-9",
    diagnosis=Diagnosis(rule="scalar-loop", kind=Kind.LOOP, where=WHERE, message=""),
    patches=(),
    safety=Safety.EXACT,
)


@pytest.mark.parametrize(
    ("outcome", "speedup", "lost"),
    [
        (Outcome.SLOWER, 0.5, True),
        (Outcome.SLOWER, 0.97, False),
        (Outcome.WRONG, 0.5, False),
        (Outcome.FAILED, 0.0, False),
        (Outcome.ACCEPTED, 3.0, False),
    ],
)
def test_only_what_is_clearly_slower_is_lost(outcome, speedup, lost):
    verdict = Verdict(outcome=outcome, reason="", speedup=speedup)
    step = Step(candidate=CANDIDATE, trial=Trial(), verdict=verdict)
    assert is_lost(step, Settings()) is lost


def test_what_was_stopped_at_the_time_limit_is_lost():
    finished = Finished(returncode=-9, wall_s=103.0, cpu_s=103.0, timed_out=True, stdout="", stderr="")
    failure = describe_failure(finished, "nozzle.py")
    step = Step(
        candidate=CANDIDATE,
        trial=Trial(failure=failure),
        verdict=Verdict(outcome=Outcome.FAILED, reason=failure),
    )
    assert is_lost(step, Settings())


def test_who_accepts_a_loss_has_all_rewrites_tried():
    verdict = Verdict(outcome=Outcome.SLOWER, reason="", speedup=0.5)
    step = Step(candidate=CANDIDATE, trial=Trial(), verdict=verdict)
    assert not is_lost(step, replace(Settings(), min_speedup=0.1))


@pytest.mark.parametrize(
    ("speedup", "threaded", "before_s", "short"),
    [(1.04, True, 1.2, True), (1.04, False, 1.2, False), (0.3, True, 1.2, False), (1.04, True, 60.0, False)],
)
def test_short_runs_do_not_tell_what_cores_gain(speedup, threaded, before_s, short):
    trial = Trial(before_s=(before_s, before_s), after_s=(before_s, before_s), threaded=threaded)
    verdict = Verdict(outcome=Outcome.SLOWER, reason="", speedup=speedup)
    assert is_too_short(trial, verdict) is short


@pytest.mark.parametrize(
    ("reason", "ours"),
    [
        ("`are_arrays` takes a variable number of arguments", True),
        ("it calls `u.are_arrays`", False),
        ("`update_u`, line 14: GeneratorExp cannot be compiled", True),
        ("it calls numpy.may_share_memory, which a compiled kernel cannot do the same way", True),
        ("`flux`, line 14: GeneratorExp cannot be compiled", False),
    ],
)
def test_nothing_is_said_of_what_rewrites_have_added(reason, ours):
    refusal = Refusal(backend="numba", diagnosis=CANDIDATE.diagnosis, where=WHERE, reason=reason)
    now = "def update_u(u):\n    u += flux(u)\n\nif not np.may_share_memory(u, v):\n    update_u(u)\n"
    made = made_by_rewrites({"script.py": "u += flux(u)\n"}, {"script.py": now})
    assert is_of_ours(refusal, made) is ours


@pytest.mark.parametrize(
    ("trial", "hopeless"),
    [
        (Trial(unstable=("stdout", "loop 'for k'[2]:u")), True),
        (Trial(unstable=("elapsed",), before_s=(1.0,), after_s=(2.0,)), False),
        (Trial(unstable=("elapsed",), unjudged=("u",)), False),
        (Trial(), False),
    ],
)
def test_where_the_original_differs_from_itself_one_trial_is_enough(trial, hopeless):
    found = verdict(trial)
    step = Step(candidate=CANDIDATE, trial=trial, verdict=found)
    assert differs_from_itself(step) is hopeless
    assert ("compared (stdout, u): seed its random numbers" in found.reason) is hopeless
