"""Factors that functions make again and again are kept for matrices that come again, equal to the bit."""

import numpy as np
import pytest
from rewriting import candidates, run

HEAD = """
import numpy as np
import scipy.sparse as sp
from scipy.linalg import cho_factor, cho_solve, lu_factor, lu_solve
from scipy.sparse.linalg import factorized, spilu, splu

n = 12
L = sp.diags([1.0, -2.0, 1.0], [-1, 0, 1], shape=(n, n)).tocsc()
K = 3.0 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)
u = np.sin(np.arange(n))
"""

KEPT = {
    "in a function": """
def step(u, dt):
    A = (sp.identity(n) - dt * L).tocsc()
    lu = splu(A)
    return lu.solve(u)
for k in range(12):
    u = step(u, 0.1 if k < 8 else 0.05)
""",
    "in a method, of a matrix that changes once in place": """
class Heat:
    def __init__(self):
        self.A, self.u = sp.identity(n).tocsc() - 0.1 * L, u.copy()
    def step(self):
        self.lu = splu(self.A, permc_spec="NATURAL")
        self.u = self.lu.solve(self.u)
heat = Heat()
for k in range(12):
    if k == 7:
        heat.A.data[3] += 0.5
    heat.step()
u = heat.u
""",
    "of rows and columns in turn": """
def step(u, form):
    A = sp.identity(n) - 0.1 * L - 0.2 * sp.diags([np.ones(n - 1)], [1])
    return splu(A.asformat(form)).solve(u)
for k in range(12):
    u = step(u, ("csc", "csr")[k % 2])
""",
    "in a loop that makes the matrix": """
dt = 0.1
for k in range(12):
    A = (sp.identity(n) - dt * L).tocsc()
    solve = factorized(A)
    u = solve(u)
    if k == 5:
        dt = 0.05
""",
    "incomplete ones": """
def step(u):
    return spilu(sp.identity(n, format="csc") - 0.1 * L, drop_tol=1e-3, fill_factor=5).solve(u)
for k in range(12):
    u = step(u)
""",
    "of a dense matrix": """
def step(u, dt):
    A = np.eye(n) + dt * K
    lu, piv = lu_factor(A)
    return lu_solve((lu, piv), u)
for k in range(12):
    u = step(u, 0.1 if k != 7 else 0.1 + 0.1j)
""",
    "of a definite one": """
def step(u):
    c = cho_factor(np.eye(n) + 0.1 * K, lower=True)
    return cho_solve(c, u)
for k in range(12):
    u = step(u)
""",
}

LEFT = {
    "the factors are arrays that others change": """
def step(u):
    lu, piv = lu_factor(np.eye(n) + 0.1 * K)
    lu[0, 0] += 0.5
    return lu_solve((lu, piv), u)
for k in range(12):
    u = step(u)
""",
    "the factors are handed on": """
def step(u):
    c = cho_factor(np.eye(n) + 0.1 * K)
    found.append(c)
    return cho_solve(c, u)
found = []
for k in range(12):
    u = step(u)
""",
    "the matrix may be overwritten": """
def step(u):
    A = np.eye(n) + 0.1 * K
    return lu_solve(lu_factor(A, overwrite_a=True), u)
for k in range(12):
    u = step(u)
""",
    "an option differs": """
def step(u, k):
    return spilu(sp.identity(n, format="csc") - 0.1 * L, drop_tol=0.01 * k).solve(u)
for k in range(12):
    u = step(u, k)
""",
    "no matrix comes again": """
def step(u, dt):
    return splu((sp.identity(n) - dt * L).tocsc()).solve(u)
for k in range(12):
    u = step(u, 0.01 * k)
""",
}


@pytest.mark.parametrize("name", KEPT)
def test_the_factors_of_a_matrix_that_comes_again_are_kept(name, tmp_path):
    text = HEAD + KEPT[name]
    (found,) = {one.patches[0].after for one in candidates(text, tmp_path, "factorise-once", patterns="all")}
    assert "factors_of_" in found
    assert run(found, tmp_path)[0]["u"].tobytes() == run(text, tmp_path)[0]["u"].tobytes()


@pytest.mark.parametrize("name", LEFT)
def test_factors_that_may_differ_are_made_anew(name, tmp_path):
    found = candidates(HEAD + LEFT[name], tmp_path, "factorise-once", patterns="all")
    assert not any("factors_of_" in one.patches[0].after for one in found)


def test_other_matrices_than_were_seen_are_factorised_each_time(tmp_path):
    text = HEAD + KEPT["in a function"]
    (found,) = {one.patches[0].after for one in candidates(text, tmp_path, "factorise-once", patterns="all")}
    for old, new in (
        ("(sp.identity(n) - dt * L).tocsc()", "np.eye(n) - dt * L"),
        ("else 0.05", "else 0.05j"),
    ):
        before, after = (run(one.replace(old, new), tmp_path)[0]["u"] for one in (text, found))
        assert np.array_equal(before, after)
    singular = "(0.0 * L).tocsc()"
    for one in (text, found):
        with pytest.raises(RuntimeError):
            run(one.replace("(sp.identity(n) - dt * L).tocsc()", singular), tmp_path)
