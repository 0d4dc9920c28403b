"""Roots and logarithms for all elements at once: Python refuses some numbers, NumPy makes them nan."""

import pytest
from rewriting import candidates, run

SCRIPT = """
import math
import numpy as np

first = 0.5
u = np.array([0.25 * i + first for i in range(9)])
w = [0.25 * i + first for i in range(9)]
out = np.zeros(9)
total = 0.0
for i in range(9):
    BODY
"""


def at_once(body, folder):
    found = candidates(SCRIPT.replace("BODY", body), folder, "vectorise")
    return next(one.patches[0].after for one in found)


@pytest.mark.parametrize(
    "body",
    [
        "total += math.sqrt(u[i])",
        "out[i] = 2.0 * math.log(u[i])",
        "total += w[i] ** 0.5",
        "out[i] = math.sqrt(u[i] - 0.5)",
    ],
)
def test_what_python_refuses_is_refused(body, tmp_path):
    after = at_once(body, tmp_path)
    mine, before = run(after, tmp_path)[0], run(SCRIPT.replace("BODY", body), tmp_path)[0]
    assert mine["total"] == pytest.approx(before["total"])
    assert mine["out"] == pytest.approx(before["out"])
    with pytest.raises((ValueError, TypeError)):
        run(after.replace("first = 0.5", "first = -0.5"), tmp_path)


def test_squares_are_not_looked_at(tmp_path):
    assert "from_zero" not in at_once("out[i] = math.sqrt(u[i] * u[i] + 1.0)", tmp_path)


def test_elements_that_a_condition_leaves_out_may_be_negative(tmp_path):
    body = "if u[i] > 0:\n        out[i] = math.sqrt(u[i])"
    after = at_once(body, tmp_path).replace("first = 0.5", "first = -0.5")
    before = SCRIPT.replace("BODY", body).replace("first = 0.5", "first = -0.5")
    assert run(after, tmp_path)[0]["out"].tolist() == run(before, tmp_path)[0]["out"].tolist()
