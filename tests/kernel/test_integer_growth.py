"""Integers that stay within 64 bits, or of which only low bits count; all others are refused."""

import ast

import pytest

from pdeperf.kernel.array_storage import stored_in_arrays
from pdeperf.kernel.integer_growth import Growth
from pdeperf.kernel.kinds import INT, UNKNOWN, Kind, infer
from pdeperf.source import Module
from tests.kernel.in_process import observe, proposals

KINDS = dict.fromkeys("abcskntpqAM", INT) | {"C": Kind("list", "int64", 1), "low": INT, "high": INT}
KINDS |= {"middle": INT}
WRITTEN = {"A": 1664525, "M": 2**32}


def growth(text):
    return Growth(
        ast.parse(text).body,
        lambda node: infer(node, KINDS, lambda *_: UNKNOWN),
        WRITTEN,
    )


def reasons(text):
    return [reason for _, reason in growth(text).problems()]


@pytest.mark.parametrize(
    "text",
    [
        "s = (1103515245 * s + 12345) % 2147483648",
        "s = (1103515245 * s + 12345) & 0x7fffffff",
        "s = (A * s + 1013904223) % M",
        "s = (6364136223846793005 * s + 1) % 2**62",
        "s = (0x5DEECE66D * s + 0xB) & ((1 << 48) - 1)",
        "s = 16807 * s % 2147483647",
        "s ^= (s << 13) & 0xFFFFFFFF; s ^= s >> 17; s ^= (s << 5) & 0xFFFFFFFF",
        "a, b = b, (a + b) % 1000",
        "a, b = b, a % b",
        "middle = (low + high) // 2; low = middle + 1; high = middle",
        "middle = low + (high - low) // 2; low = middle + 1; high = middle",
        "t += a * b; a += 1; k = k + n",
        "C[a] -= 4; C[a - 1] += 1",
        "t += sum(C) + max(C); C[a] = max(C)",
    ],
)
def test_what_stays_small_or_is_cut_to_low_bits_may_be_compiled(text):
    assert not reasons(f"for i in range(n):\n    {text}\n")


@pytest.mark.parametrize(
    "text",
    [
        "s = (6364136223846793005 * s + 1) % 2**64",
        "s = (6364136223846793005 * s + 1) % 2147483647",
        "s = (a * s + b) % k",
        "a, b = b, a + b",
        "c = a + b; a = b; b = c",
        "a = a * n",
        "k *= 2",
        "k = 3 * k + 1",
        "C[a] = C[a - 1] + C[a - 2]",
        "s ^= (s << 13) & 0xFFFFFFFFFFFFFFFF",
        "a = 6364136223846793005 * k",
        "a = k / 2**64",
    ],
)
def test_what_may_outgrow_64_bits_is_refused(text):
    assert reasons(f"for i in range(n):\n    {text}\n")


@pytest.mark.parametrize("head", ["for t in C:", "for a, t in enumerate(C):", "for t, k in zip(C, C):"])
def test_what_a_walk_takes_from_a_list_grows_with_it(head):
    assert reasons(f"{head}\n    C[a] = t + t\n")
    assert not reasons(f"{head}\n    C[a] = t + 1\n")


def test_what_a_function_returns_grows_with_what_it_is_given(tmp_path):
    text = (
        "def above(a):\n    return a * {}\ndef step(u):\n    for i in range(1, 5):  # hot\n"
        "        u[i] = above(u[i])\nu = [2] * 5\nfor t in range(6):\n    step(u)\nprint(u)\n"
    )
    (several, _), (once, _) = (proposals(text.format(factor), tmp_path) for factor in (3, 1))
    assert once and not several


def test_whole_numbers_stay_in_a_list_where_they_may_outgrow_an_array(tmp_path):
    changes = (
        "p[i] *= 3",
        "q[i] += int(q[i - 1])",
        "m = int(r[i])\n        r[i] = m * 2",
        "s[i] *= -1",
        "t[i] += 2",
        "k = int(0.5 * i)\n        v[i] = k * 2",
        "w[i] = int(s[i]) % 2",
    )
    whole = "\n        ".join(changes)
    text = (
        f"def step(p, q, r, s, t, v, w):\n    for i in range(1, 5):  # hot\n        {whole}\n"
        "p, q, r, s, t, v, w = [1] * 5, [2] * 5, [3] * 5, [4] * 5, [5] * 5, [6] * 5, [7] * 5\n"
        "for turn in range(3):\n    step(p, q, r, s, t, v, w)\nprint(p, q, r, s, t, v, w)\n"
    )
    module = Module("script.py", text, is_script=True)
    project, _ = observe(text, tmp_path)
    stored = stored_in_arrays(module.span(module.tree.body[0].body[0]), project)
    assert stored.names == {"s", "t", "v", "w"}


def test_a_number_that_doubles_until_it_passes_another_one_stays_small():
    assert not reasons("while k < n:\n    k *= 2\n")
    assert reasons("while k < n:\n    k *= 2\n    n *= 2\n")
    assert reasons("while t < n:\n    k *= 2\n    t += 1\n")
    assert reasons("while k < n:\n    for i in range(t):\n        k *= 2\n")


def test_a_remainder_that_is_no_power_of_two_needs_a_small_start():
    assert growth("for i in range(n):\n    s = 16807 * s % 2147483647\n").needed == {"s": 2147483647}
    assert not growth("for i in range(n):\n    s = (5 * s + 3) % 2**31\n").needed


LINEAR_CONGRUENCES = """
import sys
import numpy as np
start = int(sys.argv[1]) if len(sys.argv) > 1 else 17
A, C, M = 6364136223846793005, 1442695040888963407, 2**62
seed, x, park = 12345, 2463534242, start
u = np.zeros(50)
for i in range(50):  # hot
    seed = (A * seed + C) % M
    x ^= (x << 13) & 0xFFFFFFFF
    x ^= x >> 17
    park = 16807 * park % (2**31 - 1)
    u[i] = seed / M + x % 10 + park / (2**31 - 1)
print(seed, x, park, u.tolist())
"""


def test_linear_congruences_give_what_python_gives(same_for):
    done = same_for(LINEAR_CONGRUENCES, str(2**60))
    assert "if -2147483647 < park < 2147483647:" in done.text
    assert "if M == 0:" in done.text  # and 2**31 - 1 is not 0
