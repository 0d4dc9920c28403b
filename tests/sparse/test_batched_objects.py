"""Loops over objects and dicts are computed at once where every object has what was seen of them."""

import numpy as np
import pytest
import scipy.sparse
from rewriting import candidates, run

HEAD = """
import numpy as np
from dataclasses import dataclass
from scipy.sparse import lil_matrix
n = 7
K = lil_matrix((2 * n, 2 * n))
F = np.zeros(2 * n)
"""
BAR = """
class Bar:
    def __init__(self, a, b, x1, x2, E):
        self.a = a
        self.b = b
        self.x1 = np.array(x1)
        self.x2 = np.array(x2)
        self.E = E
        self.dofs = [2 * a, 2 * a + 1, 2 * b, 2 * b + 1]

    def length(self):
        return np.sqrt(np.sum((self.x2 - self.x1) ** 2))

    def stiffness(self):
        L = self.length()
        c, s = (self.x2 - self.x1) / L
        k = self.E / L * np.array([[c * c, c * s], [c * s, s * s]])
        return np.block([[k, -k], [-k, k]])

bars = [Bar(i, i + 1, (i, 0.1 * i), (i + 1.5, 0.3 * i), 2.0 + i) for i in range(n - 1)]
"""
LOOP = """
for bar in bars:
    ke = bar.stiffness()
    K[np.ix_(bar.dofs, bar.dofs)] += ke
"""
PLAIN = """
for bar in bars:
    K[bar.a, bar.a] += bar.k
    K[bar.a, bar.b] -= 2 * bar.k
"""
STEEL = """
class Material:
    def __init__(self, E):
        self.E = E
        self.calls = 0

    def modulus(self, s):
        return self.E * (1 + s)

class Bar:
    points = [(-0.5, 1.0), (0.5, 2.0)]

    def __init__(self, a, material):
        self.a = a
        self.nodes = (a, a + 1)
        self.material = material

    def stiffness(self):
        k = 0.0
        for s, w in self.points:
            k += w * self.material.modulus(s)
        return k

    def dofs(self):
        d = []
        for node in self.nodes:
            d.append(2 * node)
        return d

bars = [Bar(i, Material(3.0 + i % 2)) for i in range(n - 1)]
"""
STEEL_LOOP = """
for bar in bars:
    k = bar.stiffness()
    d = bar.dofs()
    K[d[0], d[1]] += k
    F[d[0]] -= k
"""
WRITTEN = {
    "what all have, on a condition": HEAD + BAR + LOOP + "    if bar.a > 2:\n        F[bar.a] += bar.E\n",
    "objects of objects": HEAD + STEEL + STEEL_LOOP,
    "objects with methods": HEAD + BAR + LOOP,
    "a property": HEAD
    + BAR.replace("    def length", "    @property\n    def length").replace("length()", "length")
    + LOOP,
    "properties of properties": HEAD
    + BAR.replace(
        "    def length",
        "    @property\n    def k(self):\n        return self.E / self.half\n\n"
        "    @property\n    def half(self):\n        return (self.x2[0] - self.x1[0]) / 2\n\n    def length",
    )
    + PLAIN,
    "attributes of objects of objects": HEAD
    + STEEL
    + "for bar in bars:\n    i, j = bar.nodes\n    K[i, j] += bar.material.E / 2\n",
    "properties of objects of objects": HEAD
    + STEEL.replace(
        "    def modulus", "    @property\n    def E2(self):\n        return self.E * 2\n\n    def modulus"
    )
    + "for bar in bars:\n    i, j = bar.nodes\n    K[i, j] += bar.material.E2 / 2\n",
    "with their numbers": HEAD
    + BAR
    + LOOP.replace("for bar in bars", "for k, bar in enumerate(bars)")
    + "    F[bar.dofs[1]] += k * bar.E\n",
    "in functions": HEAD
    + BAR
    + "def load(bar, g):\n    return g * bar.E * bar.length()\n"
    + LOOP
    + "    F[2 * bar.a] += load(bar, 9.81)\n",
    "in a function": HEAD
    + BAR
    + "def fill(bars):\n    K = lil_matrix((2 * n, 2 * n))\n"
    + LOOP.replace("\n", "\n    ").rstrip()
    + "\n    return K.tocsr()\nK = fill(bars)\n",
    "of a class of its own": HEAD
    + BAR.replace("bars = [Bar(", "class Stiff(Bar):\n    pass\nbars = [Stiff(")
    + LOOP,
    "dataclasses": HEAD
    + "@dataclass\nclass Bar:\n    a: int\n    b: int\n    k: float\n"
    + "bars = [Bar(i, i + 1, 0.5 * i) for i in range(n)]\n"
    + PLAIN,
    "dicts": HEAD
    + "bars = [{'nodes': (i, i + 1), 'k': 1.0 + i} for i in range(n)]\n"
    + "for bar in bars:\n    i, j = bar['nodes']\n    k = bar['k']\n"
    + "    K[i, j] += k\n    K[j, i] -= k\n    F[i] += k\n",
    "by their numbers": HEAD
    + BAR
    + LOOP.replace("bar in bars:", "k in range(len(bars)):\n    bar = bars[k]"),
    "whose plural is a keyword": HEAD
    + BAR.replace("self.a", "self.i").replace("self.b", "self.a")
    + "for i in range(len(bars)):\n    bar = bars[i]\n    K[bar.i, bar.a] += bar.E\n",
    "some of them": HEAD + BAR + LOOP.replace("bar in bars:", "k in range(1, 4):\n    bar = bars[2 * k - 4]"),
    "rows of several kinds": HEAD
    + "bars = [(i, i + 1, 2.0, 0.1 + i) for i in range(n)]\n"
    + "for (a, b, E, A) in bars:\n    K[a, b] += E * A\n    K[b, a] -= A\n    F[a] += E\n",
    "several creations to a line": HEAD.replace("K = ", "M = lil_matrix((2, 2)); K = ") + BAR + LOOP,
    "one object": HEAD.replace("n = 7", "n = 2") + BAR + LOOP,
    "the same object twice": HEAD + BAR + "bars += bars[:2]\n" + LOOP,
    "complex numbers": HEAD.replace("2 * n))", "2 * n), dtype=complex)")
    + BAR
    + LOOP.replace("+= ke", "+= ke * (1 + 2j)"),
}
COUNTING = PLAIN.replace("bar.k", "bar.k0")
LEFT = {
    "a property that counts": HEAD
    + BAR.replace(
        "    def length",
        "    @property\n    def k0(self):\n        self.E += 1\n        return self.E\n\n    def length",
    )
    + COUNTING,
    "a property of one's own": HEAD
    + "def property(f):\n    return 3.0\n"
    + BAR.replace(
        "    def length", "    @property\n    def k0(self):\n        return self.E\n\n    def length"
    )
    + COUNTING,
    "a property that is bound anew": HEAD
    + BAR.replace(
        "    def length",
        "    @property\n    def k0(self):\n        return self.E\n    k0 = 3.0\n\n    def length",
    )
    + COUNTING,
    "a property that a class hides": HEAD
    + BAR.replace(
        "    def length", "    @property\n    def k0(self):\n        return self.E\n\n    def length"
    ).replace("bars = [Bar(", "class Weak(Bar):\n    k0 = 0.5\nbars = [Weak(")
    + "first = Bar(0, 1, (0, 0), (1, 1), 2.0).k0\n"
    + COUNTING,
    "a method that a class hides": HEAD
    + BAR.replace(
        "bars = [Bar(", "class Weak(Bar):\n    stiffness = lambda self: np.ones((4, 4))\nbars = [Weak("
    )
    + LOOP,
    "attributes of objects of objects that change": HEAD
    + STEEL
    + "for bar in bars:\n    K[bar.a, bar.a] += bar.material.E\n    bars[2].material.E += 1.0\n",
    "an object of objects that is missing": HEAD
    + STEEL
    + "bars[3].material = None\n"
    + "for bar in bars:\n    if bar.material is not None:\n        K[bar.a, bar.a] += bar.material.E\n",
    "what a class has and one object too": HEAD + STEEL + "bars[2].points = [(0.0, 5.0)]\n" + STEEL_LOOP,
    "what two classes have": HEAD
    + STEEL
    + "class Other(Bar):\n    points = [(0.0, 1.0)]\nbars = [Other(b.a, b.material) for b in bars]\n"
    + STEEL_LOOP,
    "a method that counts": HEAD
    + STEEL.replace("        return self.E", "        self.calls += 1\n        return self.E")
    + STEEL_LOOP,
    "two kinds": HEAD
    + BAR
    + "class Other(Bar):\n    def stiffness(self):\n        return np.ones((4, 4))\n"
    + "bars.append(Other(1, 2, (0, 0), (1, 1), 3.0))\n"
    + LOOP,
    "a method of one object": HEAD + BAR + "bars[2].stiffness = lambda: np.ones((4, 4))\n" + LOOP,
    "what some have, on a condition": HEAD
    + BAR
    + "for one in bars[3:]:\n    one.more = 1.5\n"
    + LOOP
    + "    if bar.a > 2:\n        F[bar.a] += bar.more\n",
    "a method that keeps something": HEAD
    + BAR.replace("        return np.block", "        self.k = k\n        return np.block")
    + LOOP,
    "lists of other lengths": HEAD
    + BAR
    + "bars[3].dofs = [1, 2]\n"
    + LOOP.replace("bar.stiffness()", "np.full((len(bar.dofs), len(bar.dofs)), bar.E)"),
    "looked up on a condition": HEAD
    + BAR
    + LOOP.replace("bar in bars:", "k in range(9):\n    if k > 5:\n        continue\n    bar = bars[k]"),
    "a list twice": HEAD
    + BAR
    + "for bar in bars:\n    d = bar.dofs * 2\n    K[bar.a, bar.b] += d[1] + F[d[0]]\n",
    "stores into objects": HEAD + BAR + LOOP + "    bar.x1[0] = 3.0\n",
    "a method's part of what is stored into": HEAD
    + BAR.replace(
        "    def length", "    def own(self):\n        return self.f[0] + self.f[1]\n\n    def length"
    )
    + "for bar in bars:\n    bar.f = F[bar.a:bar.a + 2]\n"
    + "for bar in bars:\n    K[bar.a, bar.b] += bar.own()\n    F[bar.b] += 1.0 + bar.E\n",
    "a part of what is stored into": HEAD
    + BAR
    + "for bar in bars:\n    bar.f = F[bar.a:bar.a + 2]\n"
    + "for bar in bars:\n    K[bar.a, bar.b] += bar.f[0] + bar.f[1]\n    F[bar.b] += 1.0 + bar.E\n",
}


