"""Numbers computed of elements of lists: they may be stored in the arrays that these lists become."""

import pytest

from tests.kernel.in_process import execute, proposals, rewritten

HEAD = """
import math
import sys
import numpy as np

way = sys.argv[1] if len(sys.argv) > 1 else ""
n = 6
"""


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """The texts with arrays; each prints what the original prints, interpreted."""
    monkeypatch.setattr("numba.core.config.DISABLE_JIT", True)

    def check(text):
        candidates, _ = proposals(HEAD + text, tmp_path)
        for argv in ((), ("other",)):
            original = execute(HEAD + text, argv, tmp_path)
            for one in candidates:
                assert execute(rewritten(one), argv, tmp_path).essence == original.essence, rewritten(one)
        return [rewritten(one) for one in candidates if "stored in arrays" in one.title]

    return check


COMPUTED = {
    "by a local variable": """
u = [math.sin(i) for i in range(n)]
for t in range(3):  # hot
    new = u[:]
    for i in range(1, n - 1):
        lap = u[i + 1] - 2 * u[i] + u[i - 1]
        change = 0.25 * lap
        new[i] = u[i] + change
    u = new
print(u)
""",
    "by functions": """
def slope(a, b):
    if a * b <= 0:
        return 0.0
    return a if abs(a) < abs(b) else b

def rate(u, i):
    return slope(u[i] - u[i - 1], u[i + 1] - u[i]), 0.5 * u[i]

u = [math.sin(i) for i in range(n)]
for t in range(3):  # hot
    new = u[:]
    for i in range(1, n - 1):
        s, half = rate(u, i)
        new[i] = half + 0.125 * s
    u = new
print(u)
""",
    "of whole numbers": """
grid = [[(i * j) % 5 for j in range(n)] for i in range(n)]
for t in range(3):  # hot
    for i in range(1, n - 1):
        for j in range(1, n - 1):
            grid[i][j] = -grid[i][j] if t == 2 else (3 * grid[i][j] + grid[i - 1][j]) % 5
            grid[i][j - 1] = max(grid[i][j] - 1, 0)
print(grid, sum(row.count(3) for row in grid), grid[2].index(grid[2][1]))
""",
}
OTHERS = {
    "its whole numbers may outgrow 64 bits": """
u = [1] * 120
for t in range(1):  # hot
    for i in range(2, 120):
        u[i] = u[i - 1] + u[i - 2]
print(u)
""",
    "their products may outgrow 64 bits": """
u = [2000000011 + i for i in range(9)]
for t in range(2):  # hot
    for i in range(2, 9):
        u[i] = (u[i - 1] * u[i - 2] * 3) % 2147483629
print(u)
""",
    "whole numbers are added to one another": """
u = [1] * 80
for t in range(2):  # hot
    for i in range(1, 80):
        u[i] += 2 * u[i - 1]
print(u)
""",
    "a local variable keeps what grows": """
u = [1] * 80
for t in range(2):  # hot
    for i in range(1, 80):
        k = 3 * u[i - 1]
        u[i] = k
print(u)
""",
    "it may be NumPy's": """
u = [math.sin(i) for i in range(n)]
for t in range(3):  # hot
    new = u[:]
    for i in range(1, n - 1):
        root = np.sqrt(abs(u[i]))
        new[i] = root
    u = new
print(u)
""",
    "it may be whole": """
u = [math.sin(i) for i in range(n)]
for t in range(3):  # hot
    new = u[:]
    for i in range(1, n - 1):
        part = int(u[i]) if way else 0.5 * u[i]
        new[i] = part
    u = new
print(u)
""",
    "it is counted in a list of floats, by what is no number": """
u = [math.sin(i) for i in range(n)]
u[2] = math.nan
for t in range(3):  # hot
    for i in range(3, n - 1):
        u[i] = 0.5 * u[i - 1]
print(u.count(u[2]))
""",
}


@pytest.mark.parametrize("how", COMPUTED)
def test_what_is_computed_of_elements_is_stored_in_arrays(how, stored):
    assert stored(COMPUTED[how])


@pytest.mark.parametrize("why", OTHERS)
def test_a_list_stays_one_where_its_numbers_may_be_others(why, stored):
    assert not stored(OTHERS[why])
