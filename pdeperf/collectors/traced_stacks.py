"""Where the time goes if nothing may look from outside: functions by cProfile, lines by line_profiler."""

import ast
import pstats
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pdeperf.collectors.libraries import Frame, library
from pdeperf.collectors.loops import Function, SourceMap, first_line, source_maps
from pdeperf.collectors.stacks import Stack, share_rows
from pdeperf.model import Measurement, Span
from pdeperf.source import Project

_Place = tuple[str, int, str]
_Times = tuple[int, int, float, float]
_Stats = Mapping[_Place, tuple[int, int, float, float, Mapping[_Place, _Times]]]
_DEPTH_COUNT = 8
_HIT_S = 1e-7


@dataclass(frozen=True, slots=True)
class _Traced:
    """A user's function in the trace: the time it spent itself and in libraries, by library."""

    place: _Place
    function: Function | None
    own_s: float
    libraries: Mapping[str, float]

    @property
    def imports_s(self) -> float:
        """What it spent importing modules."""
        every_s = sum(time_s for name, time_s in self.libraries.items() if name.startswith("import of"))
        return min(every_s, self.own_s)


def functions(stats_file: Path, project: Project) -> tuple[_Traced, ...]:
    """The user's functions, costliest first."""
    stats = _stats(stats_file)
    maps = source_maps(project)
    libraries: defaultdict[_Place, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for (file, line, name), (_, _, _, _, by_caller) in stats.items():
        if file in project:
            continue
        called = library([Frame(name, file, line)]) or _builtin(name)
        for caller, (_, _, _, cumulative_s) in by_caller.items():
            if caller[0] in project:
                libraries[caller][called] += cumulative_s
    found = [
        _Traced(
            place, _function(maps[place[0]], place), own_s + sum(libraries[place].values()), libraries[place]
        )
        for place, (_, _, own_s, _, _) in stats.items()
        if place[0] in project
    ]
    return tuple(sorted(found, key=lambda traced: -traced.own_s))


def focus_of(traced: Sequence[_Traced]) -> tuple[tuple[str, int], ...]:
    """Where line_profiler shall look: the functions with most of the time."""
    total_s = sum(each.own_s for each in traced) or 1.0
    return tuple(
        (each.place[0], first_line(each.function) if each.function else 0)
        for each in traced
        if each.own_s >= 0.02 * total_s
    )


def rows(
    stats_file: Path,
    traced: Sequence[_Traced],
    lines: Sequence[Measurement],
    project: Project,
    elapsed_s: float = 0.0,
) -> Iterator[Measurement]:
    """The overview's rows, estimated: a function's own time, spread over its lines by line_profiler's.

    Of a run that was stopped the modules were imported; what is missing of ``elapsed_s``, what the whole
    run takes, goes to the rest as far as it was seen.
    """
    stats = _stats(stats_file)
    maps = source_maps(project)
    imports_s = sum(each.imports_s for each in traced)
    seen_s = sum(each.own_s for each in traced) - imports_s
    stretch = max(1.0, (elapsed_s - imports_s) / seen_s) if seen_s > 0 else 1.0
    hits, times = _by_line(lines)
    names = frozenset(each.place[2] for each in traced)
    stacks: defaultdict[Stack, float] = defaultdict(float)
    for each in traced:
        source = maps[each.place[0]]
        outer = tuple(_callers(each.place, stats, maps))
        weights = {
            line: max(hits[line] * _HIT_S, 0.0 if _calls(source, line.first, names) else times[line])
            for line in times
            if line.file == each.place[0] and source.function_at(line.first) is each.function
        } or {Span(file=each.place[0], first=max(each.place[1], 1), last=max(each.place[1], 1)): 1.0}
        importing = {line for line in weights if _imports(source.statement_at(line.first))}
        whole = sum(weight for line, weight in weights.items() if line not in importing)
        imported = sum(weights[line] for line in importing)
        own_s = each.own_s - (each.imports_s if imported and whole else 0.0)
        for line, weight in weights.items():
            statement = source.statement_at(line.first)
            if line in importing and whole:
                stacks[(line, *outer), _named(statement, each)[0], ""] += each.imports_s * weight / imported
                continue
            part_s = own_s * (1.0 if line in importing else stretch) * weight / ((whole or imported) or 1.0)
            name, named_s = _named(statement, each)
            in_library_s = part_s * (min(1.0, named_s / each.own_s) if each.own_s else 0.0)
            stacks[(line, *outer), name, ""] += in_library_s
            stacks[(line, *outer), "", ""] += part_s - in_library_s
    total_s = max(sum(stacks.values()), elapsed_s) or 1.0
    yield from share_rows({key: weight for key, weight in stacks.items() if weight}, total_s, "cprofile")


def _imports(statement: ast.stmt | None) -> bool:
    return isinstance(statement, ast.Import | ast.ImportFrom)


def _named(statement: ast.stmt | None, traced: _Traced) -> tuple[str, float]:
    """The library that a line is taken to spend its time in, and how much of its function's that is."""
    if isinstance(statement, ast.Import):
        return f"import of {statement.names[0].name}", traced.own_s
    if isinstance(statement, ast.ImportFrom):
        return f"import of {statement.module or 'modules'}", traced.own_s
    called = {name: time_s for name, time_s in traced.libraries.items() if not name.startswith("import of")}
    if len(called) != 1 or statement is None:
        return "", 0.0  # which of several libraries a line calls is not known
    return next(iter(called.items()))


def _stats(stats_file: Path) -> _Stats:
    return cast(_Stats, pstats.Stats(str(stats_file)).stats)  # type: ignore[attr-defined]


def _builtin(name: str) -> str:
    return "numpy" if "numpy" in name else ""


def _function(source: SourceMap, place: _Place) -> Function | None:
    _, line, name = place
    if name == "<module>":
        return None
    found = source.function_at(line)
    return found or next((each for each in source.functions if first_line(each) == line), None)


def _by_line(lines: Sequence[Measurement]) -> tuple[Mapping[Span, float], Mapping[Span, float]]:
    hits: defaultdict[Span, float] = defaultdict(float)
    times: defaultdict[Span, float] = defaultdict(float)
    for row in lines:
        into = {"hits_count": hits, "line_time_s": times}.get(row.metric)
        if into is not None:
            into[row.where] += float(row.value)
    return hits, times


def _calls(source: SourceMap, line: int, names: frozenset[str]) -> bool:
    """Does a line call one of the user's functions, whose time is its own?"""
    statement = source.statement_at(line)
    return statement is not None and any(
        isinstance(node, ast.Call) and node.lineno == line and _name(node.func) in names
        for node in ast.walk(statement)
    )


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _callers(place: _Place, stats: _Stats, maps: Mapping[str, SourceMap]) -> Iterator[Span]:
    """The costliest way by which a function is reached: the lines of the calls, innermost first."""
    seen = {place}
    for _ in range(_DEPTH_COUNT):
        by_caller = stats[place][4] if place in stats else {}
        if not by_caller:
            return
        caller = max(by_caller, key=lambda each: by_caller[each][3])
        if caller in seen:
            return
        seen.add(caller)
        if caller[0] in maps:
            source = maps[caller[0]]
            owner = _function(source, caller)
            calls = (
                node.lineno
                for node in ast.walk(owner or source.module.tree)
                if isinstance(node, ast.Call)
                and _name(node.func) == place[2]
                and source.function_at(node.lineno) is owner
            )
            line = next(calls, max(caller[1], 1))
            yield Span(file=caller[0], first=line, last=line)
        place = caller
