"""Matrices that one method makes and others fill are built at once where nobody can tell the difference."""

import pytest
import scipy.sparse
from rewriting import candidates, refusals, run

HEAD = """
import numpy as np
import copy
from scipy.sparse import lil_matrix, dok_matrix
from scipy.sparse.linalg import spsolve

class Rod:
    def __init__(self, n, k=2.0):
        self.n = n
        self.k = k
        self.K = MAKER((n, n))
        self.bars = [[i, i + 1] for i in range(n - 1)]
        self.pins = [0, n - 1]

    def assemble(self):
        for bar in self.bars:
            ke = self.k * np.array([[1.0, -1.0], [-1.0, 1.0]]) * (1 + 0.1 * bar[0])
            block = np.ix_(bar, bar)
            self.K[block] += ke

    def pin(self):
        for i in self.pins:
            self.K[i, :] = 0
            self.K[i, i] = 1
"""

REST = """
    def solve(self, b):
        return spsolve(self.K.tocsr(), b)

rod = Rod(7)
rod.assemble()
rod.pin()
u = rod.solve(np.arange(7.0))
dense = rod.K.toarray()
"""

SAME = {
    "made in __init__": HEAD + REST,
    "filled twice": HEAD + REST.replace("rod.pin()", "rod.assemble()\nrod.pin()"),
    "two objects": HEAD + REST + "other = Rod(5, 3.0)\nother.assemble()\nrod.assemble()\nv = rod.K @ u\n",
    "used in sums": HEAD + REST + "\nfor k in range(2):\n    w = (0.5 * rod.K + rod.K * rod.k - rod.K) @ u\n",
    "a subclass fills more": HEAD
    + REST.replace(
        "rod = Rod(7)",
        """
class Sprung(Rod):
    def pin(self):
        super().pin()
        for i in range(self.n):
            self.K[i, i] += 0.5
rod = Rod(7)
""",
    )
    + "more = Sprung(6)\nmore.assemble()\nmore.pin()\ndense_of_more = more.K.toarray()\n",
    "another name while nobody fills": HEAD
    + """
    def energy(self, u):
        K = self.K
        return 0.5 * u @ (K @ u)
"""
    + REST
    + "e = rod.energy(u)\n",
}

NAMED = HEAD.replace(
    "        for bar in self.bars:", "        K = self.K\n        for bar in self.bars:"
).replace("self.K[block] += ke", "K[block] += ke")
SAME |= {
    "a name in the method that fills": NAMED + REST,
    "a name of what another method makes anew": HEAD
    + """
    def begin(self):
        self.K = MAKER((self.n, self.n))
    def both(self):
        K = self.K
        self.begin()
        for bar in self.bars:
            K[bar[0], bar[1]] += 1.0
        return K.toarray()
"""
    + REST.replace("rod.assemble()", "first = rod.both()\nrod.assemble()"),
    "a name that is read as well": (NAMED + REST).replace(
        "\n    def pin", "        self.trace = K.diagonal().sum()\n\n    def pin"
    ),
}

SHARED = {
    "another name at module level": REST.replace("rod = Rod(7)", "rod = Rod(7)\nkept = rod.K"),
    "another attribute": """
    def keep(self):
        self.first = self.K
"""
    + REST.replace("rod = Rod(7)", "rod = Rod(7)\nrod.keep()"),
    "another object of the class": """
    def follow(self, other):
        self.K = other.K
"""
    + REST.replace("rod = Rod(7)", "rod = Rod(7)\nother = Rod(7)\nother.follow(rod)"),
    "a shallow copy": REST.replace("rod = Rod(7)", "rod = Rod(7)\nother = copy.copy(rod)"),
    "a list": REST.replace("rod = Rod(7)", "rod = Rod(7)\nevery = []\nevery.append(rod.K)"),
    "returned": """
    def matrix(self):
        return self.K
"""
    + REST.replace("rod = Rod(7)", "rod = Rod(7)\nkept = rod.matrix()"),
    "a function that fills through its argument": """
    def solved(self, A, b):
        self.pin()
        return spsolve(A.tocsr(), b)
"""
    + REST.replace("rod.pin()", "w = rod.solved(rod.K, np.arange(7.0))"),
    "a name in a method that fills": """
    def both(self):
        K = self.K
        self.assemble()
        return K.toarray()
"""
    + REST.replace("rod.assemble()", "first = rod.both()"),
    "a closure": """
    def watched(self):
        K = self.K
        return lambda: K.toarray()
"""
    + REST.replace("rod = Rod(7)", "rod = Rod(7)\nwatch = rod.watched()")
    + "seen = watch()\n",
    "the class": REST.replace("rod = Rod(7)", "class Rods(Rod):\n    K = lil_matrix((9, 9))\nrod = Rod(7)"),
    "text as code": REST.replace("rod = Rod(7)", "rod = Rod(7)\nexec('kept = rod.K')"),
    "vars": REST.replace("rod = Rod(7)", "rod = Rod(7)\nkept = vars(rod)['K']"),
    "errors": REST.replace("rod.assemble()", "try:\n    rod.assemble()\nexcept ValueError:\n    pass"),
    "another format in a branch": REST.replace(
        "rod = Rod(7)", "rod = Rod(7)\nif rod.n > 9:\n    rod.K = np.zeros((7, 7))"
    ),
    "a property": """
    @property
    def K(self):
        return self._K
    @K.setter
    def K(self, value):
        self._K = value
"""
    + REST,
}


CONVERTED_BETWEEN = (
    HEAD
    + """
    def finish(self):
        self.K = self.K.tocsr()

rod = Rod(7)
rod.assemble()
rod.finish()
rod.assemble()
sizes = LATER
dense = rod.K.toarray()
"""
)


