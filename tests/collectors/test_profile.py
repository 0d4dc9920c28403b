"""A whole profile of small scripts in the styles that people write."""

import shutil
from unittest import mock

import pytest

from pdeperf.collectors import passes, pyspy
from pdeperf.collectors.passes import Known, ScriptFailed
from pdeperf.collectors.runs import ALLOWED_RUNS, ALLOWED_S
from pdeperf.model import Environment, Measurement, Span
from pdeperf.source import Project

HEAT = """
import numpy as np
from physics import laplacian
n = 41
u = np.zeros((n, n))
u[20, 20] = 1.0
hist = []
for t in range(160):
    un = u.copy()
    for i in range(1, n - 1):
        for j in range(1, n - 1):
            u[i, j] = un[i, j] + 0.1 * laplacian(un, i, j)
    hist.append(float(u.sum()))
    if t % 10 == 0:
        print(t, hist[-1])
np.savetxt("out.txt", u)
"""
PHYSICS = """
def laplacian(u, i, j):
    return u[i + 1, j] + u[i - 1, j] + u[i, j + 1] + u[i, j - 1] - 4 * u[i, j]
"""


def test_a_script_of_two_files_is_measured_from_end_to_end(profiled, tmp_path):
    found = profiled(main=HEAT, physics=PHYSICS)
    evidence = found.evidence
    assert [source.file for source in found.sources] == ["main.py", "physics.py"]
    assert [source.text for source in found.sources][1].strip() == PHYSICS.strip()
    hottest = next(spot for spot in evidence.hotspots if spot.where.first == 10)
    assert (hottest.where.file, hottest.where.last) == ("main.py", 12)
    assert {fact.value for fact in hottest.values("type") if fact.subject == "un"} == {"numpy.ndarray"}
    assert "physics.py:2:laplacian" in {fact.value for fact in hottest.values("function")}
    assert any(fact.where.file == "physics.py" for fact in hottest.facts)
    assert evidence.environment.memory_bandwidth_bytes_per_s > 1e8
    assert dict(evidence.environment.versions)["numpy"]
    assert evidence.profiling_s <= ALLOWED_RUNS * evidence.elapsed_s + ALLOWED_S + 2.0
    assert not (tmp_path / "of" / "work" / "out.txt").exists()
    for _, name in found.artifacts:
        assert (tmp_path / "artifacts" / name).stat().st_size
    assert all(not row.where.file.startswith("/") for row in evidence.rows)


def test_without_py_spy_the_shares_come_from_the_tracers(profiled, monkeypatch):
    monkeypatch.setattr(pyspy, "executable", lambda: None)
    evidence = profiled(main=HEAT, physics=PHYSICS).evidence
    assert any("py-spy" in note for note in evidence.notes)
    assert any(spot.where.first == 10 for spot in evidence.hotspots)


PRINTED = "step 1. Samples: 9 Errors: 9\npy-spy> Wrote speedscope file to 'x'. Samples: {} Errors: {}\n"


@pytest.mark.parametrize(("errors", "expected"), [(0, False), (20, False), (457, True)])
def test_time_in_code_whose_callers_are_not_found_is_asked_of_python(errors, expected):
    assert pyspy.loses_samples(PRINTED.format(418, errors)) is expected
    assert not pyspy.loses_samples("no message")


def test_lost_samples_are_sampled_again_without_native_frames(profiled, monkeypatch):
    asked: list[list[str]] = []
    command = type(pyspy.COLLECTOR).command
    monkeypatch.setattr(pyspy, "loses_samples", lambda printed: not asked or "--native" in asked[-1])

    def recorded(self, child, folder):
        asked.append(command(self, child, folder))
        return asked[-1]

    monkeypatch.setattr(type(pyspy.COLLECTOR), "command", recorded)
    evidence = profiled(main=HEAT, physics=PHYSICS).evidence
    assert ["--native" in each for each in asked] == [True, False]
    assert any(spot.where.first == 10 for spot in evidence.hotspots)
    assert any(row.collector == "arguments" for row in evidence.rows)


def test_a_py_spy_that_may_not_look_falls_back_too(profiled, monkeypatch):
    monkeypatch.setattr(pyspy, "executable", lambda: shutil.which("false"))
    evidence = profiled(main=HEAT, physics=PHYSICS).evidence
    assert any("py-spy" in note for note in evidence.notes)
    assert evidence.elapsed_s > 0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x = 1\nraise ValueError('no mesh')\n", "main.py:2: ValueError: no mesh"),
        ("import sys\nsys.exit(3)\n", "exit status 3"),
        ("import os\nprint(1.5)\nos._exit(0)\n", "end it by sys.exit"),
        ("n = int(input('n? '))\n", "standard input"),
        ("import os\nos.kill(os.getpid(), 11)\n", "segmentation fault"),
        ("def f(:\n", "SyntaxError"),
    ],
)
def test_a_script_that_fails_is_told_in_one_line(profiled, text, reason):
    with pytest.raises(ScriptFailed) as failed:
        profiled(main=text)
    assert reason in str(failed.value)
    assert "\n" not in str(failed.value)


def test_arguments_exit_zero_and_animations_are_taken_as_they_are(profiled):
    evidence = profiled(
        "12",
        main="""
        import sys
        import matplotlib.pyplot as plt
        from matplotlib.animation import FuncAnimation
        n = int(sys.argv[1])
        total = [0.0]
        def update(frame):
            for i in range(2000):
                total[0] += i * frame
            return []
        animation = FuncAnimation(plt.figure(), update, frames=n)
        plt.show()
        sys.exit(0)
        """,
    ).evidence
    entries = [row.value for row in evidence.rows if row.metric == "entries_count" and row.where.first == 8]
    assert entries
    assert entries[0] >= 12.0


