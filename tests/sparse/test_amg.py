"""A preconditioned solve forgets how many iterations were counted, and nothing else."""

import pytest
from rewriting import observed

from pdeperf.backends.amg import BACKEND
from pdeperf.detectors.unpreconditioned_krylov import DETECTOR
from pdeperf.model import Candidate, Hotspot, Measurement, Span

pytest.importorskip("pyamg")
HEAD = """
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import cg
A = sp.diags([-1.0, 2.0, -1.0], [-1, 0, 1], shape=(50, 50)).tocsr()
b = np.ones(50)
"""
COUNTED = {
    "a global": "its = 0\ndef count(x):\n    global its\n    its += 1\nu, info = cg(A, b, callback=count)\n",
    "a list": "its = []\ndef count(x):\n    its.append(abs(x).max())\nu, info = cg(A, b, callback=count)\n",
    "a lambda": "its = []\nu, info = cg(A, b, callback=lambda x: its.append(1))\n",
    "an entry": "its = [0]\ndef count(x):\n    its[0] += 1\nu, info = cg(A, b, callback=count)\n",
    "an object": (
        "class Counter:\n    n = 0\n    def __call__(self, x):\n        self.n += 1\n"
        "its = Counter()\nu, info = cg(A, b, callback=its)\n"
    ),
}


def rewritten(text, folder):
    project = observed(text, folder)
    line = next(k for k, row in enumerate(text.splitlines(), start=1) if "cg(A" in row)
    where = Span(file="script.py", first=line, last=line)
    seen = {"krylov_solves_count": 1.0, "iterations_total_count": 400.0}
    facts = [
        Measurement(
            where=where, metric=metric, value=value, collector="sparse", subject="scipy.sparse.linalg.cg"
        )
        for metric, value in {**seen, "positive_diagonal": 1.0, "symmetry": "values"}.items()
    ]
    hotspot = Hotspot(where=where, share=0.9, facts=tuple(facts))
    answers = [one for d in DETECTOR.detect(hotspot, project) for one in BACKEND.propose(d, project)]
    (candidate,) = [one for one in answers if isinstance(one, Candidate)]
    return candidate


@pytest.mark.parametrize("name", COUNTED)
def test_what_counts_iterations_is_forgotten(name, tmp_path):
    found = rewritten(HEAD + COUNTED[name], tmp_path)
    assert "its" in found.forgets
    assert not {"u", "A", "b", "info"} & set(found.forgets)


def test_nothing_is_forgotten_without_a_callback(tmp_path):
    assert rewritten(HEAD + "u, info = cg(A, b)\n", tmp_path).forgets == ()
