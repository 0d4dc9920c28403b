"""Lists of tuples, named tuples, small objects and dicts that are stored in arrays, and those that stay."""

import re

import pytest

from pdeperf.kernel.record_storage import records_in_arrays
from tests.kernel.in_process import execute, observe, proposals, rewritten

HEAD = """
import copy
import math
import sys
from collections import namedtuple
from dataclasses import dataclass

n = int(sys.argv[1]) if len(sys.argv) > 1 else 6
"""


@pytest.fixture
def stored(tmp_path):
    """The script with its lists of records in arrays, which prints the same for several sizes."""

    def check(text):
        text = HEAD + text
        project, seen = observe(text, tmp_path)
        assert not seen.raised, seen
        module = project["script.py"]
        found = records_in_arrays(module, project, frozenset(re.findall(r"\w+", text)))
        if found is None:
            return ""
        fresh = found.project["script.py"].text
        for argv in ((), ("1",), ("3",), ("11",)):
            original, other = execute(text, argv, tmp_path), execute(fresh, argv, tmp_path)
            assert other.essence == original.essence, fresh
        return fresh

    return check


STORED = {
    "tuples": (
        """\
def flux(q):
    h, hu = q
    return hu, hu * hu / h

U = [(1.0 + 0.1 * i, 0.5) for i in range(n)]
for step in range(3):
    F = [flux(U[i]) for i in range(n)]
    new = U[:]
    for i in range(1, n):
        new[i] = (U[i][0] - 0.1 * (F[i][0] - F[i - 1][0]), U[i][1] - 0.1 * (F[i][1] - F[i - 1][1]))
    U = new
print(U, len(U), sum(q[0] for q in U))
""",
        "new[i, 0], new[i, 1] = ",
    ),
    "named tuples that grow": (
        """\
State = namedtuple("State", "rho mom")

def mean(a, b):
    return State(0.5 * (a.rho + b.rho), 0.5 * (a.mom + b.mom))

U = [State(1.0, 0.5 * i) for i in range(n)]
for step in range(3):
    new = [U[0]]
    for i in range(1, n):
        new.append(mean(U[i - 1], U[i]))
    U = new
print(U[-1], max(u.mom for u in U))
for k, u in enumerate(U):
    print(k, u.rho, f"{u.mom:.3f}", u)
""",
        "new[i, 0], new[i, 1] = mean(",
    ),
    "small objects": (
        """\
@dataclass
class Cell:
    rho: float
    u: float

def advanced(left, cell):
    return Cell(cell.rho - 0.1 * (cell.rho - left.rho), cell.u * 0.99)

cells = []
for i in range(n):
    cells.append(Cell(1.0 + i, u=0.5))
for step in range(3):
    cells = [cells[0]] + [advanced(cells[i - 1], cells[i]) for i in range(1, n)]
print([c.rho for c in cells], cells[-1])
""",
        "cells_new[i, 0], cells_new[i, 1] = advanced(",
    ),
    "dicts that change": (
        """\
def speed(c):
    return abs(c["m"] / c["r"])

cells = []
for i in range(n):
    cells.append({"r": 1.0 + i, "m": 0.5})
for step in range(3):
    top = max(speed(c) for c in cells)
    fl = [{k: 0.5 * (cells[i][k] + cells[i + 1][k]) for k in ("r", "m")} for i in range(n - 1)]
    for i in range(1, n - 1):
        for k in ("r", "m"):
            cells[i][k] -= 0.1 / top * (fl[i][k] - fl[i - 1][k])
        cells[i]["m"] = cells[i]["m"] * 0.5
print(cells, sum(c["r"] for c in cells))
""",
        "cells[i, k] -= ",
    ),
    "walked together": (
        """\
def slope(u, v):
    return tuple(0.5 * (b - a) for a, b in zip(u, v))

U = [(1.0 * i, 2.0, 3.0 - i) for i in range(n)]
x = [0.5 * i for i in range(n)]
for step in range(2):
    D = [slope(a, b) for a, b in zip(U, U[1:])]
    total = 0.0
    for i, (q, xi) in enumerate(zip(U, x)):
        total += q[0] * xi + q[2] + i
    for a, b, c in U:
        total -= a * b * c
    U = [(q[0] + 0.1 * d[0], q[1], q[2] - d[2]) for q, d in zip(U, D)] + [U[-1]]
    print(total, U[0], len(D))
""",
        "D[i, 0], D[i, 1], D[i, 2] = slope(",
    ),
    "short lists": (
        """\
def prim(q):
    rho, m, e = q
    return [rho, m / rho, 0.4 * e]

def mean(a, b):
    pa, pb = prim(a), prim(b)
    return [0.5 * (pa[k] + pb[k]) for k in range(3)]

U = [[1.0 + i, 0.0, 2.5] if i < 3 else [0.5] * 3 for i in range(n)]
for step in range(3):
    top = 0.0
    for q in U:
        rho, u, p = prim(q)
        top = max(top, p + abs(u))
    F = [mean(U[i], U[i + 1]) for i in range(n - 1)]
    for i in range(1, n - 1):
        for k in range(3):
            U[i][k] -= 0.1 * (F[i][k] - F[i - 1][k])
    print(top, U)
""",
        "U[i, k] -= ",
    ),
    "numbers of NumPy's": (
        """\
import numpy as np

def speed(q):
    h, hu = q
    return abs(hu / h) + np.sqrt(9.81 * h)

U = [(1.0 + 0.5 * i, 0.5) for i in range(n)]
for step in range(3):
    dt = 0.1 / max(speed(q) for q in U)
    new = [U[0]]
    for i in range(1, n):
        new.append(tuple(U[i][k] - dt * (U[i][k] - U[i - 1][k]) for k in range(2)))
    U = new
print([float(h) for h, _ in U])
""",
        "new[i, 0], new[i, 1] = ",
    ),
    "results of functions": (
        """\
Prim = namedtuple("Prim", "rho u")

def prim(rho, m):
    return Prim(rho, m / rho)

def flux(w):
    return {"mass": w.rho * w.u, "mom": w.rho * w.u**2}

rho, mom = [1.0 + i for i in range(n)], [0.5] * n
for step in range(3):
    for i in range(1, n):
        left, right = flux(prim(rho[i - 1], mom[i - 1])), flux(prim(rho[i], mom[i]))
        rho[i] -= 0.1 * (right["mass"] - left["mass"])
        mom[i] -= 0.1 * (right["mom"] - left["mom"])
print(rho, mom, prim(rho[0], mom[0]), flux(prim(1.0, 2.0)))
""",
        "right[0] - left[0]",
    ),
    "functions that hand lists on": (
        """\
def rhs(q, dx):
    out = [(0.0, 0.0)]
    for i in range(1, len(q)):
        out.append(((q[i - 1][0] - q[i][0]) / dx, q[i][1]))
    return out

def step(q, dt):
    k = rhs(q, 0.5)
    return [(a[0] + dt * b[0], a[1] + dt * b[1]) for a, b in zip(q, k)], dt

q = [(1.0, 0.5 * i) for i in range(n)]
left, right = [q[0]], [q[-1]]
for i in range(3):
    q, dt = step(q, 0.1)
for i in range(1, n):
    left.append(q[i])
    right.append(left[0])
print(q, left[1:], right)
""",
        "out[i, 0], out[i, 1] = ",
    ),
}


