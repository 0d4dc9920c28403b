"""How far indices reach is not worked out where shapes are asked for: half of the planning was that."""

from pdeperf.kernel import outline
from pdeperf.model import Candidate
from tests.arrays.in_process import proposals

SCRIPT = """\
import numpy as np

u = np.sin(np.arange(40.0))
seen = []
for step in range(4):
    u[1:-1] = u[1:-1] + 0.1 * (u[2:] - 2 * u[1:-1] + u[:-2])  # hot
    seen.append(u[3])
"""


def test_kernels_of_array_statements_do_not_ask_how_far_indices_reach(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(outline, "index_checks", lambda region: asked.append(region) or ())
    assert any(isinstance(each, Candidate) for each in proposals(SCRIPT, tmp_path) or ())
    assert not asked
