"""Are the new results those of the original, up to the noise that rounding makes in it?"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from pdeperf.judge.distance import Distance, distance
from pdeperf.judge.values import Capture, Observable, function_of, plain_name
from pdeperf.model import Difference

EQUAL = 1e-13
"""Relative difference that passes without a look at the noise: a few hundred rounding errors."""
NOISE_FACTOR = 10.0
ASSUMED = 1e-9
"""Bound where no rounding error could be planted."""
LARGEST_BOUND = 1e-6
"""No relative bound is larger: what rounding moves further cannot be judged."""
UNSTABLE_ARRAY = 1e-6
UNSTABLE_SCALAR = 1e-10
NOISE_LEVEL = 1e-10
"""A value this much smaller than the fields, and moved by rounding, is rounding noise itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How far rounding errors moved one observable: the largest norms of the differences."""

    l2: float
    linf: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """How far rounding errors moved each observable of the original.

    Attributes
    ----------
    spreads
        By name; an observable that a perturbed run lacked is absent.
    reached
        Was there an array that could be perturbed at all?
    """

    spreads: Mapping[str, Spread]
    reached: bool


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
    """

    differences: tuple[Difference, ...]
    unstable: tuple[str, ...]
    unjudged: tuple[str, ...] = ()
    tolerance: str = ""

    @property
    def agrees(self) -> bool:
        """Is every difference within its bound?"""
        return all(difference.within for difference in self.differences)


def measure_noise(reference: Capture, perturbed: Sequence[Capture]) -> Noise:
    """How far do planted rounding errors move each result of the original?"""
    spreads = {}
    for name, item in reference.observables.items():
        found = [distance(item, run.observables[name]) for run in perturbed if name in run.observables]
        if len(found) == len(perturbed) and found:
            spreads[name] = Spread(l2=max(one.l2 for one in found), linf=max(one.linf for one in found))
    return Noise(spreads=spreads, reached=any(run.perturbed_count for run in perturbed))


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
) -> Comparison:
    """Compare a run of the new version with runs of the original.

    Parameters
    ----------
    reference
        Runs of the original; what differs among them is left out.
    forgets
        Names that the new version need not have: ``i`` (a global), ``step():i`` (a local).
    noise
        From :func:`measure_noise`. Without it the bound is :data:`EQUAL`: what differs by more is not
        wrong yet, the noise must be measured.
    observe
        If given, only these names (and what they contain) are compared.
    """
    first = reference[0]
    unstable = set(unstable_names(reference))
    scale = first.scale
    differences: list[Difference] = []
    unjudged: list[str] = []
    moved_count = 0
    for item in _asked_for(first.observables.values(), observe):
        if item.name in unstable or not _is_due(item.name, first, other, forgets):
            continue
        new = other.observables.get(item.name)
        if new is None:
            differences.append(_missing(item.name))
            continue
        gap = distance(item, new)
        spread = noise.spreads.get(item.name) if noise is not None else None
        bounds = _bounds(gap, spread, noise, scale)
        if bounds is None:
            unjudged.append(item.name)
            continue
        moved_count += spread is not None and spread.l2 > 0
        differences.append(_difference(item.name, gap, bounds, scale))
    if unjudged and not moved_count:
        differences = []  # what is left, grids and constants, says nothing about the solution
    differences.sort(key=lambda one: (one.within, -_badness(one)))
    return Comparison(
        differences=tuple(differences),
        unstable=tuple(sorted(unstable)),
        unjudged=tuple(unjudged),
        tolerance=_words(noise, differences),
    )


def _asked_for(items: Collection[Observable], observe: Collection[str]) -> Iterator[Observable]:
    for item in items:
        if not observe or any(_contains(name, item.name) for name in observe):
            yield item


def _contains(asked: str, name: str) -> bool:
    if name == asked or plain_name(name) == asked:
        return True
    return name.startswith(asked) and name[len(asked)] in ".[ "


def _is_due(name: str, first: Capture, other: Capture, forgets: Collection[str]) -> bool:
    """Must the new version have this observable?"""
    if any(_contains(forgotten, name) for forgotten in forgets):
        return False
    if not (function := function_of(name)):
        return True
    # A function that was compiled, or is now called from compiled code, has no locals to show.
    return name in other.observables and first.calls.get(function) == other.calls.get(function)


def _missing(name: str) -> Difference:
    return Difference(observable=name, l2=inf, linf=inf, allowed=EQUAL, note="missing")


def _bounds(
    gap: Distance, spread: Spread | None, noise: Noise | None, scale: float
) -> tuple[float, float] | None:
    """Largest differences allowed in L2 and in Linf, absolute; None if there can be no bound."""
    equal = EQUAL * gap.size_l2, EQUAL * gap.size_linf
    if gap.note or (gap.l2 <= equal[0] and gap.linf <= equal[1]) or noise is None:
        return equal
    if not noise.reached or spread is None or spread.linf == 0.0:
        return ASSUMED * gap.size_l2, ASSUMED * gap.size_linf
    measured = NOISE_FACTOR * spread.l2 + equal[0], NOISE_FACTOR * spread.linf + equal[1]
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


def _words(noise: Noise | None, differences: Sequence[Difference]) -> str:
    if all(one.l2 == 0 and one.linf == 0 for one in differences):
        return "equal to the bit"
    if noise is None:
        return f"relative difference up to {EQUAL:g}"
    if not noise.reached:
        return f"assumed: {ASSUMED:g}, because no array could be perturbed"
    return f"{NOISE_FACTOR:g} times the spread of the original under planted rounding errors"
