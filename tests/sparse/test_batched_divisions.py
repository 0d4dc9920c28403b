"""Divisions for all elements at once: Python's numbers do not divide by zero, NumPy's do."""

import numpy as np
import pytest
from rewriting import candidates, run

LINE = """
import numpy as np
from scipy.sparse import lil_matrix

class Mesh:
    def __init__(self, n, last):
        self.nodes = [KIND(0.5 * i) for i in range(n)]
        self.nodes[-1] = KIND(last)
        self.pairs = [[i, i + 1] for i in range(n - 1)]

class Line:
    def __init__(self, mesh):
        self.mesh = mesh

    def local(self, a, b):
        h = b - a
        return np.array([[1.0, -1.0], [-1.0, 1.0]]) * (2.0 / h)

    def matrix(self):
        n = len(self.mesh.nodes)
        K = lil_matrix((n, n))
        for pair in self.mesh.pairs:
            ke = self.local(self.mesh.nodes[pair[0]], self.mesh.nodes[pair[1]])
            for i in range(2):
                for j in range(2):
                    K[pair[i], pair[j]] += ke[i, j]
        return K.tocsr()

last = 5.0
K = Line(Mesh(9, last)).matrix().toarray()
"""


def at_once(kind, folder):
    found = candidates(LINE.replace("KIND", kind), folder, "coo-assembly")
    return next(one.patches[0].after for one in found if "entries_of_K" in one.patches[0].after)


@pytest.mark.parametrize("kind", ("float", "np.float64"))
def test_elements_of_objects_are_divided_at_once(kind, tmp_path):
    after = at_once(kind, tmp_path)
    expected = run(LINE.replace("KIND", kind), tmp_path)[0]["K"]
    np.testing.assert_array_equal(run(after, tmp_path)[0]["K"], expected)


def test_pythons_numbers_are_not_divided_by_zero(tmp_path):
    after = at_once("float", tmp_path).replace("last = 5.0", "last = 3.5")
    with pytest.raises(ZeroDivisionError):
        run(after, tmp_path)


def test_numpys_numbers_are_infinite_where_they_were(tmp_path):
    after = at_once("np.float64", tmp_path)
    text, after = (
        one.replace("last = 5.0", "last = 3.5") for one in (LINE.replace("KIND", "np.float64"), after)
    )
    expected = run(text, tmp_path)[0]["K"]
    assert np.isinf(expected).any() or np.isnan(expected).any()
    np.testing.assert_array_equal(run(after, tmp_path)[0]["K"], expected)
