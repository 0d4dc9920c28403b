"""The collectors whose files other viewers read, and those that count memory; each on a real script."""

import json
import pstats
from pathlib import Path

import pytest

from pdeperf.collectors import cprofile, memory_profiler, memray, pyinstrument, pyspy
from pdeperf.source import Project

SCRIPT = """
import numpy as np
def step(u):
    return u * 2.0 + u * 3.0 - u
u = np.ones((200, 200))
for n in range(40):
    u = step(u) * 0.25
print(u.shape)
"""


def test_the_function_profile_is_readable_and_names_files_relative_to_the_folder(watch):
    run, rows = watch(cprofile.COLLECTOR, main=SCRIPT)
    stats = pstats.Stats(str(run.folder / cprofile.STATS)).stats
    assert ("main.py", 3, "step") in stats
    assert rows.values("profiled_calls_count", "step") == {40.0}


def test_the_flame_graph_is_one_page_without_network(watch):
    run, _ = watch(pyinstrument.COLLECTOR, main=SCRIPT)
    page = (run.folder / pyinstrument.FLAME).read_text()
    assert "</html>" in page
    assert "<script src=" not in page


def test_temporaries_are_counted_on_their_line(watch):
    _, rows = watch(memray.COLLECTOR, main=SCRIPT)
    bytes_a_step = 200 * 200 * 8
    (size,) = rows.values("temporary_bytes", line=4)
    # numpy itself adds into the first of the two products
    assert size >= 2 * 38 * bytes_a_step
    assert rows.values("temporaries_count", line=4).pop() >= 2 * 38


def test_resident_memory_is_given_by_line_of_functions_and_module(watch):
    _, rows = watch(
        memory_profiler.COLLECTOR,
        main="""
        import numpy as np
        def grow():
            u = np.ones(6_000_000)
            return u
        v = grow()
        """,
    )
    before, after = (rows.values("resident_bytes", line=line).pop() for line in (2, 4))
    assert after - before > 40e6
    assert rows.values("resident_bytes", line=6)


@pytest.mark.skipif(pyspy.executable() is None, reason="py-spy is not installed")
def test_the_overview_sees_lines_callers_and_libraries(watch):
    text = """
    import time
    import numpy as np
    def busy():
        end = time.perf_counter() + 0.5
        k = 0
        while time.perf_counter() < end:
            k += 1
        return k
    busy()
    a = np.random.default_rng(0).random((600, 600))
    for n in range(20):
        b = a @ a
    """
    run, _ = watch(pyspy.COLLECTOR, main=text)
    recorded = json.loads((run.folder / pyspy.SPEEDSCOPE).read_text())
    root = next(
        frame["file"].removesuffix("/main.py")
        for frame in recorded["shared"]["frames"]
        if (frame["file"] or "").endswith("/main.py")
    )
    cleaned = pyspy.clean(recorded, root)
    rows = list(pyspy.rows(cleaned, Project.from_texts({"main.py": "\n" * 20})))
    loop = sum(row.value for row in rows if row.metric == "line_share" and row.where.first in (7, 8))
    assert loop > 0.05
    assert {row.subject for row in rows if row.metric == "stack_share" and row.where.first in (7, 8)} == {
        "main.py:10"
    }
    product = {row.subject for row in rows if row.metric == "library_share" and row.where.first == 13}
    assert product == {"numpy"}
    assert any(row.metric == "library_share" and row.subject.startswith("import of") for row in rows)
    assert "child.py" not in pyspy.collapsed(cleaned)
    assert str(root) not in json.dumps(cleaned)


def test_what_numba_takes_to_load_a_kernel_is_no_lines_time_once_it_is_compiled():
    frames = [
        {"name": "<module>", "file": "main.py", "line": 3},
        {"name": "_compile_for_args", "file": "/x/site-packages/numba/core/dispatcher.py", "line": 374},
        {"name": "<module>", "file": "main.py", "line": 5},
    ]
    profiles = [{"samples": [[0, 1], [2]], "weights": [3.0, 1.0]}]
    recorded = {"shared": {"frames": frames}, "profiles": profiles}
    project = Project.from_texts({"main.py": "\n" * 9})
    with_starts, without = (
        {
            row.where.first: row.value
            for row in pyspy.rows(recorded, project, starts=starts)
            if row.metric == "line_share"
        }
        for starts in (True, False)
    )
    assert with_starts == {3: 0.75, 5: 0.25}
    assert without == {5: 0.25}


@pytest.mark.parametrize(("queued_s", "share"), [(0.0, 0.125), (7.0, 1.0)])
def test_a_script_that_waits_is_told_from_one_whose_processors_neighbours_have(queued_s, share):
    frames = [{"name": "<module>", "file": "main.py", "line": 3}]
    recorded = {"shared": {"frames": frames}, "profiles": [{"samples": [[0]], "weights": [1.0]}]}
    project = Project.from_texts({"main.py": "\n" * 9})
    rows = pyspy.rows(recorded, project, 8.0, queued_s=queued_s)
    assert {row.value for row in rows if row.metric == "line_share"} == {share}


def test_a_run_tells_how_long_it_had_no_processor(watch):
    text = """
    import os
    processor, parent = min(os.sched_getaffinity(0)), os.getpid()
    os.sched_setaffinity(0, {processor})
    child = os.fork()
    if child == 0:
        while os.getppid() == parent:
            pass
        os._exit(0)
    total = sum(k * 0.5 for k in range(3_000_000))
    os.kill(child, 9)
    os.waitpid(child, 0)
    """
    run, _ = watch(cprofile.COLLECTOR, main=text)
    if not Path("/proc/self/schedstat").exists():
        pytest.skip("this system does not count it")
    assert 0.1 * run.status["elapsed_s"] < run.status["queued_s"] < run.status["elapsed_s"]
