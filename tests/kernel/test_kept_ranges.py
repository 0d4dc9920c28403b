"""Loops over ranges that were made before and have names."""

import pytest

NAMED = """
import sys
import numpy as np

n = int(sys.argv[1]) if len(sys.argv) > 1 else 12
{made}
u = np.cos(np.arange(144.0)).reshape(12, 12)
v = np.zeros((12, 12))

def relax():
    for i in {rows}:  # hot
        for j in {columns}:
            v[i, j] = u[i - 1, j] + u[i, j - 1] / 3

for turn in range(2):
    relax()
print(v.sum(), v[3, 4], list({rows})[:3])
"""


GRID = """
class Grid:
    def __init__(self):
        self.inner = range(2, n)
grid = Grid()
"""


@pytest.mark.parametrize(
    ("made", "rows", "columns"),
    [
        ("inner, whole = range(1, n - 1), range(n)", "inner", "whole"),
        ("inner = range(1, n - 1)\nwhole = range(n)", "inner", "whole"),
        (GRID, "grid.inner", "grid.inner"),
        ("inner = range(1, n - 1)\nif n > 6:\n    inner = range(n - 4)", "inner", "inner"),
    ],
)  # fmt: skip
def test_a_range_with_a_name_is_looped_over(same_for, made, rows, columns):
    done = same_for(NAMED.format(made=made, rows=rows, columns=columns), "5", "0")
    assert f"{rows}.start, {rows}.stop" in done.text


@pytest.mark.parametrize(
    "made",
    [
        "inner = range(1, n - 1, 2)",
        "inner = range(n - 1)\nif n > 20:\n    inner = range(n - 1, 0, -1)",
        "inner = range(n - 2, 0, -1)",
    ],
)
def test_a_range_that_may_go_by_other_steps_is_looped_over_with_its_step(same_for, made):
    done = same_for(NAMED.format(made=made, rows="inner", columns="inner"), "5", "0", "24")
    assert "inner.start, inner.step, inner.stop" in done.text


SWEEPS = """
import sys
import numpy as np

n = 12
T = np.cos(np.arange(144.0)).reshape(12, 12)

def sweep(xs, ys):
    change = 0.0
    for i in xs:  # hot
        for j in ys:
            new = 0.5 * (T[i - 1, j] + T[i, j - 1])
            change = max(change, abs(T[i, j] - new))
            T[i, j] = new
    return change

orders = [(range(1, n), range(n - 1, 0, -1)), (range(n - 1, -1, -1), range(1, n, 2))]
{more}
for turn in range(2):
    for xs, ys in orders:
        print(sweep(xs, ys))
print(T.sum(), T[3, 4])
"""


def test_ranges_in_a_list_of_orders_are_given_to_the_loop(same_steps):
    done = same_steps(SWEEPS.format(more=""))
    assert "range(xs_start, xs_stop, xs_step)" in done.text


@pytest.mark.parametrize(
    "more",
    [
        "if len(sys.argv) > 1:\n    orders.append(([3, 1], [2, 5]))",
        "others = orders\nif len(sys.argv) > 1:\n    others[0] = ([3, 1], [2, 5])",
        "if len(sys.argv) > 1:\n    orders = [([3, 1], [2, 5])]",
    ],
)
def test_a_list_of_orders_that_may_hold_other_things_is_refused(rewrite, more):
    assert not rewrite(SWEEPS.format(more=more)).candidates


@pytest.mark.parametrize(
    "made",
    ["inner = range(n - 1)\nif n > 20:\n    inner = [3, 1]"],
)
def test_what_may_be_another_range_is_refused(rewrite, made):
    done = rewrite(NAMED.format(made=made, rows="inner", columns="inner"))
    assert not done.candidates
