"""Recurrences of many lines side by side: when lines go together, and that every bit stays."""

import pytest

from tests.arrays.in_process import difference, proposals, rewritten, run

pytestmark = pytest.mark.usefixtures("interpreted")

HEAD = """\
import sys
import numpy as np

nx, ny, nz = (int(one) for one in (*sys.argv[1:], 5, 19, 7)[:3])
u = np.sin(np.arange(nx * ny * nz) * 0.7).reshape(nx, ny, nz)
v = np.cos(u)
w = 2.5 + u * v
flat = np.cos(np.arange(ny * nz) * 0.3).reshape(ny, nz)
other = flat * 2
coefficients = np.cos(np.arange(nz + ny) * 1.0)

"""
SIZES = [(), ("1", "1", "2"), ("2", "3", "2"), ("3", "33", "3"), ("1", "64", "5"), ("4", "2", "20")]


def candidates(body: str, tmp_path) -> list[str]:
    """The rewrites of the place marked hot, each of which computes the same for every size."""
    text = HEAD + body
    found = [one for one in proposals(text, tmp_path) or [] if hasattr(one, "patches")]
    for argv in SIZES:
        before = run(text, argv, tmp_path)
        for one in found:
            after = run(rewritten(one), argv, tmp_path)
            assert not difference(before, after, one.forgets, exact=True), argv
    return [one.patches[0].after for one in found]


def by_lines(body: str, tmp_path) -> list[str]:
    """The kernels of those in which lines are computed side by side."""
    kernels = (one[one.index("@njit") : one.index("def are_arrays")] for one in candidates(body, tmp_path))
    return [one for one in kernels if "width = min(" in one]


THOMAS = """\
def solve(a, b, c, d):
    n = d.shape[-1]
    upper = np.zeros_like(d)
    right = np.zeros_like(d)
    upper[..., 0] = c[..., 0] / b[..., 0]
    right[..., 0] = d[..., 0] / b[..., 0]
    for k in range(1, n):  # hot
        pivot = b[..., k] - a[..., k] * upper[..., k - 1]
        upper[..., k] = c[..., k] / pivot
        right[..., k] = (d[..., k] - a[..., k] * right[..., k - 1]) / pivot
    x = np.zeros_like(d)
    x[..., -1] = right[..., -1]
    for k in range(n - 2, -1, -1):
        x[..., k] = right[..., k] - upper[..., k] * x[..., k + 1]
    return x


x = solve({})
"""


@pytest.mark.parametrize("given", ["u, w, v, u", "flat, 2.5 + other, flat, other"])
def test_the_sweep_forward_and_the_sweep_back_go_over_the_lines_together(given, tmp_path):
    (text, *_) = by_lines(THOMAS.format(given), tmp_path)
    rows = [row.strip() for row in text.splitlines()]
    forward, back = rows.index("for k in range(1, n):"), rows.index("for k in range(n - 2, -1, -1):")
    first = max(place for place in range(forward) if "_first in range(" in rows[place])
    assert first < forward < back
    assert " upper[" not in text


@pytest.mark.parametrize(
    ("value", "stop"),
    [("other[2:, k] - other[:-2, k]", "16"), ("1 / (other[2:, k] - other[:-2, k])", "width")],
)
def test_missing_lines_are_computed_like_the_last_where_nothing_can_fail(value, stop, tmp_path):
    body = (
        "for t in range(2):  # hot\n"
        "    for k in range(1, nz):\n"
        f"        flat[1:-1, k] = {value} + 0.3 * flat[1:-1, k - 1]\n"
    )
    found = [one for one in by_lines(body, tmp_path) if "other_lines" in one]
    assert found
    assert all(f"for j in range({stop}):" in one or f"for i in range({stop}):" in one for one in found)


def test_lines_that_lie_side_by_side_are_not_copied(tmp_path):
    body = THOMAS.replace("..., ", "").replace("shape[-1]", "shape[0]").format("u, w, v, u")
    for text in by_lines(body, tmp_path):
        assert "a_lines" not in text
        assert "a[k, i, j_first + j]" in text


