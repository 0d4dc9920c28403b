"""A matrix that a function returns beside its right side is built once for the same numbers."""

import numpy as np
import pytest
from rewriting import candidates, run

HEAD = """
import numpy as np
from scipy.sparse import lil_matrix, csr_matrix
from scipy.sparse.linalg import spsolve
n = 12
u = np.linspace(0, 1, n)
"""
ASSEMBLE = """
def assemble(u, r):
    A = lil_matrix((n, n))
    b = np.zeros(n)
    for i in range(n):
        A[i, i] = 1 + 2 * r
        b[i] = u[i]
        if i > 0:
            A[i, i - 1] = -r
        else:
            b[i] += 0.5
    return A.tocsr(), b
"""
MARCH = """
for k in range(9):
    A, b = assemble(u, 0.1)
    u = spsolve(A, b)
"""
RETURNED = {
    "converted": ASSEMBLE + MARCH,
    "by SciPy's class": ASSEMBLE.replace("A.tocsr()", "csr_matrix(A)") + MARCH,
    "as it was filled": ASSEMBLE.replace(".tocsr()", "") + MARCH.replace("(A,", "(A.tocsr(),"),
    "another one later": ASSEMBLE + MARCH.replace("0.1", "0.1 * (1 + (k > 5))"),
    "changed by who gets it": ASSEMBLE + MARCH.replace("    u =", "    A.data[2] += 1\n    u ="),
    "dense": ASSEMBLE.replace("lil_matrix", "np.zeros").replace(".tocsr()", "")
    + MARCH.replace("spsolve", "np.linalg.solve"),
    "of an object": """
class Rod:
    def __init__(self):
        self.u, self.r = u, 0.1
    def assemble(self):
        A = lil_matrix((n, n))
        b = np.zeros(n)
        for i in range(n):
            A[i, i] = 1 + self.r * i
            A[i, n - i - 1] -= self.r
            b[i] = self.u[i]
        return A.tocsc(), b
    def advance(self, k):
        if k == 4:
            self.r = 0.3
        A, b = self.assemble()
        self.u = spsolve(A, b)
rod = Rod()
for k in range(9):
    rod.advance(k)
u = rod.u
""",
}


def kept(text, folder):
    return candidates(text, folder, "build-once", patterns="all")


@pytest.mark.parametrize("name", RETURNED)
def test_a_matrix_that_is_returned_is_built_once_for_the_same_numbers(name, tmp_path):
    text = HEAD + RETURNED[name]
    after = kept(text, tmp_path)[0].patches[0].after
    assert "= Kept" in after
    assert ".copy(), b" in after
    one, other = run(text, tmp_path)[0]["u"], run(after, tmp_path)[0]["u"]
    np.testing.assert_array_equal(one, other)


def test_a_matrix_that_is_another_in_every_call_is_built_in_every_call(tmp_path):
    assert not kept(HEAD + ASSEMBLE.replace("1 + 2 * r", "1 + u[i] ** 2") + MARCH, tmp_path)


def test_a_step_that_makes_what_it_needs_anew_keeps_only_the_matrix(tmp_path):
    after = [one.patches[0].after for one in kept(HEAD + RETURNED["of an object"], tmp_path)]
    assert all("A, b = self.assemble()" in text for text in after)