@pytest.mark.parametrize("case", WRITTEN)
def test_objects_are_gone_through_at_once(case, tmp_path):
    text = WRITTEN[case]
    (tmp_path / "script.py").write_text(text)
    before, _ = run(text, tmp_path)
    found = candidates(text, tmp_path, "coo-assembly")
    assert found and "of_each(" in found[0].patches[0].after
    after, _ = run(found[0].patches[0].after, tmp_path)
    np.testing.assert_allclose(after["K"].toarray(), before["K"].toarray(), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(after["F"], before["F"], rtol=1e-14, atol=0)
    assert not scipy.sparse.issparse(after["F"])


@pytest.mark.parametrize("case", LEFT)
def test_objects_that_differ_are_left_one_by_one(case, tmp_path):
    text = LEFT[case]
    (tmp_path / "script.py").write_text(text)
    before, _ = run(text, tmp_path)
    for one in candidates(text, tmp_path, "coo-assembly"):
        assert "of_each" not in one.patches[0].after
        after, _ = run(one.patches[0].after, tmp_path)
        np.testing.assert_allclose(after["K"].toarray(), before["K"].toarray(), rtol=1e-13, atol=1e-15)


def test_other_objects_later_fail_or_give_the_same(tmp_path):
    text = WRITTEN["dataclasses"]
    (tmp_path / "script.py").write_text(text)
    after = candidates(text, tmp_path, "coo-assembly")[0].patches[0].after
    none = "for i in range(n)]", "for i in range(0)]"
    assert run(after.replace(*none), tmp_path)[0]["K"].nnz == 0
    with pytest.raises(TypeError):
        run(after.replace("Bar(i, i + 1", "Bar(i + 0.5, i + 1"), tmp_path)
    text = WRITTEN["rows of several kinds"]
    (tmp_path / "script.py").write_text(text)
    after = candidates(text, tmp_path, "coo-assembly")[0].patches[0].after
    assert run(after.replace(*none), tmp_path)[0]["K"].nnz == 0
    with pytest.raises(TypeError):
        run(after.replace("[(i, i + 1", "[(i, i + 1.5"), tmp_path)
