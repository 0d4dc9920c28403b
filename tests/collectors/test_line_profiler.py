"""Exact hits on functions and on module-level code, and counts of whole runs from those cut short."""

import pytest

from pdeperf.collectors.counts import Seen, whole_counts
from pdeperf.collectors.line_profiler import COLLECTOR
from pdeperf.model import Measurement, Span
from pdeperf.source import Project

SCRIPT = """
def twice(x):
    return 2 * x
def again(x):
    return 2 * x
total = 0
for i in range(5):
    for j in range(3):
        total += twice(j)
class Counter:
    def up(self):
        self.n = 1
Counter().up()
print(total)
"""


def hits(rows):
    return {row.where.first: row.value for row in rows if row.metric == "hits_count"}


def test_hits_are_exact_in_functions_methods_and_module_level_code(watch):
    run, rows = watch(COLLECTOR, main=SCRIPT)
    assert run.finished.stdout.strip() == "30"
    found = hits(rows)
    assert (found[3], found[9], found[12], found[14]) == (15.0, 15.0, 1.0, 1.0)
    assert 5 not in found  # the same bytecode as twice(), never run


def test_only_the_code_in_focus_is_traced(watch):
    _, rows = watch(COLLECTOR, focus=(("main.py", 2),), main=SCRIPT)
    assert hits(rows) == {3: 15.0}


def test_local_modules_and_future_imports_run_as_they_are(watch):
    run, rows = watch(
        COLLECTOR,
        main="""
        '''Doc.'''
        from __future__ import annotations
        from pkg.physics import flux
        def f(a: Undefined): return a
        print(sum(flux(k) for k in range(4)), __doc__, __name__, f.__annotations__)
        """,
        pkg__physics="def flux(a):\n    return a + 1\n",
    )
    assert run.finished.stdout.strip() == "10 Doc. __main__ {'a': 'Undefined'}"
    assert {row.where.file: row.value for row in rows if row.metric == "hits_count" and row.where.first == 2}[
        "pkg/physics.py"
    ] == 4.0


def test_a_script_with_compiled_functions_survives(watch):
    run, _ = watch(
        COLLECTOR,
        main="""
        from numba import njit
        @njit
        def f(x):
            return x + 1
        print(f(2))
        """,
    )
    assert run.complete, run.finished.stderr
    assert run.finished.stdout.strip() == "3"


def row(first, metric, value, last=None, collector="line_profiler"):
    where = Span(file="main.py", first=first, last=last or first)
    return Measurement(where=where, metric=metric, value=value, collector=collector)


NEST = "import x\nfor n in range(100):\n    a = n\n    for i in range(50):\n        b = i\n"


def counted(lines, others, complete):
    seen = Seen(lines=lines, others=others, lines_complete=complete, entries_complete=True, elapsed_s=1.0)
    return {
        (each.metric, each.where.first): each.value
        for each in whole_counts(seen, Project.from_texts({"main.py": NEST}))
    }


def watched(steps):
    """What line_profiler says after some whole steps of the outer loop."""
    counts = {1: 1.0, 2: steps + (steps == 100), 3: steps, 4: 51.0 * steps, 5: 50.0 * steps}
    return [row(line, "hits_count", count) for line, count in counts.items()]


def test_iterations_follow_from_the_hits_of_the_body():
    found = counted(watched(100.0), [], complete=True)
    assert found["iterations_count", 2] == 100.0
    assert found["iterations_count", 4] == 5000.0


def test_a_count_cut_short_is_scaled_by_the_entries_of_the_whole_run():
    entries = [row(2, "entries_count", 1.0, last=5), row(4, "entries_count", 100.0, last=5)]
    found = counted(watched(10.0), entries, complete=False)
    assert found["hits_count", 5] == pytest.approx(5000.0)
    assert found["hits_count", 3] == pytest.approx(100.0)
    assert found["iterations_count", 4] == pytest.approx(5000.0)
    assert found["hits_count", 1] == 1.0
