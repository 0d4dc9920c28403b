"""Of branches on options that never change one is put in, early returns among them; that is checked."""

import pytest

from pdeperf.arrays.ways import promising
from pdeperf.model import Candidate
from tests.arrays.in_process import difference, proposals, rewritten, run
from tests.arrays.test_lift import check

pytestmark = pytest.mark.usefixtures("interpreted")


def same_for(inputs, text: str, tmp_path, *, exact: bool = True) -> bool:
    """Does every candidate worth a trial compute what the program does, on other inputs as well?"""
    found = [one for one in proposals(text, tmp_path, promising) or [] if isinstance(one, Candidate)]
    return not any(
        difference(run(text, argv, tmp_path), run(rewritten(one), argv, tmp_path), one.forgets, exact=exact)
        for one in found
        for argv in ((), *inputs)
    )


RETURNING = """\
import numpy as np


def lap(z, bc="wrap"):
    if bc == "wrap":
        return np.roll(z, 1, 0) + np.roll(z, -1, 0) - 2 * z
    if bc == "edge":
        p = np.pad(z, ((1, 1), (0, 0)), mode="edge")
        return p[2:] + p[:-2] - 2 * z
    raise ValueError(bc)


u = np.sin(np.arange(42.0)).reshape(7, 6)
for it in range(28):
    u = u + 0.1 * lap(u)  # hot
    u += 0.1 * lap(u, "edge")
"""
METHOD = """\
import sys
import numpy as np


class Solver:
    def __init__(self, bc, order, forced):
        self.bc, self.order, self.forced, self.tolerance = bc, order, forced, None
        self.u = np.sin(np.arange(42.0)).reshape(7, 6)

    def slope(self):
        if self.bc in ("wrap", "periodic"):
            s = np.roll(self.u, 1, 0) - np.roll(self.u, -1, 0)
        elif self.bc == "edge":
            p = np.pad(self.u, ((1, 1), (0, 0)), mode="edge")
            s = p[2:] - p[:-2]
        else:
            raise ValueError(self.bc)
        return s if self.tolerance is None else 2 * s

    def step(self, it):
        if self.order == 2 and not self.forced:
            mid = self.u + 0.05 * self.slope()
            self.u = 0.5 * (self.u + mid)
        self.u = self.u + 0.1 * self.slope()  # hot
        {changed}


given = [*sys.argv[1:], *("wrap", "2", "")[len(sys.argv) - 1:]]
solver = Solver(given[0], int(given[1]), bool(given[2]))
if given[0] == "late":
    solver.bc, solver.tolerance = "edge", 0.5
for it in range(28):
    solver.step(it)
u = solver.u
"""


def test_functions_that_return_early_are_put_in(tmp_path):
    after = check(RETURNING, tmp_path).partition("def lap")[0]
    assert "Returns u" in after


def test_methods_are_put_in_without_the_branches_that_options_rule_out(tmp_path):
    after = check(METHOD.format(changed="pass"), tmp_path)
    assert "solver.bc == 'wrap'" in after and "solver.tolerance is None" in after
    assert same_for(OTHER, METHOD.format(changed="pass"), tmp_path)


OTHER = (("edge",), ("wrap", "1"), ("wrap", "2", "forced"), ("late",), ("none",))
CHANGES = (
    "self.bc = 'edge'",
    "if it == 2:\n            self.bc = 'edge'",
    "self.turn(it)",
    "setattr(self, 'bc', 'edge' if it > 2 else 'wrap')",
)
TURN = "    def turn(self, it):\n        self.bc = 'edge' if it == 3 else 'wrap'\n\n    def slope"


@pytest.mark.parametrize("changed", CHANGES)
def test_options_that_change_are_asked_each_time(changed, tmp_path):
    text = METHOD.replace("    def slope", TURN, 1).format(changed=changed)
    assert same_for(OTHER, text, tmp_path)


ASSERTING = """\
import numpy as np


def lap(z, bc="wrap"):
    assert {asked}, "a field"
    if bc == "wrap":
        right, left = np.roll(z, 1, 0), np.roll(z, -1, 0)
        return right + left - 2 * z
    else:
        raise NotImplementedError


u = np.sin(np.arange(42.0)).reshape(7, 6)
for it in range(28):
    u = u + 0.1 * lap(u)  # hot
"""


@pytest.mark.parametrize("asked", ["z.ndim == 2", "bc in ('wrap', 'edge')"])
def test_functions_that_assert_what_the_kernel_rests_on_are_put_in(asked, tmp_path):
    after = check(ASSERTING.format(asked=asked), tmp_path).partition("def lap")[0]
    assert "Returns u" in after and "assert" not in after


def test_assertions_about_dimensions_fail_as_before(tmp_path):
    text = ASSERTING.format(asked="z.ndim == 2").replace("import numpy", "import sys\nimport numpy", 1)
    text = text.replace(".reshape(7, 6)", ".reshape((7, 6, 1)[:int((*sys.argv, 2)[1])])", 1)
    text = text.replace("(*sys.argv, 2)[1]", "(sys.argv[1:] or [2])[0]")
    check(text, tmp_path)
    assert same_for((("3",),), text, tmp_path)


def test_methods_that_assert_an_option_are_put_in(tmp_path):
    asked = "    def slope(self):\n        assert self.bc in ('wrap', 'edge', 'periodic')\n"
    text = METHOD.format(changed="pass").replace("    def slope(self):\n", asked, 1)
    after = check(text, tmp_path)
    assert "solver.bc == 'wrap'" in after
    assert same_for(OTHER, text, tmp_path)


@pytest.mark.parametrize("asked", ["z.ndim == 3 or z.size == 42", "z.max() < 9", "it < 20 or z.ndim == 2"])
def test_functions_that_assert_anything_else_still_do(asked, tmp_path):
    found = [
        one
        for one in proposals(ASSERTING.format(asked=asked), tmp_path, promising) or []
        if isinstance(one, Candidate)
    ]
    assert all("lap(u)" in rewritten(one).rpartition("for it in range(28)")[2] for one in found)
    assert same_for((), ASSERTING.format(asked=asked), tmp_path)
