"""Time loops take several steps in one kernel, and compute what single steps compute."""

import textwrap
import warnings

import pytest

from tests.gpu import strict_cupy
from tests.gpu.test_offload import checked, finding, moved

pytestmark = pytest.mark.skipif(not strict_cupy.COMPILER, reason="no C++ compiler to run kernels with")

HEAD = """
import sys
import numpy as np
n, m, nt = 70, 45, 11
if len(sys.argv) > 1:
    n, m, nt = map(int, sys.argv[1:])
x = np.linspace(0.0, 1.0, n)[:, None] * np.ones(m)
y = np.linspace(-1.0, 1.0, m) * np.ones((n, 1))
u = np.sin(7 * x) * np.cos(3 * y)
v = np.cos(5 * x + y)
w = u * v
"""
SIZES = (("5", "7", "9"), ("64", "3", "4"), ("3", "90", "3"), ("33", "33", "16"))

TOGETHER = {
    "a stencil from a copy": """
for it in range(nt):  # hot
    un = u.copy()
    u[1:-1, 1:-1] = un[1:-1, 1:-1] + 0.1 * (un[2:, 1:-1] - un[:-2, 1:-1] + un[1:-1, 2:] - un[1:-1, :-2])
""",
    "edges after the inside": """
for it in range(nt):  # hot
    un = u.copy()
    u[1:-1, 1:-1] = un[1:-1, 1:-1] + 0.1 * (un[2:, 1:-1] - un[:-2, 1:-1])
    u[0, :] = u[1, :]
    u[-1, :] = 0.5
    u[:, 0] = u[:, 1]
    u[:, -1] = u[:, -2]
""",
    "names that take turns": """
v[:] = u
for it in range(nt):  # hot
    v[1:-1, 1:-1] = 0.25 * (u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2])
    u, v = v, u
""",
    "three names in a ring": """
for it in range(nt):  # hot
    w[1:-1, 1:-1] = 2 * v[1:-1, 1:-1] - u[1:-1, 1:-1] + 0.1 * (
        v[2:, 1:-1] + v[:-2, 1:-1] + v[1:-1, 2:] + v[1:-1, :-2] - 4 * v[1:-1, 1:-1])
    u, v, w = v, w, u
""",
    "three names of a caller's": """
def run(u, v, w, nt):
    for it in range(nt):  # hot
        w[1:-1, :] = 2 * v[1:-1, :] - u[1:-1, :] + 0.1 * (v[2:, :] + v[:-2, :] - 2 * v[1:-1, :])
        u, v, w = v, w, u
    return v
last = run(u, v, w, nt)
""",
    "rolled both ways": """
for it in range(nt):  # hot
    lap = np.roll(u, 1, 0) + np.roll(u, -1, 0) + np.roll(u, 1, 1) + np.roll(u, -1, 1) - 4 * u
    u = u + 0.1 * lap - u * v * v
    v = v + 0.05 * (np.roll(v, 1, 0) - v)
""",
    "rolled one way, with walls": """
for it in range(nt):  # hot
    u = u + 0.1 * (np.roll(u, 1, 0) - 2 * u + np.roll(u, -1, 0))
    u[:, 0] = 0.0
    u[:, -1] = u[:, -2]
""",
    "a mask and a coefficient": """
k = 0.05 + 0.01 * x
wall = u > 0.5
for it in range(nt):  # hot
    un = u.copy()
    u[1:-1, 1:-1] += k[1:-1, 1:-1] * (un[2:, 1:-1] - 2 * un[1:-1, 1:-1] + un[:-2, 1:-1])
    u[wall] = 1.0
    v = np.where(u > v, u, v)
""",
    "numbers of each step": """
t, dt = 0.0, 0.01
for it in range(nt):  # hot
    amplitude = np.sin(3 * t)
    u[1:-1, 1:-1] += dt * (v[2:, 1:-1] - v[:-2, 1:-1])
    v[1:-1, 1:-1] += dt * (u[1:-1, 2:] - u[1:-1, :-2])
    u[n // 2, m // 2] = amplitude * it
    t += dt
""",
    "looks now and then": """
seen, t = [], 0.0
for it in range(nt):  # hot
    un = u.copy()
    u[1:-1, 1:-1] = un[1:-1, 1:-1] + 0.1 * (un[2:, 1:-1] - un[:-2, 1:-1])
    if it % 5 == 0:
        seen.append(u.max())
        print(it, t)
    t += 0.5
    if it == 7 or it == nt - 1:
        u[2, 2] = 3.0
        seen.append(float(u[2, 2]) + t)
seen = np.array(seen)
""",
    "a chain of fields": """
hx, hy = np.zeros((n, m - 1)), np.zeros((n - 1, m))
for it in range(1, nt):  # hot
    hx -= 0.5 * (u[:, 1:] - u[:, :-1])
    hy += 0.5 * (u[1:, :] - u[:-1, :])
    u[1:-1, 1:-1] += 0.5 * (hy[1:, 1:-1] - hy[:-1, 1:-1] - hx[1:-1, 1:] + hx[1:-1, :-1])
""",
    "attributes": """
class Field:
    def __init__(self, u, v):
        self.u, self.v, self.c = u, v, 0.1
    def run(self, nt):
        for it in range(nt):  # hot
            self.v[1:-1, 1:-1] += self.c * (self.u[2:, 1:-1] + self.u[:-2, 1:-1] - 2 * self.u[1:-1, 1:-1])
            self.u += self.c * self.v
field = Field(u, v)
field.run(nt)
""",
    "a wide stencil in two steps at a time": """
for it in range(nt):  # hot
    un = u.copy()
    u[2:-2, 2:-2] = un[2:-2, 2:-2] + 0.01 * (un[4:, 2:-2] - 2 * un[2:-2, 2:-2] + un[:-4, 2:-2])
    u[:2, :] = 0.25
""",
    "single precision": """
u, v = u.astype(np.float32), v.astype(np.float32)
for it in range(nt):  # hot
    un = u.copy()
    u[1:-1, 1:-1] = un[1:-1, 1:-1] + 0.1 * (un[2:, 1:-1] - un[:-2, 1:-1])
""",
    "complex waves": """
psi = u + 1j * v
for it in range(nt):  # hot
    new = psi.copy()
    new[1:-1, 1:-1] = psi[1:-1, 1:-1] + 0.1j * (psi[2:, 1:-1] + psi[:-2, 1:-1] - 2 * psi[1:-1, 1:-1])
    psi = new
""",
    "until a time is reached": """
t, it, dt0, T, seen = 0.0, 0, 0.013, 0.01 * nt, []
while t < T:  # hot
    dt = min(dt0, T - t)
    un = u.copy()
    u[1:-1, 1:-1] = un[1:-1, 1:-1] + dt * (un[2:, 1:-1] - un[:-2, 1:-1])
    t += dt
    it += 1
    if it % 3 == 0:
        seen.append(u.max())
        print(it, t)
seen = np.array(seen)
""",
    "numbers after the look": """
t, seen, next_look = 0.0, [], 0.025
for it in range(nt):  # hot
    un = u.copy()
    u[1:-1, 1:-1] = un[1:-1, 1:-1] + np.cos(t) * (un[2:, 1:-1] - un[:-2, 1:-1])
    if t >= next_look:
        next_look += 0.025
        seen.append(u[1, 1])
    t += 0.01
seen = np.array(seen)
""",
    "a residual now and then": """
err, it = 1.0, 0
while err > 1e-3 and it < 3 * nt:  # hot
    un = u.copy()
    u[1:-1, 1:-1] = 0.25 * (un[2:, 1:-1] + un[:-2, 1:-1] + un[1:-1, 2:] + un[1:-1, :-2])
    it += 1
    if it % 10 == 0 or it == nt:
        err = np.abs(u - un).max()
""",
    "an end that numbers decide": """
t = 0.0
for it, c in enumerate(np.linspace(0.05, 0.1, 2 * nt)):  # hot
    if t + c > 0.6:
        break
    un = u.copy()
    u[1:-1, 1:-1] = un[1:-1, 1:-1] + float(c) * (un[2:, 1:-1] - un[:-2, 1:-1])
    t += c
    if it % 4 == 3:
        if u.max() > 1e3:
            break
""",
    "numbers of the object": """
class Field:
    def __init__(self, u):
        self.u, self.un, self.t, self.dt, self.log = u.copy(), u.copy(), 0.0, 0.01, []
    def step(self):
        self.un[1:-1, 1:-1] = self.u[1:-1, 1:-1] + self.dt * (self.u[2:, 1:-1] - self.u[:-2, 1:-1])
        self.u, self.un = self.un, self.u
        self.t += self.dt
        self.dt *= 1.05
field = Field(u)
for it in range(nt):  # hot
    field.step()
    if it % 3 == 0: field.log.append((field.t, float(field.u.max())))
result, other, log = field.u, field.un, np.array(field.log)
""",
    "another name for an array": """
for it in range(nt):  # hot
    w = u
    u[1:-1, 1:-1] = 0.5 * (v[2:, 1:-1] + v[:-2, 1:-1])
    v[1:-1, 1:-1] = 0.5 * (u[2:, 1:-1] + w[:-2, 1:-1])
""",
}
ALONE = {
    "an end that the values decide": """
for it in range(nt):  # hot
    un = u.copy()
    u[1:-1, 1:-1] = 0.5 * (un[2:, 1:-1] + un[:-2, 1:-1])
    if u[1, 1] > 100:
        break
""",
    "the far edge": """
for it in range(nt):  # hot
    un = u.copy()
    u[1:-1, 1:-1] = 0.5 * (un[2:, 1:-1] + un[:-2, 1:-1])
    u[0, :] = u[-2, :]
""",
    "a look that numbers before it decide": """
seen, last = [], 0
for it in range(nt):  # hot
    un = u.copy()
    u[1:-1, 1:-1] = 0.5 * (un[2:, 1:-1] + un[:-2, 1:-1])
    if it % 2 == 1:
        last = it
        seen.append(u.max())
    if last > 3:
        seen.append(u.min())
seen = np.array(seen)
""",
    "a row that moves on": """
for it in range(2, nt):  # hot
    un = u.copy()
    u[1:-1, 1:-1] = 0.5 * (un[2:, 1:-1] + un[:-2, 1:-1])
    u[it % 3, :] = 0.0
""",
}


