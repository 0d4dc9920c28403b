"""What a rewritten loop must not change, and texts where a careless edit does not parse."""

import pytest


def test_a_function_right_after_the_imports_is_compiled(same_output):
    done = same_output("""import numpy as np
def flux(a):
    return a * a
def total(u):
    s = 0.0
    for i in range(len(u)):  # hot
        s += flux(u[i])
    return s
print(total(np.arange(5.0)))
""")
    assert done.text.index("import njit") < done.text.index("def flux")


def test_a_function_called_with_floats_and_with_integers_keeps_both_types(rewrite):
    done = rewrite("""
import numpy as np

def quotient(a, b):
    q = a // b
    return q

def f(u, v):
    s = 0.0
    k = 0
    for i in range(len(u)):  # hot
        s += quotient(u[i], 2.0)
        k += quotient(v[i], 2)
    print(s, k, type(k).__name__)

f(np.linspace(-5, 5, 11), np.arange(-5, 6))
""")
    assert not done.candidates
    assert "numbers of different types" in done.reasons


def test_a_function_called_with_elements_and_with_python_floats_is_compiled(same_output):
    same_output("""
import numpy as np

def minmod(a, b):
    return a if abs(a) < abs(b) else b

def f(u, t):
    s = 0.0
    for i in range(1, len(u)):  # hot
        s += minmod(u[i], u[i - 1]) + minmod(t, 0.5) + minmod(u[i], t)
    return s

print(f(np.linspace(-1.0, 1.0, 9), 0.25))
""")


def test_a_value_that_is_a_truth_value_or_a_number_is_not_compiled(rewrite):
    done = rewrite("""
import numpy as np
u = np.linspace(-1.0, 1.0, 5)
for i in range(5):  # hot
    x = u[i] > 0 and u[i]
print(x, u)
""")
    assert not done.candidates
    assert "sometimes True or False" in done.reasons


def test_the_first_number_that_is_not_zero_is_compiled(same_output):
    same_output("""
import numpy as np
u = np.array([0.0, 2.0, 0.0, -1.0])
v = np.zeros(4)
for i in range(4):  # hot
    v[i] = u[i] or u[i-1]
    if u[i] and i or v[i] > 3:
        v[i] += 0.5
print(v.tolist())
""")


def test_a_function_that_is_replaced_in_its_module_is_not_compiled(rewrite):
    done = rewrite(
        """
import sys
import numpy as np
import grid

def mine(a, b):
    return a - b

from grid import limited
if len(sys.argv) > 1:
    grid.limited = mine
u = np.ones(6)
for i in range(1, 5):  # hot
    u[i] = grid.limited(u[i-1], u[i+1])
print(u.tolist())
""",
        grid="""
def limited(a, b):
    return a if abs(a) < abs(b) else b + 0.25
""",
    )
    assert not done.candidates
    assert "may be replaced" in done.reasons


def test_fields_of_a_named_tuple_are_read(same_for):
    same_for(
        """
import sys
from collections import namedtuple
import numpy as np
Params = namedtuple("Params", "c n")
p = Params(float(sys.argv[1]) if len(sys.argv) > 1 else 0.5, 6)
u = np.ones(p.n)
for i in range(1, p.n):  # hot
    u[i] = p.c * u[i-1] + p.n
print(u.tolist())
""",
        "2.5",
    )


def test_functions_and_numbers_of_local_modules_are_used_however_they_are_imported(same_output):
    files = {
        "grid": """
h = 0.5

def limited(a, b):
    return a if abs(a) < abs(b) else b + 0.25
""",
        "fluxes": """
from grid import limited, h as width
import grid

def flux(a, b):
    return limited(a, b) * width - grid.h
""",
    }
    done = same_output(
        """
import numpy as np
from grid import limited as lim, h
import grid as g
import fluxes
u = np.ones(6)
for i in range(1, 5):  # hot
    u[i] = lim(u[i-1], u[i+1]) * h + g.limited(u[i], g.h)
print(u.tolist())
""",
        **files,
    )
    assert "def update_u(u, h, h_):" in done.text or "def update_u(u, h, g_h):" in done.text


