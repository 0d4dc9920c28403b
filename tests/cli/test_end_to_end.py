"""The real flow on tiny scripts: exit codes, one line each, and nothing left behind."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SLOW = """
u = [0.0] * 50
for step in range(1000000):
    for i in range(1, 49):
        u[i] = 0.5 * (u[i - 1] + 1.0)
"""


def running(words):
    """Command lines of the processes that name these words."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            lines.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return [line for line in lines if words in line]


@pytest.mark.parametrize(
    ("text", "options", "says"),
    [
        ("x = 1\ndef f():\n    return x / 0\nf()\n", (), "a.py:3: ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit(3)\n", (), "exit status 3"),
        ("n = int(input('n? '))\n", (), "a.py:1: the script reads from standard input"),
        ("while True:\n    pass\n", ("--timeout", "1"), "time limit"),
        ("import no_such_module\n", (), "a.py:1: ModuleNotFoundError"),
    ],
)
def test_a_script_that_fails_is_one_line_and_exit_code_6(pdeperf, folder, text, options, says):
    (folder / "a.py").write_text(text)
    said = pdeperf("optimize", "a.py", "-q", *options)
    assert said.code == 6
    assert says in said.err
    assert len(said.err.splitlines()) == 1
    assert sorted(path.name for path in folder.iterdir()) == [".pdeperf", "a.py"]


@pytest.mark.parametrize("text", ["import sys\nx = 1.0\nsys.exit(0)\n", "", "print('hello')\n"])
def test_a_short_script_is_left_alone(pdeperf, folder, text):
    (folder / "a.py").write_text(text)
    said = pdeperf("optimize", "a.py", "-q")
    assert said.code == 0
    assert "a.py is left as it is." in said.out
    assert sorted(path.name for path in folder.iterdir()) == [".pdeperf", "a.py"]


def test_what_a_script_writes_stays_out_of_the_users_folder(pdeperf, folder):
    (folder / "a.py").write_text(
        "open('result.txt', 'w').write('1.0')\nopen('data.txt', 'a').write('2\\n')\n"
    )
    (folder / "data.txt").write_text("1\n")
    assert pdeperf("optimize", "a.py", "-q").code == 0
    assert (folder / "data.txt").read_text() == "1\n"
    assert not (folder / "result.txt").exists()


def test_ctrl_c_in_the_middle_ends_every_process_and_leaves_nothing(folder):
    (folder / "slow.py").write_text(SLOW)
    scratch = folder / "scratch"
    scratch.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "pdeperf", "optimize", "slow.py"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(scratch)},
        start_new_session=True,
    )
    lines = iter(process.stderr.readline, "")
    assert any("py-spy" in line for line in lines)
    deadline = time.monotonic() + 20
    while not running(str(scratch)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert running(str(scratch))
    process.send_signal(signal.SIGINT)
    rest = list(lines)
    assert process.wait(30) == 130, rest
    assert rest[-1].startswith("pdeperf: interrupted")
    # py-spy itself, when it is killed, leaves a file named .tmp*.
    assert [path.name for path in scratch.iterdir() if not path.name.startswith(".tmp")] == []
    assert sorted(path.name for path in folder.iterdir()) == [".pdeperf", "scratch", "slow.py"]
    assert running(str(scratch)) == []


def test_a_baseline_finds_a_change_of_the_results(pdeperf, folder):
    (folder / "a.py").write_text("u = [0.5 * k for k in range(10)]\nprint(sum(u))\n")
    assert pdeperf("baseline", "a.py", "-q").code == 0
    (folder / "a.py").write_text("u = [0.5001 * k for k in range(10)]\nprint(sum(u))\n")
    said = pdeperf("validate", "a.py", "-q")
    assert said.code == 1
    assert "The results differ" in said.out
    assert pdeperf("validate", "a.py", "-q", "--baseline", "other").code == 4
