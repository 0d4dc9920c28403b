"""Are the new results those of the original, up to the noise that rounding makes in it?"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import partial
from math import inf, prod, sqrt
from types import MappingProxyType

import numpy as np

from pdeperf.judge.distance import Distance, distance, narrowing
from pdeperf.judge.due import UNSTABLE_ARRAY, contains, is_due, is_reordered
from pdeperf.judge.noise import SHARP_COUNT, Noise, Spread, is_conserved, is_counter, single, where_sharp
from pdeperf.judge.tables import column_apart, steady_column_apart
from pdeperf.judge.values import Capture, Observable, counterpart, function_of, loop_of, plain_name
from pdeperf.model import Difference, Tolerance

EQUAL = 1e-13
"""Relative difference that passes without a look at the noise: a few hundred rounding errors."""
SOLVED = 1e-11
"""The same where equations are solved in another way: elimination in another order rounds otherwise."""
NOISE_FACTOR = 10.0
WITNESS_FACTOR = 100.0
"""The same for what functions and loops hold on the way: a few values, which three draws measure badly."""
ASSUMED = 1e-9
"""Bound where no rounding error could be planted."""
LARGEST_BOUND = 1e-6
"""No relative bound is larger: what rounding moves further cannot be judged."""
LARGEST_SLACK = 1e-2
"""Nor is the bound that a solver's own tolerance gives."""
UNSTABLE_SCALAR = 1e-10
NOISE_LEVEL = 1e-10
"""A value this much smaller than the fields, and moved by rounding, is rounding noise itself."""
MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a comparison found.

    Attributes
    ----------
    differences
        Every observable judged, the worst first; empty when nothing of substance could be judged.
    unstable
        Left out because two runs of the original differed there.
    unjudged
        Left out because rounding alone moves them too far.
    tolerance
        What the bounds rest on, in words.
    loose
        Further apart than rounding explains, within what the solver's own tolerance leaves open.
    drifting
        Conserved quantities among them.
    absent
        Left out because the new version has no such name.
    shown_early
        What loops held along the way that was compared, of what rounding errors reach.
    """

    differences: tuple[Difference, ...]
    unstable: tuple[str, ...]
    unjudged: tuple[str, ...] = ()
    tolerance: str = ""
    loose: tuple[str, ...] = ()
    drifting: tuple[str, ...] = ()
    shown_early: frozenset[str] = frozenset()
    absent: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Is every difference within its bound?"""
        return all(difference.within for difference in self.differences)


def unstable_names(reference: Sequence[Capture]) -> tuple[str, ...]:
    """Which results differ between runs of the original itself?"""
    first, *others = reference
    return tuple(
        name
        for name, item in first.observables.items()
        if any(name not in run.observables or _unstable(item, run.observables[name]) for run in others)
    )


def _unstable(item: Observable, again: Observable) -> bool:
    bound = UNSTABLE_SCALAR if item.values.size == 1 else UNSTABLE_ARRAY
    return max(distance(item, again).relative()) > bound


