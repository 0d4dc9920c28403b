"""Short arrays that a kernel may give back as they came stay arrays where another name stands for them."""

import pytest

from tests.kernel.in_process import difference, proposals, rewritten

TEXT = """import numpy as np
import sys

far = float(sys.argv[1]) if len(sys.argv) > 1 else 0.5
pos = np.sin(np.arange(12.0)).reshape(6, 2)
vel = np.zeros((6, 2))
path = np.zeros((3, 2))
BOUND
for k in range(3):
    for i in range(6):  # hot
        if pos[i, 0] > far:
            y = np.tanh(pos[i]) * 0.5
        vel[i] += y
    AFTER
print(y.tolist(), vel.tolist(), path.tolist())
"""


@pytest.mark.parametrize("bound", ["y = path[1]", "z = np.ones(2)\ny = z", "y = np.ones(2)\nz = y"])
def test_a_change_is_seen_under_the_other_name(bound, tmp_path):
    text = TEXT.replace("BOUND", bound).replace("AFTER", "y += 0.25")
    if "z" in bound:
        text += "print(z.tolist())\n"
    assert difference(text, [["2"], ["-2"]], tmp_path)[0] in ("same", "refused")


def test_what_nobody_changes_is_taken_apart(tmp_path):
    text = TEXT.replace("BOUND", "z = np.ones(2)\ny = z").replace("AFTER", "print(k, y[0])")
    found, _ = proposals(text, tmp_path)
    assert "vel[i, 1] += y[1]" in rewritten(found[0])
    assert difference(text, [["2"], ["-2"]], tmp_path)[0] == "same"
