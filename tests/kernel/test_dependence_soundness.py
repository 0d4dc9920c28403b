"""A YES must hold: whatever the order, the same bits."""

import ast
import random

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from loop_programs import HELPERS, Program, arguments, interleave, programs, run

from pdeperf.kernel.dependence import Answer, parallelism

CALLEES = {node.name: node for node in ast.parse(HELPERS).body if isinstance(node, ast.FunctionDef)}


def decide(program: Program):
    function = ast.parse(program.text).body[0]
    assert isinstance(function, ast.FunctionDef)
    loop = next(node for node in ast.walk(function) if isinstance(node, ast.For))
    return parallelism(loop, function, {"u": 1, "v": 2, "w": 1, "ind": 1}, CALLEES)


def same(one, other) -> bool:
    return all(np.array_equal(a, b, equal_nan=True) for a, b in zip(one, other, strict=True))


def shuffled(seed: int):
    def order(axis):
        picked = list(axis)
        random.Random(seed).shuffle(picked)
        return picked

    return order


def refute(program: Program, seed: int) -> bool:
    """Check one program whose loop was called independent; False if no run was possible."""
    answer = decide(program)
    ran = False
    for n in (5, 3, 1, 6):
        inputs = arguments(seed + n, n)
        try:
            expected = run(program, inputs, list)
        except (IndexError, UnboundLocalError, ZeroDivisionError):
            continue
        ran = True
        for order in (lambda axis: list(axis)[::-1], shuffled(seed), shuffled(seed + 1)):
            got = run(program, inputs, order)
            assert same(got[:3], expected[:3]), f"{answer}\n{program.text}"
            assert np.allclose(got[3], expected[3], rtol=1e-9), f"{answer}\n{program.text}"
        if not answer.reductions:
            for turn in range(3):
                got = interleave(program, inputs, seed + turn)
                assert same(got, expected[:3]), f"{answer}\n{program.text}"
    return ran


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(program=programs(), seed=st.integers(0, 1000))
def test_what_is_called_independent_gives_the_same_bits_in_any_order(program: Program, seed: int):
    answer = decide(program)
    event(str(answer.answer))
    assume(answer.answer is Answer.YES)
    assume(refute(program, seed))


@pytest.mark.slow
@pytest.mark.timeout(3600)
@settings(max_examples=5000, deadline=None, suppress_health_check=list(HealthCheck))
@given(program=programs(), seed=st.integers(0, 1000))
def test_thousands_of_programs_called_independent_give_the_same_bits_in_any_order(
    program: Program, seed: int
):
    assume(decide(program).answer is Answer.YES)
    assume(refute(program, seed))
