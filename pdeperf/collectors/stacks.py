"""Rows that say where the time goes: by line, by stack of the user's lines, by library."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TypeVar

from pdeperf.model import Measurement, Span

Stack = tuple[tuple[Span, ...], str, str]
"""The user's lines, innermost first; the library and the compiled library below them, or ``""``."""

_SEPARATOR = " < "
_DEPTH_COUNT = 24  # user frames kept of one stack
_Key = TypeVar("_Key")


def share_rows(stacks: Mapping[Stack, float], total_s: float, collector: str) -> Iterator[Measurement]:
    """Shares of a run's time, the costliest first.

    ``line_share`` counts a line as the innermost of the user's; ``native_share`` is the part of
    that line's time that compiled libraries take; ``stack_share`` names the callers as its subject.
    """
    lines: defaultdict[Span, float] = defaultdict(float)
    native: defaultdict[Span, float] = defaultdict(float)
    chains: defaultdict[tuple[Span, ...], float] = defaultdict(float)
    libraries: defaultdict[tuple[Span, str], float] = defaultdict(float)
    natives: defaultdict[tuple[Span, str], float] = defaultdict(float)
    for (users, library, compiled), time_s in stacks.items():
        lines[users[0]] += time_s
        chains[users[:_DEPTH_COUNT]] += time_s
        if library:
            libraries[users[0], library] += time_s
        if compiled:
            native[users[0]] += time_s
            natives[users[0], compiled] += time_s

    def row(where: Span, metric: str, value: float, subject: str = "") -> Measurement:
        return Measurement(where=where, metric=metric, value=value, collector=collector, subject=subject)

    for where, time_s in _costliest(lines):
        yield row(where, "line_share", time_s / total_s)
        yield row(where, "native_share", native[where] / time_s)
    for users, time_s in _costliest(chains):
        yield row(users[0], "stack_share", time_s / total_s, _SEPARATOR.join(map(str, users[1:])))
    for (where, name), time_s in _costliest(libraries):
        yield row(where, "library_share", time_s / total_s, name)
    for (where, name), time_s in _costliest(natives):
        yield row(where, "native_library_share", time_s / total_s, name)


def _costliest(weights: Mapping[_Key, float]) -> list[tuple[_Key, float]]:
    return sorted(weights.items(), key=lambda item: -item[1])


def callers(row: Measurement) -> tuple[Span, ...]:
    """The lines through which a ``stack_share`` row's line was reached, innermost first."""
    spans = []
    for text in filter(None, row.subject.split(_SEPARATOR)):
        file, _, line = text.rpartition(":")
        spans.append(Span(file=file, first=int(line), last=int(line)))
    return tuple(spans)
