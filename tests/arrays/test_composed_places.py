"""Where a cell of a temporary is read, in terms of the cells of its reader."""

import pytest

from pdeperf.arrays.ir import Index, composed
from pdeperf.arrays.sizes import Size

N = Size.of("n")
OUTER = [
    Index(0),
    Index(1, 2, N - 1),
    Index(0, 1, Size(3)),
    Index(1, 1, Size(), Size(-1), N),
    Index(0, 1, Size(2), Size(1), N),
]


@pytest.mark.parametrize("outer", OUTER)
def test_a_place_read_at_the_cell_itself_is_that_place(outer):
    assert composed(outer, Index(outer.axis)) == outer


@pytest.mark.parametrize("outer", OUTER)
def test_a_place_read_at_the_cell_of_another_axis_moves_there(outer):
    assert composed(outer, Index(5)).axis == 5
    assert composed(outer, Index(5)).offset == outer.offset


def test_a_place_read_beside_the_cell_is_moved_by_as_much():
    assert composed(Index(0, 2, Size(1)), Index(0, 1, Size(3))) == Index(0, 2, Size(7))
    assert composed(Index(0, 1, Size(), Size(1), N), Index(0, 1, Size(2))).shift == Size(3)
