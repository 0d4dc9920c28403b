"""Functions that return in several places give the same for all elements at once."""

import numpy as np
import pytest
from rewriting import at_once, candidates, run

from pdeperf.sparse.batched_values import NotAtOnce

HEAD = """
import math
import numpy as np
n = 20
x = np.linspace(-2.0, 2.0, 41)[:n + 1]
x[3] = np.nan
plain = [0.25 * q for q in range(n)]
kind, flag = "b", True
b = np.zeros(n)
"""
LOOP = """
for i in range(n):  # LOOP
    b[i] = k(x[i]) + 1.0
"""
SAME = {
    "a jump": "def k(v):\n    if v < -1.0:\n        return 1.0\n    return 10.0\n",
    "both branches": "def k(v):\n    if v < -1.0:\n        return v\n    else:\n        return v * v\n",
    "several": """
def k(v):
    if v < -1.5:
        return 1
    elif v < -1.0:
        w = v * 2
        if w < -2.5:
            return w
        v2 = w + 1
    else:
        v2 = v
        if v2 > -0.25 or v2 != v2:
            return -7
    return v2 * 0.5
""",
    "no division where another branch is taken": """
def k(v):
    if v == -1.0:
        return 0.0
    return 1.0 / (v + 1.0)
""",
    "a condition that is the same for all": """
def k(v):
    if kind == "a":
        return v
    if kind in ("b", "c"):
        return 3.0
    if v > 0:
        return 2.0
    return v * 2
""",
    "a condition that is the same for all, after one that is not": """
def k(v):
    if v > -1.0:
        return v
    if flag:
        return 4.0
    return v * 2
""",
    "called as it is, too": "def k(v):\n    if v < -1.0:\n        return v\n    return k2(0.5) + k2(v)\n"
    "def k2(v):\n    if v < 0:\n        return 1.0\n    return v\n",
    "objects of objects": """
class Soil:
    a = 2.0
    def k(self, v):
        if v < -1.0:
            return self.a
        return self.a * v
class Model:
    def __init__(self):
        self.soil = Soil()
model = Model()
k = None
""",
}
REFUSED = {
    "nothing in one place": """
def k(v):
    if v < -1.0:
        return 1.0
    elif v < 9:
        return v
""",
    "from a loop": """
def k(v):
    for p in range(3):
        if v < p:
            return p
    return 7.0
""",
    "an array for some": "def k(v):\n    if v < -1.0:\n        return np.ones(1)\n    return np.zeros(1)\n",
    "arrays and numbers": "def k(v):\n    if flag:\n        return np.ones(1)\n    return v\n",
}


@pytest.mark.parametrize("name", SAME)
def test_the_results_are_the_same(name, tmp_path):
    loop = LOOP.replace("k(x[i])", "model.soil.k(x[i])") if "model" in SAME[name] else LOOP
    text = HEAD + SAME[name] + loop
    after = at_once(text, tmp_path)
    np.testing.assert_array_equal(run(text, tmp_path)[0]["b"], run(after, tmp_path)[0]["b"])


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_number_for_each_element_stays(name, tmp_path):
    text = (
        HEAD
        + REFUSED[name]
        + LOOP.replace("b[i]", "if i < n:\n        y = k(x[i])\n    b[i]").replace("k(x[i]) + 1.0", "1.0")
    )
    with pytest.raises(NotAtOnce):
        at_once(text, tmp_path)


def test_a_loop_that_a_function_leaves_stays(tmp_path):
    text = HEAD + "def fill():\n    for i in range(n):  # LOOP\n        b[i] = i\n        if i > 3:\n"
    text += "            return 1\nfill()\n"
    with pytest.raises(NotAtOnce):
        at_once(text, tmp_path)


def test_pythons_numbers_are_divided_by_zero_as_they_were(tmp_path):
    text = HEAD + "c = 0.5\ndef k(v):\n    if v > 3.0:\n        return 0.0\n    return 1.0 / (v - c)\n"
    text += LOOP.replace("x[i]", "plain[i] + 0.125")
    after = at_once(text, tmp_path)
    np.testing.assert_array_equal(run(text, tmp_path)[0]["b"], run(after, tmp_path)[0]["b"])
    for one in (text, after):
        with pytest.raises(ZeroDivisionError):
            run(one.replace("c = 0.5", "c = 0.625"), tmp_path)
    same = [run(one.replace("c = 0.5", "c = 3.625"), tmp_path)[0]["b"] for one in (text, after)]
    np.testing.assert_array_equal(*same)


def test_matrices_of_jumping_coefficients_are_computed_at_once(tmp_path):
    text = HEAD + SAME["a jump"] + "from scipy.sparse import lil_matrix\nA = lil_matrix((n, n))\n"
    text += (
        "for i in range(1, n):\n    A[i, i] = k(x[i]) + 2\n    A[i, i - 1] = -k(x[i - 1])\nA = A.tocsr()\n"
    )
    after = next(one.patches[0].after for one in candidates(text, tmp_path, "coo-assembly"))
    assert "k_of_all" in after
    old, new = (run(one, tmp_path)[0]["A"].toarray() for one in (text, after))
    np.testing.assert_array_equal(old, new)
