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


OPTIONAL = """
import sys
import numpy as np

def advance(u, dt, source=None, mask=None, verbose=False, hook=None):
    new = [0.0] * len(u)
    for k in range(3):
        for i in range(1, len(u) - 1):  # hot
            q = source[i] if source is not None else 0.0
            new[i] = u[i] + dt * (u[i + 1] - 2 * u[i] + u[i - 1] + q)
            if mask is not None and mask[i] > 0.5:
                new[i] = 0.0
            if verbose and i == 2:
                print(f"cell {i}: {new[i]:.3f}")
        if hook is not None:
            hook(k, new[1])
    return new

def told(k, value):
    print("step", k, value)

u = [0.1 * i * i for i in range(9)]
u = advance(u, 0.1)
u = advance(u, 0.1, source=[0.5] * 9)
u = advance(u, 0.1, source=[0.25] * 9, mask=np.arange(9) % 2)
if len(sys.argv) > 1:
    u = advance(u, 0.1, source=np.ones(9), verbose=sys.argv[1] == "loud")
    u = advance(u, 0.1, hook=told, mask=np.ones(9))
print([float(x) for x in u])
"""


def test_what_is_there_at_times_is_compiled_with_and_without(same_steps):
    done = same_steps(OPTIONAL, "loud", "quiet")
    assert "source is None" in done.text and "not verbose" in done.text


def test_a_mask_that_is_there_at_times_is_looked_into_where_it_is(same_for):
    done = same_for("""
import sys
import numpy as np

class Solver:
    def __init__(self, mask=None):
        self.mask, self.weight = mask, None
        self.u = np.arange(30.0).reshape(5, 6)

    def sweep(self):
        change = 0.0
        for i in range(1, 4):  # hot
            for j in range(1, 5):
                if self.mask is not None and self.mask[i, j]:
                    continue
                w = 1.0 if self.weight is None else self.weight[i]
                old = self.u[i, j]
                self.u[i, j] = 0.25 * w * (self.u[i + 1, j] + self.u[i - 1, j])
                change = max(change, abs(self.u[i, j] - old))
        return change

for mask in (None, np.eye(5, 6) > 0):
    solver = Solver(mask)
    for k in range(3):
        print(float(solver.sweep()), solver.u.sum())
    if len(sys.argv) > 1:
        solver.weight = np.full(5, 0.5)
        print(float(solver.sweep()), solver.u.sum())
""", "weighed")  # fmt: skip
    assert "solver.mask is None" in done.text or "self.mask is None" in done.text


def test_what_the_loop_itself_brings_is_not_left_out(same_steps):
    done = same_steps("""
import numpy as np

class Solver:
    def __init__(self, n):
        self.prev, self.u = None, np.arange(float(n))

    def run(self, steps):
        for step in range(steps):
            for i in range(1, 6):  # hot
                d = 0.0
                if self.prev is not None:
                    d = self.u[i] - self.prev[i]
                self.u[i] += 0.5 * self.u[i - 1] + 0.1 * d
            self.prev = self.u.copy()

solver = Solver(6)
solver.run(1)
solver = Solver(6)
solver.run(4)
print(solver.u.tolist())
""")
    assert "self.prev is None and" not in done.text and "march_u_2" not in done.text