def compare(
    reference: Sequence[Capture],
    other: Capture,
    forgets: Collection[str] = (),
    *,
    noise: Noise | None = None,
    observe: Collection[str] = (),
    tolerances: Sequence[Tolerance] = (),
    apart: Collection[str] = (),
    lenient: bool = False,
    inputs: Mapping[str, Collection[str]] = MappingProxyType({}),
    resolved: bool = False,
) -> Comparison:
    """Compare a run of the new version with runs of the original.

    Parameters
    ----------
    reference
        Runs of the original; what differs among them is left out.
    forgets
        Names that the new version need not have: ``i`` (a global), ``step():i`` (a local), ``loop u``
        (what ``u`` holds while a loop is under way).
    noise
        From :func:`measure_noise`. Without it the bound is :data:`EQUAL`: what differs by more is not
        wrong yet, the noise must be measured.
    observe
        If given, only these names (and what they contain) are compared.
    tolerances
        Bounds of the user's own; the last that fits a name wins.
    apart
        Further names to leave out.
    lenient
        Leave out what the new version no longer holds in memory; what is printed and written it must have.
    inputs
        For each function the parameters that it only reads. A function that is called first with other ones
        is called in another order: its calls are no longer the same, and are left out.
    resolved
        Are equations solved in another way?
    """
    first = reference[0]
    unstable = {*unstable_names(reference), *apart}
    reordered = {name for name, given in inputs.items() if is_reordered(name, given, first, other)}
    scale = min(first.scale, noise.scale) if noise is not None and noise.reached else first.scale
    differences: list[Difference] = []
    unjudged: list[str] = []
    loose: list[str] = []
    absent: list[str] = []
    moved: list[str] = []
    for item in _asked_for(first.observables.values(), observe):
        if not is_due(item.name, first, other, forgets):
            continue
        if item.name in unstable:
            if item.name not in apart and (steady := _steady_part(item, reference, other, scale)):
                differences.append(steady)
            continue
        if function_of(item.name) in reordered:
            continue
        new = counterpart(item, other, first.observables)
        if new is None and noise is not None and noise.reached and item.name not in noise.spreads:
            unjudged.append(item.name)  # the perturbed originals lacked it too
            continue
        if new is None and lenient and item.origin == "memory" and not is_conserved(item.name):
            absent.append(item.name)
            continue
        if new is None:
            differences.append(_missing(item.name))
            continue
        gap = distance(item, new)
        spread = noise.spreads.get(item.name) if noise is not None else None
        slack = noise.slack.get(item.name) if noise is not None else None
        chosen = _chosen(item, gap, tolerances)
        if not chosen and (narrowed := narrowing(item, new)) and gap.linf > 0:
            gap = replace(gap, note=narrowed)
        bounds_of = partial(
            _bounds,
            spread=spread,
            noise=noise,
            scale=scale,
            factor=WITNESS_FACTOR if is_on_the_way(item.name, first) else NOISE_FACTOR,
            equal_part=SOLVED if resolved and noise is not None else EQUAL,
        )
        bounds = chosen or bounds_of(gap)
        if noise is not None and bounds is not None and _may_flip(item, new, spread, noise):
            bounds = _as_printed(bounds, item, new)
        if not chosen and bounds is not None and is_whole(item) and is_whole(new) and not _is_moved(spread):
            bounds = 0.0, 0.0
        if not chosen and slack and not gap.note and not is_counter(item) and not _fits(gap, bounds):
            eased = _eased(gap, spread, slack)
            if _fits(gap, eased):
                loose.append(item.name)
                bounds = eased
        if not chosen and not slack and not gap.note and bounds is not None and _fits(gap, bounds):
            columns = spread.columns if spread else ()
            gap, bounds = column_apart(item, new, columns, bounds_of) or (gap, bounds)
        if bounds is None and not slack and (partly := where_sharp(item, new, spread)) is not None:
            gap, bounds = partly
        if bounds is None:
            unjudged.append(item.name)
            continue
        if spread is not None and spread.l2 > 0:
            moved.append(item.name)
        differences.append(_difference(item.name, gap, bounds, scale))
    if unjudged and not moved and not all(is_whole(first.observables[name]) for name in unjudged):
        differences = []  # what is left, grids and constants, says nothing about the solution
    if not lenient and not observe:
        differences += _marked_otherwise(reference, other, noise)
    differences.sort(key=lambda one: (one.within, -_badness(one)))
    return Comparison(
        differences=tuple(differences),
        unstable=tuple(sorted(unstable & set(first.observables))),
        unjudged=tuple(unjudged),
        tolerance=_words(noise, differences, loose),
        loose=tuple(loose),
        absent=tuple(absent),
        drifting=tuple(name for name in loose if is_conserved(name)),
        shown_early=frozenset(name for name in moved if loop_of(name)[0]),
    )


