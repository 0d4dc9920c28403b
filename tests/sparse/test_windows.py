"""Elements at the counters of a nest are read as parts of arrays where that is all they are."""

import numpy as np
import pytest
from rewriting import at_once, run

HEAD = """
import numpy as np
n, m = 16, 14
u = np.sin(np.arange(280.0)).reshape(20, 14)
v = np.zeros((20, 14))
w = u.T.copy()
"""
NEST = """
for i in range(FIRST, n - 1):  # LOOP
    for j in range(1, m - 1):
        STATEMENT
"""
PARTS = {
    "moved by numbers": "v[i, j] = u[i + 1, j] - 2 * u[i, j - 1] + u[i - 2, j + 1]",
    "from the end where they begin": "v[i, j] = u[i - 3, j] * u[i, j - 2]",
    "with a number that is bound first": "x = u[i, j]\n        v[i, j] = x + u[i + 1, j + 1]",
    "before others are stored": "x = u[i + 1, j]\n        v[i, j] = x\n        v[i, j] += u[i, j]",
}
PLACES = {
    "transposed": "v[i, j] = w[j, i]",
    "one counter for both": "v[i, j] = u[i, i - 2]",
    "a counter that is bound anew": "j = j + 1\n        v[i, j] = u[i, j]",
    "a row": "v[i, j] = u[i - 2].sum()",
    "a condition": "if u[j, 1] > 0:\n            v[i, j] = u[i, j]",
    "a condition that keeps it inside": "if i < 12:\n            v[i, j] = u[i + 8, j]",
    "moved by what differs": "v[i, j] = u[i - j % 2, j]",
}


def both(text, folder):
    after = at_once(text, folder)
    old, new = run(text, folder)[0]["v"], run(after, folder)[0]["v"]
    np.testing.assert_array_equal(old, new)
    return after


def nest(statement, first="2"):
    return HEAD + NEST.replace("FIRST", first).replace("STATEMENT", statement)


@pytest.mark.parametrize("name", PARTS)
def test_elements_at_moved_counters_are_parts_of_arrays(name, tmp_path):
    assert "window(" in both(nest(PARTS[name]), tmp_path)


@pytest.mark.parametrize("name", PLACES)
def test_other_elements_are_looked_up(name, tmp_path):
    both(nest(PLACES[name]), tmp_path)


@pytest.mark.parametrize("first", (15, 21, 0))
def test_no_turns_and_places_from_the_end_give_the_same(first, tmp_path):
    text = nest(PARTS["moved by numbers"], "first").replace("n, m =", "first = 2\nn, m =")
    after = at_once(text, tmp_path)
    assert "window(u, (first + 1, n), " in after
    old, new = (run(one.replace("first = 2", f"first = {first}"), tmp_path)[0]["v"] for one in (text, after))
    np.testing.assert_array_equal(old, new)


def test_places_outside_are_outside(tmp_path):
    text = nest("v[i, j] = u[i + 1, j]").replace("\nfor", "\nn = 16\nfor", 1)
    after = at_once(text, tmp_path)
    for one in (text, after):
        with pytest.raises(IndexError):
            run(one.replace("\nn = 16\n", "\nn = 21\n"), tmp_path)
