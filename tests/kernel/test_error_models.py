"""The user's compiled functions raise where they raised before a kernel called them."""

import pytest


@pytest.mark.parametrize(
    ("decorator", "then"),
    [
        ("@njit", '@njit(error_model="python")'),
        ("@njit()", '@njit(error_model="python")'),
        ("@numba.njit(cache=True)", '@numba.njit(cache=True, error_model="python")'),
        ('@njit(fastmath=True, error_model="numpy")', '@njit(fastmath=True, error_model="numpy")'),
    ],
)
def test_a_users_function_that_divides_names_its_model(decorator, then, same_for):
    done = same_for(
        f"""
import numba
import numpy as np
from numba import njit

{decorator}
def slope(a, b, h):
    return (a - b) / h

@njit
def half(a):
    return a / 2

u = np.sin(np.arange(40.0))
out = np.zeros(40)
for step in range(3):  # hot
    for i in range(1, 40):
        out[i] = slope(u[i], u[i - 1], 0.5) + half(out[i - 1])
print(out.sum())
"""
    )
    assert f"{then}\ndef slope" in done.text
    assert "@njit\ndef half" in done.text
