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
    assert "if self.__class__ is Solver:" in done.text
