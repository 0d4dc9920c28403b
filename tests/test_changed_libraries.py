"""A program that puts its own functions into a library is left alone."""

import pytest

from pdeperf.model import Candidate, Diagnosis, Kind, Refusal, Span
from pdeperf.pipeline.profiling import proposals
from pdeperf.source import Project

SCRIPT = """\
import math
import sys
import numpy as np
import numpy.random
u = [0.5] * 9
for t in range(3):
    for i in range(1, 9):
        u[i] = 0.5 * u[i - 1] * math.pi
    {change}
"""


def found(change):
    project = Project.from_texts({"script.py": SCRIPT.format(change=change)})
    where = Span(file="script.py", first=6, last=9)
    return list(proposals(Diagnosis(rule="scalar-loop", kind=Kind.LOOP, where=where, message=""), project))


@pytest.mark.parametrize(
    "change",
    ["math.pi = 3", "np.roll = len", "numpy.random.rand = len", 'setattr(np, "roll", len)', "del math.tau"],
)
def test_a_library_that_is_changed_stops_every_rewrite(change):
    told = found(change)
    assert not any(isinstance(one, Candidate) for one in told)
    assert "belongs to a library" in told[0].reason


@pytest.mark.parametrize("change", ["sys.stdout = sys.stderr", "u[0] = math.e", 'np.seterr(all="ignore")'])
def test_what_no_rewrite_counts_on_may_change(change):
    assert not any("belongs to a library" in one.reason for one in found(change) if isinstance(one, Refusal))
