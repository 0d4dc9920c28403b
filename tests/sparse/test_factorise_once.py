"""Repeated solves keep their results to the bit, whatever happens to the matrix."""

import numpy as np
import pytest
from rewriting import candidates, observed, run

from pdeperf.model import Hotspot, Span
from pdeperf.plugins import backends, detectors

HEAD = """
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve
n = 12
rng = np.random.default_rng(1)
A = sp.diags([-1.0, 2.7, -1.1], [-1, 0, 1], shape=(n, n)).tocsc()
B = sp.diags([-0.3, 1.9, -0.4], [-1, 0, 1], shape=(n, n)).tocsr()
u = rng.standard_normal(n)
trace = []
"""

PROVEN = {
    "csc at module level": """
for k in range(6):
    u = spsolve(A, u + 1)
""",
    "made and solved in one turn, as in the one before": """
for k in range(6):
    C = sp.diags([np.full(n - 1, -1.0), np.arange(2.0, n + 2)], [1, 0], format="csc")
    u = spsolve(C, np.ones(n))
    v = spsolve(sp.diags([3.0, 1.0], [0, 1], shape=(n, n)).tocsr(), np.arange(n))
    trace.append(u.max() + v.max())
""",
    "csr": """
for k in range(6):
    u = spsolve(B, u + 1)
    trace.append(u.max())
""",
    "two matrices in turn": """
for k in range(6):
    v = spsolve(A, B @ u)
    u = spsolve(B, A @ v)
""",
    "a matrix converted in every step": """
for k in range(4):
    u = spsolve(A.tocsr(), u)
""",
    "a matrix computed in every step": """
dt = 0.1
I = sp.identity(n)
for k in range(4):
    u = spsolve((I + dt * A).tocsc(), u)
""",
    "in a function": """
def march(A, u, steps):
    for k in range(steps):
        u = spsolve(A, u)
    return u
u = march(A, u, 5)
u = march(B, u, 5)
""",
    "a column as right side": """
for k in range(4):
    u = spsolve(A, u.reshape(-1, 1))
""",
    "several right sides": """
U = np.outer(u, [1.0, 2.0, 3.0])
for k in range(4):
    U = spsolve(B, U)
u = U.ravel()
""",
    "a sparse right side": """
s = sp.csc_matrix(u.reshape(-1, 1))
for k in range(3):
    w = spsolve(A, s)
    u = u + np.asarray(w).ravel()
""",
    "complex right side, real matrix": """
u = u + 1j
for k in range(4):
    u = spsolve(A, u)
""",
    "complex matrix": """
C = (B + 0.3j * sp.identity(n)).tocsr()
for k in range(4):
    u = spsolve(C, u)
""",
    "integers": """
A = sp.diags([-1, 3, -1], [-1, 0, 1], shape=(n, n), dtype=int).tocsr()
for k in range(4):
    u = spsolve(A, u)
""",
    "single precision": """
A = A.astype(np.float32)
u = u.astype(np.float32)
for k in range(4):
    u = spsolve(A, u)
""",
    "singular": """
A = sp.diags([-1.0, 2.0, -1.0], [-1, 0, 1], shape=(n, n)).tolil()
A[0, 0] = A[n - 1, n - 1] = 1.0
A[3, :] = 0
A = A.tocsr()
for k in range(3):
    u = spsolve(A, u)
""",
    "nearly singular": """
A = sp.diags([-1.0, 2.0, -1.0], [-1, 0, 1], shape=(n, n)).tolil()
A[0, 0] = A[n - 1, n - 1] = 1.0
A = A.tocsr()
for k in range(3):
    u = spsolve(A, u - u.mean())
    u = u / abs(u).max()
""",
    "duplicates and explicit zeros": """
A = sp.csr_matrix((np.array([1.0, 2, 3, 4, 0, 5]), np.array([0, 0, 1, 2, 0, 3]), np.array([0, 2, 3, 4, 6])))
u = np.arange(4.0)
for k in range(3):
    u = spsolve(A, u)
""",
    "lil": """
A = A.tolil()
for k in range(3):
    u = spsolve(A, u)
""",
    "an ordering of the user's": """
for k in range(3):
    u = spsolve(A, u, permc_spec="MMD_AT_PLUS_A")
""",
    "no umfpack": """
for k in range(3):
    u = spsolve(A, u, use_umfpack=False)
""",
    "while loop": """
t = 0.0
while t < 1:
    u = spsolve(A, u)
    t += 0.2
""",
    "comments and parentheses": """
for k in range(3):
    u = spsolve(A,  # the operator
                (u + 1)  # old values
                )
""",
    "rebuilt from constants": """
for k in range(5):
    M = sp.diags([-1.0, 2.7, -1.1], [-1, 0, 1], shape=(n, n)).tocsc()
    u = spsolve(M, u)
""",
    "rebuilt from constants, of several statements": """
I = sp.identity(n)
dt = 0.1
for k in range(5):
    L = dt * A
    M = (I + L).tocsc()
    P = (I - L).tocsr()
    u = spsolve(M, P @ u)
    trace.append(float(u.max()))
""",
    "nested loops": """
for k in range(3):
    for i in range(2):
        u = spsolve(A, u)
""",
}

