"""Loops become kernels that give the same answer, whatever stands around them."""

import pytest

from pdeperf.model import Safety

HEAT = """
import numpy as np

n = 9
u = np.zeros((n, n))
u[4, 4] = 1.0
history = []
for step in range(5):
    un = u.copy()
    for i in range(1, n - 1):  # hot
        for j in range(1, n - 1):
            # five points
            u[i, j] = un[i, j] + 0.1 * (un[i+1, j] + un[i-1, j] + un[i, j+1] + un[i, j-1] - 4 * un[i, j])
    change = 0.0
    for i in range(n):
        for j in range(n):
            change = max(change, abs(u[i, j] - un[i, j]))
    history.append(change)
    if step % 2 == 0:
        print("step", step, change)
print(u.tolist(), history)
"""


def test_prints_and_appends_stay_outside(same_output):
    done = same_output(HEAT)
    assert "history.append(change)" in done.text
    assert 'print("step", step, change)' in done.text


def test_comments_move_into_the_kernel(rewrite):
    assert "            # five points" in rewrite(HEAT).text


def test_attributes_of_self_become_arguments(same_output):
    done = same_output("""
import numpy as np

class Wave:
    def __init__(self, n):
        self.n, self.c, self.t = n, 0.3, 0.0
        self.u = np.sin(np.arange(n) * 0.5)
        self.old = self.u.copy()
        self.params = {"damping": 0.01, "source": np.ones(n)}

    def flux(self, a, b):
        return self.c * (a - b)

    def step(self):
        new = np.zeros(self.n)
        for i in range(1, self.n - 1):  # hot
            new[i] = 2 * self.u[i] - self.old[i] + self.flux(self.u[i+1], self.u[i]) \\
                - self.flux(self.u[i], self.u[i-1]) - self.params["damping"] * self.params["source"][i]
        self.old, self.u = self.u, new
        self.t += 0.1

wave = Wave(12)
for k in range(4):
    wave.step()
print(wave.u.tolist(), wave.t)
""")
    assert "def flux_kernel(c, a, b):" in done.text


def test_a_global_that_changes_between_calls_is_passed(same_output):
    done = same_output("""
import numpy as np
speed = 1.0

def flux(u):
    return speed * u

def advance(u):
    for i in range(len(u)):  # hot
        u[i] = flux(u[i]) + 1.0

u = np.ones(4)
advance(u)
speed = 3.0
advance(u)
print(u.tolist())
""")
    assert "flux_kernel(speed, u)" in done.text


def test_a_callback_is_guarded_and_each_function_gets_its_kernel(same_output):
    done = same_output("""
import numpy as np

def upwind(a, b):
    return a

def centred(a, b):
    return 0.5 * (a + b)

def sweep(u, flux):
    out = np.zeros(len(u))
    for i in range(1, len(u)):  # hot
        out[i] = flux(u[i-1], u[i])
    return out

u = np.arange(5.0) ** 2
print(sweep(u, upwind).tolist(), sweep(u, centred).tolist())
""")
    assert "if flux is upwind:" in done.text
    assert "elif flux is centred:" in done.text
    assert "out[i] = flux(u[i-1], u[i])" in done.text.split("else:")[-1]


def test_a_nested_function_reads_its_surroundings_as_parameters(same_output):
    same_output("""
import numpy as np

def solve(n, scheme):
    dx = 1.0 / n
    u = np.linspace(0.0, 1.0, n)

    def slope(i):
        return (u[i] - u[i-1]) / dx

    out = np.zeros(n)
    for i in range(1, n):  # hot
        if scheme == "upwind":
            out[i] = slope(i)
        else:
            out[i] = 2 * slope(i)
    return out

print(solve(6, "upwind").tolist(), solve(6, "other").tolist())
""")


def test_a_loop_until_convergence_keeps_its_count(same_output):
    same_output("""
import numpy as np
n = 8
u = np.zeros(n); u[0] = 1.0
err, count = 1.0, 0
while err > 1e-4:  # hot
    err = 0.0
    for i in range(1, n - 1):
        new = 0.5 * (u[i-1] + u[i+1])
        err = max(err, abs(new - u[i]))
        u[i] = new
    count += 1
    if count >= 500:
        break
print(count, err, u.tolist())
""")


def test_negative_indices_wrap(same_output):
    same_output("""
import numpy as np
n = 6
u = np.arange(float(n))
v = np.zeros(n)
for i in range(n):  # hot
    v[i] = u[i-1] + u[(i+1) % n] + u[-1] * (i // 2) - (-i // 2) + (-i) % 4
print(v.tolist())
""")


