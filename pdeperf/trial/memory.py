"""What results hold of what memory held before, as an array of ``np.empty`` that is filled bit by bit."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from pdeperf.judge import Capture
from pdeperf.judge.compare import EQUAL, is_on_the_way
from pdeperf.judge.distance import distance
from pdeperf.judge.values import Array, Observable

Elements = Mapping[str, Array | None]
"""Which elements of a result are such, by its name; None for a summary of a large array, which has none."""


def of_memory(plain: Capture, filled: Capture) -> Elements:
    """Where do two runs of the original differ, one of them with numbers in new memory?"""
    found: dict[str, Array | None] = {}
    for name, item in plain.observables.items():
        other = filled.observables.get(name)
        if other is None or other.shape != item.shape or other.values.shape != item.values.shape:
            continue
        unlike = item.values != other.values
        if item.values.dtype.kind in "fc" and other.values.dtype.kind in "fc":
            unlike &= ~(np.isnan(item.values) & np.isnan(other.values))
        if np.any(unlike):
            found[name] = None if item.reduced else unlike
    return found


def without_memory(new: Capture, plain: Capture, elements: Elements) -> tuple[Capture, frozenset[str]]:
    """A run with the original's values where these are of memory, if all other elements are the original's.

    Returns
    -------
    tuple
        The run, and the summaries of what loops hold meanwhile, which cannot be told apart.
    """
    settled: dict[str, Observable] = {}
    left_out: set[str] = set()
    for name, mask in elements.items():
        old, item = plain.observables[name], new.observables.get(name)
        if item is None or item.values.shape != old.values.shape:
            continue
        if mask is None:
            left_out |= {name} if is_on_the_way(name, plain) else set()
            continue
        same = replace(item, values=np.where(mask, old.values, item.values).astype(item.values.dtype))
        gap = distance(old, same)
        if not gap.note and max(gap.relative()) <= EQUAL:
            settled[name] = same
    return replace(new, observables={**new.observables, **settled}), frozenset(left_out)
