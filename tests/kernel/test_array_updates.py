"""Arrays that are changed in place by arrays of another length raise ValueError, compiled as well."""

import pytest

from tests.kernel.in_process import execute, proposals, rewritten

SCRIPT = """
import sys
import numpy as np
n = int(sys.argv[1]) if len(sys.argv) > 1 else 8
p, q, r = np.linspace(1.0, 2.0, n), np.linspace(0.5, 1.0, 8), np.ones((3, n))
for step in range(3):  # hot
    {}
    for i in range(1, 8):
        q[i] += 0.125 * q[i - 1]
print(p.tolist(), r.tolist())
"""
WRITTEN = {
    "p += q": "p[:] = p + q",
    "p -= 0.5 * q": "p[:] = p - 0.5 * q",
    "p -= q - 1.0": "p[:] = p - (q - 1.0)",
    "p *= (q + 1.0)": "p[:] = p * (q + 1.0)",
    "p /= -q": "p[:] = p / (-q)",
    "p[1:] += p[:-1]": "p[1:] = p[1:] + p[:-1]",
    "r[step] += q": "r[step] = r[step] + q",
    "p **= 2": "p **= 2",
}


@pytest.mark.parametrize("update", WRITTEN)
def test_the_sum_is_computed_whole_and_stored(update, tmp_path):
    text = SCRIPT.format(update)
    candidates, _ = proposals(text, tmp_path)
    after = rewritten(candidates[0])
    assert f"        {WRITTEN[update]}\n" in after.partition("n = int")[0]
    for argv in ((), ("9",), ("1",)):
        assert execute(after, argv, tmp_path).essence == execute(text, argv, tmp_path).essence
