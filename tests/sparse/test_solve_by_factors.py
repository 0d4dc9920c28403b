"""Products with inverses agree with solves, and an inverse that is used otherwise stays."""

import numpy as np
import pytest
from rewriting import candidates, run

HEAD = """
import numpy as np
import scipy.linalg as la
n = 40
rng = np.random.default_rng(1)
T = 2.5 * np.eye(n) - np.eye(n, k=1) - 0.9 * np.eye(n, k=-1)
F = rng.standard_normal((n, n)) + 4 * np.eye(n)
u = rng.standard_normal(n)
"""
LOOP = "for k in range(4):\n    "
REPLACED = {
    "a band": "V = np.linalg.inv(T)\n" + LOOP + "u = V @ (F @ u) / 9\n",
    "full": "V = la.inv(F)\n" + LOOP + "u = V.dot(u + 1)\n",
    "np.dot": "V = np.linalg.inv(T)\n" + LOOP + "u = np.dot(V, np.dot(T, u)) + V @ u\n",
    "its matrix changes later": "V = np.linalg.inv(T)\n" + LOOP + "T[k, k] = 9\n    u = V @ u\n",
    "integers": "V = np.linalg.inv((10 * T).astype(int))\n" + LOOP + "u = V @ u\n",
    "complex": "V = np.linalg.inv(T + 1j * np.eye(n))\n" + LOOP + "u = V @ u\n",
    "several columns": "V = np.linalg.inv(T)\nu = np.outer(u, u[:3])\n" + LOOP + "u = V @ u\n",
    "in a function": (
        "def march(A, u):\n    V = np.linalg.inv(A)\n"
        "    for k in range(4):\n        u = V @ u\n    return u\n"
        "u = march(T, u) + march(F, u)\n"
    ),
    "a global in a function": "V = np.linalg.inv(T)\ndef f(u):\n    return V @ u\n" + LOOP + "u = f(u)\n",
    "made anew in a loop": LOOP + "T[0, 0] += 1\n    V = np.linalg.inv(T)\n    u = V @ u + V @ (u + 1)\n",
}
LEFT = {
    "its entries are read": "V = np.linalg.inv(T)\n" + LOOP + "u = V @ u * V[0, 0]\n",
    "it is changed": "V = np.linalg.inv(T)\n" + LOOP + "V[k, k] += 1\n    u = V @ u\n",
    "it has another name": "V = np.linalg.inv(T)\nW = V\n" + LOOP + "u = V @ u + W @ u\n",
    "it is given away": "V = np.linalg.inv(T)\ndef f(M, u):\n    return M @ u\n" + LOOP + "u = f(V, u)\n",
    "it is multiplied from the left": "V = np.linalg.inv(T)\n" + LOOP + "u = u @ V\n",
    "it is made in two ways": (
        "V = np.linalg.inv(T)\n" + LOOP + "if k == 2:\n        V = np.eye(n)\n    u = V @ u\n"
    ),
    "it is never used": "V = np.linalg.inv(T)\nu = T @ u\n",
    "it is an object's, read elsewhere": (
        "class H:\n    def __init__(self):\n        self.V = np.linalg.inv(T)\n"
        "h = H()\nu = h.V @ u\nw = h.V.sum()\n"
    ),
}


@pytest.mark.parametrize("name", REPLACED)
def test_products_become_solves(name, tmp_path):
    text = HEAD + REPLACED[name]
    found = candidates(text, tmp_path, "solve-by-factors")
    assert found
    before, _ = run(text, tmp_path)
    later, _ = run(found[0].patches[0].after, tmp_path)
    assert later["u"].dtype == before["u"].dtype
    np.testing.assert_allclose(later["u"], before["u"], rtol=1e-11, atol=1e-12 * abs(before["u"]).max())


@pytest.mark.parametrize("name", LEFT)
def test_an_inverse_that_is_used_otherwise_stays(name, tmp_path):
    assert not candidates(HEAD + LEFT[name], tmp_path, "solve-by-factors")


def test_a_singular_matrix_fails_still(tmp_path):
    text = HEAD + "V = np.linalg.inv(T)\nfor k in range(4):\n    u = V @ u\n"
    after = candidates(text, tmp_path, "solve-by-factors")[0].patches[0].after
    with pytest.raises(np.linalg.LinAlgError):
        run(after.replace("u = rng", "T[:, 4] = 0\nu = rng"), tmp_path)
