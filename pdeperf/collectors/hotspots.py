"""Which places take the run's time: hot loop nests, and hot lines outside of loops. Derived from rows."""

import ast
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pdeperf.collectors.headroom import headroom
from pdeperf.collectors.loops import LoopNode, SourceMap, index_names, indexes_with, source_maps
from pdeperf.collectors.stacks import callers
from pdeperf.model import Environment, Hotspot, Measurement, Span
from pdeperf.source import Project

THRESHOLD = 0.02
"""A place below this share of the run is not named."""

SCALAR_CALL_S = 20e-6
"""A loop-free function that takes less than this a call is part of the loop that calls it."""

_TIMES = ("transfer_time_s", "device_time_s", "launch_time_s")
_MOVES = ("to_host_count", "to_device_count", "scalar_read_count")
LEAST_MOVES = 3
"""Fewer copies between host and device on one line are not the work of a loop."""


@dataclass(frozen=True, slots=True)
class _Stack:
    """One stack of the user's lines, innermost first, with its share of the run."""

    lines: tuple[Span, ...]
    share: float


def find_hotspots(
    rows: Sequence[Measurement], project: Project, environment: Environment, elapsed_s: float
) -> tuple[Hotspot, ...]:
    """Costliest first, disjoint, each at least :data:`THRESHOLD` of the run.

    Parameters
    ----------
    rows
        All that was measured; the ``stack_share`` rows say where the time goes.
    project
        The user's files that ran.
    environment
        For the machine's measured rates.
    elapsed_s
        The run's wall time.
    """
    maps = source_maps(project)
    stacks = [
        _Stack((row.where, *callers(row)), float(row.value)) for row in rows if row.metric == "stack_share"
    ]
    loopless = _loopless_calls(rows, stacks, maps, elapsed_s)
    credit: defaultdict[Span, float] = defaultdict(float)
    for stack in stacks:
        credit[_credited(stack.lines, maps, loopless)] += stack.share
    spans = _places(credit, maps)
    found = []
    for where, share in spans.items():
        if share >= THRESHOLD:
            facts = tuple(_facts(where, rows, stacks, maps))
            # A called function with loops of its own is another place: its work is not this place's.
            work = [
                fact
                for fact in facts
                if where.contains(fact.where)
                or fact.metric in ("shape", "dtype")
                or _function_key(fact.where, maps) in loopless
            ]
            room = headroom(where, share * elapsed_s, work, project, environment)
            scope = maps[where.file].scope_name(where.first)
            found.append(Hotspot(where=where, share=min(share, 1.0), headroom=room, scope=scope, facts=facts))
    found = [_on_device(each, elapsed_s) for each in found]
    found += _moving(rows, [each.where for each in found], stacks, maps, elapsed_s)
    return tuple(sorted(found, key=lambda hotspot: -hotspot.share))


def _moving(
    rows: Sequence[Measurement],
    known: Sequence[Span],
    stacks: Sequence[_Stack],
    maps: Mapping[str, SourceMap],
    elapsed_s: float,
) -> Iterator[Hotspot]:
    """Places that move arrays between host and device again and again, however little time that takes.

    What they cost grows with the arrays, and the clock of the host does not show it all.
    """
    seconds: defaultdict[Span, float] = defaultdict(float)
    moved = [row for row in rows if row.collector == "transfers" and row.where.file in maps]
    for row in moved:
        if any(span.contains(row.where) for span in known):
            continue
        source = maps[row.where.file]
        loops = [source.loop_at(row.where.first), *_calling(source, row.where.first)]
        free = [
            [node.span for node in loop.nest if not any(_overlap(node.span, other) for other in known)]
            for loop in loops
            if loop is not None
        ]
        for spans in filter(None, free):
            seconds[spans[-1]] += _device_s(row)
        if loops[0] is None and row.metric in _MOVES and float(row.value) >= LEAST_MOVES:
            where = source.statement_span(row.where.first)
            seconds[where] += sum(_device_s(each) for each in moved if each.where == row.where)
    for where, spent_s in seconds.items():
        sampled = sum(stack.share for stack in stacks if stack.lines and where.contains(stack.lines[0]))
        share = max(sampled, spent_s / elapsed_s if elapsed_s else 0.0)
        yield Hotspot(
            where=where,
            share=min(share, 1.0),
            scope=maps[where.file].scope_name(where.first),
            facts=tuple(_facts(where, rows, stacks, maps)),
        )


