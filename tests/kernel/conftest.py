"""Scripts rewritten for real: types observed in a child process, kernels compiled by Numba."""

import ast
import importlib
import os
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pdeperf.backends.numba import BACKEND
from pdeperf.collectors import Job
from pdeperf.model import Candidate, Diagnosis, Kind, Refusal, Span
from pdeperf.source import Project
from tests.forks import python
from tests.kernel.in_process import execute


@dataclass(frozen=True)
class Rewriting:
    """What the backend proposed for the loop marked ``# hot``."""

    project: Project
    candidates: tuple[Candidate, ...]
    refusals: tuple[Refusal, ...]
    folder: Path

    @property
    def reasons(self) -> str:
        return "; ".join(refusal.reason for refusal in self.refusals)

    @property
    def text(self) -> str:
        """The script after the first candidate."""
        return self.candidates[0].patches[0].after


def run(folder: Path, script: str, *argv: str) -> str:
    done = attempt(folder, script, *argv)
    assert done.returncode == 0, done.stderr
    return done.stdout


def attempt(folder: Path, script: str, *argv: str) -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ, NUMBA_CACHE_DIR=str(folder / "cache"), NUMBA_BOUNDSCHECK="1")
    return python(script, *argv, cwd=folder, env=environment)


@pytest.fixture
def rewrite(tmp_path: Path) -> Callable[..., Rewriting]:
    """Observe a script and ask for rewrites of its ``# hot`` loop."""

    def rewrite(text: str, **others: str) -> Rewriting:
        for name, content in {"script": text, **others}.items():
            (tmp_path / f"{name}.py").write_text(content)
        folder = tmp_path / "observed"
        folder.mkdir()
        job = Job(
            collector="arguments",
            script=str(tmp_path / "script.py"),
            argv=(),
            root=str(tmp_path),
            folder=str(folder),
        )
        (folder / "job.json").write_text(job.to_json())
        command = ["-m", "pdeperf.collectors.child", str(folder / "job.json")]
        python(*command, cwd=tmp_path, env=dict(os.environ)).check_returncode()
        texts = {"script.py": text, **{f"{name}.py": content for name, content in others.items()}}
        collector = importlib.import_module("pdeperf.collectors.arguments").COLLECTOR
        observed = tuple(collector.read(folder, Project.from_texts(texts)))
        project = Project.from_texts(texts, observed)
        file, line = next(
            (file, number)
            for file, content in texts.items()
            for number, row in enumerate(content.splitlines(), 1)
            if re.search(r"# hot\b", row)
        )
        last = max(
            node.end_lineno
            for node in ast.walk(project[file].tree)
            if getattr(node, "lineno", 0) == line and hasattr(node, "body")
        )
        where = Span(file=file, first=line, last=last)
        diagnosis = Diagnosis(rule="scalar-loop", kind=Kind.LOOP, where=where, message="")
        proposals = list(BACKEND.propose(diagnosis, project))
        return Rewriting(
            project,
            tuple(found for found in proposals if isinstance(found, Candidate)),
            tuple(found for found in proposals if isinstance(found, Refusal)),
            tmp_path,
        )

    return rewrite


@pytest.fixture
def same_output(rewrite: Callable[..., Rewriting]) -> Callable[..., Rewriting]:
    """Rewrite, run every candidate, and check that it prints what the original printed."""

    def check(text: str, **others: str) -> Rewriting:
        done = rewrite(text, **others)
        assert done.candidates, done.reasons
        expected = run(done.folder, "script.py")
        for candidate in done.candidates:
            for patch in candidate.patches:
                (done.folder / patch.file).write_text(patch.after)
            assert run(done.folder, "script.py") == expected, candidate.title
            for patch in candidate.patches:
                (done.folder / patch.file).write_text(patch.before)
        return done

    return check


@pytest.fixture
def same_for(rewrite: Callable[..., Rewriting]) -> Callable[..., Rewriting]:
    """Rewrite after a run without arguments, and check every candidate with other arguments too.

    Where the original raises, so must the rewrite.
    """

    def check(text: str, *inputs: str, **others: str) -> Rewriting:
        done = rewrite(text, **others)
        assert done.candidates, done.reasons
        every = ((), *(one.split() for one in inputs))
        expected = [attempt(done.folder, "script.py", *argv) for argv in every]
        for candidate in done.candidates:
            for patch in candidate.patches:
                (done.folder / patch.file).write_text(patch.after)
            for argv, original in zip(every, expected, strict=True):
                fresh = attempt(done.folder, "script.py", *argv)
                assert (fresh.returncode, fresh.stdout) == (original.returncode, original.stdout), (
                    f"{candidate.title}, arguments {argv}: {fresh.stderr}\n{patch.after}"
                )
            for patch in candidate.patches:
                (done.folder / patch.file).write_text(patch.before)
        return done

    return check


@pytest.fixture
def same_steps(
    rewrite: Callable[..., Rewriting], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Rewriting]:
    """Rewrite, and run every candidate's Python interpreted, for other arguments too: compiled nowhere."""
    monkeypatch.setattr("numba.core.config.DISABLE_JIT", True)

    def check(text: str, *inputs: str) -> Rewriting:
        done = rewrite(text)
        assert done.candidates, done.reasons
        for argv in ((), *(tuple(one.split()) for one in inputs)):
            original = execute(text, argv, done.folder)
            for candidate in done.candidates:
                got = execute(candidate.patches[0].after, argv, done.folder)
                assert got.essence == original.essence, f"{candidate.title}, arguments {argv}\n{got}"
        return done

    return check
