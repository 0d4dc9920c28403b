"""What kernels for all cores gain is held against what they take to compile."""

from dataclasses import replace

import pytest

from pdeperf.model import Diagnosis, Kind, Span, Step, Trial
from pdeperf.pipeline.lessons import not_shared_out_again, on_one_core, unpaid
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
    helper = Project({"heat.py": parsed("heat.py", text.replace("own", "pairwise_sum"), is_script=True)}, ())
    assert not_shared_out_again(places, helper, frozenset()) == tuple(places[:2]), "order makes the bits"
