"""Functions that other functions make, ``rhs = make_rhs(nu)``, and methods that are handed around."""

import numba
import pytest

from tests.kernel.in_process import execute, proposals, rewritten

FACTORIES = """
import sys
import numpy as np

def make_rhs(nu, dx):
    c = nu / dx**2
    def lhs(u, i):
        return nu * u[i] - dx * c
    def rhs(u, i):
        return c * (u[i + 1] - 2 * u[i] + u[i - 1]) - nu * u[i]
    return lhs if len(sys.argv) > 1 and sys.argv[1] == "lhs" else rhs

def other_rhs(c, nu):
    def rhs(u, i):
        return c - nu * u[i]
    return rhs

def dirichlet(value):
    def apply(u, k):
        u[k] = value
    return apply

def gaussian(x0, w):
    return lambda x, t: np.exp(-((x - x0) / w) ** 2) * t

class Held:
    def __init__(self, k):
        self.k = k
    def __call__(self, u, i):
        return self.k * u[i]

n = 16
x = np.linspace(0.0, 1.0, n)
u = x * (1.0 - x)
rhs = make_rhs(0.125, 0.5)
if "other" in sys.argv:
    rhs = other_rhs(0.25, 0.5)
if "held" in sys.argv:
    rhs = Held(0.75)
left, right = dirichlet(0.0), dirichlet(1 if "other" in sys.argv else 0.5)
source = gaussian(0.5, 0.25)
t = 0.0
for step in range(12):  # hot
    new = u.copy()
    for i in range(1, n - 1):
        new[i] = u[i] + 0.25 * (rhs(u, i) + source(x[i], t))
    left(new, 0)
    right(new, -1)
    u = new
    t += 0.125
    if step % 4 == 0:
        print(step, u.max())
print(u, t)
"""
HELPERS = """
import numpy as np

def make_problem(a, flux):
    k = 2.0 * a
    def slope(u, i):
        return k * (u[i] - u[i - 1])
    def rhs(u, du):
        for i in range(1, len(u)):
            du[i] = -(flux(u[i]) - slope(u, i))
    return rhs

def square(q):
    return 0.5 * q * q

def line(q):
    return 0.75 * q

def integrate(f, u, nt):
    du = np.zeros_like(u)
    for k in range(nt):  # hot
        f(u, du)
        for i in range(len(u)):
            u[i] += 0.0625 * du[i]
    return u

def main():
    u = integrate(make_problem(0.25, square), np.linspace(0.0, 1.0, 9), 5)
    print(u)
    speed = 0.5
    def decay(u, du):
        for i in range(len(u)):
            du[i] = -speed * u[i]
    print(integrate(decay, u, 5))
    print(integrate(make_problem(0.5, line), u, 5))

main()
"""
METHODS = """
import sys
import numpy as np

class Reaction:
    def __init__(self, scheme):
        self.k, self.calls, self.t = 0.25, 0, 0.0
        self.face = self.upwind if scheme == "upwind" else self.central
        self.react = lambda q: self.k * q * (1.0 - q)
    def upwind(self, u, i):
        return u[i - 1] * (1.0 + self.t)
    def central(self, u, i):
        return 0.5 * (u[i] + u[i - 1])
    def rhs(self, u, t):
        self.calls += 1
        du = np.zeros_like(u)
        for i in range(1, len(u) - 1):
            du[i] = self.face(u, i) - self.face(u, i + 1) + self.react(u[i]) + t
        return du

class Faster(Reaction):
    def upwind(self, u, i):
        return 2.0 * u[i - 1]

def euler(f, u, t, dt):
    return u + dt * f(u, t)

def run(s, f, u):
    for k in range(6):  # hot
        u = euler(f, u, s.t, 0.125)
        s.t += 0.125
        s.k *= 0.5
    return u

u = np.linspace(0.0, 1.0, 9)
a, b = Reaction("upwind"), Reaction("central")
if "swapped" in sys.argv:
    a.face, b.react = b.face, a.react
if "derived" in sys.argv:
    a = Faster("upwind")
print(run(a, a.rhs, u), a.calls, a.t)
print(run(b, b.rhs, u), b.calls, b.t)
print(run(a, b.rhs, u), a.calls, b.calls)
"""
COUNTED = """
import sys

def make_random(seed):
    state = seed
    def draw():
        nonlocal state
        state = (state * 25173 + 13849) % 65536
        return state / 65536
    return draw

a = make_random(3)
b = a if "alias" in sys.argv else make_random(4)
total = 0.0
for k in range(20):  # hot
    x = a()
    y = b()
    total += x - 0.5 * y
print(total, a(), b())
"""
CONDITIONS = """
import sys
import numpy as np

def fixed(k, value):
    def bc(u, t):
        u[k] = value
    return bc

def moving(k, amp, omega=2.0):
    phase = 0.5
    def bc(u, t, scale=1.0):
        u[k] = scale * amp * np.sin(omega * t + phase)
    return bc

def make_scheme(name, c):
    if name == "upwind":
        def scheme(u, i):
            return u[i] - c * (u[i] - u[i - 1])
    else:
        def scheme(u, i):
            return u[i] - c * (u[i + 1] - u[i - 1]) + c * c * (u[i + 1] - 2.0 * u[i] + u[i - 1])
    return scheme

def main(name):
    u = np.zeros(9)
    bcs = [moving(0, 1.0), fixed(-1, 0.25)]
    if "swapped" in sys.argv:
        bcs.reverse()
    scheme = make_scheme(name, 0.5)
    for step in range(9):  # hot
        new = u.copy()
        for i in range(1, 8):
            new[i] = scheme(u, i)
        for bc in bcs:
            bc(new, 0.125 * step)
        u = new
    return u

print(main(sys.argv[1] if len(sys.argv) > 1 else "upwind"))
"""
SHARED = """
def counter():
    calls = 0
    def value(x):
        nonlocal calls
        calls += 1
        return x + calls
    def how():
        return calls
    return value, how

value, how = counter()
total = 0.0
for k in range(9):  # hot
    total += value(k) * how()
print(total, how())
"""
REBOUND = """
def main():
    dt = 0.5
    def rhs(x):
        return dt * x
    alias, u = rhs, 1.0
    for k in range(4):  # hot
        dt = dt * 0.5
        u += alias(u)
    print(u)

main()
"""


