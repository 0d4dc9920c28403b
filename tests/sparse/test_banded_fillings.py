"""Matrices that are only solved with, and filled near the diagonal, become bands; others stay as they are."""

import textwrap

import numpy as np
import pytest
import scipy.sparse as sp
import scipy.sparse.linalg as spla
from rewriting import candidates, observed, run

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Candidate
from pdeperf.sparse.band_text import (
    BAND_ARITHMETIC,
    BAND_MATRIX,
    BAND_OF_DIAGONALS,
    BAND_OF_SPDIAGS,
    SOLVED_BY_BAND,
)
from pdeperf.sparse.banded import banded

NAMES = {"np": np, "sp": sp, "spla": spla}
TEXT = BAND_MATRIX.rstrip("\n") + "\n" + BAND_ARITHMETIC + SOLVED_BY_BAND + BAND_OF_DIAGONALS
for old, new in (("{numpy}", "np"), ("{sparse}", "sp"), ("SOLVE(", "spla.spsolve("), ("DIAGS", "sp.diags")):
    TEXT = TEXT.replace(old, new)
exec(TEXT.replace("KIND", "csr_matrix"), NAMES)
exec(BAND_OF_SPDIAGS.replace("{numpy}", "np").replace("{sparse}", "sp").replace("KIND", "csr_matrix"), NAMES)
BandMatrix, solved_by_band = NAMES["BandMatrix"], NAMES["solved_by_band"]
band_of_diagonals = NAMES["band_of_diagonals"]

SCRIPT = """
import numpy as np
from scipy.sparse import csc_matrix, lil_matrix, dok_matrix
from scipy.sparse.linalg import spsolve

n = SIZE

def matrix(u):
    A = MAKE((n, n)MORE)
    for i in range(RANGE):
        BODY
    ENDS
    return RESULT

u = np.sin(np.arange(n) + 1.0)
for step in range(6):
    A = matrix(u)
    u = spsolve(A, u)
    EXTRA
"""
HEAT = """A[i, i - 1] = -1.0 - u[i] ** 2
A[i, i] = 7.0 + u[i]
A[i, i + 1] = -1.0 - u[i + 1] ** 2"""
ENDS = """A[0, 0] = 1.0
A[n - 1, n - 1] = 1.0"""


def script(
    body=HEAT,
    ends=ENDS,
    *,
    size=40,
    make="lil_matrix",
    where="1, n - 1",
    more="",
    result="A.tocsr()",
    extra="",
):
    parts = {
        "SIZE": str(size),
        "MAKE": make,
        "RANGE": where,
        "MORE": more,
        "RESULT": result,
    }
    text = SCRIPT
    for name, part in (("        BODY", body), ("    ENDS", ends), ("    EXTRA", extra)):
        text = text.replace(name, textwrap.indent(part, name[: len(name) - len(name.lstrip())]))
    for name, part in parts.items():
        text = text.replace(name, part)
    return text


def assembled(text, folder):
    return candidates(text, folder, "coo-assembly")[0].patches[0].after


def filled(text, folder):
    """The text with its bands filled; empty if there are none."""
    project = observed(assembled(text, folder), folder)
    found = banded(Meaning(project), project["script.py"])
    return found.text if found is not None else ""


