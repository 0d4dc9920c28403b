"""A matrix that is kept is the one that would have been built, whenever something changes."""

import numpy as np
import pytest
from rewriting import candidates, observed, run

from pdeperf.model import Hotspot, Measurement, Span
from pdeperf.plugins import detectors
from pdeperf.source import Project

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
    "a dictionary of sets changes": """
    def other(self):
        A = np.eye(self.n)
        for i, near in neighbours.items():
            for j in near:
                A[i, j] -= 0.1
            A[i, i] += len(near)
        return A
    def step(self):
        A = self.other()
        self.u = np.linalg.solve(A, self.u)
neighbours = {i: {i + 1, i - 1} for i in range(1, n - 1)}
heat = Heat(n, 0.1)
for k in range(9):
    if k == 5:
        neighbours[3].add(7)
    if k == 7:
        neighbours[4].discard(5)
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

STATEMENTS = {
    "loops that fill": """
u = np.linspace(0, 1, n)
def advance(u, c):
    A = np.zeros((n, n))
    A[0, 0] = 1.0
    for i in range(1, n - 1):
        r = c * i
        A[i, i - 1] = -r
        A[i, i] = 1 + 2 * r
        A[i, i + 1] = -r
    A[n - 1, n - 1] = 1.0
    b = u.copy()
    return np.linalg.solve(A, b)
for k in range(9):
    u = advance(u, 0.1 if k < 5 else 0.2)
""",
    "a loop that fills in a loop": """
u = np.linspace(0, 1, n)
for k in range(9):
    t = k * 0.1
    c = 0.1 if t < 0.35 else 0.2
    A = np.eye(n)
    b = u + 0.1 * t
    for i in range(1, n):
        A[i, i - 1] = -c
    b[0] = 1.0
    u = np.linalg.solve(A, b)
""",
    "only a length is needed": """
u = np.linspace(0, 1, n)
def advance(u, c):
    m = len(u)
    I = sp.identity(m, format="csc")
    A = I + c * sp.diags_array([np.ones(u.size)], offsets=[0])
    return spsolve(A.tocsc(), u)
for k in range(9):
    u = advance(u, 0.1)
    if k == 4:
        u = u[1:]
""",
    "diagonals that are changed first": """
u = np.linspace(0, 1, n)
dt = 0.1
for k in range(9):
    if k == 5:
        dt = 0.2
    d = np.full(n, 1 + 2 * dt)
    o = np.full(n - 1, -dt)
    d[0] = 1.0
    o[0] = 0.0
    A = sp.diags([o, d, o], [-1, 0, 1], format="csr")
    u = spsolve(A, u)
""",
}

STILL_BUILT = {
    "the matrix grows from step to step": """
u = np.linspace(0, 1, n)
A = np.eye(n)
for k in range(9):
    for i in range(1, n):
        A[i, i - 1] += 0.1
    u = np.linalg.solve(A, u)
""",
    "a number is left from the step before": """
u = np.linspace(0, 1, n)
c = 0.1
for k in range(9):
    A = np.eye(n)
    for i in range(1, n):
        if k == 3:
            c = 0.3
        A[i, i - 1] = -c
    u = np.linalg.solve(A, u)
""",
    "what is filled is filled again in between": """
u = np.linspace(0, 1, n)
for k in range(9):
    A = np.eye(n)
    for i in range(1, n):
        A[i, i - 1] = -0.1
    if k == 4:
        A[3, 3] = 7.0
    u = np.linalg.solve(A, u)
""",
    "the matrix is changed after the solve": """
u = np.linspace(0, 1, n)
for k in range(9):
    A = np.eye(n)
    for i in range(1, n):
        A[i, i - 1] = -0.1
    u = np.linalg.solve(A, u)
    A[2, 2] = 5.0
    u = u + A[2]
""",
    "the solution is in it": """
u = np.linspace(0, 1, n)
for k in range(9):
    A = np.eye(n)
    for i in range(1, n):
        A[i, i - 1] = -0.1 * np.cos(u[i])
    u = np.linalg.solve(A, u)
""",
    "it is left before the matrix is complete": """
u = np.linspace(0, 1, n)
for k in range(9):
    A = np.eye(n)
    if k == 7:
        break
    for i in range(1, n):
        A[i, i - 1] = -0.1
    u = np.linalg.solve(A, u)
u = u + A[3]
""",
    "a row of it lives on": """
u = np.linspace(0, 1, n)
rows = []
for k in range(9):
    A = np.eye(n)
    for i in range(1, n):
        A[i, i - 1] = -0.1
    rows.append(A[3])
    rows[-1][2] += k
    u = np.linalg.solve(A, u) + rows[0]
""",
    "the counter is used later": """
u = np.linspace(0, 1, n)
for k in range(9):
    A = np.eye(n)
    for i in range(1, n - k):
        A[i, i - 1] = -0.1
    u = np.linalg.solve(A, u) + i
