"""Is the new version faster or slower, by pairs of runs? CPU time decides where it tells all, wall time else.

Stored times are worthless, so old and new run in turns. CPU time is the sharp witness; it tells nothing
of waiting and of threads, which only the wall clock sees, with more pairs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from math import comb, exp, log
from statistics import median

from pdeperf.model import Trial

MIN_SPEEDUP = 1.05
COVERAGE = 0.9
"""Asked of an interval; with fewer than 5 pairs the extremes cover less."""
PLAIN_MARGIN = 1.1
"""With 3 pairs the limit must be cleared by this factor, with 2 by :data:`PLAIN_RATIO`."""
PLAIN_RATIO = 2.0
CLEAR_RATIO = 1.5
"""Above it the wall clock is believed alone; below, the CPU time must say the same where it can."""
WAITING_SHARE = 0.1
WAITING_S = 0.02
ENOUGH_PAIRS_COUNT = 5


class Speed(StrEnum):
    """What pairs of runs show."""

    FAST = "fast"
    SLOW = "slow"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Where the median of the ratios lies.

    Attributes
    ----------
    coverage
        How likely the true median lies within, 0-1, whatever the times' distribution.
    """

    low: float
    middle: float
    high: float
    coverage: float


def coverage_of(count: int, cut: int) -> float:
    """How likely does the interval hold the median, with ``cut`` ratios left out at either end?"""
    return 1.0 - 2.0 * sum(comb(count, below) for below in range(cut + 1)) / 2.0**count


def median_interval(ratios: Sequence[float]) -> Interval:
    """The narrowest interval between order statistics with :data:`COVERAGE`; the extremes if none has it.

    Up to 4 pairs cover 50%, 75%, 87.5%; 5 cover 94%; 8, with the extremes left out, 93%.
    """
    ordered = sorted(ratios)
    count = len(ordered)
    cut = 0
    while 2 * (cut + 1) < count and coverage_of(count, cut + 1) >= COVERAGE:
        cut += 1
    return Interval(
        low=ordered[cut],
        middle=median(ordered),
        high=ordered[-1 - cut],
        coverage=max(coverage_of(count, cut), 0.0),
    )


def rank_interval(ratios: Sequence[float]) -> Interval:
    """The same by signed ranks, which need half as many pairs as order statistics.

    Between the averages of any two logarithms (Walsh, Hodges and Lehmann). It asks that these lie alike on
    both sides of their middle, as ratios of times do that were taken in turns.
    """
    logs = [log(ratio) for ratio in ratios]
    count = len(logs)
    averages = sorted((one + other) / 2 for at, one in enumerate(logs) for other in logs[at:])
    ways = _rank_sums(count)
    cut, below = 0, ways[0]
    while cut + 1 < len(averages) / 2 and 1.0 - 2.0 * (below + ways[cut + 1]) / 2**count >= COVERAGE:
        cut += 1
        below += ways[cut]
    return Interval(
        low=exp(averages[cut]),
        middle=exp(median(averages)),
        high=exp(averages[-1 - cut]),
        coverage=max(1.0 - 2.0 * below / 2**count, 0.0),
    )


@cache
def _rank_sums(count: int) -> tuple[int, ...]:
    """In how many ways do some of the numbers up to ``count`` add up to 0, 1, 2, ...?"""
    ways = [1]
    for number in range(1, count + 1):
        grown = [*ways, *[0] * number]
        for total, found in enumerate(ways):
            grown[total + number] += found
        ways = grown
    return tuple(ways)


def ratios_of(before_s: Sequence[float], after_s: Sequence[float]) -> list[float]:
    """Old over new, pair by pair."""
    return [old / new for old, new in zip(before_s, after_s, strict=False) if new > 0]


def cpu_ratios(trial: Trial) -> list[float]:
    """The ratios of CPU times; none where CPU time does not tell all: in threads, or where one side waits."""
    if trial.threaded or not trial.before_cpu_s:
        return []
    waits = _waiting_s(trial.before_s, trial.before_cpu_s), _waiting_s(trial.after_s, trial.after_cpu_s)
    allowed_s = WAITING_SHARE * min(*trial.before_s, *trial.after_s) + WAITING_S
    if abs(waits[1] - waits[0]) > allowed_s and max(waits) > allowed_s:
        return []
    return ratios_of(trial.before_cpu_s, trial.after_cpu_s)


