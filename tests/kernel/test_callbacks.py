"""Functions that a kernel is given, by an attribute or by a global, are checked before it runs."""

import pytest

LIMITED = """
import sys
import numpy as np

def minmod(a, b):
    if a * b <= 0:
        return 0.0
    return a if abs(a) < abs(b) else b

def vanleer(a, b):
    return 0.0 if a * b <= 0 else 2 * a * b / (a + b)

{scheme}
u = np.sin(np.linspace(0, 3, 30))
for k in range(3):
    print({call}.sum())
"""


def test_a_global_that_a_called_function_reads_is_checked(same_for):
    scheme = """
LIMITER = minmod if len(sys.argv) < 2 else vanleer

def slope(a, b):
    return LIMITER(a, b)

def slopes(u):
    s = np.zeros_like(u)
    for i in range(1, len(u) - 1):  # hot
        s[i] = slope(u[i] - u[i - 1], u[i + 1] - u[i])
    return s
"""
    done = same_for(LIMITED.format(scheme=scheme, call="slopes(u)"), "vanleer")
    assert "if LIMITER is minmod:" in done.text


def test_a_function_in_an_attribute_is_compiled(same_for):
    scheme = """
class Scheme:
    def __init__(self, limiter):
        self.limiter = limiter

    def slopes(self, u):
        s = np.zeros_like(u)
        for i in range(1, len(u) - 1):  # hot
            s[i] = self.limiter(u[i] - u[i - 1], u[i + 1] - u[i])
        return s

scheme = Scheme(minmod if len(sys.argv) < 2 else vanleer)
"""
    done = same_for(LIMITED.format(scheme=scheme, call="scheme.slopes(u)"), "vanleer")
    assert "if self.limiter is minmod:" in done.text


def test_a_method_that_calls_an_attribute_is_compiled_with_it(same_for):
    scheme = """
class Scheme:
    def __init__(self, limiter):
        self.limiter = limiter

    def slope(self, a, b):
        return self.limiter(a, b)

    def slopes(self, u):
        s = np.zeros_like(u)
        for i in range(1, len(u) - 1):  # hot
            s[i] = self.slope(u[i] - u[i - 1], u[i + 1] - u[i])
        return s

scheme = Scheme(minmod if len(sys.argv) < 2 else vanleer)
"""
    done = same_for(LIMITED.format(scheme=scheme, call="scheme.slopes(u)"), "vanleer")
    assert "if self.limiter is minmod:" in done.text


def test_a_limiter_that_changes_between_instances_is_the_right_one(same_output):
    scheme = """
class Scheme:
    def __init__(self, limiter):
        self.limiter = limiter

    def slopes(self, u):
        s = np.zeros_like(u)
        for i in range(1, len(u) - 1):  # hot
            s[i] = self.limiter(u[i] - u[i - 1], u[i + 1] - u[i])
        return s

both = [Scheme(minmod), Scheme(vanleer)]
"""
    same_output(LIMITED.format(scheme=scheme, call="both[k % 2].slopes(u)"))


def test_rows_are_updated_in_place_by_what_is_computed_first(same_output):
    done = same_output("""
import numpy as np

n = 8
U = np.linspace(1, 2, 3 * n).reshape(n, 3)
F = np.sin(U)
for step in range(3):
    for i in range(1, n):  # hot
        U[i] -= 0.1 * (F[i] - F[i - 1])
        U[i, 1:] += 0.5 * U[i, :-1]
    print(U.tolist())
""")
    assert "U[i, 0] -= 0.1 * (F[i, 0] - F[i - 1, 0])" in done.text.partition("\nn = 8")[0]


def test_arguments_that_come_as_a_tuple_are_handed_on(same_output):
    done = same_output(
        """
import numpy as np

def rhs(u, i, nu, c):
    return nu * (u[i + 1] - 2.0 * u[i] + u[i - 1]) - c * (u[i] - u[i - 1])

def integrate(f, u, steps, *args):
    for s in range(steps):  # hot
        old = u.copy()
        for i in range(1, len(u) - 1):
            u[i] = old[i] + f(old, i, *args)
    return u

u = np.sin(np.linspace(0.0, 3.0, 30))
print(integrate(rhs, u, 5, 0.1, 0.3).tolist())
"""
    )
    assert "if f is rhs:" in done.text
    assert "rhs(old, i, *args)" in done.text


def test_a_list_that_is_spread_is_refused_with_advice(rewrite):
    done = rewrite(
        """
import numpy as np

def rhs(u, i, nu, c):
    return nu * u[i] - c

u = np.ones(9)
numbers = [0.1, 0.2]
for i in range(9):  # hot
    u[i] = rhs(u, i, *numbers)
print(u.tolist())
"""
    )
    assert not done.candidates
    assert any("write the arguments out" in refusal.advice for refusal in done.refusals)


