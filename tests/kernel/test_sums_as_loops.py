"""Sums over comprehensions in compiled functions, written as the loops that they mean."""

import pytest

from pdeperf.kernel.sums_as_loops import with_sums_as_loops

CASES = {
    "r = sum([x * x for x in u]) / 2": "r_sum = 0\nfor x in u:\n    r_sum += x * x\nr = r_sum / 2",
    "r = sum([x for x in u if x > 0])": "r = 0\nfor x in u:\n    if x > 0:\n        r += x",
    "return sum([a * b for a, b in zip(u, v)])": (
        "total = 0\nfor a, b in zip(u, v):\n    total += a * b\nreturn total"
    ),
    "u[0] += sum([sum([k * j for k in range(3)]) for j in range(i)])": (
        "total = 0\nfor j in range(i):\n    total_2 = 0\n    for k in range(3):\n        total_2 += k * j\n"
        "    total += total_2\nu[0] += total"
    ),
    # Names that mean something else keep it.
    "i = 1\nr = sum([i for i in u]) + i": "i = 1\nr_sum = 0\nfor i_2 in u:\n    r_sum += i_2\nr = r_sum + i",
    "for i in range(3):\n    r = sum([i for i in u])\n    u[i] = r": (
        "for i in range(3):\n    r = 0\n    for i_2 in u:\n        r += i_2\n    u[i] = r"
    ),
    "r = sum([r * x for x in u])": "r_sum = 0\nfor x in u:\n    r_sum += r * x\nr = r_sum",
    # What is not needed for certain, or stands beside what may change it, stays where it is.
    "r = sum([x for x in u]) if i else 0.0": None,
    "r = i and sum([x for x in u])": None,
    "r = store(u) + sum([x for x in u])": None,
    "r = 0 < i < sum([x for x in u])": None,
}


@pytest.mark.parametrize("text", CASES)
def test_a_sum_is_a_loop_before_the_statement_that_needs_it(text):
    def function(body):
        return "@njit\ndef f(u, v, i):\n" + "".join(f"    {row}\n" for row in body.splitlines())

    wanted = CASES[text] if CASES[text] is not None else text
    head = {"f": function("r = 0.5\n" + text)}
    assert with_sums_as_loops(head) == {"f": function("r = 0.5\n" + wanted)}
