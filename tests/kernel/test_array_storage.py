"""Scripts whose lists of numbers become arrays before anything is compiled."""

import pytest

from tests.kernel.in_process import execute, proposals, rewritten

HEAD = """
import math
import sys

way = sys.argv[1] if len(sys.argv) > 1 else ""
n = 6
"""


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """The texts with arrays; each prints what the original prints, interpreted."""
    monkeypatch.setattr("numba.core.config.DISABLE_JIT", True)

    def check(text, *inputs):
        candidates, _ = proposals(HEAD + text, tmp_path)
        texts = [rewritten(one) for one in candidates]
        for argv in ((), *((one,) for one in inputs)):
            original = execute(HEAD + text, argv, tmp_path)
            for fresh in texts:
                assert execute(fresh, argv, tmp_path).essence == original.essence, fresh
        return [
            fresh for one, fresh in zip(candidates, texts, strict=True) if "stored in arrays" in one.title
        ]

    return check


def test_a_candidate_tells_what_is_assumed_of_the_lists(tmp_path):
    text = (
        HEAD
        + """
u = [0] * n
for t in range(3):  # hot
    for i in range(1, n):
        u[i] = u[i - 1] + 0.5 * t
print(sum(u))
"""
    )
    candidates, _ = proposals(text, tmp_path)
    assert all(any("show as 1.0" in told for told in one.assumes) for one in candidates[:1]), candidates


def kernel_of(text):
    return text.partition("@njit")[2]


def test_rows_have_names_and_a_new_grid_is_made_in_each_step(stored):
    text = stored("""
u = [[math.sin(i * j) for j in range(n)] for i in range(n)]
up = [row[:] for row in u]
for step in range(3):  # hot
    un = [[0.0] * n for _ in range(n)]
    for i in range(1, n - 1):
        row, above, below, old = u[i], u[i - 1], u[i + 1], up[i]
        out = un[i]
        for j in range(1, n - 1):
            out[j] = 2 * row[j] - old[j] + 0.1 * (above[j] + below[j] - 2 * row[j])
    up, u = u, un
print(u, up[2], sum(map(sum, u)), max(u[1]))
""")[0]
    assert "un = np.zeros((n, n))" in kernel_of(text)
    assert "out[j] = 2 * row[j] - old[j]" in kernel_of(text)
    assert "for step in range(3)" not in text.partition("\nn = 6")[2]


def test_rows_are_walked_summed_and_handed_on(stored):
    text = stored("""
class Box:
    def __init__(self, n):
        self.f = [[[0.1 * (i + k) for k in range(3)] for j in range(n)] for i in range(n)]
        self.rho = [[1.0] * n for _ in range(n)]

    def collide(self, cell, at):
        r = sum(cell)
        for k in range(3):
            cell[k] += 0.2 * (r - cell[k]) * at
        return r

    def step(self):
        for i, (plane, line) in enumerate(zip(self.f, self.rho)):
            for j, cell in enumerate(plane):
                line[j] = self.collide(cell, j)
        change = 0.0
        for a, b in zip(self.rho, self.rho[:]):
            for x in a:
                change += x * x
        return change

box = Box(n)
for t in range(3):  # hot
    change = box.step()
print(change, box.rho, box.f[1][2], sum(sum(sum(c) for c in p) for p in box.f))
""")
    assert not text or "line[j] = " in kernel_of(text[0])


def test_sums_over_pairs_and_vectors_made_of_vectors(stored):
    text = stored("""
def dot(a, b):
    return sum(x * y for x, y in zip(a, b))

def solve(b, count):
    x = [0.0] * n
    r, p = b[:], b[:]
    for k in range(count):
        q = [3.0 * p[i] - (p[i - 1] if i else 0.0) for i in range(n)]
        alpha = dot(r, r) / dot(p, q)
        x = [a + alpha * c for a, c in zip(x, p)]
        x = x[:] if k else x
        for i in range(n):
            r[i] -= alpha * q[i]
        p = [r[i] + 0.5 * p[i] for i in range(n)]
    return x

b = [math.sin(3.0 * i) for i in range(n)]
for rep in range(2):  # hot
    x = solve(b[:], 3)
print(x, dot(x, b))
""")[0]
    assert "for x, y in zip(a, b):\n        total += x * y" in kernel_of(text)


