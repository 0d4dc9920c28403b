"""The smallest eigenvalues are the same, and in the same order, whichever way they are sought."""

import numpy as np
import pytest
import scipy.sparse as sp
import scipy.sparse.linalg as spla

from pdeperf.sparse.eigenvalues import NEAR_ZERO

NAMES = {"np": np, "sp": sp, "spla": spla}
exec(NEAR_ZERO.replace("{numpy}", "np").replace("{sparse}", "sp").replace("{linalg}", "spla"), NAMES)
eigsh_near_zero = NAMES["eigsh_near_zero"]
N = 60


@pytest.mark.parametrize(
    ("form", "shift"),
    [("csr", 0.0), ("csr", 1.03), ("csr", 3.1), ("csr", 5.0), ("csc", 1.03), ("lil", 0.0), ("dia", 5.0)],
)
def test_values_and_their_order_stay(form, shift):
    A = (sp.diags([-1.0, 2.0, -1.0], [-1, 0, 1], shape=(N, N)) - shift * sp.identity(N)).asformat(form)
    for options in ({"k": 5}, {"k": 3, "return_eigenvectors": False}):
        expected, found = spla.eigsh(A, which="SM", **options), eigsh_near_zero(A, **options)
        values, again = (expected, found) if "return_eigenvectors" in options else (expected[0], found[0])
        np.testing.assert_allclose(again, values, rtol=1e-9, atol=1e-12)
    vectors = eigsh_near_zero(A, 5)[1]
    np.testing.assert_allclose(abs(vectors), abs(spla.eigsh(A, 5, which="SM")[1]), atol=1e-7)


def test_a_singular_matrix_is_left_to_the_slow_way():
    A = sp.diags([np.r_[0.0, np.arange(1.0, 30)]], [0]).tocsr()
    np.testing.assert_allclose(eigsh_near_zero(A, 3)[0], spla.eigsh(A, 3, which="SM")[0], atol=1e-12)


def test_an_operator_is_left_to_the_slow_way():
    A = sp.diags([np.arange(1.0, 31)], [0]).tocsr()
    operator = spla.aslinearoperator(A)
    np.testing.assert_allclose(eigsh_near_zero(operator, 3)[0], [1.0, 2.0, 3.0], atol=1e-9)
