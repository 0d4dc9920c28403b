"""What the linear algebra works on is seen on the line that asks for it."""

import sys
from types import ModuleType

import pytest

from pdeperf.collectors import Job, sparse

SCRIPT = """
import warnings
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve, cg
import scipy.sparse.linalg as spla

n = 50
A = sp.lil_matrix((n, n))
for i in range(n):
    A[i, i] = 2.5
for i in range(n - 1):
    A[i, i + 1] = A[i + 1, i] = -1.0
u = np.ones(n)
for k in range(4):
    u = spsolve(A, u)
C = A.tocsc()
for k in range(5):
    C.data[0] += k == 3
    u = spla.spsolve(C, u)
D = np.eye(n) - 0.1 * np.eye(n, k=2)
for k in range(3):
    u = np.linalg.solve(D, u)
    v = D @ u
    w = D.dot(u) @ u + np.dot(D, u) @ u
for k in range(2):
    x, info = cg(C, u, rtol=1e-8)
    R = C.tocsr()
"""


@pytest.fixture
def rows(watch):
    run, rows = watch(sparse.COLLECTOR, main=SCRIPT)
    assert run.complete
    return rows


def line(text):
    return next(number for number, row in enumerate(SCRIPT.splitlines(), 1) if text in row)


def test_stores_are_counted_by_format(rows):
    assert rows.values("inserts_count", "lil", line("A[i, i] = 2.5")) == {50.0}
    assert rows.values("inserts_count", "lil", line("A[i, i + 1]")) == {98.0}


def test_a_solve_tells_its_matrix(rows):
    at, name = line("= spsolve"), "scipy.sparse.linalg.spsolve"
    assert rows.values("matrix_format", name, at) == {"lil"}
    assert rows.values("matrix_shape", name, at) == {"50x50"}
    assert rows.values("bandwidth", name, at) == {1.0}
    assert rows.values("nnz_count", name, at) == {148.0}
    assert rows.values("symmetry", name, at) == {"values"}
    assert rows.values("positive_diagonal", name, at) == {1.0}
    assert rows.values("warning", "SparseEfficiencyWarning", at)


def test_the_same_matrix_is_known_again(rows):
    assert rows.values("solves_count", "scipy.sparse.linalg.spsolve", line("= spsolve")) == {4.0}
    assert rows.values("same_values_count", "scipy.sparse.linalg.spsolve", line("= spsolve")) == {3.0}


def test_a_matrix_that_changes_once_is_seen_to_change(rows):
    at, name = line("spla.spsolve"), "scipy.sparse.linalg.spsolve"
    assert rows.values("solves_count", name, at) == {5.0}
    assert rows.values("same_values_count", name, at) == {3.0}
    assert rows.values("same_pattern_count", name, at) == {4.0}


def test_dense_matrices_that_are_mostly_zeros_are_seen(rows):
    at = line("linalg.solve")
    assert rows.values("matrix_format", "numpy.linalg.solve", at) == {"dense"}
    assert rows.values("bandwidth", "numpy.linalg.solve", at) == {2.0}
    assert rows.values("density", "D", line("v = D @ u")) == {98 / 2500}
    assert rows.values("products_count", "np.dot(D, u)", line("w = D.dot")) == set()
    assert rows.values("products_count", "D", line("v = D @ u")) == {3.0}
    assert rows.values("products_count", "D", line("w = D.dot")) == {6.0}


def test_a_krylov_solver_tells_its_iterations_and_residual(rows):
    at, name = line("cg(C"), "scipy.sparse.linalg.cg"
    (iterations,) = rows.values("iterations_total_count", name, at)
    assert iterations > 4
    assert all(0 < value < 1e-7 for value in rows.values("residual", name, at))
    assert rows.values("preconditioned", name, at) == {0.0}


def test_conversions_are_counted(rows):
    assert rows.values("conversions_count", "csc to csr", line("R = C.tocsr")) == {2.0}
    assert rows.values("conversions_count", "lil to csc", line("C = A.tocsc")) == {1.0}


MANY = """
import scipy.sparse as sp
for step in range(3):
    A = sp.lil_matrix((100, 100))
    for k in range(7000):
        A[k % 100, k // 100] = 1.0
    B = A.tocsr()
    for k in range(50):
        A[k, k] = 2.0
"""


def test_very_many_stores_are_counted_in_part(watch):
    run, rows = watch(sparse.COLLECTOR, main=MANY)
    assert run.complete
    at = {text: number for number, row in enumerate(MANY.splitlines(), 1) for text in (row.strip(),)}
    assert rows.values("inserts_count", "lil", at["A[k % 100, k // 100] = 1.0"]) == {15000.0}
    assert rows.values("inserts_count", "lil", at["A[k, k] = 2.0"]) == {150.0}


PLAIN = """\
import sys
import numpy as np
D = np.eye(3)
u = np.ones(3)
for k in range(2500):
    u = D @ u
    v = D @ u @ u
solved = np.linalg.solve(D, u)
loaded = [name for name in sys.modules if name.startswith("scipy")]
assert not loaded, loaded
from scipy.linalg import solve
w = solve(D, u)
from scipy.sparse.linalg import spsolve
import scipy.sparse as sp
x = spsolve(sp.csc_array(D), u)
"""


def test_nothing_is_imported_that_the_script_does_not_import(watch):
    run, rows = watch(sparse.COLLECTOR, main=PLAIN)
    assert run.complete, run.finished.stderr
    assert rows.values("solves_count", "numpy.linalg.solve", 8) == {1.0}
    assert rows.values("solves_count", "scipy.linalg.solve", 12) == {1.0}
    assert rows.values("solves_count", "scipy.sparse.linalg.spsolve", 15) == {1.0}


def test_very_many_products_at_one_place_are_counted(watch):
    _, rows = watch(sparse.COLLECTOR, main=PLAIN)
    assert rows.values("products_count", "D", 6) == rows.values("products_count", "D", 7) == {2500.0}
    assert not rows.values("products_count", "D @ u")


def test_what_is_imported_after_the_end_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    folder = str(tmp_path)
    recording = sparse.COLLECTOR.record(
        Job(collector="sparse", script=f"{folder}/main.py", argv=(), root=folder, folder=folder)
    )
    recording.start()
    late = ModuleType("numpy.linalg")
    late.solve = solve = len
    recording.stop()
    recording._watch_solvers(late)
    assert late.solve is solve


DENSE = """\
import numpy as np
D = np.eye(4)
u = np.ones(4)
for k in range(20):
    D[0, 3] = float(k == 7)
    u = np.linalg.solve(D, u)
for k in range(20):
    D[0, 3] = k % 10
    v = np.linalg.solve(D, u)
"""


def test_a_dense_matrix_that_changes_is_seen_to_change(watch):
    _, rows = watch(sparse.COLLECTOR, main=DENSE)
    assert rows.values("same_values_count", "numpy.linalg.solve", 6) == {18.0}
    assert rows.values("same_values_count", "numpy.linalg.solve", 9) == {10.0}