COMPARED = {
    "changes in one of many steps": """
for k in range(12):
    if k == 7:
        A = A * 1.5
    u = spsolve(A, u)
""",
    "changes in place in a branch": """
for k in range(8):
    if k == 4:
        A.data[2] = 5.0
    u = spsolve(A, u)
""",
    "changes through an alias": """
M = A
for k in range(8):
    if k == 4:
        M.data *= 1.1
    u = spsolve(A, u)
""",
    "changes through its data": """
d = A.data
for k in range(8):
    if k == 4:
        d[3] = -7.0
    u = spsolve(A, u)
""",
    "changes through a conversion that is none": """
M = A.tocsc()
for k in range(8):
    if k == 4:
        M.data[3] = -7.0
    u = spsolve(A, u)
""",
    "changes by entries of a conversion that is none": """
M = A.tocsc()
for k in range(8):
    if k == 4:
        M[3, 3] = -7.0
    u = spsolve(A, u)
""",
    "changes in a function that gets a conversion that is none": """
def relax(K, k):
    if k == 5:
        K[2, 2] = 9.0
for k in range(8):
    relax(A.tocsc(), k)
    u = spsolve(A, u)
""",
    "changes by the diagonal of its transpose": """
M = B.T
for k in range(8):
    if k == 4:
        M.setdiag(3.0)
    u = spsolve(B, u)
""",
    "changes in a called function": """
def relax(M, k):
    if k == 5:
        M.data[:] *= 2
for k in range(8):
    relax(A, k)
    u = spsolve(A, u)
""",
    "changes as a global in a called function": """
def relax(k):
    if k == 5:
        A.data[:] *= 2
def march(K, u):
    for k in range(8):
        relax(k)
        u = spsolve(K, u)
    return u
u = march(A, u)
""",
    "changes by setdiag": """
for k in range(5):
    A.setdiag(3.0 + k)
    u = spsolve(A, u)
""",
    "the time step adapts": """
I = sp.identity(n)
dt = 0.1
for k in range(6):
    u = spsolve((I + dt * A).tocsc(), u)
    dt = min(0.3, dt * 1.5)
""",
    "an element of a list changes": """
parts = [A, B]
for k in range(6):
    if k == 3:
        parts[0].data[1] = 4.0
    u = spsolve(A, u)
""",
    "in a method": """
class Solver:
    def __init__(self, A, u):
        self.A, self.u = A, u
    def step(self):
        self.u = spsolve(self.A, self.u)
s = Solver(A, u)
for k in range(5):
    if k == 3:
        s.A = B
    s.step()
u = s.u
""",
    "in a function called with two matrices": """
def implicit(A, u):
    return spsolve(A, u)
for k in range(5):
    u = implicit(B, implicit(A, u))
""",
    "five matrices in turn": """
Ms = [A * s for s in (1.0, 1.1, 1.2, 1.3, 1.4)]
for k in range(10):
    u = spsolve(Ms[k % 5], u)
""",
    "rebuilt of what changes once": """
dt = 0.1
for k in range(5):
    M = sp.diags([-1.0, 2.7 + dt, -1.1], [-1, 0, 1], shape=(n, n)).tocsc()
    u = spsolve(M, u)
    dt = 0.1 if k < 3 else 0.2
""",
    "rebuilt and changed in place": """
for k in range(5):
    M = sp.diags([-1.0, 2.7, -1.1], [-1, 0, 1], shape=(n, n)).tocsc()
    M[0, 0] = 2.0 + k
    u = spsolve(M, u)
""",
    "rebuilt, and changed in a branch by an alias": """
for k in range(5):
    M = A.tocsc()
    if k == 3:
        A.data[0] = 5.0
    u = spsolve(M, u)
""",
    "the values stay and the pattern changes": """
C = sp.csr_matrix((np.ones(3), np.array([0, 1, 2]), np.array([0, 1, 2, 3])), shape=(3, 3))
u = np.arange(3.0)
for k in range(4):
    C.indices = np.roll(C.indices, 1)
    u = u + spsolve(C, u)
""",
    "text is run as code": """
for k in range(4):
    exec("A.data[0] += 1")
    u = spsolve(A, u)
""",
}