def test_lists_are_converted_and_written_back(same_output):
    same_output("""
n = 5
u = [[float(i * j) for j in range(n)] for i in range(n)]
v = [[0.0] * n for _ in range(n)]
keep = v
for i in range(1, n - 1):  # hot
    for j in range(1, n - 1):
        v[i][j] = 0.25 * (u[i-1][j] + u[i+1][j] + u[i][j-1] + u[i][j+1])
print(keep)
""")


def test_lists_that_nobody_sees_whole_become_arrays_where_they_are_made(same_output):
    done = same_output("""
def make(n, value=0.0):
    return [[value for j in range(n)] for i in range(n)]

n = 5
u = make(n)
new = make(n, 1.5)
line = [0.0] * n
u[2][2] = 8.0
for step in range(3):
    for i in range(1, n - 1):  # hot
        for j in range(1, n - 1):
            new[i][j] = 0.25 * (u[i-1][j] + u[i+1][j] + u[i][j-1] + u[i][j+1])
            line[i] = line[i] + new[i][j]
    u, new = new, u
    print("step %d centre %.10f" % (step, u[2][2]))
print(sum(line), max([abs(x) for x in line]), len(u[0]))
""")
    assert "return np.full((n, n), value, dtype=np.float64)" in done.text
    assert "line = np.zeros(n)" in done.text
    assert "_array" not in done.text  # nothing is copied around calls


def test_a_list_made_an_array_is_printed_as_a_list(same_output):
    done = same_output("""
n = 4
u = [0.5] * n
for i in range(1, n):  # hot
    u[i] = u[i-1] * 2 + u[i]
print(u)
""")
    assert "print(u.tolist())" in done.text


def test_small_lists_of_constants_are_passed_through_functions(same_output):
    same_output("""
import numpy as np
cx = [0, 1, -1]
w = [0.5, 0.25, 0.25]

def feq(k, rho, u):
    return w[k] * rho * (1 + 3 * cx[k] * u)

f = np.ones((3, 6))
for x in range(6):  # hot
    r = 0.0
    for k in range(3):
        r += f[k, x]
    for k in range(3):
        f[k, x] += -0.6 * (f[k, x] - feq(k, r, 0.1 * x)) + f[cx[k], (x - cx[k]) % 6]
print(f.tolist(), cx, w)
""")


def test_who_holds_a_row_of_a_nested_list_sees_it_change(same_output):
    same_output("""
n = 3
u = [[[1.0 * i + j - k for k in range(n)] for j in range(n)] for i in range(n)]
line = u[1][2]
edge = [9.0, 8.0, 7.0]
flat = line
for i in range(n):  # hot
    for j in range(n):
        u[i][j][0] = u[i][j][1] * 2 + edge[j]
print(u, line, flat)
""")


def test_a_row_passed_beside_its_list_is_the_same_row(same_output):
    same_output("""
n = 3
u = [[1.0 * i + j for j in range(n)] for i in range(n)]
row = u[0]
for i in range(n):  # hot
    row[i] = 5.0 + i
    u[1][i] = u[0][i] * 2
print(u)
""")


def test_a_list_of_integers_may_become_floats(same_output):
    same_output("""
n = 5
u = [0] * n
u[0] = 8
for i in range(1, n):  # hot
    u[i] = u[i-1] / 2 + u[i] * 0.25
print([float(x) for x in u])
""")


def test_a_loop_that_counts_down_is_compiled(same_output):
    done = same_output("""
import numpy as np

class Line:
    n = 6

line = Line()
line.n = 6
a = np.linspace(1, 2, 6)
x = np.ones(6)
for i in reversed(range(line.n - 1)):  # hot
    x[i] = x[i] - a[i] * x[i+1]
for i in np.arange(1, 4):
    x[i] += i
print(x.tolist())
""")
    assert "for i in range(n - 2, -1, -1):" in done.text


def test_stores_into_rows_that_are_one_list_are_refused(rewrite):
    done = rewrite("""
n = 4
u = [[0.0] * n] * n
for i in range(n):  # hot
    for j in range(n):
        u[i][j] = u[i][j] + i + 0.5 * j
print(u)
""")
    assert "rows of `u` are one and the same list" in done.reasons


