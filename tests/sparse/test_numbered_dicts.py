"""Nodes that a dict holds by their numbers are gathered at once where all are of one kind."""

import numpy as np
import pytest
from rewriting import candidates, run

HEAD = """
import numpy as np
from scipy.sparse import lil_matrix
n = 7
nodes = {10 * k: (0.5 * k, 0.1 * k * k) for k in range(n)}
masses = {10 * k: 1.0 + k for k in range(n)}
bars = [(10 * k, 10 * k + 10, 2.0 + k) for k in range(n - 1)]
K = lil_matrix((10 * n, 10 * n))
F = np.zeros(10 * n)
"""
LOOP = """
for i, j, k in bars:
    xi, yi = nodes[i]
    xj, yj = nodes[j]
    L = np.hypot(xj - xi, yj - yi)
    K[i, j] += k / L
    F[i] += masses[j]
"""
WRITTEN = {
    "on a condition": HEAD
    + "masses = {key: mass for key, mass in masses.items() if key < 40}\n"
    + LOOP.replace("    F[i] += masses[j]", "    if j < 40:\n        F[i] += masses[j]"),
    "tuples and numbers": HEAD + LOOP,
    "elements of them": HEAD + "for i, j, k in bars:\n    K[i, j] += k * (nodes[j][0] - nodes[i][0])\n",
    "lists": HEAD.replace("(0.5 * k, 0.1 * k * k)", "[0.5 * k, 0.1 * k * k]") + LOOP,
    "arrays": HEAD.replace("(0.5 * k, 0.1 * k * k)", "np.array([0.5 * k, 0.1 * k * k])")
    + "for i, j, k in bars:\n    d = nodes[j] - nodes[i]\n    K[i, j] += k * np.sqrt(d @ d)\n",
    "numbers of NumPy's": HEAD.replace("range(n)}", "np.arange(n)}") + LOOP,
    "a name of its own": HEAD.replace("nodes", "key") + LOOP.replace("nodes", "key"),
    "of an object": HEAD
    + "class Mesh:\n    pass\nmesh = Mesh()\nmesh.nodes = nodes\n"
    + LOOP.replace("nodes", "mesh.nodes"),
    "filled in a loop": HEAD.replace(
        "nodes = {10 * k: (0.5 * k, 0.1 * k * k) for k in range(n)}", "nodes = {}"
    )
    + "for m in range(n):\n    nodes[10 * m] = (0.5 * m, 0.1 * m * m)\n"
    + LOOP,
}
LEFT = {
    "changed in the loop": HEAD + LOOP + "    nodes[j] = (xi + 1.0, yi)\n",
    "parts of what is stored into": HEAD
    + "loads = {10 * k: F[10 * k:10 * k + 2] for k in range(n)}\n"
    + "for i, j, k in bars:\n    K[i, j] += loads[i][0] + 1.0\n    F[j] += k\n",
    "of several lengths": HEAD
    + "nodes[20] = (1.0, 2.0, 3.0)\nfor i, j, k in bars:\n    K[i, j] += k * sum(nodes[j])\n",
    "lists that are doubled": HEAD.replace("(0.5 * k, 0.1 * k * k)", "[0.5 * k, 0.1 * k * k]")
    + "for i, j, k in bars:\n    K[i, j] += len(nodes[j] * 2)\n",
    "with a default": HEAD
    + "import collections\nnodes = collections.defaultdict(lambda: (0.0, 0.0), nodes)\n"
    + LOOP,
}


@pytest.mark.parametrize("case", WRITTEN)
def test_what_a_dict_holds_is_gathered_at_once(case, tmp_path):
    text = WRITTEN[case]
    (tmp_path / "script.py").write_text(text)
    before, _ = run(text, tmp_path)
    after_text = candidates(text, tmp_path, "coo-assembly")[0].patches[0].after
    assert ".tolist()]" in after_text
    after, _ = run(after_text, tmp_path)
    np.testing.assert_allclose(after["K"].toarray(), before["K"].toarray(), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(after["F"], before["F"], rtol=1e-14, atol=0)


@pytest.mark.parametrize("case", LEFT)
def test_what_is_not_alike_is_looked_up_one_by_one(case, tmp_path):
    text = LEFT[case]
    (tmp_path / "script.py").write_text(text)
    before, _ = run(text, tmp_path)
    for one in candidates(text, tmp_path, "coo-assembly"):
        assert ".tolist()]" not in one.patches[0].after
        after, _ = run(one.patches[0].after, tmp_path)
        np.testing.assert_allclose(after["K"].toarray(), before["K"].toarray(), rtol=1e-13, atol=1e-15)


def test_other_numbers_later_fail_or_give_the_same(tmp_path):
    text = WRITTEN["tuples and numbers"]
    (tmp_path / "script.py").write_text(text)
    after = candidates(text, tmp_path, "coo-assembly")[0].patches[0].after
    assert run(after.replace("range(n - 1)]", "range(0)]"), tmp_path)[0]["K"].nnz == 0
    with pytest.raises(KeyError):
        run(after.replace("range(n - 1)]", "range(n)]"), tmp_path)
