"""Systems whose matrices share a pattern are solved as before, in an order that is looked for once."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
import scipy.sparse.linalg as spla
from rewriting import candidates, observed, run

from pdeperf.backends.keep_order import KeepOrder
from pdeperf.model import Diagnosis, Kind
from pdeperf.sparse.order_text import IN_KEPT_ORDER

NAMES = {"np": np, "sp": sp, "spla": spla}
text = IN_KEPT_ORDER
for home, name in (("numpy", "np"), ("sparse", "sp"), ("linalg", "spla")):
    text = text.replace(f"{{{home}}}", name)
exec(text, NAMES)
SolvesInKeptOrder = NAMES["SolvesInKeptOrder"]
RNG = np.random.default_rng(14400001)


def grid(n):
    D = sp.diags([1.0, -2.0, 1.0], [-1, 0, 1], shape=(n, n))
    return sp.kron(sp.identity(n), D) + sp.kron(D, sp.identity(n))


def saddle(n):
    gradient = sp.kron(sp.identity(n), sp.diags([-1.0, 1.0], [0, 1], shape=(n, n)))
    return sp.bmat([[sp.identity(n * n) - grid(n), gradient], [gradient.T, None]])


def shuffled(n):
    places = np.arange(n), np.roll(np.arange(n), 7)
    return sp.coo_matrix((RNG.uniform(1, 2, n), places), shape=(n, n)) + 0.1 * sp.random(n, n, 0.05)


MATRICES = {
    "diffusion": sp.identity(64) - 0.3 * grid(8),
    "upwind": sp.identity(49) - grid(7) + 9 * sp.diags([-1.0, 1.0], [-1, 0], shape=(49, 49)),
    "saddle point": saddle(6),
    "pivots off the diagonal": shuffled(50),
    "complex": (0.4 + 0.1j) * sp.identity(64) + grid(8),
    "integers": (5 * sp.identity(64) - grid(8)).astype(int),
    "single precision": (sp.identity(64) - grid(8)).astype(np.float32),
    "long double": (sp.identity(64) - grid(8)).astype(np.longdouble),
    "one unknown": sp.identity(1) * 2.0,
    "two unknowns": sp.csr_matrix(np.array([[2.0, 1.0], [1.0, 3.0]])),
    "rows of the boundary": sp.vstack([sp.identity(64).tocsr()[:8], (grid(8) - sp.identity(64)).tocsr()[8:]]),
    "explicit zeros": sp.csr_matrix((np.r_[np.full(5, 3.0), 0.0], (np.r_[0:5, 0], np.r_[0:5, 4]))),
}


@pytest.mark.parametrize("form", ["csr", "csc", "coo", "csr_array"])
@pytest.mark.parametrize("name", MATRICES)
def test_it_solves_as_spsolve_does(name, form, recwarn):
    A = sp.csr_array(MATRICES[name]) if form == "csr_array" else MATRICES[name].asformat(form)
    n = A.shape[0]
    solve = SolvesInKeptOrder()
    if A.dtype == np.longdouble:
        with pytest.raises((TypeError, ValueError)):
            spla.spsolve(A, np.ones(n))
        with pytest.raises((TypeError, ValueError)):
            solve(A, np.ones(n))
        return
    for scale in (1.0, 1.5):
        B = A.copy()
        B.data = (B.data * scale).astype(B.dtype)
        for b in (RNG.standard_normal(n), np.arange(n), RNG.standard_normal(n) * 1j, np.ones((n, 1))):
            expected, found = spla.spsolve(B, b), solve(B, b)
            assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
            tolerance = 1e-4 if found.dtype.itemsize == 4 else 1e-11
            np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)
        several = RNG.standard_normal((n, 3))
        np.testing.assert_array_equal(solve(B, several), spla.spsolve(B, several))


def test_what_is_given_stays_as_it_was():
    A, b = (sp.identity(64) - grid(8)).tocsc(), np.ones(64)
    kept = A.copy()
    solve = SolvesInKeptOrder()
    solve(A, b)
    found = solve(A, b)
    again = found.copy()
    solve(A * 2, b * 3)
    np.testing.assert_array_equal(found, again)
    assert (abs(A - kept)).nnz == 0 and (b == 1).all()


def test_an_order_is_looked_for_once_and_again_for_another_pattern(monkeypatch):
    asked = []
    real = spla.splu
    monkeypatch.setattr(spla, "splu", lambda A, **kw: asked.append(kw.get("permc_spec")) or real(A, **kw))
    solve = SolvesInKeptOrder()
    A = (sp.identity(64) - grid(8)).tocsc()
    for factor in (1.0, 2.0, 3.0):
        solve(A * factor, np.ones(64))
    assert asked == ["MMD_AT_PLUS_A", "NATURAL", "NATURAL"]
    B = A.tolil()
    B[0, 63] = 1.0
    for factor in (1.0, 2.0):
        np.testing.assert_allclose(B @ solve(B.tocsc() * factor, np.ones(64)) * factor, np.ones(64))
    assert asked[3:] == ["MMD_AT_PLUS_A", None, "NATURAL"]


def test_the_same_indices_otherwise_divided_are_another_pattern():
    solve = SolvesInKeptOrder()
    values, rows = np.array([3.0, 1.0, 2.0, 4.0]), np.array([0, 1, 1, 2])
    for starts in ([0, 1, 2, 4], [0, 2, 3, 4]):
        A = sp.csc_matrix((values, rows, np.array(starts)), shape=(3, 3))
        for _ in range(2):
            np.testing.assert_allclose(solve(A, np.ones(3)), np.linalg.solve(A.toarray(), np.ones(3)))


def test_rows_and_columns_and_real_and_complex_ones_are_told_apart():
    solve = SolvesInKeptOrder()
    A = (sp.identity(64) - grid(8) + sp.diags([2.0, -1.0], [-1, 1], shape=(64, 64))).tocsc()
    b = RNG.standard_normal(64)
    for factor in (1.0, 1.0 + 0.5j, 2.0):
        for form in ("csc", "csr"):
            B = (A * factor).asformat(form)
            np.testing.assert_allclose(B @ solve(B, b), b, rtol=1e-10, atol=1e-12)


def test_entries_that_stand_twice_are_added():
    solve = SolvesInKeptOrder()
    A = sp.csc_matrix((np.ones(7) * 2, np.array([0, 0, 1, 1, 0, 2, 2]), np.array([0, 3, 5, 7])))
    for _ in range(2):
        found = solve(A.copy(), np.ones(3))
        np.testing.assert_allclose(found, np.linalg.solve(A.toarray(), np.ones(3)))


def test_a_matrix_without_entries_is_singular_as_before():
    for empty in (sp.csc_matrix((3, 3)), sp.csr_matrix((3, 3))):
        with pytest.warns(spla.MatrixRankWarning):
            assert np.isnan(SolvesInKeptOrder()(empty, np.ones(3))).all()


def test_saddle_points_are_not_put_in_the_order_for_pivots_on_the_diagonal(monkeypatch):
    asked = []
    real = spla.splu
    monkeypatch.setattr(spla, "splu", lambda A, **kw: asked.append(kw.get("permc_spec")) or real(A, **kw))
    solve = SolvesInKeptOrder()
    for factor in (1.0, 2.0):
        solve(saddle(6).tocsc() * factor, np.ones(72))
    assert asked == [None, "NATURAL"]


def test_systems_with_one_matrix_are_solved_with_one_factorisation(monkeypatch):
    asked = []
    real = spla.splu
    solve = SolvesInKeptOrder()
    A = (sp.identity(64) - grid(8)).tocsc()
    for factor in (3.0, 4.0):
        solve(A * factor, np.ones(64))
    monkeypatch.setattr(spla, "splu", lambda A, **kw: asked.append(1) or real(A, **kw))
    for factor in (1.0, 2.0, 2.0, 1.0):
        b = RNG.standard_normal(64)
        np.testing.assert_allclose(A @ solve(A * factor, b) * factor, b, rtol=1e-11, atol=1e-12)
    assert len(asked) == 3
    A.data[5] *= 1 + 1e-15
    solve(A, np.ones(64))
    assert len(asked) == 4


@pytest.mark.parametrize("name", ["diffusion", "saddle point"])
def test_factors_of_a_matrix_before_a_singular_one_are_not_taken_for_its_own(name):
    solve = SolvesInKeptOrder()
    A = MATRICES[name].tocsc()
    b = np.ones(A.shape[0])
    for factor in (1.0, 2.0):
        solve(A * factor, b)
    singular = A.copy()
    singular.data[singular.indices == 5] = 0.0
    for _ in range(2):
        with pytest.warns(spla.MatrixRankWarning):
            assert np.isnan(solve(singular, b)).any()
    np.testing.assert_allclose(A @ solve(A, b), b, rtol=1e-10)


def test_patterns_that_take_turns_keep_their_orders():
    solve = SolvesInKeptOrder()
    others = [(sp.identity(64) - grid(8)).tolil() for _ in range(10)]
    for place, other in enumerate(others):
        other[place, 63 - place] = 0.5
        for A in (other.tocsc(), other.tocsc() * 2):
            solve(A, np.ones(64))
    assert solve.misses == 0 and len(solve.kept) == 3


def test_pivots_that_become_small_do_not_spoil_the_answer():
    solve = SolvesInKeptOrder()
    A = (sp.identity(64) * 4.0 + grid(8) * 0.5).tocsc()
    for factor in (1.0, 2.0):
        solve(A * factor, np.ones(64))
    assert solve.kept[0][-1]["options"]
    B = A.copy()
    B.data[B.indices == np.repeat(np.arange(64), np.diff(B.indptr))] = 1e-3 * (1 + RNG.random(64))
    b = RNG.standard_normal(64)
    for _ in range(2):
        found, expected = solve(B, b), spla.spsolve(B, b)
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10 * abs(expected).max())
        residual = abs(B @ found - b) / (abs(B) @ abs(found) + abs(b))
        assert residual.max() < 1e-14


def test_a_residual_above_rounding_is_solved_for_anew(monkeypatch):
    solve = SolvesInKeptOrder()
    A = (sp.identity(64) - grid(8)).tocsc()
    for factor in (1.0, 2.0):
        solve(A * factor, np.ones(64))
    assert solve.may_be_symmetric
    places = solve.kept[0][1]["places"]
    places[[0, 1]] = places[[1, 0]]  # wrong on purpose
    np.testing.assert_allclose(solve(A, np.ones(64)), spla.spsolve(A, np.ones(64)), rtol=1e-12)
    assert not solve.may_be_symmetric


def test_nothing_finite_is_what_spsolve_makes_of_it():
    solve = SolvesInKeptOrder()
    A = (sp.identity(64) - grid(8)).tocsc()
    assert np.isfinite(solve(A, np.ones(64))).all()
    assert np.isnan(solve(A, np.full(64, np.nan))).all()
    assert np.isfinite(solve(A, np.ones(64))).all()


def test_a_singular_matrix_is_told_of_as_before():
    A = (sp.identity(64) - grid(8)).tolil()
    solve = SolvesInKeptOrder()
    solve(A.tocsc(), np.ones(64))
    for first in (False, True):
        B = A.copy()
        B[5] = 0.0
        B[5, 5] = 0.0
        solve = SolvesInKeptOrder() if first else solve
        with pytest.warns(spla.MatrixRankWarning):
            assert np.isnan(solve(B.tocsr(), np.ones(64))).any()


def test_ever_new_patterns_are_left_to_spsolve():
    solve = SolvesInKeptOrder()
    for place in range(12):
        A = (sp.identity(64) - grid(8)).tolil()
        A[place, 63 - place] = 0.5
        b = RNG.standard_normal(64)
        np.testing.assert_allclose(A.tocsr() @ solve(A.tocsc(), b), b, rtol=1e-9, atol=1e-12)
    assert solve.misses == 7


@pytest.mark.parametrize("name", MATRICES)
def test_the_first_system_is_factorised_once(name, monkeypatch, recwarn):
    asked = []
    real = spla.splu
    monkeypatch.setattr(spla, "splu", lambda A, **kw: asked.append(1) or real(A, **kw))
    A = MATRICES[name].tocsc()
    if A.dtype != np.longdouble:
        SolvesInKeptOrder()(A, np.ones(A.shape[0]))
    assert len(asked) <= 1


def test_shapes_that_do_not_fit_raise_what_spsolve_raises():
    for shape, rows in (((4, 5), 4), ((4, 4), 5)):
        A = sp.csc_matrix(np.ones(shape))
        with pytest.raises(ValueError) as expected:
            spla.spsolve(A, np.ones(rows))
        with pytest.raises(ValueError) as found:
            SolvesInKeptOrder()(A, np.ones(rows))
        assert str(found.value) == str(expected.value)


SCRIPTS = {
    "module": """
