"""What only calls one compiled function is no kernel of its own."""

import pytest

from tests.kernel.in_process import difference, proposals, rewritten

STEP = """import numpy as np

def advance(v, w, c):
    total = 0.0
    for i in range(1, len(v) - 1):  # hot
        w[i] = v[i] + c * (v[i + 1] - 2 * v[i] + v[i - 1])
        total += abs(w[i] - v[i])
    return total

u = np.zeros(9)
u[3:5] = 1.0
un = u.copy()
for k in range(4):
    CALL
    u, un = un, u
    print(k, change)
print(u.sum())
"""
OF_GLOBALS = """import numpy as np

n = 9
xs = np.linspace(0.0, 1.0, n)

def residual(lam, u):
    R = np.zeros(n)
    for i in range(1, n - 1):  # hot
        R[i] = u[i - 1] - 2 * u[i] + u[i + 1] - lam * xs[i]
    return R

u = np.zeros(n)
for k in range(4):
    R = residual(k, u)
    u = u + 0.25 * R
    print(k, u.max())
print(R.sum())
"""


def _first(text, folder):
    found, _ = proposals(text, folder)
    return rewritten(found[0])


@pytest.mark.parametrize("call", ["change = advance(u, un, 0.1 * k)", "change = advance(un, u, -1)"])
def test_a_function_that_is_compiled_where_it_stands_is_called_as_before(call, tmp_path):
    text = STEP.replace("CALL", call)
    after = _first(text, tmp_path)
    assert after.count("@njit") == 1 and call in after and "def advance(v, w, c)" in after
    assert difference(text, [[]], tmp_path) == ("same", "")


@pytest.mark.parametrize(
    "call", ["change = advance(u, un, min(0.1, u[3]))", "change = advance(w=un, v=u, c=0.2)"]
)
def test_what_the_call_computes_stays_with_the_kernel(call, tmp_path):
    text = STEP.replace("CALL", call)
    assert difference(text, [[]], tmp_path) == ("same", "")
    assert _first(text, tmp_path).count("@njit") == 2


def test_a_copy_with_the_globals_of_a_function_is_called_itself(tmp_path):
    after = _first(OF_GLOBALS, tmp_path)
    assert after.count("@njit") == 1 and "R = residual_kernel(" in after
    assert difference(OF_GLOBALS, [[]], tmp_path) == ("same", "")
