"""Exact hits and time of the lines of hot functions and hot module-level code, with no edit to the script."""

import ast
import builtins
import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, Any

from pdeperf.collectors import Collector, Job, Recording
from pdeperf.collectors.code_objects import as_function, is_hot
from pdeperf.guest.script import Transform
from pdeperf.model import Measurement, Span

if TYPE_CHECKING:
    from pdeperf.source import Project

_RECORDED = "lines.json"
_RUN = "__pdeperf_run_{index}__"


class _Lines:
    """Hands the code objects to line_profiler before they run.

    line_profiler marks the code of the functions that it is given, and sees only marked code. So
    each file is compiled here, the marked code objects take the place of the plain ones among the
    constants of the code around them, and the file's tree becomes one call that runs the result.
    The module's own code is treated as a function's.
    """

    def __init__(self, job: Job) -> None:
        self._folder = Path(job.folder)
        self._root = Path(job.root)
        self._focus = job.focus
        self._profiler: Any = importlib.import_module("line_profiler").LineProfiler()
        self._files: dict[str, str] = {}

    @property
    def transform(self) -> Transform | None:
        return self._instrument

    def _instrument(self, tree: ast.Module, file: str) -> ast.Module:
        path = str(self._root / file)
        code = self._marked(compile(tree, path, "exec", dont_inherit=True), file)
        run = _RUN.format(index=len(self._files))
        self._files[path] = file
        setattr(builtins, run, lambda namespace: exec(code, namespace))
        return ast.parse(f"{run}(globals())")

    def _marked(self, code: CodeType, file: str) -> CodeType:
        constants = tuple(
            self._marked(each, file) if isinstance(each, CodeType) else each for each in code.co_consts
        )
        code = code.replace(co_consts=constants)
        if not is_hot(file, code, self._focus):
            return code
        function = as_function(code)
        self._profiler.add_function(function)
        return function.__code__

    def start(self) -> None:
        self._profiler.enable_by_count()

    def stop(self) -> None:
        self._profiler.disable_by_count()
        stats = self._profiler.get_stats()
        rows = [
            (self._files[path], line, hits, time * stats.unit)
            for (path, _, _), timings in stats.timings.items()
            for line, hits, time in timings
        ]
        (self._folder / _RECORDED).write_text(json.dumps(rows))


class _Collector:
    name = "line_profiler"

    def command(self, child: list[str], folder: Path) -> list[str]:
        return child

    def record(self, job: Job) -> Recording:
        return _Lines(job)

    def read(self, folder: Path, project: "Project") -> Iterator[Measurement]:
        for file, line, hits, time_s in json.loads((folder / _RECORDED).read_text()):
            where = Span(file=file, first=line, last=line)
            yield Measurement(where=where, metric="hits_count", value=float(hits), collector=self.name)
            yield Measurement(where=where, metric="line_time_s", value=time_s, collector=self.name)


COLLECTOR: Collector = _Collector()