GOOD = {
    "rows at the ends": script(),
    "columns of five": script(
        HEAT + "\nA[i, i - 2] = 0.1\nA[i, i + 2] = 0.2 * u[i]",
        ENDS + "\nA[1, 1] = A[-2, -2] = 3.0",
        where="2, n - 2",
    ),
    "added": script(HEAT.replace("] =", "] +="), ENDS.replace("] =", "] +=")),
    "elements": script(
        "k = 1 + u[i] ** 2\nA[i, i] += k\nA[i, i + 1] -= k\nA[i + 1, i] -= k\nA[i + 1, i + 1] += k + 0.1",
        "A[0, :] = 0\nA[0, 0] = 1\nA[n - 1, :] = 0\nA[-1, -1] = 1.0",
        where="n - 1",
    ),
    "a column cleared": script(HEAT, "A[:, 0] = 0\nA[0, 0] = 2.0\nA[-1, -1] = 1.0"),
    "conditions": script(
        "if i > 0:\n    A[i, i - 1] = -1.0 - u[i]\nA[i, i] = 4.0 + u[i]\n"
        "if i < n - 1:\n    A[i, i + 1] = -u[i]",
        "",
        where="n",
    ),
    "conditions with both cases": script(
        "if u[i] > 0:\n    A[i, i - 1] = -u[i]\n    A[i, i] = 1 + u[i]\n"
        "else:\n    A[i, i + 1] = u[i]\n    A[i, i] = 1 - u[i]"
    ),
    "set again": script(HEAT + "\nA[i, i] = 5.0 + u[i]", ENDS + "\nA[3, 3] = 7.0"),
    "names for indices": script("e = i + 1\nw = i - 1\nA[i, w] = -1.0\nA[i, e] = -1.0 * u[e]\nA[i, i] = 4.0"),
    "counted from the end": script(HEAT, "A[0, 0] = 1\nA[-1, -1] = 1\nA[-1, -2] = u[3]"),
    "a dictionary of keys": script(make="dok_matrix", result="A.tocsc()"),
    "columns": script(result="csc_matrix(A)"),
    "complex": script(
        HEAT.replace("= 7.0", "= 7.0 + 1j"), more=", dtype=complex", extra="u = u / abs(u).max()"
    ).replace("+ 1.0)", "+ 1.0) + 0j"),
    "singular": script(HEAT, "A[0, 0] = 1.0"),
    "another name": script(extra="B = A\nv = spsolve(B, u)"),
    "multiplied": script(extra="v = A @ u\nw = A.dot(v) + u @ A"),
    "added up": script(extra="A = A + 0.1 * A / 2\nv = spsolve(A, u)"),
    "rows of two ranges": script(HEAT, ENDS + "\nfor j in range(3, 5):\n    A[j, j - 1] = 0.5"),
}


@pytest.mark.parametrize("name", GOOD)
def test_bands_give_the_same_results(name, tmp_path, recwarn):
    after = filled(GOOD[name], tmp_path)
    assert "set" in after and "csr_matrix((" not in after
    before, expected = run(GOOD[name], tmp_path)
    now, found = run(after, tmp_path)
    assert found == expected
    np.testing.assert_allclose(now["u"], before["u"], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["rows at the ends", "elements", "conditions", "counted from the end"])
def test_few_rows_give_the_same_results(name, tmp_path, recwarn):
    texts = GOOD[name], filled(GOOD[name], tmp_path)
    for n in range(5):
        found = []
        for text in texts:
            try:
                found.append(run(text.replace("n = 40", f"n = {n}"), tmp_path)[0]["u"])
            except (IndexError, ValueError) as problem:
                found.append(type(problem))
        assert type(found[0]) is type(found[1])
        if isinstance(found[0], np.ndarray):
            np.testing.assert_allclose(found[1], found[0])


BAD = {
    "an entry is read": script(extra="v = A[0, 0]"),
    "printed": script(extra="print(A)"),
    "an entry is set later": script(extra="A[0, 0] = 3.0"),
    "kept in a list": script(extra="kept = [A]"),
    "data changed": script(extra="A.data *= 2"),
    "something else of the same name": script(extra="A = 1.0"),
    "its sum is read": script(extra="B = A + A\nprint(B.sum())"),
    "what one turn sets another sets again": script(HEAT + "\nA[i + 1, i + 1] = 6.0"),
    "periodic": script(HEAT, ENDS + "\nA[0, n - 1] = -0.5"),
    "periodic from the end": script(HEAT, ENDS + "\nA[0, -1] = -0.5"),
    "wide": script(HEAT + "\nA[i, i - 5] = 0.1", where="5, n - 1"),
    "rows of a table": script(HEAT.replace("A[i,", "A[order[i],")).replace(
        "def ", "order = np.arange(n)\n\ndef "
    ),
    "called elsewhere too": script(extra="w = matrix(u).toarray()"),
    "given as a function": script(extra="f = matrix"),
    "given to a library": script(extra="w = abs(A)"),
    "global": script(extra="seen()").replace("def ", "def seen():\n    global A\n\ndef ", 1),
    "solved otherwise": script().replace("spsolve(A, u)", "spsolve(A, u, permc_spec='NATURAL')"),
}


@pytest.mark.parametrize("name", BAD)
def test_matrices_that_are_more_than_solved_with_stay(name, tmp_path):
    assert filled(BAD[name], tmp_path) == ""


def test_it_is_proposed_where_narrow_bands_are_solved(tmp_path):
    text = assembled(script(), tmp_path)
    found = [
        one
        for one in candidates(text, tmp_path, "banded-solve", patterns="all")
        if isinstance(one, Candidate)
    ]
    assert found[0].title.startswith("fill the band of `A`") and len(found) == 2
    assert {"A", "matrix():A", "matrix():A_stores"} <= set(found[0].forgets)
    assert "def placed" not in found[0].patches[0].after


