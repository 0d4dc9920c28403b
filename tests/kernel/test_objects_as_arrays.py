"""Objects that stand for arrays, that are called, or that a function names a second time."""

GRID = """
import sys
import numpy as np

class Grid:
    def __init__(self, nx, ny):
        self.nx, self.ny = nx, ny
        self.dx = 1.0 / (nx - 1)
        self.data = np.zeros((nx, ny))

    def __getitem__(self, key):
        return self.data[key]

    def __setitem__(self, key, value):
        self.data[key] = value

    def copy(self):
        other = Grid(self.nx, self.ny)
        other.data = self.data.copy()
        return other

class Shifted(Grid):
    def __getitem__(self, key):
        i, j = key
        return self.data[i - 1, j]
"""


def test_a_grid_that_is_indexed_is_its_array(same_for):
    done = same_for(
        GRID
        + """
class Solver:
    def __init__(self, grid):
        self.grid = grid

    def step(self):
        old = self.grid.copy()
        g = self.grid
        for i in range(1, g.nx - 1):  # hot
            for j in range(1, g.ny - 1):
                g[i, j] = old[i, j] + 0.2 * (old[i + 1, j] - 2 * old[i, j] + old[i - 1, j])
                g[i, j] += 0.01 * g[i, j - 1]

grid = Grid(12, 9)
for i in range(grid.nx):
    for j in range(grid.ny):
        grid[i, j] = np.sin(i * grid.dx) * j
if len(sys.argv) > 1:
    other = Shifted(12, 9)
    other.data = grid.data
    grid = other
solver = Solver(grid)
for n in range(3):
    solver.step()
    print(n, grid.data.max())
print(grid.data.tolist())
""",
        "shifted",
    )
    assert "data" in done.text


def test_what_does_more_than_look_up_is_no_array(rewrite):
    done = rewrite(
        GRID
        + """
grid = Shifted(12, 9)
total = 0.0
for i in range(1, 11):  # hot
    total += grid[i, 2]
print(total)
"""
    )
    assert not done.candidates


def test_an_object_is_called(same_for):
    same_for(
        """
import sys
import numpy as np

class Source:
    def __init__(self, a):
        self.a = a

    def __call__(self, x, t):
        return self.a * x * t

class Sink:
    def __init__(self, a):
        self.a = a

    def __call__(self, x, t):
        return -self.a * x

class Model:
    def __init__(self, source, n):
        self.source = source
        self.u = np.linspace(0.0, 1.0, n)

    def step(self, t):
        for i in range(len(self.u)):  # hot
            self.u[i] += 0.1 * self.source(self.u[i], t)

model = Model(Source(2.0) if len(sys.argv) < 2 else Sink(2.0), 20)
for n in range(4):
    model.step(0.1 * n)
print(model.u.tolist())
""",
        "sink",
    )


def test_a_function_names_an_object_again(same_output):
    done = same_output("""
from dataclasses import dataclass
import numpy as np

@dataclass
class Config:
    nu: float = 0.1
    n: int = 30

    @property
    def omega(self):
        return 1.0 / (3.0 * self.nu + 0.5)

class Flow:
    def __init__(self, cfg):
        self.cfg = cfg
        self.f = np.linspace(0.0, 1.0, cfg.n) ** 2

    def relaxed(self, i):
        c = self.cfg
        f = self.f
        return f[i] - c.omega * (f[i] - f[i - 1]) * c.nu

    def step(self):
        for i in range(1, self.cfg.n):  # hot
            self.f[i] = self.relaxed(i) + self.cfg.omega

flow = Flow(Config(nu=0.2))
for n in range(3):
    flow.step()
print(flow.f.tolist())
""")
    assert "omega_kernel(nu)" in done.text