@pytest.mark.parametrize("name", PROVEN)
def test_factors_are_made_before_the_loop_and_keep_the_bits(name, tmp_path):
    text = HEAD + PROVEN[name]
    after = rewritten(text, tmp_path)
    assert "FactorisedWhileSame" not in after
    agrees(text, after, tmp_path)


@pytest.mark.parametrize("name", COMPARED)
def test_what_may_change_is_compared_in_every_call(name, tmp_path):
    text = HEAD + COMPARED[name]
    after = rewritten(text, tmp_path)
    assert "FactorisedWhileSame()" in after
    agrees(text, after, tmp_path)


@pytest.mark.parametrize("far", (1, 6))
@pytest.mark.parametrize("name", [*PROVEN, *COMPARED])
def test_what_suits_the_pattern_moves_results_by_rounding_alone(name, far, tmp_path):
    text = HEAD.replace("[-1, 0, 1]", f"[-{far}, 0, {far}]") + (PROVEN.get(name) or COMPARED[name])
    first = candidates(text, tmp_path, "factorise-once", patterns=True)[0]
    after = first.patches[0].after
    before, _ = run(text, tmp_path)
    later, _ = run(after, tmp_path)
    tolerance = 1e-5 if before["u"].dtype == np.float32 else 1e-12
    np.testing.assert_allclose(
        later["u"], before["u"], rtol=tolerance, atol=tolerance * abs(before["u"]).max()
    )


@pytest.mark.parametrize(("far", "wanted"), [(1, "class BandFactors"), (6, 'permc_spec="MMD_AT_PLUS_A"')])
def test_the_pattern_decides_how_a_matrix_is_factorised(far, wanted, tmp_path):
    text = HEAD.replace("[-1, 0, 1]", f"[-{far}, 0, {far}]") + PROVEN["csr"]
    fitting, plain = candidates(text, tmp_path, "factorise-once", patterns=True)
    assert wanted in fitting.patches[0].after
    assert wanted not in plain.patches[0].after


def rewritten(text, folder, *, patterns=False):
    found = candidates(text, folder, "factorise-once", patterns=patterns)
    assert found
    return found[-1].patches[0].after


def agrees(text, after, folder, rtol=0.0):
    before, printed = run(text, folder)
    later, also = run(after, folder)
    assert printed == also
    one, other = np.asarray(before["u"]), np.asarray(later["u"])
    assert (one.shape, one.dtype) == (other.shape, other.dtype)
    if rtol:
        np.testing.assert_allclose(other, one, rtol=rtol, atol=rtol * abs(one).max())
    else:
        np.testing.assert_array_equal(other, one)
    assert before["trace"] == later["trace"]


DENSE = """
import numpy as np
import scipy.linalg
n = 60
rng = np.random.default_rng(1)
T = 2.5 * np.eye(n) - np.eye(n, k=1) - 0.9 * np.eye(n, k=-1)
F = rng.standard_normal((n, n)) + 4 * np.eye(n)
S = np.eye(n) * 3
S[rng.integers(0, n, 40), rng.integers(0, n, 40)] = 0.5
u = rng.standard_normal(n)
trace = []
"""

