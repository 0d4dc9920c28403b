"""Functions that store into matrices they are given are written where they are called."""

import numpy as np
import pytest
import scipy.sparse
from rewriting import candidates, observed, run

from pdeperf.model import Hotspot, Span
from pdeperf.plugins import detectors

HEAD = """
import numpy as np
from scipy.sparse import lil_matrix, dok_matrix
n = 6
nodes = np.linspace(0.0, 1.0, n + 1) ** 1.5
elements = [[i, i + 1] for i in range(n)]
scale = 3.0

def stiffness(x):
    return scale * np.array([[1.0, -1.0], [-1.0, 1.0]]) / (x[1] - x[0])
"""
ADD = """
def add(K, d, ke):
    for a in range(2):
        for b in range(2):
            K[d[a], d[b]] += ke[a, b]
"""
LOOP = """
K = lil_matrix((n + 1, n + 1))
F = np.zeros(n + 1)
for el in elements:
    add(K, el, stiffness(nodes[el]))
"""

WRITTEN = {
    "a matrix and a vector": HEAD
    + ADD.replace("K, d, ke", "K, F, d, ke").replace(
        "        for b", "        F[d[a]] -= ke[a, 0]\n        for b"
    )
    + LOOP.replace("add(K,", "add(K, F,"),
    "two functions": HEAD
    + ADD
    + "def load(F, d, fe):\n    F[d[0]] += fe\n    F[d[1]] += 2 * fe\n"
    + LOOP
    + "    load(F, el, 0.5)\n",
    "names of the loop": HEAD
    + ADD
    + LOOP.replace("for el in elements:", "for a in range(n):\n    el = elements[a]"),
    "by keyword": HEAD + ADD + LOOP.replace("add(K, el, ", "add(ke=").replace("[el]))", "[el]), d=el, K=K)"),
    "a default": HEAD + ADD.replace("ke):", "ke, sign=-1):").replace("+= ke", "+= sign * ke") + LOOP,
    "handed back": HEAD
    + ADD.replace("d, ke", "F, d, ke")
    + "    F[d[0]] += 1.0\n    return K, F\n"
    + LOOP.replace("add(K, ", "K, F = add(K, F, "),
    "an argument changes its name": HEAD + ADD.replace("ke):\n", "ke):\n    ke = 0.5 * ke\n") + LOOP,
    "one by the other": HEAD
    + ADD
    + "def assemble(K, nodes, elements):\n    for el in elements:\n        add(K, el, stiffness(nodes[el]))\n"
    + "K = lil_matrix((n + 1, n + 1))\nassemble(K, nodes, elements)\n",
    "several statements to a line": HEAD
    + "def put(i, j, v): K[i, j] += v\n"
    + "K = lil_matrix((n + 1, n + 1))\nfor i in range(1, n):\n"
    + "    put(i, i, 2.0); put(i, i + 1, -1.0 * i); put(i, i - 1, scale)\n",
    "a function in a function": HEAD
    + "def made(n):\n    K = dok_matrix((n, n))\n    def put(i, j, v):\n        K[i, j] += v\n"
    + "    for i in range(n):\n        if i > 0:\n            put(i, i - 1, -1.0)\n"
    + "        put(i, i, 2.0 + i)\n    return K.tocsr()\nK = made(n)\n",
    "an early end": HEAD
    + "def put(K, i, v):\n    # not at the ends\n    if i == 0 or i == n:\n        return\n    K[i, i] = v\n"
    + "K = lil_matrix((n + 1, n + 1))\nfor i in range(n + 1):\n    put(K, i, 1.0 + i)\n",
    "read and set": HEAD
    + "def bar(K, k, i, j):\n    K[i, i] = K[i, i] + k\n    K[i, j] = K[i, j] - k\n"
    + "    K[j, j] = k + K[j, j]\n"
    + "K = lil_matrix((n + 1, n + 1))\nfor e in range(n):\n    bar(K, 2.0 * e, e, e + 1)\n",
    "conditions": HEAD
    + ADD
    + LOOP
    + "def fix(K, F, i, v=0.0):\n    K[i, :] = 0\n    K[i, i] = 1\n    F[i] = v\n"
    + "fix(K, F, 0)\nfix(K, F, n, 2.0)\n",
    "another function beside it": HEAD
    + "def put(M, i):\n    M[i, i] = 2.0\n"
    + "K = lil_matrix((n, n))\nfor i in range(n):\n    K[i, i] = 1.0\n    put(K, i)\n",
    "a method": HEAD
    + """
class Rod:
    def __init__(self):
        self.K = lil_matrix((n + 1, n + 1))

    def add(self, d, ke):
        for a in range(2):
            for b in range(2):
                self.K[d[a], d[b]] += ke[a, b]

    def assemble(self):
        for el in elements:
            self.add(el, stiffness(nodes[el]))

rod = Rod()
rod.assemble()
K = rod.K.tocsr()
""",
    "one element": (HEAD + ADD + LOOP).replace("n = 6", "n = 1"),
    "an element that meets itself": (HEAD + ADD + LOOP)
    .replace("for i in range(n)]", "for i in range(n)] + [[2, 2]]")
    .replace("/ (x[1] - x[0])", "* (1 + x[1] - x[0])"),
    "explicit zeros and complex numbers": (HEAD + ADD + LOOP)
    .replace("(n + 1, n + 1))", "(n + 1, n + 1), dtype=complex)")
    .replace("scale = 3.0", "scale = 3.0 - 1j")
    .replace("[-1.0, 1.0]", "[0.0, 1.0]"),
}

