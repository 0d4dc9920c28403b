"""Hot loops in the branches of an ``if``."""

from collections.abc import Callable

from tests.kernel.conftest import Rewriting

SIDES = """
import numpy as np

class Plate:
    def __init__(self):
        self.T = np.zeros((6, 8))
        self.sides = {"left": 1.0, "right": 2.0, "top": 3.0}

    def apply(self):
        for side, value in self.sides.items():
            if side == "left":
                for j in range(6):
                    self.T[j, 0] += value
            elif side == "right":
                for j in range(6):  # hot
                    self.T[j, -1] += value
            else:
                for i in range(8):
                    self.T[0, i] += value

plate = Plate()
for step in range(4):
    plate.apply()
print(plate.T.tolist())
"""


def test_loops_below_an_elif_are_compiled_with_the_if_it_belongs_to(
    same_steps: Callable[..., Rewriting],
) -> None:
    rewriting = same_steps(SIDES)
    assert "elif" in rewriting.text
