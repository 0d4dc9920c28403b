"""Solves with one matrix share its factors; matrices of elements are not kept on suspicion."""

from dataclasses import replace

import numpy as np
import pytest
from rewriting import observed, run

from pdeperf.model import Candidate, Hotspot, Span
from pdeperf.plugins import backends, detectors
from pdeperf.source import Project

ADI = """
import numpy as np
from scipy.sparse import diags
from scipy.sparse.linalg import spsolve

N = 12
A = diags([-np.ones(N - 1), 3 * np.ones(N), -np.ones(N - 1)], [-1, 0, 1]).tocsc()
U = np.outer(np.arange(N), np.ones(N)) + RIGHT
for n in range(8):
    half = np.zeros((N, N), U.dtype)
    for j in range(N):
        half[:, j] = spsolve(A, U[:, j])
    U = np.zeros((N, N), half.dtype)
    for i in range(N):
        U[i, :] = spsolve(A, half[i, :] * FACTOR)
"""


def proposed(text, folder, first, last, *, watched=None):
    """What is proposed where the profiler saw some lines, and the solves on others were watched."""
    project = observed(text, folder, patterns="all")
    rows = [row for row in project.observed if row.collector == "sparse"]
    watched = rows if watched is None else [row for row in rows if row.where.first in watched]
    project = Project.from_texts(
        {"script.py": text}, (*(row for row in project.observed if row not in rows), *watched)
    )
    where = Span(file="script.py", first=first, last=last)
    facts = tuple(row for row in watched if first <= row.where.first <= last)
    hotspot = Hotspot(where=where, share=0.9, facts=facts)
    detector = next(one for one in detectors() if one.rule == "repeated-factorisation")
    backend = next(one for one in backends() if one.name == "factorise-once")
    return [
        answer
        for diagnosis in detector.detect(hotspot, project)
        for answer in backend.propose(replace(diagnosis, facts=facts), project)
        if isinstance(answer, Candidate)
    ]


@pytest.mark.parametrize(("right", "factor"), (("0.0", "1.0"), ("0.0", "1j"), ("0.5j", "1.0")))
def test_all_solves_with_a_matrix_share_its_factors(right, factor, tmp_path):
    text = ADI.replace("RIGHT", right).replace("FACTOR", factor)
    found = proposed(text, tmp_path, 11, 12)
    assert found
    before = run(text, tmp_path)[0]["U"]
    for one in found:
        after = one.patches[0].after
        assert "spsolve(A," not in after.partition("N = 12")[2]
        np.testing.assert_allclose(run(after, tmp_path)[0]["U"], before, rtol=1e-12)
    if right == "0.0" and factor == "1.0":
        assert found[0].patches[0].after.count("= BandFactors(A)") == 1


def test_what_was_not_watched_stays(tmp_path):
    text = ADI.replace("RIGHT", "0.0").replace("FACTOR", "1j")
    for one in proposed(text, tmp_path, 11, 12, watched=(12,)):
        assert "spsolve(A, half" in one.patches[0].after


ELEMENTS = """
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve

n = 30
K = sp.csr_matrix(sp.diags([-1.0, 4.0, -1.0, 0.1], [-1, 0, 1, 7], shape=(n, n)))
corners = np.random.default_rng(9200000).random((50, 2, 2)) + 3 * np.eye(2)

def element(J, b):
    G = J @ np.eye(2)
    return np.linalg.inv(G) @ b

u = np.ones(n)
for step in range(8):
    for e in range(50):
        u[e % n] += 0.01 * element(corners[e], np.ones(2))[0]
    u = spsolve(K, u)
"""


def test_matrices_of_elements_that_were_not_watched_are_not_compared(tmp_path):
    line = 1 + ELEMENTS[: ELEMENTS.index("    u = spsolve(K")].count("\n")
    found = proposed(ELEMENTS, tmp_path, line, line, watched=())
    assert found and all("linalg.inv(G) @ b" in one.patches[0].after for one in found)
    of_elements = 1 + ELEMENTS[: ELEMENTS.index("    return np.linalg.inv")].count("\n")
    for one in proposed(ELEMENTS, tmp_path, of_elements, of_elements, watched=()):
        assert "u = spsolve(K, u)" in one.patches[0].after


def test_small_matrices_that_were_seen_are_not_compared(tmp_path):
    text = ELEMENTS.replace("    G = J @ np.eye(2)\n", "").replace("inv(G)", "inv(J)")
    line = 1 + text[: text.index("    u = spsolve(K")].count("\n")
    for one in proposed(text, tmp_path, line, line, watched=()):
        assert "linalg.inv(J) @ b" in one.patches[0].after


def test_right_sides_that_become_complex_later_keep_their_imaginary_part(tmp_path):
    text = ADI.replace("RIGHT", "0 * S").replace("FACTOR", "S").replace("N = 12", "S = 1.0\nN = 24")
    found = [one.patches[0].after for one in proposed(text, tmp_path, 12, 13)]
    assert any("class BandFactors" in after for after in found)
    for after in (one for one in found if "class BandFactors" in one):
        before, now = (run(one.replace("S = 1.0", "S = 1j"), tmp_path)[0]["U"] for one in (text, after))
        assert np.iscomplexobj(now)
        np.testing.assert_allclose(now, before, rtol=1e-11)


def test_right_sides_of_another_length_raise_as_before(tmp_path):
    text = ADI.replace("RIGHT", "0.0").replace("FACTOR", "1.0").replace("N = 12", "S = N = 24")
    text = text.replace("half[i, :]", "half[i, :S]")
    found = [one.patches[0].after for one in proposed(text, tmp_path, 12, 13)]
    for after in (text, *(one for one in found if "class BandFactors" in one)):
        with pytest.raises(ValueError, match=r"(?i)dimension|length|shape|incompatible"):
            run(after.replace("S = N = 24", "S = 23\nN = 24"), tmp_path)