def test_shared_rows_keep_their_meaning(same_for):
    same_for(
        """
import sys
n = 4
u = [[0.0] * n for _ in range(n)] if len(sys.argv) < 2 else [[0.0] * n] * n
for i in range(n):  # hot
    for j in range(n):
        u[i][j] = u[i][j] + i + 0.5 * j
print(u)
""",
        "shared",
    )


def test_shared_rows_that_are_only_read_become_an_array(same_output):
    same_output("""
n = 4
c = [[0.5] * n] * n
u = [[0.0] * n for _ in range(n)]
for i in range(n):  # hot
    for j in range(n):
        u[i][j] = c[i][j] + i + 0.5 * j
print(u)
""")


def test_a_kernel_of_another_module_is_compiled_there(same_output):
    done = same_output(
        """
from grid import *
import numpy as np
u = np.ones(6)
for k in range(3):
    for i in range(1, 5):  # hot
        u[i] = limited(u[i-1], u[i+1]) * h
print(u.tolist())
""",
        grid="""
h = 0.5

def limited(a, b):
    return a if abs(a) < abs(b) else b + 0.25
""",
    )
    assert {patch.file for patch in done.candidates[0].patches} == {"script.py", "grid.py"}


def test_a_function_that_python_calls_too_stays_a_python_function(same_output):
    done = same_output("""
import numpy as np

def limiter(a):
    return a * a if a > 0 else 0

u = np.linspace(-1, 1, 6)
for i in range(6):  # hot
    u[i] = limiter(u[i])
print(u.tolist(), limiter(10 ** 12))
""")
    assert "@register_jitable" in done.text


def test_a_method_that_returns_a_list_is_compiled(same_output):
    done = same_output("""
import numpy as np

class Gas:
    gamma = 1.4

    def __init__(self, n):
        self.U = np.ones((3, n)) + 0.1 * np.arange(n)

    def primitive(self, i):
        r = self.U[0, i]
        return r, self.U[1, i] / r, (self.gamma - 1) * self.U[2, i]

    def flux(self, i):
        r, u, p = self.primitive(i)
        f = [r * u, r * u * u + p, u * (self.U[2, i] + p)]
        return [0.5 * f[k] for k in range(3)]

    def step(self):
        out = np.zeros_like(self.U)
        for i in range(self.U.shape[1]):  # hot
            f = self.flux(i)
            for k in range(3):
                out[k, i] = f[k]
        return out

gas = Gas(5)
print(gas.step().tolist())
""")
    assert "f = flux_kernel(U, gamma, i)" in done.text


def test_a_function_may_return_a_tuple_that_is_indexed(same_output):
    done = same_output("""
import numpy as np
g = 9.81

def flux(h, q):
    return q, q * q / h + 0.5 * g * h * h

def step(h, q):
    out = h.copy()
    for i in range(1, len(h) - 1):  # hot
        right = flux(h[i+1], q[i+1])
        left = flux(h[i-1], q[i-1])
        out[i] -= 0.1 * (right[0] - left[0]) + 0.01 * (right[1] - left[1])
    return out

print(step(np.linspace(1, 2, 6), np.linspace(0, 1, 6)).tolist())
""")
    assert "right = flux(h[i+1], q[i+1])" in done.text.split("def step")[0]


def test_a_lambda_that_is_passed_gets_a_name(same_output):
    done = same_output("""
import numpy as np
scale = 0.5

def solve(u, source, limit, steps):
    for step in range(steps):
        for i in range(len(u)):  # hot
            u[i] = limit(u[i] + source(0.1 * i, step))
    return u

print(solve(np.ones(5), lambda x, t: 1.0 + scale * x, lambda v: min(v, 3.0), 3).tolist())
scale = 2.0
print(solve(np.ones(5), lambda x, t: scale * x, lambda v: v, 3).tolist())
""")
    assert "def limit_function(v):" in done.text
    assert "limit is limit_function" in done.text


def test_sums_over_generators_and_maxima_of_lists_are_compiled(same_output):
    same_output("""
import numpy as np
n = 6
A = np.arange(36.0).reshape(n, n) + 40 * np.eye(n)
x = np.ones(n)
top = 0.0
for i in range(n):  # hot
    s = sum(A[i, k] * x[k] for k in range(n) if k != i)
    x[i] = (1.0 - s) / A[i, i]
    top = max([top, abs(x[i]), s])
    top = min((top, 1e3))
print([round(float(v), 9) for v in x], round(float(top), 6))
""")


