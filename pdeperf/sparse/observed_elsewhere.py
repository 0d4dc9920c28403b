"""What was observed of a file, for the same file with lines written anew."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from pdeperf.model import Measurement, Span


def moved(rows: Iterable[Measurement], file: str, origins: Sequence[int]) -> Iterator[Measurement]:
    """What was observed, at the lines that come from those where it was."""
    runs: list[tuple[int, int]] = []  # within one the original lines ascend
    for number, origin in enumerate(origins, 1):
        if runs and origin >= origins[number - 2]:
            runs[-1] = runs[-1][0], number
        else:
            runs.append((number, number))
    for row in rows:
        if row.where.file != file:
            yield row
            continue
        spans: list[tuple[int, int]] = []
        for first, last in runs:
            here = [n for n in range(first, last + 1) if row.where.first <= origins[n - 1] <= row.where.last]
            if here and spans and origins[first - 1] > row.where.first:  # it goes around both parts
                spans[-1] = spans[-1][0], here[-1]
            elif here:
                spans.append((here[0], here[-1]))
        for first, last in spans:
            yield replace(row, where=Span(file=file, first=first, last=last))