@pytest.mark.parametrize("name", STORED)
def test_a_list_of_records_is_stored_in_an_array(name, stored):
    text, expected = STORED[name]
    assert expected in stored(text)


KEPT = {
    "whole numbers": (
        "U = [(i, 0.5) for i in range(n)]\nfor i in range(1, n):\n    U[i] = (U[i - 1][0], 0.25)\nprint(U)\n"
    ),
    "whole numbers in another run": (
        "s = 2 if n == 3 else 2.0\n"
        "U = [(s, 0.5) for i in range(n)]\nfor i in range(1, n):\n    U[i] = (U[i - 1][0], 0.25)\nprint(U)\n"
    ),
    "another length at times": (
        "U = [(1.0, 0.5) for i in range(n)]\nfor i in range(1, n):\n    U[i] = (U[i - 1][0], 0.25)\n"
        "if n == 3:\n    U[0] = (1.0, 2.0, 3.0)\nprint(U)\n"
    ),
    "an object with two names": (
        "class Cell:\n    def __init__(self, a, b):\n        self.a = a\n        self.b = b\n\n"
        "U = [Cell(1.0, 0.5 * i) for i in range(n)]\nfirst = U[0]\n"
        "for i in range(n):\n    U[i].a += 1.0\nprint(first.a, [c.a for c in U])\n"
    ),
    "short lists with two names": (
        "def move(q):\n    return [q[0] + 1.0, q[1]]\n\n"
        "U = [[1.0, 0.5 * i] for i in range(n)]\nV = [move(q) for q in U]\nV[0] = U[0]\n"
        "for i in range(n):\n    U[i][0] += 1.0\nprint(V)\n"
    ),
    "short lists that functions change": (
        "def move(q):\n    q[0] += 1.0\n    return [q[0], q[1]]\n\n"
        "U = [[1.0, 0.5 * i] for i in range(n)]\nV = [move(U[i]) for i in range(n)]\n"
        "for i in range(n):\n    U[i][0] += V[i][0]\nprint(U, V)\n"
    ),
    "dicts of lists that functions return": (
        "def start():\n    return {'u': [1.0] * n, 'v': [0.5] * n}\n\n"
        "s = start()\nfor i in range(1, n):\n    s['u'][i] += s['v'][i - 1]\nprint(s['u'])\n"
    ),
    "dicts that functions return and others change": (
        "def start(i):\n    return {'u': 1.0 + i, 'v': 0.5}\n\n"
        "total = 0.0\nfor i in range(n):\n    s = start(i)\n    s['u'] += s['v']\n    total += s['u']\n"
        "print(total)\n"
    ),
    "dicts that two lists share": (
        "U = [{'a': 1.0, 'b': 0.5 * i} for i in range(n)]\nV = U[:]\n"
        "for i in range(n):\n    U[i]['a'] += V[i]['b']\nprint(V)\n"
    ),
    "dicts that change in a list that stays": (
        "U = [{'a': 1.0, 'b': 0.5 * i} for i in range(n)]\nW = [(1.0, 0.5 * i) for i in range(n)]\n"
        "W[0] = W[-1]\nU[0]['a'] = abs(2)\nfor i in range(1, n):\n"
        "    U[i]['a'] += U[i - 1]['b']\n    W[i] = (W[i - 1][0], U[i]['a'])\nprint(U, W)\n"
    ),
    "one dict many times": (
        "U = [{'a': 1.0, 'b': 0.5}] * n\nfor i in range(n):\n    U[i]['a'] += U[i]['b']\nprint(U)\n"
    ),
    "an object that changes in a function": (
        "@dataclass\nclass Cell:\n    a: float\n    b: float\n\ndef move(c):\n    c.a += c.b\n\n"
        "U = [Cell(1.0, 0.5 * i) for i in range(n)]\nfor i in range(n):\n    move(U[i])\n"
        "print([c.a for c in U])\n"
    ),
    "dicts that change while they are walked": (
        "U = [{'a': 1.0, 'b': 0.5 * i} for i in range(n)]\n"
        "for c in U:\n    U[0]['a'] += 1.0\n    print(c['a'])\n"
        "for i in range(n):\n    U[i]['a'] += U[i]['b']\n"
    ),
    "a list that somebody keeps": (
        "import random\nU = [(1.0, 0.5 * i) for i in range(n)]\nrandom.seed(1)\nrandom.shuffle(U)\n"
        "for i in range(1, n):\n    U[i] = (U[i - 1][0], U[i][1])\nprint(U)\n"
    ),
    "elements taken out": (
        "U = [(1.0, 0.5 * i) for i in range(n)]\nfor i in range(1, n):\n    U[i] = (U[i - 1][0], U[i][1])\n"
        "U.pop()\nprint(U)\n"
    ),
    "a tuple that may be None": (
        "U = [(1.0, 0.5 * i) for i in range(n)]\nfor i in range(1, n):\n    U[i] = (U[i - 1][0], U[i][1])\n"
        "if n == 3:\n    U[0] = None\nprint(U)\n"
    ),
}


