import pytest

from pdeperf.cli.script import form


@pytest.mark.parametrize(
    ("name", "data", "code", "says"),
    [
        ("gone.py", None, 2, "gone.py: no such file"),
        ("a.ipynb", b'{"cells": []}', 2, "a.ipynb is a notebook: make a script of it by"),
        ("a.pyx", b"x = 1\n", 2, "a.pyx is Cython"),
        ("a.py", b"x = (1\n", 6, "a.py:1: not Python"),
        ("a.py", b"a = 1\nprint 'x'\n", 6, "a.py:2: not Python"),
        ("a.py", b"x = 1\n# caf\xe9\n", 6, "a.py:2: not UTF-8"),
        ("a.py", b"# coding: martian\nx = 1\n", 6, "a.py:1: not UTF-8, or an unknown coding"),
        ("a.py", b"x = 1\0\n", 6, "zero bytes"),
        ("a.py", b"if x:\nprint(1)\n", 6, "a.py:2: not Python"),
        ("a.py", b"x = " + b"-" * 90_000 + b"1", 6, "a.py: an expression is too long or too deep"),
    ],
)
@pytest.mark.parametrize("command", ["profile", "optimize", "validate", "baseline"])
def test_a_script_that_cannot_run_is_one_line(pdeperf, folder, command, name, data, code, says):
    if data is not None:
        (folder / name).write_bytes(data)
    said = pdeperf(command, name)
    assert said.code == code
    assert says in said.err
    assert len(said.err.splitlines()) == 1
    assert not (folder / ".pdeperf").exists()


def test_a_folder_is_no_script(pdeperf, folder):
    (folder / "solver").mkdir()
    said = pdeperf("profile", "solver")
    assert said.code == 2
    assert "solver is not a file" in said.err


def test_a_coding_line_is_obeyed(pdeperf, folder, stages):
    (folder / "a.py").write_bytes("# coding: latin-1\nname = 'café'\n".encode("latin-1"))
    assert pdeperf("profile", "a.py").code == 0


def test_the_form_of_a_file_is_kept():
    kept = form("\ufeffa = 'é'\r\nb = 1\r\n".encode())
    assert kept.encode("a = 2\nb = 'ü'\n") == "\ufeffa = 2\r\nb = 'ü'\r\n".encode()
    assert form(b"# coding: latin-1\n").encode("é\n") == b"\xe9\n"


def test_arguments_after_the_dashes_go_to_the_script(pdeperf, folder, stages):
    (folder / "a.py").write_text("x = 1\n")
    assert pdeperf("profile", "a.py", "--timeout", "5", "--", "--n", "64", "-q").code == 0
    _, workload, settings = stages.calls[0]
    assert workload.script == "a.py"
    assert workload.argv == ("--n", "64", "-q")
    assert settings.timeout_s == 5.0


def test_a_script_elsewhere_is_named_relative_to_here(pdeperf, folder, stages, monkeypatch):
    (folder / "a.py").write_text("x = 1\n")
    (folder / "below").mkdir()
    monkeypatch.chdir(folder / "below")
    pdeperf("profile", "../a.py")
    assert stages.calls[0][1].script == "../a.py"


def test_an_interpreter_that_is_not_there_is_a_usage_error(pdeperf, folder, stages):
    (folder / "a.py").write_text("x = 1\n")
    said = pdeperf("profile", "a.py", "--python", "python9.9")
    assert said.code == 2
    assert "python9.9: no such interpreter" in said.err


@pytest.mark.parametrize("value", ["0", "-1", "soon"])
def test_a_timeout_is_a_positive_number(pdeperf, folder, value):
    (folder / "a.py").write_text("x = 1\n")
    assert pdeperf("profile", "a.py", "--timeout", value).code == 2
