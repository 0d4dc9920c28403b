"""Functions that are given objects, of which a kernel passes them the parts."""

from tests.kernel.in_process import execute, proposals, rewritten


def test_a_function_reads_the_dict_that_it_is_given(same_for):
    done = same_for(
        """
import sys
import numpy as np

params = {"Du": 0.16, "F": 0.035, "k": 0.065, "dt": 1.0, "n": 12, "bc": "periodic"}
if len(sys.argv) > 1:
    params["bc"] = sys.argv[1]
    params["dt"] = 1

def react(u, v, p):
    uvv = u * v * v
    return -uvv + p["F"] * (1 - u), uvv - (p["F"] + p["k"]) * v

def laplacian(a, i, j, bc):
    n, m = a.shape
    if bc == "periodic":
        ip, im, jp, jm = (i + 1) % n, (i - 1) % n, (j + 1) % m, (j - 1) % m
    else:
        ip, im, jp, jm = min(i + 1, n - 1), max(i - 1, 0), min(j + 1, m - 1), max(j - 1, 0)
    return a[ip, j] + a[im, j] + a[i, jp] + a[i, jm] - 4 * a[i, j]

def diffusion(a, i, j, options):
    return options["Du"] * laplacian(a, i, j, bc=options["bc"])

def step(u, v, p):
    un, vn = u.copy(), v.copy()
    for i in range(p["n"]):  # hot
        for j in range(p["n"]):
            fu, fv = react(u[i, j], v[i, j], p)
            un[i, j] += p["dt"] * (diffusion(u, i, j, options=p) + fu)
            vn[i, j] += p["dt"] * (0.5 * diffusion(v, i, j, p) + fv)
    return un, vn

u = np.ones((12, 12))
v = np.zeros((12, 12))
u[4:7, 4:7] = 0.5
v[4:7, 4:7] = 0.25
for it in range(3):
    u, v = step(u, v, params)
print(u.tolist(), v.sum())
""",
        "neumann",
    )
    assert "react_kernel" in done.text


def test_a_method_reads_the_object_that_it_is_given(same_output):
    same_output("""
import numpy as np

class Gas:
    def __init__(self, gamma):
        self.gamma = gamma

    def pressure(self, rho, e):
        return (self.gamma - 1) * rho * e

class Grid:
    def __init__(self, n):
        self.n = n
        self.rho = np.linspace(1.0, 2.0, n)
        self.p = np.zeros(n)

class Solver:
    def __init__(self, grid, gas):
        self.grid = grid
        self.gas = gas

    def at(self, grid, gas, i):
        return gas.pressure(grid.rho[i], 2.5) + grid.rho[i - 1]

    def update(self):
        for i in range(self.grid.n):  # hot
            self.grid.p[i] = self.at(self.grid, self.gas, i)

solver = Solver(Grid(20), Gas(1.4))
solver.update()
print(solver.grid.p.tolist())
""")


def test_a_function_that_gets_two_objects_is_given_the_parts_of_each(same_output):
    same_output("""
import numpy as np

class Layer:
    def __init__(self, k, c):
        self.k = k
        self.c = c

def rate(layer, left, right):
    return layer.k * (right - left) / layer.c

upper = Layer(1.0, 2.0)
lower = Layer(3.0, 1.5)
T = np.linspace(0.0, 1.0, 20) ** 2
new = T.copy()
for step in range(4):  # hot
    for i in range(1, 19):
        new[i] = T[i] + 0.1 * rate(upper, T[i], T[i + 1]) - 0.1 * rate(lower, T[i - 1], T[i])
    T[:] = new
print(T.tolist())
""")


COUNTING = """
import numpy as np

def count(state, x):
    state["n"] = state["n"] + 1
    return 2 * x

state = {"n": 0}
u = np.ones(30)
for i in range(30):  # hot
    u[i] = count(state, u[i])
print(u.sum(), state)
"""


def test_a_function_that_changes_its_object_is_called_on_a_line_before(same_output):
    same_output(COUNTING)


def test_a_function_that_changes_its_object_is_called_before_only_where_it_is_called(same_output):
    same_output(COUNTING.replace("= count(state, u[i])", "= count(state, u[i]) if i % 3 == 0 else 1.0"))


def test_a_function_that_changes_its_object_is_refused_where_a_quotient_tells_whether_it_is_called(rewrite):
    done = rewrite(COUNTING.replace("= count(state, u[i])", "= count(state, u[i]) if 1 / u[i] > 0 else 1.0"))
    assert not done.candidates
    assert "changes" in done.reasons


def test_strategies_of_several_classes_are_called(same_steps):
    done = same_steps(
        """
import numpy as np

class MinMod:
    def __call__(self, r):
        return max(0.0, min(1.0, r))

class VanLeer:
    def __call__(self, r):
        return (r + abs(r)) / (1.0 + abs(r))

class Advection:
    def __init__(self, limiter):
        self.limiter = limiter
        self.u = np.sin(np.linspace(0.0, 3.0, 12))

    def step(self):
        u = self.u
        for i in range(1, 11):  # hot
            u[i] -= 0.1 * self.limiter(u[i] - u[i - 1])

for limiter in (MinMod(), VanLeer()):
    solver = Advection(limiter)
    for k in range(3):
        solver.step()
    print(solver.u.tolist())
"""
    )
    texts = [candidate.patches[0].after for candidate in done.candidates]
    narrow = next(text for text in texts if "if self.limiter.__class__ is MinMod:" in text)
    assert "elif self.limiter.__class__ is VanLeer:" in narrow


def test_a_list_that_a_loop_makes_anew_is_made_in_a_kernel(same_steps):
    done = same_steps(
        """
import numpy as np

def demand(r):
    return r * (1.0 - r) if r < 0.5 else 0.25

rho = np.linspace(0.1, 0.8, 12)
total = []
for n in range(5):  # hot
    rho = np.array([rho[i] - 0.1 * (demand(rho[i]) - demand(rho[i - 1])) for i in range(1, 12)] + [0.1])
    total.append(f"{sum(rho):.12f}")
print(total, rho.tolist())
"""
    )
    assert "demand" in done.candidates[0].title


def test_methods_of_two_classes_are_compiled_for_each_through_all_that_call_them(tmp_path, monkeypatch):
    monkeypatch.setattr("numba.core.config.DISABLE_JIT", True)
    text = """
import numpy as np

class Law:
    def __init__(self, n):
        self.u = np.linspace(0.0, 1.0, n)
        self.t = 0.0
    def rhs(self, u):
        d = np.zeros_like(u)
        for i in range(1, len(u) - 1):  # hot
            d[i] = self.flux(u[i + 1]) - self.flux(u[i - 1])
        return d
    def step(self, dt):
        self.u = self.u + dt * self.rhs(self.u)
    def run(self, end):
        while self.t < end:
            self.step(0.125)
            self.t += 0.125
            self.note()
    def note(self):
        print(self.t, self.u.sum())

class Burgers(Law):
    def flux(self, v):
        return 0.5 * v * v

class Linear(Law):
    def flux(self, v):
        return 2.0 * v

for law in (Burgers(9), Linear(8)):
    law.run(0.5)
"""
    candidates, _ = proposals(text, tmp_path)
    after = rewritten(candidates[0])
    assert "self.__class__ is Burgers" in after and "self.__class__ is Linear" in after
    assert "linear_rhs_kernel" in after
    assert execute(after, (), tmp_path) == execute(text, (), tmp_path)
