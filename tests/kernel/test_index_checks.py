"""Indices that leave an array raise IndexError; nothing is checked where the source proves that none does."""

import subprocess
import sys
from pathlib import Path

import numba
import pytest

from tests.kernel.in_process import execute, proposals, rewritten


@pytest.fixture(autouse=True)
def interpreted(monkeypatch):
    """Rewrites are run as Python, without a compilation each."""
    monkeypatch.setattr(numba.config, "DISABLE_JIT", True)


HEAD = "import sys\nimport numpy as np\nn = int(sys.argv[1]) if len(sys.argv) > 1 else 6\n"
ERROR = 'raise IndexError("index out of range")'


def checks_of(text: str, folder: Path, *inputs: str) -> list[str]:
    """The conditions of the first candidate; every candidate prints, and raises, what the script does."""
    found = proposals(text, folder)
    assert found is not None and found[0], found
    for candidate in found[0]:
        for argv in ((), *((one,) for one in inputs)):
            before, after = execute(text, argv, folder), execute(rewritten(candidate), argv, folder)
            assert after.essence == before.essence, (
                f"{candidate.title} {argv} {after}\n{rewritten(candidate)}"
            )
    rows = rewritten(found[0][0]).splitlines()
    return [rows[at - 1].strip() for at, row in enumerate(rows) if row.strip() == ERROR]


PROVED = {
    "made of the names that bound the loops": """
u = np.zeros((n, n + 1))
v = np.ones_like(u)
for step in range(3):
    for i in range(1, n - 1):  # hot
        for j in range(1, n):
            u[i, j] = 0.5 * v[i + 1, j] + v[i - 1, j] + v[i, j - 1]
    u, v = v, u
print(u.tolist())
""",
    "given to a function with them": """
def sweep(u, v, m):
    for i in range(m):  # hot
        v[i] = u[i + 1] - u[i - 1] + u[(i + 1) % m]
def solve(size):
    u, v = np.linspace(0, 1, size + 1), np.zeros(size)
    for step in range(3):
        sweep(u, v, size)
        u[:-1] += v
    return u
for size in (4, 8, n):
    print(solve(size).tolist())
""",
    "attributes of an object": """
class Wave:
    def __init__(self, n):
        self.n = n
        self.now = np.ones((n + 1, n + 1))
        self.old = self.now.copy()
    def step(self):
        for i in range(1, self.n):  # hot
            for j in range(1, self.n):
                self.old[i, j] += 0.5 * self.now[i + 1, j] - self.now[i, j - 1]
        self.old, self.now = self.now, self.old
wave = Wave(n)
for k in range(3):
    wave.step()
print(wave.now.tolist())
""",
    "sizes that are asked for": """
def smooth(u):
    nx, ny = u.shape
    w = np.zeros(nx * ny)
    for i in range(nx):  # hot
        for j in range(ny):
            w[i * ny + j] = u[i, j] if i == 0 else u[i - 1, j]
    return w
print(smooth(np.ones((n, 3))).tolist())
""",
    "lists": """
u = [0.5] * (n + 1)
grid = [[0.25 for _ in range(n)] for _ in range(n)]
log = []
for step in range(3):
    for i in range(n):  # hot
        u[i + 1] += grid[i][n - 1 - i]
    log.append(u[n])
print(u, log)
""",
    "a remainder by a size that the loops do not count to": """
cells = 8
rho, x = np.zeros(cells), np.linspace(0.0, 20.0, n)
for p in range(n):  # hot
    k = int(x[p])
    rho[k % cells] += 0.5
    rho[(k + 1) % cells] += 0.25
print(rho.tolist())
""",
    "the larger of two": """
u, v = np.linspace(0, 1, n), np.zeros(n)
for i in range(n):  # hot
    before, after = max(i - 1, 0), min(i + 1, n - 1)
    low = max(0, i - 2)
    v[i] = u[before] - u[after] + u[low] + u[i - 1 if i > 0 else 0]
print(v.tolist())
""",
    "places that functions compute": """
class Grid:
    def __init__(self, nx, ny):
        self.nx, self.ny = nx, ny
        self.u = np.ones(nx * ny)
    def at(self, i, j):
        return i + self.nx * j
    def fill(self):
        for i in range(1, self.nx):  # hot
            for j in range(1, self.ny - 1):
                k = self.at(i, j)
                self.u[k] += 0.5 * self.u[self.at(i - 1, j)] + self.u[at(i, j + 1, self.nx)]
at = lambda i, j, nx: i + nx * j
grid = Grid(n, n + 1)
grid.fill()
print(grid.u.tolist())
""",
    "the edges of what is stored in rows": """
m = n + 1
u = np.ones(n * m)
for i in range(n):  # hot
    u[i * m] = 0.5
    u[i * m + m - 1] = 0.25
print(u.tolist())
""",
    "a branch that keeps inside": """
u = np.ones(n)
v = np.zeros(n)
for i in range(n):  # hot
    if i > 0 and i < n - 1:
        v[i] = u[i - 1] + u[i + 1]
    else:
        v[i] = u[max(i - 1, 0)] + u[min(i + 1, n - 1)]
print(v.tolist())
""",
}


