"""Numbers that Python refuses: a loop stays in Python where somebody goes on after that."""

import pytest

SCRIPT = """
import math
import numpy as np

def locate(x, dx, n):
    c = np.zeros(n)
    for p in range(len(x)):  # hot
        c[{place} % n] += 1.0
    return c

rng = np.random.default_rng(1)
total = 0.0
{around}print(total)
"""
RETRIED = """for k in range(3):
    try:
        total += locate(rng.random(50) * 10, 0.1, 100)[3]
    except {caught}:
        total -= 1
"""
NOT_RETRIED = """try:
    total += locate(rng.random(50) * 10, 0.1, 100)[3]
except {caught}:
    print("not a number")
"""
WORDS = "is caught around it, which compiled code may not raise"


@pytest.mark.parametrize("caught", ["ValueError", "(OverflowError, KeyError) as e", "Exception"])
@pytest.mark.parametrize(
    "place", ["int(x[p] / dx)", "int(np.floor(x[p] / dx))", "round(x[p])", "math.floor(x[p])"]
)
def test_a_loop_that_may_refuse_a_number_stays_where_a_caller_goes_on(rewrite, place, caught):
    done = rewrite(SCRIPT.format(place=place, around=RETRIED.format(caught=caught)))
    assert WORDS in done.reasons


def test_a_bare_handler_catches_it_too(rewrite):
    around = RETRIED.format(caught="BaseException").replace("except BaseException", "except")
    assert WORDS in rewrite(SCRIPT.format(place="int(x[p])", around=around)).reasons


@pytest.mark.parametrize(
    ("place", "around"),
    [
        ("int(x[p])", NOT_RETRIED.format(caught="Exception")),
        ("int(x[p])", RETRIED.format(caught="KeyError")),
        ("int(p * 2)", RETRIED.format(caught="ValueError")),
    ],
)
def test_a_program_that_ends_with_the_error_or_meets_none_is_compiled(rewrite, place, around):
    assert "@njit" in rewrite(SCRIPT.format(place=place, around=around)).text


def test_what_a_called_function_refuses_counts(rewrite):
    script = SCRIPT.format(place="cell(x[p], dx)", around=RETRIED.format(caught="ValueError"))
    script = script.replace("def locate", "def cell(x, dx):\n    return int(math.sqrt(x) / dx)\n\ndef locate")
    assert WORDS in rewrite(script).reasons
