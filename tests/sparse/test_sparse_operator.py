"""Products with the nonzeros of a dense matrix agree with the dense products, whatever happens to it."""

import ast

import numpy as np
import pytest
from rewriting import observed, run

from pdeperf.backends.sparse_operator import BACKEND
from pdeperf.detectors.dense_operator import DETECTOR
from pdeperf.model import Candidate, Hotspot, Measurement, Span

HEAD = """
import numpy as np
n = 60
L = -2.0 * np.eye(n) + np.eye(n, k=1) + np.eye(n, k=-1)
u = np.sin(np.arange(n))
"""

COPIED = {
    "with a factor": "for k in range(5):\n    u = u + k * ((0.1 * L) @ u)\n    u = u - (0.1 * L) @ u\n",
    "in a loop": "for k in range(5):\n    u = u + 0.1 * (L @ u)\n",
    "the method": "for k in range(5):\n    u = u + 0.1 * L.dot(u)\n",
    "NumPy's function": "for k in range(5):\n    u = u + 0.1 * np.dot(L, u + 1)\n",
    "several columns": "u = np.outer(u, u[:3])\nfor k in range(5):\n    u = u + 0.1 * L @ u\n",
    "integers": "L = L.astype(int)\nfor k in range(5):\n    u = u + 0.1 * L @ u\n",
    "complex": "u = u * 1j\nfor k in range(5):\n    u = u + 0.1 * L @ u\n",
    "in a function of the file": "def f(u):\n    return L @ u\nfor k in range(5):\n    u = u + 0.1 * f(u)\n",
    "of a function's own": (
        "def march(M, u):\n    for k in range(5):\n        u = u + 0.1 * M @ u\n"
        "    return u\nu = march(L, u)\n"
    ),
    "filled after the function": (
        "def f(u):\n    return L @ u\nL = np.zeros((n, n))\nfor i in range(n):\n    L[i, i] = -1.0\n"
        "for k in range(5):\n    u = u + 0.1 * f(u)\n"
    ),
}
COPIED |= {
    name: f"""
class Wave:
    def __init__(self, n):
        self.L = None
        self.n, self.dt = n, 0.1
        self.v = np.zeros(n)
        {made}
        self.u = np.sin(np.arange(n))
    def step(self):
        self.v = self.v + {product}
        self.u = self.u + self.dt * self.v
    def energy(self):
        return self.u @ (self.L @ self.u)
w = Wave(n)
for k in range(5):
    w.step()
u = w.u + w.energy()
"""
    for name, made, product in (
        ("an object's", "self.L = -2.0 * np.eye(n) + np.eye(n, k=1)", "self.L @ self.u"),
        ("an object's, scaled", "self.L = -2.0 * np.eye(n)", "self.dt * self.L @ self.u"),
        (
            "an object's, filled",
            "L = np.zeros((n, n)); self.L = L\n        L[3, 4] = 2",
            "self.L.dot(self.u)",
        ),
        ("an object's, in np.dot", "self.L = np.eye(n)\n        self.L /= 2", "np.dot(self.L / 2, self.u)"),
    )
}
COPIED |= {
    name: f"U = np.outer(u, u)\nfor k in range(5):\n    U = U + 0.1 * ({product})\nu = U\n"
    for name, product in (
        ("from the right", "U @ L"),
        ("transposed", "L.T @ U"),
        ("transposed, from the right", "U @ (2 * L).T + 1"),
        ("the method, from the right", "U.dot(L)"),
        ("NumPy's function, from the right", "1 - np.dot(U - 1, L.T)"),
        ("from both sides", "L @ U + U @ L.T"),
    )
}
COPIED |= {
    "given to a function that turns it": (
        "def f(u, M):\n    return M @ u + (M.T @ u) + u @ M\nfor k in range(5):\n    u = u + 0.1 * f(u, L)\n"
    ),
    "given to a function": "def f(u, M):\n    return M @ u\nfor k in range(5):\n    u = u + 0.1 * f(u, L)\n",
    "given to a function by name, scaled": (
        "def f(u, M, dt):\n    return u + dt * M @ u\nfor k in range(5):\n    u = f(u, M=L, dt=0.1)\n"
    ),
    "given to np.dot in a function": (
        "def f(M, u):\n    return np.dot(M, u) / len(u) + M.shape[0]\nfor k in range(5):\n    u = f(L, u)\n"
    ),
    "given on from function to function": (
        "def f(u, M):\n    return M @ u\ndef rk2(u, M, dt):\n    k1 = f(u, M)\n"
        "    return u + dt * f(u + dt / 2 * k1, M)\n"
        "def main(u, A):\n    for k in range(5):\n        u = rk2(u, A, 0.1)\n    return u\nu = main(u, L)\n"
    ),
}
OBJECT = """
class Wave:
    def __init__(self, n, L=None):
        self.L = -2.0 * np.eye(n) + np.eye(n, k=1) if L is None else L
        self.u = np.sin(np.arange(n))
        FIRST
    def step(self, k):
        self.u = self.u + 0.1 * (self.L @ self.u)
        CHANGE
    def matrix(self):
        return self.L
w = Wave(n)
for k in range(5):
    w.step(k)
    AFTER
u = w.u
"""
LEFT = {
    name: OBJECT.replace("FIRST", first).replace("CHANGE", change).replace("AFTER", after)
    for name, first, change, after in (
        ("an object's, changed in the step", "pass", "self.L[k, 0] = k", "pass"),
        ("an object's, changed in a branch", "pass", "if k == 2: self.L *= 2", "pass"),
        ("an object's, bound by another", "pass", "pass", "w.L = w.L * 1.5"),
        ("an object's, changed by another", "pass", "pass", "w.L[k, k] += 1"),
        ("an object's, changed by an alias", "pass", "M = self.L; M[k, k] = 0", "pass"),
        ("an object's, changed by who got it", "pass", "pass", "w.matrix()[k, k] = 0"),
        ("an object's, the caller's", "pass", "pass", "pass"),
        ("an object's, used while it is made", "self.step(1); self.L = 2 * self.L", "pass", "pass"),
    )
}
SEEN = (
    "L",
    "L.T",
    "(2 * L).T",
    "dt * M",
    "M",
    "M.T",
    "0.1 * L",
    "0.1 * M",
    "self.L",
    "self.dt * self.L",
    "self.L / 2",
)
LEFT |= {
    "given and changed in the function": (
        "def f(u, M):\n    M[0, 0] += 1\n    return M @ u\nfor k in range(5):\n    u = u + 0.1 * f(u, L)\n"
    ),
    "given and used otherwise": (
        "def f(u, M):\n    return M @ u + M.trace() + M.diagonal()\n"
        "for k in range(5):\n    u = 0.1 * f(u, L)\n"
    ),
    "given by a loop that changes it": (
        "def f(u, M):\n    return M @ u\nfor k in range(5):\n    u = u + 0.1 * f(u, L)\n    L[k, 0] = 5.0\n"
    ),
    "given with one that it is multiplied with": (
        "def f(u, L, M):\n    P = M @ L\n    return L @ u + M @ u + P[0]\n"
        "for k in range(5):\n    u = u + 0.1 * f(u, L, L)\n"
    ),
    "given to a function that is given on": (
        "def f(u, M):\n    return M @ u\ng = f\nfor k in range(5):\n    u = u + 0.1 * g(u, L) + f(u, L)\n"
    ),
    "given to a function that keeps it": (
        "kept = []\ndef f(u, M):\n    kept.append(M)\n    return M @ u\n"
        "for k in range(5):\n    u = 0.1 * f(u, L)\n"
    ),
    "changed in the loop": "for k in range(5):\n    L[k, 0] = k\n    u = u + 0.1 * (L @ u)\n",
    "changed under another name": "M = L.T\nfor k in range(5):\n    M[k, 0] = k\n    u = u + 0.1 * (L @ u)\n",
    "changed in a called function": (
        "def change(k):\n    L[k, 0] = k\nfor k in range(5):\n    change(k)\n    u = u + 0.1 * (L @ u)\n"
    ),
    "used before it is complete": (
        "def f(u):\n    return L @ u\nu = f(u)\nL[0, 5] = 3.0\nfor k in range(5):\n    u = u + 0.1 * f(u)\n"
    ),
    "changed by who gets it": (
        "def change(M, k):\n    M[k, 0] = k\ndef f(u):\n    return L @ u\n"
        "for k in range(5):\n    change(L, k)\n    u = u + 0.1 * f(u)\n"
    ),
}