@pytest.mark.parametrize("name", PROVED)
def test_nothing_is_checked_where_arrays_are_surely_large_enough(name, tmp_path):
    assert checks_of(HEAD + PROVED[name], tmp_path, "3", "1", "9") == []


LEFT = {
    "an array of another size": (
        "u = np.zeros(6)\nfor i in range(n):  # hot\n    u[i] += 0.5\nprint(u.tolist())\n",
        "if n > 0 and u.shape[0] < n:",
    ),
    "a size that changes afterwards": (
        "u = np.zeros(n)\nif len(sys.argv) > 1:\n    n = 2 * n\n"
        "for i in range(n):  # hot\n    u[i] += 0.5\nprint(u.tolist())\n",
        "if n > 0 and u.shape[0] < n:",
    ),
    "a size of the turn before": (
        "for n in (6, 6, n):\n    if n == 6:\n        u = np.zeros(n)\n    for i in range(n):  # hot\n"
        "        u[i] += 0.5\nprint(u.tolist())\n",
        "if n > 0 and u.shape[0] < n:",
    ),
    "a list that grows": (
        "a = [0.5] * 6\nif len(sys.argv) > 1:\n    a.append(0.5)\nm = len(a)\nu = np.zeros(6)\n"
        "for i in range(m):  # hot\n    u[i] += a[i]\nprint(u.tolist())\n",
        "if m > 0 and min(u.shape[0], len(a)) < m:",
    ),
    "an attribute that is counted up": (
        "class Grid:\n    def __init__(self, n):\n        self.n = n\n        self.u = np.zeros(n)\n"
        "    def step(self):\n        for i in range(self.n):  # hot\n            self.u[i] += 0.5\n"
        "grid = Grid(n)\ngrid.step()\nif len(sys.argv) > 1:\n    grid.n += 1\n"
        "grid.step()\nprint(grid.u.tolist())\n",
        "if n > 0 and u.shape[0] < n:",
    ),
    "a name of a comprehension": (
        "u = np.zeros(n)\ndef add(u, n):\n    for i in range(n):  # hot\n"
        "        u[i] += 0.5\n    return u[0]\n"
        "print([float(add(u, n)) for n in ((6, 5) if len(sys.argv) == 1 else (7, 8))])\n",
        "if n > 0 and u.shape[0] < n:",
    ),
    "places that functions compute": (
        "u = np.zeros(12)\nm = 2\nat = lambda i, j: i * m + j\nfor i in range(n):  # hot\n"
        "    for j in range(m):\n        u[at(i, j)] += 0.5\nprint(u.tolist())\n",
        "if n > 0 and m > 0 and u.shape[0] < m * n:",
    ),
    "two of which one tells of the other": (
        "u = np.zeros((n + 1, 3))\nfor j in range(3):  # hot\n"
        "    u[0, j], u[n, j] = 0.5, 1.5\nprint(u.tolist())\n",
        "if u.shape[0] < 1:",
    ),
    "the larger of two sizes": (
        "u = np.zeros(6)\nfor i in range(n):  # hot\n    u[max(i, n - 5)] += 0.5\nprint(u.tolist())\n",
        None,
    ),
    "the wrong end": (
        "u = np.zeros(6)\nv = np.ones(6)\nfor i in range(6):  # hot\n"
        "    v[i] = u[n - 6 - i]\nprint(v.tolist())\n",
        "if u.shape[0] < n - 5 or u.shape[0] < 11 - n:",
    ),
    "before a turn may be cut short": (
        "u, v = np.zeros(6), np.ones(3)\nfor i in range(n):  # hot\n    if u[i] > 1:\n"
        "        continue\n    v[i % 3] += 0.5\nprint(v.tolist())\n",
        "if n > 0 and u.shape[0] < n:",
    ),
    "around a loop that ends early": (
        "u = np.zeros(6)\nfor i in range(n):  # hot\n    u[i] += 0.5\n    for j in range(3):\n"
        "        if j > i:\n            break\nprint(u.tolist())\n",
        "if n > 0 and u.shape[0] < n:",
    ),
    "behind what cuts a turn short": (
        "u = np.zeros(6)\nfor i in range(n):  # hot\n    if i * i > 30:\n        continue\n"
        "    u[i] += 0.5\nprint(u.tolist())\n",
        None,
    ),
    "before the loop is left by the end of another": (
        "u = np.zeros(6)\nfor i in range(n):  # hot\n    u[i] += 0.5\n    for j in range(3):\n"
        "        u[j] += 0.25\n    else:\n        break\nprint(u.tolist())\n",
        None,
    ),
    "one that branches reach, though not surely": (
        "u = np.zeros(6)\nfor i in range(n):  # hot\n    if i * i < 30:\n"
        "        u[i] += 0.5\nprint(u.tolist())\n",
        None,
    ),
}


