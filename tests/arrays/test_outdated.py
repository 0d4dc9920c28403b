"""Loops over a few arrays are written out where their names stay what they stood for."""

from textwrap import indent

import pytest

from tests.arrays.test_lift import check
from tests.arrays.test_options import same_for

pytestmark = pytest.mark.usefixtures("interpreted")

FIELDS = """\
import sys
import numpy as np


class Fields:
    def __init__(self, a, b):
        self.a, self.b, self.other = a, b, b.copy()

    def damp(self, it):
        self.b = self.b * 0.5

    @property
    def half(self):
        return 0.5 * self.a

    def run(self, taper):
        s, a, b, number = self.s, self.a, self.b, 1.5
        for it in range(28):
            s["u"][1:] += 0.1 * (s["v"][1:] - s["v"][:-1]) + 0.1 * (self.a[1:] - self.b[:-1])  # hot
            {body}
        return number


a, b = np.sin(np.arange(42.0)).reshape(7, 6), np.cos(np.arange(42.0)).reshape(7, 6)
fields = Fields(a, b)
fields.s = {{"u": a.copy(), "v": b.copy()}}
if len(sys.argv) > 1:
    fields.b = fields.a
number = fields.run(0.9 * np.ones((7, 6)))
u, v, a, b = fields.s["u"], fields.s["v"], fields.a, fields.b
"""
APART = {
    "updated in place": "for f in (a, b):\n    f *= taper",
    "attributes": "for f in (self.a, self.b):\n    f[0] = f[1]\n    f -= 0.1 * taper",
    "attributes in pairs": "for f, g in zip((self.a, self.b), (s['u'], s['v'])):\n    f += 0.1 * g",
    "entries": "for f in (s['u'], s['v']):\n    f[0] = f[1]\n    f *= taper",
}
OUTDATED = {
    "an entry": "for q in (s['u'], s['v']):\n    s['v'] = q * 2.0 + s['u']",
    "an entry of the round": "for k, q in s.items():\n    s[k] = q * 2.0\n    self.other[:] += q",
    "an entry by another name": "d = s\nfor q in (s['u'], s['v']):\n    d['v'] = q * 0.5 + d['u']",
    "an attribute": "for f in (self.a, self.b):\n    self.b = f * 1.5\n    f[1] = 1.0",
    "an attribute elsewhere": "for f in (self.a, self.b):\n    self.damp(it)\n    f *= taper",
    "an attribute in a tuple": "for f in (self.a, self.b):\n    self.b, f[0] = 0.5 * self.b, self.a[1]",
    "a property": "for f in (self.half, self.b):\n    f *= taper",
    "numbers": "for f in (number, 2.0):\n    f *= 3.0\n    a[1:] += f",
}


@pytest.mark.parametrize("body", APART.values(), ids=APART.keys())
def test_loops_over_a_few_arrays_are_written_out(body, tmp_path):
    text = FIELDS.format(body=indent(body, 12 * " ").strip())
    assert "for f" not in check(text, tmp_path).partition("\nclass")[0]
    assert same_for((("one array",),), text, tmp_path)


@pytest.mark.parametrize("body", OUTDATED.values(), ids=OUTDATED.keys())
def test_what_a_round_binds_anew_is_not_read_by_the_loops_name(body, tmp_path):
    assert same_for((("one array",),), FIELDS.format(body=indent(body, 12 * " ").strip()), tmp_path)
