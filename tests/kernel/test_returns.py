"""A ``return`` in a hot loop leaves the function around the kernel."""

import pytest


def test_a_search_returns_from_its_loops(same_for):
    done = same_for(
        """
import sys
import numpy as np

def check(u):
    for i in range(u.shape[0]):  # hot
        for j in range(u.shape[1]):
            if np.isnan(u[i, j]) or abs(u[i, j]) > 1e10:
                return False
    return True

u = np.ones((6, 7))
if len(sys.argv) > 1:
    u[3, 4] = float(sys.argv[1])
print(check(u), check(u[:0]))
""",
        "nan",
        "2.0",
    )
    assert "if ended == 1:" in done.text


def test_what_is_returned_comes_out_of_the_kernel(same_for):
    same_for(
        """
import sys
import numpy as np

class Solver:
    def __init__(self, n, limit):
        self.u = np.linspace(0.0, 1.0, n)
        self.limit = limit
        self.steps = 0

    def solve(self, tol, most):
        change = 1.0
        for it in range(most):  # hot
            change = 0.0
            for i in range(1, len(self.u) - 1):
                new = 0.5 * (self.u[i - 1] + self.u[i + 1]) + 0.01 * i
                change = max(change, abs(new - self.u[i]))
                if new > self.limit:
                    return -i, new
                self.u[i] = new
            self.steps += 1
            if change < tol:
                return it, change
        return most, None

limit = float(sys.argv[1]) if len(sys.argv) > 1 else 9.0
solver = Solver(12, limit)
most = int(sys.argv[2]) if len(sys.argv) > 2 else 500
print(solver.solve(1e-3, most), solver.steps, solver.u.tolist())
""",
        "1.5",
        "9.0 3",
        "9.0 0",
    )


@pytest.mark.parametrize("value", ["found", "found + k", "best"])
def test_what_may_be_unassigned_is_not_returned(rewrite, value):
    done = rewrite(f"""
import numpy as np

def search(u, bound):
    for k in range(len(u)):  # hot
        if u[k] > 0.1:
            found = k
            best = u[k:k + 1]
        if u[k] > bound:
            return {value}
    return None

print(search(np.linspace(0.0, 1.0, 9), 0.5))
""")
    assert not done.candidates
    assert "return" in done.reasons


def test_a_loop_that_ends_when_it_has_converged_is_compiled_whole(same_steps):
    done = same_steps(
        """
import numpy as np

class Poisson:
    def __init__(self, n):
        self.psi = np.zeros((n, n))
        self.psi[0] = 1.0

    @staticmethod
    def relaxed(old, new):
        return old + 1.5 * (new - old)

    def solve(self, most, tol):
        psi = self.psi
        n = len(psi)
        for k in range(most):
            change = 0.0
            for i in range(1, n - 1):  # hot
                for j in range(1, n - 1):
                    new = 0.25 * (psi[i + 1, j] + psi[i - 1, j] + psi[i, j + 1] + psi[i, j - 1])
                    change = max(change, abs(new - psi[i, j]))
                    psi[i, j] = Poisson.relaxed(psi[i, j], new)
            if change < tol:
                break
        return k + 1

p = Poisson(9)
print(p.solve(200, 1e-4), p.solve(3, 1e-12), p.psi.tolist())
"""
    )
    assert "break" in done.text.split("class Poisson")[0]
    assert "if most > 0:\n            k = last_k\n" in done.text