def _waiting_s(walls_s: Sequence[float], cpus_s: Sequence[float]) -> float:
    """The least time that a run spent off the processor: neighbours only add to it."""
    return min((max(wall - cpu, 0.0) for wall, cpu in zip(walls_s, cpus_s, strict=False)), default=0.0)


def judge_speed(trial: Trial, min_speedup: float = MIN_SPEEDUP) -> tuple[Speed, str]:
    """Is the gain that was asked for there? Below 1, ``min_speedup`` is the loss still accepted.

    A gain is there if the median has it and the interval's lower end has half of it.
    """
    ratios = ratios_of(trial.before_s, trial.after_s)
    if len(ratios) < 2:
        return Speed.OPEN, "one pair of runs is not enough"
    wall = median_interval(ratios)
    least = 1.0 + (min_speedup - 1.0) / 2 if min_speedup > 1 else min_speedup
    faster = wall.middle >= min_speedup and wall.low > least
    if faster and wall.low > CLEAR_RATIO * least:
        return Speed.FAST, ""
    witness = cpu_ratios(trial)
    if not witness:
        return _by_wall(wall, ratios, min_speedup, least, faster=faster)
    cpu = rank_interval(witness)
    said = f"by CPU time {cpu.middle:.3g}x ({cpu.low:.3g} to {cpu.high:.3g})"
    if cpu.middle >= min_speedup and cpu.low > least and (wall.middle >= least or wall.high > 1):
        return Speed.FAST, said
    if cpu.high < min_speedup:
        return Speed.SLOW, f"{said}, too little"
    return Speed.OPEN, said


def _by_wall(
    wall: Interval, ratios: Sequence[float], min_speedup: float, least: float, *, faster: bool
) -> tuple[Speed, str]:
    """Only the wall clock is left: every single pair must say so, or many must."""
    enough = len(ratios) >= ENOUGH_PAIRS_COUNT
    if faster and (enough or min(ratios) > least):
        return Speed.FAST, ""
    if wall.high < min_speedup and (enough or min_speedup > 1 or wall.high < min_speedup / PLAIN_MARGIN):
        return Speed.SLOW, f"at least {min_speedup:.3g}x was asked for"
    return Speed.OPEN, "too close to tell on this machine"


def is_decided(trial: Trial, min_speedup: float = MIN_SPEEDUP) -> bool:
    """Do these pairs decide, so that no more are needed?

    Few pairs must clear the limit by a margin; from :data:`ENOUGH_PAIRS_COUNT` on the interval's word holds.
    """
    ratios = ratios_of(trial.before_s, trial.after_s)
    if len(ratios) < 2:
        return False
    wall = median_interval(ratios)
    if wall.low > PLAIN_RATIO * max(min_speedup, 1.0) or wall.high < min(min_speedup, 1.0) / PLAIN_RATIO:
        return True
    if len(ratios) < 3:
        return False
    if len(ratios) >= ENOUGH_PAIRS_COUNT:
        return judge_speed(trial, min_speedup)[0] is not Speed.OPEN
    clear = median_interval(cpu_ratios(trial) or ratios)
    if min_speedup > 1:
        return clear.low > PLAIN_MARGIN * min_speedup or clear.high < 1.0 / PLAIN_MARGIN
    return clear.low > PLAIN_MARGIN * min_speedup or clear.high < min_speedup / PLAIN_MARGIN


def is_hopeless(trial: Trial, min_speedup: float = MIN_SPEEDUP) -> bool:
    """Does the gain that is asked for not show, so that further pairs would hardly bring it to light?

    Two pairs tell by CPU time if neither has half of it, three and more by their median. To miss a gain
    costs little; only :func:`judge_speed` says that one is there.
    """
    witness = cpu_ratios(trial)
    ratios = witness or ratios_of(trial.before_s, trial.after_s)
    if len(ratios) < 2:
        return False
    if len(ratios) == 2:
        return bool(witness) and max(witness) < 1.0 + (min_speedup - 1.0) / 2
    return median(ratios) < min_speedup