def test_what_is_built_by_append_is_an_array_from_then_on(stored):
    text = stored("""
class System:
    def __init__(self, n):
        self.pos, self.vel = [], []
        self.mass = []
        for i in range(n):
            self.mass.append(1.0 + 0.1 * len(self.mass))
            for j in range(2):
                self.pos.append([0.5 * i, math.sin(j + 1.0)])
                self.vel.append([0.0, 0.1 * i])

    def step(self):
        for i in range(len(self.pos)):
            for d in range(2):
                self.pos[i][d] += 0.1 * self.vel[i][d] * self.mass[i // 2]

    def energy(self):
        return sum(x * x + y * y for x, y in self.vel)

def grid(n):
    v = []
    for i in range(n):
        row = []
        for j in range(n):
            row.append(0.25)
        v.append(row)
    u = []
    for i in range(n):
        row = []
        for j in range(n):
            row.append(0.5 * i * j)
        row[0]
        u.append(row)
    for row in v:
        row[0] += 0.5
    return u

s, u = System(n), grid(n)
for t in range(4):  # hot
    s.step()
    for i in range(n):
        u[i][0] = u[i][1] + 0.25
print(s.pos, s.energy(), u)
""")[0]
    assert "self.pos = np.array(self.pos, dtype=np.float64)" in text
    assert "    u = np.array(u, dtype=np.float64)\n    for row in v:" in text
    assert "for t in range(4)" in kernel_of(text).partition("class System")[0]


def test_rows_that_grow_within_their_list_are_built_like_others(stored):
    text = stored("""
def grid(n):
    u = []
    for i in range(n):
        u.append([])
        for j in range(n):
            if (i + j) % 2:
                u[i].append(0.5 * i * j)
            else:
                u[-1].append(u[i][0] if j > 1 and i % 2 else 0.25)
    return u

u = grid(n)
for t in range(4):  # hot
    for i in range(n):
        u[i][0] = u[i][1] + 0.25
print(u)
""")[0]
    assert "    u = np.array(u, dtype=np.float64)\n    return u" in text


def test_a_function_keeps_its_memory_in_an_array(stored):
    text = stored("""
import numpy as np
calls = [0]

def source(i):
    calls[0] += 1
    return float(i)

u = np.ones(4)
for i in range(4):  # hot
    u[i] = source(i)
print(calls)
""")[0]
    assert "calls[0] += 1" in kernel_of(text)


STAY = {
    "a row of it is replaced, while it has another name": """
u = [[0.5] * n for _ in range(n)]
first = u[0]
for t in range(3):  # hot
    for i in range(n):
        u[i][0] = u[i][1] + first[0] + 1.0
    u[0] = [0.25] * n
print(u, first)
""",
    "its last row is still known": """
u = []
for i in range(n):
    row = []
    for j in range(n):
        row.append(0.5 * i + j)
    u.append(row)
for t in range(3):  # hot
    for i in range(n):
        u[i][0] = u[i][1] + 1.0 + row[0]
print(u, row)
""",
    "its last row is still known under a name that a loop may not bind": """
u = []
for i in range(n):
    row = []
    for j in range(n):
        row.append(0.5 * i + j)
    u.append(row)
for i in range(0 if way == "none" else 1):
    row = [0.5]
for t in range(3):  # hot
    for i in range(n):
        u[i][0] = u[i][1] + 1.0
row[0] = 9.5
print(u)
""",
    "it has the same row twice": """
u = []
row = [0.5] * n
for i in range(n):
    u.append(row)
for t in range(3):  # hot
    for i in range(n):
        u[i][0] = u[i][1] + u[i][0]
print(u)
""",
    "a row that grows in it is known": """
u = []
first = []
for i in range(n):
    u.append([])
    first.append(u[i])
    for j in range(n):
        u[i].append(0.5 * i + j)
for t in range(3):  # hot
    for i in range(n):
        u[i][0] = u[i][1] + 1.0
print(u, first)
""",
    "a row grows by what is no number": """
u = []
for i in range(n):
    u.append([])
    for j in range(n):
        u[i].append("a" if way == "text" and j > 1 else 0.5 * i)
for t in range(3):  # hot
    for i in range(n):
        u[i][0] = u[i][1] + 1.0
print(u)
""",
    "it has another name before it is complete": """
u = []
keep = u
for i in range(n):
    u.append(0.5 * i)
for t in range(3):  # hot
    for i in range(1, n):
        u[i] = u[i - 1] + 1.0
print(u, keep)
""",
    "it grows again": """
u = []
for i in range(n):
    u.append(0.5 * i)

def more():
    u.append(1.5)

for t in range(3):  # hot
    for i in range(1, n):
        u[i] = u[i - 1] + 1.0
more()
print(u, len(u))
""",
    "it may be left half built": """
def build(n):
    u = []
    for i in range(n):
        if i > 3 and way == "short":
            return u
        u.append(0.5 * i)
    return u

u = build(n)
for t in range(3):  # hot
    for i in range(1, len(u)):
        u[i] = u[i - 1] + 1.0
u.reverse() if way == "short" else None
print(u)
""",
    "it may hold what is no number": """
def value(i):
    return None if way == "none" and i == 2 else 0.5 * i

u = []
for i in range(n):
    u.append(value(i))
for t in range(3):  # hot
    for i in range(3, n):
        u[i] = u[i - 1] + 1.0
print(u)
""",
    "it is made of a list that may hold anything": """
w = [0.5] * n
if way == "text":
    w = ["a"] * n
u = [x for x in w]
for t in range(3):  # hot
    for i in range(3, n):
        u[i] = i * t + 1.5
print(u, w)
""",
}


