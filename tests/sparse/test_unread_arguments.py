"""Matrices do not depend on what a function is given and never reads."""

import pytest
from rewriting import candidates, run

LOOP = """
import numpy as np
from scipy.sparse import diags, identity
n, h, count = 40, 0.1, 0

def operator(t, d):
    BODY
    return diags([d * np.ones(n - 1), -2 * d * np.ones(n)], [-1, 0]).tocsr()

def step(u, t):
    L = operator(t, 0.5)
    return u + h * (L @ u)

u = np.arange(1.0, n + 1)
for k in range(9):
    t = k * h
    u = step(u, t)
"""
IN_A_LOOP = LOOP.replace("    u = step(u, t)\n", "    L = operator(t, 0.5)\n    u = u + h * (L @ u)\n")


def test_an_argument_that_nobody_reads_is_not_compared(tmp_path):
    text = LOOP.replace("BODY", "pass")
    after = candidates(text, tmp_path, "build-once")[0].patches[0].after
    assert "kept_L(lambda: operator(t, 0.5), n)" in after
    assert (run(text, tmp_path)[0]["u"] == run(after, tmp_path)[0]["u"]).all()


@pytest.mark.parametrize(
    "body", ("d = d + t", "d = d * (lambda: 1 + t)()", "d = [d * t for _ in range(1)][0]")
)
def test_an_argument_that_is_read_counts(body, tmp_path):
    text = LOOP.replace("BODY", body)
    for one in candidates(text, tmp_path, "build-once"):
        after = one.patches[0].after
        assert (run(text, tmp_path)[0]["u"] == run(after, tmp_path)[0]["u"]).all()


def test_what_is_given_is_there_where_it_is_built(tmp_path):
    text = IN_A_LOOP.replace("BODY", "pass")
    for one in candidates(text, tmp_path, "build-once"):
        after = one.patches[0].after
        assert (run(text, tmp_path)[0]["u"] == run(after, tmp_path)[0]["u"]).all()
