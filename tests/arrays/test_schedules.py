"""What the loops that array statements become must not do."""

import ast

import pytest

from pdeperf.arrays.conditions import whole_shapes
from pdeperf.arrays.loops.reading import is_only_read
from pdeperf.arrays.regions import regions_of
from pdeperf.model import Span
from pdeperf.source import Project
from tests.arrays.in_process import proposals, run
from tests.arrays.in_process import rewritten as without_cache
from tests.parallel_orders import shaken

pytestmark = pytest.mark.usefixtures("interpreted")

HEAD = """\
import numpy as np

n, m = 9, 8
u = np.sin(np.arange(n * m) * 0.7).reshape(n, m)
v = np.cos(u)
log = []
"""


def rewritten(body: str, tmp_path, which: int = 0) -> str:
    """A candidate for the line marked hot; all of them must compute the same."""
    text = HEAD + body
    found = [one for one in proposals(text, tmp_path) or [] if hasattr(one, "patches")]
    assert found
    before = run(text, (), tmp_path)
    for one in found:
        after = run(without_cache(one), (), tmp_path)
        assert after.raised == before.raised == ""
        kept = before.values.keys() - set(one.forgets)
        assert {name: repr(before.values[name]) for name in kept} == {
            name: repr(after.values.get(name)) for name in kept
        }
    return found[which].patches[0].after


def test_an_in_place_stencil_needs_no_second_array_and_no_copy(tmp_path):
    text = rewritten(
        "for t in range(3):  # hot\n"
        "    u[1:-1, 1:-1] += 0.1 * (u[2:, 1:-1] + u[:-2, 1:-1] - 2 * u[1:-1, 1:-1])\n"
        "    log.append(u[1, 1])\n"
        "total = float(sum(log))\n",
        tmp_path,
    )
    assert "u_rows" in text
    assert "empty_like(u)" not in text


def test_arrays_that_a_list_keeps_are_made_anew(tmp_path):
    rewritten(
        "for t in range(4):  # hot\n"
        "    u = u + 0.1 * (np.roll(u, 1, 0) - u)\n"
        "    log.append(u)\n"
        "total = float(sum(one.sum() for one in log))\n",
        tmp_path,
    )


def test_loops_over_single_elements_stay(tmp_path):
    rewritten(
        "for t in range(2):  # hot\n"
        "    for i in range(1, n - 1):\n"
        "        u[i, 1:-1] += u[i - 1, 1:-1] + u[i + 1, 1:-1]\n"
        "        for j in range(1, m - 1):\n"
        "            u[i, j] += u[i, j - 1]\n"
        "            u[i, j] /= 9.0\n",
        tmp_path,
    )


def test_a_recurrence_along_the_last_dimension_goes_inside(tmp_path):
    text = rewritten(
        "for t in range(2):  # hot\n"
        "    for k in range(1, m):\n"
        "        u[:, k] = v[:, k] - 0.5 * u[:, k - 1]\n",
        tmp_path,
    )
    lines = [row.strip() for row in text.splitlines()]
    copied = lines.index("u_lines[j, i] = u[min(i_first + i, u.shape[0] - 1), j]")
    assert lines.index("for k in range(1, m):") > copied


def test_zeros_are_put_only_where_nothing_else_is(tmp_path):
    text = rewritten(
        "for t in range(2):  # hot\n"
        "    w = np.zeros_like(u)\n"
        "    w[1:-1, 1:-1] = u[1:-1, 1:-1] + v[2:, 1:-1]\n"
        "    u = w\n",
        tmp_path,
    )
    assert "[0, i] = 0.0" in text
    assert "[i, j] = 0.0" not in text


def test_a_constant_for_some_cells_is_not_taken_for_one_everywhere(tmp_path):
    rewritten(
        "for t in range(2):  # hot\n"
        "    w = np.zeros_like(u)\n"
        "    w[:-2] = abs(n)\n"
        "    w[: n - 1] = u[1:] - v[:-1]\n"
        "    u = w\n",
        tmp_path,
    )


def test_an_array_that_is_computed_twice_in_one_loop_is_copied_back_once(tmp_path):
    rewritten(
        "for t in range(3):  # hot\n"
        "    u[:] = np.roll(u, 1, axis=1)\n"
        "    u[:] = u + v\n"
        "    v[:] = 0.5 * v\n"
        "    u[1:-1] = u[2:] - u[:-2]\n",
        tmp_path,
    )


