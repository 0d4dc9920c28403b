"""Programs for the GPU in which it is easily the wrong array, or the wrong moment, that is read."""

import pytest

from tests.gpu import strict_cupy
from tests.gpu.offloaded import finding

HEAD = """import sys
import numpy as np
n = int(sys.argv[1]) if len(sys.argv) > 1 else 12
k = int(sys.argv[2]) if len(sys.argv) > 2 else 0
u = np.linspace(0.0, 1.0, n) ** 2
v = [np.sin(np.arange(n)), u[::-1]][k]
w = np.arange(n)
Q = np.arange(3.0 * n).reshape(3, n) ** 1.5
"""

SAME = {
    "a function's last argument is where it stores": """
single = np.sin(np.arange(n)).astype("float32")
for step in range(3):  # hot
    a = single.copy()
    np.multiply(a[1:], u[:-1], a[:-1])
    v[:-1] = a[1:] + a[:-1] + 0.5 * v[:-1]
""",
    "single precision and a number of NumPy's": """
c = 2.5 if k == 0 else np.float64(2.6)
single = np.sin(np.arange(n)).astype("float32") * np.ones(n, dtype="float32")
for step in range(3):  # hot
    Q[1] = single * c + Q[2] + 0.0 * v
""",
    "sizes of an array that the loop binds": """
a = np.zeros((n, 3))
b, c = np.ones((n, 3)), np.arange(3.0 * n).reshape(n, 3)
for step in range(2):  # hot
    b[[0, -1]] = c[[0, -1]]
    a = b
    b[-1, :] = Q[:, 0] + c[n - 1, :]
""",
    "arrays of a caller's that take turns": """
def solve(u, v, w):
    for step in range(3):  # hot
        v, w = w, v
        for k in range(1, n):
            u[k] += 0.5 * u[k - 1]
        u[1:-1] = 0.5 * (v[2:] + w[:-2])
    return v, w
v = v + 1.0
w = w * 0.5
result = solve(u, v, w)
shared = tuple(np.shares_memory(x, y) for x in result for y in (v, w))
""",
    "old values of an array that the same cell has just set": """
a, b = u.copy(), np.cos(np.arange(n)) + 0.0 * v
for step in range(3):  # hot
    x, y = a[1:-1].copy(), b[1:-1].copy()
    a[1:-1] = x + 0.1 * (0.5 * y - v[2:])
    b[1:-1] = y + 0.1 * (-0.5 * x - v[:-2])
""",
    "a list that keeps arrays which take turns": """
frames, s = [], 0.0
w = np.cos(np.arange(n)) + 0.0 * v
v = v.copy()
for step in range(4):  # hot
    frames.append(u)
    s += sum(frame.sum() for frame in frames)
    u, v = v, u
    w[1:-1] = 0.5 * (w[2:] + w[:-2])
""",
    "a row beside one that has just been rolled": """
for step in range(3):  # hot
    Q[2] = np.roll(Q[2], 1)
    Q[2] = Q[2] * 0.25 + Q[0]
    Q[0] = Q[0] * 0.9
""",
    "a view that the host's own statements change": """
for step in range(3):  # hot
    u[::2] = np.maximum(u[w][::2], 0.3) + v[::2]
    Q += v - np.roll(Q, 1, axis=1)
""",
    "the host reads again what the device has just changed": """
rows = np.zeros(n)
for step in range(3):  # hot
    rows[:] = np.sort(Q[0])
    Q[0, :] = Q[1 % n, :] + u[0:n]
    rows[1:] = [float(q) for q in Q[0, 1:]]
    Q[1] = 0.5 * (Q[2] + rows) + 0.0 * v
""",
    "a new array put together, a part that begins with the first cell": """
for step in range(3):  # hot
    a = u - u.mean()
    a = a - 0.5 * a * u
    e = np.concatenate((a[-1:], a, a[:1]))
    v[:] = np.abs(e[2:] - 0.5 * e[:-2])
    Q[1] = v * 0.5 + Q[2]
""",
    "an array that has the size of one that CuPy makes later": """
x = np.arange(2 * n * 5).reshape(2, n, 5)
y, z = np.sin(x), np.cos(x)
for step in range(1):  # hot
    y[z > 0.5] = -1.25
    s = np.array([x, x, x])
    a = s.max(axis=0) * 2.6
    a[::1, :] = z
    p = np.pad(x, 1, mode="wrap")
    b = z + 0.5 * (p[2:, 1:-1, 1:-1] - p[:-2, 1:-1, 1:-1])
""",
    "rolled values with those of the other end around them": """
for step in range(3):  # hot
    a = u + 0.1 * (np.roll(u, 1) + np.roll(u, -1) - v)
    e = np.concatenate((a[-1:], a, a[:1]))
    u = a + 0.1 * (e[2:] - e[:-2])
""",
    "attributes that take turns, and a cell that CuPy sets": """
class O: pass
o = O()
o.u, o.v = np.outer(u, v), np.cos(np.outer(u, u))
for step in range(3):  # hot
    o.u = o.u - 0.1 * np.roll(o.u, 1, axis=0)
    o.u[step % n] = o.v[(step + 1) % n]
    o.v, o.u = o.u, o.v
a, b = o.u.copy(), o.v.copy()
""",
    "an argument that only a branch changes, before its name gets another array": """
def advance(a, b):
    if np.abs(a).max() > 0.3:
        a *= 0.5
    both = np.stack((b, b * 0.5))
    a = both.sum(axis=0) * 0.5
    b = np.roll(b, 1)
    b[0] = a[0]
    return a, b
a, b = u * 1.0, u * v
for step in range(3):  # hot
    a, b = advance(a, b)
""",
    "one array under two attributes, one of which takes turns": """
class O: pass
def main():
    o = O()
    o.u, o.v = u, np.cos(np.arange(n)) + 0.0 * v
    o.ref = u if k else u.copy()
    s = 0.0
    for step in range(4):  # hot
        o.v[:] = o.u * 0.9
        s += o.ref.sum()
        o.u, o.v = o.v, o.u
        print(o.u[1])
    return s, o.u, o.v
result = main()
""",
}