def test_an_array_that_is_bound_anew_each_time_is_kept_for_a_few_lines(tmp_path):
    body = (
        "def back(right, upper, x):\n"
        "    for k in range(nz - 2, -1, -1):  # hot\n"
        "        x = right[:, :, k] - upper[:, :, k] * x\n"
        "        right[:, :, k] = (x - upper[:, :, k]) / 0.5\n"
        "\n"
        "\n"
        "back(u, v, w[:, :, -1].copy())\n"
    )
    assert by_lines(body, tmp_path)


def test_what_the_last_turn_leaves_is_there_afterwards(tmp_path):
    by_lines(
        "x = np.zeros((nx, ny))\n"
        "for k in range(nz):  # hot\n"
        "    x = 0.5 * x + u[:, :, k]\n"
        "    v[:, :, k] = x\n"
        "total = x.sum()\n",
        tmp_path,
    )


def test_new_and_old_of_one_turn_are_told_apart(tmp_path):
    candidates(
        "x = np.ones((nx, ny))\n"
        "for k in range(nz):  # hot\n"
        "    new = 0.5 * x + u[:, :, k]\n"
        "    v[:, :, k] = new - x\n"
        "    x = new\n"
        "total = x.sum()\n",
        tmp_path,
    )


def test_a_line_that_reads_another_one_stays_in_order(tmp_path):
    body = (
        "for t in range(2):  # hot\n"
        "    for k in range(1, nz):\n"
        "        u[:, 1:, k] = v[:, 1:, k] - 0.5 * u[:, :-1, k - 1]\n"
    )
    assert not by_lines(body, tmp_path)


def test_a_number_out_of_an_array_that_changes_keeps_the_order(tmp_path):
    body = (
        "for t in range(2):  # hot\n"
        "    for k in range(1, nz):\n"
        "        flat[:, k] = other[:, k] - flat[0, k - 1] * flat[:, k]\n"
    )
    assert not by_lines(body, tmp_path)


def test_neighbouring_lines_that_nobody_writes_are_copied_too(tmp_path):
    body = (
        "for t in range(2):  # hot\n"
        "    for k in range(1, nz):\n"
        "        flat[1:-1, k] = other[2:, k] - other[:-2, k] + 0.3 * flat[1:-1, k - 1]\n"
    )
    assert any("in range(18):" in one for one in by_lines(body, tmp_path))


ADI = """\
def steps(field, times):
    n, m = field.shape
    p = np.zeros_like(field)
    q = np.zeros_like(field)
    for t in range(times):  # hot
        p[1:-1, 0] = {first}
        q[1:-1, 0] = 1.0
        for j in range(1, m - 1):
            p[1:-1, j] = 0.3 / (2.1 - 0.3 * p[1:-1, j - 1])
            q[1:-1, j] = (field[1:-1, j] + 0.3 * q[1:-1, j - 1]) / (2.1 - 0.3 * p[1:-1, j - 1])
        field[1:-1, -1] = 1.0
        for j in range(m - 2, 0, -1):
            field[1:-1, j] = p[1:-1, j] * field[1:-1, j + 1] + q[1:-1, j]
    return {result}


result = steps(flat, 3)
"""


def test_what_is_written_before_it_is_read_needs_no_copy(tmp_path):
    (text, *_) = by_lines(ADI.format(first="0.0", result="field"), tmp_path)
    assert " p[" not in text


@pytest.mark.parametrize(
    ("first", "result"),
    [("0.0", "p"), ("0.0", "(field, p[1:, 1:] * 2)"), ("0.5 * p[1:-1, 0] + 0.1", "field")],
)
def test_what_is_read_later_is_copied_back(first, result, tmp_path):
    (text, *_) = by_lines(ADI.format(first=first, result=result), tmp_path)
    assert "p[i_first" in text


def test_an_argument_is_filled_though_the_function_reads_it_no_more(tmp_path):
    body = ADI.replace("    p = np.zeros_like(field)\n", "").replace("(field, times)", "(field, times, p)")
    body = body.replace("steps(flat, 3)", "steps(flat, 3, other)")
    assert all("p[i_first" in one for one in by_lines(body.format(first="0.0", result="field"), tmp_path))