@pytest.mark.parametrize(
    ("statement", "answer"),
    [
        ("print(u.max(), u[1, 2], u.shape)", True),
        ("e = np.sum(u * u)", True),
        ("x = u.astype(float, copy=False)", False),
        ("np.abs(u, out=w)", False),
        ("frames.append(u)", False),
        ("row = u[0]", False),
        ("w = u[1:]", False),
        ("state['u'] = u", False),
        ("plot(u)", False),
    ],
)
def test_who_keeps_an_array_is_told_from_who_reads_it(statement, answer):
    def called(node: ast.expr) -> str:
        return ast.unparse(node).replace("np.", "numpy.")

    found = is_only_read(
        [ast.parse(statement)],
        {"u"},
        apart_from=(),
        called=called,
        rank=lambda _: 2,
        measures=lambda _: False,
    )
    assert found is answer


def test_an_array_made_in_the_loop_and_updated_there_does_not_take_turns_with_itself(tmp_path):
    rewritten(
        "for t in range(4):  # hot\n"
        "    a = np.zeros_like(u)\n"
        "    a += np.roll(u, 1, axis=0)\n"
        "    v[2:] = np.roll(a, -3, axis=0)[2:] + 1\n"
        "    a[2:] = u[:-2]\n"
        "    top = np.max(np.abs(a + u * a))\n"
        "    if top > 40:\n"
        "        break\n",
        tmp_path,
    )


def test_a_row_that_reads_only_cells_ahead_is_updated_where_it_stands(tmp_path):
    text = rewritten(
        "for t in range(3):  # hot\n    u[:, :-1] = u[:, :-1] - 0.3 * (u[:, 1:] - v[:, :-1])\n", tmp_path
    )
    assert "u_rows" not in text
    assert "empty_like" not in text


def test_cells_around_the_end_are_read_before_they_are_replaced(tmp_path):
    text = rewritten(
        "for t in range(3):  # hot\n"
        "    u[:, :-1] = u[:, 1:] - np.roll(v, -1, axis=1)[:, 1:] + np.roll(v, 1, axis=1)[:, 1:]\n",
        tmp_path,
    )
    assert "u_rows" in text or "u_new" in text


SWEEP = """\
for t in range(3):  # hot
    for i in range(1, n - 1):
        u[i, 1:-1] += u[i - 1, {left}] + u[i, {ahead}] + u[i + 1, 1:-1]
        for j in range(1, m - 1):
            u[i, j] += u[i, j - 1] {more}
            u[i, j] /= 9.0
"""


@pytest.mark.parametrize("left", [":-2", "2:"])
def test_a_row_and_the_loop_over_its_cells_are_one_sweep_in_order(left, tmp_path):
    text = rewritten(SWEEP.format(left=left, ahead="2:", more=""), tmp_path, -1)
    assert text.count("for j in range(1, m - 1):") == 2  # the kernel's, and the user's where it does not fit


@pytest.mark.parametrize(("ahead", "more"), [(":-2", ""), ("2:", "+ u[i, j + 1]"), ("2:", "+ u[i, m - 2]")])
def test_cells_that_would_be_read_too_early_stay_in_two_loops(ahead, more, tmp_path):
    rewritten(SWEEP.format(left="1:-1", ahead=ahead, more=more), tmp_path)


def test_an_array_that_gets_a_second_name_further_down_is_made_anew_each_time(tmp_path):
    rewritten(
        "for t in range(3):  # hot\n"
        "    a = u * 2.6\n"
        "    top = np.sum(a * 1)\n"
        "    v -= 0.1 * u\n"
        "    a, v = v, a\n",
        tmp_path,
    )


def test_a_reversed_array_is_read_from_its_end_by_lines_too(tmp_path):
    rewritten(
        "w = np.empty_like(u)\nw[...] = 0\nfor t in range(2):  # hot\n    w[-1, :] = 2.5 - v[n // 2, ::-1]\n",
        tmp_path,
    )


def test_a_condition_that_another_one_implies_is_not_checked():
    checks = ["u.shape[0] + 1 >= n", "u.shape[0] == n", "v.shape[0] + 2 >= m", "v.shape[0] >= m"]
    assert list(whole_shapes(checks, {})) == ["u.shape[0] == n", "v.shape[0] >= m"]


LONG_CELL = (
    "for t in range(3):  # hot\n"
    "    right, left = np.roll(u, -1, 1), np.roll(u, 2, 1)\n"
    + "".join(f"    a{k} = {k}.5 * right + left * np.roll(v, {k % 3 - 1}, 1)\n" for k in range(20))
    + "    u = u + 0.001 * ("
    + " + ".join(f"a{k} * a{k}" for k in range(20))
    + ")\n"
)


