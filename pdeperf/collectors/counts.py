"""How often each line and each loop body runs in the whole script, also where the count was cut short."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pdeperf.collectors.loops import Function, LoopNode, SourceMap, source_maps
from pdeperf.collectors.stacks import callers
from pdeperf.model import Measurement, Span
from pdeperf.source import Project

_ENOUGH = 5
"""A ratio of two counts is trusted from this many on."""

_SILENT = (ast.Global, ast.Nonlocal, ast.Import, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the passes have counted.

    Attributes
    ----------
    lines
        line_profiler's rows.
    others
        All other rows: the entries of loops and functions, and the stacks.
    lines_complete, entries_complete
        Did line_profiler, and did the look at the arguments, see the script to its end?
    elapsed_s
        The script's own time.
    """

    lines: Sequence[Measurement]
    others: Sequence[Measurement]
    lines_complete: bool
    entries_complete: bool
    elapsed_s: float


def whole_counts(seen: Seen, project: Project) -> Iterator[Measurement]:
    """Rows of the whole run: ``hits_count`` and ``line_time_s`` by line, ``iterations_count`` by loop.

    Where line_profiler was stopped, its counts are scaled: by the entries of the loop that a line
    lies in, which are known from the whole run, or else by the time spent in the function.
    """
    by_file: defaultdict[str, list[Measurement]] = defaultdict(list)
    for row in seen.lines:
        by_file[row.where.file].append(row)
    for file, source in source_maps(project).items():
        if by_file[file]:
            yield from _Counter(source, by_file[file], seen).rows()


def estimated_iterations(rows: Sequence[Measurement]) -> Iterator[Measurement]:
    """``iterations_count`` of the loops that line_profiler did not count: their entries times their trips."""
    counted = {row.where for row in rows if row.metric == "iterations_count"}
    entries = {row.where: float(row.value) for row in rows if row.metric == "entries_count"}
    for row in rows:
        if row.metric == "trip_count" and row.where not in counted and row.where in entries:
            count = round(entries[row.where] * float(row.value))
            yield Measurement(
                where=row.where, metric="iterations_count", value=float(count), collector=row.collector
            )


