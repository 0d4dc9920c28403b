"""Calls and time by function, as a file that every viewer of Python profiles reads."""

import cProfile
import marshal
import os
import pstats
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pdeperf.collectors import Collector, Job, Recording
from pdeperf.guest.script import Transform
from pdeperf.model import Measurement, Span

if TYPE_CHECKING:
    from pdeperf.source import Project

STATS = "profile.pstats"


class _Functions:
    transform: Transform | None = None

    def __init__(self, job: Job) -> None:
        self._file = Path(job.folder) / STATS
        self._prefix = job.root.rstrip(os.sep) + os.sep
        self._profile = cProfile.Profile()

    def start(self) -> None:
        self._profile.enable()

    def stop(self) -> None:
        self._profile.disable()
        self._profile.create_stats()
        # Files of the user's are named relative to his folder: the copy that ran is gone afterwards.
        relative = {
            self._relative(function): (
                *rest,
                {self._relative(caller): times for caller, times in callers.items()},
            )
            for function, (*rest, callers) in self._profile.stats.items()
        }
        with self._file.open("wb") as file:
            marshal.dump(relative, file)

    def _relative(self, function: tuple[str, int, str]) -> tuple[str, int, str]:
        file, line, name = function
        return file.removeprefix(self._prefix), line, name


class _Collector:
    name = "cprofile"

    def command(self, child: list[str], folder: Path) -> list[str]:
        return child

    def record(self, job: Job) -> Recording:
        return _Functions(job)

    def read(self, folder: Path, project: "Project") -> Iterator[Measurement]:
        stats = pstats.Stats(str(folder / STATS))
        for (file, line, name), (_, calls, own_s, cumulative_s, _) in stats.stats.items():  # type: ignore[attr-defined]
            if file not in project:
                continue
            where = Span(file=file, first=max(line, 1), last=max(line, 1))
            for metric, value in (
                ("profiled_calls_count", calls),
                ("own_time_s", own_s),
                ("cumulative_time_s", cumulative_s),
            ):
                yield Measurement(
                    where=where, metric=metric, value=float(value), collector=self.name, subject=name
                )


COLLECTOR: Collector = _Collector()
