"""Arrays that are changed in place by arrays of another length raise ValueError, compiled as well."""

import numba
import pytest

from tests.kernel.in_process import execute, proposals, rewritten


@pytest.fixture(autouse=True)
def interpreted(monkeypatch):
    """Rewrites are run as Python, without a compilation each."""
    monkeypatch.setattr(numba.config, "DISABLE_JIT", True)


SCRIPT = """
import sys
import numpy as np
n = int(sys.argv[1]) if len(sys.argv) > 1 else 8
p, q, r = np.linspace(1.0, 2.0, n), np.linspace(0.5, 1.0, 8), np.ones((3, n))
w = np.ones_like(p)
for step in range(3):  # hot
    {}
    for i in range(1, 8):
        q[i] += 0.125 * q[i - 1]
print(p.tolist(), r.tolist())
"""
WRITTEN = {
    "p += q": "p += np.broadcast_to(q.copy(), p.shape)",
    "p -= 0.5 * q": "p -= np.broadcast_to(0.5 * q, p.shape)",
    "p *= (q + 1.0)": "p *= (np.broadcast_to(q + 1.0, p.shape))",
    "p[1:] += p[:-1]": "copy_into(p[1:], p[1:] + (p[:-1]))",
    "r[step] += q": "copy_into(r[step], r[step] + (q))",
    "p += 0.5 * w - p": "p += 0.5 * w - p",
    "r += np.sqrt(r)": "r += np.sqrt(r).copy()",
    "p **= 2": "p **= 2",
}


@pytest.mark.parametrize("update", WRITTEN)
def test_shapes_are_compared_where_they_may_differ(update, tmp_path):
    text = SCRIPT.format(update)
    candidates, _ = proposals(text, tmp_path)
    after = rewritten(candidates[0])
    assert f"        {WRITTEN[update]}\n" in after.partition("n = int")[0]
    for argv in ((), ("9",), ("1",)):
        assert execute(after, argv, tmp_path).essence == execute(text, argv, tmp_path).essence


def test_what_every_call_gives_is_as_long(tmp_path):
    text = """
import numpy as np
def step(u, v, n):
    for k in range(3):  # hot
        for i in range(1, n):
            v[i] += 0.5 * u[i - 1]
        u += 0.25 * v
for n in (4, 6):
    u, v = np.zeros((n, 2)), np.ones((n, 2))
    step(u, v, n)
    print(u.tolist())
"""
    candidates, _ = proposals(text, tmp_path)
    assert "        u += 0.25 * v\n" in rewritten(candidates[0]).partition("def step(")[0]
