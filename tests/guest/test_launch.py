"""A child ends in time, with all that it started, and its end is told in one line."""

import os
import sys
import time
from pathlib import Path

import pytest

from pdeperf.guest.launch import (
    Command,
    Finished,
    describe_failure,
    importable,
    launch,
    launch_beside,
    pinned_environment,
    thread_settings,
)


def run(code: str, folder: Path, timeout_s: float = 20.0) -> Finished:
    return launch([sys.executable, "-c", code], cwd=folder, environment=os.environ, timeout_s=timeout_s)


def alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def ends(process: int, limit_s: float = 10.0) -> bool:
    """Is a process that was killed gone within a limit? On a busy machine that takes a while."""
    end = time.monotonic() + limit_s
    while alive(process) and time.monotonic() < end:
        time.sleep(0.01)
    return not alive(process)


def test_output_status_and_times_come_back(tmp_path: Path) -> None:
    found = run("import sys; print('out'); print('err', file=sys.stderr); sys.exit(4)", tmp_path)
    assert (found.returncode, found.stdout, found.stderr, found.timed_out) == (4, "out\n", "err\n", False)
    assert found.cpu_s > 0
    assert found.wall_s > 0


def test_a_child_over_its_time_is_ended_with_its_children(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True)\ntime.sleep(60)\n"
    )
    found = run(code, tmp_path, timeout_s=1.0)
    assert found.timed_out
    assert ends(int(found.stdout))


def test_children_side_by_side_meet_each_its_own_limit(tmp_path: Path) -> None:
    meet = "import pathlib, time\nname, other = {!r}\npathlib.Path(name).touch()\n"
    meet += "while not pathlib.Path(other).exists():\n    time.sleep(0.01)\nprint(name)\n"
    codes = [
        meet.format(("a", "b")),
        "import time; print('c', flush=True); time.sleep(60)",
        meet.format(("b", "a")),
    ]
    limits = (20.0, 1.0, 20.0)
    found = launch_beside(
        [
            Command(args=[sys.executable, "-c", code], cwd=tmp_path, environment=os.environ, timeout_s=limit)
            for code, limit in zip(codes, limits, strict=True)
        ]
    )
    assert [(one.stdout.strip(), one.timed_out) for one in found] == [("a", False), ("c", True), ("b", False)]


def test_what_a_child_leaves_behind_is_ended(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys\n"
        "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid, flush=True)\n"
    )
    found = run(code, tmp_path)
    assert not found.timed_out
    assert ends(int(found.stdout))


def test_an_endless_output_is_kept_at_its_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pdeperf.guest.launch.KEPT_HEAD_BYTES", 1000)
    monkeypatch.setattr("pdeperf.guest.launch.KEPT_TAIL_BYTES", 1000)
    found = run("for k in range(200000): print(k)", tmp_path)
    assert len(found.stdout) < 5000
    assert found.stdout.startswith("0\n1\n")
    assert found.stdout.endswith("199999\n")


def test_standard_input_is_empty(tmp_path: Path) -> None:
    found = run("import sys; print(repr(sys.stdin.read()))", tmp_path)
    assert found.stdout == "''\n"


def test_only_this_package_is_made_importable() -> None:
    with importable() as path:
        assert [entry.name for entry in path.iterdir()] == ["pdeperf"]
    assert not path.exists()


def test_the_environment_is_pinned_and_the_users_threads_are_kept() -> None:
    base = {"OMP_NUM_THREADS": "2", "PYTHONPATH": "/mine", "MPLBACKEND": "TkAgg"}
    found = pinned_environment(Path("/p"), cache_dir=Path("/c"), extra=(("N", "4"),), base=base)
    assert found["MPLBACKEND"] == "Agg"
    assert found["PYTHONPATH"] == f"/p{os.pathsep}/mine"
    assert found["NUMBA_CACHE_DIR"] == "/c"
    assert found["N"] == "4"
    assert thread_settings(found) == (("OMP_NUM_THREADS", "2"),)


def test_memory_costs_what_it_costs_the_user() -> None:
    raised = {"MALLOC_TRIM_THRESHOLD_": "1000000"}
    for base in ({}, raised):
        found = pinned_environment(Path("/p"), cache_dir=Path("/c"), base=base)
        assert {name: found[name] for name in found if name.startswith("MALLOC_")} == base


def finished(stderr: str = "", returncode: int = 1, *, timed_out: bool = False) -> Finished:
    return Finished(
        returncode=returncode, wall_s=5.0, cpu_s=5.0, stdout="", stderr=stderr, timed_out=timed_out
    )


TRACE = """Traceback (most recent call last):
  File "/copy/solver.py", line 9, in <module>
    step()
  File "/copy/lib/flux.py", line 4, in step
    np.dot(a, b)
  File "/usr/lib/site-packages/numpy/x.py", line 1, in dot
ValueError: shapes (3,) and (4,) not aligned

more of the message
"""