def _calling(source: SourceMap, line: int) -> Iterator[LoopNode]:
    """The loops of the file that call the function around a line."""
    function = source.function_at(line)
    if function is None:
        return
    seen: set[LoopNode] = set()
    for node in ast.walk(source.module.tree):
        if isinstance(node, ast.Call) and function.name in (
            getattr(node.func, "id", ""),
            getattr(node.func, "attr", ""),
        ):
            loop = source.loop_at(node.lineno)
            if loop is not None and loop not in seen:
                seen.add(loop)
                yield loop


def _on_device(hotspot: Hotspot, elapsed_s: float) -> Hotspot:
    """With the time that the device takes: the host may wait for that on a line behind the loop."""
    spent_s = sum(_device_s(fact) for fact in hotspot.facts if hotspot.where.contains(fact.where))
    if not spent_s or not elapsed_s:
        return hotspot
    return replace(hotspot, share=min(1.0, max(hotspot.share, spent_s / elapsed_s)))


def _device_s(row: Measurement) -> float:
    return float(row.value) if row.metric in _TIMES else 0.0


def _overlap(one: Span, other: Span) -> bool:
    return one.file == other.file and one.first <= other.last and other.first <= one.last


_FunctionKey = tuple[str, int]


def _function_key(where: Span, maps: Mapping[str, SourceMap]) -> _FunctionKey | None:
    function = maps[where.file].function_at(where.first) if where.file in maps else None
    return (where.file, function.lineno) if function is not None else None


def _loopless_calls(
    rows: Iterable[Measurement], stacks: Iterable[_Stack], maps: Mapping[str, SourceMap], elapsed_s: float
) -> frozenset[_FunctionKey]:
    """The functions without a loop that are so short that they belong to the loop around their call."""
    inclusive: defaultdict[_FunctionKey, float] = defaultdict(float)
    for stack in stacks:
        for key in {key for line in stack.lines if (key := _function_key(line, maps))}:
            inclusive[key] += stack.share
    calls = {
        (row.where.file, row.where.first): float(row.value) for row in rows if row.metric == "calls_count"
    }
    return frozenset(
        key
        for key, share in inclusive.items()
        if not _has_loop(key, maps) and share * elapsed_s <= SCALAR_CALL_S * calls.get(key, float("inf"))
    )


def _has_loop(key: _FunctionKey, maps: Mapping[str, SourceMap]) -> bool:
    file, line = key
    return any(node.function is not None and node.function.lineno == line for node in maps[file].loops)


def _credited(
    lines: Sequence[Span], maps: Mapping[str, SourceMap], loopless: frozenset[_FunctionKey]
) -> Span:
    """The line that a stack's time counts for: through short functions out to the loop that calls them."""
    for line in lines:
        if line.file in maps and maps[line.file].loop_at(line.first) is not None:
            return line
        if _function_key(line, maps) not in loopless:
            break
    return lines[0]


def _places(credit: Mapping[Span, float], maps: Mapping[str, SourceMap]) -> dict[Span, float]:
    """Share by hot loop nest or, outside of those, by statement."""
    own: defaultdict[LoopNode, float] = defaultdict(float)
    children: dict[LoopNode, set[LoopNode]] = defaultdict(set)
    for line, share in credit.items():
        loop = maps[line.file].loop_at(line.first)
        if loop is None:
            continue
        own[loop] += share
        for nested in loop.nest:
            if nested.parent is not None:
                children[nested.parent].add(nested)
    total = {
        loop: sum(share for other, share in own.items() if loop in other.nest) for loop in (*own, *children)
    }
    tops = [loop for loop in total if _is_place(loop, own, total, children)]
    places: defaultdict[Span, float] = defaultdict(float)
    for line, share in credit.items():
        inner = maps[line.file].loop_at(line.first)
        around = [node for node in (inner.nest if inner else ()) if node in tops]
        places[around[-1].span if around else maps[line.file].statement_span(line.first)] += share
    return _pooled(places, {loop.span for loop in tops}, maps)


