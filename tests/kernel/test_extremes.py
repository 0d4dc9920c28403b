"""Largest and smallest values in kernels are what Python's max and min are."""


def test_the_largest_of_a_generator_is_computed_in_the_kernel(same_output):
    done = same_output("""
import numpy as np

def march(n):
    u = np.sin(np.arange(n) * 0.3)
    t = 0.0
    while t < 1.0:
        a = max(abs(v) for v in u)
        b = min(u)
        dt = 0.1 / (a - b)
        for i in range(n):  # hot
            u[i] = u[i] * 0.99 + 0.001 * max([a, b])
        t += dt
    return t, max(u), a

print(march(50))
""")
    assert "largest([abs(v) for v in u])" in done.text


def test_the_largest_of_a_list(same_output):
    done = same_output("""
n = 20
u = [0.05 * i * (n - i) for i in range(n)]
t = 0.0
while t < 1.0:
    top = max(u)
    low = min(abs(value) for value in u)
    total = sum(u)
    dt = 0.2 / (top + low + total)
    for i in range(1, n):  # hot
        u[i] = u[i] - dt * u[i] * (u[i] - u[i - 1])
    t += dt
print(t, top, len(u))
""")
    assert "largest(u)" in done.text


def test_not_a_number_is_kept_or_passed_over_as_by_python(same_output):
    same_output("""
import numpy as np

def extremes(u):
    s = 0.0
    for k in range(2):  # hot
        s += max(u[k:]) - 2 * min(u[: len(u) - k])
    return s, max(u)

print(extremes(np.array([1.0, np.nan, 3.0])), extremes(np.array([np.nan, 1.0, 3.0])))
print(extremes(np.array([0.0, -0.0, 1.0])))
""")


def test_of_nothing_there_is_no_largest(same_for):
    same_for(
        """
import sys
import numpy as np

def top(u):
    s = 0.0
    for k in range(2):  # hot
        s += max(u)
    return s

print(top(np.zeros(int(sys.argv[1]) if sys.argv[1:] else 3)))
""",
        "0",
        "1",
    )


def test_a_function_of_the_users_keeps_its_name(rewrite):
    done = rewrite("""
import numpy as np

def largest(a, b):
    return a if a > b else b

u = np.arange(5.0)
s = 0.0
for k in range(3):  # hot
    s += max(u) + largest(s, 0.5)
print(s)
""")
    assert not done.candidates
    assert "taken" in done.reasons


def test_an_imported_function_of_that_name_is_not_hidden(rewrite):
    done = rewrite(
        """
import numpy as np
from ranking import largest

u = np.arange(5.0)
s = 0.0
for k in range(3):  # hot
    s += largest(s, u[k])
print(s)
""",
        ranking="def largest(a, b):\n    return a - b\n",
    )
    assert "def largest" not in done.text
