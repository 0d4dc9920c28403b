"""Lines that are solved one after the other with the factors of one matrix, solved all at once."""

import numpy as np
import pytest
from rewriting import at_once, candidates, run

from pdeperf.sparse.batched_values import NotAtOnce

ADI = """
import numpy as np
from scipy.sparse import diags
from scipy.sparse.linalg import spsolve

n = SIZE
A = diags(DIAGONALS).tocsc()
U = np.cos(np.outer(np.arange(n), 0.1 * np.arange(n + 2))) * SCALE
for step in range(6):
    half = np.zeros((n, n + 2), U.dtype)
    for j in range(n + 2):
        right = 0.5 * U[:, j]
        if j > 0:
            right = right + 0.2 * U[:, j - 1]
        half[:, j] = spsolve(A, right)
    U = half.copy()
"""
BANDS = {
    "three": "[-np.ones(n - 1), 3 * np.ones(n), -np.ones(n - 1)], [-1, 0, 1]",
    "five": "[np.full(n - 2, 0.1), -np.ones(n - 1), 4 * np.ones(n), -np.ones(n - 1)], [-2, -1, 0, 1]",
    "complex": "[-1j * np.ones(n - 1), 3 * np.ones(n), -np.ones(n - 1)], [-1, 0, 1]",
}


@pytest.mark.parametrize("size", (1, 2, 3, 12))
@pytest.mark.parametrize("name", BANDS)
def test_all_lines_are_solved_with_the_factors_at_once(name, size, tmp_path):
    scale = "(1 + 0j)" if name == "complex" else "1.0"
    text = ADI.replace("DIAGONALS", BANDS[name]).replace("SCALE", scale)
    first, *_ = candidates(text.replace("SIZE", "12"), tmp_path, "factorise-once", patterns=True)
    with_factors = first.patches[0].after
    assert "factors_A.solve(right)" in with_factors and "class BandFactors" in with_factors
    found = candidates(with_factors, tmp_path, "vectorise")
    after = found[0].patches[0].after
    assert "factors_A.solve(right.T)" in after and "for j in" not in after
    if size < 3 and name == "five":
        return
    text, after = (one.replace("SIZE", str(size)).replace("n = 12", f"n = {size}") for one in (text, after))
    np.testing.assert_allclose(run(after, tmp_path)[0]["U"], run(text, tmp_path)[0]["U"], rtol=1e-11)


def test_another_class_of_that_name_is_asked_for_each_line(tmp_path):
    text = ADI.replace("DIAGONALS", BANDS["three"]).replace("SCALE", "1.0").replace("SIZE", "12")
    first, *_ = candidates(text, tmp_path, "factorise-once", patterns=True)
    other = first.patches[0].after.replace("LU factors of a matrix, dense or", "My factors of a matrix,")
    assert not any(
        "solve(right.T)" in one.patches[0].after for one in candidates(other, tmp_path, "vectorise")
    )


COMPILED = """
import numpy as np
from numba import njit
from scipy.linalg import solve_banded

@njit
def filled(m, r):
    ab = np.zeros((3, m))
    for i in range(m):
        ab[1, i] = 1 + 2 * r
        if i > 0:
            ab[2, i - 1] = -r
        if i < m - 1:
            ab[0, i + 1] = -r
    return ab

def matrix(m, r):
    ab = filled(m, r)
    return ab

def sweep(U, r, n):
    half = np.zeros_like(U)
    for j in range(n):  # LOOP
        half[:, j] = solve_banded((1, 1), matrix(9, GIVEN), U[:, j] * 0.5)
    return half

U = np.cos(np.outer(np.arange(9.0), 0.1 * np.arange(7.0)))
for step in range(3):
    U = sweep(U, 0.3, 7)
"""


def test_lines_whose_matrix_a_kernel_makes_are_solved_at_once(tmp_path):
    text = COMPILED.replace("GIVEN", "r")
    after = at_once(text, tmp_path)
    assert "solve_banded((1, 1), matrix(9, r)" in after and "for j in" not in after
    np.testing.assert_allclose(run(after, tmp_path)[0]["U"], run(text, tmp_path)[0]["U"], rtol=1e-13)
    with pytest.raises(NotAtOnce):
        at_once(COMPILED.replace("GIVEN", "U[0, j]"), tmp_path)
