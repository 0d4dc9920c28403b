"""Of a step that would become more loops than anybody reads, what stands in a row is written."""

import pytest

from pdeperf.backends import fuse_arrays
from tests.arrays.test_lift import check

pytestmark = pytest.mark.usefixtures("interpreted")

SCRIPT = """\
import numpy as np

u = np.sin(np.arange(60.0)).reshape(10, 6)
v = np.cos(np.arange(60.0)).reshape(10, 6)


def limited(w):
    d = np.roll(w, -1, 0) - np.roll(w, 1, 0)
    d = np.maximum(0.0, np.minimum(1.0, d * w)) + 0.1 * np.roll(w, -1, 1)
    return np.sqrt(d * d + 1.0) + np.roll(d, 1, 1)


for t in range(3):  # hot
    du = limited(u)
    dv = limited(v)
    total = u * u + v * v
    half = 0.5 * total - u * dv
    flux = half * du + dv / (1.0 + total)
    u = u + 0.1 * limited(flux)
    v = v - 0.1 * limited(half)
    print(t, u.sum(), v.sum())
"""


def test_statements_in_a_row_are_written(tmp_path, monkeypatch):
    for name in ("_LONG", "_LONGER", "_LONGEST"):
        monkeypatch.setattr(fuse_arrays, name, 12)
    text = check(SCRIPT, tmp_path)
    loop = text[text.index("for t in range(3)") :]
    assert "du = limited(u)" in loop
    assert "flux = half * du" not in loop.split("else:")[0]