@pytest.mark.parametrize("n", [1, 2, 3, 4, 7, 30])
@pytest.mark.parametrize("kind", [float, complex])
@pytest.mark.parametrize("adds", [False, True])
def test_entries_are_set_as_in_a_sparse_matrix(n, kind, adds, recwarn):
    random = np.random.default_rng(8400000 + n)
    for _ in range(40):
        band, plain = BandMatrix(np.zeros((3, n), kind), sp.csr_matrix), np.zeros((n, n), kind)
        for _ in range(random.integers(1, 6)):
            k, first, last = (int(one) for one in random.integers([-1, -2, -1], [2, n + 1, n + 2]))
            values = random.standard_normal(max(last - first, 0))
            where = True if random.random() < 0.5 else values > 0
            rows = np.arange(first, last)
            try:
                for row, value, taken in zip(rows, values, np.broadcast_to(where, rows.shape), strict=True):
                    if taken:
                        plain[row, row + k] = value + plain[row, row + k] * adds
            except IndexError:
                with pytest.raises(IndexError):
                    band.set_diagonal(k, first, last, values, where, adds)
                break
            band.set_diagonal(k, first, last, values, where, adds)
        else:
            row, column = (int(one) for one in random.integers(-n, n, 2))
            band.clear_row(row)
            band.clear_column(column)
            plain[row], plain[:, column] = 0, 0
            np.testing.assert_array_equal(band.tocsr().toarray(), plain)
            plain += np.eye(n) * 5
            for i in range(n):
                band.set(i, i, 5, adds=True)
            b = random.standard_normal(n)
            np.testing.assert_allclose(solved_by_band(band, b), np.linalg.solve(plain, b), atol=1e-9)


def test_other_right_sides_are_left_to_spsolve(recwarn):
    band = BandMatrix(np.ones((3, 5)), sp.csr_matrix)
    band.diagonals[1] = 4.0
    for b in (
        np.arange(5),
        np.ones((5, 2)),
        np.ones((5, 1)),
        [1.0] * 5,
        np.ones(5, np.float32),
        np.ones(5) * 1j,
    ):
        expected, found = spla.spsolve(band.tocsr(), b), solved_by_band(band, b)
        assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
        np.testing.assert_allclose(found, expected, atol=1e-12)
    assert (solved_by_band(sp.csr_matrix(np.eye(3)), np.ones(3)) == 1).all()


def test_what_stands_in_no_entry_is_no_entry():
    band = BandMatrix(np.full((3, 3), np.nan), sp.csr_matrix)
    assert band.tocsr().nnz == 7


def test_dense_matrices_of_scripts_without_functions_become_bands(tmp_path):
    text = """
import numpy as np

n = 120
u = np.sin(np.arange(n) * 0.1)
for step in range(6):
    J = np.zeros((n, n))
    J[0, 0] = 1.0
    J[n - 1, n - 1] = 1.0
    for i in range(1, n - 1):
        J[i, i - 1] = -1.0 - u[i]
        J[i, i] = 5.0 + u[i] ** 2
        J[i, i + 1] = -u[i + 1]
    u = np.linalg.solve(J, u)
"""
    found = candidates(text, tmp_path, "banded-solve", patterns="all")
    after = found[0].patches[0].after
    assert "    J.set(0, 0, 1.0)" in after and "u = solved_by_band(J, u)" in after
    assert "J" in found[0].forgets
    np.testing.assert_allclose(
        run(after, tmp_path)[0]["u"], run(text, tmp_path)[0]["u"], rtol=1e-11, atol=1e-16
    )


@pytest.mark.parametrize("result, taken, gone", [("J", "J", ""), ("J, -u", "J, r", "[0]")])
def test_what_a_function_gives_is_a_band_from_now_on(tmp_path, result, taken, gone):
    text = f"""
import numpy as np

n = 120
u = np.sin(np.arange(n) * 0.1)

def jacobian(u):
    J = np.zeros((n, n))
    J[0, 0] = 1.0
    J[n - 1, n - 1] = 1.0
    for i in range(1, n - 1):
        J[i, i - 1] = -1.0 - u[i]
        J[i, i] = 5.0 + u[i] ** 2
        J[i, i + 1] = -u[i + 1]
    return {result}

for step in range(6):
    {taken} = jacobian(u)
    u = np.linalg.solve(J, u)
"""
    found = candidates(text, tmp_path, "banded-solve", patterns="all")
    assert "BandMatrix" in found[0].patches[0].after
    assert f"jacobian():return{gone}" in found[0].forgets