u = np.zeros(n * n)
for k in range(8):
    J = (L - sp.diags(np.exp(u))).tocsc()
    d = spsolve(J, L @ u - np.exp(u) + 2)  # damped Newton
    u = u - 0.7 * d
""",
    "method": """
class Problem:
    def __init__(self):
        self.u = np.zeros(n * n)

    def step(self, dt):
        A = sp.identity(n * n) - dt * sp.diags(1 + self.u ** 2) @ L
        self.u = scipy.sparse.linalg.spsolve(A.tocsr(), self.u + dt, use_umfpack=False)


problem = Problem()
for k in range(9):
    problem.step(1e-3 * (1 + k))
u = problem.u
""",
    "one matrix": """
u = np.ones(n * n)
for k in range(9):
    W = (sp.identity(n * n) - 0.01 * (k + 1) * L).tocsc()
    k1 = spsolve(W, L @ u)
    k2 = spsolve(W, L @ (u + 0.01 * k1) - 2 * k1)
    u = u + 0.01 * (1.5 * k1 + 0.5 * k2)
""",
    "closure": """
def newton(u):
    def jacobian():
        return (L - sp.diags(3 * u ** 2)).tocsc()

    def step(r):
        return spsolve(
            jacobian(),  # of the moment
            r,
        )

    for k in range(7):
        u = u - step(L @ u - u ** 3 + 1)
    return u


