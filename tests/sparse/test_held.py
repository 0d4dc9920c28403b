"""Factors of matrices that are kept are found by identity, and are those of the right matrix."""

import numpy as np
import pytest
from rewriting import candidates, run

HEAD = """
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve
n = 12
u = np.linspace(0, 1, n)
def build(c):
    A = sp.lil_matrix((n, n))
    for i in range(n):
        A[i, i] = 2 + c
        if i > 0:
            A[i, i - 1] = -c
    return A.tocsr()
"""

SCRIPTS = {
    "a step that changes in turn": """
for k in range(12):
    c = (0.1, 0.2, 0.3, 0.4)[k % 4]
    A = build(c)
    u = spsolve(A, u)
""",
    "dense": """
def advance(u, c):
    A = np.eye(n)
    for i in range(1, n):
        A[i, i - 1] = -c
    return np.linalg.solve(A, u)
for k in range(12):
    u = advance(u, 0.1 if k % 3 else 0.2)
""",
    "an object": """
class Heat:
    def __init__(self):
        self.A = None
        self.c = 0.1
        self.u = u
    def step(self):
        self.A = build(self.c)
        self.u = spsolve(self.A, self.u)
heat = Heat()
for k in range(9):
    heat.c = 0.1 + 0.1 * (k > 4)
    heat.step()
u = heat.u
""",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_factors_are_kept_for_each_matrix_that_is_kept(name, tmp_path):
    text = HEAD + SCRIPTS[name]
    built = candidates(text, tmp_path, "build-once")[0].patches[0].after
    found = candidates(built, tmp_path, "factorise-once")
    assert "FactorisedWhileSameObject" in found[0].patches[0].after
    before = run(text, tmp_path)[0]["u"]
    for candidate in found:
        np.testing.assert_allclose(run(candidate.patches[0].after, tmp_path)[0]["u"], before, rtol=1e-12)


def test_a_matrix_that_is_also_bound_otherwise_is_compared(tmp_path):
    text = HEAD + SCRIPTS["an object"].replace(
        "    def step", "    def other(self, A):\n        self.A = A\n    def step"
    )
    for built in candidates(text, tmp_path, "build-once"):
        for candidate in candidates(built.patches[0].after, tmp_path, "factorise-once"):
            assert "FactorisedWhileSameObject" not in candidate.patches[0].after


FACTORISED_FIRST = """
class Scheme:
    def __init__(self, n, dt=0.1):
        self.n, self.dt = n, dt
        self.K = sp.csr_matrix(sp.diags([-1.0, 2.0, -1.0], [-1, 0, 1], shape=(n, n)))
        self.u = np.arange(1.0, n + 1)

    def step(self, k):
        CHANGED
        I = sp.eye(self.n)
        left = sp.csc_matrix(I + 0.5 * self.dt * self.K)
        right = sp.csr_matrix(I - 0.5 * self.dt * self.K)
        AFTER
        self.u = spsolve(left, right @ self.u)

scheme = Scheme(12)
for k in range(30):
    scheme.step(k)
u = scheme.u
"""


@pytest.mark.parametrize("changed", ("pass", "if k == 17: self.dt = 0.2"))
def test_what_is_factorised_is_built_once_afterwards(changed, tmp_path):
    text = HEAD + FACTORISED_FIRST.replace("CHANGED", changed).replace("AFTER", "pass")
    before = run(text, tmp_path)[0]["u"]
    found = candidates(text, tmp_path, "factorise-once", patterns=True)
    assert found
    for first in found:
        (second,) = candidates(first.patches[0].after, tmp_path, "build-once", patterns=True)
        after = second.patches[0].after
        assert "spsolve(left" not in after and "left, right = kept_left_right(build" in after
        np.testing.assert_allclose(run(after, tmp_path)[0]["u"], before, rtol=1e-12)


@pytest.mark.parametrize(
    ("changed", "afterwards"),
    (
        ("if k == 17: self.K.data *= 2", "pass"),
        ("if k == 17: self.K[0, 0] = 9.0", "pass"),
        ("pass", "left.data[0] += 0.01 * k"),
        ("pass", "right = right * (1 + 0.01 * k)"),
        ("pass", "if k == 17: self.n = 12 + k * 0; self.K = self.K * 2"),
    ),
)
def test_a_matrix_that_changes_in_one_step_is_followed(changed, afterwards, tmp_path):
    text = HEAD + FACTORISED_FIRST.replace("CHANGED", changed).replace("AFTER", afterwards)
    before = run(text, tmp_path)[0]["u"]
    for first in candidates(text, tmp_path, "factorise-once", patterns=True):
        for second in candidates(first.patches[0].after, tmp_path, "build-once", patterns=True):
            after = run(second.patches[0].after, tmp_path)[0]["u"]
            np.testing.assert_allclose(after, before, rtol=1e-12)
