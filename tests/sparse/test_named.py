"""What is computed within a statement of what stays is kept: ``spsolve(I - c * L, b)``."""

import pytest
from rewriting import candidates, run

HEAD = """
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve
n = 12
I = sp.identity(n, format="csc")

def laplacian(h):
    return sp.diags([np.ones(n - 1), -2 * np.ones(n), np.ones(n - 1)], [-1, 0, 1], format="csc") / h**2

class Heat:
    def __init__(self):
        self.dt, self.h = 0.01, 0.1
        self.u = np.linspace(0, 1, n)

    def operator(self, t):
        return laplacian(self.h)

"""

KEPT = {
    "two within a step": """
    def step(self, t):
        L0 = self.operator(t)
        L1 = self.operator(t + self.dt)
        rhs = (I + 0.5 * self.dt * L0) @ self.u + np.sin(t)
        self.u = spsolve((I - 0.5 * self.dt * L1).tocsc(), rhs)
heat = Heat()
for k in range(9):
    if k == 6:
        heat.dt /= 2
    heat.step(0.1 * k)
u = heat.u
""",
    "a call in the argument": """
    def step(self):
        return spsolve(sp.csc_matrix(I - self.dt * self.operator(0)), self.u)
heat = Heat()
for k in range(9):
    heat.u = heat.step()
u = heat.u
""",
    "one within another": """
u = np.linspace(0, 1, n)
for k in range(9):
    c = 0.5 if k < 5 else 0.25
    u = spsolve(I - c * 0.01 * laplacian(0.1), (I + c * sp.diags((I + laplacian(0.1)) @ np.ones(n))) @ u)
""",
    "in a loop": """
u = np.linspace(0, 1, n)
for k in range(9):
    c = 0.5 if k < 5 else 0.25
    u = spsolve(
        I - c * 0.01 * laplacian(0.1),  # implicit
        u + 0.1,
    )
""",
}

RIGHT = {
    "a function that is called before in the same statement changes a matrix": """
L = laplacian(0.1)
def grown():
    L.data[:] *= 1.5
    return 1.0
u = np.linspace(0, 1, n)
for k in range(9):
    u = grown() + spsolve(I - 0.01 * L.tocsc(), u)
""",
    "a function that builds reads what is bound between": """
width = 0.1
def build():
    return I - 0.01 * laplacian(width)
u = np.linspace(0, 1, n)
for k in range(9):
    width = 0.1 + 0.01 * k
    width = width + 0.2
    u = spsolve(build(), u)
""",
    "only where it is true": """
u = np.linspace(0, 1, n)
for k in range(9):
    h = 0.1 if k < 7 else None
    u = spsolve(I - 0.01 * laplacian(h), u) if h else u + 1
""",
    "what is between binds what it is computed of": """
u = np.linspace(0, 1, n)
for k in range(9):
    c = 0.01 * (k // 3)
    d = c + 0.1
    w = u + d
    u = (I + d * laplacian(0.1)) @ w
    d = 3.0
    u = spsolve(I - d * laplacian(0.1), u)
""",
    "bound in passing": """
u = np.linspace(0, 1, n)
for k in range(9):
    u = (c := 0.1 * k) + spsolve(I - c * laplacian(0.1), u)
""",
}


@pytest.mark.parametrize("body", KEPT.values(), ids=KEPT)
def test_what_is_computed_within_is_kept(body, tmp_path):
    text = HEAD + body
    found = candidates(text, tmp_path, "build-once")
    assert found
    after = found[0].patches[0].after
    assert "spsolve(matrix" in "".join(after.split())
    assert repr(run(after, tmp_path)[0]["u"]) == repr(run(text, tmp_path)[0]["u"])


@pytest.mark.parametrize("body", RIGHT.values(), ids=RIGHT)
def test_what_may_be_another_matrix_is_built_again(body, tmp_path):
    text = HEAD + body
    for one in candidates(text, tmp_path, "build-once"):
        after = one.patches[0].after
        assert repr(run(after, tmp_path)[0]["u"]) == repr(run(text, tmp_path)[0]["u"])


def test_products_of_two_steps_are_kept_together(tmp_path):
    """Each is named where what it is computed of is there: a product between does not part them."""
    after = candidates(HEAD + KEPT["two within a step"], tmp_path, "build-once")[0].patches[0].after
    assert "return matrix, matrix_2" in after


PARTS = """
import numpy as np
from scipy.sparse import diags, dok_matrix, identity
from scipy.sparse.linalg import spsolve
n = 12
graph = {i: {(i + 1) % n: 1.0 + i, (i + 5) % n: 2.0} for i in range(n)}

def laplacian(graph, n):
    W = dok_matrix((n, n))
    for i in graph:
        for j, w in graph[i].items():
            W[i, j] = w
    W = W.tocsr()
    return diags(np.asarray(W.sum(axis=1)).ravel()) - W

def simulate(cooling):
    u, t = np.zeros(n), 0.0
    while t < 0.9:
        L = laplacian(graph, n)
        k = cooling(t)
        A = (1 + k * 0.1) * identity(n) + 0.1 * L
        u = spsolve(A.tocsc(), u + 1)
        CHANGED
        t += 0.1
    return u

u = simulate(lambda t: 0.5 if t < 0.4 else 2.0)
"""


@pytest.mark.parametrize("changed", ["pass", "graph[3][4] = 1 + t", "L.data[0] += 1"])
def test_a_part_that_stays_is_built_before_the_loop(changed, tmp_path):
    """A matrix that a function fills and converts is its own; what it is added to is another each time."""
    text = PARTS.replace("CHANGED", changed)
    found = candidates(text, tmp_path, "build-once")
    assert [one.title for one in found] == ["build `L` before the loop"] * (changed == "pass")
    for one in found:
        assert repr(run(one.patches[0].after, tmp_path)[0]["u"]) == repr(run(text, tmp_path)[0]["u"])


def test_what_a_function_called_between_reads_may_be_bound_between(tmp_path):
    """``c`` is read by ``shift`` alone, which runs before it is bound."""
    text = (
        HEAD
        + """
c = 0.0
def shift():
    return c + 0.1
u = np.linspace(0, 1, n)
for k in range(9):
    L = shift() * laplacian(0.1)
    c = 0.01 * (k // 3)
    A = I - L
    u = spsolve(A, u)
"""
    )
    for one in candidates(text, tmp_path, "build-once"):
        assert repr(run(one.patches[0].after, tmp_path)[0]["u"]) == repr(run(text, tmp_path)[0]["u"])
