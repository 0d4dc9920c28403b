"""One plugin that fails takes nothing from the others."""

import pytest

from pdeperf import TRACEBACK, plugins
from pdeperf.model import Diagnosis, Environment, Evidence, Hotspot, Kind, Refusal, Span
from pdeperf.pipeline.profiling import diagnoses_of, proposals
from pdeperf.source import Project

WHERE = Span(file="script.py", first=2, last=3)
PROJECT = Project.from_texts({"script.py": "u = [0.0] * 9\nfor i in range(9):\n    u[i] = u[i - 1] + 1.0\n"})
FOUND = Diagnosis(rule="scalar-loop", kind=Kind.LOOP, where=WHERE, message="")


class Failing:
    """A detector and a backend with a bug."""

    rule, kind, name, answers = "failing", Kind.LOOP, "failing", frozenset(("scalar-loop",))

    def detect(self, hotspot, project):
        raise KeyError("b")

    def propose(self, diagnosis, project):
        yield Refusal(backend=self.name, diagnosis=diagnosis, where=diagnosis.where, reason="first")
        raise KeyError("b")


@pytest.fixture
def with_failing(monkeypatch):
    detectors, backends = plugins.detectors(), plugins.backends()
    monkeypatch.setattr(plugins, "detectors", lambda: (Failing(), *detectors))
    monkeypatch.setattr(plugins, "backends", lambda: (Failing(), *backends))
    monkeypatch.delenv(TRACEBACK, raising=False)


def evidence():
    machine = Environment(cpu_model="", cores_count=1, threads_count=1, python_version="", platform="")
    hotspots = (Hotspot(where=WHERE, share=0.9),)
    return Evidence(elapsed_s=1.0, profiling_s=1.0, environment=machine, rows=(), hotspots=hotspots)


@pytest.mark.usefixtures("with_failing")
def test_a_backend_that_fails_is_a_refusal_and_the_others_are_asked():
    answers = list(proposals(FOUND, PROJECT))
    first, bug, *others = answers
    assert first.reason == "first"
    assert bug.reason.startswith("a bug in pdeperf (KeyError: 'b', test_bugs.py:")
    assert others
    assert all(answer.backend if isinstance(answer, Refusal) else answer.patches for answer in others)


@pytest.mark.usefixtures("with_failing")
def test_a_detector_that_fails_is_told_and_the_others_are_asked():
    told = []
    found = diagnoses_of(evidence(), PROJECT, told.append)
    assert [one.rule for one in found] == ["scalar-loop"]
    assert told[0].startswith("the rule failing was not asked about script.py:2")


@pytest.mark.usefixtures("with_failing")
def test_who_asks_for_the_trace_gets_it(monkeypatch):
    monkeypatch.setenv(TRACEBACK, "1")
    with pytest.raises(KeyError):
        list(proposals(FOUND, PROJECT))
    with pytest.raises(KeyError):
        diagnoses_of(evidence(), PROJECT)
