"""Conditions of which some parts are the same for all elements: each is asked where Python asks it."""

import numpy as np
import pytest
from rewriting import at_once, run

HEAD = """
import numpy as np
n, m = 6, 9
flag = FLAG
u = np.sin(np.arange(1.0 * m))
w = [0.5 * k for k in range(m)]
r = np.zeros(m)
def f(x):
    if x > 0:
        if flag:
            return 1.0
        return 3.0
    return 2.0
"""
LOOPS = {
    "and": "    if flag and u[i + 5] > 0:\n        r[i] = 2.0\n",
    "or": "    if not flag or w[i + 5] > 0.1:\n        r[i] = 2.0\n",
    "three": "    if n > 3 and flag and u[i + 5] > 0 and i > 1:\n        r[i] = 2.0\n",
    "between": "    if u[i] > 0 and flag and n > 3:\n        r[i] = 2.0\n",
    "after one that differs": "    if i and flag and u[i + 5] > 0 or i == 3 and flag:\n        r[i] = 2.0\n",
    "a number": "    if flag and u[i] > 0:\n        r[i] = 2.0\n",
    "either": "    if u[i] > 0.5 or flag:\n        r[i] = 2.0\n    else:\n        r[i] = 1.0\n",
    "returned": "    r[i] = f(u[i])\n",
}


@pytest.mark.parametrize("seen", ["0", "2"])
@pytest.mark.parametrize("body", LOOPS.values(), ids=LOOPS.keys())
def test_what_is_not_asked_raises_nothing_and_numbers_are_true(body, seen, tmp_path):
    """Elements 5 to 11 of nine: they are asked for where the flag, which is 2 here, says so."""
    text = HEAD + "for i in range(n):  # LOOP\n" + body
    if seen != "0" and "i + 5" in body:
        text = text.replace("n, m = 6, 9", "n, m = 4, 9")
    after = at_once(text.replace("FLAG", seen), tmp_path)
    for value in ("0", "2") if "n, m = 4" in text or "i + 5" not in body else ("0",):
        old = run(text.replace("FLAG", value), tmp_path)[0]["r"]
        new = run(after.replace(f"flag = {seen}", f"flag = {value}"), tmp_path)[0]["r"]
        assert np.array_equal(old, new)
