"""A kernel's sum has NumPy's bits, and is compiled once."""

from typing import Any

import numpy as np

from pdeperf.arrays.sums import PAIRWISE


def summed() -> Any:
    """The function, interpreted."""
    scope: dict[str, Any] = {"np": np, "njit": lambda **options: lambda function: function}
    exec(PAIRWISE, scope)
    return scope["pairwise_sum"]


def test_a_sum_has_the_bits_of_numpys() -> None:
    total, values = summed(), np.random.default_rng(14200).standard_normal(5000)
    for count in (*range(300), 1000, 1023, 1024, 1031, 4097, 5000):
        assert np.float64(total(values[:count])).tobytes() == np.sum(values[:count]).tobytes(), count


def test_zeros_keep_their_sign() -> None:
    for count in (0, 1, 7, 8, 9, 300):
        zeros = np.full(count, -0.0)
        assert np.signbit(summed()(zeros)) == np.signbit(np.sum(zeros))


def test_it_is_one_function_of_one_signature() -> None:
    assert PAIRWISE.count("@njit") == 1
    assert "pairwise_sum(values[:half])" in PAIRWISE, "no part is given by numbers, of which 0 is a type"
