"""Columns of a table one by one: beside the number of a step an energy is no rounding error."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from pdeperf.judge.distance import Distance, distance
from pdeperf.judge.values import Array, Observable

Bounds = tuple[float, float]

MOST_COLUMNS_COUNT = 16
ROUNDED = 1e-13
"""So much of the largest fractions beside it a column may hold that cancels: the sine of pi."""


def column_distances(item: Observable, new: Observable) -> tuple[Distance, ...]:
    """How far apart two tables are, column by column; nothing where these are no tables alike."""
    if not _is_table(item) or item.shape != new.shape or not _is_table(new):
        return ()
    return tuple(_distances(item, [*item.values.T], [*new.values.T]))


def column_apart(
    item: Observable, new: Observable, spreads: Sequence[object], bounds_of: Callable[..., Bounds | None]
) -> tuple[Distance, Bounds] | None:
    """The column of a table that is further from the original's than its own numbers allow; None if none is.

    Parameters
    ----------
    spreads
        How far rounding errors move each column; empty where that is not known.
    bounds_of
        How far, in L2 and in Linf, may a column be off? None where that cannot be said.
    """

    def bounds_of_column(gap: Distance, number: int) -> Bounds | None:
        return bounds_of(gap, spread=spreads[number] if spreads else None, scale=0.0)

    gaps = column_distances(item, new)
    return _worst(gaps, [*item.values.T], bounds_of_column) if gaps else None


def steady_column_apart(
    item: Observable, new: Array, same: Array, bounds_of: Callable[[Distance], Bounds]
) -> tuple[Distance, Bounds] | None:
    """The same among those elements that differ in no run of the original."""
    if not _is_table(item):
        return None
    olds = [column[stays] for column, stays in zip(item.values.T, same.T, strict=True)]
    news = [column[stays] for column, stays in zip(new.T, same.T, strict=True)]
    return _worst(tuple(_distances(item, olds, news)), olds, lambda gap, _: bounds_of(gap))


def _is_table(item: Observable) -> bool:
    """Has it few columns and more rows, of floating-point numbers?"""
    if item.reduced or item.origin == "print" or item.values.ndim != 2 or item.values.dtype.kind != "f":
        return False
    rows_count, columns_count = map(int, item.values.shape)
    return 1 < columns_count <= MOST_COLUMNS_COUNT and columns_count < rows_count


def _distances(item: Observable, olds: Sequence[Array], news: Sequence[Array]) -> Iterator[Distance]:
    for number, (old, new) in enumerate(zip(olds, news, strict=True)):
        column = replace(item, values=old, shape=old.shape, typed=False)
        gap = distance(column, replace(column, values=new))
        yield replace(gap, worst_index=(*gap.worst_index, number))


def _worst(
    gaps: Sequence[Distance],
    columns: Sequence[Array],
    bounds_of: Callable[[Distance, int], Bounds | None],
) -> tuple[Distance, Bounds] | None:
    found: list[tuple[Distance, Bounds]] = []
    floor = ROUNDED * max(_sizes_of_fractions(columns), default=0.0)
    for number, gap in enumerate(gaps):
        if gap.note or (bounds := bounds_of(gap, number)) is None:
            continue
        l2, linf = max(bounds[0], floor * len(columns[number]) ** 0.5), max(bounds[1], floor)
        if gap.l2 > l2 or gap.linf > linf:
            found.append((gap, (l2, linf)))
    return max(found, key=lambda one: one[0].linf / (one[1][1] or 1e-300), default=None)


def _sizes_of_fractions(columns: Sequence[Array]) -> Iterator[float]:
    """The largest number in each column that holds more than whole ones, as steps and cells are counted."""
    for column in columns:
        finite = column[np.isfinite(column)]
        if np.any(finite != np.floor(finite)):
            yield float(np.max(np.abs(finite)))
