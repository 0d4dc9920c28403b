"""Defaults of called functions that are computed where the function is defined."""

import pytest

GRID = """
import sys
import numpy as np

class Grid:
    n = 8

grid = Grid()
{before}

def place(i, j, n={default}):
    return {place}

{after}
u = np.sin(np.arange(64.0))
v = np.zeros(64)
for i in range(8):  # hot
    for j in range(8):
        v[place(i, j)] = u[place(j, i)] / 3
print(v.sum(), v[3], v[60])
"""


METHOD = """
import sys
import numpy as np

SIDE = int(sys.argv[-1]) if len(sys.argv) > 1 else 8

class Grid:
    def place(self, i, j, n=SIDE):
        return i * n + j

    def fill(self, u):
        v = np.zeros(64)
        for i in range(8):  # hot
            for j in range(8):
                v[self.place(i, j)] = u[self.place(j, i)] / 3
        return v

v = Grid().fill(np.sin(np.arange(64.0)))
SIDE = 3
print(v.sum(), v[3], v[60])
"""


@pytest.mark.parametrize("default", ["grid.n", "side", "min(len(sys.argv), 2) + 6"])
def test_what_a_default_was_then_is_kept(same_for, default):
    before = "side = 8"
    after = "grid.n = 4" if default == "grid.n" else "side = 3"
    same_for(GRID.format(before=before, default=default, place="i * n + j", after=after), "one")


def test_a_literal_constant_is_written_out_in_a_copy(same_output):
    text = GRID.format(
        before="side = 8\nshift = 1", default="side", place="(i * n + j + shift) % 64", after="shift += 1"
    )
    assert "n=8" in same_output(text).candidates[0].patches[0].after


@pytest.mark.parametrize("default", ["grid.n", "int(sys.argv[-1]) if len(sys.argv) > 1 else 8"])
def test_a_function_that_reads_a_global_too_is_given_its_default(same_for, default):
    text = GRID.format(
        before="shift = 1", default=default, place="(i * n + j + shift) % 64", after="shift += 2"
    )
    same_for(text, "7")


def test_a_method_is_given_its_default(same_for):
    same_for(METHOD, "7")


def test_a_function_called_with_and_without_is_refused(rewrite):
    text = GRID.format(before="", default="grid.n", place="i * n + j", after="")
    done = rewrite(text.replace("place(j, i)", "place(j, i, 8)"))
    assert not done.candidates
    assert "`place` is given an object or nothing here and something else elsewhere" in done.reasons


def test_a_default_that_is_never_used_does_not_matter(same_for):
    text = GRID.format(before="", default="grid.n", place="i * n + j", after="grid.n = 5")
    same_for(text.replace("(j, i)", "(j, i, 8)").replace("(i, j)]", "(i, j, n=8)]"), "7")