DIAGONAL = """
import numpy as np

n = 120


def newton(c, n):
    u = np.zeros(n)
    for k in range(5):
        F = np.zeros(n)
        F[1:-1] = u[2:] - 2.5 * u[1:-1] + u[:-2]
        F += c * np.cos(u)
        main = -2.5 - c * np.sin(u)
        off = np.ones(n - 1)
        J = np.diag(main) + np.diag(off, 1) + np.diag(off, -1)
        du = np.linalg.solve(J, -F)
        u = u + du
    return u


u = newton(0.5, n)
"""


def test_sums_of_dense_diagonals_are_bands(tmp_path):
    found = candidates(DIAGONAL, tmp_path, "banded-solve", patterns="all")
    after = found[0].patches[0].after
    assert "J = band_of_diagonals([main, off, off], offsets=[0, 1, -1])" in after
    assert found[0].title == "fill the band of `J` and solve by its factors"
    assert "newton():J" in found[0].forgets
    for size in ("n = 120", "n = 3", "n = 2"):
        before, now = (run(one.replace("n = 120", size), tmp_path)[0]["u"] for one in (DIAGONAL, after))
        np.testing.assert_allclose(now, before, rtol=1e-10, atol=1e-14)
    for size in ("n = 121", "n = 3"):  # singular
        with pytest.raises(np.linalg.LinAlgError):
            run(after.replace("n = 120", size).replace("main = -2.5 - c", "main = 0 * c"), tmp_path)


@pytest.mark.parametrize(
    "more",
    ("F = J @ F", "print(J)", "J[0, 0] = 1.0", "G = np.linalg.inv(J)", "J = J + np.diag(F)"),
)
def test_dense_diagonals_that_serve_more_than_to_solve_stay_dense(tmp_path, more):
    text = DIAGONAL.replace("        du =", f"        {more}\n        du =")
    found = candidates(text, tmp_path, "banded-solve", patterns="all")
    for one in found:
        assert "band_of_diagonals" not in one.patches[0].after or more.startswith("J = J")
        before, now = run(text, tmp_path)[0]["u"], run(one.patches[0].after, tmp_path)[0]["u"]
        np.testing.assert_allclose(now, before, rtol=1e-9, atol=1e-14)


E, D, N = np.linspace(-1.0, 1.0, 29), np.linspace(3.0, 4.0, 30), 30
DIAGONALS = {
    "three": (([E, D, E], [-1, 0, 1]), {}),
    "numbers": (([-1.0, 4, 1.0], [-1, 0, 1]), {"shape": (N, N)}),
    "in a tuple": (((E[:-1], D), (2, 0)), {"format": "csc"}),
    "one": ((D, 0), {}),
    "shape third": (([1.5, D], [1, 0], (N, N)), {}),
    "complex": (([E * 1j, D], [1, 0]), {}),
}
OTHERS = {
    "integers": (([3, 1], [0, 1]), {"shape": (N, N)}),
    "arrays of integers": (([np.arange(1, 31)], [0]), {}),
    "wide": (([D, E[:23]], [0, 7]), {}),
    "no square": (([D, D], [0, 1]), {"shape": (30, 31)}),
    "a list": (([list(D)], [0]), {}),
    "one number for all": (([np.array([2.0])], [0]), {"shape": (N, N)}),
    "another type": (([D], [0]), {"dtype": complex}),
    "offsets in an array": (([D], np.array([0])), {}),
    "few rows": (([D[:3]], [0]), {}),
}


@pytest.mark.parametrize("name", DIAGONALS)
def test_diagonals_become_a_band(name):
    given, options = DIAGONALS[name]
    band = band_of_diagonals(*given, **options)
    expected = sp.diags(*given, **options).toarray()
    assert type(band) is BandMatrix
    assert band.tocsr().dtype == expected.dtype
    np.testing.assert_array_equal(band.tocsr().toarray(), expected)


@pytest.mark.parametrize("name", OTHERS)
def test_other_diagonals_are_left_to_scipy(name):
    given, options = OTHERS[name]
    found, expected = band_of_diagonals(*given, **options), sp.diags(*given, **options)
    assert (type(found), found.shape, found.dtype) == (type(expected), expected.shape, expected.dtype)
    np.testing.assert_array_equal(found.toarray(), expected.toarray())


