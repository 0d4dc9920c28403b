"""Calls that change an array which the expression around them reads as well."""

STEP = """
import numpy as np

def edges(u):
    u[0] = u[1]
    u[-1] = u[-2]

def rhs(u):
    edges(u)
    d = np.zeros_like(u)
    for i in range(1, u.shape[0] - 1):  # hot
        d[i] = u[i - 1] - 2 * u[i] + u[i + 1]
    return d

u = np.linspace(0.0, 1.0, 12) ** 2
for k in range(4):
    v = u + 0.1 * rhs(u.copy()) + 1.0
    EXPRESSION
    print(u.tolist())
"""


def test_what_is_read_before_the_call_is_not_read_after_it(same_output):
    done = same_output(STEP.replace("EXPRESSION", "u = 0.5 * (u + v + 0.1 * rhs(v))"))
    assert "before_rhs = u + v\n" in done.candidates[0].patches[0].after


def test_what_stands_behind_a_call_that_changes_it_is_not_computed_first(same_output):
    done = same_output(STEP.replace("EXPRESSION", "u = 0.5 * (rhs(u) + 0.1 * (u + v) + 0.1 * rhs(v))"))
    assert all("before_" not in one.patches[0].after for one in done.candidates)


def test_an_operand_of_what_is_computed_after_the_call_is_compiled(same_output):
    done = same_output(STEP.replace("EXPRESSION", "u = 0.5 * (u + (v + 0.1 * rhs(v)))"))
    assert "0.5 * (u + (v + 0.1 * rhs" in done.candidates[0].patches[0].after.partition("\ndef edges(")[0]
