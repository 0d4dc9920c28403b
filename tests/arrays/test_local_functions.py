"""Functions within functions and in attributes are put in; dicts of objects are gone through by key."""

import pytest

from pdeperf.model import Candidate
from tests.arrays.in_process import proposals
from tests.arrays.test_lift import check
from tests.arrays.test_options import same_for

pytestmark = pytest.mark.usefixtures("interpreted")

BASIN = """\
import numpy as np


def limited(a, b):
    return np.where(a * b > 0, np.minimum(a, b), 0.0)


class Basin:
    def __init__(self, limiter=limited):
        self.dx, self.f, self.t, self.limiter = 0.3, 0.2, 0.0, limiter
        x = np.arange(42.0).reshape(7, 6)
        self.fields = {'h': 1.0 + 0.1 * np.sin(x), 'u': np.cos(x), 'v': np.sin(0.3 * x)}
        self.history = {'M': [], 'E': []}

    def rhs(self, F):
        div = lambda A, ax: (A - np.roll(A, 1, ax)) / self.dx

        def slope(a, axis=0):
            d = np.roll(a, -1, axis) - a
            return self.limiter(d, a - np.roll(a, 1, axis)) * scale

        scale = 0.5
        d = {}
        d['h'] = -div(F['u'] + slope(F['h']), 0) - div(F['v'], 1)
        d['u'] = slope(F['u'], axis=1) + self.f * F['v']
        d['v'] = slope(F['v']) - self.f * F['u']
        return d

    def step(self, dt):
        k1 = self.rhs(self.fields)
        F1 = {k: self.fields[k] + dt * k1[k] for k in self.fields}
        k2 = self.rhs(F1)
        for k in self.fields:
            self.fields[k] = 0.5 * (self.fields[k] + F1[k] + dt * k2[k])
        self.t += dt

    def diagnostics(self):
        h = self.fields['h']
        self.history['M'].append(h.sum())
        self.history['E'].append(np.sum(self.fields['u'] ** 2 / h))


b = Basin()
for i in range(28):
    b.step(0.01)  # hot
    b.diagnostics()
h, u, v, m = b.fields['h'], b.fields['u'], b.fields['v'], b.history['M'][-1]
"""


def test_a_step_over_an_objects_dict_with_functions_of_its_own_is_one_kernel(tmp_path):
    text = " ".join(check(BASIN, tmp_path).split())
    kernel = text[text.index("@njit") : text.index("class Basin")]
    assert "type(b.fields) is dict and list(b.fields) == ['h', 'u', 'v']" in text
    assert "b.limiter is limited" in text and not any(word in kernel for word in ("roll", "div(", "slope("))


END = "    b.diagnostics()\n"
CHANGED = {
    "an entry more": (END, "    if i == 20:\n        b.fields['w'] = 0.1 * b.fields['h']\n"),
    "another dict": (END, "    if i == 20:\n        b.fields = dict(b.fields, h=b.fields['h'] * 2)\n"),
    "another function": (END, "    if i == 20:\n        b.limiter = np.maximum\n"),
    "kept": (END, "    b.history['M'].append(b.fields)\n"),
    "two names": ("b = Basin()\n", "b = Basin()\nw = b.fields\nw['u'] = w['v']\n"),
    "a variable later": ("        d['v'] =", "        scale = 0.25\n        d['v'] ="),
    "given away": ("        d = {}\n", "        d = {}\n        self.history['M'].append(slope)\n"),
    "bound twice": (
        "        d = {}\n",
        "        d = {}\n        if self.t > 0.1:\n            div = lambda A, ax: A\n",
    ),
    "other keys first": ("{'h': ", "{'w': np.ones(3), 'h': "),
    "a key that a function adds": (
        "        h = self.fields['h']\n",
        "        h = self.fields['h']\n"
        "        if self.t > 0.2:\n            g = self.fields\n            g['w'] = h\n",
    ),
}


@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED.keys())
def test_what_changes_while_it_runs_computes_the_same(change, tmp_path):
    assert change[0] in BASIN
    text = BASIN.replace(*change)
    if any(isinstance(one, Candidate) for one in proposals(text, tmp_path) or []):
        check(text, tmp_path)


def test_a_function_that_a_method_may_exchange_on_another_input_is_called(tmp_path):
    text = BASIN.replace("import numpy as np\n", "import sys\nimport numpy as np\n", 1).replace(
        "self.t += dt\n",
        "self.t += dt\n        if len(sys.argv) > 1 and self.t > 0.1:\n"
        "            self.limiter = np.maximum\n",
    )
    assert same_for([("1",)], text, tmp_path, exact=False)


def test_what_a_dict_holds_within_the_loop_need_not_be_there(tmp_path):
    (first, *_) = [one for one in proposals(BASIN, tmp_path) or [] if isinstance(one, Candidate)]
    text = first.patches[0].after
    assert text.index("b.fields['h'] = ") > text.index("for i in range(")
    assert {f"loop b.fields['{key}']" for key in "huv"} <= {*first.forgets}
