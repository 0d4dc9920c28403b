"""Lists of triplets become arrays where only constructors of matrices read them."""

import ast

import numpy as np
import pytest
from rewriting import observed, run

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.source.edits import apply
from pdeperf.sparse.at_once import turns_at_once
from pdeperf.sparse.batched_values import NotAtOnce
from pdeperf.sparse.written import Additions

HEAD = """
import numpy as np
import scipy.sparse as sp
from scipy.sparse import coo_matrix, csr_matrix
n = 7
x = np.linspace(0.0, 3.0, 9)
"""
LOOP = """
    for i in range(n):  # LOOP
        rows.append(i)
        cols.append(i)
        data.append(2.0 + x[i])
        if i > 0:
            rows.append(i)
            cols.append(i - 1)
            w = x[i] * 0.5
            data.append(-w)
"""
BUILD = "def build(x):\n    rows = []\n    cols = []\n    data = []" + LOOP
USE = "A = build(x)\nprint(A.toarray())\n"
SHAPED = "(data, (rows, cols)), shape=(n, n)"

ARRAYS = {
    "one constructor": f"{BUILD}    return csr_matrix({SHAPED})\n{USE}",
    "of COO, converted": f"{BUILD}    return coo_matrix({SHAPED}).tocsc()\n{USE}",
    "of COO, left as it is": f"{BUILD}    return sp.coo_array({SHAPED})\n{USE}",
    "arrays of the lists": f"""
{BUILD}    rows, cols = np.array(rows), np.asarray(cols, dtype=np.int32)
    rows += 0
    return csr_matrix((np.array(data), (rows, cols)), shape=(n, n))
{USE}""",
    "two constructors that copy": f"{BUILD}    return csr_matrix({SHAPED}) + sp.csc_array({SHAPED})\n{USE}",
    "their number": f"{BUILD}    print(len(rows))\n    return csr_matrix({SHAPED})\n{USE}",
    "in a file": "rows, cols, data = [], [], []\nif True:\n    pass\n"
    + "".join(line[4:] + "\n" for line in LOOP.splitlines())
    + f"A = csr_matrix({SHAPED})\nprint(A.toarray())\n",
    "made anew in every turn": f"""
def build(x):
    total = 0
    for step in range(3):
        rows, cols, data = [], [], []
{"".join(f"    {line}" + chr(10) for line in LOOP.splitlines())}
        total = total + csr_matrix({SHAPED}) * step
    return total
{USE}""",
    "whole numbers": f"{BUILD}    return csr_matrix({SHAPED})\n{USE}".replace("2.0 + x[i]", "2").replace(
        "x[i] * 0.5", "i"
    ),
}
LISTS = {
    "given back": f"{BUILD}    return csr_matrix({SHAPED}), rows\nA, rows = build(x)\nprint(rows + rows)\n",
    "appended to later": f"{BUILD}    rows.append(0)\n    cols.append(1)\n    data.append(1.0)\n"
    f"    return csr_matrix({SHAPED})\n{USE}",
    "begun with an entry": f"{BUILD}    return csr_matrix({SHAPED})\n{USE}".replace("rows = []", "rows = [0]")
    .replace("cols = []", "cols = [1]")
    .replace("data = []", "data = [1.0]"),
    "under another name too": f"{BUILD}    return csr_matrix({SHAPED})\n{USE}".replace(
        "    data = []", "    data = []\n    r, c, d = rows, cols, data"
    ),
    "known to a function within": f"{BUILD}    more = lambda: rows + cols + data\n"
    f"    return csr_matrix({SHAPED})\n{USE}",
    "doubled": f"{BUILD}    rows, cols, data = rows * 2, cols * 2, data * 2\n"
    f"    return csr_matrix({SHAPED})\n{USE}",
    "two matrices that would share arrays": f"{BUILD}    A, B = coo_matrix({SHAPED}), coo_matrix({SHAPED})\n"
    f"    A.data *= 2\n    A.row[:] = 0\n    A.col[:] = 0\n    return A + B\n{USE}",
    "arrays that would be one": f"{BUILD}    r, s = np.asarray(rows), np.asarray(rows)\n    r[0] = 5\n"
    "    c, e = np.asarray(cols), np.asarray(cols)\n    d, f = np.asarray(data), np.asarray(data)\n"
    f"    return csr_matrix((d + f, (s, c + e - c)), shape=(n, n))\n{USE}",
    "grown from turn to turn": f"""
def build(x):
    rows, cols, data = [], [], []
    for step in range(3):
{"".join(f"    {line}" + chr(10) for line in LOOP.splitlines())}
    return csr_matrix({SHAPED})
{USE}""",
    "read before they are made": f"""
def build(x):
    rows, cols, data = [], [], []
    for step in range(3):
        print(np.array(rows + cols + data))
        rows, cols, data = [], [], []
{"".join(f"    {line}" + chr(10) for line in LOOP.splitlines())}
        A = csr_matrix({SHAPED})
    return A
{USE}""",
    "read in the next turn": f"""
def build(x):
    for step in range(3):
        if step:
            print(np.array(rows + cols + data))
        rows, cols, data = [], [], []
{"".join(f"    {line}" + chr(10) for line in LOOP.splitlines())}
        A = csr_matrix({SHAPED})
    return A
{USE}""",
    "read after the turns": f"""
def build(x):
    for step in range(3):
        rows, cols, data = [], [], []
{"".join(f"    {line}" + chr(10) for line in LOOP.splitlines())}
        A = csr_matrix({SHAPED})
    print(np.array(rows + cols + data))
    return A
{USE}""",
    "one matrix after the other that would share arrays": f"""
{BUILD}    total = 0
    for step in range(3):
        A = coo_matrix({SHAPED})
        A.data *= 2
        A.row[:] = 0
        A.col[:] = 0
        total = total + A
    return total
{USE}""",
    "looked at by name": f"{BUILD}    print(np.array(locals()['rows'] + [0]))\n"
    f"    return csr_matrix({SHAPED})\n{USE}",
    "read by other code of the file": "rows, cols, data = [], [], []\ndef more():\n"
    "    return rows + cols + data\nif True:\n    pass\n"
    + "".join(line[4:] + "\n" for line in LOOP.splitlines())
    + f"A = csr_matrix({SHAPED})\nprint(A.toarray(), np.array(more()))\n",
}


