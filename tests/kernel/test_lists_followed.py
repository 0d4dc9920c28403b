"""Lists that are handed from function to function, and become arrays wherever they go."""

import pytest

from tests.kernel.in_process import execute

HEAD = """
import copy
import sys

way = sys.argv[1] if len(sys.argv) > 1 else ""
"""


@pytest.fixture
def same_arrays(rewrite, monkeypatch):
    """Rewrite, and run the form with arrays interpreted: what it prints is the same."""
    monkeypatch.setattr("numba.core.config.DISABLE_JIT", True)

    def check(text, *inputs):
        done = rewrite(text)
        text_with = [one.patches[0].after for one in done.candidates if "made arrays" in one.title]
        assert text_with, [one.title for one in done.candidates]
        for argv in ((), *((one,) for one in inputs)):
            original, got = execute(text, argv, done.folder), execute(text_with[0], argv, done.folder)
            assert got.essence == original.essence, text_with[0]
        return done

    return check


GRIDS = (
    HEAD
    + """
def make(n, m, value):
    return [[value] * m for _ in range(n)]

def laplacian(a, i, j):
    return a[i + 1][j] + a[i - 1][j] + a[i][j + 1] + a[i][j - 1] - 4 * a[i][j]

def advance(u, v, dt):
    n = len(u)
    un, vn = make(n, len(u[0]), 0.0), make(n, len(u[0]), 0.0)
    for i in range(1, n - 1):  # hot
        for j in range(1, len(u[0]) - 1):
            un[i][j] = u[i][j] + dt * (laplacian(u, i, j) - v[i][j])
            vn[i][j] = v[i][j] + dt * (0.5 * laplacian(v, i, j) + u[i][j])
    return un, vn

def total(a):
    s = 0
    for row in a:
        for x in row:
            s += x
    return s

def corners(a):
    return a[0][0], a[-1][-1]

u = make(8, 6, 1.0)
v = [[0.1 * (i - j) for j in range(6)] for i in range(8)]
u[3][2] += 0.5
kept = []
"""
)


def test_lists_that_functions_make_and_return_are_arrays(same_arrays):
    done = same_arrays(
        GRIDS
        + """
for step in range(7):
    u, v = advance(u, v, 0.1)
    kept.append([row[:] for row in u])
    kept.append(list(v[3]))
    kept.append(u[2][1])
print(total(u), total(v), corners(u), len(v), max(u[3]), sum(v[3][1:4]), sum(sum(row) for row in u))
print(kept[0], kept[1], kept[2], kept[-1])
print(f"{u[1]} {v[2][2]!r} {u[3] == v[3]} {[x for x in v[4]]}", [2 * a for row in u for a in row][:5])
for i, row in enumerate(u):
    print(i, row[2], *row[:2])
for row, other in zip(u, v):
    print(row[2] / (1.0 + other[2] ** 2), *other[:2])
old = copy.deepcopy(u)
u[3][3] = -1.0
print(old[3][3], u[3][3], 0.5 in v[0], str(v[0][0]))
"""
    )
    assert "np.full((n, m), value, dtype=np.float64)" in done.text
    assert "list_types" not in done.text


def test_what_leaves_an_array_divides_as_pythons_numbers_do(same_arrays):
    same_arrays(
        GRIDS
        + """
u, v = advance(u, v, 0.1)
at = 0 if way == "zero" else 2
least = v[at][1] - (v[at][1] if way == "zero" else 0.0)
first = u[0][0]
try:
    print(1.0 / first if way != "none" else 0.0, 2.0 / u[3][3], 1 / least)
except ZeroDivisionError:
    print("divided by zero")
""",
        "zero",
        "none",
    )


