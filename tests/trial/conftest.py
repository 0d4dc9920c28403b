"""One folder, one script, its versions."""

import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from pdeperf.guest.launch import Command, Finished
from pdeperf.guest.scratch import Place, scratch
from pdeperf.judge import verdict
from pdeperf.model import Trial, Verdict, Workload
from pdeperf.trial import Effort, Original, Setting, measure_original, setting, try_candidate
from pdeperf.trial import run as runs

_TOLD = re.compile(r"^# takes (\d+) s$", re.MULTILINE)


class Bench:
    """A script in a folder of its own, ready to be run and rewritten."""

    def __init__(self, folder: Path, source: str, place: Place, where: Setting, workload: Workload) -> None:
        self.folder = folder
        self.files: Mapping[str, str] = {"solver.py": source}
        self.place = place
        self.setting = where
        self.workload = workload
        self._original: Original | None = None

    @property
    def original(self) -> Original:
        if self._original is None:
            self._original = measure_original(self.workload, self.place, self.files, self.setting)
        return self._original

    def trial(self, after: str, *, timed: bool = False, forgets: tuple[str, ...] = ()) -> Trial:
        return try_candidate(
            self.workload,
            self.place,
            self.files,
            {"solver.py": textwrap.dedent(after)},
            self.original,
            forgets=forgets,
            effort=Effort(timed=timed),
        )

    def verdict(self, after: str, *, timed: bool = False, forgets: tuple[str, ...] = ()) -> Verdict:
        return verdict(self.trial(after, timed=timed, forgets=forgets))


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Bench]]:
    with ExitStack() as stack:
        where = stack.enter_context(setting())

        def make(
            source: str,
            *,
            argv: tuple[str, ...] = (),
            timeout_s: float = 60.0,
            beside: Mapping[str, str] | None = None,
        ) -> Bench:
            source = textwrap.dedent(source)
            # Two folders of its own above it: what stands beside those is linked into each scratch copy.
            folder = tmp_path_factory.mktemp("project") / "of" / "its_own"
            folder.mkdir(parents=True)
            (folder / "solver.py").write_text(source)
            for name, text in (beside or {}).items():
                (folder / name).write_text(textwrap.dedent(text))
            place = stack.enter_context(scratch("solver.py", folder))
            workload = Workload(script="solver.py", argv=argv, timeout_s=timeout_s)
            return Bench(folder, source, place, where, workload)

        yield make


@pytest.fixture
def told_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a run take as long as its script says in a line ``# takes 12 s``, whatever the machine does."""

    def launch_beside(commands: Sequence[Command]) -> list[Finished]:
        found = []
        for command, finished in zip(commands, original(commands), strict=True):
            told = _TOLD.search((command.cwd / "solver.py").read_text())
            found.append(replace(finished, wall_s=float(told[1]), cpu_s=float(told[1])) if told else finished)
        return found

    original = runs.launch_beside
    monkeypatch.setattr(runs, "launch_beside", launch_beside)
