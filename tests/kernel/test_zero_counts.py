"""A loop on all cores raises what the serial one raises where it divides by zero."""

import numpy as np
import pytest

from tests.parallel_orders import parallel_forms, shaken

KERNEL = """
from numba import njit

@njit
def ratio(a, dx):
    return a / (2.0 * dx)

@njit
def limited(r):
    return (r + abs(r)) / (1.0 + abs(r))

@njit{model}
def f(v, w, n, k, h):
    for i in range(n):
        {body}
"""


def written(body, model=""):
    """The text of the kernel on all cores; empty if it stays serial."""
    return next((form.patches[0].after for form in parallel_forms(KERNEL.format(body=body, model=model))), "")


def outcome(text, k, h):
    names = {}
    exec(text, names)
    v, w = np.zeros(8), np.linspace(1.0, 2.0, 8)
    try:
        with np.errstate(all="ignore"):
            getattr(names["f"], "py_func", names["f"])(v, w, 8, k, h)
    except ZeroDivisionError:
        return "ZeroDivisionError"
    return v.tolist()


@pytest.fixture(autouse=True)
def interpreted(monkeypatch):
    monkeypatch.setattr("numba.core.config.DISABLE_JIT", True)


@pytest.mark.parametrize(
    "body",
    [
        "v[i] = w[i] + 1.0 / (i - k)",
        "v[i] = 1.0 / h",
        "v[i] = w[i] + ratio(k, h)",
        "v[i] = limited(w[i] - k) + 1.0 / (i - k)",
        "v[i] = 0.0\n        for j in range(3):\n            v[i] += j / (i - k) + 1 // h",
        "v[i] = 1.0\n        if w[i] > 1.5:\n            v[i] = 5 % (i - k)",
    ],
)
def test_zeros_are_counted_or_asked_for_before_the_loop(body):
    text, serial = written(body), KERNEL.format(body=body, model="")
    assert "prange(n)" in text
    parallel = shaken(text, 1)
    for k, h in ((0.5, 2), (3, 2), (0.5, 0), (7, 0)):
        assert outcome(parallel, k, h) == outcome(serial, k, h)
    assert outcome(parallel, 7, 0) == "ZeroDivisionError"


def test_a_check_within_the_loop_becomes_a_count():
    check = 'if i - k == 0:\n            raise ZeroDivisionError("division by zero")'
    body = f"{check}\n        v[i] = 1.0 / (i - k)"
    text = written(body, '(error_model="numpy")')
    assert "zeros += i - k == 0" in text
    assert outcome(shaken(text, 1), 3, 1) == "ZeroDivisionError"


@pytest.mark.parametrize(
    "body",
    [
        "v[i] = 1.0 / (i - k) if i != k else 0.0",
        "v[int(1.0 / (i - k))] = 1.0",
        "v[i] = w[i]\n        if i == k:\n            raise ValueError('no')",
    ],
)
def test_what_cannot_be_told_after_the_loop_keeps_it_serial(body):
    assert not written(body)


def test_a_called_function_that_divides_by_what_it_computes_keeps_the_loop_serial():
    assert not written("v[i] = inverse(i, k)\n\n@njit\ndef inverse(a, b):\n    return 1.0 / (a - b)")


def test_a_program_that_goes_on_after_errors_keeps_the_loop_serial():
    body = "v[i] = 1.0 / (i - k)\n\ntry:\n    f()\nexcept Exception:\n    pass"
    assert not written(body)


def test_numpy_divides_by_zero_without_a_word():
    text = written("v[i] = 1.0 / (i - k)", '(error_model="numpy")')
    assert "prange(n)" in text and "zeros" not in text
