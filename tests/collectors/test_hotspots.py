"""Which places are named, derived from stacks and sources alone."""

import textwrap

import pytest

from pdeperf.collectors.hotspots import find_hotspots
from pdeperf.collectors.stacks import callers, share_rows
from pdeperf.model import Environment, Measurement, Span
from pdeperf.source import Project

MACHINE = Environment(
    cpu_model="",
    cores_count=1,
    threads_count=1,
    python_version="3.11",
    platform="",
    memory_bandwidth_bytes_per_s=1e10,
    scalar_rate_per_s=1e9,
)


def span(first, last=None):
    return Span(file="main.py", first=first, last=last or first)


def hotspots(source, stacks, rows=(), elapsed_s=1.0):
    """Hotspots of one file, given ``{(innermost line, its caller's, ...): share}``."""
    project = Project.from_texts({"main.py": textwrap.dedent(source).lstrip()})
    found = {(tuple(map(span, lines)), "", ""): share for lines, share in stacks.items()}
    shares = list(share_rows(found, 1.0, "pyspy"))
    return find_hotspots([*shares, *rows], project, MACHINE, elapsed_s)


def places(found):
    return [(hotspot.where.first, hotspot.where.last, round(hotspot.share, 3)) for hotspot in found]


def test_a_nest_is_named_as_a_whole_and_the_time_loop_is_not():
    source = """
    for n in range(100):
        un = u.copy()
        for i in range(1, 9):
            for j in range(1, 9):
                u[i, j] = un[i, j]
    """
    found = hotspots(source, {(5,): 0.9, (4,): 0.05, (2,): 0.01})
    assert places(found) == [(3, 5, 0.95)]


def test_three_nests_in_one_time_loop_are_three_hotspots():
    source = """
    while err > tol:
        for i in range(9):
            for j in range(9):
                u[i][j] = 1
        for i in range(9):
            u[i][0] = 2
        for k in cells:
            v[k] = 3
    """
    assert places(hotspots(source, {(4,): 0.5, (6,): 0.2, (8,): 0.3})) == [
        (2, 4, 0.5),
        (7, 8, 0.3),
        (5, 6, 0.2),
    ]


def test_indices_computed_from_the_loop_variable_belong_to_the_nest():
    source = """
    for cell in range(9):
        left = cell - 1
        for k in range(3):
            r[left] += f[k]
    """
    assert places(hotspots(source, {(4,): 1.0})) == [(1, 4, 1.0)]


def test_a_time_loop_over_whole_arrays_is_the_hotspot():
    source = """
    for n in range(100):
        un = u.copy()
        u[1:-1] = un[2:] + un[:-2]
    """
    assert places(hotspots(source, {(3,): 0.7, (2,): 0.2})) == [(1, 3, 0.9)]


SCALAR = """
def flux(a):
    return 0.5 * a * a
def sweep(u):
    for i in range(9):
        u[i] = flux(u[i])
sweep(u)
"""


def test_a_small_function_counts_for_the_loop_that_calls_it():
    calls = Measurement(where=span(1, 2), metric="calls_count", value=1e6, collector="arguments")
    types = Measurement(where=span(1, 2), metric="type", value="float", subject="a", collector="arguments")
    found = hotspots(SCALAR, {(2, 5, 6): 0.6, (5, 6): 0.4}, rows=(calls, types))
    assert places(found) == [(4, 5, 1.0)]
    assert found[0].scope == "sweep"
    assert types in found[0].facts


def test_a_long_function_without_a_loop_keeps_its_time():
    calls = Measurement(where=span(1, 2), metric="calls_count", value=100.0, collector="arguments")
    found = hotspots(SCALAR, {(2, 5, 6): 0.6, (5, 6): 0.4}, rows=(calls,))
    assert places(found) == [(2, 2, 0.6), (4, 5, 0.4)]


def test_time_in_a_called_function_counts_for_its_own_loops():
    source = """
    def sweep(u):
        for i in range(9):
            u[i] = 1
    for n in range(9):
        sweep(u)
    """
    assert places(hotspots(source, {(3, 5): 0.9, (5,): 0.01})) == [(2, 3, 0.9)]


