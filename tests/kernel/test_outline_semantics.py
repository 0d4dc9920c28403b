"""What a rewritten loop must not change, and texts where a careless edit does not parse."""


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
