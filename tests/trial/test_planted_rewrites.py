"""Rewrites that people make, right and subtly wrong, from ``benchmarks/judge``."""

import importlib.util
import sys
from pathlib import Path

import pytest

from pdeperf.trial import setting

FOLDER = Path(__file__).parents[2] / "benchmarks" / "judge"
TRIED = {
    "finite_elements": (
        "the triangles from the last",
        "another direct solver",
        "a corner of the edge is missed",
        "solved by iteration, loosely",
    ),
    "weather_chaos": (
        "by a loop over sites",
        "the loop's counter has another name",
        "a step less",
        "another counter and a stale stage",
    ),
    "burgers": ("half the spectrum", "the third stage from the first", "the last snapshot a step early"),
    "acoustics_fdtd": ("a trace in an array", "one corner is not updated"),
    "quantum_lists": ("arrays", "the last value is stale"),
    "sph_dam": ("from the last particle", "g in its sixth digit"),
    "heat_report": ("SciPy", "the last profile point is stale"),
    "fmg_lists": ("comprehensions", "the last interior point is not smoothed"),
    "poisson_cg": ("the operator by loops", "an iteration less"),
}


@pytest.fixture(scope="module")
def judging():
    """The benchmark's command, as a module."""
    sys.path.insert(0, str(FOLDER))
    try:
        spec = importlib.util.spec_from_file_location("judge_rewrites", FOLDER / "rewrites.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        yield module
    finally:
        sys.path.remove(str(FOLDER))


@pytest.mark.parametrize("solver", TRIED)
def test_right_rewrites_are_accepted_and_wrong_ones_rejected(judging, solver):
    script = FOLDER / "rewrites" / f"{solver}.py"
    rewrites = [one for one in judging.planted(script) if one.title in TRIED[solver]]
    assert len(rewrites) == len(TRIED[solver])
    with setting() as where:
        for judged in judging.judge(script, rewrites, where):
            assert judged.is_right, f"{judged.rewrite.title}: {judged.word}, {judged.said}"


def test_every_planted_rewrite_is_a_program_and_another_one(judging):
    count = 0
    for script in (FOLDER / "rewrites").glob("*.py"):
        for one in judging.planted(script):
            compile(one.text, one.title, "exec")
            assert one.text != script.read_text()
            count += 1
    assert count >= 360
