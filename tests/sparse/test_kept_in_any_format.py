"""What is built of operators in any sparse format is built once, in the format in which it is solved with."""

import numpy as np
import pytest
import scipy.sparse as sp
from rewriting import candidates, run

from pdeperf.sparse.built_again_text import KEPT

NAMES = {"np": np, "sp": sp}
exec(KEPT.replace("{numpy}", "np").replace("{sparse}", "sp"), NAMES)
KeptWhileSame = NAMES["KeptWhileSame"]

BDF2 = """
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve

class Heat:
    def __init__(self, n, dt):
        self.dt, self.u = dt, np.arange(1.0, n + 1)
        self.L = sp.diags([np.ones(n - 1), -2 * np.ones(n), np.ones(n - 1)], [-1, 0, 1])
        self.I = sp.MAKE(n)

    def step(self, k):
        A = 1.5 * self.I - self.dt * self.L
        self.u = USED

heat = Heat(12, 0.1)
for k in range(30):
    CHANGED
    heat.step(k)
u = heat.u
"""
CHANGES = (
    "pass",
    "if k == 17: heat.dt = 0.2",
    "if k == 17: heat.L.data[1, 3] = -9.0",
    "if k == 17: heat.L = heat.L * 2",
    "if k % 3 == 0: heat.L.data[:] *= 1.01",
    "if k == 17: heat.L = heat.L.tolil()",
)


def rewritten(text, folder):
    (built,) = candidates(text, folder, "build-once")
    return built.patches[0].after


@pytest.mark.parametrize("make", ("identity", "eye_array"))
@pytest.mark.parametrize("changed", CHANGES)
def test_operators_of_diagonals_are_compared(changed, make, tmp_path):
    text = BDF2.replace("MAKE", make).replace("CHANGED", changed)
    text = text.replace("USED", "spsolve(A.tocsc(), self.u)")
    after = rewritten(text, tmp_path)
    assert "kept_A(lambda: (1.5 * self.I - self.dt * self.L).tocsc(), " in after
    before = run(text, tmp_path)[0]["u"]
    np.testing.assert_array_equal(run(after, tmp_path)[0]["u"], before)
    for candidate in candidates(after, tmp_path, "factorise-once"):
        whole = candidate.patches[0].after
        assert "known is A" in whole  # it is the kept object itself, so nothing need be compared again
        np.testing.assert_allclose(run(whole, tmp_path)[0]["u"], before, rtol=1e-12)


@pytest.mark.parametrize(
    "used",
    (
        "spsolve(A.tocsc(), A @ self.u)",
        "spsolve(A.tocsc(), self.u) if k % 2 else spsolve(A.tocsr(), self.u)",
        "spsolve(A.tocsc(copy=True), self.u)",
        "(A.tocsc() @ self.u)",
    ),
)
def test_a_matrix_that_is_used_otherwise_keeps_its_format(used, tmp_path):
    text = BDF2.replace("MAKE", "identity").replace("CHANGED", "pass").replace("USED", used)
    after = rewritten(text, tmp_path)
    assert "kept_A(lambda: 1.5 * self.I - self.dt * self.L, " in after
    np.testing.assert_array_equal(run(after, tmp_path)[0]["u"], run(text, tmp_path)[0]["u"])


VALUES = (
    0.0,
    -0.0,
    0,
    False,
    None,
    "0",
    0j,
    np.float64(0),
    np.int32(0),
    np.bool_(False),
    np.zeros(2),
    -np.zeros(2),
    np.zeros(2, int),
    np.zeros((1, 2)),
    np.zeros((2, 1)),
    sp.csr_matrix(np.eye(2)),
    sp.csc_matrix(np.eye(2)),
    sp.coo_matrix(np.eye(2)),
    sp.bsr_matrix(np.eye(2)),
    sp.dia_matrix(np.eye(2)),
    sp.dia_array(np.eye(2)),
    sp.dia_matrix(2 * np.eye(2)),
    sp.dia_matrix(np.eye(2, 3)),
    sp.dia_matrix(np.eye(2, k=1)),
    sp.coo_matrix(np.eye(2)[::-1]),
    [0.0],
    (0.0,),
    {0.0: 0.0},
    {0.0},
    list,
)


def test_no_two_different_values_are_taken_for_the_same():
    keeper = KeptWhileSame()
    keys = [keeper.frozen(one) for one in VALUES]
    for place, one in enumerate(keys):
        assert [place] == [other for other, key in enumerate(keys) if key == one]


@pytest.mark.parametrize(
    "value",
    (np.ma.masked_array([1.0, 2.0], [True, False]), sp.lil_matrix((2, 2)), object(), np.array([None])),
)
def test_what_may_change_unseen_is_built_every_time(value):
    keeper, built = KeptWhileSame(), []
    for _ in range(3):
        keeper(lambda: built.append(1), value)
    assert len(built) == 3
