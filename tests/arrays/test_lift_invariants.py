"""Numbers that stay the same are taken out of lists, arrays and formulas before the loops."""

import pytest

from pdeperf.model import Candidate, Safety
from tests.arrays.in_process import proposals
from tests.arrays.test_lift import check

pytestmark = pytest.mark.usefixtures("interpreted")

HEAD = """\
import numpy as np

n, m, dx, rate = 9, 8, 0.3, 0.7
u = np.sin(np.arange(n * m) * 0.7).reshape(n, m)
v = np.cos(u)
c = [0.1, -0.2, 0.3]
row = np.array([0.3, 0.2, 0.1])
short = []


class Setup:
    weights = (0.1, 0.2)

    def __init__(self):
        self.table = [0.5, 0.25]


setup = Setup()


def change(numbers):
    numbers[1] *= 0.5


def turn():
    c[2] = -c[2]
"""

TAKEN_OUT = {
    "a list": ("u[1:-1] += c[1] * (v[2:] - v[:-2]) + c[-1]", "c_1 * ("),
    "a small array": ("u = u + row[2] * np.roll(v, 1, axis=0)", "row_2 * "),
    "a list of an object": ("u = u + setup.table[1] * v", "table_1 * "),
    "a power": ("u = u - 0.001 * v / dx**4", "/ dx4"),
    "a function of a number": ("u = u + np.exp(-rate * dx) * v", "exp_here * "),
    "inside a formula": ("u = u + (2 * c[0] - c[1] / dx**2) * v", "c_0"),
}


def loop(body: str) -> str:
    rows = "".join(f"    {row}\n" for row in body.splitlines())
    return f"{HEAD}for t in range(4):  # hot\n{rows}"


@pytest.mark.parametrize(("body", "told"), TAKEN_OUT.values(), ids=TAKEN_OUT.keys())
def test_a_number_that_stays_the_same_is_computed_before_the_loops(body, told, tmp_path):
    assert told in check(loop(body), tmp_path)
    found = [one for one in proposals(loop(body), tmp_path) if isinstance(one, Candidate)]
    assert all(one.safety is Safety.EXACT for one in found)


CHANGING = {
    "stored": "u = u + c[1] * v\nc[1] = c[1] * 0.5",
    "grown": "u = u + c[-1] * v\nc.append(0.1 * t)",
    "given away": "u = u + c[1] * v\nchange(c)",
    "of the file": "u = u + c[2] * v\nturn()",
    "by another name": "d = c\nu = u + c[2] * v\nd[2] = 0.1 * t",
    "bound anew": "u = u + c[2] * v\nc = [0.1 * t] * 3",
    "by a loop's counter": "u = u + c[t % 3] * v",
    "an array": "u = u + row[1] * v\nrow[1] = 0.1 * t",
    "an array by its parts": "u = u + row[1] * v\nrow[1:] *= 0.5",
    "an array of an object": "u = u + setup.table[1] * v\nsetup.table[1] = 0.1 * t",
    "a number": "u = u + dx**4 * v\ndx = 0.9 * dx",
    "where there is none": "if short:\n    u = u + short[0] * v\nu = u + 0.1 * v",
    "of the run itself": "k = np.max(v)\nu = u + np.exp(-k) * v\nv = 0.9 * v",
}


@pytest.mark.parametrize("body", CHANGING.values(), ids=CHANGING.keys())
def test_a_number_that_changes_is_read_where_it_is_used(body, tmp_path):
    text = loop(body)
    if any(isinstance(one, Candidate) for one in proposals(text, tmp_path)):
        check(text, tmp_path)


def test_a_number_beside_nothing_but_a_reduction_computes_the_same(tmp_path):
    solve = """
def solve(u, steps):
    for t in range(steps):  # hot
        top = np.max(np.abs(u + np.sqrt(np.abs(WEIGHTS[2]))))
    return top
"""
    check(
        f"import numpy as np\nWEIGHTS = [0.4, 0.3, 0.2]\n{solve}\ntop = solve(np.arange(8.0), 3)\n", tmp_path
    )
