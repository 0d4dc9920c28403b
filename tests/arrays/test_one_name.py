"""An array that has two names when a loop has ended is read by one of them."""

import ast

import pytest

from pdeperf.arrays.expand import PART
from pdeperf.arrays.one_name import with_one_name
from pdeperf.source import Project
from tests.arrays.in_process import proposals
from tests.arrays.test_lift import check

CAVITY = """
import numpy as np

n = 9
turns = 4
x = np.linspace(0, 1, n)
p = np.outer(x, x)
u = np.cos(p)
{before}
for t in {outer}:  # hot
    rhs = 2.0 * u
    for k in {inner}:
        p_next = np.zeros_like(p)
        p_next[1:-1, 1:-1] = 0.25 * (p[:-2, 1:-1] + p[2:, 1:-1] - 0.1 * rhs[1:-1, 1:-1])
        p_next[0] = p_next[1]
        p = p_next
    u_next = u - 0.1 * p_next
    u_next[:, 0] = p_next[:, -1]
    u = u_next
    p = p_next
{after}
"""


def cavity(
    before="", outer="range(turns)", inner="range(3)", after="print(u_next.sum(), p_next[2, 3], p.sum())"
):
    return CAVITY.format(before=before, outer=outer, inner=inner, after=after)


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize(
    "text",
    [
        cavity(),
        cavity(inner="range(turns)", after="p_next[0] = 7\nw = p_next if n > 3 else u_next\nprint(p, w)"),
        cavity(after="p = p + 1\nprint(u_next)"),
    ],
)
def test_arrays_with_two_names_after_a_loop_take_turns(text, tmp_path):
    after = check(text, tmp_path)
    assert "np.zeros_like" not in after.partition("@njit")[2].partition("if u.shape")[0]


@pytest.mark.parametrize(
    "text",
    [
        cavity(inner="range(int(x[-1]))"),
        cavity(inner="range(0)", before="p_next = 0 * p"),
        cavity(before="def show():\n    print(p_next)\n"),
        cavity(after="show = lambda: p_next\np = u\nprint(show())"),
        cavity(after="print(f'{p_next[1, 1]}')"),
        cavity(after="print([p_next for p_next in range(3)])"),
        cavity().replace("p = p_next\n    u_next", "p = p_next\n        if k > 1: break\n    u_next"),
        cavity().replace("p_next[0] = p_next[1]", "if k == 2: continue"),
        cavity(before="turns = len(x)", inner="range(turns)"),
    ],
)
def test_where_it_may_be_another_array_or_is_read_elsewhere_names_stay(text):
    text = text.replace("u = u_next\n    p = p_next\n", "u = u_next\n")
    found = with_one_name(Project.from_texts({"script.py": text}), "script.py", {8})
    changed = found["script.py"].text if found is not None else text
    reads = [node.id for node in ast.walk(ast.parse(changed)) if isinstance(node, ast.Name)]
    assert reads.count("p_next") == [
        n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)
    ].count("p_next")


def test_a_name_that_is_bound_anew_is_read_itself():
    text = cavity(after="p = p_next\nq = p_next\np_next = u\nprint(p_next, u_next)\nu = q\nprint(u_next, u)")
    found = with_one_name(Project.from_texts({"script.py": text}), "script.py", {8})
    last = found["script.py"].text.partition("u = u_next\n")[2]
    assert last == "    \n\nq = p\np_next = u\nprint(p_next, u)\nu = q\nprint(u_next, u)\n"


def test_the_text_that_is_replaced_is_the_users(tmp_path):
    text = cavity()
    found = [one for one in proposals(text, tmp_path) if hasattr(one, "patches")]
    assert found and all(one.patches[0].before == text for one in found)
    assert not any(getattr(one, "reason", "").endswith(PART) for one in proposals(text, tmp_path))
