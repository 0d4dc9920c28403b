"""Matrices that are only solved with, and filled near the diagonal, become bands; others stay as they are."""

import textwrap

import numpy as np
import pytest
import scipy.sparse as sp
import scipy.sparse.linalg as spla
from rewriting import candidates, observed, run

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Candidate
from pdeperf.sparse.band_text import BAND_MATRIX, SOLVED_BY_BAND
from pdeperf.sparse.banded import banded

NAMES = {"np": np, "sp": sp, "spla": spla}
exec((BAND_MATRIX + SOLVED_BY_BAND).replace("{numpy}", "np").replace("SOLVE(", "spla.spsolve("), NAMES)
BandMatrix, solved_by_band = NAMES["BandMatrix"], NAMES["solved_by_band"]

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


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("name", ["rows at the ends", "elements", "conditions", "counted from the end"])
def test_few_rows_give_the_same_results(n, name, tmp_path, recwarn):
    texts = GOOD[name], filled(GOOD[name], tmp_path)
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
    "read": script(extra="v = A @ u"),
    "printed": script(extra="print(A)"),
    "an entry is set later": script(extra="A[0, 0] = 3.0"),
    "kept in a list": script(extra="kept = [A]"),
    "data changed": script(extra="A.data *= 2"),
    "another time step's": script(extra="A = A + A"),
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
