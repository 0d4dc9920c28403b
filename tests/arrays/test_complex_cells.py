"""Complex cells: moduli are squared without a root, and division by real numbers takes no branches."""

import itertools

import numpy as np
import pytest

from pdeperf.arrays.loops.printing import DIVIDED_BY_COMPLEX, DIVIDED_BY_REAL, FUNCTIONS, SQUARED_MODULUS
from pdeperf.arrays.ways import promising
from pdeperf.model import Safety
from tests.arrays.in_process import proposals
from tests.arrays.test_options import same_for

pytestmark = pytest.mark.usefixtures("interpreted")

LANDAU = """\
import numpy as np

n, dx, dt = 9, 0.8, 0.05
A = 0.1 * (np.sin(np.arange(n * 8.0)) + 1j * np.cos(np.arange(n * 8.0) * 0.7)).reshape(n, 8)
rho = np.zeros((n, 8))
for it in range(28):
    lap = (np.roll(A, 1, 0) + np.roll(A, -1, 0) - 2 * A) / dx**2  # hot
    rho = np.abs(A) ** 2
    A = A + dt * (A + (1 + 0.5j) * lap - (1 - 1.3j) * abs(A) ** 2 * A) / (1 + rho)
"""
MODULI = """\
import numpy as np

A = (np.sin(np.arange(42.0)) + 1j * np.cos(np.arange(42.0) * 0.7)).reshape(7, 6)
rho = np.zeros((7, 6))
for it in range(28):
    rho[1:] = np.abs(A[1:]) + 0.5 * rho[:-1]  # hot
"""
PARTS = (1.5, -0.3, 0.0, -0.0, np.inf, -np.inf, np.nan, 1e200, 1e-200)


def _function(name):
    space = {"njit": lambda **options: lambda function: function}
    exec(FUNCTIONS[name], space)
    return space[name]


def test_complex_steps_call_functions_without_roots_and_branches(tmp_path):
    after = proposals(LANDAU, tmp_path, promising)[0].patches[0].after
    assert after.count(f"{SQUARED_MODULUS}(") >= 3 and f"{DIVIDED_BY_REAL}(" in after
    assert same_for((), LANDAU, tmp_path, exact=False)


def test_moduli_of_complex_numbers_are_no_exact_operations(tmp_path):
    found = proposals(MODULI, tmp_path, promising)
    assert {one.safety for one in found} == {Safety.ROUNDING}


@pytest.mark.parametrize("divisor", [2.0, -0.7, 0.0, -0.0, np.inf, -np.inf, np.nan, 1e-300])
def test_complex_numbers_are_divided_by_real_ones_as_numpy_does(divisor):
    divided = _function(DIVIDED_BY_REAL)
    with np.errstate(all="ignore"):
        for real, imaginary in itertools.product(PARTS, PARTS):
            z = np.complex128(complex(real, imaginary))
            found, expected = divided(z, np.float64(divisor)), (np.array([z]) / divisor)[0]
            np.testing.assert_allclose([found.real, found.imag], [expected.real, expected.imag], rtol=1e-14)


def test_squared_moduli_are_those_of_numpy():
    squared = _function(SQUARED_MODULUS)
    with np.errstate(all="ignore"):
        for real, imaginary in itertools.product(PARTS, PARTS):
            z = np.complex128(complex(real, imaginary))
            np.testing.assert_allclose(squared(z), np.abs(np.array([z]))[0] ** 2, rtol=1e-14)


@pytest.mark.parametrize(
    "divisor", [1j - 0.05, 2.0 - 0.3j, 0j, complex(0.0, np.inf), complex(np.nan, 1.0), -3.0 + 0j]
)
def test_complex_numbers_are_divided_by_complex_ones_to_the_bit_as_numpy_does(divisor):
    divided = _function(DIVIDED_BY_COMPLEX)
    with np.errstate(all="ignore"):
        for real, imaginary in itertools.product(PARTS, PARTS):
            z, w = np.complex128(complex(real, imaginary)), np.complex128(divisor)
            found, expected = divided(z, w), (np.array([z]) / w)[0]
            np.testing.assert_array_equal([found.real, found.imag], [expected.real, expected.imag])