def _pooled(
    places: Mapping[Span, float], loops: Collection[Span], maps: Mapping[str, SourceMap]
) -> dict[Span, float]:
    """A function's statements that are too small to be named count for the costliest of them."""
    small: defaultdict[_FunctionKey, list[Span]] = defaultdict(list)
    for where, share in places.items():
        function = _function_key(where, maps)
        if function is not None and where not in loops and share < THRESHOLD:
            small[function].append(where)
    pooled = dict(places)
    for spans in small.values():
        total = sum(pooled.pop(span) for span in spans)
        pooled[max(spans, key=lambda span: places[span])] = total
    return pooled


def _is_place(
    loop: LoopNode,
    own: Mapping[LoopNode, float],
    total: Mapping[LoopNode, float],
    children: Mapping[LoopNode, set[LoopNode]],
) -> bool:
    """Is the loop one nest to be named as a whole, rather than the frame around several or around one?"""
    hot = [child for child in children.get(loop, ()) if total[child] >= THRESHOLD]
    if not hot:
        return total[loop] >= THRESHOLD
    names = index_names(loop.loop)
    if names and all(indexes_with(child.loop, names) for child in hot):
        return True
    # A small loop inside (a reduction over components) is part of the lines around it that burn.
    return own.get(loop, 0.0) > 0.75 * total[loop]


def _facts(
    where: Span, rows: Sequence[Measurement], stacks: Sequence[_Stack], maps: Mapping[str, SourceMap]
) -> Iterator[Measurement]:
    """The rows inside a place and inside the user's functions that it calls.

    A single line has no look of its own: what its names hold was seen at the loop or function around it.
    """
    called = {key for key in _called(where, rows, stacks, maps) if key is not None}
    spans = [where, *(span for key in sorted(called) if (span := _function_span(key, maps)))]
    around = _around(where, maps[where.file])
    names = maps[where.file].names_on(where) if around else frozenset()

    def named(row: Measurement) -> bool:
        return row.where in around and row.subject != "" and set(row.subject.split("|")) <= names

    yield from (row for row in rows if any(span.contains(row.where) for span in spans) or named(row))


def _around(where: Span, source: SourceMap) -> tuple[Span, ...]:
    """The sites at which the names on a single line were seen."""
    loop = source.loop_at(where.first)
    if loop is not None and loop.span == where:
        return ()
    function = source.function_at(where.first)
    sites = [node.span for node in loop.nest] if loop is not None else []
    return tuple(sites) if function is None else (*sites, source.module.span(function))


def _called(
    where: Span, rows: Sequence[Measurement], stacks: Sequence[_Stack], maps: Mapping[str, SourceMap]
) -> Iterator[_FunctionKey | None]:
    for stack in stacks:
        at = next((place for place, line in enumerate(stack.lines) if where.contains(line)), 0)
        yield from (_function_key(line, maps) for line in stack.lines[:at])
    pending = [where]
    seen: set[_FunctionKey] = set()
    while pending:
        place = pending.pop()
        for row in rows:
            if row.metric != "function" or not place.contains(row.where) or row.where.file not in maps:
                continue
            key = _named_function(str(row.value))
            if key is None or key in seen or not _calls_subject(maps[row.where.file], place, row.subject):
                continue
            seen.add(key)
            yield key
            if span := _function_span(key, maps):
                pending.append(span)


def _named_function(text: str) -> _FunctionKey | None:
    """``file.py:12:name`` as a key; None for a library's function."""
    file, _, rest = text.partition(":")
    line, _, _ = rest.partition(":")
    return (file, int(line)) if line.isdecimal() else None


def _calls_subject(source: SourceMap, place: Span, subject: str) -> bool:
    return any(
        isinstance(node, ast.Call | ast.Name | ast.Attribute)
        and place.first <= node.lineno <= place.last
        and ast.unparse(node.func if isinstance(node, ast.Call) else node) == subject
        for node in ast.walk(source.module.tree)
        if hasattr(node, "lineno")
    )


def _function_span(key: _FunctionKey, maps: Mapping[str, SourceMap]) -> Span | None:
    file, line = key
    function = maps[file].function_at(line) if file in maps else None
    if function is None or function.lineno != line:
        return None
    return Span(file=file, first=line, last=function.end_lineno or line)
