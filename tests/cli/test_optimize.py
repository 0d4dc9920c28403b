import json
import os
import stat
import subprocess
import sys
from dataclasses import replace

import pytest

from pdeperf.model import Outcome, Patch, SourceFile

BEFORE = '"""A solver."""\nfrom __future__ import annotations\n\nimport helper\n\nprint(helper.step(1))\n'
AFTER = BEFORE.replace("helper.step(1)", "helper.step(1) + 0")


def given(stages, before, after):
    """Let the accepted step turn these files into those."""
    report = stages.report
    patches = tuple(
        Patch(file=file, before=before[file], after=after[file])
        for file in after
        if before[file] != after[file]
    )
    step = report.steps[1]
    stages.report = replace(
        report,
        workload=replace(report.workload, script=next(iter(before)), argv=()),
        sources=tuple(SourceFile(file=file, text=text) for file, text in before.items()),
        steps=(replace(step, candidate=replace(step.candidate, patches=patches)),),
    )


@pytest.fixture
def heat(folder, stages):
    """A script of one file, and what becomes of it."""
    given(stages, {"heat.py": "x = 1\n"}, {"heat.py": "x = 2 - 1\n"})
    path = folder / "heat.py"
    path.write_text("x = 1\n")
    return path


@pytest.fixture
def pair(folder, stages):
    """A script with a local module in which the kernel lies."""
    before = {"main.py": BEFORE, "helper.py": "def step(n):\n    return n\n"}
    after = {"main.py": AFTER, "helper.py": "def step(n):\n    return n + 41\n"}
    given(stages, before, after)
    for file, text in before.items():
        (folder / file).write_text(text)
    return folder / "main.py"


def ran(path, cwd=None):
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, cwd=cwd, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_result_stands_beside_the_script_which_is_left_alone(pdeperf, folder, heat):
    said = pdeperf("optimize", "heat.py")
    assert said.code == 0
    assert heat.read_text() == "x = 1\n"
    header, body = (folder / "heat_optimized.py").read_text().split("\n", 1)
    assert header.startswith("# Made by pdeperf")
    assert body == "x = 2 - 1\n"
    assert sorted(path.name for path in folder.iterdir()) == [".pdeperf", "heat.py", "heat_optimized.py"]
    assert "Written: heat_optimized.py (+1 -1 lines)" in said.out
    assert "12.4x faster (11.9x to 12.8x)" in said.out


def test_the_session_remembers_what_was_written(pdeperf, heat):
    said = pdeperf("optimize", "heat.py", "--json", "-q")
    assert said.err == ""
    assert json.loads(said.out)["outputs"] == ["heat_optimized.py"]


def test_a_second_run_overwrites_its_own_output(pdeperf, heat):
    assert pdeperf("optimize", "heat.py", "-o", "fast.py").code == 0
    assert pdeperf("optimize", "heat.py", "-o", "fast.py").code == 0


@pytest.mark.parametrize("output", [(), ("-o", "heat_optimized.py")])
def test_a_file_that_is_not_ours_is_not_overwritten(pdeperf, folder, heat, stages, output):
    (folder / "heat_optimized.py").write_text("# mine\n")
    said = pdeperf("optimize", "heat.py", *output)
    assert said.code == 2
    assert "pdeperf did not write it: use -o OUT.py, or --force" in said.err
    assert (folder / "heat_optimized.py").read_text() == "# mine\n"
    assert stages.calls == []
    assert pdeperf("optimize", "heat.py", *output, "--force").code == 0


def test_an_output_that_the_user_changed_since_is_not_overwritten(pdeperf, folder, heat, stages):
    pdeperf("optimize", "heat.py")
    with (folder / "heat_optimized.py").open("a") as stream:
        stream.write("print('mine')\n")
    stages.calls.clear()
    said = pdeperf("optimize", "heat.py")
    assert said.code == 2
    assert "was changed since pdeperf wrote it" in said.err
    assert stages.calls == []


def test_an_empty_file_is_overwritten(pdeperf, folder, heat):
    (folder / "out.py").touch()
    assert pdeperf("optimize", "heat.py", "-o", "out.py").code == 0


@pytest.mark.parametrize(
    ("output", "says"),
    [
        ("heat.py", "say --in-place"),
        ("./heat.py", "say --in-place"),
        ("link.py", "say --in-place"),
        ("below", "is a folder"),
        ("gone/out.py", "no such folder"),
    ],
)
def test_an_output_that_cannot_be_is_refused_before_anything_runs(
    pdeperf, folder, heat, stages, output, says
):
    (folder / "below").mkdir()
    (folder / "link.py").symlink_to("heat.py")
    said = pdeperf("optimize", "heat.py", "-o", output)
    assert said.code == 2
    assert says in said.err
    assert stages.calls == []
    assert heat.read_text() == "x = 1\n"


