"""Places that arrays of integers hold are compared once, before loops that look them up again and again."""

import numba
import pytest

from tests.kernel.in_process import proposals, rewritten
from tests.kernel.test_index_checks import checks_of


@pytest.fixture(autouse=True)
def interpreted(monkeypatch):
    """Rewrites are run as Python, without a compilation each."""
    monkeypatch.setattr(numba.config, "DISABLE_JIT", True)


HEAD = """import sys
import numpy as np
n = int(sys.argv[1]) if len(sys.argv) > 1 else 6
idx = np.array([3, 1, 4, -1, 5, 0])
u = np.arange(n, dtype=float)
out = np.zeros(6)
for t in range(20):  # hot
    for i in range(6):
"""
MESH = """import sys
import numpy as np
n = int(sys.argv[1]) if len(sys.argv) > 1 else 6
def step(u, r, elements, count, steps):
    for t in range(steps):  # hot
        for e in range(count):
            s = 0.0
            for a in range(3):
                s += u[elements[e, a]]
            for a in range(3):
                r[elements[e, a]] += 0.1 * s
elements = np.array([[0, 1, 2], [1, 2, 3], [2, 3, 5]])
u, r = np.ones(n), np.zeros(n)
step(u, r, elements, len(elements), 20)
print(u.tolist(), r.tolist())
"""
INPUTS = ("2", "5", "7", "30")


def checks(body, folder):
    return checks_of(HEAD + body + "\nprint(out.tolist())\n", folder, *INPUTS)


@pytest.mark.parametrize(
    ("body", "condition"),
    [
        (
            "        out[i] += u[idx[i]]",
            "u.shape[0] < highest_of(idx[:6]) + 1 or u.shape[0] < -lowest_of(idx[:6])",
        ),
        (
            "        k = idx[i]\n        out[i] -= u[k - 2]",
            "u.shape[0] < highest_of(idx[:6]) - 1 or u.shape[0] < 2 - lowest_of(idx[:6])",
        ),
    ],
)
def test_a_table_of_places_is_looked_through_once(body, condition, tmp_path):
    (found,) = checks(body, tmp_path)
    assert found == f"if {condition}:"


def test_the_nodes_of_elements_are_compared_with_all_that_they_lead_to(tmp_path):
    assert checks_of(MESH, tmp_path, *INPUTS)
    (candidate, *_), _ = proposals(MESH, tmp_path)
    assert "min(u.shape[0], r.shape[0]) < highest_of(elements[:count, :3]) + 1" in rewritten(candidate)


@pytest.mark.parametrize(
    "body",
    [
        "        if idx[i] < n:\n            out[i] += u[idx[i]]",
        "        out[i] += u[idx[i]]\n        idx[i] = (idx[i] + 1) % n",
        "        out[i] += u[idx[i] // 2]",
        "        if i > 3:\n            break\n        out[i] += u[idx[i]]",
    ],
)
def test_places_that_may_not_all_be_looked_at_are_not_compared(body, tmp_path):
    found = checks_of(HEAD + body + "\nprint(out.tolist())\n", tmp_path, "7", "30")
    assert not any(".max()" in one for one in found)


def test_one_walk_through_a_table_costs_no_second_one(tmp_path):
    text = HEAD.replace("range(20)", "range(2)") + "        out[i] += u[idx[i]]\nprint(out.tolist())\n"
    assert not any(".max()" in one for one in checks_of(text, tmp_path, "7", "30"))


@pytest.mark.parametrize(
    ("place", "condition"),
    [
        ("max(m - 1, 0)", "if g.shape[0] < max(m - 1, 0) + 1:"),
        ("min(m + 1, n - 1)", "if g.shape[0] < -min(m + 1, n - 1):"),
        ("max(n - 1, 0) * 0", ""),
    ],
)
def test_the_larger_of_two_sizes_is_a_place_that_no_loop_changes(place, condition, tmp_path):
    text = (
        HEAD.partition("idx")[0]
        + "g, t = np.arange(n), 0\nm = 2 if n != 7 else -20\nfor s in range(3):  # hot\n"
    )
    text += f"    k = g[{place}]\n    for j in range(n):\n        t += k * g[j]\nprint(t)\n"
    assert "".join(checks_of(text, tmp_path, "1", "2", "7", "30")) == condition


def test_a_function_of_the_users_own_is_not_taken_for_ours(tmp_path):
    own = HEAD.replace("n = int", "def highest_of(x):\n    return 0\nn = int", 1)
    text = own + "        out[i] += u[idx[i]]\nprint(out.tolist(), highest_of(3))\n"
    (candidate, *_), _ = proposals(text, tmp_path)
    assert "highest_of(idx" not in rewritten(candidate)