def rewritten(text, folder):
    project = observed(text, folder)
    facts = list(project.observed)
    for node in ast.walk(ast.parse(text)):
        for name in SEEN:
            if getattr(node, "lineno", 0) and isinstance(node, ast.BinOp | ast.Call):
                where = Span(file="script.py", first=node.lineno, last=node.lineno)
                for metric, value in (
                    ("matrix_format", "dense"),
                    ("matrix_shape", "60x60"),
                    ("density", 0.03),
                ):
                    facts.append(
                        Measurement(where=where, metric=metric, value=value, collector="sparse", subject=name)
                    )
    whole = Span(file="script.py", first=1, last=len(text.splitlines()))
    hotspot = Hotspot(where=whole, share=0.9, facts=tuple(facts))
    return [
        one
        for diagnosis in DETECTOR.detect(hotspot, project)
        for one in BACKEND.propose(diagnosis, project)
        if isinstance(one, Candidate)
    ]


@pytest.mark.parametrize("name", COPIED)
def test_a_product_with_the_nonzeros_agrees(name, tmp_path):
    text = HEAD + COPIED[name]
    found = rewritten(text, tmp_path)
    assert found
    after = found[0].patches[0].after
    one, other = run(text, tmp_path)[0]["u"], run(after, tmp_path)[0]["u"]
    assert (type(one), one.dtype, one.shape) == (type(other), other.dtype, other.shape)
    np.testing.assert_allclose(other, one, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", LEFT)
def test_a_matrix_that_may_change_is_not_copied(name, tmp_path):
    assert not rewritten(HEAD + LEFT[name], tmp_path)
