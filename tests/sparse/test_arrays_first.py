"""Short loops are computed by operations on arrays before a compiler is thought of."""

import pytest
from rewriting import observed, run

from pdeperf import pipeline
from pdeperf.model import Diagnosis, Environment, Evidence, Kind, Span
from pdeperf.pipeline import worth
from pdeperf.pipeline.bundle import bundled, loops_first, solving_at_once

LINES = """
import numpy as np
n, r = 16, 0.3
u = np.sin(np.arange(256.0)).reshape(16, 16)
half = np.zeros_like(u)

def matrix(n, r):
    A = np.eye(n) * (1 + 2 * r)
    for i in range(n - 1):
        A[i, i + 1] = -r
        A[i + 1, i] = -r
    return A

for step in range(3):
    for j in range(n):
        A = matrix(n, r)
        rhs = np.zeros(n)
        for i in range(n):
            left = u[i, j - 1] if j > 0 else 0.0
            rhs[i] = u[i, j] + r * left
        half[:, j] = np.linalg.solve(A, rhs)
    u = half.copy()
total = 0.0
for i in range(n):
    for j in range(n):
        total += u[i, j]
"""


def _evidence(rows: tuple = (), elapsed_s: float = 2.0) -> Evidence:
    return Evidence(
        elapsed_s=elapsed_s,
        environment=Environment(cpu_model="", cores_count=2, threads_count=2, python_version="", platform=""),
        rows=rows,
        hotspots=(),
        notes=(),
        profiling_s=0.0,
    )


def _place(first: int, last: int, kind: Kind, rule: str, share: float) -> Diagnosis:
    where = Span(file="script.py", first=first, last=last)
    return Diagnosis(rule=rule, kind=kind, where=where, message="", share=share, headroom=50.0)


@pytest.mark.parametrize(
    ("elapsed_s", "share", "text", "asked"),
    [
        (2.0, 0.15, "", True),  # 0.3 s: too short for a compiler
        (2.0, 0.9, "", True),
        (9.0, 0.9, "", False),  # compilers gain more
        (2.0, 0.9, "from numba import njit", False),
        (0.5, 0.15, "", False),  # too short for anything
    ],
)
def test_loops_of_some_tenths_of_a_second_are_tried_without_a_compiler(elapsed_s, share, text, asked):
    place = _place(1, 2, Kind.LOOP, "scalar-loop", share)
    now = ((place,), _evidence(elapsed_s=elapsed_s), pipeline.Settings(), {"script.py": text})
    assert bool(worth.without_compiler(*now)) is asked


def test_what_is_wrong_twice_with_the_same_lines_takes_their_time_once():
    inner = _place(3, 4, Kind.LOOP, "scalar-loop", 0.6)
    around = _place(1, 9, Kind.ALLOCATION, "loop-invariant", 0.6)
    other = _place(20, 22, Kind.LOOP, "scalar-loop", 0.3)
    now = (_evidence(elapsed_s=4.0), pipeline.Settings(), {"script.py": ""})
    assert worth.without_compiler((inner, around), *now)
    assert not worth.without_compiler((inner, around, other), *now)


def test_a_loop_over_lines_takes_the_solves_in_it_along(tmp_path):
    evidence = _evidence(tuple(observed(LINES, tmp_path).observed))
    texts = {"script.py": LINES}
    matrix = _place(16, 16, Kind.SPARSE_FORMAT, "assembled-again", 0.5)
    solve = _place(21, 21, Kind.SPARSE_FORMAT, "repeated-factorisation", 0.2)
    total = _place(24, 26, Kind.LOOP, "scalar-loop", 0.1)
    inner = _place(18, 20, Kind.LOOP, "scalar-loop", 0.2)
    assert loops_first([matrix, solve, inner, total], evidence, texts) == (inner, matrix, solve, total)
    assert loops_first([matrix, total], evidence, texts) == (matrix, total)
    joint = bundled([inner, matrix, solve, total], evidence, texts, compiles=False)
    assert joint is not None
    assert joint.places == (inner, total)
    after = joint.candidate.patches[0].after
    assert "numba" not in after
    one, other = (run(text, tmp_path)[0] for text in (LINES, after))
    assert abs(one["u"] - other["u"]).max() < 1e-14
    assert abs(one["total"] - other["total"]) < 1e-13


LONG = """
import numpy as np
from scipy.linalg import solve_banded
n, r = 16, 0.3
u = np.sin(np.arange(256.0)).reshape(16, 16)
half = np.zeros_like(u)
ab = np.array([[-r] * n, [1 + 2 * r] * n, [-r] * n])
for step in range(3):
    for j in range(n):
        d = np.zeros(n)
        for i in range(n):
            d[i] = u[i, j] + r * u[i, j - 1]
        half[:, j] = solve_banded((1, 1), ab, d)
    u = half.copy()
total = 0.0
for i in range(n):
    total += u[i, i] * np.sqrt(i)
"""


def test_loops_that_solve_at_once_need_no_compiler_however_long_they_take(tmp_path):
    evidence, texts = _evidence(tuple(observed(LONG, tmp_path).observed), elapsed_s=20.0), {"script.py": LONG}
    lines = _place(9, 13, Kind.LOOP, "scalar-loop", 0.8)
    inner = _place(11, 12, Kind.LOOP, "scalar-loop", 0.7)
    steps = _place(8, 14, Kind.LOOP, "scalar-loop", 0.9)
    total = _place(16, 17, Kind.LOOP, "scalar-loop", 0.1)
    assert solving_at_once([steps, lines, inner, total], evidence, texts) == (lines,)
    now = (evidence, pipeline.Settings(), texts)
    assert not worth.without_compiler((lines, inner, total), *now)
    assert worth.without_compiler((lines, inner, total), *now, solving=(lines,))
    other = _place(16, 17, Kind.LOOP, "scalar-loop", 0.2)
    assert not worth.without_compiler((lines, inner, other), *now, solving=(lines,))
