"""Functions that append to lists or add to arrays for a loop are written in it, for all turns at once."""

import numpy as np
import pytest
from rewriting import candidates, run

HEAD = """
import numpy as np
from scipy.sparse import coo_matrix
n = 14
N = n * n
b = np.zeros(N)
kx = 1 + np.arange(1.0 * N).reshape(n, n) / N
"""
LISTS = "rows, cols, vals = [], [], []\n"
ADD = """
def add(i, j, v):
    rows.append(i)
    cols.append(j)
    vals.append(v)
"""
LOOP = """
for i in range(n):
    for j in range(n):
        k = i * n + j
        add(k, k, 4.0 + kx[i, j])
        if i > 0: add(k, k - n, -1.0)
        if i < n - 1:
            add(k, k + n, -kx[i + 1, j])
        if j == 0: b[k] = 1.0; add(k, k, 0.5)
        elif j == n - 1: add(k, k - 1, -2.0)
        else: add(k, k + 1, -1.0 * j)
"""
END = "A = coo_matrix((vals, (rows, cols)), shape=(N, N)).tocsr()\nprint(A.sum().round(9))\n"
SAME = {
    "at module level": HEAD + LISTS + ADD + LOOP + END,
    "a function within a function": HEAD
    + "def build(kx):\n    b = np.zeros(N)\n    rows, cols, vals = [], [], []"
    + (ADD + LOOP).replace("\n", "\n    ")
    + "\n    return coo_matrix((vals, (rows, cols)), shape=(N, N)).tocsr(), b\nA, b = build(kx)\n",
    "lists that are handed over": HEAD
    + LISTS
    + ADD.replace("(i, j, v)", "(rows, cols, vals, i, j, v=-0.25)")
    + LOOP.replace("add(", "add(rows, cols, vals, ").replace("k - n, -1.0)", "k - n)")
    + END,
    "one that calls another": HEAD
    + LISTS
    + ADD
    + """
def both(i, j, v):
    add(i, j, v)
    add(j, i, -v)
    if v < -3:
        return
    b[i] += v
"""
    + LOOP.replace("add(k, k - n", "both(k, k - n").replace("add(k, k + 1", "both(k, k + 1")
    + END,
    "a method of an object that is made once": HEAD
    + """
class Assembler:
    def __init__(self):
        self.rows, self.cols, self.vals = [], [], []
    def add(self, i, j, v):
        self.rows.append(i)
        self.cols.append(j)
        self.vals.append(v)
asm = Assembler()
"""
    + LOOP.replace("add(", "asm.add(")
    + END.replace("vals,", "asm.vals,").replace("rows, cols", "asm.rows, asm.cols"),
    "names that both have": HEAD
    + LISTS
    + """
def add(k, i, v):
    j = k * 2 - k
    for n in (0.5, 0.25):
        rows.append(j)
        cols.append(i)
        vals.append(v * n)
"""
    + LOOP
    + END,
}
OTHERWISE = {
    "a count that goes up": HEAD
    + LISTS
    + "count = 0\n"
    + ADD
    + "    global count\n    count += 1\n    vals[-1] += count\n"
    + LOOP
    + END,
    "a function under its name later": HEAD
    + LISTS
    + ADD
    + "keep = add\ndef more(i, j, v):\n    keep(j, i, v)\nif n > 3:\n    add = more\n"
    + LOOP
    + END,
    "lists of another name": HEAD
    + LISTS
    + ADD
    + "def build(kx):\n    rows, cols = [], []"
    + LOOP.replace("\n", "\n    ")
    + "\n    return len(rows)\nprint(build(kx))\n"
    + END,
    "two objects under one name": HEAD
    + """
class Assembler:
    def __init__(self):
        self.rows, self.cols, self.vals = [], [], []
    def add(self, i, j, v):
        self.rows.append(i)
        self.cols.append(j)
        self.vals.append(v)
class Other(Assembler):
    def add(self, i, j, v):
        Assembler.add(self, j, i, 2 * v)
asm = Assembler()
asm = Other()
"""
    + LOOP.replace("add(", "asm.add(")
    + END.replace("vals,", "asm.vals,").replace("rows, cols", "asm.rows, asm.cols"),
    "a length that is looked at": HEAD + LISTS + ADD + "    b[len(rows) % N] += v\n" + LOOP + END,
}


def check(text, after, folder):
    (old, out), (new, out_now) = run(text, folder), run(after, folder)
    assert out == out_now
    np.testing.assert_allclose(old["A"].toarray(), new["A"].toarray(), rtol=1e-13)
    np.testing.assert_allclose(old["b"], new["b"], rtol=1e-13)


@pytest.mark.parametrize("name", SAME)
def test_what_a_loop_calls_to_add_entries_is_done_at_once(name, tmp_path):
    found = candidates(SAME[name], tmp_path, "vectorise")
    assert found
    after = found[0].patches[0].after
    assert "in range(n)" not in after
    check(SAME[name], after, tmp_path)


@pytest.mark.parametrize("name", OTHERWISE)
def test_what_may_not_stand_in_the_loop_keeps_its_meaning(name, tmp_path):
    for candidate in candidates(OTHERWISE[name], tmp_path, "vectorise"):
        check(OTHERWISE[name], candidate.patches[0].after, tmp_path)