RIGHT_OR_REFUSED = {
    "two names of one array in the next turn": """
for step in range(3):  # hot
    s = np.sum(Q * 1)
    many = np.sum(v > 0.2)
    a = v + 0.01 * many
    v = v + 0.02 * np.sum(a > 0.1)
    a = v
""",
    "an integer where a float was, with integers": """
c = 2.5 if k == 0 else 2
for step in range(3):  # hot
    a = w[1:] - c * w[:-1]
    a[1:] += 0.5
    Q[1, 1:] = a * c + Q[0, 1:]
""",
    "an array that takes turns and is made anew by the host": """
def made(x):
    with np.errstate(all="ignore"):
        return np.sort(x)
for step in range(3):  # hot
    a = made(v)
    a[1:] = 0.5 * (a[:-1] + v[1:])
    v[1:] = 0.5 * v[:-1] + a[1:]
    a[:-1] = a[1:] * 0.5
    u[:-1] = a[1:]
""",
    "an attribute that the loop is the first to make": """
class O: pass
o = O()
def put(x):
    o.last = x
s = 0.0
for step in range(4):  # hot
    u[1:-1] += 0.1 * (v[2:] - v[:-2])
    v = np.where(u > 0.5, u, v)
    put(v)
    s += o.last[1]
last = o.last
""",
    "a part with another name, of an array that is changed and bound anew": """
part = u[1:]
for step in range(3):  # hot
    old = u.copy()
    u[1:] = old[:-1] * 0.5 + v[1:]
    u = u * 0.9 + 0.1 * np.roll(u, 1)
""",
    "frames that are changed in the same turn": """
frames = []
v = v * 1.0
for step in range(4):  # hot
    v = v + 0.1 * (np.roll(v, 1) - u)
    if step % 2:
        frames.append(v)
    v[0] = 0.25 * step
frames = np.array(frames)
""",
    "an argument that a function's names take turns with": """
def relax(a, b, count):
    for _ in range(count):
        b[1:-1] = 0.5 * (a[2:] + a[:-2])
        a, b = b, a
    return a, b
def step_of(a, b, c):
    a, c = relax(a, c, 3)
    kept = c
    c = b
    b = kept * 0.9
    return a, b, c
a, c = u * 1.0, u * v
b = a if k == 0 else v * 0.5
for step in range(4):  # hot
    a, b, c = step_of(a, b, c)
""",
}

