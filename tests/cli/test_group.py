import errno
import importlib
import os
import signal
import subprocess
import sys

import pytest

from pdeperf import pipeline
from pdeperf.cli.group import COMMANDS
from pdeperf.cli.progress import ShownProgress


def test_help_imports_nothing_heavy():
    code = (
        "import sys\nfrom pdeperf.cli.group import run\nrun(['--help'])\n"
        "heavy = {'rich', 'msgspec', 'libcst', 'numpy', 'pdeperf.pipeline', 'pdeperf.cli.optimize'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_listed_with_its_own_summary(name):
    command = importlib.import_module(f"pdeperf.cli.{name}").command
    assert command.name == name
    assert command.short_help == COMMANDS[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself(pdeperf, name):
    said = pdeperf(name, "--help")
    assert said.code == 0
    assert "Usage: pdeperf" in said.out


def test_the_version_is_printed(pdeperf):
    assert "pdeperf, version" in pdeperf("--version").out


def test_an_unknown_command_is_a_usage_error(pdeperf):
    said = pdeperf("optimise", "x.py")
    assert said.code == 2
    assert "No such command" in said.err


def test_an_unknown_option_is_a_usage_error(pdeperf):
    assert pdeperf("profile", "--fast", "x.py").code == 2


def test_a_pipeline_error_is_one_line_with_its_exit_code(pdeperf, folder, monkeypatch):
    (folder / "a.py").write_text("x = 1\n")

    def fail(*args, **kwargs):
        raise pipeline.PipelineError("a.py:1: ZeroDivisionError\x1b[31m", exit_code=6)

    monkeypatch.setattr(pipeline, "profile", fail)
    said = pdeperf("profile", "a.py")
    assert said.code == 6
    assert said.err == "pdeperf: error: a.py:1: ZeroDivisionError\\x1b[31m\n"


def test_of_a_copy_onto_a_full_disk_the_full_one_is_named(pdeperf, folder, stages):
    (folder / "heat.py").write_text("x = 1\n")

    def copy():
        raise OSError(errno.ENOSPC, "No space left on device", "/tmp/recorded", None, "/full/.pdeperf/kept")

    stages.during = copy
    said = pdeperf("profile", "heat.py", "-q")
    assert said.code == 2
    assert "error: /full/.pdeperf/kept: No space left on device: make room there" in said.err


def test_a_bug_is_one_line_that_says_where(pdeperf, folder, monkeypatch):
    (folder / "a.py").write_text("x = 1\n")

    def fail(*args, **kwargs):
        raise RuntimeError("impossible")

    monkeypatch.setattr(pipeline, "profile", fail)
    said = pdeperf("profile", "a.py")
    assert said.code == 70
    assert "a bug in pdeperf: RuntimeError: impossible (test_group.py:" in said.err
    assert len(said.err.splitlines()) == 1


def test_ctrl_c_is_one_line_and_leaves_everything_as_it_was(pdeperf, folder, stages):
    (folder / "heat.py").write_text("x = 1\n")

    def interrupt():
        raise KeyboardInterrupt

    stages.during = interrupt
    said = pdeperf("optimize", "heat.py", "-q")
    assert said.code == 130
    assert said.err.splitlines() == [
        "pdeperf: interrupted: your files are as they were, the session so far is kept; "
        "`pdeperf apply` writes what was kept"
    ]
    assert sorted(path.name for path in folder.iterdir()) == [".pdeperf", "heat.py"]
    assert pdeperf("report", "--json").code == 0


def test_an_error_while_cleaning_up_after_ctrl_c_is_still_ctrl_c(pdeperf, folder, stages):
    (folder / "heat.py").write_text("x = 1\n")

    def interrupt():
        try:
            raise KeyboardInterrupt
        finally:
            raise OSError("the scratch folder is gone")

    stages.during = interrupt
    said = pdeperf("optimize", "heat.py", "-q")
    assert said.code == 130
    assert "interrupted" in said.err


def test_being_terminated_unwinds_like_ctrl_c(pdeperf, folder, stages):
    (folder / "heat.py").write_text("x = 1\n")
    stages.during = lambda: os.kill(os.getpid(), signal.SIGTERM)
    said = pdeperf("optimize", "heat.py", "-q")
    assert said.code == 128 + signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_reader_that_goes_away_is_no_error(tmp_path):
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "pdeperf", "rules"],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_terminal_that_knows_ascii_only_is_told_what_it_can_show(tmp_path):
    name = "h\u00e9at.py"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "pdeperf", "history", name]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert done.returncode == 0
    assert rb"h\xe9at.py" in done.stdout


def test_modules_of_the_user_do_not_stand_for_the_librarys(tmp_path):
    for name in ("numpy", "random", "click"):
        (tmp_path / f"{name}.py").write_text("raise ImportError('the wrong one')\n")
    command = [sys.executable, "-m", "pdeperf", "sessions"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert said.returncode == 0, said.stderr


@pytest.mark.parametrize(("terminal", "lines"), (("dumb", 1), ("xterm", 0)))
def test_a_terminal_that_cannot_move_its_cursor_gets_lines(terminal, lines, monkeypatch, capsys):
    monkeypatch.setenv("TERM", terminal)
    monkeypatch.setenv("FORCE_COLOR", "1")
    with ShownProgress() as progress:
        progress("profile", "py-spy")
    assert capsys.readouterr().err.count("s] profile: py-spy\n") == lines
