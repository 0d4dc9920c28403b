"""What a diagnosis promises to save is not what solvers take in the same place."""

import pytest

from pdeperf.model import Hotspot, Measurement, Span
from pdeperf.plugins import detectors
from pdeperf.source import Project

SCRIPT = """
import numpy as np

for k in range(100):
    u = np.linalg.solve(A, B @ u)
    v = np.abs(u) ** 2 + 0.5 * u
    for i in range(n):
        w[i] = w[i] + v[i] * x[i]
"""


def seen(line, metric, value, subject):
    where = Span(file="script.py", first=line, last=line)
    return Measurement(where=where, metric=metric, value=value, subject=subject, collector="test")


@pytest.mark.parametrize(("library", "wanted"), [("OpenBLAS", 0.25), ("numpy", 0.95), ("SuperLU", 0.25)])
@pytest.mark.parametrize("rule", ["array-temporaries", "scalar-loop"])
def test_what_a_solver_takes_is_no_share_of_loops_of_ours(rule, library, wanted):
    types = [
        seen(4, metric, value, name)
        for name, ndim in (("u", 1.0), ("v", 1.0), ("w", 1.0), ("x", 1.0), ("A", 2.0), ("B", 2.0))
        for metric, value in (("type", "numpy.ndarray"), ("dtype", "float64"), ("ndim", ndim))
    ]
    facts = (*types, seen(5, "native_library_share", 0.7, library))
    hotspot = Hotspot(where=Span(file="script.py", first=4, last=8), share=0.95, facts=facts)
    project = Project.from_texts({"script.py": SCRIPT}, tuple(types))
    detector = next(one for one in detectors() if one.rule == rule)
    (found,) = detector.detect(hotspot, project)
    assert found.share == pytest.approx(wanted)
