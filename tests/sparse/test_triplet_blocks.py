"""Blocks that a loop stores into a matrix become triplets where the loop cannot be computed at once."""

import numpy as np
import pytest
from rewriting import candidates, run

SCRIPT = """
import numpy as np
from scipy.sparse import lil_matrix

n = 12
triangles = np.array([[0, 1, 2], [1, 3, 2], [2, 3, 4], [3, 5, 4], [0, 2, 4], [9, 10, 11], [5, -3, 9]])
edges = [(0, 1), (1, 2), (2, 3), (3, 7), (7, 4)] * 210
size = 2


def root(x):
    while abs(x * x - 2.0) > 1e-9:
        x = 0.5 * (x + 2.0 / x)
    return x


def filled():
    K = lil_matrix((n, n))
    LOOP
    return K.tocsr()


K = filled().toarray()
"""

LOOPS = {
    "a list that is written out": """for i, j in edges:
        d = [i, j, i + 1]
        k = root(1.0 + i) * np.arange(9.0).reshape(3, 3)
        K[np.ix_(d, d)] += k""",
    "indices in place": """for k, (i, j) in enumerate(edges):
        K[np.ix_([i, j], [j, i])] -= root(1.0 + i) * np.eye(2)""",
    "an array": """for k, (i, j) in enumerate(edges):
        d = np.array([i, j])
        K[np.ix_(d, d)] += root(2.0) * np.ones((2, 2))
        K[i, i] += 1.0""",
    "rows of a table": """for e in triangles:
        K[np.ix_(e, e)] += root(1.0 + e[0]) * np.outer(e, e)""",
    "a row by its number": """for t in range(len(triangles)):
        e = triangles[t]
        K[np.ix_(e, triangles[t])] += root(1.0 + t) * np.outer(e, e)""",
    "set and added": """for i, j in edges:
        K[np.ix_([i, j], [i, j])] = root(1.0) * np.ones((2, 2))
        K[np.ix_([i, i + 1], [j, i])] += 0.5 * np.ones((2, 2))""",
    "slices": """for i in range(10):
        K[i : i + 2, i : i + 2] += root(1.0 + i) * np.ones((2, 2))""",
    "repeated indices": """for i, j in edges:
        d = [i, j, i, i - n]
        K[np.ix_(d, d)] += root(2.0) * np.arange(16.0).reshape(4, 4)""",
}


def written(loop, folder):
    text = SCRIPT.replace("LOOP", loop)
    return text, [one.patches[0].after for one in candidates(text, folder, "coo-assembly")]


@pytest.mark.parametrize("name", LOOPS)
def test_blocks_become_triplets(name, tmp_path):
    text, found = written(LOOPS[name], tmp_path)
    expected = run(text, tmp_path)[0]["K"]
    assert found
    for after in found:
        np.testing.assert_allclose(run(after, tmp_path)[0]["K"], expected, rtol=1e-14)
    if name != "slices":  # made up of what the source does not hold
        assert any("= store_block(" in after for after in found)


GROWING = {
    "a list that grows": "d = []\n        d.append(i)\n        d.append(j)\n        K[np.ix_(d, d)] += k",
    "a list of some length": "d = [m for m in (i, j)]\n        K[np.ix_(d, d)] += k",
    "a list that may be longer": "d = [i, j]\n        if i > 2:\n            d = [i]\n"
    "        K[np.ix_(d, d)] += k[: len(d), : len(d)]",
    "truth values": "d = np.arange(n) == i\n        K[np.ix_(d, d)] += k[:1, :1]",
    "a number": "d = [i, j]\n        K[np.ix_(d, d)] = 0.5",
}


@pytest.mark.parametrize("name", GROWING)
def test_blocks_of_unknown_size_are_listed(name, tmp_path):
    loop = f"for i, j in edges:\n        k = root(1.0 + i) * np.eye(2)\n        {GROWING[name]}"
    text, found = written(loop, tmp_path)
    expected = run(text, tmp_path)[0]["K"]
    assert len(found) == 1 and "K_stores.append(block(d, d, " in found[0]
    np.testing.assert_allclose(run(found[0], tmp_path)[0]["K"], expected, rtol=1e-14)


def test_blocks_of_other_shapes_are_refused_when_they_come(tmp_path):
    loop = """for i, j in edges:
        d = [i, j]
        k = root(1.0 + i) * np.ones((2, 2))
        K[np.ix_(d, d)] += k[:size]"""
    text, found = written(loop, tmp_path)
    by_triplets = next(after for after in found if "= store_block(" in after)
    np.testing.assert_allclose(run(by_triplets, tmp_path)[0]["K"], run(text, tmp_path)[0]["K"])
    with pytest.raises(ValueError, match="another shape"):
        run(by_triplets.replace("size = 2", "size = 1"), tmp_path)