""",
}

ATTRIBUTES = {
    "and a part is changed elsewhere": """
    def step(self):
        self.A = self.build()
        self.u = spsolve(self.A, self.u)
        self.spoil()
    def spoil(self):
        w = self.A.data
        w[0] += 1.0
""",
    "kept in the object": """
    def step(self):
        self.A = self.build()
        self.u = spsolve(self.A, self.u)
""",
    "and changed through another name": """
    def step(self):
        self.A = self.build()
        self.u = spsolve(self.A, self.u)
        M = self.A
        M.data[0] += 0.5
""",
    "and changed elsewhere": """
    def step(self):
        self.A = self.build()
        self.spoil()
        self.u = spsolve(self.A, self.u)
    def spoil(self):
        if self.k == 4:
            self.A[0, 0] = 9.0
        self.k += 1
""",
    "and changed elsewhere through another name": """
    def step(self):
        self.A = self.build()
        self.spoil()
        self.u = spsolve(self.A, self.u)
    def spoil(self):
        M = self.A
        M[0, 0] += 9.0
""",
    "and handed to what changes it": """
    def step(self):
        self.A = self.build()
        spoil(self.A)
        self.u = spsolve(self.A, self.u)
def spoil(M):
    M *= 1.5
""",
    "and changed from outside": """
    def step(self):
        self.A = self.build()
        self.u = spsolve(self.A, self.u)
heat = Heat(n, 0.1)
for k in range(9):
    heat.step()
    heat.A.data *= 2
    heat.u = heat.A @ heat.u
""",
    "and its coefficient changes": """
    def step(self):
        self.k += 1
        if self.k == 5:
            self.kappa[3] = 7
        self.A = self.build()
        self.u = spsolve(self.A, self.u)
""",
}

LEFT_ALONE = {
    "a part of the matrix is changed under a name": """
    def step(self):
        A = self.build()
        self.u = spsolve(A, self.u)
        self.k += 1
        if self.k == 5:
            w = A.data
            w[0] = 4.0
""",
    "a part of the matrix lives on": """
    def step(self):
        A = self.build()
        self.w = A.data
        self.u = spsolve(A, self.u)
        self.change()
    def change(self):
        self.w[0] = 4.0
""",
    "a flat view of a dense matrix is changed": """
    def step(self):
        A = self.build().toarray()
        self.u = np.linalg.solve(A, self.u)
        f = A.flat
        f[3] = 0.1
""",
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


@pytest.mark.parametrize("name", STATEMENTS)
def test_statements_that_build_are_run_once_for_the_same_values(name, tmp_path):
    assert check(HEAD + STATEMENTS[name], tmp_path)


@pytest.mark.parametrize("name", STILL_BUILT)
def test_statements_that_do_more_than_build_give_the_same(name, tmp_path):
    check(HEAD + STILL_BUILT[name], tmp_path)


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_a_matrix_of_an_object_is_kept_if_nobody_changes_it(name, tmp_path):
    found = check(HEAD + ATTRIBUTES[name] + RUN, tmp_path)
    assert bool(found) == (name in ("kept in the object", "and its coefficient changes"))


@pytest.mark.parametrize(
    ("entry", "end"),
    [("-0.1 * u[i]", ""), ("-0.1 * t", "    t += 0.1\n"), ("-0.1 * v[i]", "    v = u * 2\n")],
)
def test_what_is_another_in_every_turn_is_not_compared(entry, end, tmp_path):
    text = HEAD + "u = np.linspace(0, 1, n)\nv = u + 1\nt = 0.0\nfor k in range(9):\n    A = np.eye(n)\n"
    text += f"    for i in range(1, n):\n        A[i, i - 1] = {entry}\n    u = np.linalg.solve(A, u)\n{end}"
    assert not candidates(text, tmp_path, "build-once")


def test_matrices_that_never_came_again_where_systems_are_solved_are_not_kept(tmp_path):
    text = HEAD + KEPT["the step halves once"]
    project = observed(text, tmp_path)
    build, solve = (
        next(line for line, row in enumerate(text.splitlines(), 1) if part in row)
        for part in ("A = self.build()", "spsolve(A, self.u)")
    )
    detector = next(one for one in detectors() if one.rule == "assembled-again")
    hotspot = Hotspot(where=Span(file="script.py", first=build, last=build), share=0.5)
    assert [*detector.detect(hotspot, project)]
    place = Span(file="script.py", first=solve, last=solve)
    rows = [
        Measurement(where=place, subject="", metric=metric, value=value, collector="sparse")
        for metric, value in (("solves_count", 8.0), ("same_values_count", 0.0))
    ]
    seen = Project.from_texts({"script.py": text}, (*project.observed, *rows))
    assert not [*detector.detect(hotspot, seen)]