def test_a_parameter_may_have_the_name_of_the_function_that_it_is_given(same_output):
    done = same_output("""
import numpy as np

def source(x):
    return 2.0 * x

def advance(u, source):
    for i in range(len(u)):  # hot
        u[i] += source(0.5 * i)
    return u

print(advance(np.ones(4), source).tolist(), advance(np.ones(4), np.sin).tolist())
print(advance(np.ones(4), source).tolist())
""")
    assert "if source is source_function:" in done.text


def test_a_copy_that_is_there_already_is_used_again(rewrite):
    script = """
import numpy as np
from numba import njit


@njit(cache=True, error_model="numpy")
def flux_kernel(c, a, b):
    return c * (a - b)


class Line:
    def __init__(self, n):
        self.c, self.u = 0.5, np.ones(n)

    def flux(self, a, b):
        return self.c * (a - b)

    def step(self):
        for i in range(1, 5):  # hot
            self.u[i] += self.flux(self.u[i], self.u[i-1])

Line(6).step()
"""
    text = rewrite(script).text
    assert text.count("def flux_kernel") == 1
    assert "u[i] += flux_kernel(c, u[i], u[i-1])" in text


def test_a_constant_of_a_star_import_is_passed(same_output):
    done = same_output(
        """
from parameters import *
import numpy as np

def pressure(rho):
    return (gamma - 1) * rho

u = np.ones(4)
for i in range(4):  # hot
    u[i] = pressure(u[i]) + e
print(u.tolist())
""",
        parameters="gamma = 1.4\ne = 0.5\n",
    )
    assert "pressure_kernel(gamma, u[i]) + e" in done.text


def test_a_constant_divisor_is_checked_once_and_still_raises(same_output):
    done = same_output("""
import numpy as np

def step(u, dt, h):
    out = u.copy()
    for i in range(1, len(u) - 1):  # hot
        out[i] = u[i] + dt / h**2 * (u[i+1] - 2 * u[i] + u[i-1])
    return out

print(step(np.arange(6.0) ** 2, 0.1, 0.5).tolist())
try:
    step(np.ones(4), 0.1, 0.0)
except ZeroDivisionError:
    print("raised")
""")
    assert "if h**2 == 0 and len(u) > 2:" in done.text
    assert 'error_model="numpy"' in done.text


def test_a_division_under_a_condition_is_checked_where_it_is(same_output):
    done = same_output("""
import numpy as np

def step(u, k):
    for i in range(len(u)):  # hot
        r = 0.0
        if k > 0:
            r = 1.0 / k
        u[i] += r
    return u

print(step(np.ones(3), 0.0).tolist(), step(np.ones(3), 2.0).tolist())
""")
    assert "ZeroDivisionError" not in done.text


def test_an_unknown_option_still_raises(same_output):
    done = same_output("""
import numpy as np

def advance(u, scheme):
    for i in range(1, len(u)):  # hot
        if scheme == "upwind":
            u[i] -= 0.1 * (u[i] - u[i-1])
        else:
            raise ValueError(f"no scheme called {scheme}")

u = np.arange(5.0) ** 2
advance(u, "upwind")
try:
    advance(u, "none")
except ValueError:
    print("unknown")
print(u.tolist())
""")
    assert 'raise ValueError("no scheme called")' in done.text


def test_results_keep_single_precision(same_output):
    same_output("""
import numpy as np
n = 8
c = 0.1
u = np.linspace(0, 1, n).astype(np.float32)
v = np.zeros(n, dtype=np.float32)
for i in range(1, n - 1):  # hot
    v[i] = u[i] + c * (u[i+1] - 2 * u[i] + u[i-1]) / 3.0
print(v.tolist())
""")


def test_a_global_statement_brings_the_value_back(same_output):
    same_output("""
import numpy as np
t = 0.0
u = np.ones(5)

def advance():
    global t
    for i in range(5):  # hot
        u[i] += 0.1 * i
        t += 0.01

advance()
advance()
print(t, u.tolist())
""")


def test_a_name_that_is_read_after_the_loop_comes_back(same_output):
    same_output("""
import numpy as np

def search(u, limit):
    for k in range(len(u)):  # hot
        if u[k] > limit:
            break
    return k

print(search(np.arange(9.0), 4.5))
""")


def test_tqdm_and_enumerate_and_tuples_survive(same_output):
    same_output("""
import numpy as np
from tqdm import tqdm
u = np.arange(6.0)
for step in tqdm(range(3), disable=True):
    for i, value in enumerate(u):  # hot
        a, b = value * 0.5, i + 1.0
        u[i] = a + b
print(u.tolist())
""")