def test_a_long_cell_is_written_once_for_the_inside_and_the_edges(tmp_path):
    text = rewritten(LONG_CELL, tmp_path)
    assert "u_row = with_halo(u[i], 2, 1)" in text
    assert "edge" not in text


@pytest.mark.parametrize("sizes", ["1, 1", "2, 1", "1, 3"])
def test_the_neighbours_of_a_tiny_periodic_row_are_its_own_cells(sizes, tmp_path):
    rewritten(f"n, m = {sizes}\nu = np.linspace(0, 1, n * m).reshape(n, m)\nv = u + 1\n{LONG_CELL}", tmp_path)


def test_a_function_of_the_users_that_has_the_name_of_ours_is_not_called(tmp_path):
    found = proposals(f"{HEAD}def with_halo(row, before, after):\n    return row\n{LONG_CELL}", tmp_path)
    assert not any("with_halo(u" in one.patches[0].after for one in found or [] if hasattr(one, "patches"))


def test_what_only_its_own_cell_reads_has_no_array(tmp_path):
    text = rewritten(
        "for t in range(3):  # hot\n"
        "    c = np.sqrt(np.abs(u)) / (1.0 + v * v)\n"
        "    a = c * u + np.sqrt(c)\n"
        "    b = c * v - np.sqrt(c)\n"
        "    u = u + 0.1 * a * c\n"
        "    v = v + 0.1 * b * c\n",
        tmp_path,
    )
    assert "c[i, j]" not in text


def test_statements_of_a_loop_that_stays_are_fused_alone():
    loop = "for t in range(3):\n    w = f(u)\n    a = w * v\n    u = a + v\n    f(u)\n"
    text = f"def f(w):\n    return w\n\n\n{loop}"
    project = Project.from_texts({"script.py": text})
    regions = regions_of(project, project["script.py"], Span(file="script.py", first=8, last=8))
    assert [node.lineno for node in list(regions)[-1]] == [7, 8]


def test_rows_of_a_sweep_that_is_fused_are_staggered_at_once(tmp_path):
    text = rewritten(
        "for t in range(3):  # hot\n"
        "    for i in range(1, n - 1):\n"
        "        u[i, 1:-1] += u[i - 1, 1:-1] + u[i, 2:] + u[i + 1, 1:-1]\n"
        "        for j in range(1, m - 1):\n"
        "            u[i, j] = (u[i, j] + u[i, j - 1]) / 5.0\n",
        tmp_path,
    )
    assert "8 rows at a time" in text


def on_all_cores(body: str, tmp_path, head: str = HEAD) -> str:
    """The candidate for several cores; its turns run at the same time, and compute the same."""
    text = head + body
    found = [
        one for one in proposals(text, tmp_path) or [] if getattr(one, "title", "").endswith("all cores")
    ]
    assert found
    before = run(text, (), tmp_path)
    for seed in range(2):
        after = run(shaken(without_cache(found[0]), seed), (), tmp_path)
        assert after.raised == before.raised == ""
        assert {name: repr(each) for name, each in before.values.items()} == {
            name: repr(after.values.get(name)) for name in before.values
        }
    return found[0].patches[0].after


def test_an_in_place_stencil_comes_for_all_cores_too(tmp_path):
    text = on_all_cores(
        "def march(u):\n"
        "    for t in range(3):  # hot\n"
        "        un = u.copy()\n"
        "        u[1:-1, 1:-1] = un[1:-1, 1:-1] + 0.1 * (un[2:, 1:-1] + un[:-2, 1:-1] - 2 * un[1:-1, :-2])\n"
        "march(u)\n",
        tmp_path,
    )
    assert "prange(1," in text
    assert "_serial" not in text


def test_rows_that_cores_keep_for_themselves_are_made_in_each_turn(tmp_path):
    text = on_all_cores(
        "def lap(z):\n"
        "    return np.roll(z, 1, 0) + np.roll(z, -1, 0) + np.roll(z, 1, 1) + np.roll(z, -1, 1) - 4 * z\n"
        "def march(u, v):\n"
        "    for t in range(3):  # hot\n"
        "        lu, lv = lap(u), lap(v)\n"
        "        uvv = u * v * v\n"
        "        u += 0.1 * lu - uvv + 0.2 * (1 - u)\n"
        "        v += 0.05 * lv + uvv - 0.3 * v\n"
        "march(u, v)\n",
        tmp_path,
    )
    before, _, inside = text.partition("in prange(")
    assert "_row = np.empty(" in inside
    assert "_row = np.empty(" not in before


