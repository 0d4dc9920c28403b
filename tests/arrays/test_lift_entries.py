"""Entries of dicts that a loop binds to new arrays are given back when it has run."""

import pytest

from pdeperf.model import Candidate
from tests.arrays.in_process import proposals
from tests.arrays.test_lift import check

pytestmark = pytest.mark.usefixtures("interpreted")

HEAD = """\
import numpy as np

n, m = 7, 6
u = np.sin(np.arange(n * m) * 0.7).reshape(n, m)
state = {"rho": u.copy(), "mx": np.cos(u), "dt": 0.1}
first = state["rho"]
other = state
levels = [u.copy(), np.cos(u), np.zeros_like(u)]
turned = levels
log = []


class Model:
    def __init__(self):
        self.options = {"rate": 0.1}
        self.weights = [0.5, -0.25]
        self.fields = {"a": np.cos(u), "b": u + 1.0}
        self.time = 0.0

    def spread(self, z):
        w = self.weights
        return w[0] * np.roll(z, 1, axis=0) + w[1] * z

    def step(self):
        a, b = self.fields["a"], self.fields["b"]
        p = self.options
        new = a + p["rate"] * self.spread(b)
        self.fields["a"], self.fields["b"] = new, b - p["rate"] * self.spread(a)
        self.time += p["rate"]


model = Model()


def total():
    return float(state["rho"].sum())
"""
END = """
rho, mx, start, same = state["rho"], state["mx"], first.copy(), float(first is state["rho"])
a, b, time = model.fields["a"], model.fields["b"], model.time
zero, one, two, *_ = (level.copy() for level in levels)
"""

BOUND = {
    "one": 'state["rho"] = state["rho"] - 0.1 * (np.roll(state["mx"], -1, 0) - state["mx"])',
    "several": 'rho, mx = state["rho"], state["mx"]\nnew = rho - 0.1 * (np.roll(mx, -1, 0) - mx)\n'
    'state["mx"] = mx - state["dt"] * (np.roll(rho, 1, 0) - rho)\nstate["rho"] = new',
    "one in place": 'state["rho"] = 0.5 * state["rho"]\nstate["mx"][1:-1] += 0.1 * state["rho"][2:]',
    "exchanged": 'state["rho"], state["mx"] = 0.9 * state["mx"] + 0.1, 0.5 * state["rho"]',
    "of an object": "model.step()",
    "levels that take turns": "levels[2][1:-1] = 2 * levels[1][1:-1] - levels[0][1:-1]\n"
    "levels[2][1:-1] += 0.1 * levels[1][2:]\n"
    "levels[-1][2, 3] += 0.5\nlevels[1] *= 0.9\n"
    "levels[0], levels[1], levels[2] = levels[1], levels[2], levels[0]",
}


def loop(body: str) -> str:
    rows = "".join(f"    {row}\n" for row in body.splitlines())
    return f"{HEAD}for t in range(3):  # hot\n{rows}{END}"


@pytest.mark.parametrize("body", BOUND.values(), ids=BOUND.keys())
def test_an_entry_that_is_bound_anew_is_a_local_of_the_kernel(body, tmp_path):
    text = check(loop(body), tmp_path)
    kernel = text[text.index("@njit") : text.index("n, m = ")]
    assert "for t in range(3)" in kernel


def test_an_entry_that_is_told_in_between_has_its_name_there(tmp_path):
    body = """\
state["rho"] = 0.5 * state["rho"] + 0.1 * u
if state["rho"][0, 0] > -9:
    print(state["rho"].max(), state["dt"])
"""
    assert 'print(rho_of_state.max(), state["dt"])' in check(loop(body), tmp_path).replace("'", '"')