REFUSED = {
    "an integer that outgrows 64 bits": (
        """
seed = 1
for i in range(9):  # hot
    seed = (6364136223846793005 * seed + 1442695040888963407) % 2**64
print(seed)
""",
        "64 bits",
    ),
    "small unsigned integers": (
        """
import numpy as np
a = np.array([3, 5, 250], dtype=np.uint8)
out = np.zeros(3)
for i in range(3):  # hot
    out[i] = a[i] - a[0]
print(out)
""",
        "arithmetic of small integers",
    ),
    "random numbers": (
        """
import numpy as np
u = np.zeros(5)
for i in range(5):  # hot
    u[i] = np.random.standard_t(3)
""",
        "numpy.random.standard_t",
    ),
    "floating-point errors that raise": (
        """
import numpy as np
np.seterr(all="raise")
u = np.ones(5)
for i in range(5):  # hot
    u[i] = u[i] / 2
""",
        "floating-point errors are looked at here",
    ),
    "a property": (
        """
import numpy as np

class Grid:
    def __init__(self):
        self.count = 0

    @property
    def dx(self):
        self.count += 1
        return 0.1 * self.count

grid = Grid()
u = np.ones(4)
for i in range(4):  # hot
    u[i] = grid.dx
print(u)
""",
        "property",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_keep_its_meaning_is_refused(rewrite, name):
    text, reason = REFUSED[name]
    done = rewrite(text)
    assert not done.candidates, done.text
    assert reason in done.reasons


def test_a_property_is_computed_where_it_is_read(same_output):
    done = same_output("""
import numpy as np

class Wave:
    def __init__(self, n, c):
        self.n, self.c, self.dt = n, c, 0.05
        self.u = np.sin(np.arange(n) * 0.7)
        self.old = self.u.copy()

    @property
    def dx(self):
        return 1.0 / (self.n - 1)

    @property
    def r2(self):
        \"\"\"Courant number squared.\"\"\"
        return (self.c * self.dt / self.dx) ** 2

    def step(self):
        new = np.zeros(self.n)
        for i in range(1, self.n - 1):  # hot
            new[i] = 2 * self.u[i] - self.old[i] + self.r2 * (self.u[i+1] - 2 * self.u[i] + self.u[i-1])
        self.old, self.u = self.u, new

wave = Wave(12, 0.9)
for k in range(4):
    wave.step()
    wave.c *= 0.9
print(wave.u.tolist(), wave.r2)
""")
    assert "r2_kernel(c, dt, n)" in done.text


def test_a_property_that_a_subclass_defines_again_is_of_the_class_that_was_seen(same_output):
    done = same_output("""
import numpy as np

class Wave:
    def __init__(self, n):
        self.n = n
        self.u = np.sin(np.arange(n) * 0.7)

    @property
    def c(self):
        return 0.5

    def step(self):
        for i in range(1, self.n):  # hot
            self.u[i] -= self.c * (self.u[i] - self.u[i - 1])

class Fast(Wave):
    @property
    def c(self):
        return 0.9

wave = Fast(12)
wave.step()
print(wave.u.tolist())
""")
    assert "if self.__class__ is Fast:" in done.text


def test_a_property_that_writes_a_file_is_refused(rewrite):
    done = rewrite("""
import numpy as np

class Wave:
    def __init__(self, n):
        self.n = n
        self.u = np.sin(np.arange(n) * 0.7)

    @property
    def c(self):
        open("reads.txt", "a").write("c")
        return 0.5

    def step(self):
        for i in range(1, self.n):  # hot
            self.u[i] -= self.c * (self.u[i] - self.u[i - 1])

wave = Wave(12)
wave.step()
print(wave.u.tolist())
""")
    assert not done.candidates
    assert "property" in done.reasons


def test_a_list_whose_rows_are_printed_stays_a_list(same_output):
    same_output("""
n = 9
u = [[0.0] * n for _ in range(n)]
u[4][4] = 1.5
for step in range(5):
    for i in range(1, n - 1):  # hot
        for j in range(1, n - 1):
            u[i][j] = u[i][j] + 0.1 * (u[i-1][j] + u[i+1][j] - 2 * u[i][j])
for row in u:
    print(row)
""")


def test_lists_that_are_copied_and_swapped_become_arrays_once(same_output):
    done = same_output("""
n = 9
u = [[0.0] * n for _ in range(n)]
v = [[1.0] * n for _ in range(n)]
u[4][4] = 1.5
for step in range(5):
    new = [row[:] for row in u]
    other = [list(row) for row in v]
    for i in range(1, n - 1):  # hot
        for j in range(1, n - 1):
            new[i][j] = u[i][j] + 0.1 * (u[i-1][j] + u[i+1][j] - 2 * u[i][j]) + 0.01 * v[i][j]
            other[i][j] = v[i][j] + 0.1 * (v[i][j-1] + v[i][j+1] - 2 * v[i][j])
    u, v = new, other
    print(step, f"{sum(sum(row) for row in u):.9f}")
print(max(max(row) for row in v), v[3][4])
for row in u:
    print(" ".join(f"{value:.6f}" for value in row))
""")
    assert "new = u.copy()" in done.text
    assert "_array" not in done.text  # nothing is copied around calls
    assert done.candidates[0].safety is Safety.EXACT  # Python's own sums, of Python's own numbers


def test_a_copied_list_becomes_an_array_once(same_output):
    done = same_output("""
n = 20
u = [0.05 * i * (n - i) for i in range(n)]
t = 0.0
while t < 1.0:
    top = max(abs(value) for value in u)
    dt = 0.2 / top
    old = u[:]
    for i in range(1, n):  # hot
        u[i] = old[i] - dt * old[i] * (old[i] - old[i - 1])
    t += dt
print(t, max(u), len(u))
""")
    assert "u.copy()" in done.text
    assert "_array" not in done.text  # nothing is copied around calls


def test_a_row_that_is_kept_elsewhere_leaves_its_list_a_list(same_output):
    done = same_output("""
n = 9
u = [[0.1 * i * j for j in range(n)] for i in range(n)]
kept = []
for row in u:
    kept.append(row)
for step in range(3):
    for i in range(1, n):  # hot
        for j in range(n):
            u[i][j] = 0.5 * (u[i][j] + u[i-1][j])
print(kept, u)
""")
    assert "u = np.array" not in done.text


def test_elements_of_a_list_made_an_array_divide_as_pythons_numbers(same_output):
    done = same_output("""
n = 9
u = [0.1 * i for i in range(n)]
old = u[:]
for step in range(3):
    for i in range(1, n):  # hot
        u[i] = 0.5 * (u[i] + u[i-1])
for value in u[1:]:
    print(1.0 / value)
for value in u:
    print(2.0 / (1.0 if value == 0 else value))
print(old)
""")
    assert "for value in u[1:].tolist():" in done.text and "for value in u.tolist():" in done.text


def test_a_compiled_function_may_call_itself(same_output):
    same_output("""
import numpy as np
from numba import njit

@njit
def total(values):
    n = len(values)
    if n < 4:
        s = 0.0
        for value in values:
            s += value
        return s
    return total(values[: n // 2]) + total(values[n // 2 :])

u = np.arange(40.0) * 0.1
s = 0.0
for k in range(5):  # hot
    s += total(u) / (k + 1.0)
print(s)
""")


def test_a_function_that_calls_itself_is_refused(rewrite):
    done = rewrite("""
import numpy as np

def total(values, n):
    return values[0] if n == 1 else total(values, n - 1) + values[n - 1]

u = np.arange(40.0) * 0.1
s = 0.0
for k in range(5):  # hot
    s += total(u, 9)
print(s)
""")
    assert not done.candidates
    assert "calls itself" in done.reasons


def test_elements_of_a_list_made_an_array_are_shown_as_pythons_numbers(same_output):
    done = same_output("""
n = 9
u = [0.1 * i for i in range(n)]
for step in range(3):
    for i in range(1, n):  # hot
        u[i] = 0.5 * (u[i] + u[i-1])
print(" ".join(repr(value) for value in u), f"{u[3]!r}")
""")
    assert "repr(value) for value in u.tolist()" in done.text and "{float(u[3])!r}" in done.text


def test_a_branch_whose_variables_are_the_loops_is_climbed_through(rewrite):
    done = rewrite("""
import numpy as np

mask = np.ones((6, 6), dtype=bool)
mask[2, 3] = False
u = np.zeros((6, 6))
for sweep in range(3):
    for i in range(6):
        for j in range(6):
            if mask[i, j]:
                s = 0.0
                for k in range(i):  # hot
                    s += u[k, j] + 1.0
                u[i, j] = s / 6
print(u.tolist())
""")
    assert "    for sweep in range(3):\n        for i in range(6):" in done.text
