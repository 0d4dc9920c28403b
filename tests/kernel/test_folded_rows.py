"""Sums, counts and extremes over the rows of grids that are lists: they are compiled with the loops."""

import pytest

from tests.kernel.in_process import execute, proposals, rewritten

SCRIPT = """
import math

n = 7
u = [[math.sin(i * j) for j in range(n)] for i in range(n)]
g = [[(i * j) % 3 for j in range(n)] for i in range(n)]
x = [math.cos(i) for i in range(n)]
row = 4

def run():
    for t in range(3):  # hot
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                u[i][j] += 0.1 * u[i - 1][j]
                g[i][j] = (g[i][j] + 1) % 3
                x[i] += 0.1 * u[i][j]
        found = {value}
        print(f"{{found:.15f}} {{found > 1}}")

run()
print(row, u, g, x)
"""
VALUES = (
    "max(max(row) for row in u)",
    "sum(sum(row) for row in u)",
    "sum(map(sum, g))",
    "max(map(max, u)) - min(map(min, g))",
    "max(map(abs, x))",
    "sum(1 for line in g for c in line if c == 2)",
    "sum(line.count(2) for line in g) / n**2",
    "sum(u[i][j] ** 2 for i in range(n) if i > 2 for j in range(i))",
    "math.sqrt(sum(abs(v) for line in u for v in line) / n)",
    "max(max(abs(v) for v in line) for line in u)",
)


@pytest.mark.parametrize("value", VALUES)
def test_they_are_compiled(value, tmp_path, monkeypatch):
    monkeypatch.setattr("numba.core.config.DISABLE_JIT", True)
    text = SCRIPT.format(value=value)
    candidates, _ = proposals(text, tmp_path)
    original = execute(text, (), tmp_path)
    for one in candidates:
        assert execute(rewritten(one), (), tmp_path).essence == original.essence, rewritten(one)
    kernel = rewritten(candidates[0]).partition("def run")[0]
    assert "found" in kernel and "stored in arrays" in candidates[0].title, kernel


ASKED = """
import sys
import numpy as np

n = int(sys.argv[1]) if len(sys.argv) > 1 else 9
u = np.zeros(n)
u[:1] = 1.0
w = np.ones((n, n))

def stable(v, most):
    return all(abs(x) < most for x in v) and not any(x != x for x in v)

turns, rough = 0, False
while any(abs(u[i] - 0.5 * (u[i - 1] + u[i + 1])) > 1e-3 for i in range(1, n - 1)):  # hot
    old = w.copy()
    for i in range(1, n - 1):
        u[i] = 0.5 * (u[i - 1] + u[i + 1])
        w[i, 1:] *= 0.5
    turns += 1
    rough = any((x - y) > 0.1 for row, last in zip(old, w) for x, y in zip(row, last) if x > 0)
    if all(abs(w[i, j] - old[i, j]) < 1e-6 for i in range(n) for j in range(n)):
        break
    if not stable(u, 10.0) or (n > 4 and all(x > 1 for x in u)):
        break
print(turns, u, w, rough)
"""


def test_what_holds_for_all_or_any_is_counted(tmp_path, monkeypatch):
    monkeypatch.setattr("numba.core.config.DISABLE_JIT", True)
    candidates, refusals = proposals(ASKED, tmp_path)
    for argv in ((), ("2",), ("3",), ("5",)):
        original = execute(ASKED, argv, tmp_path)
        assert execute(rewritten(candidates[0]), argv, tmp_path).essence == original.essence, argv
    kernels = rewritten(candidates[0]).partition("\nn = ")[0]
    assert " any(" not in kernels and " all(" not in kernels and "break" in kernels, refusals
    assert "                if not (abs(w[i, j] - old[i, j]) < 1e-6):\n" in kernels
