"""States in tuples, lists and records: computed as arrays, and put together after each step."""

import pytest

from pdeperf.model import Candidate
from tests.arrays.in_process import proposals
from tests.arrays.test_lift import check

pytestmark = pytest.mark.usefixtures("interpreted")

HEAD = """\
from collections import namedtuple
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

n = 9
h = 1.0 + 0.1 * np.sin(np.arange(n) * 0.7)
hu = 0.1 * np.cos(np.arange(n) * 0.4)
log = []
State = namedtuple("State", "h hu")


class Fields(NamedTuple):
    h: np.ndarray
    hu: np.ndarray


@dataclass
class Plain:
    h: np.ndarray
    hu: np.ndarray

    def total(self):
        return self.h.sum()


def slope(f):
    return 0.5 * (np.roll(f, -1) - np.roll(f, 1))


def of_tuple(state, dt):
    h, hu = state
    return h - dt * slope(hu), hu - dt * slope(hu**2 / h + 0.5 * h**2)


def of_record(s):
    return State(-slope(s.hu), -slope(s.hu * s.hu / s.h + 0.5 * s.h * s.h))


def plus(a, x, y):
    return State(y.h + a * x.h, y.hu + a * x.hu)


def of_fields(s, dt):
    return Fields(hu=s.hu - dt * slope(s.h), h=s.h - dt * slope(s.hu))


def of_plain(s, dt):
    return Plain(s.h - dt * slope(s.hu), s.hu)
"""

RECORD = "state = plus(0.1, of_record(state), state)"
STEPS = {
    "a tuple": ("(h, hu)", "state = of_tuple(state, 0.1)"),
    "a named tuple": ("State(h, hu)", f"k = of_record(state)\nk = of_record(plus(0.05, k, state))\n{RECORD}"),
    "a typed tuple": ("Fields(h, hu)", "state = of_fields(state, 0.1)"),
    "a dataclass": (
        "Plain(h, hu)",
        "state = of_plain(state, 0.1)\nif t == 1:\n    log.append(state.h)",
    ),
    "written out": ("(h, hu)", "a, b = state\nstate = (a - 0.1 * slope(b), b - 0.1 * slope(a))"),
    "looked at": ("State(h, hu)", f"{RECORD}\nif t % 2:\n    log.append(state.h.max())"),
    "kept": ("State(h, hu)", f"old = state\n{RECORD}\nlog.append(old)"),
    "exchanged": ("(h, hu)", "a, b = state\na = a + 0.1 * slope(b)\nstate = (b, a)\nlog.append(state)"),
    "one array twice": ("(h, hu)", "a, b = state\na = a + 0.1 * slope(b)\nstate = (a, a)"),
    "a list": ("[h, h.copy()]", "a, b = state\nnew = 2 * a - b + 0.1 * slope(a)\nstate = [new, a]"),
}
LEFT = {
    "changed in place": ("State(h, hu)", f"{RECORD}\nstate.h[0] = 1.0\nstate.hu[-1] *= 0.5"),
    "by places": ("[h, hu]", "state[0] = state[0] + 0.1 * slope(state[1])\nstate[1] -= 0.1 * state[0]"),
    "turned": ("[h, hu]", "state[0], state[1] = state[1], state[0] + 0.1 * slope(state[1])"),
    "of other lengths": ("(h, hu)", "a, b = state[:2]\nstate = (a - 0.1 * slope(b), b) + state[2:]"),
    "changed before": (
        "(h, hu)",
        "a, b = state\nlog.append(b)\na[0] = t\nstate = (b, a + 0.1 * slope(b))",
    ),
    "one array": ("(h, h)", "a, b = state\na[1:] = a[:-1] + 0.1\nstate = (b, a * 0.5)"),
}


def script(made: str, body: str) -> str:
    rows = "".join(f"    {row}\n" for row in body.splitlines())
    shown = "result = (*state,) if isinstance(state, (tuple, list)) else (state.h, state.hu)\n"
    shown += "rows = tuple(tuple(each) if isinstance(each, tuple) else each for each in log)\n"
    shown += "shared = tuple(np.shares_memory(a, b) for a in result for b in (*result, h, hu))\n"
    return f"{HEAD}state = {made}\nfor t in range(4):  # hot\n{rows}{shown}"


@pytest.mark.parametrize(("made", "body"), STEPS.values(), ids=STEPS.keys())
def test_a_state_of_several_arrays_computes_the_same(made, body, tmp_path):
    text = check(script(made, body), tmp_path)
    assert "@njit" in text


@pytest.mark.parametrize(("made", "body"), LEFT.values(), ids=LEFT.keys())
def test_a_state_that_is_used_in_other_ways_computes_the_same(made, body, tmp_path):
    text = script(made, body)
    if any(isinstance(one, Candidate) for one in proposals(text, tmp_path) or []):
        check(text, tmp_path)