DENSE_SCRIPTS = {
    "a band": "for k in range(5):\n    u = np.linalg.solve(T, u)\n",
    "a full matrix": "for k in range(5):\n    u = np.linalg.solve(F, u)\n",
    "scattered entries": "for k in range(5):\n    u = np.linalg.solve(S, u)\n",
    "SciPy's": "for k in range(5):\n    u = scipy.linalg.solve(T, u, assume_a='gen')\n",
    "integers": "T = (T * 10).astype(int)\nfor k in range(5):\n    u = np.linalg.solve(T, u)\n",
    "complex": "u = u + 1j\nfor k in range(5):\n    u = np.linalg.solve(F + 0j, u)\n",
    "complex right side": "u = u + 1j\nfor k in range(5):\n    u = np.linalg.solve(T, u)\n",
    "several right sides": "u = np.outer(u, u[:3])\nfor k in range(5):\n    u = np.linalg.solve(T, u)\n",
    "changes once": "for k in range(9):\n    T[3, 3] += k == 5\n    u = np.linalg.solve(T, u)\n",
    "changes under another name": (
        "V = T[::-1]\nfor k in range(9):\n    V[3, 3] += k == 5\n    u = np.linalg.solve(T, u)\n"
    ),
    "changes in every step": "for k in range(9):\n    T[3, 3] += 1\n    u = np.linalg.solve(T, u)\n",
    "a stack of matrices": (
        "G = np.stack([F, T])\nfor k in range(3):\n"
        "    u = np.linalg.solve(G, np.stack([u, u])[..., None])[0, :, 0]\n"
    ),
    "single precision": "T = T.astype(np.float32)\nfor k in range(3):\n    u = np.linalg.solve(T, u)\n",
    "an inverse": "for k in range(5):\n    u = np.linalg.inv(T) @ (u + 1)\n",
    "an inverse by dot": "for k in range(5):\n    u = np.linalg.inv(F).dot(u)\n",
    "an inverse in np.dot": "for k in range(5):\n    u = np.dot(np.linalg.inv(T), u)\n",
    "an inverse and another matrix": "for k in range(5):\n    u = np.linalg.inv(T) @ F @ u\n",
    "an inverse and two vectors": "for k in range(5):\n    u = u + np.linalg.inv(T) @ u @ u\n",
    "an inverse of what changes": "for k in range(9):\n    T[3, 3] += k == 5\n    u = np.linalg.inv(T) @ u\n",
    "a pair": "for k in range(5):\n    u = scipy.linalg.lu_solve(scipy.linalg.lu_factor(T), u)\n",
    "positive definite": (
        "P = T + T.T\nfor k in range(5):\n    u = scipy.linalg.solve(P, u, assume_a='pos')\n"
    ),
    "a full positive definite pair": (
        "P = F @ F.T\nfor k in range(5):\n    u = scipy.linalg.cho_solve(scipy.linalg.cho_factor(P), u)\n"
    ),
    "one triangle alone": "for k in range(5):\n    u = scipy.linalg.solve(T, u, assume_a='sym')\n",
    "one unknown": "u = u[:1]\nT = np.array([[4.0]])\nfor k in range(3):\n    u = np.linalg.solve(T, u)\n",
}


@pytest.mark.parametrize("patterns", (False, True))
@pytest.mark.parametrize("name", DENSE_SCRIPTS)
def test_dense_solves_keep_their_results_up_to_rounding(name, patterns, tmp_path):
    text = DENSE + DENSE_SCRIPTS[name]
    after = rewritten(text, tmp_path, patterns=patterns)
    assert ("FactorisedWhileSame(" in after or "KeptFactors(" in after) == ("change" in name)
    agrees(text, after, tmp_path, rtol=1e-11 if name != "single precision" else 1e-5)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("T", "factors_T.solve(u)"),
        ("F", "scipy.linalg.lu_solve(factors_F, u)"),
        ("G", "splu(sp.csc_matrix(G))"),
    ],
)
def test_the_pattern_decides_how_a_dense_matrix_is_factorised(kind, text, tmp_path):
    script = DENSE + "p = rng.permutation(8 * n)\nG = np.kron(T, np.eye(8))[p][:, p]\n"
    script += f"u = np.ones(len({kind}))\n"
    script += f"for k in range(3):\n    u = np.linalg.solve({kind}, u)\n"
    after = rewritten(script, tmp_path, patterns=True)
    assert text in after
    assert "class FactorisedOnce" not in after
    agrees(script, after, tmp_path, rtol=1e-11)


@pytest.mark.parametrize("patterns", (False, True))
@pytest.mark.parametrize("kind", ("T", "F"))
def test_a_singular_dense_matrix_fails_as_before(kind, patterns, tmp_path):
    text = DENSE + f"for k in range(3):\n    u = np.linalg.solve({kind}, u)\n"
    after = rewritten(text, tmp_path, patterns=patterns).replace("u = rng", f"{kind}[:, 4] = 0\nu = rng")
    with pytest.raises(ValueError, match=r"Singular|infs or NaNs"):
        run(after, tmp_path)


def test_what_is_not_definite_fails_as_before(tmp_path):
    text = DENSE + "P = T + T.T\nfor k in range(3):\n    u = scipy.linalg.solve(P, u, assume_a='pos')\n"
    after = rewritten(text, tmp_path).replace("P = T + T.T", "P = T + T.T - 5 * np.eye(n)")
    with pytest.raises(np.linalg.LinAlgError):
        run(after, tmp_path)


