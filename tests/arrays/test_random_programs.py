"""Random array programs compute the same after a rewrite, to the bit, for inputs that nobody observed too.

``python -m tests.arrays.driver mixed 0 500`` looks for more and prints each difference with the smallest
program that shows it; ``python -m tests.nightly`` goes on for an hour.
"""

import time

import pytest

from tests.arrays.driver import KINDS, differing


@pytest.mark.parametrize("kind", KINDS)
def test_fused_loops_compute_what_numpy_computes(kind):
    assert not differing(kind, 0, 30, limit_s=50, NUMBA_DISABLE_JIT="1")


def test_compiled_fused_loops_compute_what_numpy_computes():
    assert not differing("mixed", 1000, 1004, limit_s=60, NUMBA_BOUNDSCHECK="1")


@pytest.mark.slow
@pytest.mark.timeout(1000)
@pytest.mark.parametrize("kind", KINDS)
def test_many_compiled_fused_loops_compute_what_numpy_computes(kind):
    first = int(time.time()) % 100_000_000
    assert not differing(kind, first, first + 1_000_000, limit_s=250, NUMBA_BOUNDSCHECK="1")
