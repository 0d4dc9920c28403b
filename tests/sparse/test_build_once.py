"""A matrix that is kept is the one that would have been built, whenever something changes."""

import numpy as np
import pytest
from rewriting import candidates, run

HEAD = """
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve
n = 12

class Heat:
    scale = 1.0

    def __init__(self, n, dt):
        self.n, self.dt = n, dt
        self.kappa = np.ones(n)
        self.u = np.linspace(0, 1, n)
        self.k = 0

    def coefficient(self):
        return 1 + self.kappa * self.dt

    def build(self):
        A = sp.lil_matrix((self.n, self.n))
        c = self.coefficient()
        for i in range(self.n):
            A[i, i] = 2 * c[i] * self.scale
            if i > 0:
                A[i, i - 1] = -0.5
        return A.tocsr()

"""

KEPT = {
    "nothing changes": """
    def step(self):
        A = self.build()
        self.u = spsolve(A, self.u)
heat = Heat(n, 0.1)
for k in range(9):
    heat.step()
u = heat.u
""",
    "the step halves once": """
    def step(self):
        A = self.build()
        self.u = spsolve(A, self.u)
heat = Heat(n, 0.1)
for k in range(9):
    if k == 6:
        heat.dt /= 2
    heat.step()
u = heat.u
""",
    "a coefficient is changed in place through another name": """
    def step(self):
        A = self.build()
        self.u = spsolve(A, self.u)
heat = Heat(n, 0.1)
field = heat.kappa
for k in range(9):
    if k == 6:
        field[3] = 4.0
    heat.step()
u = heat.u
""",
    "the class changes": """
    def step(self):
        A = self.build()
        self.u = spsolve(A, self.u)
heat = Heat(n, 0.1)
for k in range(9):
    if k == 6:
        Heat.scale = 3.0
    heat.step()
u = heat.u
""",
    "a zero changes its sign": """
    def other(self):
        return sp.diags([np.arctan2(self.dt, -1.0) + 5 * np.ones(self.n)], [0], format="csr")
    def step(self):
        A = self.other()
        self.u = spsolve(A, self.u)
heat = Heat(n, 0.0)
for k in range(9):
    if k == 6:
        heat.dt = -0.0
    heat.step()
u = heat.u
""",
    "two objects take turns": """
    def step(self):
        A = self.build()
        self.u = spsolve(A, self.u)
one, other = Heat(n, 0.1), Heat(n + 1, 0.2)
for k in range(9):
    one.step()
    other.step()
u = np.concatenate([one.u, other.u])
""",
    "several statements": """
    def step(self):
        L = self.build()
        I = sp.identity(self.n, format="csr")
        A = I + 0.5 * self.dt * L
        B = I - 0.5 * self.dt * L
        self.u = spsolve(A, B @ self.u)
        self.k += 1
        if self.k == 5:
            self.dt *= 2
heat = Heat(n, 0.1)
for k in range(9):
    heat.step()
u = heat.u
""",
    "a function in a loop": """
def matrix(n, r):
    A = np.zeros((n, n))
    for i in range(n):
        A[i, i] = 1 + r
    A += np.diag(0.1 * np.ones(n - 1), 1)
    return A
u = np.ones(n)
r = 0.5
for k in range(9):
    A = matrix(n, r)
    u = np.linalg.solve(A, u)
    if k == 4:
        r = 0.25
""",
    "functions within a function": """
def simulate(n, dt):
    def laplacian():
        return sp.diags([np.ones(n - 1), -2 * np.ones(n), np.ones(n - 1)], [-1, 0, 1])
    def step(u):
        A = (sp.eye(n) - dt * laplacian()).tocsc()
        return spsolve(A, u)
    u = np.ones(n)
    for k in range(9):
        u = step(u)
        if k == 4:
            dt = dt / 2
    return u
u = simulate(n, 0.1)
""",
    "single precision, then double": """
    def other(self):
        return sp.diags([self.kappa + 1], [0], format="csr")
    def step(self):
        A = self.other()
        self.u = A @ self.u
heat = Heat(n, 0.1)
heat.kappa = heat.kappa.astype(np.float32)
heat.u = heat.u.astype(np.float32)
for k in range(9):
    if k == 6:
        heat.kappa = heat.kappa.astype(float)
    heat.step()
u = heat.u
""",
}

