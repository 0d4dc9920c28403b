"""Static methods, called by an object or by their class: their bodies are put in like any function's."""

import pytest

from pdeperf.model import Candidate
from tests.arrays.in_process import proposals, rewritten
from tests.arrays.test_lift import check

pytestmark = pytest.mark.usefixtures("interpreted")

HEAD = """\
import numpy as np


class Operators:
    @staticmethod
    def lap(z, h=1.0):
        return (np.roll(z, 1, 0) + np.roll(z, -1, 0) - 2 * z) / h**2


class Model:
    def __init__(self, n):
        self.u = np.sin(np.arange(n * 4.0).reshape(n, 4))

    @staticmethod
    def reaction(u):
        return u * (1 - u)

    def step(self, dt):
{body}

model = Model(7)
for s in range(5):
    model.step(0.01)  # hot
total = model.u.sum()
"""

BODIES = {
    "of the object": "self.u = self.u + dt * self.reaction(self.u)",
    "of the class": "self.u = self.u + dt * Model.reaction(self.u)",
    "of another class": "self.u[1:-1] += dt * Operators.lap(self.u, 0.5)[1:-1]",
    "both": "self.u += dt * (Operators.lap(self.u) + self.reaction(self.u))",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_static_method_is_put_in(body, tmp_path):
    text = check(HEAD.format(body=f"        {body}\n"), tmp_path)
    kernel = text[text.index("@njit") : text.index("class Operators")]
    assert "reaction" not in kernel and "lap" not in kernel


def test_a_static_method_that_is_stored_anew_stays(tmp_path):
    body = "        self.u = self.u + dt * self.reaction(self.u)\n"
    other = "Model.reaction = staticmethod(lambda u: u * u)\n"
    source = HEAD.format(body=body).replace("model = Model(7)\n", f"{other}model = Model(7)\n")
    found = [one for one in proposals(source, tmp_path) or [] if isinstance(one, Candidate)]
    assert all("reaction" in rewritten(one)[: rewritten(one).index("class Operators")] for one in found)


def test_a_subclass_with_its_own_is_told_apart(tmp_path):
    body = "        self.u = self.u + dt * self.reaction(self.u)\n"
    other = "class Other(Model):\n    @staticmethod\n    def reaction(u):\n        return u * 3\n\n\n"
    text = check(HEAD.format(body=body).replace("model = Model(7)\n", f"{other}model = Model(7)\n"), tmp_path)
    assert "type(model) is Model" in text
