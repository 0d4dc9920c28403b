"""What is compared before a loop, and what is called by another name."""

import pytest


def test_options_that_classes_hold_are_compared_before_the_loop(same_for):
    done = same_for(
        """
import sys
from enum import Enum
import numpy as np

class BC(Enum):
    DIRICHLET = 0
    NEUMANN = 1

class Scheme:
    JACOBI = "jacobi"
    SOR = "sor"

def sweep(u, f, scheme, bc, omega):
    n = len(u)
    for i in range(1, n - 1):  # hot
        new = 0.5 * (u[i - 1] + u[i + 1] + f[i])
        if scheme == Scheme.SOR:
            new = (1 - omega) * u[i] + omega * new
        elif bc is not BC.NEUMANN:
            new += 0.001
        if bc == BC.NEUMANN:
            new -= 0.001
        u[i] = new

u = np.zeros(12)
f = np.linspace(0.0, 1.0, 12)
scheme = Scheme.SOR if len(sys.argv) < 2 else Scheme.JACOBI
bc = BC.DIRICHLET if len(sys.argv) < 3 else BC.NEUMANN
for it in range(4):
    sweep(u, f, scheme, bc, 1.5)
print(u.tolist())
""",
        "jacobi",
        "jacobi neumann",
    )
    assert "scheme_is_SOR" in done.text


def test_a_method_that_a_variable_holds_is_called(same_for):
    same_for(
        """
import sys
import numpy as np

class Material:
    def __init__(self, k):
        self.k = k

    def conductivity(self, T):
        return self.k * (1 + 0.1 * T)

class Rod:
    def __init__(self, n, material, source=lambda x: 10.0 * x):
        self.n = n
        self.T = np.linspace(0.0, 1.0, n)
        self.material = material
        self.source = source

    def step(self):
        k = self.material.conductivity
        for i in range(1, self.n - 1):  # hot
            self.T[i] += 0.1 * k(self.T[i]) * (self.T[i - 1] - self.T[i]) + self.source(self.T[i])

rod = Rod(12, Material(0.5)) if len(sys.argv) < 2 else Rod(12, Material(0.5), lambda x: x)
for n in range(3):
    rod.step()
print(rod.T.tolist())
""",
        "other",
    )


def test_lists_of_complex_numbers_are_computed_with(same_for):
    same_for(
        """
import cmath
import sys

n = 20
a = [-0.25j] * n
b = [1 + 0.5j + (0.1j * k if len(sys.argv) < 2 else -1 - 0.5j) for k in range(n)]
d = [cmath.exp(1j * k) for k in range(n)]

def solve(a, b, c, d):
    cp = [0] * n
    x = [0] * n
    cp[0] = c[0] / b[0]
    x[0] = d[0] / b[0]
    for i in range(1, n):  # hot
        m = b[i] - a[i] * cp[i - 1]
        cp[i] = c[i] / m
        x[i] = (d[i] - a[i] * x[i - 1]) / m
    return x

try:
    x = solve(a, b, a, d)
except ZeroDivisionError:
    print("singular")
else:
    print([f"{abs(one):.10f}" for one in x])
""",
        "zero",
    )


def test_a_division_by_zero_that_a_caller_catches_stays_in_python_where_cells_were_stored(rewrite):
    done = rewrite(
        """
u = [1.0, 2.0, 0.5, 4.0]

def reduce(u):
    for i in range(1, len(u)):  # hot
        u[i] = u[i] / (u[i - 1] - 0.5)

for k in range(3):
    try:
        reduce(u)
    except ZeroDivisionError:
        print("singular")
print(u)
"""
    )
    assert "ZeroDivisionError is caught around it" in done.reasons


KEPT = """def reduce(given):
    u = given.copy()
    kept.append(u)"""


@pytest.mark.parametrize(
    "first", ["def reduce(u):", "def reduce(given):\n    u = kept[0] = given.copy()", KEPT]
)
def test_cells_that_a_caller_can_look_at_were_stored(first, rewrite):
    done = rewrite(
        f"""
import numpy as np
kept = [None]

{first}
    for i in range(1, len(u)):  # hot
        u[i] = u[i] / (float(u[i - 1]) - 0.5)
    u = u.copy()
    return u

try:
    reduce(np.array([1.0, 2.0, 4.0]))
except ZeroDivisionError:
    print("singular", kept)
"""
    )
    assert "ZeroDivisionError is caught around it" in done.reasons