LEFT_ALONE = {
    "the matrix is changed after it was built": """
    def step(self):
        A = self.build()
        A.data[0] += self.k
        self.k += 1
        self.u = spsolve(A, self.u)
""",
    "a function changes the matrix": """
    def step(self):
        A = self.build()
        stiffen(A, self.k)
        self.k += 1
        self.u = spsolve(A, self.u)
def stiffen(M, k):
    M.data *= 1 + k
""",
    "a conversion that is the matrix itself is changed": """
    def step(self):
        A = self.build()
        B = A.tocsr()
        B.data[0] += self.k
        self.k += 1
        self.u = spsolve(A, self.u)
""",
    "the matrix lives on": """
    def step(self):
        A = self.build()
        self.last = A
        self.u = spsolve(A, self.u)
        self.last.data[0] = self.k
        self.k += 1
""",
    "the matrix goes back": """
    def assemble(self):
        A = self.build()
        self.u = A @ self.u
        return A
    def step(self):
        A = self.assemble()
        A.data *= 2
        self.u = spsolve(A, self.u)
""",
    "building counts": """
    def other(self):
        self.k += 1
        return sp.diags([self.kappa + self.k], [0], format="csr")
    def step(self):
        A = self.other()
        self.u = spsolve(A, self.u)
""",
    "building draws": """
    def other(self):
        return sp.diags([1 + np.random.rand(self.n)], [0], format="csr")
    def step(self):
        np.random.seed(self.k)
        self.k += 1
        A = self.other()
        self.u = spsolve(A, self.u)
""",
    "building prints": """
    def other(self):
        print("building")
        return sp.diags([1 + self.kappa], [0], format="csr")
    def step(self):
        A = self.other()
        self.u = spsolve(A, self.u)
""",
    "a property": """
    @property
    def weight(self):
        self.k += 1
        return self.k
    def other(self):
        return sp.diags([self.weight + self.kappa], [0], format="csr")
    def step(self):
        A = self.other()
        self.u = spsolve(A, self.u)
""",
    "settings in a dict": """
    settings = {"r": 1.0}
    def other(self):
        return sp.diags([sum(self.settings.values()) + self.kappa], [0], format="csr")
    def step(self):
        A = self.other()
        self.u = spsolve(A, self.u)
        self.settings["r"] += 1
""",
    "an iterator": """
    turns = iter(range(1, 99))
    def other(self):
        return sp.diags([next(self.turns) + self.kappa], [0], format="csr")
    def step(self):
        A = self.other()
        self.u = spsolve(A, self.u)
""",
}
RUN = """
heat = Heat(n, 0.1)
for k in range(9):
    heat.step()
u = heat.u
"""


def check(text, folder):
    before, printed = run(text, folder)
    found = candidates(text, folder, "build-once")
    for candidate in found:
        later, also = run(candidate.patches[0].after, folder)
        assert printed == also
        np.testing.assert_array_equal(before["u"], later["u"])
        assert before["u"].dtype == later["u"].dtype
    return found


@pytest.mark.parametrize("name", KEPT)
def test_what_is_kept_is_what_would_be_built(name, tmp_path):
    assert check(HEAD + KEPT[name], tmp_path)


@pytest.mark.parametrize("name", LEFT_ALONE)
def test_what_may_change_unseen_is_built_again(name, tmp_path):
    found = check(HEAD + LEFT_ALONE[name] + RUN, tmp_path)
    assert not found or name == "settings in a dict"
