"""Functions that a loop's function is given, or that stand beside the loop, for all elements at once."""

import numpy as np
import pytest
from rewriting import at_once, run

from pdeperf.sparse.batched_values import NotAtOnce

HEAD = """
import numpy as np
points = np.random.default_rng(1).random((9, 2))
SCALE = 2.0
def source(x, y):
    if x > 0.5:
        return SCALE * x * y
    return x - y
def other(x, y):
    return x + y
def load(points, f, count):
    b = np.zeros(len(points))
    for i in range(count):  # LOOP
        x, y = points[i]
        b[i] = f(x, y) + 1.0
    return b
"""

KNOWN = {
    "a function of the file": "b = load(points, source, len(points))",
    "a function by name": "b = load(points, count=len(points), f=source)",
    "one that is handed on": "def solve(g):\n    return 2 * load(points, g, 9)\nb = solve(source)",
    "one written in the call": "b = load(points, lambda x, y: SCALE * np.sin(x) * y, 9)",
    "the same in two calls": "b = load(points, source, 9) + load(points, source, 4)",
}

UNKNOWN = {
    "another that was not run": "b = load(points, source, 9)\nif b[0] > 1e9:\n    b = load(points, other, 9)",
    "two": "b = load(points, source, 9) + load(points, other, 9)",
    "one out of a list": "b = load(points, [source, other][0], 9)",
    "known under another name": "again = load\nb = load(points, source, 9)",
    "one that is bound anew": "if SCALE > 3:\n    source = other\nb = load(points, source, 9)",
    "one that reads a name of its own": """
def main():
    count = 3.0
    return load(points, lambda x, y: count * x * y, 9)
b = main()
""",
}


@pytest.mark.parametrize("calls", KNOWN.values(), ids=KNOWN.keys())
def test_what_all_calls_give_is_run_for_all_elements(calls, tmp_path):
    text = HEAD + calls
    old, new = run(text, tmp_path)[0], run(at_once(text, tmp_path), tmp_path)[0]
    assert np.array_equal(old["b"], new["b"])


@pytest.mark.parametrize("calls", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_what_may_be_another_function_is_left_alone(calls, tmp_path):
    with pytest.raises(NotAtOnce):
        at_once(HEAD + calls, tmp_path)


WITHIN = """
import numpy as np
def solve(n, eps):
    points = np.random.default_rng(1).random((n, 3, 2))
    def area(X):
        J = np.array([X[1] - X[0], X[2] - X[0]])
        return abs(np.linalg.det(J)) / 2
    def gradients(X):
        \"\"\"Of the three hat functions.\"\"\"
        M = np.ones((3, 3))
        M[:, 1:] = X
        C = np.linalg.inv(M)
        return eps * C[1:, :], area(X)
    b = np.zeros(n)
    for e in range(n):  # LOOP
        G, a = gradients(points[e])
        b[e] = a * G[0, 1] + eps
    return b
b = solve(8, 0.5)
"""


def test_functions_beside_the_loop_are_given_what_they_close_over(tmp_path):
    after = at_once(WITHIN, tmp_path)
    assert "def gradients_of_all(X, *, eps):" in after
    assert np.allclose(run(WITHIN, tmp_path)[0]["b"], run(after, tmp_path)[0]["b"], rtol=1e-13)


def test_a_function_beside_the_loop_that_reads_what_it_binds_stays(tmp_path):
    text = WITHIN.replace("def area(X):", "def area(X):\n        s = float(e)").replace(
        "det(J)) / 2", "det(J)) / 2 + s"
    )
    with pytest.raises(NotAtOnce):
        at_once(text, tmp_path)


def test_a_loop_within_a_function_beside_sees_only_its_own_names(tmp_path):
    text = WITHIN.replace(
        "    b = np.zeros(n)\n    for e", "    def run():\n     b = np.zeros(n)\n     for e"
    )
    text = text.replace("        G, a =", "         G, a =").replace("        b[e]", "         b[e]")
    text = text.replace("    return b\n", "     return b\n    return run()\n")
    try:
        after = at_once(text, tmp_path)
    except NotAtOnce:
        return
    assert np.allclose(run(text, tmp_path)[0]["b"], run(after, tmp_path)[0]["b"], rtol=1e-13)


ANEW = {
    "wrapped": "def twice(g):\n    return lambda x, y: 2 * g(x, y)\nsource = twice(source)\n",
    "on a condition": "if SCALE > 3:\n    source = other\n",
    "in a function": "def change():\n    global source\n    source = other\nif SCALE > 3:\n    change()\n",
    "by its name": "if SCALE > 3:\n    globals()['source'] = other\n",
    "defined again": "if SCALE > 3:\n    def source(x, y):\n        return x\n",
}
CALLED = """
b = np.zeros(9)
for i in range(9):  # LOOP
    x, y = points[i]
    b[i] = source(x, y)
"""


@pytest.mark.parametrize("change", ANEW.values(), ids=ANEW.keys())
def test_a_function_that_is_bound_anew_is_left_alone(change, tmp_path):
    with pytest.raises(NotAtOnce):
        at_once(HEAD.replace("  # LOOP", "") + change + CALLED, tmp_path)


def test_a_name_of_another_function_does_not_count(tmp_path):
    text = HEAD.replace("  # LOOP", "") + "def elsewhere():\n    source = 3.0\n    return source\n" + CALLED
    assert "source_of_all" in at_once(text, tmp_path)
