"""Rounding errors reach every problem that a script solves, one after the other."""

import ast

import pytest

from pdeperf.guest.perturb import EACH_OF, Perturbation

STEPS = """
import numpy as np


def run(n):
    u = np.ones(n)
    for _ in range(3):
        u = 2.0 * u
    return u
"""
SOLVES = """
import numpy as np


def run(n):
    A, b = 3.0 * np.eye(n) + 1.0, np.arange(1.0, n + 1.0)
    return np.linalg.solve(A, b)
"""


@pytest.mark.parametrize("text", [STEPS, SOLVES], ids=["a loop", "a solver"])
def test_each_of_the_first_problems_that_a_function_solves_is_moved(text):
    plain: dict = {}
    exec(text, plain)
    perturbation = Perturbation(7)
    tree = perturbation.transform(ast.parse(text), "script.py")
    perturbation.install()
    moved: dict = {}
    exec(compile(ast.fix_missing_locations(tree), "script.py", "exec"), moved)
    exact = plain["run"](40)
    differs = [bool((moved["run"](40) != exact).any()) for _ in range(200)]
    assert all(differs[:EACH_OF])
    assert sum(differs[EACH_OF:]) < 12, "a step that is called again and again is moved ever more rarely"


def test_one_loop_is_moved_ever_more_rarely():
    text = "import numpy as np\nu = np.ones(9)\nfor k in range(1000):\n    u = 1.0 * u\n"
    perturbation = Perturbation(7)
    tree = perturbation.transform(ast.parse(text), "script.py")
    perturbation.install()
    exec(compile(ast.fix_missing_locations(tree), "script.py", "exec"), {})
    assert perturbation.arrays_count == 10
