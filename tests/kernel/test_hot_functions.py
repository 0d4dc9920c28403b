"""A hot loop in a function that its caller cannot be compiled with."""

from tests.kernel.in_process import proposals, rewritten

SWEEPS = """import os
import numpy as np

def sweep(u, limit):
    for k in range(limit):
        change = 0.0
        for i in range(1, len(u)):HOT
            delta = 0.5 * (u[i - 1] - u[i])
            u[i] += delta
            change = max(change, abs(delta))
        if change < 1e-3:
            break
    return k + 1

n = 9
u = np.ones(n)
u[0] = 0.0
w = np.ones(n)
log = open(os.devnull, "w")
for step in range(4):HOTTER
    count = sweep(u, 20)
    for i in range(1, n):
        w[i] += u[i] * w[i - 1]
    log.write(f"{count}")
print(w.sum())
"""


def test_what_does_not_hold_the_hot_loop_is_not_proposed_for_it(tmp_path):
    found, _ = proposals(SWEEPS.replace("HOTTER", "").replace("HOT", "  # hot"), tmp_path)
    hot = "u[i] += delta"
    kernels = [rewritten(one).partition("@njit")[2].partition("\ndef sweep")[0] for one in found]
    assert kernels and all(hot in kernel for kernel in kernels)


def test_a_variable_that_may_have_no_value_is_told_as_such(tmp_path):
    _, refused = proposals(SWEEPS.replace("HOTTER", "  # hot").replace("HOT", ""), tmp_path)
    told = [one for one in refused if "may have no value where `sweep` reads it" in one.reason]
    assert told and "give it one before the loop" in told[0].advice


def test_a_function_is_set_off_where_a_file_imports_nothing(tmp_path):
    text = "x = [0.5] * 9\nfor i in range(1, 9):  # hot\n    x[i] += x[i - 1]\nprint(x)\n"
    found, _ = proposals(text, tmp_path)
    assert all("\n\n\n@njit" in rewritten(one) for one in found)


def test_a_partial_is_told_as_such_with_the_way_round_it(tmp_path):
    text = """from functools import partial

def flux(u, speed):
    return speed * u

def advance(u, flux):
    for i in range(1, len(u)):  # hot
        u[i] += 0.1 * (flux(u[i - 1]) - flux(u[i]))

u = [1.0] + [0.0] * 9
advance(u, partial(flux, speed=2.0))
print(u)
"""
    _, refused = proposals(text, tmp_path)
    told = [one for one in refused if one.reason == "it calls `flux`, a functools.partial"]
    assert told and told[0].advice == "define it at top level: `def flux(...): return ...`"