u = newton(np.zeros(n * n))
""",
}
HEAD = """import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg
from scipy.sparse.linalg import spsolve

n = 9
D = sp.diags([1.0, -2.0, 1.0], [-1, 0, 1], shape=(n, n)) * 10
L = (sp.kron(sp.identity(n), D) + sp.kron(D, sp.identity(n))).tocsr()
"""


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_have_the_same_answer(name, tmp_path):
    text = HEAD + SCRIPTS[name]
    (after,) = {one.patches[0].after for one in candidates(text, tmp_path, "keep-order", patterns="all")}
    assert "solve_" in after and after.count("SolvesInKeptOrder()") == 1
    before, now = run(text, tmp_path)[0]["u"], run(after, tmp_path)[0]["u"]
    np.testing.assert_allclose(now, before, rtol=1e-11)
    assert not candidates(after, tmp_path, "keep-order", patterns="all")


SILENT = {
    "the same values": "A = (sp.identity(n * n) - L).tocsc()\nfor k in range(9):\n    u = spsolve(A, u)\n",
    "few": "for k in range(3):\n    u = spsolve((sp.identity(n * n) * (k + 1) - L).tocsc(), u)\n",
    "own order": """
for k in range(9):
    u = spsolve((sp.identity(n * n) * (k + 1) - L).tocsc(), u, permc_spec="NATURAL")