def test_a_method_of_the_same_name_in_another_class_is_told_apart_from_a_module(same_output):
    same_output(
        """
import numpy as np
import grid

class Other:
    def limited(self, a, b):
        return 0.0

u = np.ones(6)
for i in range(1, 5):  # hot
    u[i] = grid.limited(u[i-1], u[i+1])
print(u.tolist())
""",
        grid="""
def limited(a, b):
    return a if abs(a) < abs(b) else b + 0.25
""",
    )


def test_element_types_are_written_as_numba_knows_them(same_output):
    same_output("""
import numpy as np
u = np.linspace(-1.0, 1.0, 5)
for step in range(3):  # hot
    count = np.zeros(5, dtype=int)
    big = np.zeros_like(u, dtype=bool)
    v = np.zeros(5, dtype=float) + np.ones(5, dtype="float64")
    for i in range(5):
        big[i] = u[i] > 0
        count[i] += big[i] + step
        u[i] += count[i] * 0.1 + v[i]
print(u.tolist(), count.tolist())
""")


def test_signs_that_alternate_are_compiled(same_output):
    same_output("""
import numpy as np
u = np.linspace(1.0, 2.0, 6)
for i in range(6):  # hot
    u[i] = (-1) ** i * u[i] + i ** 3
print(u.tolist())
""")


def test_a_method_on_one_line_is_copied(same_output):
    same_output("""
import numpy as np

class Base:
    def flux(self, x): return self.k * x

    def run(self, u):
        for i in range(len(u)):  # hot
            u[i] = self.flux(u[i])

class Line(Base):
    k = 3.0

u = np.linspace(1.0, 2.0, 6)
Line().run(u)
print(u.tolist())
""")


MAY_DIFFER = {
    "a name that only a branch binds": (
        """
import sys
import numpy as np
u = np.ones(5)
few = len(sys.argv) < 2
if few:
    c = 2.0
for i in range(5):  # hot
    if few:
        u[i] = c
""",
        "bound in a branch only",
    ),
    "an index error that ends the loop": (
        """
import numpy as np
u = np.ones(5)
try:
    for i in range(9):  # hot
        u[i] = i
except IndexError:
    print(i)
""",
        "IndexError is caught",
    ),
    "a high power of a counter": (
        """
import numpy as np
u = np.ones(5)
for i in range(5):  # hot
    u[i] = 1 / (i ** 12 + 1)
""",
        "a power that may be",
    ),
    "rounding to digits": (
        """
import numpy as np
u = np.array([2.675, 0.5])
for i in range(2):  # hot
    u[i] = round(u[i], 2)
""",
        "rounds differently",
    ),
    "an integer added to itself": (
        """
import numpy as np
u = np.ones(5)
k = 1
for i in range(5):  # hot
    k += k
    u[i] = k
""",
        "64 bits",
    ),
}


@pytest.mark.parametrize("name", MAY_DIFFER)
def test_what_may_differ_on_another_input_is_refused(name, rewrite):
    text, reason = MAY_DIFFER[name]
    done = rewrite(text)
    assert not done.candidates
    assert reason in done.reasons


@pytest.mark.parametrize("mean", ["u[k:].mean(axis=0)", "np.mean(u[k:], axis=0)", "u[k:].max(0)"])
def test_a_reduction_along_an_axis_that_numba_lacks_is_refused_before_it_is_tried(rewrite, mean):
    done = rewrite(f"""
import numpy as np
u = np.arange(12.0).reshape(4, 3)
s = np.zeros(3)
for k in range(3):  # hot
    s += {mean}
print(s)
""")
    assert not done.candidates
    assert "along an axis" in done.reasons
