"""Members of enumerations of integers are numbers to a kernel."""


def test_members_of_an_int_enum_are_passed_as_their_values(same_output):
    done = same_output(
        """
from enum import Enum, IntEnum, auto

import numpy as np


class Cell(IntEnum):
    FLUID = 0
    WALL = 1


class Side(Enum):
    LEFT = auto()
    RIGHT = 5


def is_wall(flag, i):
    return flag[i] == Cell.WALL


flag = np.zeros(12, dtype=int)
flag[3] = Cell.WALL
flag[7] = Side.RIGHT.value
u = np.linspace(0.0, 1.0, 12)
for i in range(1, 11):  # hot
    if flag[i] == Cell.WALL or is_wall(flag, i - 1):
        u[i] = 0.0
    elif flag[i] == Side.RIGHT.value:
        flag[i] = Cell.FLUID
    else:
        u[i] = u[i - 1] * Side.LEFT.value
print(u.tolist(), flag.tolist())
"""
    )
    assert "Cell.WALL.value, Side.RIGHT.value" in done.text
    assert "type(" not in done.text


def test_members_that_are_no_integers_written_there_are_left_alone(rewrite):
    done = rewrite(
        """
from enum import IntEnum

import numpy as np


class Cell(IntEnum):
    FLUID = 0
    WALL = 1

    def __eq__(self, other):
        return False


flag = np.ones(4, dtype=int)
u = np.zeros(4)
for i in range(4):  # hot
    if flag[i] == Cell.WALL:
        u[i] = 1.0
print(u.tolist())
"""
    )
    assert not done.candidates
