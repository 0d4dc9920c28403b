"""``np.where`` and other functions of single numbers, for all turns of a loop at once."""

import numpy as np
import pytest
from rewriting import at_once, run

from pdeperf.sparse.batched_values import NotAtOnce

SOIL = """
import numpy as np

soil = {"alpha": 3.35, "n": 2.0, "low": 0.1, "high": 0.37}
n = 40
h = np.linspace(-3.0, 1.0, n)
h[7] = np.nan


def content(h):
    full = (1 + np.abs(soil["alpha"] * h) ** soil["n"]) ** 0.5
    return np.where(h < 0, soil["low"] + (soil["high"] - soil["low"]) / full, soil["high"])


c = np.zeros(n)
rows, values = [], []
for i in range(n):  # LOOP
    if i == 3:
        rows.append(i)
        values.append(1.0)
        continue
    BODY
    rows.append(i)
    values.append(c[i])
"""

SAME = {
    "in a function": "c[i] = content(h[i]) - content(2 * h[i])",
    "two tests": "c[i] = np.where((h[i] < 0) & (i > 5) | (h[i] > 0.5), 1, 2.5 * h[i])",
    "the same for all": "c[i] = h[i] + np.where(n > 5, 1.0, 2.0)",
    "within a branch": "if h[i] < 0:\n        c[i] = np.where(h[i] < -1, i, np.log(-h[i]))",
    "clipped": "c[i] = np.clip(h[i], -0.5, 0.1 * i) + np.power(2.0 + i, 1.5) + np.cbrt(h[i])",
}


@pytest.mark.parametrize("name", SAME)
def test_numbers_are_picked_for_all_turns_at_once(name, tmp_path):
    text = SOIL.replace("BODY", SAME[name])
    after = at_once(text, tmp_path)
    before, now = (run(one, tmp_path)[0] for one in (text, after))
    np.testing.assert_allclose(now["c"], before["c"], rtol=1e-15)
    np.testing.assert_allclose(now["values"], before["values"], rtol=1e-15)
    np.testing.assert_array_equal(now["rows"], before["rows"])


@pytest.mark.parametrize(
    "body",
    (
        "c[i] = np.where(h[i] < 0, (1, 2), 3)[0]",
        "c[i] = np.where(h[i:] < 0, 1, 2)[0]",
        "c[i] = np.where(h[i] < 0, h[i] < -1, True)",
        "c[i] = np.where(i % 2, 1.0, 2.0)",
    ),
)
def test_what_is_no_choice_between_two_numbers_is_left_alone(body, tmp_path):
    with pytest.raises(NotAtOnce):
        at_once(SOIL.replace("BODY", body), tmp_path)
