"""What several loops need, and costs more to compute than to keep, is kept: a stage's slope."""

from math import inf, nan

import numpy as np
import pytest

from pdeperf.arrays.loops.printing import FUNCTIONS, SQUARED_MODULUS
from tests.arrays.test_lift import check

pytestmark = pytest.mark.usefixtures("interpreted")

STAGES = """\
import numpy as np

dt, dx = 0.001, 0.3
psi = np.sin(np.arange(42.0).reshape(6, 7)) {complexly}


def slope(p):
    lap = (np.roll(p, 1, 0) + np.roll(p, -1, 0) + np.roll(p, 1, 1) + np.roll(p, -1, 1) - 4 * p) / dx**2
    return 0.5 * lap - np.abs(p) ** 2 * p


for step in range(3):
    k1 = slope(psi)
    k2 = slope(psi + 0.5 * dt * k1)
    psi = psi + dt * (k1 + k2)  # hot
total = abs(psi).sum()
"""


def test_a_slope_of_complex_numbers_is_computed_once(tmp_path):
    text = check(STAGES.format(complexly="+ 0.2j"), tmp_path)
    kernel = text[text.index("@njit") : text.index("dt, dx = ")]
    assert kernel.count("squared_modulus(psi[i, j])") == 2  # inside, and around the end


@pytest.mark.parametrize(
    "value", ["1 + 2j", "inf + 0j", "complex(inf, nan)", "complex(nan, -inf)", "complex(nan, 1)"]
)
def test_the_square_of_a_modulus_is_infinite_where_a_part_is(value):
    space: dict = {"njit": lambda **_: lambda function: function}
    exec(FUNCTIONS[SQUARED_MODULUS], space)
    z = eval(value, {"inf": inf, "nan": nan})
    assert np.array_equal(space[SQUARED_MODULUS](z), np.abs(z) ** 2, equal_nan=True) or z == 1 + 2j