""",
    "new patterns": """
for k in range(9):
    A = (sp.identity(n * n) - L).tolil()
    A[k, n * n - 1 - k] = 1.0
    u = spsolve(A.tocsc(), u)
""",
}


@pytest.mark.parametrize("name", SILENT)
def test_what_gains_nothing_is_left_alone(name, tmp_path):
    text = HEAD + "u = np.ones(n * n)\n" + SILENT[name]
    assert not candidates(text, tmp_path, "keep-order", patterns="all")


COSTLY = """import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve

n = 50
D = sp.diags([1.0, -2.0, 1.0], [-1, 0, 1], shape=(n, n))
A = (sp.kron(sp.identity(n), D) + sp.kron(D, sp.identity(n))).tocsr()
u = spsolve(A, np.ones(n * n))
"""


def test_a_single_large_system_is_solved_with_less_fill_in(tmp_path):
    diagnosed = observed(COSTLY, tmp_path, patterns="all")
    facts = tuple(row for row in diagnosed.observed if row.collector == "sparse")
    where = next(row.where for row in facts if row.metric == "solves_count")
    said = Diagnosis(
        rule="costly-solve", kind=Kind.SPARSE_FORMAT, where=where, message="", share=0.9, facts=facts
    )
    (found,) = KeepOrder().propose(said, diagnosed)
    after = found.patches[0].after
    np.testing.assert_allclose(run(after, tmp_path)[0]["u"], run(COSTLY, tmp_path)[0]["u"], rtol=1e-10)
    for other in (
        COSTLY.replace("n = 50", "n = 20"),
        COSTLY.replace("np.ones(n * n))", "np.ones(n * n), permc_spec='COLAMD')"),
        COSTLY.replace("A = (", "A = sp.diags([5.0, 1.0], [0, 60], shape=(n * n, n * n)).tocsr() + ("),
        COSTLY + "u = spsolve(A, u)\n",
    ):
        now = observed(other, tmp_path, patterns="all")
        mine = tuple(row for row in now.observed if row.collector == "sparse")
        for count, row in enumerate(row for row in mine if row.metric == "solves_count"):
            again = replace(said, where=row.where, facts=mine)
            assert bool([*KeepOrder().propose(again, now)]) == ("u)\n" in other)
            assert count < 2


def test_a_matrix_that_is_filled_by_entries_is_gathered_after_the_order_is_kept(tmp_path):
    text = (
        HEAD
        + """
u = np.ones(n * n)
for k in range(7):
    A = sp.lil_matrix((n * n, n * n))
    for i in range(n * n):
        A[i, i] = 4.0 + u[i] ** 2
        if i >= n:
            A[i, i - n] = -1.0 - u[i]
        if i < n * n - n:
            A[i, i + n] = -1.0
    u = spsolve(A.tocsr(), u)
"""
    )
    (first,) = candidates(text, tmp_path, "keep-order", patterns="all")
    then = first.patches[0].after
    gathered = candidates(then, tmp_path, "coo-assembly", patterns="all")
    assert gathered and "lil_matrix" not in gathered[0].patches[0].after
    expected = run(text, tmp_path)[0]["u"]
    np.testing.assert_allclose(run(gathered[0].patches[0].after, tmp_path)[0]["u"], expected, rtol=1e-11)
