import shutil
from dataclasses import replace

import pytest

from pdeperf import pipeline
from pdeperf.cli.group import run
from pdeperf.model import Outcome, Validation

HEAT = """
import numpy as np
u = np.zeros(40)
u[10:20] = 1.0
for step in range(60):
    u[1:-1] = u[1:-1] + 0.2 * (u[2:] - 2 * u[1:-1] + u[:-2])
print(u.sum())
"""
"""The script of :func:`heat_with_baseline`."""


class Said:
    """Exit code and both streams of one command line."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def both(self):
        return self.out + self.err


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("PDEPERF_TRACEBACK", raising=False)
    return tmp_path


@pytest.fixture
def pdeperf(folder, capsys):
    """Run one command line in the working folder."""

    def call(*arguments):
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        streams = capsys.readouterr()
        said = Said(code, streams.out, streams.err)
        assert "Traceback" not in said.both
        return said

    return call


@pytest.fixture(scope="session")
def _heat_and_baseline(tmp_path_factory):
    made = tmp_path_factory.mktemp("heat")
    (made / "heat.py").write_text(HEAT)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made)
        assert run(["baseline", "heat.py", "-q", "--name", "baselines/heat"]) == 0
    return made


@pytest.fixture
def heat_with_baseline(_heat_and_baseline, folder):
    """The working folder with ``heat.py`` and ``baselines/heat``, which is made once and copied."""
    shutil.copytree(_heat_and_baseline, folder, dirs_exist_ok=True)
    return folder


@pytest.fixture
def stages(monkeypatch, report):
    """Put a pipeline in place that runs nothing: each stage stores ``stages.report``."""

    class Stages:
        def __init__(self):
            self.report = report
            self.calls = []

        def during(self):
            """Called in the middle of each stage."""

        def stored(self, store):
            done = replace(self.report, session=store.new_session())
            store.save(replace(done, steps=(), overall=None))
            self.during()
            store.save(done)
            return done

    stages = Stages()

    def profile(workload, cwd, *, store, settings, progress):
        stages.calls.append(("profile", workload, settings))
        progress("profile", "py-spy")
        return stages.stored(store)

    def optimize(workload, cwd, *, store, settings, progress, on_step):
        stages.calls.append(("optimize", workload, settings))
        progress("profile", "py-spy")
        for step in stages.report.steps:
            on_step(step)
        return stages.stored(store)

    def suggest(report, *, store, settings, progress):
        stages.calls.append(("suggest", report, settings))
        return report

    def baseline(workload, cwd, *, store, settings, progress, name, update, also):
        stages.calls.append(("baseline", workload, name))
        return store.baseline_folder(name)

    def validate(workload, cwd, *, store, settings, progress, baseline, demands):
        stages.calls.append(("validate", baseline, demands.max_slowdown, demands.min_speedup))
        code = {Outcome.ACCEPTED: 0, Outcome.WRONG: 1}[stages.report.overall.verdict.outcome]
        return Validation(
            script=workload.script, baseline=baseline, comparison=stages.report.overall, exit_code=code
        )

    for stage in (profile, optimize, suggest, baseline, validate):
        monkeypatch.setattr(pipeline, stage.__name__, stage, raising=False)
    return stages