@pytest.mark.parametrize("rows", [70, 151])
@pytest.mark.parametrize(
    "step",
    [
        "v[1:-1, 1:-1] = 0.3 * (u[1:-1, 1:-1] + u[2:, 1:-1] + u[:-2, 1:-1])\n"
        "        u[1:-1, 1:-1] = 0.3 * (v[1:-1, 1:-1] + v[2:, 1:-1] + v[1:-1, :-2])\n",
        "v[1:, :] -= 0.5 * (u[1:, :] - u[:-1, :])\n        u[:-1, :] -= 0.7 * (v[1:, :] - v[:-1, :])\n"
        "        v[0, :] = 0.01 * t\n        u[-1, :] = v[-2, :]\n",
        "v[2:-2, :] = u[2:-2, :] - 0.1 * (u[4:, :] - u[:-4, :])\n        u, v = v, u\n",
        "v[1:-1, :] = u[1:-1, :] - 0.1 * (u[:-2, :] - u[1:-1, :])\n        v[0, :] = u[1, :]\n"
        "        u, v = v, u\n",
    ],
)
def test_blocks_of_rows_need_nothing_of_one_another(rows, step, tmp_path):
    head = (
        "import numpy as np\n"
        f"rows = {rows}\n"
        "u = np.sin(np.arange(rows * 3) * 0.7).reshape(rows, 3)\n"
        "v = np.cos(u)\n"
    )
    body = f"def march(u, v, rows):\n    for t in range(11):  # hot\n        {step}    return u, v\n"
    text = on_all_cores(body + "u, v = march(u, v, rows)\n", tmp_path, head)
    assert "for between in range(2):" in text


STEPPED = """\
def march(u):
    for t in range(3):  # hot
        un = u.copy()
        u[1:-1, 1:-1] = un[1:-1, 1:-1] + 0.1 * (un[2:, 1:-1] + un[:-2, 1:-1] - 2 * un[1:-1, :-2])
        {}
    return u
result = march(u).copy()
"""


@pytest.mark.parametrize(
    ("edges", "copied"),
    [
        ("u[0] = u[1]; u[-1] = 0; u[:, 0] = 0; u[:, -1] = u[:, -2]", False),
        ("u[:, 0] = 0; u[:, -1] = 0; u[0] = 0; u[-1] = 0", False),
        ("u[0, :4] = 0; u[-1, :-1] = 0", True),
        ("u[0] = u[-1]; u[-1] = u[0]", True),
        ("u[0] += v[0]; u[-1] = 0", True),
        ("u[0][v[0] > 0] = 0; u[-1] = 0", True),
    ],
)
def test_edges_that_are_overwritten_at_once_are_not_copied(edges, copied, tmp_path):
    text = rewritten(STEPPED.format(edges.replace("; ", "\n        ")), tmp_path)
    assert ("[0, i] = u_old[0, i]" in text or "[u.shape[0] - 1, i] = u_old[" in text) == copied


def test_a_sum_that_is_asked_for_twice_is_made_once(tmp_path):
    text = rewritten(
        "for t in range(3):  # hot\n"
        "    un = u.copy()\n"
        "    u[1:-1] = un[1:-1] + 0.1 * (un[2:] - un[:-2])\n"
        "    change = (np.sum(u) - np.sum(un)) / np.sum(u)\n"
        "    u[0] = change\n",
        tmp_path,
    )
    assert text.count("= np.float64(pairwise_sum(u_new.ravel()))") == 1


@pytest.mark.parametrize("cells", [1, 2, 3, 4, 9])
def test_a_ring_of_cells_asks_only_at_its_ends_what_lies_around_them(cells, tmp_path):
    text = rewritten(
        f"def march(w):\n"
        "    for t in range(4):  # hot\n"
        "        flux = 0.5 * w**2\n"
        "        w = w - 0.1 * (flux - np.roll(flux, 1)) + 0.05 * (np.roll(w, -2) - 2 * w + np.roll(w, 1))\n"
        "    return w\n"
        f"w = march(np.sin(np.arange({cells}) * 0.9))\n",
        tmp_path,
    )
    assert "for edge in range(" in text


def test_a_quotient_that_several_cheap_terms_would_compute_over_again_is_kept(tmp_path):
    text = rewritten(
        "w, x, y = np.zeros((n, m)), np.zeros((n, m)), np.zeros((n, m))\n"
        "for t in range(2):  # hot\n"
        "    speed = v / u\n"
        "    mass = u * speed\n"
        "    force = speed * speed\n"
        "    heat = v * speed\n"
        "    w[1:] = mass[1:] - mass[:-1]\n"
        "    x[1:] = force[1:] - force[:-1]\n"
        "    y[1:] = heat[1:] - heat[:-1]\n",
        tmp_path,
    )
    assert text.partition("\nn, m = ")[0].count(" / ") == 1
