"""Where the time goes if py-spy may not look, estimated from runs that were stopped early."""

import marshal

import pytest

from pdeperf.collectors import traced_stacks
from pdeperf.model import Measurement, Span
from pdeperf.source import Project

TEXT = """\
import numpy as np

def sweep(u):
    for i in range(9):
        u[i] = 1.0

sweep(np.zeros(9))
"""
MODULE, SWEEP = ("main.py", 1, "<module>"), ("main.py", 3, "sweep")
FOUND = ("<frozen importlib._bootstrap>", 1165, "_find_and_load")


def shares(tmp_path, elapsed_s, lines=()):
    stats = {
        MODULE: (1, 1, 0.1, 1.4, {}),
        FOUND: (1, 1, 1.0, 1.0, {MODULE: (1, 1, 1.0, 1.0)}),
        SWEEP: (1, 1, 0.3, 0.3, {MODULE: (1, 1, 0.3, 0.3)}),
    }
    file = tmp_path / "stats"
    file.write_bytes(marshal.dumps(stats))
    project = Project.from_texts({"main.py": TEXT})
    functions = traced_stacks.functions(file, project)
    rows = traced_stacks.rows(file, functions, lines, project, elapsed_s)
    return {row.where.first: row.value for row in rows if row.metric == "line_share"}


def line(number, hits, time_s):
    where = Span(file="main.py", first=number, last=number)
    for metric, value in (("hits_count", hits), ("line_time_s", time_s)):
        yield Measurement(where=where, metric=metric, value=value, collector="line_profiler")


def test_modules_are_imported_once_however_early_the_run_was_stopped(tmp_path):
    lines = [*line(1, 1.0, 1.0), *line(7, 1.0, 0.1), *line(4, 1e6, 0.1), *line(5, 1e6, 0.2)]
    found = shares(tmp_path, 10.0, lines)
    assert found[1] == pytest.approx(0.1, abs=0.01)
    assert found[4] + found[5] == pytest.approx(0.9 * 0.3 / 0.4, abs=0.01)


def test_a_whole_run_is_told_as_it_was(tmp_path):
    assert shares(tmp_path, 1.4)[3] == pytest.approx(0.3 / 1.4)
