"""Attributes that a step is the first to have are asked for only once they are there."""

import pytest

from pdeperf.model import Candidate
from tests.arrays.in_process import proposals
from tests.arrays.test_lift import check

pytestmark = pytest.mark.usefixtures("interpreted")

SCRIPT = """
import numpy as np

class Heat:
    def __init__(self, n):
        self.u = np.sin(np.arange(n * n) * 0.7).reshape(n, n)
        self.dt = 0.1

    def step(self):
        self.u_old = self.u.copy()  # hot
        old = self.u_old
        self.u[1:-1, 1:-1] += self.dt * (old[2:, 1:-1] - 2 * old[1:-1, 1:-1] + old[:-2, 1:-1])

heat = Heat(8)
for k in range(4):
    heat.step()
    if k == 2:
        heat.u_old = heat.u_old[1:]
        heat.u = heat.u[:5].copy()
u, old = heat.u, heat.u_old
"""


def test_an_attribute_that_a_step_makes_first_is_no_reason_to_fail(tmp_path):
    text = check(SCRIPT, tmp_path)
    assert '(getattr(self, "u_old", None) is None or self.u_old.shape == self.u.shape)' in text


def test_an_attribute_that_is_always_there_is_asked_for_as_it_is(tmp_path):
    made = SCRIPT.replace("        self.dt", "        self.u_old = self.u.copy()\n        self.dt")
    text = check(made, tmp_path)
    assert "getattr" not in text


SECOND_ORDER = """
import numpy as np

class Heat:
    def __init__(self, n):
        self.u = np.sin(np.arange(n * n) * 0.7).reshape(n, n)
        self.dt, self.change_old, self.source = 0.1, None, None

    def step(self):
        u = self.u
        change = np.roll(u, 1, 0) - 2 * u + np.roll(u, -1, 0)
        if self.change_old is None:
            self.u = u + self.dt * change
        else:
            self.u = u + self.dt * (1.5 * change - 0.5 * self.change_old)  # hot
        if self.source is not None:
            self.u += self.source
        self.change_old = change

heat = Heat(8)
for k in range(6):
    heat.step()
    if k == 2:
        heat.source = 0.1 * heat.u
    if k == 4:
        heat.change_old = None
u, old = heat.u, heat.change_old
"""


def test_an_attribute_that_begins_as_none_is_an_array_where_it_is_one(tmp_path):
    text = check(SECOND_ORDER, tmp_path)
    assert "are_arrays(heat.u, change_3, heat.change_old" in text


def test_none_among_arrays_of_two_types_stays_as_it_is(tmp_path):
    check(SECOND_ORDER.replace("0.1 * heat.u", "np.ones((8, 8), int)"), tmp_path)


SECOND_NAME = """
import numpy as np

class Heat:
    def __init__(self, n):
        self.u = np.sin(np.arange(n * n) * 0.7).reshape(n, n)
        self.log = []

    def step(self, t):
        u = 0.1 * self.u
        u[0] = 1.0
        w = np.roll(u, 1, 0) - np.roll(u, -1, 0)
        u = self.u
        if t % 2:
            self.u = u + w  # hot
        else:
            self.log.append(u.sum())
            u[1:] -= w[1:]
        self.log.append(float(u[0, 0]))

heat = Heat(8)
for k in range(5):
    heat.step(k)
u, rows = heat.u, tuple(heat.log)
"""


ALWAYS_ITS_OWN = SECOND_NAME.replace("u = 0.1", "v = 0.1").replace("u[0] = 1.0", "v[0] = 1.0")


@pytest.mark.parametrize("text", [SECOND_NAME, ALWAYS_ITS_OWN.replace("np.roll(u,", "np.roll(v,")])
def test_a_second_name_is_the_array_that_it_was(text, tmp_path):
    if any(isinstance(one, Candidate) for one in proposals(text, tmp_path) or []):
        check(text, tmp_path)


IN_INIT = """
import numpy as np

class Walk:
    def __init__(self, n):
        self.count = 3
        self.x = np.zeros(n + 3)  # hot
        self.x[1:] += 0.5 * self.x[:-1] + self.count

    def size(self):
        return self.x.shape[0]

walks = [Walk(4) for _ in range(5)]
x, count = walks[-1].x, walks[0].size()
"""


def test_in_an_init_what_is_made_there_is_not_asked_for_before(tmp_path):
    check(IN_INIT, tmp_path)
