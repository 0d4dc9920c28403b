"""Sweeps over the rows for several statements or several steps: when they are made, and when not."""

import pytest

from tests.arrays.in_process import difference, proposals, rewritten, run

pytestmark = pytest.mark.usefixtures("interpreted")

HEAD = """\
import sys
import numpy as np

n, m, steps = (int(one) for one in (*sys.argv[1:], 9, 8, 11)[:3])
u = np.sin(np.arange(n * m) * 0.7).reshape(n, m)
v = np.cos(u)
w = u * v
line = np.cos(np.arange(n) * 0.3)
other = line * 2
drive = np.sin(np.arange(40) * 1.0)
log = []
"""
SIZES = [(), ("1", "1"), ("2", "3", "9"), ("3", "2", "8"), ("12", "3", "10")]


def candidates(body: str, tmp_path) -> list[str]:
    """The rewrites of the loop marked hot, each of which computes the same for every size."""
    text = HEAD + body
    found = [one for one in proposals(text, tmp_path) or [] if hasattr(one, "patches")]
    for argv in SIZES:
        before = run(text, argv, tmp_path)
        for one in found:
            after = run(rewritten(one), argv, tmp_path)
            assert not difference(before, after, one.forgets, exact=True)
    return [one.patches[0].after for one in found]


def sweeps(body: str, tmp_path) -> list[str]:
    """Those that go over the rows once for several nests or steps."""
    return [one for one in candidates(body, tmp_path) if "for row in " in one or "for start in " in one]


STAGGERED = """\
for t in range(steps):  # hot
    # the source
    v[0, :] = drive[t]
    v[1:, :] -= 0.5 * (w[1:, :] - w[:-1, :])
    u[:, 1:] -= 0.5 * (w[:, 1:] - w[:, :-1])
    # with the new fields
    w[:-1, :-1] -= 0.7 * (u[:-1, 1:] - u[:-1, :-1] + v[1:, :-1] - v[:-1, :-1])
"""


def test_fields_that_read_one_another_are_stepped_in_one_sweep(tmp_path):
    text, in_blocks = sweeps(STAGGERED, tmp_path)
    assert "for t_first in range(0, steps, 8):" in text
    assert "lag = t - t_first" in text
    assert "for between in range(2):" in in_blocks


def test_a_row_lags_by_as_many_rows_as_are_read_ahead(tmp_path):
    body = "for t in range(steps):  # hot\n    v[2:-2] = u[2:-2] * 2\n    w[2:-2] = v[4:] - v[:-4]\n"
    assert any("max(2, row - lag - 2)" in one for one in sweeps(body, tmp_path))


def test_comments_stay_beside_the_rows_that_they_are_about(tmp_path):
    for text in sweeps(STAGGERED, tmp_path):
        lines = [row.strip() for row in text.splitlines()]
        at = lines.index("# with the new fields")
        head = lines[at + 1] + lines[at + 2]  # a long one goes over three lines
        assert head.startswith("for i in range(max(0, row")


def test_half_steps_between_two_arrays_share_a_sweep(tmp_path):
    body = (
        "for _ in range(steps):  # hot\n"
        "    v[1:-1, 1:-1] = 0.25 * (u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2])\n"
        "    u[1:-1, 1:-1] = 0.25 * (v[2:, 1:-1] + v[:-2, 1:-1] + v[1:-1, 2:] + v[1:-1, :-2])\n"
    )
    assert any("lag = 2 * (step - step_first)" in one for one in sweeps(body, tmp_path))


def test_lines_of_cells_are_stepped_in_tiles(tmp_path):
    body = (
        "for _ in range(steps):  # hot\n"
        "    line[1:-1] = (other[:-2] + other[1:-1] + other[2:]) / 3\n"
        "    other[1:-1] = (line[:-2] + line[1:-1] + line[2:]) / 3\n"
        "    other[0] = other[1]\n"
    )
    (text,) = sweeps(body, tmp_path)
    assert "line_here[i] = (other_left[i] + other_here[i] + other_right[i]) / 3" in text


