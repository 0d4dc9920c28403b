"""Stores that all turns of a loop make at once: truths, and rows beside the counter."""

import ast

import numpy as np
import pytest
from rewriting import at_once, observed, run

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.sparse.at_once import has_short_arrays
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


OWN = {
    "a diagonal of those beside it": """
a, c, hit = np.zeros(n), np.zeros(n), np.zeros(n)
for k in range(n):
    if k > 0:
        a[k] = -0.3 * u[k - 1]
    if k < n - 1:
        c[k] = -0.3 * u[k + 1]
    hit[k] = 1 - a[k] - c[k]
""",
    "set, read, and set again": """
a, b, hit = np.ones(n), np.zeros(n), np.zeros(n)
for k in range(n):
    hit[k] = a[k]
    a[k] = u[k] + a[k]
    b[k] = a[k] * 2
    if u[k] > 0:
        a[k] -= b[k] / 3
    hit[k] += a[k]
""",
    "in a nest": """
hit = np.zeros((n, n))
a = w.copy()
for k in range(n):
    for j in range(1, n):
        a[k, j] = w[k, j - 1] + a[k, j]
        hit[k, j] = a[k, j] ** 2
""",
    "kept before it is set": """
a, hit = w[2] + 1, np.zeros(n)
for k in range(n):
    t = a[k]
    a[k] = 5.0
    hit[k] = t + a[k]
""",
    "kept of a nest before it is set": """
a, hit = w + 1, np.zeros((n, n))
for k in range(n):
    for j in range(n):
        t = a[k, j]
        a[k, j] = 5.0
        hit[k, j] = t + a[k, j]
""",
}
BESIDE = {
    "another turn's": """
a, hit = np.zeros(n), np.zeros(n)
for k in range(n):
    a[k] = u[k]
    hit[k] = a[k] + a[k - 1]
""",
    "stored twice in an inner loop": """
a, hit = np.zeros(n), np.zeros(n)
for k in range(n):
    for j in range(2):
        a[k] = u[k] * j + hit[k]
        hit[k] = a[k] + 1
""",
    "two names for one array": """
a, hit = np.zeros((n, n)), np.zeros(n)
b = a[3]
for k in range(n):
    a[k, 3] = u[k] + 1
    b[k] = u[k] + a[k, 3]
    hit[k] = b[k]
hit = a
""",
}


@pytest.mark.parametrize("body", OWN.values(), ids=OWN)
def test_what_a_turn_has_stored_it_reads(body, tmp_path):
    text = HEAD.replace("n = 9", "n = 30") + body.replace(":\n", ":  # LOOP\n", 1)
    new, old = (run(one, tmp_path)[0] for one in (at_once(text, tmp_path), text))
    assert np.array_equal(new["hit"], old["hit"])
    assert np.array_equal(new["a"], old["a"])


@pytest.mark.parametrize("body", BESIDE.values(), ids=BESIDE)
def test_what_other_turns_have_stored_is_left(body, tmp_path):
    text = HEAD + body.replace(":\n", ":  # LOOP\n", 1)
    try:
        after = at_once(text, tmp_path)
    except NotAtOnce:
        return
    new, old = (run(one, tmp_path)[0] for one in (after, text))
    assert np.array_equal(new["hit"], old["hit"])


@pytest.mark.parametrize(("n", "is_short"), [(40, True), (400, False)])
def test_turns_of_short_arrays_are_computed_at_once_without_a_compiler(n, is_short, tmp_path):
    """The memory of all turns of long ones would be moved back and forth."""
    text = HEAD.replace("n = 9", f"n = {n}") + AT_ONCE["columns beside the counter"]
    project = observed(text, tmp_path)
    module = project["script.py"]
    (loop,) = [one for one in module.tree.body if isinstance(one, ast.For)]
    assert has_short_arrays(Meaning(project), module, loop) is is_short
