"""What an object's function stores stays as it is in loops during which that function cannot run."""

import numpy as np
import pytest
from rewriting import candidates, run

HEAD = """
import numpy as np
from scipy.sparse import lil_matrix, identity
from scipy.sparse.linalg import spsolve
n = 8
class Rod:
    def __init__(self):
        self.r = 0.0
        self.assemble()
    def assemble(self):
        self.r += 0.1
        self.K = lil_matrix((n, n))
        for i in range(n):
            self.K[i, i] += 2 + self.r
            self.K[i, n - 1 - i] -= self.r
        self.K = self.K.tocsr()
    def other(self):
        self.assemble()
    def march(self, u):
        for k in range(9):
            A = (identity(n) + self.K).tolil()
            for d in (0, n - 1):
                A[d, :] = 0
                A[d, d] = 1
            u = spsolve(A.tocsr(), u)
            MORE
        return u
"""
END = "rod = Rod()\nu = rod.march(np.linspace(0, 1, n))\n"
REACHED = {
    "called": ("self.assemble()", ""),
    "called by another": ("self.other()", ""),
    "called for a property": ("self.anew", "    @property\n    def anew(self):\n        self.assemble()\n"),
    "called by an operator": ("self + 1", "    def __add__(self, other):\n        self.assemble()\n"),
    "given away": ("change()", "rod = Rod()\nchange = rod.assemble\nRod = lambda: rod\n"),
    "called by its text": ("getattr(self, 'assem' + 'ble')()", ""),
    "gone on with": (
        "next(turns)",
        "rod = Rod()\ndef changing():\n    while True:\n        rod.assemble()\n        yield 1\n"
        "turns = changing()\nRod = lambda: rod\n",
    ),
    "called by another object's making": (
        "Thing(self)",
        "class Thing:\n    def __init__(self, rod):\n        rod.assemble()\n",
    ),
}


def same(text, folder):
    found = candidates(text, folder, "build-once", patterns="all")
    want = run(text, folder)[0]["u"]
    for one in found:
        np.testing.assert_array_equal(want, run(one.patches[0].after, folder)[0]["u"])
    return [one.title for one in found]


def test_what_no_function_changes_during_the_loop_is_built_before_it(tmp_path):
    assert same(HEAD.replace("MORE", "pass") + END, tmp_path) == ["build `A` before the loop"]


@pytest.mark.parametrize("name", REACHED)
def test_what_a_function_may_change_during_the_loop_is_not_built_before_it(name, tmp_path):
    more, definitions = REACHED[name]
    assert "build `A` before the loop" not in same(HEAD.replace("MORE", more) + definitions + END, tmp_path)