REFUSED = {
    "an array of a caller's is left with another name": (
        """
def solve(u, v, w):
    for step in range(3):  # hot
        w = w + np.roll(w, 1) * v
        w, u = u, w
    return u, w
w = w + 0.5
result = solve(u, v, w)
shared = tuple(np.shares_memory(x, y) for x in result for y in (u, w))
""",
        "which others know",
    ),
    "a number's name is an array's first": (
        """
for step in range(2):  # hot
    a = np.zeros_like(u)
    a += 0.5 * np.roll(v, 1)
    print(a[1])
    c = (a > 0.1).astype(float)
    Q[0] = Q[1] * c + 0.5
    b, c = u - a, 2.5
    b = b * c
""",
        "",
    ),
    "an array that is changed and bound anew at once": (
        """
def solve(u, v, w):
    for step in range(3):  # hot
        a = w - v
        w[1:], w = a[:-1] + 2.0, w * 0.5
        b = np.gradient(v, 0.5)
    return w
w = w + 0.5
result = solve(u, v, w)
""",
        "changed, and then stands for another",
    ),
    "another type comes after the first turn": (
        """
w = np.zeros(n, dtype="float32")
for step in range(2):  # hot
    a = v.copy()
    a[1:] += 0.5 * (a[:-1] - v[1:])
    w, a = a, w
""",
        "",
    ),
    "integers and floats take turns": (
        """
a = np.zeros(n)
for step in range(2):  # hot
    a[:] = np.abs(a - v)
    w, a = a, w
""",
        "several types",
    ),
    "a mask's name is a number's too": (
        """
c = 2.0
for step in range(2):  # hot
    some = w[1:] < c
    u[1:][some] += 1.0
    some = c < c
    u[1:][some] += 0.5
""",
        "",
    ),
    "an array has two names in the end": (
        """
def solve(u, v):
    a = np.zeros_like(u)
    for step in range(2):  # hot
        u[1:] = u[:-1] + v[1:]
        v = a
    return u, v, a
result = solve(u, v)
shared = np.shares_memory(result[1], result[2])
""",
        "another name of an array",
    ),
}


@pytest.mark.skipif(not strict_cupy.COMPILER, reason="no C++ compiler to run kernels with")
@pytest.mark.parametrize("name", SAME)
def test_what_is_read_is_what_numpy_reads(name, tmp_path):
    found = finding(HEAD + SAME[name], (("5",), ("9", "1")), tmp_path)
    assert found.word == "same", f"{found.details} {found.argv}\n{found.candidate}"


@pytest.mark.parametrize("name", REFUSED)
def test_names_that_mean_something_else_later_are_refused(name, tmp_path):
    text, reason = REFUSED[name]
    found = finding(HEAD + text, (("5",),), tmp_path)
    assert found.word == "refused", found.candidate
    assert reason in found.details


@pytest.mark.skipif(not strict_cupy.COMPILER, reason="no C++ compiler to run kernels with")
@pytest.mark.parametrize("name", RIGHT_OR_REFUSED)
def test_what_is_not_refused_is_right(name, tmp_path):
    found = finding(HEAD + RIGHT_OR_REFUSED[name], (("5",), ("9", "1")), tmp_path)
    assert found.word in ("same", "refused"), f"{found.details} {found.argv}\n{found.candidate}"