ASKED = ("rod.K.data", "np.array([len(one) for one in rod.K.data])", "rod.K @ np.ones(7)")


@pytest.mark.parametrize("later", ASKED)
def test_a_matrix_in_another_format_is_filled_in_that(later, tmp_path):
    text = CONVERTED_BETWEEN.replace("MAKER", "lil_matrix")
    if "len" in later:
        text = text.replace("rod.finish()\n", "")
    text = text.replace("LATER", later)
    for one in candidates(text, tmp_path, "coo-assembly"):
        assert bound(text, tmp_path) == bound(one.patches[0].after, tmp_path)


def test_a_dict_of_keys_stays_one_where_it_is_asked_for_keys(tmp_path):
    text = SAME["made in __init__"].replace("MAKER", "dok_matrix")
    text += 'is_dict = np.array([rod.K.format == "dok"])\n'
    found = candidates(text, tmp_path, "coo-assembly")
    assert found
    for one in found:
        assert bound(text, tmp_path) == bound(one.patches[0].after, tmp_path)


OVERRIDDEN = """
class Steel(Rod):
    def stiffness(self, bar):
        return 3.0 * np.array([[1.0, -1.0], [-1.0, 1.0]]) * (2 + bar[0])

rods = [Rod(6), Steel(6)]
for rod in rods:
    rod.assemble()
dense = np.array([rod.K.toarray() for rod in rods])
"""


@pytest.mark.parametrize("instead", ("", "Rod.stiffness = lambda self, bar: np.eye(2) * bar[1]\n"))
def test_each_class_fills_with_its_own_methods(instead, tmp_path):
    text = HEAD.replace("MAKER", "lil_matrix").replace(
        "    def assemble",
        """    def stiffness(self, bar):
        return self.k * np.array([[1.0, -1.0], [-1.0, 1.0]]) * (1 + 0.1 * bar[0])

    def assemble""",
    )
    ke = "ke = self.k * np.array([[1.0, -1.0], [-1.0, 1.0]]) * (1 + 0.1 * bar[0])"
    text = text.replace(ke, "ke = self.stiffness(bar)") + OVERRIDDEN.replace("rods = [", f"{instead}rods = [")
    for one in candidates(text, tmp_path, "coo-assembly"):
        assert bound(text, tmp_path) == bound(one.patches[0].after, tmp_path)


def bound(text, folder):
    found = run(text, folder)[0]
    return {
        name: value.toarray().tobytes() if scipy.sparse.issparse(value) else value.tobytes()
        for name, value in found.items()
        if scipy.sparse.issparse(value) or hasattr(value, "tobytes")
    }


@pytest.mark.parametrize("maker", ("lil_matrix", "dok_matrix"))
@pytest.mark.parametrize("name", SAME)
def test_a_matrix_is_filled_at_once_wherever_it_was_made(name, maker, tmp_path):
    text = SAME[name].replace("MAKER", maker)
    found = candidates(text, tmp_path, "coo-assembly")
    assert found
    for one in found:
        after = one.patches[0].after
        assert "K[block] += ke" not in after and "Rod.assemble():block" in one.forgets
        assert bound(text, tmp_path) == bound(after, tmp_path)


@pytest.mark.parametrize("name", SHARED)
def test_a_matrix_that_somebody_else_may_know_is_filled_in_place(name, tmp_path):
    text = (HEAD + SHARED[name]).replace("MAKER", "lil_matrix")
    for one in candidates(text, tmp_path, "coo-assembly"):
        assert "self.K[block] += ke" in one.patches[0].after
    assert any("made elsewhere" in one.reason for one in refusals(text, tmp_path, "coo-assembly"))


DENSE = """
import numpy as np
from dataclasses import dataclass, field

@dataclass
class Eikonal:
    n: int = 9
    T: np.ndarray = field(init=False)

    def __post_init__(self):
        self.T = np.full((self.n, self.n), 1e10)

    def sweep(self):
        for i in range(1, self.n):
            for j in range(self.n):
                self.T[i, j] = min(self.T[i, j], self.T[i - 1, j] + 0.1)

Eikonal().sweep()
"""


def test_arrays_are_not_taken_for_matrices_that_others_have_made(tmp_path):
    assert not refusals(DENSE, tmp_path, "coo-assembly")


CONVERTED = """
import numpy as np
from scipy.sparse import lil_matrix, csr_matrix, csr_array, eye_array
n = 9
K = lil_matrix((n, n))
for i in range(n):
    K[i, i] = 2.0 + i
    K[i, 0] = 1.0
CHANGED
u = K.tocsr() @ np.ones(n)
"""


@pytest.mark.parametrize(
    "changed",
    (
        "A = K.tocsr()\nA.data *= 3.0",
        "A = csr_matrix(K)\nA.data *= 3.0",
        "A = K.tocsr()\nfor i in range(3):\n    A[i, i] = 7.0",
    ),
)
def test_what_a_matrix_is_converted_to_may_be_changed_alone(changed, tmp_path):
    text = CONVERTED.replace("CHANGED", changed)
    found = candidates(text, tmp_path, "coo-assembly")
    assert found
    for one in found:
        assert bound(text, tmp_path).items() <= bound(one.patches[0].after, tmp_path).items()


def test_a_sparse_array_stays_one(tmp_path):
    text = CONVERTED.replace("lil_matrix((n, n))", "csr_array(eye_array(n)).tolil()")
    text = text.replace("u = K.tocsr() @ np.ones(n)", "u = (K.tocsr() * np.ones(n)).toarray()")
    found = candidates(text.replace("CHANGED", ""), tmp_path, "coo-assembly")
    assert found
    for one in found:
        after = bound(one.patches[0].after, tmp_path)
        assert bound(text.replace("CHANGED", ""), tmp_path).items() <= after.items()