def test_functions_in_a_dict_are_compiled_by_key(same_steps):
    done = same_steps(
        """
import sys
import numpy as np

def zero(x):
    return 0.0

bc = {
    "top": lambda x: 1.0 + x,
    "left": zero,
}
if len(sys.argv) > 1:
    bc["top"] = zero
u = np.ones((6, 7))
for step in range(3):  # hot
    for i in range(6):
        u[i, 0] = 2 * bc["top"](0.1 * i) - u[i, 1]
    for j in range(7):
        u[0, j] = 2 * bc["left"](0.1 * j) - u[1, j]
print(u.tolist())
""",
        "other",
    )
    assert "bc['top'] is top_function" in done.text and "bc['left'] is zero" in done.text


def test_functions_in_a_list_are_compiled_by_place(same_steps):
    done = same_steps(
        """
fluxes = []
for scale in range(2):
    fluxes.append(lambda x: 0.5 * x)
u = [0.1 * i for i in range(8)]
for i in range(8):  # hot
    u[i] += fluxes[0](u[i])
print(u)
"""
    )
    assert "fluxes[0] is fluxes_function" in done.text


ROD = """
import numpy as np
class Material:
    def __init__(self, law):
        self.law = law

class Rod:
    def __init__(self, material, laws):
        self.material = material
        self.laws = laws

    def fluxes(self, u):
        q = np.zeros(u.size)
        for i in range(1, u.size):  # hot
            {body}
        return q

def linear(a, b):
    return a - b

def steep(a, b):
    return (a - b) * abs(a - b)

u = np.linspace(0, 1, 9) ** 2
print(Rod(Material(linear), {{"in": linear}}).fluxes(u).tolist())
print(Rod(Material(steep), {{"in": steep}}).fluxes(u).tolist())
"""


@pytest.mark.parametrize("held", ["self.material.law", "self.laws['in']"])
def test_a_function_that_an_attribute_of_an_attribute_holds_is_compiled(same_output, held):
    done = same_output(ROD.format(body=f"q[i] = {held}(u[i], u[i - 1])"))
    assert f"if {held} is linear:" in done.text.replace('"', "'")


def test_a_function_is_not_known_where_its_object_changes_on_the_way(rewrite):
    body = "self.material = Material(steep if i > 4 else linear); q[i] = self.material.law(u[i], u[i - 1])"
    done = rewrite(ROD.format(body=body))
    assert not done.candidates


def test_a_function_is_not_known_where_another_takes_its_place_on_the_way(rewrite):
    body = "q[i] = self.material.law(u[i], u[i - 1]); self.material.law = steep"
    done = rewrite(ROD.format(body=body))
    assert not done.candidates


def test_lambdas_on_one_line_are_told_as_such(rewrite):
    done = rewrite("""
import numpy as np
def march(u, flux, source):
    for i in range(1, u.size):  # hot
        u[i] = flux(u[i - 1]) + source(u[i])
    return u
print(march(np.ones(9), lambda a: 0.5 * a, lambda a: a - 1).tolist())
""")
    assert "`flux`, one of several lambdas at script.py:7" in done.reasons
    assert "a line of its own" in done.refusals[0].advice


def test_each_call_has_the_function_that_it_names(same_output):
    done = same_output("""
import numpy as np

def flux_x(h, q, g):
    return q, q * q / h + 0.5 * g * h * h

def flux_y(h, q, g):
    return q, q * q / h

def face(a, b, flux, g):
    fa = flux(a[0], a[1], g)
    fb = flux(b[0], b[1], g)
    return 0.5 * (fa[0] + fb[0]), 0.5 * (fa[1] + fb[1])

def both(a, b, flux, g):
    return face(a, b, flux, g)

def step(U, g):
    new = U.copy()
    for i in range(1, U.shape[0] - 1):  # hot
        for j in range(1, U.shape[1] - 1):
            E = both(U[i, j], U[i + 1, j], flux_x, g)
            N = face(U[i, j], U[i, j + 1], flux_y, g)
            for k in range(2):
                new[i, j, k] = U[i, j, k] - 0.01 * (E[k] + N[k])
    return new

U = np.ones((9, 8, 2))
U[3:5, 3:6, 0] = 2.0
for n in range(5):
    U = step(U, 9.81)
print(U.tolist())
""")
    after = done.candidates[0].patches[0].after
    assert "face_flux_x_kernel(" in after and "face_flux_y_kernel(" in after
    assert "flux_y is flux_x" not in after
