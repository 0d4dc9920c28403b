"""Library functions of one number, in the form that Numba knows."""

import pytest


def test_clip_of_a_number_is_a_minimum_of_a_maximum(same_output):
    done = same_output(
        """
import numpy as np

u = np.linspace(-1.0, 2.0, 20)
v = np.zeros(20)
u[4] = np.nan
lo, hi = [0.0], 1.0
for i in range(1, 19):  # hot
    v[i] = np.clip(u[i] + 0.1 * np.clip(u[i - 1], lo[0], None), lo[0] - 0.5, hi) + np.clip(i, 2, 7)
print(v.tolist())
"""
    )
    assert "np.minimum(np.maximum(i, 2), 7)" in done.text


def test_clip_with_options_is_refused_with_advice(rewrite):
    done = rewrite(
        """
import numpy as np

u = np.linspace(-1.0, 2.0, 20)
for i in range(20):  # hot
    u[i] = np.clip(u[i], a_min=0.0, a_max=1.0)
"""
    )
    assert not done.candidates
    assert any("three numbers" in refusal.advice for refusal in done.refusals)


@pytest.mark.parametrize(
    "value",
    [
        "np.isclose(u[i], 0.5, rtol=1e-1) * 2.0",
        "np.nan_to_num(u[i] / (i - 3.0))",
        "np.interp(u[i], x, u)",
        "x[np.searchsorted(x, abs(u[i])) - 1]",
        "np.std(x[:i + 1]) + np.prod(x[1:3])",
    ],
)
def test_numpy_functions_of_a_number_are_compiled(same_output, value):
    same_output(
        f"""
import numpy as np

np.seterr(all="ignore")
x = np.linspace(0.0, 2.0, 20)
u = np.sin(x)
v = np.zeros(20)
for i in range(20):  # hot
    v[i] = {value}
print(np.round(v, 12).tolist())
"""
    )


def test_an_exception_without_words_is_raised(same_for):
    same_for(
        """
import sys
import numpy as np

def slope(u, i, c):
    if c < 0:
        raise NotImplementedError
    return c * (u[i] - u[i - 1])

def march(u, c):
    for i in range(1, 9):  # hot
        u[i] -= slope(u, i, c)
    return u

c = float(sys.argv[1]) if len(sys.argv) > 1 else 0.5
print(march(np.linspace(0.0, 1.0, 9), c).tolist())
""",
        "0.25",
        "-1.0",
    )


def test_builtins_that_a_star_import_brings_back_are_what_they_were_seen_to_be(same_output):
    pytest.importorskip("matplotlib")
    done = same_output(
        """
from numpy import *
from pylab import *

u = linspace(-1.0, 1.0, 30)
v = zeros(30)
for i in range(1, 29):  # hot
    v[i] = max(abs(u[i]) + sqrt(abs(u[i - 1])), abs(u[i + 1]))
print(v.tolist())
"""
    )
    assert "max(abs(u[i])" in done.text


def test_deep_copies_of_arrays_and_of_lists_become_copies(same_output):
    done = same_output(
        """
import copy
from copy import deepcopy
import numpy as np

n = 8
u = np.linspace(0.0, 1.0, n) ** 2
phi = [[0.5 * i * j for j in range(n)] for i in range(n)]
for step in range(3):  # hot
    un = copy.deepcopy(u)
    vn = copy.copy(u)
    for i in range(1, n - 1):
        u[i] = un[i - 1] + vn[i + 1]
        vn[i] = 0.0
for step in range(3):
    old = deepcopy(phi)
    for i in range(1, n - 1):
        for j in range(1, n - 1):
            phi[i][j] = old[i - 1][j] + old[i][j + 1]
print(u.tolist(), [[float(x) for x in row] for row in phi])
"""
    )
    assert "un = u.copy()" in done.text


def test_a_deep_copy_of_a_list_made_an_array_is_a_copy(same_output):
    done = same_output(
        """
from copy import deepcopy

n = 8
phi = [[0.5 * i * j for j in range(n)] for i in range(n)]
for step in range(3):
    old = deepcopy(phi)
    for i in range(1, n - 1):  # hot
        for j in range(1, n - 1):
            phi[i][j] = old[i - 1][j] + old[i][j + 1]
print(phi[3][4], phi[6][1], max(phi[2]))
"""
    )
    assert "old = phi.copy()" in done.text