class _Counter:
    """Counts of one file."""

    def __init__(self, source: SourceMap, lines: Iterable[Measurement], seen: Seen) -> None:
        self._source = source
        self._seen = seen
        self._lines = _merged(lines)
        self._hits = {line: values["hits_count"] for line, values in self._lines.items()}
        self._entries = {
            (row.where.first, row.where.last): float(row.value)
            for row in seen.others
            if row.metric in ("entries_count", "calls_count") and row.where.file == source.module.file
        }
        self._time_factors: dict[int, float] = {}

    def rows(self) -> Iterator[Measurement]:
        file = self._source.module.file
        for line, values in sorted(self._lines.items()):
            factor = 1.0 if self._seen.lines_complete else self._factor_at(line)
            where = Span(file=file, first=line, last=line)
            for metric, value in values.items():
                yield _row(where, metric, value * factor)
        for loop in self._source.loops:
            if (count := self._iterations(loop)) is not None:
                factor = 1.0 if self._seen.lines_complete else self._factor(loop)
                yield _row(loop.span, "iterations_count", float(max(0, round(count * factor))))

    def _iterations(self, loop: LoopNode) -> float | None:
        """How often a loop's body was begun, as far as it was watched."""
        header = self._hits.get(loop.span.first)
        if header is None:
            return None
        for statement in loop.loop.body:
            if statement.lineno == loop.span.first:  # for x in xs: s += x
                return max(0.0, header - self._known_entries(loop))
            if isinstance(statement, ast.For | ast.While):
                return self._entered(statement)
            if statement.lineno in self._hits and not isinstance(statement, _SILENT):
                return self._hits[statement.lineno]
        return 0.0

    def _entered(self, loop: ast.For | ast.While) -> float:
        """Entries of a loop as far as it was watched: its header is hit once more than its body each time."""
        node = self._source.loop_at(loop.lineno)
        inner = self._iterations(node) if node is not None else 0.0
        return max(0.0, self._hits.get(loop.lineno, 0.0) - (inner or 0.0))

    def _known_entries(self, loop: LoopNode) -> float:
        return self._entries.get((loop.span.first, loop.span.last), 1.0)

    def _factor_at(self, line: int) -> float:
        loop = self._source.loop_at(line)
        if loop is not None:
            return self._factor(loop)
        function = self._source.function_at(line)
        if function is None or line <= function.lineno:
            return 1.0
        return self._function_factor(function)

    def _factor(self, loop: LoopNode) -> float:
        """Iterations of a loop in the whole run, over those that were watched."""
        for ratio in (self._entries_ratio(loop), *self._body_ratios(loop)):
            if ratio is not None:
                return ratio
        if loop.parent is not None:
            return self._factor(loop.parent)
        return self._function_factor(loop.function)

    def _entries_ratio(self, loop: LoopNode) -> float | None:
        if not isinstance(loop.loop, ast.For | ast.While):
            return None
        return self._ratio(loop.span.first, loop.span.last, self._entered(loop.loop))

    def _body_ratios(self, loop: LoopNode) -> Iterator[float | None]:
        """The same of what a loop that is entered but a few times begins in each of its iterations."""
        for inner in self._source.loops:
            if inner.parent is loop:
                yield self._entries_ratio(inner)
        called = {_called_name(node) for node in ast.walk(loop.loop) if isinstance(node, ast.Call)}
        for function in self._source.functions:
            if function.name in called:
                yield self._calls_ratio(function)

    def _function_factor(self, function: Function | None) -> float:
        ratio = self._calls_ratio(function) if function is not None else None
        return self._time_factor(function) if ratio is None else ratio

    def _calls_ratio(self, function: Function) -> float | None:
        head = next((each for each in function.body if self._hits.get(each.lineno)), None)
        if head is None:
            return None
        watched = self._entered(head) if isinstance(head, ast.For | ast.While) else self._hits[head.lineno]
        return self._ratio(function.lineno, function.end_lineno or function.lineno, watched)

    def _ratio(self, first: int, last: int, watched: float) -> float | None:
        known = self._entries.get((first, last), 0.0)
        if not self._seen.entries_complete or watched < _ENOUGH or known < watched:
            return None
        return known / watched

    def _time_factor(self, function: Function | None) -> float:
        """Time in a function, or at module level, over the time in which its lines were watched."""
        key = function.lineno if function is not None else 0
        if key not in self._time_factors:
            watched_s = sum(
                values["line_time_s"]
                for line, values in self._lines.items()
                if self._source.function_at(line) is function
            )
            spent_s = self._seen.elapsed_s * sum(
                float(row.value)
                for row in self._seen.others
                if row.metric == "stack_share" and self._passes(row, function)
            )
            self._time_factors[key] = max(1.0, spent_s / watched_s) if watched_s else 1.0
        return self._time_factors[key]

    def _passes(self, row: Measurement, function: Function | None) -> bool:
        file = self._source.module.file
        return any(
            where.file == file and self._source.function_at(where.first) is function
            for where in (row.where, *callers(row))
        )


def _called_name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _merged(rows: Iterable[Measurement]) -> Mapping[int, dict[str, float]]:
    """One value a line and metric: a line may belong to two code objects (a def on one line)."""
    lines: dict[int, dict[str, float]] = {}
    for row in rows:
        values = lines.setdefault(row.where.first, {"hits_count": 0.0, "line_time_s": 0.0})
        values[row.metric] = max(values[row.metric], float(row.value))
    return lines


def _row(where: Span, metric: str, value: float) -> Measurement:
    return Measurement(where=where, metric=metric, value=value, collector="line_profiler")
