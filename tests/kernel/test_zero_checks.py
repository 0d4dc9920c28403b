"""A division by zero raises where Python's does, and nowhere else."""


def test_an_empty_grid_divides_by_nothing(same_for):
    same_for(
        """
import sys
import numpy as np

n = int(sys.argv[1]) if len(sys.argv) > 1 else 9
h = 1.0 / n if n > 3 else 0.0
u = np.ones((n, n))
v = np.zeros((n, n))
for i in range(1, n - 1):  # hot
    for j in range(1, n - 1):
        v[i, j] = 1 / h**2 * (u[i + 1, j] - u[i - 1, j])
print(v.sum())
""",
        "2",
        "1",
        "3",
    )


def test_a_check_stands_before_the_loop_that_divides(same_for):
    done = same_for(
        """
import sys
import numpy as np

def relax(u, new, h, n):
    err = 1.0
    steps = 0
    while err > 1e-3 and steps < 20:  # hot
        err = 0.0
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                new[i, j] = u[i, j] + 0.1 / h**2 * (u[i + 1, j] + u[i - 1, j] - 2 * u[i, j])
                err = max(err, abs(new[i, j] - u[i, j]))
        steps += 1
        if err > 1e6:
            break
    return steps

u = np.ones((6, 6))
u[3, 3] = 2.0
h = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
n = int(sys.argv[2]) if len(sys.argv) > 1 else 6
print(relax(u, u.copy(), h, n))
""",
        "0.0 6",
        "0.0 2",
    )
    assert "if h**2 == 0 and n > 2:" in done.text


def test_a_divisor_that_the_loop_changes_is_checked_at_the_division(rewrite):
    done = rewrite("""
import numpy as np

u = np.ones(50)
s = 2.0
total = 0.0
for i in range(50):  # hot
    total += 1.0 / s
    s = s + 0.25 * i
print(total)
""")
    assert "error_model" not in done.text
    assert "if s" not in done.text


def test_two_statements_on_a_line_are_not_parted(same_for):
    same_for(
        """
import sys
import numpy as np

u = np.linspace(0.0, 1.0, 30)
d = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
for k in range(3):  # hot
    e = d - 1.0; r = 1.0 / e
    for i in range(1, len(u)):
        u[i] = u[i] + r * u[i - 1]
print(u.sum())
""",
        "1.0",
    )


def test_a_branch_is_no_place_for_a_check(same_for):
    same_for(
        """
import sys
import numpy as np

u = np.linspace(0.0, 1.0, 30)
d = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
for k in range(3):  # hot
    if d > 0.5: r = 1.0 / d
    else: r = 0.0
    for i in range(1, len(u)):
        u[i] = u[i] + r * u[i - 1]
print(u.sum())
""",
        "0.0",
        "0.25",
    )


def test_nothing_is_asked_of_a_divisor_made_of_constants(rewrite):
    done = rewrite(
        """
import math
import numpy as np

u = [0.5, 0.25, 1.0, 2.0]
v = [0.0, 0.0, 0.0, 0.0]
for i in range(4):  # hot
    v[i] = u[i] / math.pi - u[i] / (4 * np.pi ** 2)
print(v)
"""
    )
    assert "ZeroDivisionError" not in done.text
    assert 'error_model="numpy"' in done.text


def test_numbers_of_python_and_of_numpy_are_divided_by_zero_each_in_its_way(same_for):
    done = same_for(
        """
import sys
import warnings
import numpy as np

warnings.simplefilter("ignore")
k = float(sys.argv[1]) if len(sys.argv) > 1 else 0.5

def f(v, w, n, k):
    for i in range(n):  # hot
        c = k * i
        v[i] = w[i] / v[(i + 1) % n] + 1.0 / (c + 1.5)

v = np.zeros(9)
f(v, np.ones(9), 9, k)
print(v.tolist())
""",
        "-0.5",
    )
    assert "if c + 1.5 == 0:" in done.text


def test_a_remainder_by_a_size_leaves_numpys_division_its_way(same_for):
    done = same_for(
        """
import sys
import warnings
import numpy as np

warnings.simplefilter("ignore")
w = np.ones(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
v = np.arange(1.0 * len(w))
for step in range(3):  # hot
    for i in range(len(w)):
        ip = (i + 3) % w.shape[0]
        w[i] = v[ip] / v[i]
print(w.tolist())
""",
        "1",
        "0",
    )
    assert 'error_model="numpy"' in done.text


def test_a_function_divides_as_python_does_whoever_calls_it(same_for):
    done = same_for(
        """
import sys
import numpy as np

h = float(sys.argv[1]) if len(sys.argv) > 1 else 0.25
u = np.sin(np.arange(9.0))

def step(u, h, k):
    for i in range(1, 8):
        if u[i] < 2:
            u[i] = 0.5 * u[i - 1] + 0.1 / h

for k in range(4):  # hot
    step(u, h, k)
print(u.tolist())
""",
        "0.0",
    )
    assert done.candidates
