"""Every detector finds what its cases say, and nothing else."""

import inspect

import pytest

from pdeperf.plugins import detectors
from tests.case_files import CASES, Case, read_case

PATHS = sorted((CASES / "detectors").glob("*/*.py"))
DETECTORS = {detector.rule: detector for detector in detectors()}
SECTIONS = ("Why it is slow", "Slow", "Faster", "When it is wrong", "References")


def found_in(case: Case, rule: str) -> set[tuple[str, int]]:
    diagnoses = [
        found for hotspot in case.hotspots for found in DETECTORS[rule].detect(hotspot, case.project)
    ]
    assert all(found.message and found.kind is DETECTORS[rule].kind for found in diagnoses)
    return {(found.rule, found.where.first) for found in diagnoses}


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_detector_finds_what_its_case_expects_and_nothing_else(path):
    case = read_case(path)
    assert case.hotspots, "a case says with `# hot:` what the profiler saw"
    rule = path.parent.name
    assert found_in(case, rule) == {(name, line) for name, line in case.expected if name == rule}


@pytest.mark.parametrize("rule", DETECTORS)
def test_a_detector_has_firing_and_silent_cases(rule):
    cases = [read_case(path) for path in PATHS if path.parent.name == rule]
    assert any(case.expected for case in cases)
    assert any(not case.expected for case in cases)


@pytest.mark.parametrize("rule", DETECTORS)
def test_a_detectors_name_is_its_modules_name_and_its_docstring_has_the_sections(rule):
    detector = DETECTORS[rule]
    assert type(detector).__module__.rpartition(".")[2] == rule.replace("-", "_")
    text = inspect.getdoc(type(detector)) or ""
    assert [section for section in SECTIONS if f"\n{section}\n---" not in text] == []
