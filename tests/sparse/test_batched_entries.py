"""Entries of sparse matrices are read for all turns at once, as single ones were."""

import numpy as np
import pytest
from rewriting import at_once, run

from pdeperf.sparse.batched_values import NotAtOnce

HEAD = """
import numpy as np
import scipy.sparse as sp
n = 9
A = sp.diags([-1.5, 2.0, 0.5], [-1, 0, 1], shape=(n, n + 2)).tocsr()
b, c = np.zeros(n), np.zeros(n, complex)
"""
LOOP = "for k in range(1, n - 1):  # LOOP\n    b[k] = 1.0 / A[k, k] + A[k, k - 1] * A[k - 1, -k]\n"
MATRICES = {
    "as it is": "A = A",
    "columns": "A = A.tocsc()",
    "lists": "A = A.tolil()",
    "a sparse array": "A = sp.csr_array(A)",
    "explicit zeros": "A.data[3:12] = 0.0",
    "duplicates": "A = sp.csr_matrix((A.data, A.indices % 4, A.indptr), A.shape)",
    "whole numbers": "A = (2 * A).astype(int)",
}
REFUSED = {
    "changed in the loop": "    A[k, k] = 4.0\n",
    "on a condition": "    if k > 2:\n        b[k] = A[k, k]\n",
    "a row": "    b[k] = A[k].sum()\n",
    "one column": "    b[k] = A[k, 0]\n",
}


@pytest.mark.parametrize("name", MATRICES)
def test_entries_are_what_single_ones_are(name, tmp_path):
    text = f"{HEAD}{MATRICES[name]}\n{LOOP}"
    after = at_once(text, tmp_path)
    assert "entries_at(A, k, k)" in after
    np.testing.assert_array_equal(run(text, tmp_path)[0]["b"], run(after, tmp_path)[0]["b"])


def test_complex_entries_stay_complex(tmp_path):
    text = HEAD + "A = A * (1 + 2j)\n" + LOOP.replace("b[k]", "c[k]")
    after = at_once(text, tmp_path)
    np.testing.assert_array_equal(run(text, tmp_path)[0]["c"], run(after, tmp_path)[0]["c"])


def test_entries_outside_are_outside(tmp_path):
    text = HEAD + LOOP.replace("A[k, k - 1]", "A[k, k + n - 5]").replace("n - 1)", "last)").replace(
        "for", "last = 5\nfor"
    )
    after = at_once(text, tmp_path)
    np.testing.assert_array_equal(run(text, tmp_path)[0]["b"], run(after, tmp_path)[0]["b"])
    for one in (text, after):
        with pytest.raises(IndexError):
            run(one.replace("last = 5", "last = 8"), tmp_path)


@pytest.mark.parametrize("name", REFUSED)
def test_other_uses_stay(name, tmp_path):
    text = HEAD + LOOP.replace("1.0 / A[k, k] + A[k, k - 1] * A[k - 1, -k]", "1.0") + REFUSED[name]
    with pytest.raises(NotAtOnce):
        at_once(text, tmp_path)
