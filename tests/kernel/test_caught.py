"""``try/except`` in a kernel: what would raise is asked first."""

import pytest

SCRIPT = """
import math
import sys
import numpy as np

{function}

n = 8
u = [0.5, 0.5, -1.0, 0.25, 0.0, 0.0, 3.0, 1.0]
v = [0.0] * n
for k in range(n):  # hot
    v[k] = f(u, k)
print(v)
"""


@pytest.mark.parametrize(
    ("function", "wanted"),
    [
        (
            "def f(u, k):\n"
            "    try:\n"
            "        return 1.5 / (u[k] - u[k - 1])  # slope\n"
            "    except ZeroDivisionError:\n"
            "        return 0.0\n",
            "    if u[k] - u[k - 1] != 0:\n        return 1.5 / (u[k] - u[k - 1])  # slope\n    else:\n",
        ),
        (
            "def f(u, k):\n"
            "    try:\n"
            "        r = math.sqrt(u[k])\n"
            "    except ValueError as problem:\n"
            "        # negative\n"
            "        r = -1.0\n"
            "    return r\n",
            "    if not u[k] < 0:\n        r = math.sqrt(u[k])\n    else:\n        # negative\n",
        ),
        (
            "def f(u, k):\n"
            "    left = u[k]\n"
            "    try:\n"
            "        right = u[k + 1]\n"
            "    except IndexError:\n"
            "        right = u[0]\n"
            "    return right - left\n",
            "    if -len(u) <= k + 1 < len(u):\n",
        ),
        (
            "def f(u, k):\n"
            "    try:\n"
            "        d = u[k] - 0.25\n"
            "        return math.log(u[k]) / d\n"
            "    except (ValueError, ZeroDivisionError):\n"
            "        return 7.0\n",
            "    d = u[k] - 0.25\n    if not u[k] <= 0 and d != 0:\n        return math.log",
        ),
        (
            "def f(u, k):\n"
            "    try:\n"
            "        x = min(max(u[k], 0.0), 1.0)\n"
            "\n"
            "        return x * x\n"
            "    except ArithmeticError:\n"
            "        return 7.0\n",
            "    x = min(max(u[k], 0.0), 1.0)\n\n    return x * x\n",
        ),
        (
            "def f(u, k):\n"
            "    x = 2.0\n"
            "    try:\n"
            "        x /= u[k]\n"
            "    except (ZeroDivisionError, ValueError):\n"
            "        pass\n"
            "    return x + math.exp(u[k])\n",
            "    if u[k] != 0:\n        x /= u[k]\n    else:\n        pass\n",
        ),
        (
            "def f(u, k):\n"
            "    try:\n"
            "        return math.exp(400.0 * u[k])\n"
            "    except OverflowError:\n"
            "        return math.inf\n",
            "709.78",
        ),
    ],
)
def test_what_would_raise_is_asked_first(same_steps, function, wanted):
    done = same_steps(SCRIPT.format(function=function))
    if wanted:
        assert any(wanted in candidate.patches[0].after for candidate in done.candidates), done.text


def test_what_is_stored_before_a_raise_stays(same_steps):
    done = same_steps(
        SCRIPT.format(
            function=(
                "def f(u, k):\n"
                "    x = 1.0\n"
                "    try:\n"
                "        x = u[k]\n"
                "        y = 1.0 / x\n"
                "    except ZeroDivisionError:\n"
                "        y = x - 5.0\n"
                "    return x + y\n"
            )
        )
    )
    assert "    x = u[k]\n    if x != 0:\n        y = 1.0 / x\n    else:\n" in done.text


def test_what_a_later_raise_takes_back_is_not_hidden(rewrite):
    done = rewrite(
        SCRIPT.format(
            function=(
                "def f(u, k):\n"
                "    x = y = 1.0\n"
                "    try:\n"
                "        x = 1.0 / u[k]\n"
                "        y = 1.0 / (u[k] - 0.5)\n"
                "    except ZeroDivisionError:\n"
                "        y = x - 5.0\n"
                "    return x + y\n"
            )
        )
    )
    assert not done.candidates
    assert any("before it arises" in refusal.advice for refusal in done.refusals)


def test_numpys_numbers_divide_by_zero_without_an_exception(same_steps):
    done = same_steps(
        """
import numpy as np

np.seterr(all="ignore")
u = np.array([0.5, 0.0, -1.0])
v = np.zeros(3)
for k in range(3):  # hot
    try:
        v[k] = u[k] / u[k - 1]
    except ZeroDivisionError:
        v[k] = 5.0
print(v.tolist())
"""
    )
    assert "5.0" not in done.text.split("def update_v")[1].split("return")[0].split("u = np.array")[0]


def test_what_a_called_function_may_raise_is_not_guessed(rewrite):
    done = rewrite(
        SCRIPT.format(
            function=(
                "def g(x):\n"
                "    return 1.0 / x\n"
                "\n"
                "def f(u, k):\n"
                "    try:\n"
                "        return g(u[k])\n"
                "    except ZeroDivisionError:\n"
                "        return 0.0\n"
            )
        )
    )
    assert not done.candidates
    assert "try/except" in done.reasons


def test_a_list_that_holds_numpys_numbers_too_may_divide_by_zero(rewrite):
    done = rewrite(
        """
import sys
import numpy as np

n = int(sys.argv[1]) if len(sys.argv) > 1 else 4
u = np.zeros(n)

def run(kept):
    for step in range(3):
        kept[-1] = 0.5 * u[0]
        for i in range(n):  # hot
            try:
                kept[0] = 1.0 / kept[i]
            except ZeroDivisionError:
                kept[0] = 0.25
    print([float(x) for x in kept])

for again in range(2):
    run([0.5 * i for i in range(n - 1)] + [u[0]])
"""
    )
    assert not done.candidates


def test_elements_divide_by_zero_as_pythons_numbers_do_where_the_original_code_runs(same_steps):
    same_steps(
        """
import sys

n = 8
u = [float(7 * i % 11) for i in range(n)]
u[3] = u[2]
caught = 0
total = 0 if len(sys.argv) > 1 else 0.0
for step in range(3):  # hot
    for i in range(1, n - 1):
        try:
            ratio = (u[i + 1] - u[i]) / (u[i] - u[i - 1])
        except ZeroDivisionError:
            ratio = 1.0
            caught += 1
        total += ratio
print(caught, total)
""",
        "whole",
    )
