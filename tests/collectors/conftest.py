"""Runs small scripts for real, in child processes, under one collector or under all."""

import sys
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from pdeperf.collectors import Collector, Focus, Progress
from pdeperf.collectors.passes import Known, Profile, profile
from pdeperf.collectors.runs import Run, Session
from pdeperf.guest.launch import importable, pinned_environment
from pdeperf.guest.scratch import scratch
from pdeperf.model import Measurement, Workload
from pdeperf.source import Project


class Rows(tuple[Measurement, ...]):
    """Rows that can be asked for what was measured of one subject, at one line if given."""

    def values(self, metric: str, subject: str = "", line: int | None = None) -> set[float | str]:
        return {
            row.value
            for row in self
            if row.metric == metric and row.subject == subject and line in (None, row.where.first)
        }


Watched = tuple[Run, Rows]


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))


@pytest.fixture
def watch(tmp_path: Path) -> Callable[..., Watched]:
    """Runs ``main.py`` of some files under one collector; gives the run and its rows."""

    def run(collector: Collector, *, limit_s: float = 0.0, focus: Focus = (), **files: str) -> Watched:
        folder = tmp_path / "of" / "work"
        texts = {name.replace("__", "/") + ".py": textwrap.dedent(text) for name, text in files.items()}
        write(folder, texts)
        (tmp_path / "runs").mkdir(exist_ok=True)
        with scratch("main.py", folder) as place, importable() as path:
            variables = pinned_environment(path, cache_dir=tmp_path / "numba", place=place)
            session = Session(Workload(script="main.py"), place, sys.executable, variables, tmp_path / "runs")
            done = session.run(collector, limit_s=limit_s, focus=focus)
            assert done.status, done.finished.stderr
            rows = Rows(collector.read(done.folder, Project.from_texts(texts)))
        return done, rows

    return run


@pytest.fixture
def profiled(tmp_path: Path) -> Callable[..., Profile]:
    """Profiles ``main.py`` of some files with all passes."""

    def run(
        *argv: str, timeout_s: float = 30.0, known: Known | None = None, said: Progress = str, **files: str
    ) -> Profile:
        folder = tmp_path / "of" / "work"
        write(folder, {name.replace("__", "/") + ".py": text for name, text in files.items()})
        with scratch("main.py", folder) as place:
            return profile(
                Workload(script="main.py", argv=argv, timeout_s=timeout_s),
                place,
                tmp_path / "artifacts",
                interpreter=sys.executable,
                progress=said,
                known=known,
            )

    return run