@pytest.mark.parametrize(
    "tail",
    [
        "frames = [u]\nfor step in range(3):\n    u, v = advance(u, v, 0.1)\nprint(frames[0][3])",
        "state = {'u': u}\nfor step in range(3):\n    u, v = advance(u, v, 0.1)\nprint(state)",
        "u.append([0.0] * 6)\nv.append([0.0] * 6)\nu, v = advance(u, v, 0.1)\nprint(len(u))",
        "u[1] = u[0]\nfor step in range(3):\n    u, v = advance(u, v, 0.1)\nprint(u[0])",
        "u, v = advance(u, v, 0.1)\nv[1][1] = None\nprint(v[0])",
        "steps = [advance]\nfor step in steps:\n    u, v = step(u, v, 0.1)\nprint(u[0])",
        "u, v = advance(u, v, 0.1)\nu[0], u[1] = u[1], u[0]\nprint(u[0])",
        "u, v = advance(u, v, 0.1)\nlast = u[2:]\nlast[0][0] = 5.0\nprint(u[2])",
        "u, v = advance(u, v, 0.1)\nrows = list(u)\nrows[0][0] = 5.0\nprint(u[0])",
        "u, v = advance(u, v, 0.1)\nv[0][0] /= u[1][1]\nprint(u[0])",
    ],
)
def test_lists_that_are_not_followed_stay_lists(rewrite, tail):
    done = rewrite(GRIDS + tail + "\n")
    assert done.candidates
    assert not any("made arrays" in found.title for found in done.candidates)


def test_elements_are_walked_as_they_are_then(same_arrays):
    done = same_arrays(
        HEAD
        + """
def smooth(a, out, c):
    for i in range(1, len(a) - 1):  # hot
        out[i] = a[i] + c * (a[i + 1] - 2 * a[i] + a[i - 1])

def spread(a):
    for i, x in enumerate(a):
        if i + 1 < len(a):
            a[i + 1] += 0.5 * x
    return [x for x in a if x > 0.5]

u = [0.25 * i for i in range(12)]
w = [0.0] * 12
for step in range(3):
    smooth(u, w, 0.1)
    u, w = w, u
print(spread(u), list(zip(u, w))[3], list(map(abs, u))[:2])
pairs = [u for u in u]
print(pairs, type(pairs[0]))
"""
    )
    assert "enumerate(map(float, a))" in done.text


@pytest.mark.parametrize(
    "tail",
    [
        "row = u[2]\nu[2] = [0.5 * j for j in range(6)]\nprint(row)",
        "walk = enumerate(v[1])\nv[1][0] = 7.5\nprint(list(walk))",
        "class Box:\n    pass\nbox = Box()\nbox.u = u\nprint(getattr(box, 'u')[1])",
    ],
)
def test_rows_and_iterators_that_are_kept_leave_lists_alone(rewrite, tail):
    done = rewrite(GRIDS + "for step in range(2):\n    u, v = advance(u, v, 0.1)\n" + tail + "\n")
    assert not any("made arrays" in found.title for found in done.candidates)


def test_new_rows_without_other_names_are_stored(same_arrays):
    same_arrays(
        HEAD
        + """
def relax(a, b):
    for i in range(1, 5):  # hot
        for j in range(1, 5):
            b[i][j] = 0.25 * (a[i + 1][j] + a[i - 1][j] + a[i][j + 1] + a[i][j - 1])

a = [[float(i * j) for j in range(6)] for i in range(6)]
b = [[0.0] * 6 for _ in range(6)]
for step in range(4):
    relax(a, b)
    b[0] = [1.0] * 6
    b[5] = b[0][:]
    a, b = b, a
print([row[2] for row in a], a[5], b[0])
"""
    )


WAVE = (
    HEAD
    + """
class Wave:
    def __init__(self, nx, ny):
        self.nx, self.ny = nx, ny
        self.u = [[0.0] * ny for _ in range(nx)]
        self.old = [[0.0] * (ny - 2 + 2) for _ in range(nx)]
        self.t = 0.0
        self.history = []

    def poke(self, i, j, a):
        self.u[i][j] += a
        self.old[i][j] = self.u[i][j]

    def step(self, dt):
        new = [[0.0 for _ in range(self.ny)] for _ in range(self.nx)]
        for i in range(1, self.nx - 1):  # hot
            for j in range(1, self.ny - 1):
                lap = self.u[i + 1][j] + self.u[i - 1][j] + self.u[i][j + 1] + self.u[i][j - 1]
                new[i][j] = 2 * self.u[i][j] - self.old[i][j] + dt * dt * (lap - 4 * self.u[i][j])
        self.old, self.u = self.u, new
        self.t += dt

    def energy(self):
        return sum(sum(x * x for x in row) for row in self.u)

    def keep(self):
        self.history.append([row[:] for row in self.u])
        self.history.append(self.u[3][:])
        self.history.append(max(self.u[2]))
"""
)


