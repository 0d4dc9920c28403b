"""How far rounding errors, and the solver's own tolerance, move the results of the original."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from pdeperf.judge.distance import SAMPLES_COUNT, Distance, distance
from pdeperf.judge.tables import column_distances
from pdeperf.judge.values import CONSERVED, TURNS, Array, Capture, Observable, loop_of, plain_name

SATURATED = 1e-7
"""What rounding errors move further than this, relatively, cannot be judged."""
TYPICAL = 1e-4
JUDGED_SPREAD = 1e-8
"""Up to this relative spread a loop's state can be judged sharply."""
SHARP_COUNT = 4
"""So many elements of an array that rounding errors move too far must stay near, to be judged by these."""
SHARP_BOUND = 10 * JUDGED_SPREAD
"""So far, relatively, such elements may differ."""
LEAST_TURNS_COUNT = 4
UNSEEN_TURNS_COUNT = 16
"""Where to cut a loop whose state cannot be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How far one observable was moved: the largest norms of the differences.

    Attributes
    ----------
    relative
        The larger of both over the observable's own norm; inf where that is zero.
    sharp
        Of an array that is moved too far: which of its elements are not, as an angle is where there is a
        gradient; None where these are too few.
    columns
        Of a table: the same of each column.
    """

    l2: float
    linf: float
    relative: float = 0.0
    sharp: Array | None = field(default=None, compare=False, repr=False)
    columns: tuple["Spread", ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """How far each observable of the original moves without being wrong.

    Attributes
    ----------
    spreads
        Under planted rounding errors, by name; an observable that a perturbed run lacked is absent.
    reached
        Was there an array that could be perturbed at all?
    slack
        Between the solver's own tolerance and a tenth of it; empty where it has none.
    scale
        The largest number in what changes in the course of the run: what a rounding error is small against.
    restless
        Marks, as :attr:`Capture.marks` has them, that rounding errors change.
    """

    spreads: Mapping[str, Spread]
    reached: bool
    slack: Mapping[str, Spread] = field(default_factory=lambda: MappingProxyType({}))
    scale: float = math.inf
    restless: frozenset[str] = frozenset()

    @property
    def typical(self) -> float:
        """The largest relative spread of any result that is not rounding noise or chaos itself."""
        found = (spread.relative for spread in self.spreads.values())
        return max((one for one in found if one <= TYPICAL), default=0.0)


def measure_noise(reference: Capture, perturbed: Sequence[Capture]) -> Noise:
    """How far do planted rounding errors move each result of the original?"""
    spreads = _spreads(reference, perturbed)
    return Noise(
        spreads=spreads,
        reached=any(run.perturbed_count for run in perturbed),
        scale=_scale(reference, spreads),
        restless=frozenset(
            name
            for name, mark in reference.marks.items()
            if any(run.marks.get(name) != mark for run in perturbed)
        ),
    )


def _scale(reference: Capture, spreads: Mapping[str, Spread]) -> float:
    """The largest number in the arrays that move and do not stay what they were from turn to turn."""
    moved = {name: item for name, item in reference.observables.items() if _is_moved(spreads.get(name))}
    seen: dict[str, list[Observable]] = {}
    for name, item in moved.items():
        seen.setdefault(plain_name(name), []).append(item)
    constant = {
        name
        for name, items in seen.items()
        if len(items) > 1 and all(_is_same(items[0], item) for item in items[1:])
    }
    changing = {name: item for name, item in moved.items() if item.shape and plain_name(name) not in constant}
    return replace(reference, observables=changing).scale if changing else math.inf


def _is_same(one: Observable, other: Observable) -> bool:
    return one.shape == other.shape and one.reduced == other.reduced and distance(one, other).linf == 0


def _is_moved(spread: Spread | None) -> bool:
    return spread is not None and spread.linf > 0


def where_sharp(
    item: Observable, new: Observable, spread: Spread | None
) -> tuple[Distance, tuple[float, float]] | None:
    """What an array differs by where rounding errors hardly move it, and its bounds.

    None where it cannot be judged there either: a few such elements are beyond the bounds, and most are not.
    """
    if spread is None or spread.sharp is None or item.shape != new.shape:
        return None
    values, others = single(item)[spread.sharp], single(new)[spread.sharp]
    gap = distance(
        replace(item, values=values, shape=values.shape, reduced=False),
        replace(new, values=others, shape=values.shape, reduced=False),
    )
    bounds = SHARP_BOUND * gap.size_l2, SHARP_BOUND * gap.size_linf
    is_near = gap.l2 <= bounds[0] and gap.linf <= bounds[1]
    is_apart = bool(gap.note) or float(np.median(np.abs(others - values))) > bounds[1]
    return (gap, bounds) if is_near or is_apart else None


def is_saturated(noise: Noise) -> bool:
    """Do planted rounding errors move any result further than can be judged?"""
    return any(spread.relative > SATURATED for spread in noise.spreads.values())


def calmed(noise: Noise, carried: Noise) -> Noise:
    """The noise, with what is saturated replaced by what errors in the loops' own results alone make."""
    spreads = {
        name: carried.spreads[name]
        if spread.relative > SATURATED
        and name in carried.spreads
        and carried.spreads[name].relative <= SATURATED
        else spread
        for name, spread in noise.spreads.items()
    }
    return replace(noise, spreads=spreads, scale=carried.scale)


def widened(noise: Noise, other: Noise) -> Noise:
    """The larger spread of both, result by result."""
    spreads = dict(noise.spreads)
    for name, spread in other.spreads.items():
        old = spreads.get(name)
        if old is None and noise.reached:
            continue
        spreads[name] = _wider(spread, old) if old else spread
    return replace(
        noise,
        spreads=spreads,
        reached=noise.reached or other.reached,
        restless=noise.restless | other.restless,
    )


def _wider(one: Spread, other: Spread) -> Spread:
    return Spread(
        l2=max(one.l2, other.l2),
        linf=max(one.linf, other.linf),
        relative=max(one.relative, other.relative),
        sharp=_both(one, other),
        columns=tuple(map(_wider, one.columns, other.columns)),
    )


def measure_slack(reference: Capture, tightened: Capture) -> Mapping[str, Spread]:
    """How far does a tenth of its tolerance move each field of the original? Counters are no fields."""
    if not tightened.tightened_count:
        return {}
    found = _spreads(reference, [tightened])
    return {
        name: spread
        for name, spread in found.items()
        if 0 < spread.linf < math.inf and not is_counter(reference.observables[name])
    }


def is_counter(item: Observable) -> bool:
    """Is this a whole number, which a tolerance says nothing about?"""
    return item.values.dtype.kind not in "fc" or item.name.endswith(TURNS)


def is_conserved(name: str) -> bool:
    """Did the user name this quantity as one that must be kept?"""
    return name.startswith(CONSERVED)


def _spreads(reference: Capture, others: Sequence[Capture]) -> dict[str, Spread]:
    spreads = {}
    for name, item in reference.observables.items():
        found = [distance(item, run.observables[name]) for run in others if name in run.observables]
        if len(found) == len(others) and found:
            runs = [run.observables[name] for run in others]
            spread = _spread(found)
            spreads[name] = replace(
                spread,
                sharp=_sharp(item, runs) if SATURATED < spread.relative < math.inf else None,
                columns=tuple(
                    map(_spread, zip(*(column_distances(item, run) for run in runs), strict=False))
                ),
            )
    return spreads


def _spread(found: Sequence[Distance]) -> Spread:
    return Spread(
        l2=max(one.l2 for one in found),
        linf=max(one.linf for one in found),
        relative=max(max(one.relative()) for one in found),
    )


def _sharp(item: Observable, others: Sequence[Observable]) -> Array | None:
    """Which elements of an array of floating-point numbers can be judged?

    Those that rounding errors move, and only a little: what none of a few draws moved may be moved by the
    next, as the angle of a gradient that is zero.
    """
    values = single(item)
    if values.dtype.kind not in "fc" or values.size < 2 or not np.all(np.isfinite(values)):
        return None
    with np.errstate(all="ignore"):
        gaps = np.maximum.reduce([np.abs(single(one) - values) for one in others])
    return _enough((gaps > 0) & (gaps <= JUDGED_SPREAD * np.max(np.abs(values))))


def single(item: Observable) -> Array:
    """The elements of an array one by one: of a summary the samples."""
    return item.values[:SAMPLES_COUNT] if item.reduced else item.values


def _both(one: Spread, other: Spread) -> Array | None:
    """What is sharp in both; all of an array is that is not saturated."""
    if one.relative <= SATURATED or other.relative <= SATURATED:
        return other.sharp if one.relative <= SATURATED else one.sharp
    return None if one.sharp is None or other.sharp is None else _enough(one.sharp & other.sharp)


def _enough(sharp: Array) -> Array | None:
    return sharp if np.sum(sharp) >= SHARP_COUNT else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """How rounding errors grow in a time loop, and how far along they leave it judgeable.

    Attributes
    ----------
    loop
        The loop's name, as in :attr:`Capture.loops`.
    turns_count
        So many turns can be judged. Arrays that take turns, two or three of them, are then where they are
        after the whole run.
    doubling_turns
        The spread doubles in so many turns; 0 where it does not grow exponentially.
    """

    loop: str
    turns_count: int
    doubling_turns: float = 0.0


def growths(reference: Capture, noise: Noise) -> Iterator[Growth]:
    """Which loops carry the solution along, and how many of their turns does chaos leave to be judged?

    Those come first whose state is seen to grow beyond judging, and what takes longest. Of a loop that is
    entered again and again all entries are cut.
    """
    loops = {
        name: laps
        for name, laps in reference.loops.items()
        if laps.turns_count >= LEAST_TURNS_COUNT * laps.entries_count
    }
    spreads = {loop: _by_turn(loop, noise) for loop in loops}
    calm = {loop for loop, by_turn in spreads.items() if max(by_turn.values(), default=0.0) <= SATURATED}
    for loop in sorted(loops, key=lambda name: (name in calm, -loops[name].span_s)):
        whole = loops[loop].turns_count // loops[loop].entries_count
        by_turn = spreads[loop]
        if not by_turn:
            yield Growth(loop=loop, turns_count=_in_step(min(UNSEEN_TURNS_COUNT, whole // 2), whole))
            continue
        fit = [turn for turn, spread in by_turn.items() if spread <= JUDGED_SPREAD]
        if not fit or max(fit) < 2:
            continue
        turns_count = max(turn for turn in fit if all(other in fit for other in by_turn if other <= turn))
        yield Growth(loop=loop, turns_count=_in_step(turns_count, whole), doubling_turns=_doubling(by_turn))


def _in_step(most: int, whole: int) -> int:
    """The most turns from which whole cycles of 12 lead to the end; of 6, 4 or 2 where there are few."""
    for cycle in (12, 6, 4, 2):
        if (turns_count := most - (most - whole) % cycle) >= max(most // 2, 2):
            return turns_count
    return most


def _by_turn(loop: str, noise: Noise) -> dict[int, float]:
    """The largest relative spread of the fields of one loop, by turn."""
    found: dict[int, float] = {}
    for name, spread in noise.spreads.items():
        of, turn = loop_of(name)
        if of == loop and 0 < spread.relative < math.inf:
            found[turn] = max(found.get(turn, 0.0), spread.relative)
    return dict(sorted(found.items()))


def _doubling(by_turn: Mapping[int, float]) -> float:
    """From the last two marks before saturation; a growth with the turn's power is not exponential."""
    marks = [(turn, spread) for turn, spread in by_turn.items() if 1e-15 < spread < 1e-2]
    if len(marks) < 3:
        return 0.0
    (first, low), (middle, between), (last, high) = marks[-3:]
    if not low < between < high:
        return 0.0
    early = math.log2(between / low) / (middle - first)
    late = math.log2(high / between) / (last - middle)
    powers = math.log2(high / between) / math.log2(last / middle)
    return 1 / late if late > 0.3 * early and powers > 3 else 0.0