def test_an_array_made_anew_is_kept_by_a_few_rows(tmp_path):
    body = (
        "for t in range(steps):  # hot\n"
        "    flux = np.zeros_like(u)\n"
        "    flux[1:-1] = np.sqrt(np.abs(u[1:-1])) * (u[2:] - u[:-2])\n"
        "    v[1:] -= flux[1:] - flux[:-1]\n"
        "    u[1:-1] += 0.1 * v[1:-1]\n"
    )
    found = sweeps(body, tmp_path)
    assert any("flux_rows" in one for one in found)
    assert not any("flux_rows = np.empty_like(u)" in one for one in found)


def test_edges_between_the_steps_are_taken_along(tmp_path):
    body = (
        "for t in range(steps):  # hot\n"
        "    un = u.copy()\n"
        "    u[1:-1, 1:-1] = un[1:-1, 1:-1] + 0.1 * (un[2:, 1:-1] - 2 * un[1:-1, 1:-1] + un[:-2, 1:-1])\n"
        "    u[0, :] = u[1, :]\n"
        "    u[-1, :] = 0\n"
        "    u[:, 0] = u[:, -1]\n"
        "    u[:, -1] = drive[t]\n"
    )
    assert any("t_first" in one for one in sweeps(body, tmp_path))


@pytest.mark.parametrize(
    "statement",
    [
        "print(u[1, 1])",
        "log.append(float(u[0, 0]))",
        "if np.max(np.abs(u)) > 1e9:\n        break",
        "u[0, :] = u[-2 % n, :]",
        "v[t, :] = u[t, :]",
        "u[1:-1] = u[1:-1] * u[0, 0]",
    ],
)
def test_steps_that_somebody_looks_between_do_not_share_a_sweep(statement, tmp_path):
    body = (
        "for t in range(min(steps, n)):  # hot\n"
        "    v[1:-1] = u[2:] + u[:-2]\n"
        "    u[1:-1] = 0.2 * (v[2:] + v[:-2])\n"
        f"    {statement}\n"
    )
    assert not any("t_first" in one for one in sweeps(body, tmp_path))


def test_a_counter_that_is_read_later_keeps_its_loop(tmp_path):
    body = "def step(u, v):\n    for t in range(steps):  # hot\n        v[1:-1] = u[2:] + u[:-2]\n"
    body += "        u[1:-1] = 0.2 * (v[2:] + v[:-2])\n    return t\n\n\nlast = step(u, v) if steps else 0\n"
    assert not any("t_first" in one for one in sweeps(body, tmp_path))


def test_the_greatest_value_is_found_in_the_same_sweep(tmp_path):
    body = (
        "for t in range(steps):  # hot\n"
        "    v[1:] -= 0.1 * (u[1:] - u[:-1])\n"
        "    u[:-1] -= 0.1 * (v[1:] - v[:-1])\n"
        "    drive[t] = np.max(np.abs(u))\n"
    )
    for text in sweeps(body, tmp_path):
        before, _, after = text.partition("for row in ")
        assert "largest_of_column[i] = -np.inf" in before
        assert "drive[t] = largest" in after


def test_arrays_that_take_turns_share_a_sweep_too(tmp_path):
    body = (
        "def solve(u, un):\n"
        "    for t in range(steps):  # hot\n"
        "        un[1:-1, 1:-1] = u[1:-1, 1:-1] + 0.1 * (u[2:, 1:-1] + u[:-2, 1:-1] - 2 * u[1:-1, 1:-1])\n"
        "        un[0, :] = un[1, :]\n"
        "        u, un = un, u\n"
        "    return u, un\n\n\n"
        "result = solve(u, v)\n"
    )
    assert any("u_here, un_here = un_here, u_here" in one for one in sweeps(body, tmp_path))
