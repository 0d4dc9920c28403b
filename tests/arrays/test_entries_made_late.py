"""Entries that a region is the first to give a dict: it is not asked for them when it begins."""

import pytest

from tests.arrays.test_options import same_for

pytestmark = pytest.mark.usefixtures("interpreted")

STORED = """\
import sys
import numpy as np


def step(u, out):
    out["flux"] = 0.5 * (u - np.roll(u, 1, 0)) * u
    return u - 0.1 * out["flux"]


given = [*sys.argv[1:], "there"]
u = np.sin(np.arange(42.0)).reshape(7, 6)
out = {"last": u, "flux": u, "old": u} if "there" in given else {}
turns = 28 if given[0] != "none" else 0
for it in range(turns):
    u = u + 0.1 * (np.roll(u, 1, 0) - u)  # hot
    if it % 7 == 3:
        out["old"] = u.copy()
    out["last"] = u * 2.0
    u = step(u, out)
keys, last, flux = len(out), out.get("last", u), out.get("flux", u)
first = [*out, ""][0] == "last"
"""
OF_AN_OBJECT = """\
import numpy as np


class Solver:
    def __init__(self):
        self.u = np.sin(np.arange(42.0)).reshape(7, 6)
        self.parts = {}

    def step(self):
        self.parts["f"] = self.u - np.roll(self.u, 1, 0)
        self.parts["g"] = self.parts["f"] * 0.5
        self.u = self.u - 0.1 * self.parts["g"]  # hot


solver = Solver()
for it in range(28):
    solver.step()
u, f = solver.u, solver.parts["f"]
"""


def test_a_dict_without_them_gets_them_as_before(tmp_path):
    assert same_for(
        [("missing", "x"), ("none", "x")],
        STORED.replace('*sys.argv[1:], "there"', "*(sys.argv[1:] or ['there'])"),
        tmp_path,
    )


def test_a_dict_that_never_had_them_when_the_region_began(tmp_path):
    assert same_for([], STORED.replace('if "there" in given', "if False"), tmp_path)
    assert same_for([], OF_AN_OBJECT, tmp_path)
