"""Cells at listed places are stores and reads of their own."""

import pytest

from tests.arrays.test_lift import check

pytestmark = pytest.mark.usefixtures("interpreted")

HEAD = """\
import numpy as np

n, m = 7, 6
u = np.sin(np.arange(n * m) * 0.7).reshape(n, m)
v = np.cos(u)
F = np.sin(np.arange(n * m * 9) * 0.3).reshape(n, m, 9)
G = np.cos(F)
inside = u > 0.5
ends = [0, -1]
towards = np.array([1, 5, 8])
back = [3, 7, 6]
opposite = np.array([0, 3, 4, 1, 2, 7, 8, 5, 6])
"""

BODIES = {
    "open ends": "F[:, -1, [6, 7, 8]] = F[:, -2, [6, 7, 8]]\nF[:, 0, [2, 3, 4]] = F[:, 1, [2, 3, 4]]",
    "the list's axis first": "F[0, :, [1, 2, 8]] = F[1, :, [1, 2, 8]]\nF[-1, :, [4, 6]] = F[-2, :, [4, 6]]",
    "bounced": "F[:, 0, towards] = G[:, 0, back]\nF += 0.1 * (G - F)",
    "both ends": "u[[0, -1]] = 0\nu[:, [0, -1]] = 0.5 * v[:, [1, -2]]",
    "named": "u[ends] = v[ends]\nu[1:-1, ends] = 2.0\nu = u + 0.1 * v",
    "exchanged": "u[[0, 3]] = u[[3, 0]]\nu[:, [1, 2]] = u[:, [2, 1]]",
    "a row for all": "u[[0, 2]] = v[0]\nu[:, [1, 4, 2]] = v[:, 3:4]",
    "added": "u[[0, 4]] += 0.5\nu[[2, 2]] += 1.0\nu[:, [0, 3]] *= v[:, [3, 0]]",
    "one place": "u[[2], 1:] = 0.3\nu[[1, 4], 3] = v[2, 2]",
    "turned round": "u = v[:, [5, 4, 3, 2, 1, 0]] + 0.1 * u",
    "where a mask holds": "F[inside, 3] = 1.5\nF[inside, 0] = F[inside, 2]\nF = 0.5 * (F + G)",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_listed_places_compute_the_same(body, tmp_path):
    rows = "".join(f"    {row}\n" for row in body.splitlines())
    check(f"{HEAD}for t in range(4):  # hot\n{rows}", tmp_path)


def test_a_list_of_truth_values_is_no_list_of_places(tmp_path):
    text = (
        HEAD + "for t in range(3):  # hot\n    u = 0.5 * (u + v)\n    u[[True, False] * 3 + [True]] = 0.1\n"
    )
    check(text, tmp_path)


def test_chosen_cells_in_a_tables_order_are_part_of_the_kernel(tmp_path):
    body = """
for t in range(4):  # hot
    walls = F[inside, :][:, opposite]
    F = 0.5 * (F + G)
    F[inside, :] = walls
    u = F[:, :, 1] + 0.1 * u
"""
    kernel = check(HEAD + body, tmp_path).partition("inside = u > 0.5")[0]
    assert "inside[i, j]" in kernel
