"""Kernels of a candidate are spread over cores once, whatever stands beside them afterwards."""

import pytest

from pdeperf.arrays.rivals import on_all_cores
from pdeperf.model import Candidate, Diagnosis, Kind, Patch, Safety, Span
from pdeperf.source import Project

CALL = """
u, v = np.zeros((9, 9)), np.ones((9, 9))
step(u, v)
"""
KERNEL = """import numpy as np
from numba import njit


@njit(cache=True)
def step(u, v):
    for i in range(1, u.shape[0] - 1):
        for j in range(1, u.shape[1] - 1):
            v[i, j] = u[i + 1, j] - u[i - 1, j]

"""


@pytest.mark.timeout(60)
def test_a_serial_version_beside_a_kernel_is_not_changed_again():
    where = Span(file="a.py", first=1, last=1)
    candidate = Candidate(
        backend="fuse-arrays",
        title="fuse",
        diagnosis=Diagnosis(rule="array-temporaries", kind=Kind.ALLOCATION, where=where, message=""),
        patches=(Patch(file="a.py", before="import numpy as np\n" + CALL, after=KERNEL + CALL),),
        safety=Safety.EXACT,
    )
    found = on_all_cores(candidate, Project.from_texts({"a.py": candidate.patches[0].before}))
    assert found is not None
    assert found.patches[0].after.count("prange(") == 1
    assert "def step_serial(" in found.patches[0].after
