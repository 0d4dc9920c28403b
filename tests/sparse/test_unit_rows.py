"""Rows that a script clears but for their diagonal are the same when that is done at once."""

import numpy as np
import pytest
from rewriting import candidates, run

HEAD = """
import numpy as np
import scipy.sparse as sp
n = 9
K = sp.diags([-np.ones(n - 1), 2 * np.ones(n), np.ones(n - 1)], [-1, 0, 1], format="csr")
edge = [0, n - 1, 4, 4]
b = np.ones(n)
"""
CLEARED = {
    "of another matrix": "A = K.tolil()\nfor k in edge:\n    A[k, :] = 0\n    A[k, k] = 1\nA = A.tocsr()\n",
    "of the matrix itself": (
        "A = K\nA = A.tolil()\nfor k in edge:\n    A[k, :] = 0; A[k, k] = 1.0\nA = A.tocsc()\n"
    ),
    "negative, and another value": (
        "A = (K + 0.5 * K.T).tolil()\nfor k in range(-3, 0):\n"
        "    A[k, :] = 0\n    A[k, k] = 2.5\nA = A.tocsr()\n"
    ),
    "with a right side": (
        "A = (2 * K).tolil()\nfor k in edge:\n    A[k, :] = 0\n    A[k, k] = 1\n    b[k] = 7\nA = A.tocsr()\n"
    ),
    "under conditions, in two loops": (
        "A = K.tolil()\nfor i in range(n):\n    if i % 2:\n"
        "        k = i\n        A[k, :] = 0\n        A[k, k] = 1\n"
        "for k in edge:\n    A[k, :] = 0\n    A[k, k] = 1\nA = A.tocsr()\n"
    ),
    "after what a loop fills": (
        "A = sp.lil_matrix((n, n))\nfor i in range(n):\n    A[i, i] += 3\n    A[i, n - 1 - i] += 2\n"
        "for k in edge:\n    A[k, :] = 0\n    A[k, k] = 1\nA = A.tocsr()\n"
    ),
    "what counts is asked for": (
        "A = K.tolil()\nfor k in edge:\n    A[k, :] = 0\n    A[k, k] = 1\nb[k] = 3\nA = A.tocsr()\n"
    ),
    "of an array": (
        "A = sp.csr_array(K).tolil()\nfor k in edge:\n    A[k, :] = 0\n    A[k, k] = 1\nA = A.tocsr()\n"
    ),
}
COLUMNS_TOO = {
    "of another matrix": (
        "A = K.tolil()\nfor k in edge:\n    A[k, :] = 0\n    A[:, k] = 0\n    A[k, k] = 1\nA = A.tocsr()\n"
    ),
    "columns first, with a right side": (
        "A = K.tolil()\nfor k in edge:\n    A[:, k] = 0.0\n    A[k, :] = 0.0\n    A[k, k] = 1.0\n"
        "    b[k] = 7\n"
        "A = A.tocsc()\n"
    ),
    "negative, after what a loop fills": (
        "A = sp.lil_matrix((n, n))\nfor i in range(n):\n    A[i, i] += 3\n    A[i, n - 1 - i] += 2\n"
        "for k in range(-3, 0):\n    A[k, :] = 0\n    A[:, k] = 0\n    A[k, k] = 2\nA = A.tocsr()\n"
    ),
}
OTHERS = {
    "columns of some rows alone": (
        "A = K.tolil()\nfor k in edge:\n    A[k, :] = 0\n    A[:, k] = 0\n    A[k, k] = 1\n"
        "for k in (2, 3):\n    A[k, :] = 0\n    A[k, k] = 1\nA = A.tocsr()\n"
    ),
    "columns of others": (
        "A = K.tolil()\nfor k in edge:\n    A[k, :] = 0\n    A[:, k - 1] = 0\n    A[k, k] = 1\n"
        "A = A.tocsr()\n"
    ),
    "a matrix that is not square": (
        "A = sp.lil_matrix((n, n + 2))\nfor i in range(n):\n    A[i, i] += 3\n    A[i, i + 2] += 2\n"
        "for k in range(-3, 0):\n    A[k, :] = 0\n    A[:, k] = 0\n    A[k, k] = 2\nA = A.tocsr()\n"
    ),
    "more is stored later": (
        "A = K.tolil()\nfor k in edge:\n    A[k, :] = 0\n    A[k, k] = 1\n    A[k, 2] = 1\nA = A.tocsr()\n"
    ),
    "the diagonal of another row": (
        "A = K.tolil()\nfor k in edge:\n    A[k, :] = 0\n    A[k - 1, k - 1] = 1\nA = A.tocsr()\n"
    ),
    "a value that differs": (
        "A = K.tolil()\nfor k in edge:\n    A[k, :] = 0\n    A[k, k] = k + 1\nA = A.tocsr()\n"
    ),
}


def assembled(text, folder):
    after = candidates(text, folder, "coo-assembly")[0].patches[0].after
    (before, _), (now, _) = run(text, folder), run(after, folder)
    assert type(before["A"]) is type(now["A"])
    for part in ("indptr", "indices", "data"):
        np.testing.assert_array_equal(getattr(before["A"], part), getattr(now["A"], part))
    assert before["b"].tolist() == now["b"].tolist()
    return after


@pytest.mark.parametrize("name", CLEARED)
def test_rows_that_are_cleared_last_are_cleared_at_once(name, tmp_path):
    after = assembled(HEAD + CLEARED[name], tmp_path)
    assert "A = with_unit_rows(A, " in after
    assert "def assembled" not in after


@pytest.mark.parametrize("name", COLUMNS_TOO)
def test_columns_that_are_cleared_with_the_rows_are_too(name, tmp_path):
    assert "A = with_unit_rows_and_columns(A, " in assembled(HEAD + COLUMNS_TOO[name], tmp_path)


@pytest.mark.parametrize("name", OTHERS)
def test_other_stores_keep_their_order(name, tmp_path):
    assert "with_unit_rows" not in assembled(HEAD + OTHERS[name], tmp_path)