def test_a_solve_that_runs_once_is_left_alone(tmp_path):
    assert not candidates(HEAD + "u = spsolve(A, u)\n", tmp_path, "factorise-once")


def test_a_rewritten_file_gets_no_second_class(tmp_path):
    text = HEAD + "for k in range(3):\n    u = spsolve(A, u)\nfor k in range(3):\n    u = spsolve(B, u)\n"
    assert rewritten(text, tmp_path).count("class Factorised") == 1


LOOP = "for k in range(4):\n    "
LU = "lu = spla.splu(A)\n"
STEP = "    u = lu.solve(u)\n"
MOVED = {
    "splu": LOOP + "lu = spla.splu(A)  # factors\n" + STEP,
    "of an expression": LOOP + "lu = spla.splu((sp.identity(n) + 0.1 * A).tocsc())\n" + STEP,
    "factorized": LOOP + "solve = spla.factorized(A)\n    u = solve(u)\n",
    "dense": "D = A.toarray()\n" + LOOP + "f = la.lu_factor(D)\n    u = la.lu_solve(f, u)\n",
    "two": LOOP + LU + "    two = spla.splu(B.tocsc())\n    u = two.solve(lu.solve(u))\n",
    "in a function": (
        "def march(M, u):\n    for k in range(4):\n        lu = spla.splu(M)\n        u = lu.solve(u)\n"
        "    return u\nu = march(A, u)\n"
    ),
}
IN_THE_LOOP = {
    "the matrix changes": LOOP + "A.data[0] += k\n    " + LU + STEP,
    "changes by an alias": "M = A\n" + LOOP + "M.data[0] += k\n    " + LU + STEP,
    "the factors are kept": "f = []\n" + LOOP + LU + "    f.append(lu)\n" + STEP,
    "made in a branch": LU + LOOP + "if k == 2:\n        lu = spla.splu(B.tocsc())\n" + STEP,
    "used before": "lu = None\n" + LOOP + "u = lu.solve(u) if lu else u\n    " + LU,
    "a dense matrix may be overwritten": (
        "D = A.toarray(order='F')\n" + LOOP + "f = la.lu_factor(D, overwrite_a=True)\n"
        "    u = la.lu_solve(f, u)\n"
    ),
}
MORE = HEAD + "import scipy.sparse.linalg as spla\nimport scipy.linalg as la\n"


@pytest.mark.parametrize("name", MOVED)
def test_factors_that_the_script_makes_itself_are_made_once(name, tmp_path):
    text = MORE + MOVED[name]
    (after,) = {one.patches[0].after for one in candidates(text, tmp_path, "factorise-once")}
    assert after != text
    agrees(text, after, tmp_path)


@pytest.mark.parametrize("name", IN_THE_LOOP)
def test_factors_of_what_changes_stay_in_the_loop(name, tmp_path):
    assert not candidates(MORE + IN_THE_LOOP[name], tmp_path, "factorise-once")


UNLIKE = {
    "a column": "for k in range(3):\n    u = spsolve(A, u.reshape(-1, 1))\n",
    "complex right sides": "u = u + 1j\nfor k in range(3):\n    u = spsolve(A, u)\n",
    "a singular matrix": "A[0] = 0\nA[1] = 0\nfor k in range(3):\n    u = spsolve(A, u)\n",
    "single precision": "A, u = A.astype('f'), u.astype('f')\nfor k in range(3):\n    u = spsolve(A, u)\n",
    "another format": "A = A.tocoo()\nfor k in range(3):\n    u = spsolve(A, u)\n",
    "what is not finite": "for k in range(3):\n    u = spsolve(A, u)\n    u[2] = np.nan\n",
}


@pytest.mark.parametrize("name", UNLIKE)
def test_what_splu_treats_otherwise_is_left_to_the_class_that_asks(name, tmp_path):
    text = HEAD + UNLIKE[name]
    after = rewritten(text, tmp_path, patterns=True)
    assert "FactorisedOnce(A)" in after
    agrees(text, after, tmp_path)


def test_a_matrix_that_is_known_in_all_it_does_takes_one_line_more(tmp_path):
    text = HEAD + "for k in range(9):\n    u = spsolve(B, u + 1)  # implicit\n"
    after = rewritten(text, tmp_path, patterns=True)
    assert 'u = factors_B.solve(u + 1, "T")  # implicit' in after
    assert len(after.splitlines()) <= len(text.splitlines()) + 2
    agrees(text, after, tmp_path)