def _steady_part(
    item: Observable, reference: Sequence[Capture], other: Capture, scale: float
) -> Difference | None:
    """What differs in those elements of an array that are the same in all runs of the original.

    Nothing where they are fewer than half: then it is another array each time.
    """
    runs = [run.observables.get(item.name) for run in (*reference, other)]
    arrays = [single(one) for one in runs if one is not None and one.shape == item.shape]
    if len(arrays) < len(runs) or item.values.dtype.kind not in "fc" or arrays[-1].dtype.kind not in "fc":
        return None
    first, *again, new = arrays
    if any(each.shape != first.shape for each in (*again, new)):
        return None
    same = np.logical_and.reduce([np.isfinite(first), *(each == first for each in again)])
    if np.sum(same) < max(SHARP_COUNT, first.size / 2):
        return None
    old = replace(item, values=first[same], shape=first[same].shape, reduced=False, typed=False)
    gap = distance(old, replace(old, values=new[same]))
    gap, bounds = steady_column_apart(item, new, same, _assumed) or (gap, _assumed(gap))
    return _difference(item.name, gap, bounds, scale)


def _assumed(gap: Distance) -> tuple[float, float]:
    return ASSUMED * gap.size_l2, ASSUMED * gap.size_linf


def unknown_names(asked: Collection[str], found: Capture) -> tuple[str, ...]:
    """Which of the names that the user wants compared has the script no result for?"""
    return tuple(one for one in asked if not any(contains(one, name) for name in found.observables))


def is_whole(item: Observable) -> bool:
    """Are these whole numbers?"""
    return item.values.dtype.kind in "biu"


def _is_moved(spread: Spread | None) -> bool:
    return spread is not None and spread.linf > 0


def _marked_otherwise(
    reference: Sequence[Capture], other: Capture, noise: Noise | None
) -> Iterator[Difference]:
    """Which words are printed otherwise, and which files that cannot be read are not there any more?"""
    first, *again = reference
    for name, mark in first.marks.items():
        new = other.marks.get(name)
        restless = noise is not None and name in noise.restless
        olds = [run.marks.get(name, ()) for run in again]
        if restless or any(len(old) != len(mark) for old in olds):
            continue
        if new is None:
            yield _missing(name)
            continue
        steady = [all(old[at] == word for old in olds) for at, word in enumerate(mark)]
        rows = enumerate(zip(mark, new, steady, strict=False), 1)
        line = next((at for at, (old, now, stays) in rows if stays and old != now), 0)
        if line or len(mark) != len(new):
            note = f"line {line} reads otherwise" if line else f"{len(mark)} lines became {len(new)}"
            yield Difference(observable=name, l2=inf, linf=inf, allowed=0.0, note=note)


def _fits(gap: Distance, bounds: tuple[float, float] | None) -> bool:
    return bounds is None or (gap.l2 <= bounds[0] and gap.linf <= bounds[1])


def _eased(gap: Distance, spread: Spread | None, slack: Spread) -> tuple[float, float]:
    """The bound where the solver's own tolerance leaves more open than rounding does."""
    l2, linf = max(slack.l2, spread.l2 if spread else 0.0), max(slack.linf, spread.linf if spread else 0.0)
    return (
        min(NOISE_FACTOR * l2, LARGEST_SLACK * gap.size_l2) + EQUAL * gap.size_l2,
        min(NOISE_FACTOR * linf, LARGEST_SLACK * gap.size_linf) + EQUAL * gap.size_linf,
    )


def _may_flip(item: Observable, new: Observable, spread: Spread | None, noise: Noise) -> bool:
    """May rounding errors have turned last digits of these printed numbers into the next?

    They do where they did in the original, or where they are not much smaller than the digits; else only a
    number in fifty, which stood between two.
    """
    if not (item.quantum and new.quantum) or item.shape != new.shape:
        return False
    if _is_moved(spread):
        return True
    share = NOISE_FACTOR * noise.typical * float(np.max(np.abs(item.values))) / min(item.quantum, new.quantum)
    turned = int(np.sum(np.abs(item.values - new.values) > 0.5 * min(item.quantum, new.quantum)))
    return turned <= int(item.values.size * (share * NOISE_FACTOR + 0.02))


def _as_printed(bounds: tuple[float, float], item: Observable, new: Observable) -> tuple[float, float]:
    """A number that was rounded to be printed may end on either side.

    Where one side shows more digits, these were the digits of both.
    """
    step = 1.01 * min(item.quantum, new.quantum)
    return max(bounds[0], step * sqrt(item.values.size)), max(bounds[1], step)


