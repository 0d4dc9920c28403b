"""A loop around many array statements is planned once, whichever of them is hot."""

import pytest

from pdeperf.arrays import planned
from pdeperf.backends.fuse_arrays import BACKEND
from pdeperf.model import Candidate, Diagnosis, Kind, Span
from pdeperf.source import Project
from tests.arrays.in_process import project_of

STEP = """\
import numpy as np

u = np.sin(np.arange(40.0))
v = np.cos(u)
for step in range(4):
    flux = 0.5 * (u[1:]**2 + u[:-1]**2)
    u[1:-1] = u[1:-1] - 0.1 * (flux[1:] - flux[:-1])
    v[1:-1] = v[1:-1] + 0.2 * (u[2:] - u[:-2])
"""


def proposed(project: Project, line: int) -> list[Candidate]:
    where = Span(file="script.py", first=line, last=line)
    diagnosis = Diagnosis(rule="array-temporaries", kind=Kind.ALLOCATION, where=where, message="")
    return [each for each in BACKEND.propose(diagnosis, project) if isinstance(each, Candidate)]


def test_one_loop_is_planned_once_for_all_its_statements(tmp_path, monkeypatch):
    project = project_of(STEP, tmp_path)
    assert project is not None
    first = proposed(project, 6)
    worked: list[object] = []
    expansion = planned.expansion
    monkeypatch.setattr(
        planned, "expansion", lambda *args, **kw: worked.append(args) or expansion(*args, **kw)
    )
    again = Project.from_texts({"script.py": STEP}, tuple(project.observed))
    later = proposed(again, 8)
    assert [each.patches for each in later] == [each.patches for each in first]
    assert {each.diagnosis.where.first for each in later} == {8}
    assert not worked


@pytest.mark.parametrize("change", ["0.3 * (u", "0.2 * (v"])
def test_another_text_is_planned_anew(tmp_path, change):
    project = project_of(STEP, tmp_path)
    assert project is not None
    text = STEP.replace("0.2 * (u", change)
    other = Project.from_texts({"script.py": text}, tuple(project.observed))
    assert proposed(project, 8)[0].patches != proposed(other, 8)[0].patches


def test_a_loop_is_read_once_for_all_its_schedules(tmp_path, monkeypatch):
    project = project_of(STEP.replace("0.1", "0.15"), tmp_path)
    assert project is not None
    read: list[object] = []
    lifted = planned.lifted
    monkeypatch.setattr(planned, "lifted", lambda *args: read.append(args[2:]) or lifted(*args))
    assert proposed(project, 8)
    assert len(read) == len({(tuple(region), late) for region, late in read})
