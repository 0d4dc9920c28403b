"""Lists of which an array is made at the end are arrays before, too."""

import pytest

from tests.kernel.in_process import difference, proposals, rewritten

HEAT = """import numpy as np

n = 7
T = [[float(i * j) for j in range(n)] for i in range(n)]
for k in range(3):
    Tn = [row[:] for row in T]
    for i in range(1, n - 1):  # hot
        for j in range(1, n - 1):
            T[i][j] = 0.25 * (Tn[i - 1][j] + Tn[i + 1][j] + Tn[i][j - 1] + Tn[i][j + 1])
    print(max(max(row) for row in T))
"""
ENDS = {
    "for good": "T = np.array(T)\nprint(T.mean(), T[2, 3], T.shape)\nprint(T * 2)\n",
    "read by a function": """
def at(i, j):
    return T[i][j]
print(at(1, 2))
T = np.array(T)
print(T.sum())
""",
}
OTHERS = {
    "in a branch": "if n > 6:\n    T = np.array(T)\nprint(T * 2)\n",
    "a list again": "T = np.array(T)\nprint(T * 2)\nT = [[1.0], [2.0]]\nprint(T * 2)\n",
    "changed by a function": """
def back():
    global T
    T = [[1.0], [2.0]]
T = np.array(T)
print(T * 2)
back()
print(T * 2)
""",
    "no copy": "old = T\nT = np.asarray(T)\nT[1, 1] = 5.0\nprint(old[1][1], T[1, 1])\n",
    "read by a function, list and array": """
def over(i, j):
    return 1.0 / T[i][j]
print(over(1, 2))
T = np.array(T)
with np.errstate(divide="ignore"):
    print(over(0, 0))
""",
    "read by a lambda, list and array": """
over = lambda i, j: 1.0 / T[i][j]
print(over(1, 2))
T = np.array(T)
with np.errstate(divide="ignore"):
    print(over(0, 0))
""",
}


def _in_arrays(text, folder):
    found, _ = proposals(text, folder)
    return [one for one in found if "stored in arrays" in one.title]


@pytest.mark.parametrize("name", ENDS)
def test_a_list_that_ends_as_an_array_is_one_before(name, tmp_path):
    text = HEAT + ENDS[name]
    assert any("T = np.array(T)" in rewritten(one) for one in _in_arrays(text, tmp_path))
    assert difference(text, [[]], tmp_path) == ("same", "")


@pytest.mark.parametrize("name", OTHERS)
def test_a_list_that_stays_one_somewhere_is_one_everywhere(name, tmp_path):
    text = HEAT + OTHERS[name]
    assert not _in_arrays(text, tmp_path)
    assert difference(text, [[]], tmp_path)[0] == "same"