LEFT = {
    "a name of the file that the caller has too": HEAD
    + ADD.replace("+= ke", "+= scale * ke")
    + "def main():\n    scale = 0.5\n    K = lil_matrix((n + 1, n + 1))\n    for el in elements:\n"
    + "        add(K, el, scale * np.ones((2, 2)))\n    return K\nK = main()\n",
    "an end within a loop": HEAD
    + ADD.replace("            K[", "            if a > b:\n                return\n            K[")
    + LOOP,
    "another function of that name": HEAD
    + ADD
    + "class Other:\n    def add(self, K):\n        pass\n"
    + LOOP,
    "bound anew": HEAD
    + ADD
    + "first = add\ndef add_twice(K, d, ke):\n    first(K, d, ke)\n    first(K, d, ke)\nadd = add_twice\n"
    + LOOP,
    "a name that may not be bound": HEAD
    + ADD.replace(
        "            K[", "            if a == b:\n                w = 2.0\n            K["
    ).replace("+= ke", "+= w * ke")
    + LOOP,
    "its own name in a comprehension": HEAD
    + "def add(K, d, ke):\n    s = sum([d[0] + el for el in (0, 1)])\n    K[d[0], d[1]] += s\n"
    + LOOP,
    "a name of the whole file": HEAD
    + ADD.replace("    for a", "    global scale\n    scale += 1.0\n    for a")
    + LOOP,
    "a decorator": HEAD
    + "def twice(f):\n    def g(*a):\n        f(*a)\n        f(*a)\n    return g\n@twice"
    + ADD
    + LOOP,
}


def dense(names):
    K = names["K"]
    return K.toarray() if scipy.sparse.issparse(K) else K


@pytest.mark.parametrize("case", WRITTEN)
def test_what_functions_store_is_computed_at_once(case, tmp_path):
    text = WRITTEN[case]
    (tmp_path / "script.py").write_text(text)
    before, _ = run(text, tmp_path)
    found = candidates(text, tmp_path, "coo-assembly")
    assert found and "at once" in found[0].title
    for one in found:
        after, _ = run(one.patches[0].after, tmp_path)
        np.testing.assert_allclose(dense(after), dense(before), rtol=1e-14, atol=0)
        if "F" in before:
            np.testing.assert_allclose(after["F"], before["F"], rtol=1e-14, atol=0)


@pytest.mark.parametrize("case", LEFT)
def test_functions_that_do_more_are_left_where_they_are(case, tmp_path):
    text = LEFT[case]
    (tmp_path / "script.py").write_text(text)
    run(text, tmp_path)
    assert not candidates(text, tmp_path, "coo-assembly")


def test_functions_that_nobody_calls_any_more_go(tmp_path):
    text = WRITTEN["one by the other"]
    (tmp_path / "script.py").write_text(text)
    after = candidates(text, tmp_path, "coo-assembly")[0].patches[0].after
    assert "def add(" not in after and "def assemble(" not in after
    kept = text + "other = add\n"
    (tmp_path / "script.py").write_text(kept)
    assert "def add(" in candidates(kept, tmp_path, "coo-assembly")[0].patches[0].after


def test_a_function_that_stores_for_a_loop_is_hot_for_it(tmp_path):
    text = WRITTEN["one by the other"]
    (tmp_path / "script.py").write_text(text)
    project = observed(text, tmp_path)
    line = next(number for number, row in enumerate(text.splitlines(), 1) if "K[d[a], d[b]]" in row)
    here = Span(file="script.py", first=line, last=line)
    detector = next(one for one in detectors() if one.rule == "incremental-sparse-assembly")
    (found,) = detector.detect(Hotspot(where=here, share=0.9, facts=project.observed), project)
    assert "assemble(K" in text.splitlines()[found.where.first - 1]