def test_right_sides_are_made_for_a_few_lines_at_a_time(tmp_path):
    body = (
        "def step(field, times):\n"
        "    n, m = field.shape\n"
        "    for t in range(times):  # hot\n"
        "        d = field + 0.1 * np.cos(field)\n"
        "        for k in range(1, m):\n"
        "            d[:, k] -= 0.4 * d[:, k - 1]\n"
        "        for k in range(m - 2, -1, -1):\n"
        "            field[:, k] = d[:, k] - 0.2 * field[:, k + 1]\n"
        "\n"
        "\n"
        "step(flat, 3)\n"
    )
    assert any("d_lines" in one and " d[" not in one for one in by_lines(body, tmp_path))


COEFFICIENTS = """\
def solve(rhs, r):
    n, m = rhs.shape
    upper = np.zeros({length})
    d = np.zeros_like(rhs)
    beta = 1 + 2 * r
    upper[0] = -r / beta
    d[{first}] = rhs[{first}] / beta
    for k in range(1, {length}):  # hot
        pivot = beta + r * upper[k - 1]
        upper[k] = -r / pivot
        d[{here}] = (rhs[{here}] + r * d[{before}]) / pivot
    for k in range({length} - 2, -1, -1):
        d[{here}] -= upper[k] * d[{behind}]
    return d{more}


x = solve(flat, 0.3)
"""


@pytest.mark.parametrize("more", ["", ", upper"])
@pytest.mark.parametrize("along", [0, 1])
def test_coefficients_are_computed_beside_the_lines(along, more, tmp_path):
    places = {"first": "0", "here": "k", "before": "k - 1", "behind": "k + 1"}
    if along:
        places = {name: f":, {place}" for name, place in places.items()}
    body = COEFFICIENTS.format(length="nm"[along], more=more, **places)
    assert any("pivot = beta" in one and "upper[k] = " in one for one in by_lines(body, tmp_path))


def test_coefficients_that_are_updated_where_they_stand_keep_the_order(tmp_path):
    body = (
        "def solve(right, weights):\n"
        "    for k in range(1, nz):  # hot\n"
        "        weights[k] = weights[k] - 0.5 * weights[k - 1]\n"
        "        right[:, k] -= weights[k] * right[:, k - 1]\n"
        "\n"
        "\n"
        "solve(flat, coefficients)\n"
    )
    assert not by_lines(body, tmp_path)


def test_a_number_that_goes_from_turn_to_turn_keeps_the_order(tmp_path):
    body = (
        "weight = 1.0\n"
        "for k in range(1, nz):  # hot\n"
        "    weight = 0.5 * weight + 0.1\n"
        "    flat[:, k] -= weight * flat[:, k - 1]\n"
        "print(weight)\n"
    )
    assert not by_lines(body, tmp_path)


def test_a_function_for_one_direction_is_put_in_where_it_is_called(tmp_path):
    body = (
        COEFFICIENTS.format(length="n", first="0", here="k", before="k - 1", behind="k + 1", more="")
        .replace("  # hot", "")
        .replace("x = solve(flat, 0.3)\n", "")
    )
    body += "x = flat\nfor step in range(3):  # hot\n    x = solve(x, 0.3)\ntotal = x.sum()\n"
    assert by_lines(body, tmp_path)


def test_a_number_out_of_an_array_that_is_made_anew_is_read_from_the_new_one(tmp_path):
    body = """\
def solve(u, v, r, s):
    for t in range(2):  # hot
        p = 0.5 * u + v
        for k in range(1, 0, -1):
            p[1:-1, :, k] += r[k + 1] - s[k + 1] * u[1:-1, :, k + 1]
        s = np.zeros(len(r))
        for k in range(1, 3 - 1):
            v[1:-1, :, k] += np.where(s[k - 1] > 0.2, u[1:-1, :, k], 1.5) - s[k]


solve(u, v, coefficients, 0.5 * coefficients)
"""
    assert candidates(body, tmp_path)


def test_arrays_of_two_types_do_not_take_turns(tmp_path):
    text = f"""{HEAD}
def solve(w, s, q):
    for t in range(2):  # hot
        w += 0.1 * s
        q[:-1] -= t + s[:-1]
        s, q = q, s
    return s, q


result = solve(w, u.astype(np.float32), v)
"""
    found = proposals(text, tmp_path)
    assert [one for one in found if "arrays of float32 and of float64" in getattr(one, "reason", "")]