@pytest.mark.parametrize("name", TOGETHER)
def test_steps_taken_together_are_the_same_steps(name, tmp_path):
    found = checked(HEAD + TOGETHER[name], tmp_path)
    assert "in_tiles(" in found.text
    other = finding(HEAD + TOGETHER[name], SIZES, tmp_path)
    assert other.word == "same", f"{other.details} {other.argv}\n{found.text}"


@pytest.mark.parametrize("name", ALONE)
def test_steps_that_somebody_looks_at_stay_single(name, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = moved(textwrap.dedent(HEAD + ALONE[name]), tmp_path)
        other = finding(HEAD + ALONE[name], SIZES, tmp_path)
    assert "in_tiles(" not in getattr(found, "text", "")
    assert other.word in ("same", "refused"), f"{other.details} {other.argv}"


def test_four_steps_are_one_launch(tmp_path):
    checked(HEAD + TOGETHER["a stencil from a copy"].replace("nt)", "12)"), tmp_path, exact=True)
    assert strict_cupy.counts["launches"] <= 3 + 1


def test_threads_wait_for_what_others_have_just_put_into_a_tile(tmp_path):
    text = HEAD + textwrap.dedent(
        """
        for it in range(nt):  # hot
            w[:-2, 2:] = 0.25 * (w[1:-1, 1:-1] + u[:-2, :-2] * v[2:, 2:])
            v[2:, :-2] = w[:-2, 2:]
        """
    )
    found = finding(text, SIZES, tmp_path)
    assert found.word == "same", f"{found.details} {found.argv}\n{found.candidate}"
    filled, read = (found.candidate.index(part) for part in ("w_tile_2[at] =", "w_tile_2[at -"))
    assert "__syncthreads();" in found.candidate[filled:read]
