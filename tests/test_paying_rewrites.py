"""What kernels for all cores gain is held against what they take to compile."""

from dataclasses import replace

import pytest

from pdeperf.model import Diagnosis, Kind, Measurement, Span, Step, Trial
from pdeperf.pipeline.lessons import not_of_kernels_alone, not_shared_out_again, on_one_core, unpaid
from pdeperf.source import Project, parsed
from tests.conftest import make_report


@pytest.mark.parametrize(
    ("before_first_s", "first_s", "after_s", "threaded", "pays"),
    [
        (4.0, 7.0, 1.4, True, False),  # 3 s more for four times 0.3 s
        (4.0, 7.0, 0.5, True, True),
        (4.0, 7.0, 1.4, False, True),  # what another kernel gains is another matter
        (4.0, 4.5, 1.6, True, True),  # neighbours make as much
        (0.0, 7.0, 1.4, True, True),  # the user's own code is before it
        (40.0, 70.0, 1.4, True, False),
    ],
)
def test_all_cores_pay_for_what_they_take_to_compile(
    before_first_s: float, first_s: float, after_s: float, threaded: bool, pays: bool
) -> None:
    trial = Trial(before_s=(1.7, 1.7), after_s=(after_s, after_s), first_run_s=first_s, threaded=threaded)
    assert (unpaid(trial, before_first_s) == "") is pays


def test_runs_of_a_minute_pay_for_it() -> None:
    trial = Trial(before_s=(60.0,), after_s=(40.0,), first_run_s=70.0, threaded=True)
    assert unpaid(trial, 60.0) == ""


def of(step: Step, *, threaded: bool) -> Step:
    """The step, run on one core or on all."""
    return replace(step, trial=replace(step.trial, threaded=threaded))


def test_a_kernel_that_was_tried_on_all_cores_is_settled() -> None:
    step = make_report().steps[0]
    one, other = of(step, threaded=False), of(step, threaded=True)
    assert on_one_core([other, one], one)
    assert not on_one_core([other, one], other)
    assert not on_one_core([one, of(step, threaded=False)], one)
    fused = replace(one, candidate=replace(one.candidate, backend="fuse-arrays"))
    assert on_one_core([replace(fused), fused], fused), "all cores promised less than both"
    assert not on_one_core([one, fused], fused)
    diagnosis = replace(step.candidate.diagnosis, where=Span(file="heat.py", first=99, last=99))
    elsewhere = replace(other, candidate=replace(other.candidate, diagnosis=diagnosis))
    assert not on_one_core([elsewhere, one], one)


def test_settled_kernels_are_not_shared_out_again() -> None:
    text = "def update(u):\n    u[0] = 1\n\n\ndef own(u):\n    u[0] = 2\n"
    project = Project({"heat.py": parsed("heat.py", text, is_script=True)}, ())

    def found(rule: str, line: int) -> Diagnosis:
        where = Span(file="heat.py", first=line, last=line)
        return Diagnosis(rule=rule, kind=Kind.LOOP, where=where, message="")

    places = [found("serial-kernel", 2), found("scalar-loop", 2), found("serial-kernel", 6)]
    assert not_shared_out_again(places, project, frozenset(("update",))) == tuple(places[1:])
    assert not_shared_out_again(places, project, frozenset()) == tuple(places)
    for name in ("pairwise_sum", "copy_into", "highest_of"):  # order makes the bits, or there is little in it
        helper = Project({"heat.py": parsed("heat.py", text.replace("own", name), is_script=True)}, ())
        assert not_shared_out_again(places, helper, frozenset()) == tuple(places[:2])


LOOP = """@njit(cache=True)
def update_u(u):
    u[0] += 1


while t < 1:
    update_u(
        u,
    )
    history.append(u.max())
    t += dt
"""


@pytest.mark.parametrize(
    ("call_s", "calls_count", "rest_s", "rule", "is_kept"),
    [
        (2.0, 100, 0.05, "scalar-loop", False),
        (2.0, 100, 0.05, "array-temporaries", False),
        (2.0, 100, 0.3, "scalar-loop", True),  # an eighth is worth a rewrite
        (2.0, 40_000, 0.05, "scalar-loop", True),  # so many calls are
        (2.0, 100, 0.05, "serial-kernel", True),  # of the kernel itself
        (2.0, 100, 0.05, "repeated-factorisation", True),
        (0.0, 0, 2.0, "scalar-loop", True),  # the kernel was not used
        (30.0, 100, 1.0, "scalar-loop", True),  # compiled while it was watched: the script has 3 s
    ],
)
def test_loops_around_kernels_are_left_alone(call_s, calls_count, rest_s, rule, is_kept) -> None:
    project = Project({"heat.py": parsed("heat.py", LOOP, is_script=True)}, ())
    lines = {7: (calls_count, call_s), 10: (100, rest_s / 2), 11: (100, rest_s / 2)}
    rows = [
        Measurement(
            where=Span(file="heat.py", first=line, last=line), metric=metric, value=value, collector="any"
        )
        for line, told in lines.items()
        for metric, value in zip(("hits_count", "line_time_s"), told, strict=True)
        if told[0]
    ]
    evidence = replace(make_report().evidence, rows=tuple(rows), elapsed_s=3.0)
    where = Span(file="heat.py", first=6, last=11)
    diagnosis = Diagnosis(rule=rule, kind=Kind.LOOP, where=where, message="")
    kept = not_of_kernels_alone([diagnosis], evidence, project, {"update_u", "len"}, 1.1)
    assert kept == ((diagnosis,) if is_kept else ())
    assert not_of_kernels_alone([diagnosis], evidence, project, set(), 1.1) == (diagnosis,)
