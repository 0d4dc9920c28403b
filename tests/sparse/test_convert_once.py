"""A matrix that is converted once gives what it gave converted in every turn."""

import numpy as np
import pytest
from rewriting import candidates, run

HEAD = """
import numpy as np
import scipy.sparse as sp
n = 12
rng = np.random.default_rng(1)
A = sp.random(n, n, density=0.4, format="csr", random_state=2)
C = A.tocoo()
u = rng.standard_normal(n)
s = []
"""
ONCE = {
    "a product": "for k in range(4):\n    u = u + 0.1 * (C.tocsr() @ u)\n",
    "the transpose": "for k in range(4):\n    u = u + 0.1 * C.T.tocsr().dot(u)\n",
    "columns": "for k in range(n):\n    s.append(A[:, k].toarray().sum())\n",
    "columns, changed afterwards": (
        "for k in range(n):\n    v = A[:, k].toarray().ravel()\n    v[0] += 1\n    s.append(v.sum())\n"
    ),
    "several columns": "for k in range(n - 2):\n    s.append(float(A[:, k:k + 2].sum()))\n",
    "a column by a name": (
        "for k in range(n):\n    c = A[:, k]\n"
        "    s.append(float(c.sum() + abs(c).max() + c.power(2).sum()))\n"
    ),
    "a column's product": (
        "for k in range(n):\n    s.append(float((A[:, k].T @ u)[0] + A.getcol(k).T.dot(u)[0]))\n"
    ),
    "rows of columns": (
        "B = A.tocsc()\nfor k in range(n):\n    r = B[k, :]\n"
        "    s.append(float((r @ u)[0] + r.max() + B[k, 1:].sum()))\n"
    ),
    "to dense": "for k in range(4):\n    u = u + 0.1 * (C.toarray() @ u)\n",
    "in a function": (
        "def march(M, u):\n    for k in range(4):\n        u = u + M.tocsr() @ u\n    return u\n"
        "u = march(C, u)\n"
    ),
    "rows": "for k in range(n):\n    s.append(float(C.tocsr()[k].sum()))\n",
}
LEFT = {
    "the order of a column's entries": "for k in range(n - 1):\n    s.append(list(A[:, k:k + 2].data))\n",
    "a column that is kept": "for k in range(n):\n    c = A[:, k]\n    s.append(c.sum())\nlast = c.indices\n",
    "a column put away": "t = []\nfor k in range(n):\n    c = A[:, k]\n    t.append(c)\n",
    "one of two columns": "for k in range(n):\n    c = A[:, k]\n    c = c * 2\n    s.append(c.sum())\n",
    "a sparse product": "for k in range(n):\n    D = A[:, k] @ A[k, :]\n    s.append(D.indices.sum())\n",
    "a sparse dot": "for k in range(n):\n    D = A[:, k].dot(A[k, :])\n    s.append(D.indices.sum())\n",
    "an abs of one's own": (
        "def abs(c):\n    return c.indices\nfor k in range(n):\n    s.append(abs(A[:, k]).sum())\n"
    ),
    "entries are changed": "for k in range(4):\n    A[k, 0] = k\n    u = u + 0.1 * (A.tocsc() @ u)\n",
    "data is changed in a branch": (
        "for k in range(4):\n    if k == 2:\n        C.data *= 2\n    u = u + 0.1 * (C.tocsr() @ u)\n"
    ),
    "changed by an alias": "M = A\nfor k in range(4):\n    M[k, k] = 3\n    u = u + 0.1 * (A.tocsc() @ u)\n",
    "changed in a function": (
        "def change(M, k):\n    M[k, k] = 3\nfor k in range(4):\n    change(A, k)\n"
        "    u = u + 0.1 * (A.tocsc() @ u)\n"
    ),
    "bound anew": "for k in range(4):\n    u = u + 0.1 * (A.tocsc() @ u)\n    A = A * 1.5\n",
    "the result is kept": "for k in range(4):\n    D = C.toarray()\n    D[k, k] += 1\n    u = D @ u\n",
    "a view of the result is kept": (
        "for k in range(4):\n    d = C.toarray().ravel()\n    d[k] += 1\n    s.append(d.sum())\n"
    ),
    "a row of the result is kept": (
        "for k in range(4):\n    d = C.toarray()[k]\n    d[k] += 1\n    s.append(C.toarray()[k] + d)\n"
    ),
    "a column is the array's own": "for k in range(4):\n    A.toarray()[:, k] += 1\n",
}


@pytest.mark.parametrize("name", ONCE)
def test_what_stays_is_converted_once(name, tmp_path):
    text = HEAD + ONCE[name]
    (found,) = {one.patches[0].after for one in candidates(text, tmp_path, "convert-once")}
    before, _ = run(text, tmp_path)
    later, _ = run(found, tmp_path)
    np.testing.assert_allclose(later["u"], before["u"], rtol=1e-14)
    np.testing.assert_allclose(later["s"], before["s"], rtol=1e-14)


@pytest.mark.parametrize("name", LEFT)
def test_what_changes_is_converted_in_every_turn(name, tmp_path):
    assert not candidates(HEAD + LEFT[name], tmp_path, "convert-once")