def test_a_folder_that_cannot_be_written_is_refused_before_anything_runs(
    pdeperf, folder, heat, stages, monkeypatch
):
    (folder / "locked").mkdir()
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: "locked" not in str(path) and real(path, mode))
    said = pdeperf("optimize", "heat.py", "-o", "locked/out.py")
    assert said.code == 2
    assert "permission denied" in said.err
    assert stages.calls == []


def test_in_place_changes_the_script_and_keeps_its_form(pdeperf, heat):
    heat.write_bytes(b"\xef\xbb\xbfx = 1\r\n")
    heat.chmod(0o750)
    said = pdeperf("optimize", "heat.py", "--in-place")
    assert said.code == 0
    assert heat.read_bytes() == b"\xef\xbb\xbfx = 2 - 1\r\n"
    assert stat.S_IMODE(heat.stat().st_mode) == 0o750


def test_in_place_and_an_output_contradict_each_other(pdeperf, heat):
    assert pdeperf("optimize", "heat.py", "--in-place", "-o", "x.py").code == 2


def test_a_script_changed_while_pdeperf_worked_is_not_overwritten(pdeperf, heat, stages):
    stages.during = lambda: heat.write_text("x = 3\n")
    said = pdeperf("optimize", "heat.py", "--in-place")
    assert said.code == 2
    assert "heat.py was changed since" in said.err
    assert heat.read_text() == "x = 3\n"


def test_in_place_changes_all_files_or_none(pdeperf, pair, stages, monkeypatch):
    from pdeperf.cli import written

    real, calls = written.write_whole, []

    def fails_at_the_second(path, data, **options):
        calls.append(path)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        real(path, data, **options)

    monkeypatch.setattr(written, "write_whole", fails_at_the_second)
    said = pdeperf("optimize", "main.py", "--in-place")
    assert said.code == 2
    assert "your files are as they were" in said.err
    assert pair.read_text() == BEFORE
    assert pair.with_name("helper.py").read_text() == "def step(n):\n    return n\n"


def test_a_local_module_that_changed_is_written_with_the_script_and_used(pdeperf, folder, pair):
    said = pdeperf("optimize", "main.py")
    assert said.code == 0
    assert ran(pair) == "1"
    assert ran(folder / "main_optimized.py", cwd="/") == "42"
    assert sorted(path.name for path in folder.iterdir() if path.name[0] not in "._") == [
        "helper.py",
        "main.py",
        "main_optimized.py",
        "main_optimized_modules",
    ]
    assert pdeperf("optimize", "main.py").code == 0


def test_an_output_elsewhere_takes_its_modules_along(pdeperf, folder, stages):
    before = {"main.py": BEFORE, "helper.py": "def step(n):\n    return n\n"}
    given(stages, before, {**before, "main.py": AFTER})
    for file, text in before.items():
        (folder / file).write_text(text)
    (folder / "out").mkdir()
    assert pdeperf("optimize", "main.py", "-o", "out/fast.py").code == 0
    assert ran(folder / "out" / "fast.py", cwd="/") == "1"


def test_a_package_is_written_whole(pdeperf, folder, stages):
    before = {
        "main.py": "from pde.flux import flux\nprint(flux(1))\n",
        "pde/__init__.py": "",
        "pde/flux.py": "from .other import one\n\ndef flux(n):\n    return n * one\n",
        "pde/other.py": "one = 1\n",
    }
    after = {**before, "pde/flux.py": before["pde/flux.py"].replace("n * one", "n * one + 1")}
    given(stages, before, after)
    (folder / "pde").mkdir()
    for file, text in before.items():
        (folder / file).write_text(text)
    assert pdeperf("optimize", "main.py").code == 0
    assert ran(folder / "main_optimized.py", cwd="/") == "2"


def test_a_module_found_through_a_changed_path_is_refused_with_advice(pdeperf, folder, stages):
    before = {
        "main.py": "import sys\nsys.path.insert(0, 'lib')\nimport helper\nprint(helper.step(1))\n",
        "lib/helper.py": "def step(n):\n    return n\n",
    }
    given(stages, before, {**before, "lib/helper.py": "def step(n):\n    return n + 0\n"})
    (folder / "lib").mkdir()
    for file, text in before.items():
        (folder / file).write_text(text)
    said = pdeperf("optimize", "main.py")
    assert said.code == 2
    assert "--in-place" in said.err
    assert not (folder / "main_optimized.py").exists()
    assert pdeperf("apply", "--in-place").code == 0
    assert (folder / "lib" / "helper.py").read_text().endswith("n + 0\n")


def test_the_output_may_not_be_part_of_the_program(pdeperf, folder, pair):
    said = pdeperf("optimize", "main.py", "-o", "helper.py", "--force")
    assert said.code == 2
    assert "helper.py is part of the program" in said.err
    assert (folder / "helper.py").read_text() == "def step(n):\n    return n\n"