SEEN = {
    "by a function": 'state["rho"] = 0.5 * state["rho"] + 0.1 * u\nlog.append(total())',
    "by another name": 'state["rho"] = 0.5 * state["rho"] + 0.1 * u\nlog.append(other["rho"][0, 0])',
    "as a whole": 'state["rho"] = 0.5 * state["rho"] + 0.1 * u\nlog.append(dict(state))',
    "by keys": 'for k in ("rho", "mx"):\n    state[k] = 0.5 * state[k] + 0.1 * u',
    "bound by other code": 'state["rho"] = 0.5 * state["rho"] + 0.1 * u\nother["rho"] = np.sort(u)',
    "a list by another name": "levels[1] = 0.5 * levels[1]\nlog.append(turned[1][0, 0])",
    "a list by slices": "levels[1] = 0.5 * levels[1] + 0.1\nlevels[:2] = [u, u + 1]",
    "a list by counters": "levels[t] = 0.5 * levels[1] + 0.1",
    "a list turned round": "levels[1] = 0.5 * levels[1] + 0.1\nlevels.reverse()",
    "a longer list": "levels[1] = 0.5 * levels[-1] + 0.1\nlevels.append(u)",
    "a shorter list": "levels[0] = 0.5 * levels[1] + 0.1\nlevels.append(levels.pop(0))",
    "left early": 'state["rho"] = 0.5 * state["rho"] + 0.1 * u\nif u[0, 0] > 5:\n    raise ValueError',
    "another dict": 'state["rho"] = 0.5 * state["rho"] + 0.1 * u\nstate = {"rho": u, "mx": u}',
    "two names": 'state["rho"] = 0.5 * state["rho"] + 0.1 * u\nu = u + 0.1 * other["rho"]',
}


@pytest.mark.parametrize("body", SEEN.values(), ids=SEEN.keys())
def test_an_entry_that_others_see_computes_the_same(body, tmp_path):
    text = loop(body)
    if any(isinstance(one, Candidate) for one in proposals(text, tmp_path)):
        check(text, tmp_path)


APART = """\
import numpy as np

n, m = 7, 6
v, w = np.sin(np.arange(n * m)).reshape(n, m), np.cos(np.arange(n * m)).reshape(n, m)
r, log = np.arange(6.0), []
state = dict(w=w)
for t in range(1, 5):
"""
TWO_NAMES = {
    "in the next turn": "    state['w'][2:, 0:-1] += v[1:n - 1, 0:-1] + state['w'][2:, 1:m]\n"
    "    v = state['w']\n    v[1:n, 1:m] += r[:m - 1] / 0.6  # hot\n",
    "behind a call": "    v = state['w']\n    v[1:n, 1:m] += r[:m - 1] / 0.6  # hot\n    log.append(t)\n"
    "    state['w'][2:, 0:-1] += 0.1 * v[1:n - 1, 0:-1] + state['w'][2:, 1:m]\n",
}


@pytest.mark.parametrize("body", TWO_NAMES.values(), ids=TWO_NAMES.keys())
def test_a_name_for_an_entry_is_no_array_of_its_own(body, tmp_path):
    text = APART + body
    if any(isinstance(one, Candidate) for one in proposals(text, tmp_path)):
        check(text, tmp_path)


def test_names_for_entries_stay_for_those_who_read_them_later(tmp_path):
    body = "v = state['rho']\nv[1:-1] += 0.1 * (v[2:] - v[:-2])\nw = state['mx']\nw[1:-1] -= 0.1 * v[2:]"
    check(loop(body) + "total_of_both = v.sum() + w.sum()\n", tmp_path)


LOCAL_DICTS = """\
import numpy as np


class Fields:
    def __init__(self, n):
        self.fields = {{"e": np.sin(np.arange(1.0 * n)), "h": np.zeros(n - 1)}}
        self.memory = {{"p": np.ones(n), "q": np.ones(n - 1)}}

    def update(self):
        {names}
        f["h"][:] += 0.1 * (f["e"][1:] - f["e"][:-1]) + 0.01 * p["q"]  # hot
        p["q"][:] = 0.9 * p["q"] + 0.1 * f["h"]
        f["e"][1:-1] -= 0.1 * (f["h"][1:] - f["h"][:-1])


fields = Fields(12)
for it in range(5):
    fields.update()
e, h, q = fields.fields["e"], fields.fields["h"], fields.memory["q"]
"""


@pytest.mark.parametrize(
    "names", ["f, p = self.fields, self.memory", "f = self.fields\n        p = self.memory"]
)
def test_dicts_of_an_object_are_known_by_their_local_names(names, tmp_path):
    assert "e_of_fields_fields" in check(LOCAL_DICTS.format(names=names), tmp_path)
