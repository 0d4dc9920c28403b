"""One folder, one script, its versions."""

import textwrap
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from pdeperf.guest.scratch import Place, scratch
from pdeperf.judge import verdict
from pdeperf.model import Trial, Verdict, Workload
from pdeperf.trial import Effort, Original, Setting, measure_original, setting, try_candidate


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
            folder = tmp_path_factory.mktemp("project")
            (folder / "solver.py").write_text(source)
            for name, text in (beside or {}).items():
                (folder / name).write_text(textwrap.dedent(text))
            place = stack.enter_context(scratch("solver.py", folder))
            workload = Workload(script="solver.py", argv=argv, timeout_s=timeout_s)
            return Bench(folder, source, place, where, workload)

        yield make
