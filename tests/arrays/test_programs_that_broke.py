"""What random programs and adversarial scripts once broke: the same results, or no rewrite."""

import pytest

from tests.arrays.in_process import finding

HEAD = """\
import sys
import numpy as np

n = int(sys.argv[1]) if len(sys.argv) > 1 else 7
u = np.sin(np.arange(n * 1.0))
v = np.cos(np.arange(n * 1.0))


def outside(z):
    try:
        return np.flip(z) * 0.5
    finally:
        pass


"""

SAME = {
    "a name that becomes a part of what it stands for, from step to step": """\
def march(u, v):
    for t in range(3):  # hot
        u -= 0.1 * v
        u[1:] += u[:-1]
        u = u[::-1]
    return u
u[:] = march(u, v).copy()
""",
    "rows of a few numbers that are copied": """\
old = [[1.0, 2.0, 3.0], [0.5, 1.5, 2.5]]
new = [row[:] for row in old]
for s in range(3):  # hot
    for i in range(2):
        new[i][1] = 0.5 * (old[i][0] + old[i][2])
    old, new = new, old
u[0] = old[0][1] + new[1][1]
""",
    "a step that begins with the names that it shares": """\
def step(t):
    global u, w
    a1 = outside(w)
    w = 0.5 * (a1 + u)  # hot
    w[:n - 2] += (r[1:-1] - a0[::-1][:n - 2]) ** 2
w, r, a0 = u + 1, v * 2, 0 * u
for t in range(3):
    step(t)
""",
    "a new array made before what it is made of changes, in loops over rows": """\
class Solver:
    def __init__(self, u, w, Q):
        self.u, self.w, self.Q = u, w, Q
    @property
    def half(self):
        return 0.5 * self.u
    def advance(self):
        self.w[...] = self.half
        s = self.Q.sum(axis=0) - self.Q[0]
        self.Q[1] = s
        self.u = self.u + s * self.Q[0]
        self.Q[:, 1:-1] = 0.5 * (self.Q[:, 2:] - self.Q[:, :-2]) * self.Q[0, 1:-1]  # hot
solver = Solver(np.outer(u, v), np.outer(v, v), np.array([np.outer(u, u), np.outer(v, u), np.outer(v, v)]))
def march(f, steps):
    for t in range(steps):
        f(t)
march(lambda t: solver.advance(), 2)
result = solver.u, solver.w, solver.Q
""",
    "an attribute bound anew after a second name was given to it, which a branch reads": """\
class Solver:
    def __init__(self, u, w):
        self.u, self.w = u, w
    def advance(self, t):
        was = self.u
        self.u = 0.5 * was
        if t == 1:
            self.w += was
        self.w[2:n] = self.u[1:n - 1] / 3  # hot
solver = Solver(u, v)
def march(f, steps):
    for t in range(steps):
        f(t)
march(lambda t: solver.advance(t), 3)
result = solver.u, solver.w
""",
    "arrays of the whole script that are one another's memory for other sizes": """\
def step():
    w[...] = u * 0.5  # hot
    v[...] = w / (u + 2)
    v[1:] += u[:-1]
if n < 7:
    v = u[::-1]
w = 0 * u
step()
print("once")
step()
""",
    "an object of the whole script whose arrays are one another's memory for other sizes": """\
class State:
    pass
def step():
    state.v[...] = state.u / 2 + 0.5  # hot
    state.v[1:] += state.u[:-1]
state = State()
state.u, state.v = u, u[::-1] if n < 7 else v
step()
print("once")
step()
result = state.u, state.v
""",
    "a number of the step that begins with a digit": """\
for t in range(3):
    u[1:] = np.maximum((1 - t) ** 2, (v[:-1] + 0.5) / 0.3)  # hot
    u[:-1] -= (1 - t) ** 2 * u[1:]
""",
    "an element that is handed to a function which then changes it": """\
def flux(x):
    u[0] += 1
    return x * x
def jump(k):
    before = u[k]
    u[k] += 2
    return before
for t in range(4):
    v[2 % n] = flux(u[1 % n]) - flux(u[0])
    v[0] = jump(0) - jump(1 % n)
    v[1:] += u[1:] * 0.5  # hot
""",
    "a global declared after the first statements": """\
def step(t):
    u[1:] = u[:-1] * 0.5 + t  # hot
    global v
    v = v * 0.5 + u
for t in range(3):
    step(t)
""",
    "text that changes a number of a loop": """\
c = 0.5
for t in range(4):
    u[1:-1] += c ** 2 * (u[2:] - u[:-2])  # hot
    exec("c = c * 0.9")
""",
    "a table of numbers that changes a number of a loop": """\
c = 0.5
def weaken():
    globals()["c"] *= 0.5
for t in range(4):
    u[1:-1] += c ** 2 * (u[2:] - u[:-2])  # hot
    weaken()
""",
    "a number of NumPy's in place of Python's, with arrays in single precision": """\
r = u.astype(np.float32)
c = 2.6 if n == 7 else np.float64(2.6)
for t in range(2):
    v *= (r - c) ** 2  # hot
""",
    "an attribute of another type than was seen, which the loop binds anew": """\
class Solver:
    def __init__(self, u, w):
        self.u, self.w, self.sum = u, w, 0 * u
    def advance(self):
        self.u = self.u * 0.5 + self.w
        ones = outside(np.ones_like(self.u))
        self.sum = self.sum + ones  # hot
u = u if n == 7 else u.astype(np.float16)
solver = Solver(u, v.astype(np.float32))
for t in range(3):
    solver.advance()
result = solver.u, solver.sum
""",
    "an array that gets its name in one of the steps": """\
for t in range(3):
    u = u + 1.0  # hot
    u = u * 0.5 - v
    v = v + v[::-1]
    if t == 0:
        kept = u
""",
    "an array of the function around it that is of another type": """\
def make(u, w):
    def step(t):
        nonlocal w
        a = outside(u)
        w = w + np.abs(u + w)  # hot
    return step, lambda: (u, w)
step, parts = make(np.outer(u, v) if n == 7 else np.asmatrix(np.outer(u, v)), np.outer(v, v))
for t in range(3):
    step(t)
result = parts()
""",
    "an array that is None for a moment": """\
def run(u, kept):
    for t in range(3):
        if kept is not None:
            u = u + 0.1 * kept
            kept = None
            kept = 0.5 * u  # hot
    return u, kept
result = run(u, v)
""",
    "an array that is made anew where it may be None": """\
def run(u, kept):
    for t in range(4):
        if t == 2:
            kept = None
        elif t > 2:
            kept = 0.5 * u  # hot
    return u, kept
result = run(u, v)
""",
    "a branch of its own that stays as it is": """\
def run(u, v, kind, shown):
    for t in range(4):
        v = v + 0.5 * u  # hot
        if kind == 0:
            u[:] = v
        elif kind == 1:
            shown.append(str(t))
        else:
            shown.append("none")
    return u, v, shown
result = run(u, v, 0, []), run(u, v, 1, []), run(u, v, 2, [])
""",
    "a number that becomes an array": """\
class Masked:
    def __init__(self, u, v):
        self.u, self.v = u, v
    def advance(self):
        k = 2.5
        k = (self.v > 0.5).astype(float)
        self.u = self.u * k + 0.5  # hot
masked = Masked(u, v > 0.25)
for t in range(3):
    masked.advance()
result = masked.u
""",
    "what a step shares with the function around it": """\
def make(u, v):
    w = 0 * u
    def step(t):
        nonlocal u, v, w
        w = v.copy()
        v[1:] = u[:-1] + 0.5  # hot
        v[:-1] += w[1:] * u[1:]
        u, v = v, u
    def parts():
        return u, v, w
    return step, parts
step, parts = make(u, v)
for t in range(3):
    step(t)
result = parts()
""",
    "arrays of a list joined": """\
m = np.zeros((0, 3))
for t in range(3):
    m = np.vstack([m, np.ones(3) * t])  # hot
    r = np.vstack([row for row in m])
""",
    "statements that share a line": """\
x = 0.25
for t in range(3):
    for i in range(n): u[i] -= x; x += 0.5  # hot
    w = u * 0.5; y = x; u[1:] = w[:-1] + y; x = y - 1
""",
    "an array that somebody else holds, bound anew in a loop over lines": """\
class Decay:
    def __init__(self, q, a):
        self.q, self.a = q, a
    def run(self, m):
        for k in range(m):
            self.q = self.q * 0.5 - self.a[:, k]  # hot
        self.a[:, 0] = self.q
decay = Decay(u, np.outer(v, u))
decay.run(n)
result = decay.q
""",
    "a parameter that is bound anew in a loop over lines": """\
def decay(q, a, m):
    for k in range(m):
        q = q * 0.5 - a[:, k]  # hot
        a[:, k] = q
a = np.outer(v, u)
decay(u, a, n)
""",
    "a value that is replaced while another one is made of it": """\
r = np.arange(n * 1.0)
for step in range(3):  # hot
    part = r[1:n - 1]
    some = part <= part
    v[2:][some] = 2
    v[2:n], u = 0.75 + u[1:n - 1] * step, u * v
""",
    "an attribute that is None before it is bound to an array again": """\
class Solver:
    def __init__(self, u, v):
        self.u, self.v, self.kept = u, v, u * 2
    def advance(self, t):
        if t == 2:
            self.kept = None
            self.kept = 0.5 * self.u
        old = self.v.copy()
        self.v[1:] = old[:-1] + 0.1 * self.u[1:]  # hot
solver = Solver(u, v)
for t in range(4):
    solver.advance(t)
result = solver.kept, solver.u, solver.v
""",
    "an attribute that only the loop binds, to what is made of it": """\
import types
s = types.SimpleNamespace(u=u * 1.0, w=np.ones((n, 2)))
for step in range(3):  # hot
    s.u = s.u + 0.1 * v
    line = s.w[:, 1].copy() + s.u[-1]
result = s.u
""",
    "rolled values with those of the other end around them": """\
for step in range(3):  # hot
    a = u + 0.1 * (np.roll(u, 1) + np.roll(u, -1) - v)
    e = np.concatenate((a[-1:], a, a[:1]))
    u = a + 0.1 * (e[2:] - e[:-2])
""",
    "a name of the whole script that is bound anew in a loop over lines": """\
def decay(a, m):
    global u
    for k in range(m):
        u = u * 0.5 - a[:, k]  # hot
    a[:, 0] = 0.25
a = np.outer(v, u)
kept = u
decay(a, n)
""",
    "sums of nothing but negative zeros along either axis, and of all": """\
z = np.full((n, 4), -0.0)
y = z.copy()
q, r = np.ones(4), np.ones(n)
a = z[:, 0].copy()
total = 1.0
for t in range(3):
    y[...] = z * 1.0
    a[...] = a * 1.0
    q = y.sum(axis=0)  # hot
    r = np.mean(y, axis=1)
    total = np.sum(a)
result = q, r, total
""",
    "the sum of nothing but negative zeros along a long axis": """\
z = np.full((40, 4), -0.0)
for t in range(3):
    y = z * 1.0
    q = y.sum(axis=0)  # hot
result = q
""",
    "what is kept of an array with fewer rows than the slices leave out": """\
a, b = np.outer(u, v), np.outer(v, u)
for t in range(3):  # hot
    b[0:n - 1, 1:], a[0:-2, 1:] = np.abs(a[0:-1, 1:] + a[1:n, :-1]), (b[1:n - 1, 1:] - v[:-2][:, None]) / 2
""",
    "the greatest of long rows beside loops over cells that have names of their own": """\
a = np.outer(u, v[:6])
b = np.outer(v, u[:6])
for t in range(3):
    c = b.copy()
    for i, j in ((0, 1), (1, 0)):
        c[1:-1:2] -= c[j:-2 + j:2] * 0.1
    b = b / (1 + np.abs(a).max(axis=1, keepdims=True))  # hot
result = b, c
""",
    "computed places of an array of which one plane at a time is kept": """\
after = (np.arange(n) + 1) % n
def solve(u, v, table, c, steps):
    z = np.zeros_like(u)
    for t in range(steps):  # hot
        s = np.array([z, v])
        a = s[0] * c - s[1]
        a[:, 2:n, 0:-2] = table[-2]
        v *= np.abs(a[:, after])
    return v
a = np.sin(np.arange(12.0 * n)).reshape(2, n, 6)
result = solve(a, a + 1, u, 2.5, 3)
""",
    "arrays that take turns, touched under another name by what stays as it is": """\
def step(a, b, w, steps):
    for t in range(steps):  # hot
        a[..., [0, -1]] *= w[..., :1]
        b[1:-1, 1:-1] = np.where(b[:-2, 2:] > 0.2, w[1:-1, 2:] - b[2:, 2:], w[2:, :-2])
    return a, b
a, w = np.outer(u, v), np.outer(v, v)
result = step(a, w.copy(), w, 3)
result += step(a, a.T, w, 3)
""",
    "arrays that statements exchange which stay as they are, over another's memory": """\
kept = [u, v]
def step(a, b, w, steps):
    for t in range(steps):  # hot
        b, w = w, b
        kept[0] = a
        w[:n - 1] -= np.diff(a)
    return a, b, w
a = np.sin(np.arange(n + 1.0))
result = step(*((a[:-1], a[1:]) if n == 12 else (u, v)), v * 2, 1)
""",
    "rows read beside rows that were written twice, next to which they read": """\
a, b = np.outer(u, v)[:, :4].copy(), np.outer(v, u)[:, :4].copy()
for t in range(2):
    for k in range(n - 1, 0, -1):  # hot
        a[k, 1:-1] = a[k, 2:] * a[k - 1, 2:] + b[k - 1, 1:-1]
        a[k, 1:-1] = b[k, 1:-1] - a[k - 1, :-2]
        b[k, 1:-1] = b[k, 1:-1] * a[k - 1, 1:-1]
""",
    "a choice between elements of two precisions": """\
r = u.astype(np.float32)
for t in range(2):
    v -= np.where(v < 0.5, u, r) + 0.3  # hot
""",
    "selected elements of two precisions": """\
r = u.astype(np.float32)
for t in range(2):
    v -= np.select([v < -0.5, v < 0.5], [u, r], r) * 0.3  # hot
""",
    "a complex number added into what nobody reads": """\
c = 2.6 if n == 7 else 2.6j
for t in range(2):  # hot
    s = np.array([u, v])
    s[1] += s[0] * c
    v *= 0.5
""",
    "a complex number beside others, added into what nobody reads": """\
c = 2.6 if n == 7 else 2.6j
for t in range(2):  # hot
    a = u * 0.5
    a += v * (2 * c + 1)
    v *= 0.5
""",
    "temporaries over the inner cells of arrays that have none": """\
p = [u, v]
for t in range(2):  # hot
    v = v + 0.01 * (v - u).ravel().sum() + 0.01 * u[1:].copy().sum()
""",
    "an array whose name is bound to another that is made in the loop, too": """\
m = n - 1
def solve(a, b, w, c):
    q = np.zeros_like(a)
    for t in range(2):
        p = np.zeros_like(b)
        for k in range(m - 1, 0, -1):
            y = q[k - 1, 1:-1] * np.where(c > 0.2, p[k, 1:-1], 1.5)
        w[1, 1:-1] = np.where(p[0, 1:-1] > 0.2, c, 1.5) - (p[0, 1:-1] - u[0])
        p = 0.5 * p + b
        for k in range(m):  # hot
            p[k, 1:-1] -= w[k, 1:-1] - c
a = np.outer(v[:-1], u)
b, w = np.cos(a), a * 2
solve(a, b, w, 0.6)
""",
}


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("title", SAME)
def test_a_rewrite_computes_the_same(title, tmp_path):
    found = finding(HEAD + SAME[title], (("0",), ("1",), ("2",), ("12",)), tmp_path)
    assert (found.word, found.details) in (("same", ""), ("refused", found.details))