def test_too_many_of_one_diagonal_are_refused_as_before():
    for given in (([E, E], [1, 1]), ([D], [0, 1]), ([D[:5]], [1])):
        with pytest.raises(ValueError):
            sp.diags(*given, shape=(N, N))
        with pytest.raises(ValueError):
            band_of_diagonals(*given, shape=(N, N))


W = np.arange(30.0) + 1
BY_COLUMNS = {
    "three": (([W, -W, 2 * W], [-1, 0, 1], N, N), True),
    "an array": ((np.array([W, W * 1j]), np.array([2, -4]), N, N), True),
    "one": ((W, 0, N, N), True),
    "one in a list": (([W], [3], N, N), True),
    "numbers": (([[1.0] * N], [0], N, N), True),
    "longer": (([np.arange(35.0)], [1], N, N), False),
    "shorter": (([W[:20]], [1], N, N), False),
    "no square": (([W], [1], N, N + 1), False),
    "wide": (([W], [8], N, N), False),
    "integers": (([np.arange(30)], [0], N, N), False),
    "few rows": (([W[:3]], [0], 3, 3), False),
}


@pytest.mark.parametrize("name", BY_COLUMNS)
def test_diagonals_that_begin_with_the_columns_become_a_band(name):
    given, is_band = BY_COLUMNS[name]
    found, expected = NAMES["band_of_spdiags"](*given), sp.spdiags(*given)
    assert (type(found) is BandMatrix) == is_band and dense(found).dtype == expected.dtype
    np.testing.assert_array_equal(dense(found), expected.toarray())


def test_a_diagonal_of_given_twice_is_refused_as_before():
    for make in (sp.spdiags, NAMES["band_of_spdiags"]):
        with pytest.raises(ValueError):
            make([W, W], [0, 0], N, N)


RANDOM = np.random.default_rng(8410000)
OPERANDS = {
    "a band": lambda: band_of_diagonals([E, D[:28]], [-1, 2]),
    "a wider band": lambda: band_of_diagonals([E[:26], D], [-4, 0]),
    "a diagonal": lambda: band_of_diagonals(D, 0),
    "a complex diagonal": lambda: band_of_diagonals(D * 1j, 0),
    "a complex band": lambda: band_of_diagonals([E, D * 1j], [1, 0]),
    "diagonals": lambda: sp.diags([E, D], [-1, 0]),
    "rows": lambda: sp.diags([E[:27], D], [3, 0]).tocsr(),
    "wide": lambda: sp.diags([E[:22], D], [7, 0]).tocsc(),
    "single precision": lambda: sp.identity(N, dtype=np.float32),
    "entries that stand twice": lambda: sp.coo_matrix(([1.0, 2.0], ([3, 3], [4, 4])), shape=(N, N)),
    "an integer": lambda: 3,
    "a number": lambda: np.float64(0.3),
    "a complex number": lambda: 2 - 1j,
    "a vector": lambda: RANDOM.standard_normal(N),
    "a complex vector": lambda: RANDOM.standard_normal(N) * 1j,
    "a vector of integers": lambda: np.arange(N),
    "infinite": lambda: np.where(np.arange(N) == 9, np.inf, 1.0),
    "columns": lambda: RANDOM.standard_normal((N, 2)),
    "a matrix": lambda: RANDOM.standard_normal((N, N)),
}
OPERATORS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "@": lambda a, b: a @ b,
    "/": lambda a, b: a / b,
    "dot": lambda a, b: a.dot(b),
    "-a": lambda a, b: -a,
}


def dense(value):
    if type(value) is BandMatrix:
        value = value.tocsr()
    return value.toarray() if sp.issparse(value) else np.asarray(value)


def plain(value):
    return value.tocsr() if type(value) is BandMatrix else value


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("name", OPERANDS)
@pytest.mark.filterwarnings("ignore")
def test_bands_compute_as_sparse_matrices_do(name, operator):
    compute = OPERATORS[operator]
    band, other = band_of_diagonals([E, D, E[::-1]], [-1, 0, 1]), OPERANDS[name]()
    one = band_of_diagonals(D[::-1], 0)
    ways = ((band, other), (one, other), (other, band), (other, one))
    ways = ways if operator in "+-*@" else ways[:2]
    for pair in ways if operator != "/" or np.isscalar(other) else ():
        try:
            expected = compute(*map(plain, pair))
        except (TypeError, ValueError, NotImplementedError, AttributeError):
            continue
        found = compute(*pair)
        assert dense(found).dtype == dense(expected).dtype
        np.testing.assert_allclose(dense(found), dense(expected), rtol=1e-13, atol=1e-13)


