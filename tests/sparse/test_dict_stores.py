"""Dicts of numbers by keys, which hold matrices, with all turns of the loop at once."""

import numpy as np
import pytest
from rewriting import at_once, run

from pdeperf.sparse.batched_values import NotAtOnce

HEAD = """
from collections import defaultdict
import numpy as np
n = 7
h = 0.25
u = np.sin(np.arange(1.0 * n * n))
A = {}
B = {(0, 1): 2.5, (3, 3): -1.0}
S = defaultdict(float)
Z = defaultdict(lambda: 0.0)
ONES = defaultdict(lambda: 1.0)
"""

LOOPS = {
    "get": """
for i in range(n):  # LOOP
    for j in range(n):
        k = i * n + j
        A[(k, k)] = A.get((k, k), 0.0) + 4.0 / h
        for di, dj in ((-1, 0), (1, 0), (0, 1), (0, -1)):
            if 0 <= i + di < n and 0 <= j + dj < n:
                m = (i + di) * n + j + dj
                A[k, m] = A.get((k, m), 0) - u[m] / h
""",
    "defaultdict": """
for k in range(n * n - 1):  # LOOP
    S[k, k + 1] -= u[k]
    S[k, k] += 2.0 * u[k]
    S[k // 2, k // 2] += 1.0
    Z[k % 5] += u[k]
""",
    "in": """
for k in range(n * n):  # LOOP
    key = (k % 6, k % 4)
    if key in B:
        B[key] += u[k]
    else:
        B[key] = u[k]
""",
    "not in": """
for k in range(n * n):  # LOOP
    if k % 9 not in A:
        A[k % 9] = 0.0
    A[k % 9] += u[k]
""",
    "setdefault": """
for k in range(n * n):  # LOOP
    B.setdefault((k % 6, 1), 0.0)
    B[(k % 6, 1)] += u[k]
""",
    "KeyError": """
for k in range(n * n):  # LOOP
    try:
        A[(k % 6, 1)] -= u[k]
    except KeyError:
        A[(k % 6, 1)] = -u[k]
""",
    "set": """
for k in range(n * n):  # LOOP
    if u[k] > 0:
        B[k % 11, k % 3] = u[k]
""",
    "fractions as keys": """
for k in range(n * n):  # LOOP
    A[(k % 3 * h, k % 4)] = A.get((k % 3 * h, k % 4), 0.0) + u[k]
""",
}

ANOTHER = {
    "read in the loop": """
for k in range(1, n * n):  # LOOP
    S[k] += u[k]
    S[k] += 0.5 * S[k - 1]
""",
    "what is not there is no nothing": """
for k in range(n * n):  # LOOP
    ONES[k % 5] += u[k]
""",
    "an entry that must be there": """
for k in range(n * n):  # LOOP
    B[3, 3] += u[k]
""",
    "set and added to": """
for k in range(n * n):  # LOOP
    S[k % 4] += u[k]
    S[k % 5] = u[k]
""",
    "asked for": """
for k in range(n * n):  # LOOP
    if k % 4 in A:
        u[k] = 0.0
    A[k % 4] = A.get(k % 4, 0.0) + 1.0
""",
    "another default": """
for k in range(n * n):  # LOOP
    A[k % 4] = A.get(k % 4, 1.0) + u[k]
""",
    "another key": """
for k in range(n * n):  # LOOP
    A[k % 4] = A.get(k % 5, 0.0) + u[k]
""",
    "one dict under two names": """
C = A
for k in range(n):
    A[k] = 1.0
for k in range(n):  # LOOP
    A[k] = A.get(k, 0.0) + C[(k + 1) % n]
""",
}


@pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS.keys())
def test_entries_and_their_order_stay_the_same(loop, tmp_path):
    after = at_once(HEAD + loop, tmp_path)
    old, new = run(HEAD + loop, tmp_path)[0], run(after, tmp_path)[0]
    for name in "ABSZ":
        assert [*old[name]] == [*new[name]]
        assert [*old[name].values()] == [*new[name].values()]
        assert all(type(number) is float or number.dtype == float for number in new[name].values())


@pytest.mark.parametrize("loop", ANOTHER.values(), ids=ANOTHER.keys())
def test_what_needs_the_turns_in_order_stays_a_loop(loop, tmp_path):
    with pytest.raises(NotAtOnce):
        at_once(HEAD + loop, tmp_path)


def test_numbers_stay_pythons_own(tmp_path):
    text = (
        HEAD + "for k in range(n):  # LOOP\n    A[k] = A.get(k, 0) + 2 * k\n    S[k] += h * k\n    u[k] = k\n"
    )
    new = run(at_once(text, tmp_path), tmp_path)[0]
    assert {*map(type, new["A"].values())} == {int} and {*map(type, new["S"].values())} == {float}


def test_a_loop_without_turns_leaves_a_dict_empty(tmp_path):
    text = HEAD + LOOPS["get"]
    after = at_once(text, tmp_path).replace("n = 7", "n = 0")
    assert run(after, tmp_path)[0]["A"] == {}


def test_several_dicts_beside_arrays(tmp_path):
    text = (
        HEAD
        + """
b = np.zeros(n)
names = {1: 2.0, 2: 3.0}
T = {}
for k in range(n):  # LOOP
    T[k, k] = T.get((k, k), 0.0) + names[1 + k % 2]
    S[k] += 1.0
    b[k] += u[k]
"""
    )
    old, new = run(text, tmp_path)[0], run(at_once(text, tmp_path), tmp_path)[0]
    assert old["T"] == new["T"] and old["S"] == new["S"] and np.array_equal(old["b"], new["b"])
