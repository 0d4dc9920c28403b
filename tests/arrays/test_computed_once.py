"""Costly functions of arrays that stay as they are are computed once before the loop."""

import pytest

from tests.arrays.test_lift import check

pytestmark = pytest.mark.usefixtures("interpreted")

HEAD = """\
import numpy as np

n, m = 7, 6
X, Y = np.meshgrid(np.linspace(0, 1, n), np.linspace(0, 2, m), indexing="ij")
x = np.linspace(0, 1, n)
u = X * Y
v = 0.5 * X
k = 2.0
log = []


def flow(t):
    a = np.cos(3 * t)
    return np.sin(np.pi * X) ** 2 * np.sin(2 * np.pi * Y) * a, -np.exp(-X * k) * a


"""

KEPT = {
    "a flow": "p, q = flow(0.1 * t)\nu = u + 0.1 * p\nv = v + 0.1 * q * u\nlog.append(u.max())",
    "a part of the cells": "u[1:-1] = 0.9 * u[:-2] + 0.1 * np.exp(-X[1:-1] * Y[2:])",
    "a line": "u += 0.1 * t * np.tanh(x)[:, None] * v\nv[:, 0] = 0.1 * np.cosh(x)",
    "where a mask holds": "u[v > 0.2] = 0.1 * np.log1p(X)[v > 0.2] * t\nv = 0.9 * v",
}
CHANGING = {
    "the array": "u = u + 0.1 * np.exp(-X)\nX = 0.5 * X",
    "a part of the array": "u = u + 0.1 * np.exp(-X)\nX[0] = 0.5 * u[1]",
    "the number": "u = u + 0.1 * np.exp(-k * X)\nk = 0.9 * k",
    "the number at the end": "u = u + 0.1 * np.exp(-k * X)\nlog.append(u[1, 1])\nk += log[-1]",
    "the counter": "u = u + 0.1 * np.exp(-X * t)\nlog.append(u.max())",
    "through another name": "w = X\nu = u + 0.1 * np.exp(-X)\nw *= 0.5",
    "by a function": "u = u + 0.1 * np.exp(-X)\nnp.copyto(X, u)",
}


def rows(body: str) -> str:
    return "".join(f"    {row}\n" for row in body.splitlines())


@pytest.mark.parametrize("body", KEPT.values(), ids=KEPT.keys())
def test_what_stays_the_same_is_computed_once(body, tmp_path):
    after = check(f"{HEAD}for t in range(4):  # hot\n{rows(body)}", tmp_path)
    assert "_once = np.empty" in after


def test_a_flow_is_computed_once_but_for_its_factor(tmp_path):
    after = check(f"{HEAD}for t in range(4):  # hot\n{rows(KEPT['a flow'])}", tmp_path)
    assert "np.sin" not in after.partition("for t in range")[2].partition("def ")[0]


@pytest.mark.parametrize("body", CHANGING.values(), ids=CHANGING.keys())
def test_what_changes_is_computed_in_every_turn(body, tmp_path):
    after = check(f"{HEAD}for t in range(4):  # hot\n{rows(body)}", tmp_path)
    assert "_once" not in after
