"""Right-hand sides that an integrator calls: their arrays are taken apart and what they return has names."""

import ast

import pytest

from pdeperf.arrays.named_results import with_named_results
from pdeperf.model import Candidate
from pdeperf.source import Project
from tests.arrays.in_process import proposals, rewritten
from tests.arrays.test_lift import check

pytestmark = pytest.mark.usefixtures("interpreted")

HEAD = """\
import numpy as np
from scipy.integrate import odeint, solve_ivp

n, m, D = 5, 4, 0.1


def lap(w):
    return (np.roll(w, 1, 0) - 2 * w + np.roll(w, -1, 0)) / D**2  # hot


class Model:
    def __init__(self):
        self.n, self.eps = n, 0.3

    def rhs(self, t, y):
        k = self.n
        phi = y.reshape(k, -1)
        return (lap(phi) + (phi - phi**3)
                / self.eps).ravel()


"""
START = "y0 = 0.1 * np.sin(np.arange(2 * n * m) * 0.7)\n"
RUN = START + "sol = solve_ivp(f, (0, 0.002), y0, method='RK23').y\n"

BODIES = {
    "taken apart": "    u, v = y.reshape(2, n, m)\n    uv = u * u * v\n    du = lap(u) - uv\n"
    "    dv = D * lap(v) + uv\n    return np.concatenate([du.ravel(), dv.ravel()])\n",
    "all behind the return": "    u, v = y[: n * m].reshape((n, m)), y[n * m :].reshape(n, m)\n"
    "    return np.concatenate(((lap(u) - v).ravel(), (lap(v) * u).ravel()))\n",
    "in two halves": "    u, v = np.split(y, 2)\n    result = 0\n"
    "    return np.hstack([lap(u) - u * v, lap(v) + u\n            * v])\n",
    "of another's shape": "    u = np.reshape(y, W.shape)\n    return np.ravel(-lap(u) * W)\n",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_right_hand_side_computes_the_same_in_loops(body, tmp_path):
    text = check(f"{HEAD}W = np.ones((2 * n, m))\n\n\ndef f(t, y):\n{body}\n\n{RUN}", tmp_path)
    kernel = text[text.index("@njit") : text.index("n, m, D = ")]
    assert "np.roll" not in kernel and "result" not in text[text.index("def lap") : text.index("class")]


def test_a_method_is_a_right_hand_side_too(tmp_path):
    text = check(f"{HEAD}{START}sol = odeint(Model().rhs, y0, [0, 0.01], tfirst=True)\n", tmp_path)
    assert "result[i, " in text and "return result.ravel()" in text


ANYWAY = {
    "bound anew": "    u = y.reshape(2 * n, m)\n    u = np.asfortranarray(u * D)\n"
    "    return lap(u).ravel()\n",
    "of many sizes": "    u = y[: int(3 + t * 1e4)].reshape(-1, 1)\n    return np.resize(lap(u), y.size)\n",
}


@pytest.mark.parametrize("body", ANYWAY.values(), ids=ANYWAY.keys())
def test_what_is_taken_apart_otherwise_is_right_too(body, tmp_path):
    text = f"{HEAD}def f(t, y):\n{body}\n\n{RUN}"
    if any(isinstance(one, Candidate) for one in proposals(text, tmp_path) or []):
        check(text, tmp_path)


def test_functions_that_a_loop_calls_stay_as_they_are(tmp_path):
    text = f"{HEAD}y = np.sin(np.arange(n) * 0.7)\nfor t in range(3):\n    y = y + 0.001 * lap(y)\n"
    found = [one for one in proposals(text, tmp_path) or [] if isinstance(one, Candidate)]
    assert found and not any("result" in rewritten(one) for one in found)


def test_lines_behind_a_named_result_are_told_as_the_user_wrote_them():
    project = Project.from_texts({"script.py": f"{HEAD}print(n)\n"})
    function = next(node for node in project["script.py"].all(ast.FunctionDef) if node.name == "rhs")
    named = with_named_results(project, project["script.py"], function)
    assert named is not None and named.more == 1
    rows = named.project["script.py"].lines
    assert rows[named.line(22) - 1] == "print(n)\n" and named.line_of_user(named.line(22)) == 22
    assert named.line_of_user(20) == named.line_of_user(19) == 19