def test_lists_that_attributes_hold_are_arrays(same_arrays):
    done = same_arrays(
        WAVE
        + """
w = Wave(7, 9)
w.poke(3, 4, 1)
for n in range(6):
    w.step(0.5)
    w.keep()
print(w.t, w.energy(), w.u[3][4], w.history[-1], w.history[-2], w.history[-3])
"""
    )
    assert "self.u = np.zeros((nx, ny))" in done.text and "u[i + 1, j]" in done.text
    assert "self.old = np.zeros((nx, max(ny - 2 + 2, 0)))" in done.text


def test_an_attribute_that_another_class_binds_to_something_else_stays(rewrite):
    done = rewrite(
        WAVE
        + """
class Other:
    def __init__(self, u):
        self.u = u

w = Wave(7, 9)
w.poke(3, 4, 1)
other = Other("text")
for n in range(3):
    w.step(0.5)
print(w.u[3], other.u)
"""
    )
    assert not any("u made" in found.title for found in done.candidates)


def test_whole_numbers_stay_whole(same_arrays):
    done = same_arrays(
        HEAD
        + """
def neighbours(cells, i, j):
    n = len(cells)
    count = 0
    for di in (-1, 0, 1):
        for dj in (-1, 0, 1):
            count += cells[(i + di) % n][(j + dj) % n]
    return count - cells[i][j]

def generation(cells):
    n = len(cells)
    new = [[0] * n for _ in range(n)]
    for i in range(n):  # hot
        for j in range(n):
            k = neighbours(cells, i, j)
            new[i][j] = 1 if k == 3 or (cells[i][j] and k == 2) else 0
    return new

cells = [[(i * 7 + j * 3) % 5 // 3 for j in range(9)] for i in range(9)]
for step in range(4):
    cells = generation(cells)
    print(step, sum(map(sum, cells)), cells[4])
print(["".join("#" if c else "." for c in row) for row in cells])
"""
    )
    assert "np.zeros((n, n), dtype=np.int64)" in done.text


@pytest.mark.parametrize(
    "lists",
    ["    a = [0.25 * i for i in range(n)]\n", "    global a\n"],
)
def test_single_precision_that_may_be_stored_leaves_lists_alone(rewrite, monkeypatch, lists):
    monkeypatch.setattr("numba.core.config.DISABLE_JIT", True)
    done = rewrite(f"""
import sys
import numpy as np

n = 7
u = np.linspace(0, 1, n).astype(sys.argv[1] if len(sys.argv) > 1 else "float64")
a = [0.5 * i for i in range(n)]

def add(u):
{lists}    for i in range(n):  # hot
        a[i] += 0.1 * u[i]
    return float(a[3] * 1.1), [float(x) for x in a]

print(add(u))
""")
    for one in done.candidates:
        for argv in ((), ("float32",)):
            original = execute(done.project["script.py"].text, argv, done.folder)
            assert execute(one.patches[0].after, argv, done.folder).essence == original.essence


def test_numbers_that_leave_a_list_made_an_array_are_pythons(same_steps):
    same_steps(
        """
import sys
n = 12
u = [0.0] * n
for s in range(4):
    for i in range(1, n - 1):  # hot
        u[i] = u[i] + 0.2 * (u[i - 1] - 2 * u[i] + u[i + 1]) + 0.01 * s
seen = []
try:
    x = u[0]
    print(1 / x)
except ZeroDivisionError:
    print("zero")
y = u[0] - 1.0
flags = [u[i] > 0.05 for i in range(n)]
seen.append(u[3])
largest = max(abs(v) for v in u)
print(y**0.5, flags, flags[3] is True, seen, [largest], (u[2], u[4] < 1.0), "%r" % (u[5],))
for v in u:
    seen.append(v)
print(seen, [sum(v * v for v in u)])
"""
    )


def test_lists_of_whole_numbers_that_others_call_a_function_with_stay(same_steps):
    same_steps(
        """
import sys

def relax(b, d):
    for i in range(1, len(d)):  # hot
        d[i] = (d[i] - 0.1 * d[i - 1]) / (1.0 + b[i])
    return d

first, second, third = [2.5] * 6, [1] * 6, [0, 1, 2, 3, 4, 5]
r = [float(i) for i in range(6)]
for k in range(3):
    r = relax(first, r)
print(r, relax(second, [1.0] * 6), second, second[2] // 2)
print(relax(third, [2.0] * 6), third, range(third[3]), first[second[0]])
"""
    )
