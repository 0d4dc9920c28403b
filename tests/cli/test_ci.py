"""What a CI job does: the action's script, several reports of one run, the pytest fixture."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import HEAT

ROOT = Path(__file__).parents[2]
WRONG = HEAT.replace("0.2 *", "0.2001 *")


@pytest.fixture
def kept(heat_with_baseline):
    """A script with a committed baseline."""
    return heat_with_baseline


def act(folder, **variables):
    """Run the composite action's script as a runner would."""
    done = subprocess.run(
        ["bash", str(ROOT / ".github/actions/validate/validate.sh")],
        cwd=folder,
        env={
            **os.environ,
            "PDEPERF_PYTHON": sys.executable,
            "PDEPERF_SCRIPT": "heat.py",
            "PDEPERF_BASELINE": "baselines/heat",
            "PDEPERF_OPTIONS": "--no-timing\n",
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
            "GITHUB_OUTPUT": str(folder / "output"),
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done, (folder / "output").read_text()


def test_the_action_passes_an_equal_script_and_says_so(kept):
    done, output = act(kept)
    assert done.returncode == 0, done.stderr
    assert "::notice file=heat.py,line=1,title=pdeperf%3A pass::" in done.stdout
    assert "exit-code=0" in output
    assert "## PASS" in (kept / "summary").read_text()
    assert json.loads((kept / "pdeperf-reports/pdeperf.sarif").read_text())["version"] == "2.1.0"


def test_the_action_fails_a_wrong_script_and_keeps_its_reports(kept):
    (kept / "heat.py").write_text(WRONG)
    done, output = act(kept)
    assert done.returncode == 1
    assert "::error file=heat.py,line=1" in done.stdout
    assert "exit-code=1" in output
    assert "<failure" in (kept / "pdeperf-reports/pdeperf.xml").read_text()


def test_the_action_tells_nothing_of_an_earlier_step(kept):
    act(kept)
    (kept / "summary").unlink()
    (kept / "output").unlink()
    done, output = act(kept, PDEPERF_BASELINE="baselines/none")
    assert done.returncode == 4
    assert "::error title=pdeperf::" in done.stdout
    assert output == "exit-code=4\nsarif=\n"
    assert not (kept / "summary").exists()


def test_what_is_given_to_the_action_is_never_a_command(kept):
    done, _ = act(
        kept, PDEPERF_ARGUMENTS="$(touch owned)\n; touch owned\n", PDEPERF_BASELINE="`touch owned`/x"
    )
    assert done.returncode == 4
    assert not (kept / "owned").exists()


def test_one_run_writes_several_reports(pdeperf, kept):
    said = pdeperf("validate", "heat.py", "-q", "--no-timing", "--baseline", "baselines/heat",
                   "--report", "a.xml", "--report", "a.md", "--report", "a.sarif", "--report", "a.json",
                   "--report", "a.txt")  # fmt: skip
    assert said.code == 0
    assert "PASS" in said.out
    assert {path.suffix for path in kept.glob("a.*")} == {".xml", ".md", ".sarif", ".json", ".txt"}
    assert json.loads((kept / "a.json").read_text())["word"] == "pass"
    wrong = pdeperf("validate", "heat.py", "-q", "--report", "a.docx")
    assert wrong.code == 2
    assert "must end in" in wrong.err


TESTS = """
def test_heat(pdeperf_validate):
    found = pdeperf_validate("heat.py", timed=False)
    assert found.word == "pass"
"""


def run_pytest(folder, *options):
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "pdeperf.pytest_plugin",
            "-p",
            "no:cacheprovider",
            *options,
        ],
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_fixture_makes_a_baseline_when_asked_and_holds_the_script_to_it(folder):
    (folder / "heat.py").write_text(HEAT)
    (folder / "test_heat.py").write_text(TESTS)
    (folder / "pytest.ini").write_text("[pytest]\n")
    none = run_pytest(folder)
    assert none.returncode == 1
    assert "no baseline there" in none.stdout
    assert "1 skipped" in run_pytest(folder, "--pdeperf-update").stdout
    assert run_pytest(folder).returncode == 0
    (folder / "heat.py").write_text(WRONG)
    wrong = run_pytest(folder)
    assert wrong.returncode == 1
    assert "u differs by" in wrong.stdout
    assert "Traceback" not in wrong.stdout


def test_the_fixture_is_announced_to_pytest():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"pdeperf": "pdeperf.pytest_plugin"}
