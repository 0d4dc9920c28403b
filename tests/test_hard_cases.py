"""Are the hard cases left alone, kept serial or rewritten, as each one says, and are their results kept?

Each script in ``hard_cases`` starts with three comment lines: what is expected, why it is hard, and what it
prints. ``refused``: its hot loop is not compiled. ``serial``: compiled, and no axis runs in parallel.
``rewritten``: compiled. ``any``: compiled or left alone. Whatever is expected, the results stay the same.
"""

import ast
import json
import math
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "hard_cases"
EXPECTATIONS = {"refused", "serial", "rewritten", "any"}
CASES = sorted(path.stem for path in FOLDER.glob("*.py"))
NUMBER = re.compile(r"(?<![\w.])[-+]?(?:nan|inf|\d+\.?\d*(?:e[-+]?\d+)?)(?![\w.])")
# The cases run for half a second: whether a rewrite pays is not the question here.
WHATEVER_THE_SPEED = ("--min-speedup", "0.001", "--threshold", "0.01")


@dataclass(frozen=True, kw_only=True)
class Header:
    expect: str
    why: str
    prints: str


def header(path):
    fields = dict(line[2:].split(": ", 1) for line in path.read_text().splitlines()[:3])
    return Header(**fields)


def run_python(*arguments, cwd):
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cwd / "cache"), "MPLBACKEND": "Agg"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


def same_text(left, right, tolerance):
    """Is the text the same around its numbers, and are the numbers the same within a tolerance?"""
    if NUMBER.split(left) != NUMBER.split(right):
        return False
    pairs = zip(NUMBER.findall(left), NUMBER.findall(right), strict=True)
    return all(same_number(a, b, tolerance) for a, b in pairs)


def same_number(left, right, tolerance):
    if left == right:
        return True
    if {left.lstrip("+-"), right.lstrip("+-")}.isdisjoint({"nan", "inf"}) and "." in left + right:
        return math.isclose(float(left), float(right), rel_tol=tolerance, abs_tol=0.0)
    return False


def compiled(tree):
    """Names of the functions that a script compiles with Numba, whatever they are called there."""
    return [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and any("jit" in ast.unparse(one) for one in node.decorator_list)
    ]


def parallel(tree):
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    keywords = {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword)}
    return "prange" in names | attributes or "parallel" in keywords


def reasons(report):
    """Why nothing was rewritten, from the report as JSON."""
    said = json.loads(report)
    return [one["reason"] for one in said["refusals"]] + [step["verdict"]["reason"] for step in said["steps"]]


@pytest.mark.parametrize("case", CASES)
def test_a_hard_case_says_what_is_expected_and_why(case):
    said = header(FOLDER / f"{case}.py")
    assert said.expect in EXPECTATIONS
    assert len(said.why.split()) > 5


@pytest.mark.parametrize("case", CASES)
def test_a_hard_case_prints_what_its_header_says(case, tmp_path):
    done = run_python(str(FOLDER / f"{case}.py"), cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr == ""
    assert same_text(done.stdout.strip(), header(FOLDER / f"{case}.py").prints, 1e-9), done.stdout


def test_a_last_digit_off_is_the_same_text_and_another_number_is_not():
    assert same_text("max 1.00000000000001e-03 n 3", "max 1.00000000000002e-03 n 3", 1e-12)
    assert not same_text("max 1.001e-03 n 3", "max 1.002e-03 n 3", 1e-12)
    assert not same_text("n 3", "n 4", 1.0)
    assert not same_text("err nan", "err 0.5", 1.0)
    assert not same_text("a 1.0", "b 1.0", 1.0)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_a_hard_case_keeps_its_results_and_its_expectation(case, tmp_path):
    original = FOLDER / f"{case}.py"
    said = header(original)
    script = tmp_path / f"{case}.py"
    shutil.copy(original, script)
    out = tmp_path / "out.py"
    done = run_python(
        "-m", "pdeperf", "optimize", script.name, "-o", out.name, "--json", *WHATEVER_THE_SPEED, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert script.read_bytes() == original.read_bytes()
    if not out.exists():
        assert said.expect in {"refused", "any"}, reasons(done.stdout)
        return
    tree = ast.parse(out.read_text())
    expected = {
        "refused": not compiled(tree),
        "serial": bool(compiled(tree)) and not parallel(tree),
        "rewritten": bool(compiled(tree)),
        "any": True,
    }
    assert expected[said.expect], out.read_text()
    again = run_python(out.name, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert same_text(again.stdout.strip(), run_python(script.name, cwd=tmp_path).stdout.strip(), 1e-12)
