"""Roots and logarithms of what Python refuses raise, though compiled ones give not-a-number."""

import ast

import pytest

from pdeperf.kernel.domain_checks import domain_checks, is_not_negative
from pdeperf.kernel.kinds import FLOAT, NPFLOAT
from pdeperf.source import Module


def resolve(node):
    text = ast.unparse(node)
    return text if text.startswith("math.") else f"builtins.{text}"


def checks(text, kind=FLOAT):
    module = Module("script.py", text)
    return [
        (one.test, one.line, one.loop)
        for one in domain_checks(module, module.tree.body, lambda _: kind, resolve)
    ]


def test_numbers_are_counted_in_the_outermost_loop():
    text = "for i in r:\n    for j in r:\n        s += math.sqrt(u[i]) + math.log(c)\n"
    assert checks(text) == [("u[i] < 0", 3, 1), ("c <= 0", 3, 1)]


@pytest.mark.parametrize(
    "body",
    ["while x > 0.1:\n    x = math.sqrt(x - 1)", "for i in r:\n    u[int(x)] = math.sqrt(x - 1)"],
)
def test_what_the_loop_hangs_on_is_refused_on_the_spot(body):
    assert checks(body) == [("x - 1 < 0", 2, 0)]


@pytest.mark.parametrize(
    "text",
    [
        "s = math.sqrt(x * x + y**2)",
        "s = math.sqrt(abs(x) / 2.0) + math.log(1.0 + abs(x))",
        "s = math.sqrt(max(0.0, x))",
        "s = (dx * dx + dy * dy + 1e-9) ** -1.5",
        "s = x**2.0 + x**3",
        "s = math.sqrt(x) if x > 0 else 0.0",
    ],
)
def test_what_is_never_negative_or_asked_before_is_not_looked_at(text):
    assert not checks(text)


def test_powers_of_pythons_numbers_are_looked_at_and_those_of_numpy_not():
    assert checks("s = x ** 0.5 + y ** (1 / 3)") == [("x < 0", 1, 0), ("y < 0", 1, 0)]
    assert not checks("s = x ** 0.5", NPFLOAT)


def test_two_random_numbers_are_not_a_square():
    assert not is_not_negative(ast.parse("f() * f()", mode="eval").body, resolve)


def test_a_kernel_raises_where_python_does(same_for):
    done = same_for(
        """
import sys
import math
import numpy as np
c = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0

def f(a, out, n):
    for i in range(n):  # hot
        for j in range(n):
            out[i, j] = math.sqrt(a[i]) + j
    for i in range(n):
        out[0, i] = math.log(a[i] + 2.0)

out = np.zeros((9, 9))
f(np.linspace(c, 3.0, 9), out, 9)
print(out.sum())
""",
        "-1.0",
        "-0.0",
        "nan",
    )
    assert "    if refused > 0:" in done.text
