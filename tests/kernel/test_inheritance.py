"""Which method a call means where several classes have one of that name."""

TREE = """
import numpy as np

class Solver:
    factor = 2.0

    def __init__(self, n):
        self.n = n
        self.u = np.linspace(0, 1, n)

    def flux(self, a):
        return 0.5 * a

    def source(self, x):
        return 0.1 * x

    def step(self):
        for i in range(1, self.n - 1):  # hot
            self.u[i] += self.flux(self.u[i - 1]) - self.flux(self.u[i]) + self.source(i)

class Burgers(Solver):
    def flux(self, a):
        return 0.5 * a * a

    def step(self):
        for i in range(1, self.n - 1):  # hot2
            self.u[i] += self.flux(self.u[i - 1]) - self.flux(self.u[i]) + self.source(i)

for solver in (Burgers(9), {other}):
    for k in range(3):
        solver.step()
    print(solver.u.tolist())
"""


def test_a_class_that_defines_the_method_itself_is_meant(same_output):
    text = TREE.replace("  # hot\n", "\n").replace("# hot2", "# hot").replace("{other}", "Solver(9)")
    done = same_output(text)
    assert "0.5 * a * a" in done.text.partition("class Solver")[0]


def test_a_method_that_a_derived_class_replaces_is_checked(same_output):
    done = same_output(TREE.replace("{other}", "Solver(9)"))
    assert "if solver.__class__ is Solver:" in done.text


def test_the_class_of_a_strategy_is_looked_at(same_for):
    done = same_for(
        """
import sys
import numpy as np
from abc import ABC, abstractmethod

class Riemann(ABC):
    @abstractmethod
    def flux(self, left, right): ...

    def f(self, u):
        return 0.5 * u * u

class Godunov(Riemann):
    def flux(self, left, right):
        if left > right:
            return self.f(left) if left + right > 0 else self.f(right)
        return self.f(left) if left > 0 else self.f(right)

class LaxFriedrichs(Riemann):
    def __init__(self, alpha):
        self.alpha = alpha

    def flux(self, left, right):
        return 0.5 * (self.f(left) + self.f(right) - self.alpha * (right - left))

class Central(Riemann):
    def flux(self, left, right):
        return self.f(0.5 * (left + right))

class Solver:
    def __init__(self, n, riemann):
        self.u = 1.0 + 0.5 * np.sin(np.arange(n))
        self.riemann = riemann

    def step(self):
        u = self.u
        n = len(u)
        F = np.zeros(n)
        for i in range(n):  # hot
            F[i] = self.riemann.flux(u[i], u[(i + 1) % n])
        self.u = u - 0.1 * (F - np.roll(F, 1))

for riemann in (Godunov(), LaxFriedrichs(2.0)) if len(sys.argv) < 2 else (Central(), Godunov()):
    solver = Solver(20, riemann)
    for step in range(3):
        solver.step()
    print(solver.u.tolist())
""",
        "central",
    )
    assert "self.riemann.__class__ is LaxFriedrichs" in done.text
    assert "ZeroDivisionError" not in done.text
