"""Grids that are built by ``append`` at each step, row by row, and the functions around them."""

import pytest

from tests.kernel.in_process import execute, proposals, rewritten

HEAD = """
import math
import sys

n = int(sys.argv[1]) if len(sys.argv) > 1 else 5
m = 4
x0 = 0.75
u = [[math.sin(i + 2 * j) for j in range(m)] for i in range(n)]
"""


@pytest.fixture
def alike(tmp_path, monkeypatch):
    """The first rewrite; each prints what the original prints, interpreted, for several sizes."""
    monkeypatch.setattr("numba.core.config.DISABLE_JIT", True)

    def check(text):
        candidates, _ = proposals(HEAD + text, tmp_path)
        texts = [rewritten(one) for one in candidates]
        for argv in ((), ("1",), ("2",), ("9",)):
            original = execute(HEAD + text, argv, tmp_path)
            for fresh in texts:
                assert execute(fresh, argv, tmp_path).essence == original.essence, fresh
        return texts[0] if texts else ""

    return check


GRIDS = {
    "by rows": (
        """\
new = []
for i in range(n):
    row = []
    for j in range(m):
        if i == 0 or j == 0:
            row.append(0.0)
        else:
            row.append(0.5 * u[i][j] + u[i - 1][j])
    new.append(row)
""",
        "row = new[i]",
    ),
    "with ends": (
        """\
new = []
new.append([0.5] * m)
for i in range(1, n):
    row = [u[i][1]]
    for j in range(1, m - 1):
        change = u[i][j] - u[i][j - 1]
        row.append(change)
    row.append(u[i][-1])
    new.append(row)
new.append([0.0 for _ in range(m)])
u.append([0.25] * m) if t < -1 else None
""",
        "",
    ),
    "after a row of zeros": (
        """\
new = [[0.0] * m, [x0] * m]
for i in range(1, n - 1):
    row = []
    for j in range(m):
        row.append(u[i][j] - u[i - 1][j])
    new.append(row)
new.append([0.0] * m)
u.append([0.5] * m) if t < -1 else None
""",
        "",
    ),
    "made on the spot": (
        """\
new = []
for i in range(len(u)):
    new.append([0.5 * u[i][j] for j in range(m)])
""",
        "new[i] = ",
    ),
    "over rows": (
        """\
new = []
for above in u:
    row = []
    for j in range(1, m):
        row.append(above[j] - above[j - 1])
    row.append(above[0])
    new.append(row)
""",
        "row = new[new_count]",
    ),
}
STAYING = {
    "a triangle": """\
new = []
for i in range(n):
    row = []
    for j in range(i + 1):
        row.append(u[i][0])
    new.append(row)
""",
    "rows of two lengths": """\
new = []
for i in range(n):
    row = []
    for j in range(m):
        row.append(u[i][j])
    new.append(row)
new.append([0.5])
""",
    "one row twice": """\
new = []
for i in range(n):
    row = []
    for j in range(m):
        row.append(u[i][j])
    new.append(row)
    if i == 0:
        other = row
        other[0] = 0.5
""",
    "one row for all": """\
new = []
row = []
for i in range(n):
    for j in range(m):
        row.append(u[i][j])
    new.append(row)
""",
    "looked at": """\
new = []
for i in range(n):
    row = []
    for j in range(m):
        row.append(u[i][j] + (row[-1] if row else 0.5))
    new.append(row)
""",
    "a length that changes": """\
new = []
width = m
for i in range(n):
    row = []
    for j in range(width):
        row.append(u[i][j])
    width = max(width - 1, 1)
    new.append(row)
""",
    "left half built": """\
new = []
for i in range(n):
    row = []
    for j in range(m):
        if u[i][j] > 0.9:
            break
        row.append(u[i][j])
    new.append(row)
""",
}


@pytest.mark.parametrize("way", GRIDS)
def test_a_grid_is_filled(alike, way):
    text, wanted = GRIDS[way]
    rows = "".join(f"    {row}\n" for row in text.splitlines())
    made = alike(f"for t in range(3):  # hot\n{rows}    u = new\nprint(u, len(new))\n")
    if wanted:
        assert wanted in made and "new = np.empty((" in made, made


@pytest.mark.parametrize("why", STAYING)
def test_rows_of_which_the_length_is_not_told_stay(alike, why):
    rows = "".join(f"    {row}\n" for row in STAYING[why].splitlines())
    made = alike(f"for t in range(3):  # hot\n{rows}    u[0][0] += sum(map(sum, new))\nprint(u, new)\n")
    assert "new = np.empty(" not in made


def test_whole_numbers_are_handed_through_functions(alike):
    made = alike(
        """
def neighbours(g, r, c):
    total = 0
    for d in (-1, 1):
        total += g[(r + d) % len(g)][c] + g[r][(c + d) % m]
    return total

def evolve(g):
    new = []
    for r in range(len(g)):
        row = []
        for c in range(m):
            k = neighbours(g, r, c)
            if g[r][c] == 1 and k in (2, 3):
                row.append(1)
            else:
                row.append(1 if k == 3 else 0)
        new.append(row)
    return new

grid = [[(i * j + i) % 2 for j in range(m)] for i in range(n)]
population = []
for t in range(4):
    grid = evolve(grid)  # hot
    population.append(sum(map(sum, grid)))
print(grid, *population)
""".replace("  # hot", "").replace("for r in range(len(g)):", "for r in range(len(g)):  # hot")
    )
    assert "grid = evolve_kernel(" in made or "row = new[r]" in made, made


def test_a_name_for_rows_elsewhere_is_followed_too(alike):
    made = alike("""
for t in range(3):  # hot
    new = []
    for i in range(n):
        row = []
        for j in range(m):
            row.append(0.5 * u[i][j])
        new.append(row)
    for row in new:
        row[0] += 1.0
    u = new
    last = row
last[1] = 7.5
print(u, row)
""")
    assert "row = new[i]" in made, made
