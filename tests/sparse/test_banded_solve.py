"""Matrices of narrow band are solved with as before, whatever they hold."""

import numpy as np
import pytest
import scipy.sparse as sp
import scipy.sparse.linalg as spla
from rewriting import candidates, run

from pdeperf.sparse.solver_texts import BAND, BANDED, DENSE_BANDED

NAMES = {"np": np, "sp": sp, "spla": spla}
for text in (BAND, BANDED):
    for home, name in (("numpy", "np"), ("sparse", "sp"), ("linalg", "spla")):
        text = text.replace(f"{{{home}}}", name)
    exec(text, NAMES)
solved_by_band = NAMES["solved_by_band"]
N = 30
RNG = np.random.default_rng(4)
TRIDIAGONAL = sp.diags([-1.0, 2.5, -1.3], [-1, 0, 1], shape=(N, N))
FIVE = sp.diags([0.2, -1.0, 2.5, -1.3, 0.1], [-2, -1, 0, 1, 2], shape=(N, N))
LOWER = sp.diags([-1.0, 2.5], [-3, 0], shape=(N, N))
MATRICES = {
    "tridiagonal": TRIDIAGONAL,
    "five diagonals": FIVE,
    "lower": LOWER,
    "diagonal": sp.identity(N) * 3.0,
    "wide": sp.diags([1.0, 5.0], [-9, 0], shape=(N, N)),
    "no diagonal": sp.diags([1.0, 1.0], [-1, 1], shape=(N, N)),
    "complex": TRIDIAGONAL * (1 + 2j),
    "integers": sp.diags([-1, 3, -1], [-1, 0, 1], shape=(N, N), dtype=int),
    "single precision": TRIDIAGONAL.astype(np.float32),
    "one unknown": sp.identity(1) * 2.0,
    "two unknowns": sp.csr_matrix(np.array([[2.0, 1.0], [1.0, 3.0]])),
}


@pytest.mark.parametrize("form", ["csr", "csc", "lil"])
@pytest.mark.parametrize("name", MATRICES)
@pytest.mark.parametrize("columns_count", [0, 1, 3])
def test_it_solves_as_spsolve_does(name, form, columns_count, recwarn):
    A = MATRICES[name].asformat(form)
    shape = (A.shape[0], columns_count) if columns_count else A.shape[0]
    for b in (RNG.standard_normal(shape), np.arange(A.shape[0]), RNG.standard_normal(shape) * 1j):
        expected, found = spla.spsolve(A, b), solved_by_band(A, b)
        assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
        tolerance = 1e-4 if found.dtype == np.float32 else 1e-12
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


def test_entries_that_stand_twice_are_added(recwarn):
    rows, columns = np.array([0, 1, 2, 0, 1]), np.array([0, 1, 2, 0, 2])
    A = sp.csr_matrix((np.array([1.0, 2.0, 3.0, 4.0, 5.0]), (rows, columns)), shape=(3, 3))
    A = sp.csr_matrix((np.r_[A.data, 1.0], np.r_[A.indices, 2], np.array([0, 1, 3, 5])))
    np.testing.assert_allclose(solved_by_band(A, np.ones(3)), np.linalg.solve(A.toarray(), np.ones(3)))


def test_a_singular_matrix_is_told_of_as_before():
    A = sp.csr_matrix(np.diag([1.0, 0.0, 2.0]))
    with pytest.warns(spla.MatrixRankWarning):
        assert np.isnan(solved_by_band(A, np.ones(3))).any()


def test_a_sparse_right_side_stays_sparse(recwarn):
    b = sp.csc_matrix(np.ones((N, 2)))
    assert sp.issparse(solved_by_band(TRIDIAGONAL.tocsc(), b))


exec((BAND + DENSE_BANDED).replace("{numpy}", "np").replace("SOLVE", "np.linalg.solve"), NAMES)
solved_densely_by_band = NAMES["solved_by_band"]


@pytest.mark.parametrize("name", [*MATRICES, "not finite", "a stack"])
@pytest.mark.parametrize("columns_count", [0, 1, 3])
def test_dense_matrices_are_solved_with_as_numpy_does(name, columns_count):
    block = MATRICES.get(name, TRIDIAGONAL).toarray() + 0.0
    A = np.kron(np.eye(4), block if np.linalg.det(block) else np.eye(9))
    A = np.stack([A, A]) if name == "a stack" else A
    A[..., 0, 0] = np.inf if name == "not finite" else A[..., 0, 0]
    shape = (A.shape[-1], columns_count) if columns_count else A.shape[-1]
    for b in (RNG.standard_normal(shape), np.ones(shape, int), RNG.standard_normal(shape) * 1j):
        if name == "a stack" and not columns_count:
            b = b[:, None]
        expected, found = np.linalg.solve(A, b), solved_densely_by_band(A, b)
        assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
        tolerance = 1e-4 if found.dtype in ("f", "F") else 1e-12
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


def test_a_singular_dense_matrix_is_told_of_as_before():
    with pytest.raises(np.linalg.LinAlgError):
        solved_densely_by_band(np.diag(np.r_[np.ones(40), 0]), np.ones(41))


def test_a_dense_matrix_of_narrow_band_that_changes_is_solved_by_its_band(tmp_path):
    text = """
import numpy as np
n = 60
u = np.ones(n)
for k in range(8):
    A = np.zeros((n, n))
    for i in range(n):
        A[i, i] = 3 + u[i]
        if i > 0:
            A[i, i - 1] = -1
    u = np.linalg.solve(A, u)
"""
    found = candidates(text, tmp_path, "banded-solve", patterns="all")
    assert len(found) == 2
    for one in found:
        after = one.patches[0].after
        assert "solved_by_band(A, u)" in after
        np.testing.assert_allclose(run(after, tmp_path)[0]["u"], run(text, tmp_path)[0]["u"], rtol=1e-12)
        with pytest.raises(np.linalg.LinAlgError):
            run(after.replace("3 + u[i]", "0 * u[i]"), tmp_path)