def test_first_lines_that_must_stay_first_do(pdeperf, folder, stages):
    before = "#!/usr/bin/env python3\n# -*- coding: latin-1 -*-\nname = 'é'\nx = 1\n"
    given(stages, {"heat.py": before}, {"heat.py": before.replace("1\n", "2 - 1\n")})
    (folder / "heat.py").write_bytes(before.encode("latin-1"))
    (folder / "heat.py").chmod(0o755)
    pdeperf("optimize", "heat.py")
    lines = (folder / "heat_optimized.py").read_bytes().splitlines()
    assert lines[0] == b"#!/usr/bin/env python3"
    assert lines[1] == b"# -*- coding: latin-1 -*-"
    assert lines[2].startswith(b"# Made by pdeperf")
    assert lines[3] == b"name = '\xe9'"
    assert os.access(folder / "heat_optimized.py", os.X_OK)
    assert ran(folder / "heat_optimized.py") == ""
    assert pdeperf("optimize", "heat.py").code == 0


def test_a_script_that_cannot_be_helped_is_left_alone_with_the_reason(pdeperf, folder, heat, stages):
    stages.report = replace(stages.report, steps=(), overall=None, suggestions=())
    said = pdeperf("optimize", "heat.py")
    assert said.code == 0
    assert "heat.py is left as it is." in said.out
    assert "u may share memory with un" in said.out
    assert "swap the arrays outside the loop" in said.out
    assert not (folder / "heat_optimized.py").exists()


@pytest.mark.parametrize("outcome", [Outcome.WRONG, Outcome.UNPROVEN, Outcome.SLOWER, Outcome.FAILED])
def test_what_is_not_accepted_as_a_whole_is_not_written(pdeperf, folder, heat, stages, outcome):
    overall = stages.report.overall
    verdict = replace(overall.verdict, outcome=outcome, reason="u differs at the end")
    stages.report = replace(stages.report, overall=replace(overall, verdict=verdict))
    said = pdeperf("optimize", "heat.py")
    assert said.code == 0
    assert "u differs at the end" in said.out
    assert not (folder / "heat_optimized.py").exists()


def test_a_rewrite_that_is_not_python_is_not_written(pdeperf, folder, stages):
    given(stages, {"heat.py": "x = 1\n"}, {"heat.py": "x = (\n"})
    (folder / "heat.py").write_text("x = 1\n")
    said = pdeperf("optimize", "heat.py")
    assert said.code == 2
    assert "is not Python" in said.err
    assert not (folder / "heat_optimized.py").exists()


def test_steps_are_told_as_they_end(pdeperf, heat):
    said = pdeperf("optimize", "heat.py")
    assert "1. kept" in said.err
    assert "py-spy" in said.err


def test_quiet_says_nothing_on_the_way(pdeperf, heat):
    assert pdeperf("optimize", "heat.py", "--quiet").err == ""


def test_sessions_are_kept_where_the_user_wants(pdeperf, folder, heat):
    pdeperf("optimize", "heat.py", "--store", "elsewhere")
    assert not (folder / ".pdeperf").exists()
    assert len(pdeperf("sessions", "--store", "elsewhere").out.splitlines()) == 1


def test_a_store_that_cannot_be_made_is_one_line(pdeperf, folder, heat):
    said = pdeperf("optimize", "heat.py", "--store", "heat.py", "-q")
    assert said.code == 2
    assert "cannot write in heat.py" in said.err


PACKAGE = {
    "pde/main.py": (
        "from . import flux\nfrom pde.other import one\nprint(flux.flux(one), __name__, __package__)\n"
    ),
    "pde/__init__.py": "",
    "pde/flux.py": "def flux(n):\n    return n\n",
    "pde/other.py": "one = 1\n",
}
"""A program that only ``python -m pde.main`` can run."""


@pytest.mark.parametrize("changed", ["pde/main.py", "pde/flux.py"])
def test_a_script_that_python_runs_by_m_is_written_with_its_package(pdeperf, folder, stages, changed):
    text = (
        PACKAGE[changed].replace("flux.flux(one)", "flux.flux(one) + 1").replace("return n", "return n + 1")
    )
    given(stages, PACKAGE, {**PACKAGE, changed: text})
    (folder / "pde").mkdir()
    for file, text in PACKAGE.items():
        (folder / file).write_text(text)
    assert pdeperf("optimize", "pde/main.py").code == 0
    assert ran(folder / "main_optimized.py", cwd="/") == "2 __main__ pde"
    (folder / "out").mkdir()
    assert pdeperf("optimize", "pde/main.py", "-o", "out/fast.py").code == 0
    assert ran(folder / "out" / "fast.py", cwd="/") == "2 __main__ pde"
    assert pdeperf("optimize", "pde/main.py").code == 0


def test_a_package_that_reads_its_own_files_is_not_copied(pdeperf, folder, stages):
    before = {**PACKAGE, "pde/other.py": "one = 1\nhere = __file__\n"}
    given(stages, before, {**before, "pde/flux.py": "def flux(n):\n    return n + 1\n"})
    (folder / "pde").mkdir()
    for file, text in before.items():
        (folder / file).write_text(text)
    said = pdeperf("optimize", "pde/main.py")
    assert said.code == 2
    assert "--in-place" in said.err
    assert not (folder / "main_optimized.py").exists()