def test_a_script_over_its_time_limit_is_told_so(profiled):
    with pytest.raises(ScriptFailed, match="time limit"):
        profiled(timeout_s=1.5, main="while True:\n    pass\n")


def test_passes_that_cannot_stop_in_time_are_noted_and_the_budget_holds(profiled):
    evidence = profiled(
        main="""
        import time
        import numpy as np
        u = np.zeros(3)
        time.sleep(1.0)
        for i in range(3):
            u[i] = i
        """
    ).evidence
    assert evidence.profiling_s <= ALLOWED_RUNS * evidence.elapsed_s + ALLOWED_S + 2.0
    assert any(row.metric == "dtype" and row.subject == "u" for row in evidence.rows)


def test_a_second_profile_leaves_out_what_only_people_look_at(profiled, tmp_path):
    found = profiled(known=known(tmp_path, least_s=0.0), main="for i in range(100000):\n    x = i * 2\n")
    assert {role for role, _ in found.artifacts} == {"speedscope", "pyspy"}
    assert any(row.metric == "iterations_count" for row in found.evidence.rows)
    assert found.evidence.environment.cpu_model == "as measured before"


def test_a_second_profile_looks_no_closer_where_no_place_takes_long(profiled, tmp_path):
    found = profiled(known=known(tmp_path, least_s=60.0), main="for i in range(4_000_000):\n    x = i * 2\n")
    assert found.evidence.hotspots
    assert not any(row.metric == "iterations_count" for row in found.evidence.rows)


def known(cache_dir, *, least_s):
    machine = Environment(
        cpu_model="as measured before", cores_count=1, threads_count=1, python_version="", platform=""
    )
    return Known(environment=machine, cache_dir=cache_dir, least_s=least_s)


def test_a_pass_that_is_left_out_is_not_said_to_run(profiled, monkeypatch):
    monkeypatch.setattr("pdeperf.collectors.runs.ALLOWED_S", 0.0)
    said: list[str] = []
    evidence = profiled(said=said.append, main="for i in range(100000):\n    x = i * 2\n").evidence
    left_out = [note.split()[0] for note in evidence.notes if "left out" in note]
    assert "pyinstrument" in left_out
    assert not any(f"running {name} " in line for name in left_out for line in said)


def test_what_people_look_at_is_recorded_side_by_side(profiled):
    said: list[str] = []
    text = (
        "total = 0.0\nfor i in range(3_000_000):\n    total += i * 0.5\nopen('note.txt', 'x').write('once')\n"
    )
    found = profiled(said=said.append, main=text)
    assert any(line.startswith("running pyinstrument and cprofile for at most ") for line in said)
    assert {"pstats", "flame"} <= {role for role, _ in found.artifacts}
    assert not any("failed" in note for note in found.evidence.notes)


CHURN = """
import time
import numpy as np
u = np.zeros({count})
end = time.perf_counter() + 1.5
while time.perf_counter() < end:
    u = u + 0.5 * np.roll(u, 1)
"""


@pytest.mark.parametrize(("count", "runs"), [(300, False), (200_000, False), (5_000_000, True)])
def test_only_memory_that_goes_back_is_worth_a_run_with_other_thresholds(profiled, count, runs, monkeypatch):
    monkeypatch.setattr("pdeperf.collectors.runs.ALLOWED_RUNS", 9.0)
    told = profiled(main=CHURN.format(count=count)).evidence
    assert told.elapsed_s > 1.0, "too short for the question"
    assert any(row.collector == "page_faults" for row in told.rows) is runs


def test_solves_are_watched_before_what_can_be_cut_short():
    where = Span(file="main.py", first=9, last=9)
    seen = Measurement(
        where=where, subject="scipy.sparse.linalg", metric="library_share", value=0.5, collector="pyspy"
    )
    session = mock.Mock(elapsed_s=1.0)
    project = Project.from_texts({"main.py": "x = 1\n" * 9})
    pending = passes._worthwhile(session, [seen], project, traced=False, again=False)
    ((first,), part), *others = pending
    assert first.name == "sparse"
    assert part > max(weight for _, weight in others)


@pytest.mark.parametrize("views", (frozenset({"memory"}), frozenset()))
def test_a_view_that_was_asked_for_does_not_wait_for_what_the_others_leave(tmp_path, views):
    class Spent:
        """A session whose budget is used up."""

        left_s, elapsed_s, folder = 0.0, 1.0, tmp_path

        def __init__(self):
            self.beside = []

        def affords(self, limit_s):
            return False

        def look(self, collector, *, limit_s, focus=()):
            return None

        def look_together(self, collectors, *, limit_s, focus=()):
            return [None for _ in collectors]

        def look_beside(self, collector, *, limit_s, focus=()):
            self.beside.append((collector.name, limit_s >= 1.0))

    (tmp_path / "pyspy").mkdir()
    (tmp_path / "pyspy" / pyspy.SPEEDSCOPE).touch()
    session, project = Spent(), Project.from_texts({"a.py": "x = 1\n"})
    assert not list(passes._closer_looks(session, project, (), lambda text: None, views, again=True))
    assert session.beside == [("memory_profiler", True) for _ in views]
