"""Which lines allocate memory and give it back at once: the bytes and the number of temporaries."""

import importlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pdeperf.collectors import Collector, Job, Recording
from pdeperf.guest.script import Transform
from pdeperf.model import Measurement, Span

if TYPE_CHECKING:
    from pdeperf.source import Project

_RECORDED = "allocations.bin"
_ROOT = "root.txt"
_SHORT_LIVED = 100
"""A block is a temporary if it is freed before this many others have been allocated."""
_DEPTH_COUNT = 60


class _Allocations:
    transform: Transform | None = None

    def __init__(self, job: Job) -> None:
        memray = importlib.import_module("memray")
        folder = Path(job.folder)
        (folder / _RECORDED).unlink(missing_ok=True)
        (folder / _ROOT).write_text(job.root)
        self._tracker: Any = memray.Tracker(folder / _RECORDED, native_traces=False)

    def start(self) -> None:
        self._tracker.__enter__()

    def stop(self) -> None:
        self._tracker.__exit__(None, None, None)


class _Collector:
    name = "memray"

    def command(self, child: list[str], folder: Path) -> list[str]:
        return child

    def record(self, job: Job) -> Recording:
        return _Allocations(job)

    def read(self, folder: Path, project: "Project") -> Iterator[Measurement]:
        reader = importlib.import_module("memray").FileReader(str(folder / _RECORDED))
        prefix = (folder / _ROOT).read_text().rstrip("/") + "/"
        sizes: defaultdict[Span, float] = defaultdict(float)
        counts: defaultdict[Span, float] = defaultdict(float)
        for record in reader.get_temporary_allocation_records(threshold=_SHORT_LIVED, merge_threads=True):
            for _, file, line in record.stack_trace(_DEPTH_COUNT):
                relative = file.removeprefix(prefix)
                if relative in project and relative != file:
                    where = Span(file=relative, first=line, last=line)
                    sizes[where] += record.size
                    counts[where] += record.n_allocations
                    break
        for where, size in sorted(sizes.items(), key=lambda item: -item[1]):
            for metric, value in (("temporary_bytes", size), ("temporaries_count", counts[where])):
                yield Measurement(where=where, metric=metric, value=value, collector=self.name)


COLLECTOR: Collector = _Collector()