def test_a_hot_statement_outside_of_loops_is_named_with_all_its_lines():
    source = """
    x = solve(
        A,
        b,
    )
    y = 1
    """
    assert places(hotspots(source, {(3,): 0.6, (5,): 0.01})) == [(1, 4, 0.6)]


def test_what_takes_less_than_a_fiftieth_is_not_named():
    assert hotspots("a = 1\nb = 2\n", {(1,): 0.019}) == ()


def test_headroom_is_time_over_the_counted_work():
    source = "for i in range(9):\n    u[i] = u[i] * 2.0 + 1.0\n"
    rows = (
        Measurement(where=span(2), metric="hits_count", value=1e6, collector="line_profiler"),
        Measurement(where=span(1, 2), metric="entries_count", value=1.0, collector="arguments"),
        Measurement(where=span(1, 2), metric="shape", value="1000000", subject="u", collector="arguments"),
        Measurement(where=span(1, 2), metric="dtype", value="float64", subject="u", collector="arguments"),
    )
    (found,) = hotspots(source, {(2,): 1.0}, rows=rows)
    assert found.headroom == pytest.approx(1.0 / (2e6 / 1e9))


def test_a_solver_of_a_library_has_no_known_floor():
    rows = (
        Measurement(
            where=span(1), metric="library_share", value=0.9, subject="scipy.sparse.linalg", collector="pyspy"
        ),
        Measurement(where=span(1), metric="hits_count", value=1.0, collector="line_profiler"),
    )
    (found,) = hotspots("x = spsolve(A, b)\n", {(1,): 0.9}, rows=rows)
    assert found.headroom == 0.0


def test_a_line_that_works_on_more_than_is_seen_has_no_known_floor():
    rows = (Measurement(where=span(1), metric="hits_count", value=2e4, collector="line_profiler"),)
    (found,) = hotspots("w = phi - phi**3\n", {(1,): 0.9}, rows=rows)
    assert found.headroom == 0.0


def test_callers_can_be_read_back_from_a_stack_row():
    chain = (span(3), span(7), span(9))
    (row,) = [each for each in share_rows({(chain, "", ""): 1.0}, 1.0, "x") if each.metric == "stack_share"]
    assert (row.where, *callers(row)) == chain


def test_copies_between_host_and_device_are_a_place_however_little_time_they_take():
    source = """
    import cupy as cp
    u = cp.zeros(10)
    for n in range(100):
        u = u + 1
        seen = float(u.max())
    first = float(u.min())
    """
    rows = [
        Measurement(where=span(line), metric=metric, value=value, collector="transfers")
        for line, metric, value in (
            (5, "scalar_read_count", 100.0),
            (5, "transfer_time_s", 0.001),
            (6, "scalar_read_count", 1.0),
        )
    ]
    found = hotspots(source, {(1,): 0.9}, rows)
    assert places(found) == [(1, 1, 0.9), (3, 5, 0.001)]


def test_copies_in_a_function_without_a_loop_are_on_their_own_line():
    source = """
    def energy(u):
        return float((u * u).sum())
    for n in range(100):
        energy(u)
    """
    rows = [Measurement(where=span(2), metric="scalar_read_count", value=100.0, collector="transfers")]
    assert places(hotspots(source, {(4,): 0.9}, rows)) == [(3, 4, 0.9), (2, 2, 0.0)]


def test_small_statements_of_a_function_count_together():
    source = """
    def flux(a, b):
        c = a + b
        d = a * b
        e = c - d
        return e * a
    flux(u, v)
    x = 1
    y = 2
    """
    lines = {(2, 6): 0.015, (3, 6): 0.018, (4, 6): 0.3, (5, 6): 0.012, (7,): 0.015, (8,): 0.015}
    assert places(hotspots(source, lines)) == [(4, 4, 0.3), (3, 3, pytest.approx(0.045))]
