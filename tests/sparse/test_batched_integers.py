"""Integers that may outgrow 64 bits, as Python's never do, are not computed in arrays of all turns."""

import ast

import pytest
from rewriting import at_once

from pdeperf.sparse.batched_integers import check_size
from pdeperf.sparse.batched_values import NotAtOnce

SEEN = {"x": "float", "w[]": "int", **dict.fromkeys(("i", "j", "k", "nx", "ny"), "int")}


def is_refused(text):
    try:
        check_size(ast.parse(text, mode="eval").body, lambda name, _: frozenset({SEEN.get(name, "")} - {""}))
    except NotAtOnce:
        return True
    return False


@pytest.mark.parametrize(
    "text",
    [
        "(i * 1000003 + j)**3",
        "i**4",
        "i * i * j * j",
        "i * 6364136223846793005",
        "w[i] * w[j]",
        "i**2 * 2**40",
    ],
)
def test_powers_of_counters_and_products_of_elements_stay_in_a_loop(text):
    assert is_refused(text)


@pytest.mark.parametrize(
    "text",
    [
        "((i * ny + j) * nx + k) * 3",
        "(2 * i + 1)**2",
        "w[i] * 8",
        "x * i**5",
        "i * i * j",
        "(-1) * (k % 2)**3 * x",
    ],
)
def test_places_and_small_products_do_not(text):
    assert not is_refused(text)


def test_a_sum_of_cubes_stays_a_loop(tmp_path):
    text = "import numpy as np\ns = 0\nfor i in range(9):  # LOOP\n    s += (i * 1000003 + 5) ** {}\n"
    at_once(text.format(2), tmp_path)
    with pytest.raises(NotAtOnce, match="may outgrow 64 bits"):
        at_once(text.format(3), tmp_path)
