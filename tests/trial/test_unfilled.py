"""Arrays that are filled bit by bit hold in between what memory held before: that is no result."""

from collections.abc import Callable

import pytest

from pdeperf.judge import verdict
from pdeperf.model import Outcome

FILLED = """
import numpy as np

{before}
n = {n}
y = np.empty(n * n)
for i in range(n):
    for j in range(n):
        y[i * n + j] = np.sin({factor} * i) + j
{last}
print(y.sum())
"""
DIRTY = "w = np.full({n} * {n}, 3.25)\nprint(w[0])\ndel w"
CLEAN = "print(3.25)\nw = np.zeros({n} * {n})\ndel w"


def version(n: int, before: str, factor: float = 1.0, last: str = "") -> str:
    return FILLED.format(n=n, before=before.format(n=n), factor=factor, last=last)


@pytest.mark.parametrize("n", [8, 40])
def test_what_memory_held_before_is_no_result(bench: Callable, n: int) -> None:
    script = bench(version(n, DIRTY))
    found = script.trial(version(n, CLEAN), forgets=("w",))
    assert found.differences and all(one.within for one in found.differences)
    assert "y" in {one.observable for one in found.differences}
    assert not script.original.of_memory.keys() & {"y", "stdout '#.#'[0]"}


def test_what_is_filled_otherwise_is_still_wrong(bench: Callable) -> None:
    script = bench(version(40, DIRTY))
    assert script.verdict(version(40, CLEAN, factor=1.001), forgets=("w",)).outcome is Outcome.WRONG
    assert verdict(script.trial(version(40, DIRTY, last="y[5] += 1e-3"))).outcome is Outcome.WRONG


EDGES = """
import numpy as np

w = np.full(1600, {held})
del w
y = np.empty(1600)
z = np.zeros(1600)
for t in range(3):
    for i in range(1, 1599):
        y[i] = {factor} * np.sin(i * 1.0) + t
        z[i] += np.cos(i * 1.0) * (t + 1)
print(z.sum())
"""


@pytest.mark.parametrize("held", ["np.nan", "1e9"])
@pytest.mark.parametrize(("factor", "is_right"), [("1.0", True), ("1.5", False)])
def test_of_an_array_with_edges_that_are_never_set_the_rest_is_compared(
    bench: Callable, held: str, factor: str, is_right: bool
) -> None:
    script = bench(EDGES.format(held=held, factor="1.0"))
    found = script.trial(EDGES.format(held="3.25", factor=factor))
    agrees = bool(found.differences) and not found.failure and all(one.within for one in found.differences)
    assert agrees <= is_right
