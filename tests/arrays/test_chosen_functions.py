"""A limiter or a flux that stands in a dict by its name is put in where its name stays the same."""

import pytest

from tests.arrays.test_lift import check
from tests.arrays.test_options import same_for

pytestmark = pytest.mark.usefixtures("interpreted")

TEXT = """\
import sys
import numpy as np

RHO, MX, E = range(3)
NG, AXIS = 1, -1


def minmod(a, b):
    return np.where(a * b > 0, np.where(np.abs(a) < np.abs(b), a, b), 0.0)


def centred(a, b):
    return 0.5 * (a + b)


def upwind(q, s):
    return q[:, 1:-1] + 0.5 * s


def lagged(q, s):
    return q[:, :-2] - 0.5 * s


LIMITERS = {{"minmod": minmod, "centred": centred}}
FLUX = dict(upwind=upwind, lagged=lagged)


def tendency(q, name, flux=upwind):
    {choice}
    p = np.pad(q, ((0, 0), (NG, NG)), mode="wrap")
    d = np.diff(p, axis=AXIS)
    f = flux(p, lim(d[:, :-1], d[:, 1:]))
    f[MX + 1] += 0.1 * q[RHO]
    f[[RHO, E]] *= 0.5
    return f - np.roll(f, NG, AXIS)


name, other = [*sys.argv[1:], *("minmod", "lagged")[len(sys.argv) - 1:]]
q = np.sin(np.arange(42.0)).reshape(3, 14)
for it in range(28):
    q = q - 0.1 * tendency(q, name)  # hot
    q = q - 0.1 * tendency(q, name, FLUX[other]){changed}
"""
CHOICES = {
    "by its name": "lim = LIMITERS[name]",
    "captured": "one = LIMITERS[name]\n\n    def lim(a, b):\n        return one(a, b)\n",
    "by a condition": "lim = minmod if name == 'minmod' else centred",
    "by statements": "if name == 'minmod':\n        lim = minmod\n    else:\n        lim = centred",
}


@pytest.mark.parametrize("choice", CHOICES.values(), ids=CHOICES.keys())
def test_it_is_put_in(choice, tmp_path):
    text = TEXT.format(choice=choice, changed="")
    after = check(text, tmp_path)
    kernel = after[after.index("@njit") : after.index("RHO, MX")]
    assert not any(call in kernel for call in ("minmod", "LIMITERS", "pad", "diff", "roll", "MX", "NG"))
    assert same_for([("centred", "upwind"), ("centred", "lagged")], text, tmp_path)


CHANGED = {
    "the dict": "\n    LIMITERS['minmod'] = centred if it > 7 else minmod",
    "the dict's other name": "\n    known = LIMITERS\n    known['minmod'] = centred if it > 7 else minmod",
    "the dict, all of it": "\n    LIMITERS.update(minmod=centred if it > 7 else minmod)",
    "the name": "\n    name = 'centred' if it > 7 else 'minmod'",
    "a function": "\n    if it > 7:\n        globals()['minmod'] = centred",
}


@pytest.mark.parametrize("changed", CHANGED.values(), ids=CHANGED.keys())
def test_what_may_become_another_is_called(changed, tmp_path):
    text = TEXT.format(choice=CHOICES["by its name"], changed=changed)
    assert same_for([("centred", "lagged")], text, tmp_path)


SHADOWED = """\
import numpy as np

E = 2


def energy(q):
    return 0.1 * q[E] + np.roll(q, E - 1, axis=E - 2)[0]


def stepped(q):
    for it in range(28):
        E = 0.1 * q[0]
        q = q - 0.1 * energy(q) + {read}  # hot
    return q


q = stepped(np.sin(np.arange(42.0)).reshape(3, 14))
"""


def test_a_local_of_the_same_name_is_not_the_integer(tmp_path):
    kernel = check(SHADOWED.format(read="E"), tmp_path).partition("E = 2")[0]
    assert "energy" not in kernel
    check(SHADOWED.format(read="E[1]"), tmp_path)


AXES = """\
import numpy as np

X, Y = 0, 1


def speed(q, d):
    return np.abs(q[d]) + 0.1 if d == X else np.abs(q[d]) + 0.2


def largest(q):
    found = 0.0
    for d in (X, Y):
        found = max(found, float(np.max(speed(q, d))))
    return found


def tendency(q):
    out = np.zeros_like(q)
    for d in range(2):
        ax = d + 1
        f = np.diff(q, axis=ax)
        if d == X:
            g = f[:, :, 1:-1]
            out[:, 1:-1, 1:-1] -= np.diff(g, axis=ax)
        else:
            g = f[:, 1:-1]
            out[:, 1:-1, 1:-1] -= np.diff(g, axis=ax)
    return out


q = np.sin(np.arange(60.0)).reshape(2, 6, 5)
for it in range(28):
    dt = 0.05 / largest(q)
    q = q - dt * tendency(q)  # hot
"""


def test_a_loop_over_the_axes_is_written_out(tmp_path):
    after = check(AXES, tmp_path)
    kernel = after[after.index("@njit") : after.index("X, Y")]
    assert not any(call in kernel for call in ("speed(", "tendency(", "np.diff", "np.max("))


KEPT_AXES = {
    "read after it": AXES.replace("    return out", "    return out * ax"),
    "read before it": AXES.replace(
        "        ax = d + 1\n", "        out += 0.1 * (ax if d else 0)\n        ax = d + 1\n"
    ),
    "bound twice": AXES.replace("        if d == X:\n", "        if d == X:\n            ax = 1\n"),
}


@pytest.mark.parametrize("text", KEPT_AXES.values(), ids=KEPT_AXES.keys())
def test_an_axis_that_means_more_is_kept(text, tmp_path):
    assert same_for([], text, tmp_path)


BOUND = {
    "by a loop": "for Y in (1, 0, 1):\n    pass",
    "by a match": "match [1, 1]:\n    case [X, Y]:\n        X = 0",
    "by a handler": "try:\n    1 / 0\nexcept ZeroDivisionError as Y:\n    pass\nY = 1",
    "by a function": "def other():\n    global X\n    X = 1\n\n\nother()",
    "by an import": "from math import pi as X",
}


@pytest.mark.parametrize("more", BOUND.values(), ids=BOUND.keys())
def test_integers_bound_elsewhere_are_not_written_out(more, tmp_path):
    assert same_for([], AXES.replace("X, Y = 0, 1", f"X, Y = 0, 1\n{more}"), tmp_path)


RENAMED = """\
import numpy as np

roll, root = np.roll, np.sqrt
shifted = np.roll
single = np.float32
{more}


def lap(z):
    return single(0.25) * (shifted(z, 1, 0) + shifted(z, -1, 0) - single(2.0) * z)


u = np.sin(np.arange(42.0)).reshape(7, 6).astype(single)
for it in range(28):
    u = u + single(0.1) * lap(u)  # hot
"""


def test_other_names_of_numpys_functions_and_types_are_known(tmp_path):
    after = check(RENAMED.format(more=""), tmp_path)
    kernel = after[after.index("@njit") : after.index("roll, root")]
    assert "shifted" not in kernel and "lap(" not in kernel and "float32" in kernel


def test_a_name_that_gets_another_meaning_is_not_put_in(tmp_path):
    text = RENAMED.format(more="if single(1.5) > 1:\n    shifted = lambda z, k, ax: np.roll(z, 2 * k, ax)")
    assert same_for([], text, tmp_path)
    text = RENAMED.format(more="def other():\n    global single\n    single = np.float64\n\n\nother()")
    assert same_for([], text, tmp_path)
