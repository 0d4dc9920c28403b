"""A sparse matrix that a loop makes anew from what stays the same is made once."""

import numpy as np
import pytest
from rewriting import candidates, run

HEAD = """
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve
n = 12
H = sp.diags([-1.0, 2.7, -1.1], [-1, 0, 1], shape=(n, n)).tocsr()
I = sp.identity(n)
dt = 0.1
u = np.arange(1.0, n + 1)
"""
LOOP = "for k in range(4):\n    "
SOLVE = "    u = spsolve(A, u)\n"
ONCE = {
    "Crank-Nicolson": (
        LOOP
        + "A = (I + 0.5j * dt * H).tocsc()\n    B = (I - 0.5j * dt * H).tocsr()\n    u = spsolve(A, B @ u)\n"
    ),
    "made of diagonals": (
        LOOP + "A = sp.diags([-1.0, 3.0, -1.0], [-1, 0, 1], shape=(n, n), format='csc')\n" + SOLVE
    ),
    "in a product": LOOP + "u = (I - dt * H) @ u\n",
}
EACH_TIME = {
    "the step changes": LOOP + "A = (I + dt * H).tocsc()\n" + SOLVE + "    dt *= 0.9\n",
    "the matrix is changed in place": LOOP + "A = (I + dt * H).tocsc()\n    A[0, 0] = k + 1\n" + SOLVE,
    "the operator is changed in a branch": (
        LOOP + "if k == 2:\n        H.data *= 2\n    A = (I + dt * H).tocsc()\n" + SOLVE
    ),
    "a conversion that is none is changed": (
        LOOP + "A = H.tocsr()\n    A.data[0] += 1\n    u = spsolve(A.tocsc(), u)\n"
    ),
    "it is made in a branch": (
        "A = H.tocsc()\n" + LOOP + "if k == 2:\n        A = (I + dt * H).tocsc()\n" + SOLVE
    ),
    "it is kept in a list": (
        "kept = []\n" + LOOP + "A = (I + dt * H).tocsc()\n    kept.append(A)\n    A.data[0] += k\n"
        "    u = spsolve(kept[-1], u)\n"
    ),
}


@pytest.mark.parametrize("name", ONCE)
def test_it_is_made_before_the_loop(name, tmp_path):
    text = HEAD + ONCE[name]
    found = candidates(text, tmp_path, "hoist-invariant")
    assert found
    before, _ = run(text, tmp_path)
    later, _ = run(found[0].patches[0].after, tmp_path)
    np.testing.assert_array_equal(later["u"], before["u"])


@pytest.mark.parametrize("name", EACH_TIME)
def test_it_is_made_in_every_turn(name, tmp_path):
    text = HEAD + EACH_TIME[name]
    before, _ = run(text, tmp_path)
    for found in candidates(text, tmp_path, "hoist-invariant"):
        later, _ = run(found.patches[0].after, tmp_path)
        np.testing.assert_array_equal(later["u"], before["u"])