@pytest.fixture
def interpreted(monkeypatch):
    monkeypatch.setattr(numba.config, "DISABLE_JIT", 1)


@pytest.mark.parametrize(
    ("script", "inputs", "kernels"),
    [
        (FACTORIES, (["lhs"], ["other"], ["held"]), ("march", "rhs_kernel", "source_kernel", "apply_kernel")),
        (HELPERS, ([],), ("update_u", "update_u_2", "slope_kernel", "decay_kernel")),
        (METHODS, (["swapped"], ["derived"]), ("rhs_kernel", "react_kernel", "euler_kernel")),
        (COUNTED, (["alias"],), ("draw_kernel",)),
        (CONDITIONS, (["central"], ["upwind", "swapped"]), ("scheme_kernel", "bc_kernel", "bc_kernel_")),
    ],
)
def test_a_made_function_is_compiled_and_only_used_where_it_is_that_function(
    script, inputs, kernels, tmp_path, interpreted
):
    candidates, _ = proposals(script, tmp_path)
    assert all(name in candidates[0].title for name in kernels)
    for candidate in candidates:
        for argv in ([], *inputs):
            assert execute(rewritten(candidate), argv, tmp_path) == execute(script, argv, tmp_path)


@pytest.mark.parametrize(("script", "name"), [(SHARED, "calls"), (REBOUND, "dt")])
def test_a_captured_variable_that_may_change_meanwhile_refuses(script, name, tmp_path):
    candidates, refusals = proposals(script, tmp_path)
    assert not candidates
    assert any(f"captured `{name}`, which may change meanwhile" in one.reason for one in refusals)


def test_what_a_function_holds_is_asked_after_what_it_is(tmp_path):
    made = "is_made_by(f, make_problem, 'rhs', ('flux', 'slope'))"
    text = rewritten(proposals(HELPERS, tmp_path)[0][0])
    assert 0 < text.index(made) < text.index("f.__closure__[0].cell_contents is square")


def test_the_climb_goes_through_functions_that_are_called_by_other_names(tmp_path):
    script = METHODS.replace("  # hot", "").replace("range(1, len(u) - 1):", "range(1, len(u) - 1):  # hot")
    assert any("euler_kernel" in one.title for one in proposals(script, tmp_path)[0])
    lines = '        s.k *= 0.5\n        if k % 3 == 0:\n            print(f"{k} {u.max():.3e}")\n'
    printing = script.replace("        s.k *= 0.5\n", lines)
    found = proposals(printing, tmp_path)[0][0]
    assert "update_k_calls with" in found.title and "euler_kernel" in found.title  # k: the loop is split