@pytest.mark.parametrize("name", KEPT)
def test_a_list_of_records_stays_a_list(name, stored):
    assert stored(KEPT[name]) == ""


def test_a_history_beside_the_states_stays_a_list(stored):
    text = stored(
        "U = [(1.0, 0.5 * i) for i in range(n)]\nlog = []\n"
        "for step in range(3):\n    for i in range(1, n):\n        U[i] = (U[i - 1][0], U[i][1])\n"
        "    log.append((0.1, U[0][0]))\nprint(U, log)\n"
    )
    assert "log = []" in text and "np.array(log" not in text


def test_a_copy_of_a_list_that_stays_stays(stored):
    text = stored(
        "U = [(1.0, 0.5 * i) for i in range(n)]\nV = U[:]\nW = [(2.0, 0.5 * i) for i in range(n)]\n"
        "for i in range(1, n):\n    U[i] = (abs(2), U[i][1])\n    W[i] = (W[i - 1][0], V[i][1])\n"
        "print(U, V, W, sum(q[0] for q in V))\n"
    )
    assert "V = U[:]" in text and "W[i, 0], W[i, 1] =" in text


def test_the_time_loop_becomes_one_kernel(tmp_path, monkeypatch):
    monkeypatch.setattr("numba.core.config.DISABLE_JIT", True)
    text = HEAD + STORED["named tuples that grow"][0].replace("range(3):", "range(3):  # hot")
    candidates, _ = proposals(text, tmp_path)
    assert "U, new stored in arrays" in candidates[0].title
    assert re.search(
        r"\n@njit.*\ndef \w+\(U, n\):\n(.*\n)+    for step in range\(3\):", candidates[0].patches[0].after
    )
    for argv in ((), ("2",), ("9",)):
        fresh = execute(rewritten(candidates[0]), argv, tmp_path)
        assert fresh.essence == execute(text, argv, tmp_path).essence