STEPS = """
import numpy as np
from scipy.sparse import csc_matrix, diags, eye, identity
from scipy.sparse.linalg import spsolve

n, dt = 40, 1e-3
SIZES = {'n': n}

def operator(k):
    face = 0.5 * (k[1:] + k[:-1])
    main = np.zeros(n)
    main[:-1] -= face
    main[1:] -= face
    return diags([face, main, face], [-1, 0, 1])

I = identity(n)
u = np.sin(np.arange(n) + 1.0)
for step in range(8):
    L = operator(1 + u ** 2)
    SOLVE
"""
SOLVES = {
    "implicit": "u = spsolve(csc_matrix(I - dt * L), u)",
    "in halves": "u = spsolve((I - dt / 2 * L).tocsc(), (I + dt / 2 * L) @ u)",
    "with a name": "A = I - dt * L\n    A = A.tocsr()\n    u = spsolve(A, u)",
    "in place": "A = eye(n)\n    A += -dt * L\n    u = spsolve(A.tocsc(), u)",
    "a unit by a computed size": "A = identity(2 * SIZES['n'] - len(u)) - L\n    u = spsolve(A, u)",
    "in one of eight steps": (
        "A = (I - dt * L).tocsr()\n    if step == 3:\n"
        "        A = (I - 2 * dt * L).tocsr()\n    u = spsolve(A, u)"
    ),
    "multiplied by arrays": "u = spsolve((I - dt * L).tocsc(), (I + dt * L).dot(u))",
}


@pytest.mark.parametrize("name", SOLVES)
def test_matrices_of_diagonals_are_solved_with_as_bands(name, tmp_path, recwarn):
    text = STEPS.replace("SOLVE", SOLVES[name])
    found = candidates(text, tmp_path, "banded-solve", patterns="all")
    after = found[0].patches[0].after
    assert "    return band_of_diagonals([face" in after and ".tocs" not in after.partition("n, dt")[2]
    before, now = run(text, tmp_path)[0], run(after, tmp_path)[0]
    np.testing.assert_allclose(now["u"], before["u"], rtol=1e-11, atol=1e-14)
    assert isinstance(now["L"], now["BandMatrix"]) and "= identity(2" not in after


READ = {
    "the sum is kept": "A = I - dt * L\n    kept = {1: A}\n    u = spsolve(A, u)",
    "transposed": "A = (I - dt * L).T\n    u = spsolve(A, u)",
    "an entry is set": "L = L.tolil()\n    L[0, 0] = 1.0\n    u = spsolve(I - L, u)",
    "a product with a vector": "v = L * u\n    v[0] = 1.0\n    u = spsolve(I - L, v)",
    "the trace": "u = spsolve(I - dt * L, u / L.trace())",
    "a block": "from scipy.sparse import bmat\n    B = bmat([[L]])\n    u = spsolve(I - dt * L, u)",
    "an attribute": "operator.last = L\n    u = spsolve(I - dt * L, u)",
    "compared": "same = (L != L)\n    u = spsolve(I - dt * L, u)",
}


@pytest.mark.parametrize("name", READ)
def test_diagonals_that_are_read_otherwise_stay(name, tmp_path):
    project = observed(STEPS.replace("SOLVE", READ[name]), tmp_path)
    found = banded(Meaning(project), project["script.py"])
    assert found is None or "    return diags([face" in found.text


def test_the_same_matrix_made_again_in_each_step_is_filled_too(tmp_path):
    text = STEPS.replace("operator(1 + u ** 2)", "operator(np.ones(n))").replace("SOLVE", SOLVES["implicit"])
    (found,) = candidates(text, tmp_path, "banded-solve", patterns="all")
    assert "band_of_diagonals(" in found.patches[0].after
    once = text.replace("    L = operator(np.ones(n))\n", "").replace(
        "for step", "L = operator(np.ones(n))\nfor step"
    )
    once = once.replace("    u = spsolve(csc_matrix(I - dt * L), u)", "    u = spsolve(A, u)")
    once = once.replace("for step", "A = csc_matrix(I - dt * L)\nfor step")
    assert not candidates(once, tmp_path, "banded-solve", patterns="all")