def _chosen(item: Observable, gap: Distance, tolerances: Sequence[Tolerance]) -> tuple[float, float] | None:
    """The bounds that the user gave for this result."""
    for one in reversed(tolerances):
        names = (item.name, plain_name(item.name))
        if not one.observable or any(
            contains(one.observable, name) or fnmatchcase(name, one.observable) for name in names
        ):
            count = max(prod(item.shape), 1)
            return one.atol * sqrt(count) + one.rtol * gap.size_l2, one.atol + one.rtol * gap.size_linf
    return None


def _asked_for(items: Collection[Observable], observe: Collection[str]) -> Iterator[Observable]:
    for item in items:
        if not observe or any(contains(name, item.name) for name in observe):
            yield item


def _missing(name: str) -> Difference:
    return Difference(observable=name, l2=inf, linf=inf, allowed=EQUAL, note=MISSING)


def is_on_the_way(name: str, first: Capture) -> bool:
    """Is this held by a loop or a function meanwhile? What a function holds that runs once is a result."""
    function = function_of(name)
    return bool(loop_of(name)[0]) or (bool(function) and first.calls.get(function, 0) > 1)


def _bounds(
    gap: Distance,
    *,
    spread: Spread | None,
    noise: Noise | None,
    scale: float,
    factor: float,
    equal_part: float,
) -> tuple[float, float] | None:
    """Largest differences allowed in L2 and in Linf, absolute; None if there can be no bound."""
    equal = equal_part * gap.size_l2, equal_part * gap.size_linf
    if gap.note or (gap.l2 <= equal[0] and gap.linf <= equal[1]) or noise is None:
        return equal
    if noise.reached and spread is None:
        return None  # the perturbed originals lacked it
    if not noise.reached or spread is None or spread.linf == 0.0:
        return _assumed(gap)
    measured = factor * spread.l2 + equal[0], factor * spread.linf + equal[1]
    largest = LARGEST_BOUND * gap.size_l2, LARGEST_BOUND * gap.size_linf
    if measured[0] <= largest[0] and measured[1] <= largest[1]:
        return measured
    if max(spread.linf, gap.size_linf) <= NOISE_LEVEL * scale:
        floor = EQUAL * scale
        return max(measured[0], floor), max(measured[1], floor)
    if gap.l2 <= largest[0] and gap.linf <= largest[1]:
        return largest
    return None if gap.l2 <= measured[0] and gap.linf <= measured[1] else largest


def _difference(name: str, gap: Distance, bounds: tuple[float, float], scale: float) -> Difference:
    """Express a difference and its bound relative to the reference (a zero one: to the fields)."""
    size_l2, size_linf = gap.size_l2 or scale or 1.0, gap.size_linf or scale or 1.0
    l2, linf = gap.l2 / size_l2, gap.linf / size_linf
    allowed = max(bounds[0] / size_l2, bounds[1] / size_linf)
    if not (gap.l2 <= bounds[0] and gap.linf <= bounds[1]):
        allowed = min(bounds[0] / size_l2, bounds[1] / size_linf)
    return Difference(
        observable=name, l2=l2, linf=linf, allowed=allowed, worst_index=gap.worst_index, note=gap.note
    )


def _badness(one: Difference) -> float:
    worst = max(one.l2, one.linf)
    return worst / one.allowed if one.allowed else worst


def _words(noise: Noise | None, differences: Sequence[Difference], loose: Sequence[str]) -> str:
    if all(one.l2 == 0 and one.linf == 0 for one in differences):
        return "equal to the bit"
    if noise is None:
        return f"relative difference up to {EQUAL:g}"
    if loose:
        return f"{NOISE_FACTOR:g} times what a tenth of the solver's own tolerance changes"
    if not noise.reached:
        return f"assumed: {ASSUMED:g}, because no array could be perturbed"
    return f"{NOISE_FACTOR:g} times the spread of the original under planted rounding errors"