def test_a_failure_names_the_users_innermost_line() -> None:
    told = describe_failure(finished(TRACE), "solver.py", root=Path("/copy"))
    assert told == "lib/flux.py:4: ValueError: shapes (3,) and (4,) not aligned"


def test_the_cause_that_ended_the_run_is_told_not_the_first() -> None:
    both = (
        TRACE
        + "\nDuring handling of the above exception, another exception occurred:\n\n"
        + (
            'Traceback (most recent call last):\n  File "/copy/solver.py", line 20, in <module>\n'
            "OSError: no disk\n"
        )
    )
    assert (
        describe_failure(finished(both), "solver.py", root=Path("/copy")) == "solver.py:20: OSError: no disk"
    )


NUMBA = """Traceback (most recent call last):
  File "/copy/solver.py", line 10, in <module>
    main()
  File "/usr/lib/site-packages/numba/core/dispatcher.py", line 363, in error_rewrite
    raise e.with_traceback(None)
numba.core.errors.TypingError: Failed in nopython mode pipeline (step: nopython frontend)
No implementation of function Function(<built-in function add>) found for signature:

 >>> add(float64, Literal[str](a))

During: typing of intrinsic-call at /copy/solver.py (6)

File "solver.py", line 6:
def f(u):
        s += u[i] + "a"
"""


def test_a_compilers_refusal_is_told_with_its_reason_and_the_users_line() -> None:
    assert describe_failure(finished(NUMBA), "solver.py", root=Path("/copy")) == (
        "solver.py:6: TypingError: No implementation of function Function(<built-in function add>) "
        "found for signature: add(float64, Literal[str](a))"
    )
    other = (
        "numba.core.errors.UnsupportedBytecodeError: Use of opcode (X) found. Raised from /copy/b.py (4)\n"
    )
    told = describe_failure(finished(TRACE[: TRACE.index("ValueError")] + other), "b.py", root=Path("/copy"))
    assert told.startswith("b.py:4: UnsupportedBytecodeError: Use of opcode (X)")


def test_a_script_that_lacks_its_arguments_is_told_where_they_go() -> None:
    words = "usage: a.py [-h] n\na.py: error: the following arguments are required: n\n"
    assert describe_failure(finished(words, returncode=2), "a.py") == (
        "a.py: ended with exit status 2: a.py: error: the following arguments are required: n "
        "(arguments for the script follow --)"
    )
    trace = (
        TRACE[: TRACE.index("ValueError")] + "    n = int(sys.argv[1])\nIndexError: list index out of range\n"
    )
    told = describe_failure(finished(trace), "b.py", root=Path("/copy"))
    assert told.endswith("IndexError: list index out of range (arguments for the script follow --)")
    told = describe_failure(finished(trace.replace("sys.argv", "rows")), "b.py", root=Path("/copy"))
    assert told.endswith("IndexError: list index out of range")


def test_what_a_notebook_left_in_a_script_is_told_to_be_deleted() -> None:
    trace = TRACE[: TRACE.index("ValueError")] + "NameError: name 'get_ipython' is not defined\n"
    told = describe_failure(finished(trace), "b.py", root=Path("/copy"))
    assert told.endswith(
        "(a notebook has it, a script has not: delete the lines that call it, magics such as %matplotlib)"
    )


def test_a_package_that_is_not_there_is_told_with_the_option_that_names_another_python() -> None:
    missing = finished(TRACE[: TRACE.index("ValueError")] + "ModuleNotFoundError: No module named 'fenics'\n")
    told = describe_failure(missing, "s.py")
    assert told.endswith("No module named 'fenics' (if another Python has it, name that by --python)")


def test_other_ends_are_told() -> None:
    assert describe_failure(finished(returncode=0), "s.py") == ""
    told = describe_failure(finished(timed_out=True, returncode=-9), "s.py")
    assert told.endswith("(the time limit, see --timeout); stopped")
    assert (
        describe_failure(finished(returncode=-11), "s.py")
        == "s.py: the process was ended by a segmentation fault"
    )
    assert describe_failure(finished(returncode=3), "s.py") == "s.py: ended with exit status 3"


def test_a_crash_of_compiled_code_names_the_line(tmp_path: Path) -> None:
    script = tmp_path / "crash.py"
    script.write_text("import ctypes, faulthandler\nfaulthandler.enable()\nctypes.string_at(0)\n")
    found = launch([sys.executable, str(script)], cwd=tmp_path, environment=os.environ, timeout_s=20)
    assert describe_failure(found, "crash.py", root=tmp_path) == (
        "crash.py:3: the process was ended by a segmentation fault"
    )


def test_a_file_of_the_users_is_told_by_the_name_that_the_user_knows():
    other = "ImportError: cannot import name 'njit' from 'numba' (/tmp/pdeperf-a0_b1c2d/home/me/numba.py)"
    told = describe_failure(finished(TRACE[: TRACE.index("ValueError")] + other), "b.py", root=Path("/copy"))
    assert told.endswith("cannot import name 'njit' from 'numba' (/home/me/numba.py)")
