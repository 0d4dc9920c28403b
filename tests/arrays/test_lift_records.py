"""Named tuples field by field: ``getattr(s, name)``, ``State(**new)``, and numbers that functions return."""

import pytest

from tests.arrays.test_lift import check
from tests.arrays.test_options import same_for

pytestmark = pytest.mark.usefixtures("interpreted")

TEXT = """\
from collections import namedtuple
import numpy as np

State = namedtuple("State", "h hu")


def flux(s):
    return State(s.hu, s.hu**2 / s.h + 0.5 * s.h**2)


def fastest(s):
    c = np.sqrt(s.h)
    return max((np.abs(s.hu / s.h) + c).max(), float(np.max(c)))


def stepped(s, dt):
    f = flux(s)
    {body}


x = np.arange(42.0).reshape(7, 6)
s = State(2.0 + np.sin(x), 0.1 * np.cos(x))
t = 0.0
for it in range(28):
    dt = min(0.1 / fastest(s), 3.0 - t)
    s = stepped(s, dt)  # hot
    t += dt
h, hu = s
"""
BODIES = {
    "a dict": "new = {}\n    for name in State._fields:\n        q, p = getattr(s, name), getattr(f, name)\n"
    "        new[name] = q - dt * (p - np.roll(p, 1, 0))\n    return State(**new)",
    "a list": "new = []\n    for name in f._fields:\n        p = getattr(f, name)\n"
    "        new.append(getattr(s, name) - dt * (p - np.roll(p, 1, 0)))\n    return State(*new)",
    "a generator": "return State(*(getattr(s, k) - dt * (getattr(f, k) - np.roll(getattr(f, k), 1, 0)) "
    "for k in State._fields))",
    "keywords too": "new = {'hu': s.hu - dt * (f.hu - np.roll(f.hu, 1, 1))}\n"
    "    return State(h=s.h - dt * f.h, **new)",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_fields_are_written_out(body, tmp_path):
    after = check(TEXT.format(body=body), tmp_path)
    kernel = after[after.index("@njit") : after.index("State = ")]
    assert "largest" in kernel and not any(call in kernel for call in ("getattr", "fastest(s", "np.roll"))


OTHERS = {
    "a default": BODIES["a list"].replace("getattr(s, name)", "getattr(s, name, 0.0)"),
}


@pytest.mark.parametrize("body", OTHERS.values(), ids=OTHERS.keys())
def test_what_is_not_known_computes_the_same(body, tmp_path):
    assert same_for([], TEXT.format(body=body), tmp_path)
