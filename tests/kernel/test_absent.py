"""Optional functions that were not there: their branches are left out, if they are not there."""

SCRIPT = """
import sys
import numpy as np

def heating(i):
    return 0.25 * i

class Solver:
    def __init__(self, n, source=None, limit=None):
        self.n = n
        self.u = np.zeros(n)
        self.u[n // 2] = 1.0
        self.source = source
        self.limit = limit

    def step(self, dt, forcing=None):
        un = self.u.copy()
        for i in range(1, self.n - 1):  # hot
            f = 0.0 if self.source is None else self.source(i)
            if forcing is not None:
                f += forcing(i)
            if not self.limit:
                # nothing to do
                f += 0.5
            else:
                f = self.limit(f)
            self.u[i] = un[i] + dt * (un[i + 1] - 2 * un[i] + un[i - 1]) + f

kinds = sys.argv[1:]
solver = Solver(9, source=heating if "source" in kinds else None, limit=abs if "limit" in kinds else None)
for k in range(3):
    solver.step(0.1, heating if "forcing" in kinds else None)
print(solver.u.tolist())
"""


def test_branches_that_call_what_was_none_are_left_out_where_it_is_none(same_for):
    done = same_for(SCRIPT, "source", "limit", "forcing", "source forcing")
    kernel = done.text.partition("@njit")[2].partition("class")[0]
    assert "source" not in kernel
    assert "forcing" not in kernel
    assert "        # nothing to do\n" not in kernel
    assert "        f += 0.5\n" in kernel
    assert "self.source is None" in done.text


def test_a_function_that_is_there_is_asked_for_before_the_loop(same_for):
    done = same_for(
        """
import sys
import numpy as np

def heating(x):
    return 2.0 * x

class Solver:
    def __init__(self, source):
        self.u = np.linspace(0.0, 1.0, 12)
        self.source = source

    def step(self):
        for i in range(1, 11):  # hot
            q = 0.0
            if self.source is not None:
                q = self.source(self.u[i - 1])
            self.u[i] = 0.5 * self.u[i] + q

solver = Solver(heating if len(sys.argv) < 2 else None)
for k in range(3):
    solver.step()
print(solver.u.tolist())
""",
        "none",
    )
    assert ".source is heating" in done.text


def test_none_that_is_not_called_stays_an_argument(same_for):
    done = same_for(
        """
import sys
import numpy as np

def march(u, k=None):
    for i in range(1, len(u) - 1):  # hot
        c = 1.0 if k is None else k[i]
        u[i] += 0.1 * c * (u[i + 1] - u[i - 1])
    return u

u = np.linspace(0.0, 1.0, 12) ** 2
print(march(u, None if len(sys.argv) < 2 else u * 2.0).tolist())
""",
        "given",
    )
    assert "c = 1.0 if k is None else k[i]" in done.text