@pytest.mark.parametrize("name", LEFT)
def test_what_is_not_proved_is_compared_once_before_the_loop(name, tmp_path):
    text, condition = LEFT[name]
    inside = ("3", "12", "0") if condition else ("3", "0")  # what is not compared is not looked at, either
    assert checks_of(HEAD + text, tmp_path, *inside) == ([condition] if condition else [])


PASSED_OVER = """
def step(u, v, n):
    x = {}
    for i in range(6):  # hot
        v[i] += x * u[i - 1] + 1.0
u, v = np.linspace(0.0, 1.0, 6), np.ones(6)
step(u, v, n)
print(v.tolist())
"""


@pytest.mark.parametrize(
    "value",
    [
        "0.25 if n > 6 else u[n - 1]",
        "0.5 if n > 6 or u[n - 1] < 1.0 else 0.25",
        "0.5 if 7 < n and u[n - 7] < 1.0 else 0.25",
        "0.5 if n < 7 < u[n - 1] else 0.25",
    ],
)
def test_what_an_operator_may_pass_over_is_not_compared(value, tmp_path):
    assert checks_of(HEAD + PASSED_OVER.format(value), tmp_path, "3", "12", "0") == []


def test_a_long_comparison_is_broken_over_lines(tmp_path):
    text = (
        "def blend(first, second, third, rows, columns):\n    for i in range(rows):  # hot\n"
        "        for j in range(columns):\n            first[i, j] = second[i, j] + third[j, i]\n"
        "first, second, third = np.zeros((8, 6)), np.ones((7, 5)), np.ones((4, 6))\n"
        "blend(first, second, third, n, n - 2)\nprint(first.tolist())\n"
    )
    checks_of(HEAD + text, tmp_path, "7", "3")
    found = proposals(HEAD + text, tmp_path)
    assert found is not None
    assert "    if rows > 0 and columns > 0 and (\n        min(first.shape[0], " in rewritten(found[0][0])


def test_sizes_are_compared_together_where_min_is_pythons(tmp_path):
    loop = "a, b = np.zeros(6), np.ones(int(6.5))\nfor i in range(n):  # hot\n    a[i] += b[i]\n"
    loop += "print(a.tolist())\n"
    assert checks_of(HEAD + loop, tmp_path, "3", "12") == ["if n > 0 and min(a.shape[0], b.shape[0]) < n:"]
    hidden = HEAD + "min = max\n" + loop
    assert checks_of(hidden, tmp_path, "3", "12") == ["if n > 0 and (a.shape[0] < n or b.shape[0] < n):"]


def test_a_bound_that_the_loop_changes_proves_nothing(tmp_path):
    text = (
        "u = np.zeros(6)\nm = 6\nfor i in range(m):  # hot\n    m = m - n // 6\n    u[m] += 0.5\n"
        "print(u.tolist())\n"
    )
    assert checks_of(HEAD + text, tmp_path, "12") == []


def test_compiled_code_raises_without_bounds_checks(tmp_path):
    text = HEAD + (
        "def step(u, v, n):\n    for i in range(1, n - 1):  # hot\n        v[i] = u[i + 1] - u[i - 1]\n"
        "u, v = np.ones(6), np.zeros(6)\nfor k in range(2):\n    step(u, v, n)\nprint(v.tolist())\n"
    )
    candidates, _ = proposals(text, tmp_path)
    (tmp_path / "script.py").write_text(rewritten(candidates[0]))
    runs = [
        subprocess.run(
            [sys.executable, "script.py", *argv], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        for argv in ((), ("100000000",), ("2",))
    ]
    assert [run.returncode for run in runs] == [0, 1, 0]
    assert "IndexError: index out of range" in runs[1].stderr