@pytest.mark.parametrize("why", STAY)
def test_a_list_stays_one(why, stored):
    assert not stored(STAY[why], "short", "none", "text"), why


def test_numbers_are_taken_before_a_walk_that_changes_them(stored):
    stored("""
u = [0.5 * i for i in range(n)]
def push(i, v):
    u[i] = v
total = 0.0
for t in range(3):  # hot
    i = 0
    for v in u:
        u[-1 - i] += 0.5 * v
        i += 1
    for v in u[:]:
        push(0, v)
        total += v
print(u, total)
""")


def test_a_table_of_pairs_and_a_dict_of_weights_are_read_by_kernels(tmp_path, monkeypatch):
    monkeypatch.setattr("numba.core.config.DISABLE_JIT", True)
    text = """
import numpy as np
E = [(0, 0), (1, 0), (0, 1), (-1, 0)]
W = {0: 0.4, 1: 0.2, 2: 0.2, 3: 0.2}
V = [0.5] + [0.25] * 3
f = np.ones((4, 5, 5))
def share(k, rho):
    ex, ey = E[k]
    return W[k] * V[k] * rho * (1 + ex * 0.1 + E[k][1] * 0.2)
for t in range(2):  # hot
    g = np.zeros_like(f)
    for i in range(5):
        for j in range(5):
            for k, (cx, cy) in enumerate(E):
                g[k, (i + cx) % 5, (j + cy) % 5] = f[k, i, j] - share(k, f[k, i, j])
            for (cx, cy), v in zip(E, V):
                g[0, i, j] += v * cx - cy
    f = g
print(f.tolist(), W, sum(W.values()), [k for k in W.keys()])
"""
    candidates, refusals = proposals(text, tmp_path)
    assert candidates, refusals
    fresh = rewritten(candidates[0])
    assert "W_array = np.array(list(W.values()), dtype=np.float64)" in fresh
    assert execute(fresh, (), tmp_path).essence == execute(text, (), tmp_path).essence


@pytest.mark.parametrize(
    "use", ["for k in W: total += k", "W[3] = 0.5", "W.update(x=1)", "total += W.get(9, 0)"]
)
def test_a_dict_that_is_used_otherwise_is_no_table(use, tmp_path):
    text = f"""
import numpy as np
W = {{0: 0.4, 1: 0.2, 2: 0.2}}
f, total = np.ones(3), 0
for t in range(2):  # hot
    for k in range(3):
        f[k] += W[k]
    {use}
print(f, total)
"""
    candidates, _ = proposals(text, tmp_path)
    assert not any("W_array" in one.patches[0].after for one in candidates)


def test_a_history_beside_the_loops_stays_a_list(stored):
    texts = stored("""
import numpy as np
u = np.sin(0.3 * np.arange(n))
times = []
mass = []
for step in range(40):  # hot
    for i in range(1, n):
        u[i] += 0.1 * (u[i - 1] - u[i])
    times.append(0.1 * step)
    mass.append(float(u[2]))
    if step % 10 == 0:
        print(step, u[3])
print(np.polyfit(times[len(times) // 2:], mass[len(times) // 2:], 1)[0])
""")
    assert all("times = []" in text and "tolist" not in text for text in texts), texts[0]