def test_a_script_that_handles_failures_keeps_them_as_they_are(tmp_path):
    text = HEAD + (
        "def safe(A, b):\n    try:\n        return spsolve(A, b)\n    except RuntimeError:\n"
        "        return b\nfor k in range(9):\n    u = safe(B, u + 1)\n"
    )
    after = rewritten(text, tmp_path, patterns=True)
    assert "class FactorisedOnce" in after
    agrees(text, after, tmp_path)


def test_a_matrix_that_may_change_is_compared_in_every_call_with_few_lines(tmp_path):
    text = HEAD + "for k in range(9):\n    B.data[3] += k == 5\n    u = spsolve(B, u + 1)\n"
    after = rewritten(text, tmp_path, patterns=True)
    assert 'factors_of_B(B).solve(u + 1, "T")' in after
    assert len(after.splitlines()) <= len(text.splitlines()) + 26
    agrees(text, after, tmp_path)


def test_factors_of_a_band_do_not_count_as_something_that_changes_arrays(tmp_path):
    text = DENSE + (
        "def force(t):\n    f = np.zeros(n)\n    f[-1] = np.sin(t)\n    return f\n"
        "def march(K, C, u):\n    for k in range(6):\n        u = np.linalg.solve(K, C @ u + force(k))\n"
        "    return u\n"
        "u = march(T, 0.1 * T + np.eye(n), u)\n"
    )
    after = candidates(text, tmp_path, "factorise-once", patterns="all")[0].patches[0].after
    assert "class BandFactors" in after
    later = candidates(after, tmp_path, "sparse-operator", patterns="all")
    assert any("C_sparse" in one.patches[0].after for one in later)
    agrees(text, later[-1].patches[0].after, tmp_path, rtol=1e-11)


def test_what_numba_compiles_is_left_to_its_own_solver(tmp_path, monkeypatch):
    monkeypatch.setattr("numba.config.DISABLE_JIT", True)  # it does not know a solver that is watched
    loop = "    for k in range(9):\n        u = np.linalg.solve(A, u)\n    return u\n"
    text = DENSE + f"import numba\ndef march(A, u):\n{loop}u = march(T, u)\n"
    assert candidates(text, tmp_path, "factorise-once")
    assert not candidates(text.replace("def march", "@numba.njit\ndef march"), tmp_path, "factorise-once")


SMALL_AND_LARGE = """
import numpy as np

class Panel:
    def __init__(self, n):
        self.A = 4.0 * np.eye(n) + np.ones((n, n)) / n

    def gradients(self, k):
        J = np.array([[2.0, 0.1], [0.3, 1.0]])
        return np.linalg.inv(J) @ np.array([1.0, k])

    def solve(self, b):
        return np.linalg.solve(self.A, b)

panel = Panel(60)
u = np.ones(60)
for k in range(8):
    g = panel.gradients(k)
    u = panel.solve(u + g[0])
"""


def test_matrices_of_a_few_numbers_are_solved_as_they_are(tmp_path):
    (only,) = {
        one.patches[0].after
        for one in candidates(SMALL_AND_LARGE, tmp_path, "factorise-once", patterns="all")
    }
    assert "np.linalg.inv(J) @ np.array([1.0, k])" in only
    assert "np.linalg.solve(self.A, b)" not in only


def test_what_was_not_looked_at_is_left_as_it_is(tmp_path):
    text = SMALL_AND_LARGE.replace("[[2.0, 0.1], [0.3, 1.0]]", "2.0 * np.eye(40)").replace(
        "np.array([1.0, k])", "np.full(40, k)"
    )
    project = observed(text, tmp_path, patterns="all")
    line = next(number for number, one in enumerate(text.splitlines(), 1) if "np.linalg.solve" in one)
    facts = tuple(row for row in project.observed if row.where.first == line)
    where = Span(file="script.py", first=line, last=line)
    hotspot = Hotspot(where=where, share=0.9, facts=facts)
    rule = next(one for one in detectors() if one.rule == "repeated-factorisation")
    backend = next(one for one in backends() if one.name == "factorise-once")
    (found,) = rule.detect(hotspot, project)
    for one in backend.propose(found, project):
        assert "np.linalg.inv(J) @ np.full(40, k)" in one.patches[0].after
        assert "np.linalg.solve(self.A, b)" not in one.patches[0].after
