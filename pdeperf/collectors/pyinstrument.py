"""A flame graph of the calls, as one page of HTML."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pdeperf.collectors import Collector, Job, Recording
from pdeperf.guest.script import Transform
from pdeperf.model import Measurement

if TYPE_CHECKING:
    from pdeperf.source import Project

FLAME = "flame.html"
_INTERVAL_S = 0.001


class _Flame:
    transform: Transform | None = None

    def __init__(self, job: Job) -> None:
        self._file = Path(job.folder) / FLAME
        self._profiler: Any = importlib.import_module("pyinstrument").Profiler(
            interval=_INTERVAL_S, async_mode="disabled"
        )

    def start(self) -> None:
        self._profiler.start()

    def stop(self) -> None:
        self._profiler.stop()
        self._file.write_text(self._profiler.output_html())


class _Collector:
    name = "pyinstrument"

    def command(self, child: list[str], folder: Path) -> list[str]:
        return child

    def record(self, job: Job) -> Recording:
        return _Flame(job)

    def read(self, folder: Path, project: "Project") -> Iterator[Measurement]:
        return iter(())


COLLECTOR: Collector = _Collector()
