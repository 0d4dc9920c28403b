"""``validate --refine``: a rewrite keeps the order of convergence, or is wrong."""

import pytest

POISSON = """
import numpy as np
N = 17
x = np.linspace(0.0, 1.0, N)
h = x[1] - x[0]
A = np.diag(2 * np.ones(N - 2)) - np.diag(np.ones(N - 3), 1) - np.diag(np.ones(N - 3), -1)
u = np.zeros(N)
u[1:-1] = np.linalg.solve(A / h**2, np.exp(x[1:-1]))
"""


@pytest.fixture
def kept(pdeperf, folder):
    (folder / "poisson.py").write_text(POISSON)
    assert pdeperf("baseline", "poisson.py", "-q", "--name", "baselines/poisson").code == 0
    return folder


def validated(pdeperf, folder, source):
    (folder / "poisson.py").write_text(source)
    call = ["--baseline", "baselines/poisson", "-q", "--no-timing", "--refine", "N=17,33,65"]
    return pdeperf("validate", "poisson.py", *call)


def test_another_direct_solver_keeps_the_order(pdeperf, kept):
    source = POISSON.replace("np.linalg.solve(A / h**2, ", "h**2 * np.linalg.inv(A) @ (")
    found = validated(pdeperf, kept, source)
    assert found.code == 0, found.both
    assert "Order of u over N: 2.07 before, 2.07 after" in found.out


def test_what_is_wrong_at_another_resolution_only_is_wrong(pdeperf, kept):
    source = POISSON.replace("np.exp(x[1:-1])", "np.exp(x[1:-1]) + (h if N > 40 else 0.0)")
    found = validated(pdeperf, kept, source)
    assert found.code == 1, found.both
    assert "with N=65" in found.out
