"""Which ways of writing a region's loops are tried, and in which order."""

from types import SimpleNamespace

import pytest

from pdeperf.arrays import ways
from pdeperf.arrays.loops.costs import Cost, cost_of
from pdeperf.arrays.loops.schedule import Form, Recompute
from pdeperf.arrays.ways import Way, promising
from pdeperf.backends import fuse_arrays
from pdeperf.model import Span
from tests.arrays.in_process import proposals

ROWS = "for i in range(n):\n    for j in range(n):\n        {} = {}\n"
SEEN = {"n": 1000}


def busy(target: str, value: str, **seen: int) -> float:
    rows = ROWS.format(target, value).splitlines()
    return cost_of(rows, {"i", "j"}, {**SEEN, **seen}, 10_000).busy_ns


def test_far_accesses_recurrences_and_divisions_cost():
    near = busy("a[i, j]", "b[i, j] + 1.0")
    assert busy("a[i, j]", "b[j, i] + 1.0") > 3 * near
    assert busy("a[i, j]", "a[i, j - 1] + 1.0") > 3 * near
    assert busy("a[i, j]", "1.0 / b[i, j]") > near
    assert busy("a[i, j]", "b[i, j] + 1.0", n=10) < near / 1000


def test_many_arrays_in_one_loop_are_no_vectors():
    few, many = "b[i, j] + c[i, j]", " + ".join(f"b{k}[i, j]" for k in range(12))
    assert busy("a[i, j]", many) > 4 * busy("a[i, j]", few)


HEAT = """\
import numpy as np

def march(u, un):
    for t in range({steps}):  # hot
        un[1:-1, 1:-1] = u[1:-1, 1:-1] + 0.1 * (u[2:, 1:-1] + u[:-2, 1:-1] - 2 * u[1:-1, :-2])
        u[1:-1, 1:-1] = un[1:-1, 1:-1] + 0.1 * (un[2:, 1:-1] + un[:-2, 1:-1] - 2 * un[1:-1, :-2])

march(np.ones(({size}, {size})), np.ones(({size}, {size})))
"""


@pytest.mark.parametrize(("size", "cores", "is_shared"), [(400, 4, True), (400, 1, False), (8, 4, False)])
def test_all_cores_come_first_where_there_is_work_for_them(size, cores, is_shared, tmp_path, monkeypatch):
    monkeypatch.setattr(ways, "cores_count", lambda: cores)
    asked = []

    def chosen(found):
        asked.append((found, promising(found)))
        return []

    assert not [
        one
        for one in proposals(HEAT.format(size=size, steps=2), tmp_path, chosen) or []
        if hasattr(one, "patches")
    ]
    (found, kept) = asked[0]
    assert len(kept) <= 3 < len(found)
    assert kept[0][0].is_shared == is_shared
    if size == 400:
        assert kept[0][0].form in (Form.BLOCKS, Form.SWEEPS)


def test_the_greater_of_two_numbers_counts():
    rows = "for i in range(max(n - 2, 0)):\n    a[i] = b[i] + 1.0".splitlines()
    assert cost_of(rows, {"i"}, SEEN, 10_000).busy_ns > 0


ROLLED = """\
import numpy as np

def march(u):
    for t in range(2):  # hot
        u[1:-1, 1:-1] = u[1:-1, 1:-1] + 0.1 * (u[2:, 1:-1] + u[:-2, 1:-1] - 2 * u[1:-1, :-2])

march(np.ones((400, 400)))
"""


def test_rows_that_follow_each_other_are_no_lines_to_share_out(tmp_path):
    asked = []

    def chosen(found):
        asked.extend(way for way, _ in found)
        return []

    proposals(ROLLED, tmp_path, chosen)
    assert any(way.form is Form.SWEEPS for way in asked)
    assert not any(way.form is Form.LINES for way in asked)


@pytest.mark.parametrize(("seconds", "least", "most"), [(-1, 1, 1), (1000, 2, 20)])
def test_planning_ends_with_what_is_known_when_it_takes_long(seconds, least, most, tmp_path, monkeypatch):
    monkeypatch.setattr(fuse_arrays, "_PLANNING_S", seconds)
    found = proposals(HEAT.format(size=8, steps=2), tmp_path) or []
    assert least <= sum(hasattr(one, "patches") for one in found) <= most


def test_what_was_not_looked_into_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(fuse_arrays, "_PLANNING_S", -1)
    monkeypatch.setattr(fuse_arrays, "_LONG", 0)
    found = proposals(HEAT.format(size=8, steps=2), tmp_path) or []
    assert any("was not looked into" in one.reason for one in found if hasattr(one, "reason"))


def test_the_plain_loops_are_tried_where_no_way_that_promises_more_comes_to_anything(tmp_path, monkeypatch):
    monkeypatch.setattr(fuse_arrays, "on_all_cores", lambda *_: None)
    shared = proposals(
        HEAT.format(size=8, steps=2), tmp_path, lambda ways: [each for each in ways if each[0].is_shared]
    )
    assert sum(hasattr(one, "patches") for one in shared or []) == 1


def test_what_stands_in_the_way_is_told_by_its_line_in_the_file(tmp_path):
    text = HEAT.format(size=8, steps=2).replace(
        "2 * un[1:-1, :-2])", "2 * un[1:-1, :-2])\n        print(t, u.sum(axis=1))"
    )
    refusals = [one for one in proposals(text, tmp_path) or [] if hasattr(one, "reason")]
    lines = [text.splitlines()[one.where.first - 1].strip() for one in refusals if one.reason == "it prints"]
    assert lines
    assert set(lines) == {"print(t, u.sum(axis=1))"}


def way_of(cost_ns: float, characters_count: int, *, is_shared: bool = False):
    """A way, what its loops are said to take, and their text."""
    module = SimpleNamespace(lines=["x" * characters_count])
    where = Span(file="script.py", first=1, last=1)
    found = SimpleNamespace(cost=Cost(cost_ns), is_tiled=False, where=where, project={"script.py": module})
    return Way(Recompute.CHEAP, Form.ROWS, is_shared), found


@pytest.mark.parametrize(("serial_ns", "is_tried"), [(600.0, True), (900.0, False)])
def test_of_ways_for_all_cores_one_for_one_core_is_tried_too(serial_ns, is_tried, monkeypatch):
    monkeypatch.setattr(ways, "cores_count", lambda: 16)
    shared = [way_of(1600.0 + k, 3000, is_shared=True) for k in range(4)]
    kept = promising([*shared, way_of(serial_ns, 3000)])
    assert [way.is_shared for way, _ in kept] == [True, True, not is_tried]


@pytest.mark.parametrize(
    ("slower", "characters_count", "is_first"),
    [(1.05, 3000, True), (1.3, 3000, False), (1.05, 8500, False)],
)
def test_of_two_that_are_about_as_fast_the_one_compiled_sooner_comes_first(
    slower, characters_count, is_first
):
    longer, shorter = way_of(1e6, 9000), way_of(slower * 1e6, characters_count)
    kept = promising([longer, shorter])
    assert len(kept) == 2
    assert (kept[0] is shorter) == is_first


def test_what_runs_on_all_cores_is_not_held_back_by_a_shorter_text(monkeypatch):
    monkeypatch.setattr(ways, "cores_count", lambda: 2)
    shared, alone = way_of(2e6, 9000, is_shared=True), way_of(1.05e6, 3000)
    assert promising([alone, shared])[0] is shared
