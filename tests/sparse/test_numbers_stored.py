"""Numbers that are stored into an array made here share nothing with it; objects in a list do."""

import numpy as np
import pytest
from rewriting import candidates, run

TEXT = """
import numpy as np
from scipy.sparse import lil_matrix
from scipy.sparse.linalg import spsolve

class Heat:
    def __init__(self, n):
        self.n, self.left, self.u = n, 0.5, np.sin(np.arange(1.0, n + 1))

    def flux(self, u):
        return 1 + u ** 2

    def solved(self, u):
        n = self.n
        A = lil_matrix((n, n))
        MADE
        A[0, 0] = 1.0
        FIRST
        A[n - 1, n - 1] = 1.0
        for i in range(1, n - 1):
            k = self.flux(u[i])
            A[i, i - 1] = -k
            A[i, i] = 1 + 2 * k
            A[i, i + 1] = -k
            b[i] = u[i] - 0.1 * u[i - 1]
        return spsolve(A.tocsr(), np.array(b, dtype=float))

    def step(self):
        self.u = self.solved(self.u)

heat = Heat(12)
for k in range(4):
    heat.step()
u = heat.u
"""
APART = {
    "an attribute": ("b = np.zeros(n)", "b[0] = self.left"),
    "an element of what is read": ("b = np.zeros(n)", "b[0] = u[0]"),
    "a type": ("b = np.zeros(n, dtype=np.float64)", "b[0] = u[0] + self.left"),
    "added to": ("b = np.ones(n, float)", "b[0] += self.left"),
}
TOGETHER = {
    "the array itself": ("b = u", "b[0] = self.left"),
    "the array at times": ("b = np.zeros(n)\n        if n > 5: b = u", "b[0] = self.left"),
    "objects": ("b = np.zeros(n, dtype=object)", "b[0] = self.left"),
}


def first(made, stored, folder):
    text = TEXT.replace("MADE", made).replace("FIRST", stored)
    found = candidates(text, folder, "coo-assembly")
    return text, found


@pytest.mark.parametrize("name", APART)
def test_an_array_that_takes_numbers_is_apart(name, tmp_path):
    text, found = first(*APART[name], tmp_path)
    assert "at once" in found[0].title
    before = run(text, tmp_path)[0]["u"]
    for one in found:
        np.testing.assert_allclose(run(one.patches[0].after, tmp_path)[0]["u"], before, rtol=1e-12)


@pytest.mark.parametrize("name", TOGETHER)
def test_what_may_be_one_is_not_taken_apart(name, tmp_path):
    text, found = first(*TOGETHER[name], tmp_path)
    assert not any("at once" in one.title for one in found)
    before = run(text, tmp_path)[0]["u"]
    for one in found:
        np.testing.assert_allclose(run(one.patches[0].after, tmp_path)[0]["u"], before, rtol=1e-12)