def rewritten(text, folder):
    project = observed(text, folder)
    module = project["script.py"]
    line = next(number for number, one in enumerate(text.splitlines(), start=1) if "# LOOP" in one)
    loop = next(one for one in ast.walk(module.tree) if isinstance(one, ast.For) and one.lineno == line)
    added = Additions(module)
    edits, _ = turns_at_once(Meaning(project), module, loop, added)
    return apply(text, [*added.edits(), *edits])


def check(text, folder):
    after = rewritten(text, folder)
    (old, out), (new, out_now) = run(text, folder), run(after, folder)
    assert out == out_now
    assert type(old["A"]) is type(new["A"])
    assert old["A"].dtype == new["A"].dtype
    np.testing.assert_array_equal(old["A"].toarray(), new["A"].toarray())
    return after


@pytest.mark.parametrize("name", ARRAYS)
def test_lists_that_feed_matrices_alone_become_arrays(name, tmp_path):
    after = check(HEAD + ARRAYS[name], tmp_path)
    assert "tolist" not in after
    assert "cols = []" not in after


@pytest.mark.parametrize("name", LISTS)
def test_lists_that_somebody_could_tell_from_arrays_stay(name, tmp_path):
    after = check(HEAD + LISTS[name], tmp_path)
    assert "rows.extend(" in after


def test_values_bound_between_two_appends_are_those_of_the_time(tmp_path):
    text = (HEAD + ARRAYS["one constructor"]).replace(
        "            w = x[i] * 0.5\n", "            i = i - 1\n            w = x[i] * 0.5\n"
    )
    check(text, tmp_path)


def test_lists_that_grow_on_different_conditions_keep_theirs(tmp_path):
    loop = """
    for i in range(n):  # LOOP
        if i % 2:
            rows.append(i)
            data.append(1.0 + i)
        else:
            cols.append(i)
            data.append(-1.0 - i)
        if i % 2:
            cols.append(1)
        else:
            rows.append(0)
"""
    check((HEAD + ARRAYS["one constructor"]).replace(LOOP, loop), tmp_path)


def test_the_body_of_a_class_stays(tmp_path):
    text = f"{HEAD}class Mesh:\n    rows, cols, data = [], [], []{LOOP}    A = csr_matrix({SHAPED})\n"
    with pytest.raises(NotAtOnce):
        rewritten(text, tmp_path)
