"""How the resident memory grows, line by line: only for those who ask, for it costs 200x on scalar loops."""

import ast
import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pdeperf.collectors import Collector, Job, Recording
from pdeperf.collectors.code_objects import as_function, codes, is_hot
from pdeperf.guest.script import Transform
from pdeperf.model import Measurement, Span

if TYPE_CHECKING:
    from pdeperf.source import Project

_RECORDED = "memory.json"
_MEBIBYTE = 1024.0 * 1024.0


class _Memory:
    """Registers equal copies of the code objects that will run: the tool compares them by value."""

    def __init__(self, job: Job) -> None:
        self._folder = Path(job.folder)
        self._root = Path(job.root)
        self._focus = job.focus
        self._profiler: Any = importlib.import_module("memory_profiler").LineProfiler()

    @property
    def transform(self) -> Transform | None:
        return self._register

    def _register(self, tree: ast.Module, file: str) -> ast.Module:
        for code in codes(compile(tree, str(self._root / file), "exec", dont_inherit=True)):
            if is_hot(file, code, self._focus):
                self._profiler.add_function(as_function(code))
        return tree

    def start(self) -> None:
        self._profiler.enable_by_count()

    def stop(self) -> None:
        self._profiler.disable_by_count()
        # The map's own items() stops at the first statement of a module.
        found = {
            (Path(code.co_filename).relative_to(self._root).as_posix(), line): (grown, resident)
            for code, lines in dict.items(self._profiler.code_map)
            for line, (grown, resident, _) in lines.items()
        }
        rows = [(*place, *values) for place, values in found.items() if place[1]]
        (self._folder / _RECORDED).write_text(json.dumps(rows))


class _Collector:
    name = "memory_profiler"

    def command(self, child: list[str], folder: Path) -> list[str]:
        return child

    def record(self, job: Job) -> Recording:
        return _Memory(job)

    def read(self, folder: Path, project: "Project") -> Iterator[Measurement]:
        for file, line, grown, resident in json.loads((folder / _RECORDED).read_text()):
            where = Span(file=file, first=line, last=line)
            for metric, value in (("resident_growth_bytes", grown), ("resident_bytes", resident)):
                yield Measurement(where=where, metric=metric, value=value * _MEBIBYTE, collector=self.name)


COLLECTOR: Collector = _Collector()
