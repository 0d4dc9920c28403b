"""Solvers whose fields are attributes of objects: classes with a base, data classes, properties."""

import pytest

from tests.gpu import strict_cupy
from tests.gpu.offloaded import finding

pytestmark = pytest.mark.skipif(not strict_cupy.COMPILER, reason="no C++ compiler to run kernels with")

HEAD = """import sys
from dataclasses import dataclass
import numpy as np
n = int(sys.argv[1]) if len(sys.argv) > 1 else 12
"""

SAME = {
    "a base class that runs what a subclass steps": """
class Solver:
    def __init__(self):
        self.u = np.linspace(0.0, 1.0, n) ** 2
        self.history = []
    def run(self, steps):
        for k in range(steps):  # hot
            self.step()
            if k % 2 == 0:
                self.history.append((k, self.energy()))
class Heat(Solver):
    def step(self):
        u = self.u
        lap = np.zeros_like(u)
        lap[1:-1] = u[2:] - 2 * u[1:-1] + u[:-2]
        self.u = u + 0.1 * lap
        self.u[0] = self.u[1]
    def energy(self):
        u, v = self.u, self.u[1:]
        return float(np.max(u)) + float(v[-1])
solver = Heat()
solver.run(5)
u = solver.u
history = np.array(solver.history)
""",
    "numbers that properties make": """
@dataclass
class Params:
    g: float = 9.81
    dx: float = 0.5
    t: float = 0.0
    @property
    def dt(self):
        return 0.2 * self.dx / np.sqrt(self.g)
@dataclass
class State:
    h: np.ndarray
    v: np.ndarray
def advance(s, p):
    dt, dx = p.dt, p.dx
    s.v[1:-1] -= dt * p.g * (s.h[2:] - s.h[:-2]) / (2 * dx)
    s.h[1:-1] -= p.dt * (s.v[2:] - s.v[:-2]) / (2 * dx)
    s.h[0] = s.h[1]
    s.h[-1] = s.h[-2]
    p.t += dt
p = Params()
state = State(h=np.linspace(0.0, 1.0, n) ** 2, v=np.zeros(n))
for k in range(5):  # hot
    advance(state, p)
h, v, t = state.h, state.v, p.t
""",
    "a spectrum that changes in place": """
class Spectral:
    def __init__(self):
        self.c = np.linspace(0.0, 1.0, n * n).reshape(n, n)
        self.k2 = np.abs(np.fft.fftfreq(n))[:, None] + np.zeros((n, n))
        self.kept = self.k2 < 0.3
    def step(self):
        spectrum = np.fft.fft2(self.c**3 - self.c)
        spectrum *= self.kept
        self.c = np.real(np.fft.ifft2(spectrum / (1 + 0.1 * self.k2)))
    def run(self):
        for k in range(4):  # hot
            self.step()
s = Spectral()
s.run()
c = s.c
""",
}

LEFT = {
    "a property of what changes in a step": """
class P:
    def __init__(self):
        self.t = 1.0
    @property
    def dt(self):
        return 0.1 * self.t
def advance(u, p):
    u[1:-1] += p.dt * u[2:]
    p.t += 1.0
    u[1:-1] -= p.dt * u[:-2]
p = P()
u = np.linspace(0.0, 1.0, n)
for k in range(4):  # hot
    advance(u, p)
t = p.t
""",
    "a global name for what a method changes": """
class S:
    def __init__(self):
        self.u = np.linspace(0.0, 1.0, n)
    def step(self):
        self.u = 0.5 * self.u + 1.0
        self.note()
    def note(self):
        seen.append(float(u[1]))
    def run(self):
        for k in range(4):  # hot
            self.step()
seen = []
s = S()
u = s.u
s.run()
v, seen = s.u, np.array(seen)
""",
}


@pytest.mark.parametrize("name", SAME)
def test_fields_of_objects_live_on_the_gpu(name, tmp_path):
    found = finding(HEAD + SAME[name], (("5",), ("30",)), tmp_path)
    assert found.word == "same", f"{found.details} {found.argv}\n{found.candidate}"


@pytest.mark.parametrize("name", LEFT)
def test_objects_that_others_look_at_stay_right(name, tmp_path):
    found = finding(HEAD + LEFT[name], (("5",), ("30",)), tmp_path)
    assert found.word in ("same", "refused"), f"{found.details} {found.argv}\n{found.candidate}"
