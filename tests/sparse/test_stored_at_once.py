"""Stores that all turns of a loop make at once: truths, and rows beside the counter."""

import numpy as np
import pytest
from rewriting import at_once, run

from pdeperf.sparse.batched_values import NotAtOnce

HEAD = """
import numpy as np
n = 9
u = np.cos(np.arange(1.0 * n))
w = np.sin(np.arange(1.0 * n * n)).reshape(n, n)
i = np.arange(1, n - 1)
"""
AT_ONCE = {
    "a comparison": """
hit = u > 0
for k in range(1, n - 1):  # LOOP
    hit[k] = u[k] - u[k - 1] < 0.1 * k
""",
    "truths on a condition": """
hit = np.zeros(n, dtype=bool)
for k in range(n):  # LOOP
    if u[k] > 0.2:
        hit[k] = True
    elif u[k] < -0.5:
        hit[k] = not k < 4 and u[k] != w[k, k]
""",
    "columns beside the counter": """
hit = np.zeros((n - 2, n - 2))
for j in range(1, n - 1):  # LOOP
    hit[:, j - 1] = w[i, j] + 0.5 * (w[i, j - 1] - 2 * w[i, j] + w[i, j + 1])
""",
    "columns counted from the end, one twice": """
hit = np.zeros((n - 2, n))
for j in range(0, n + 1):  # LOOP
    hit[:, j - 1] = w[i, j % n] + j
""",
    "rows beside the counter": """
hit = np.zeros((n, n - 2))
for j in range(0, n - 1):  # LOOP
    hit[j + 1, :] = w[j, i] - w[j + 1, i + 1]
""",
}
LEFT = {
    "numbers as truths": """
hit = u > 0
for k in range(n):  # LOOP
    hit[k] = u[k] + 1
""",
    "whole numbers": """
hit = np.zeros(n, dtype=int)
for k in range(n):  # LOOP
    hit[k] = u[k] * 3
""",
    "rows that several turns store into": """
hit = np.zeros((n, n - 2))
for j in range(0, n - 1):  # LOOP
    hit[j // 2, :] = w[j, i]
""",
}


@pytest.mark.parametrize("body", AT_ONCE.values(), ids=AT_ONCE)
def test_all_turns_store_the_same_at_once(body, tmp_path):
    text = HEAD + body
    new, old = (run(one, tmp_path)[0]["hit"] for one in (at_once(text, tmp_path), text))
    assert new.dtype == old.dtype
    assert np.array_equal(new, old)


@pytest.mark.parametrize("body", LEFT.values(), ids=LEFT)
def test_what_may_come_out_otherwise_is_left(body, tmp_path):
    with pytest.raises(NotAtOnce):
        at_once(HEAD + body, tmp_path)
