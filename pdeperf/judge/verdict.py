"""What a trial proves."""

from collections.abc import Sequence
from statistics import median

from pdeperf.model import Difference, Outcome, Trial, Verdict

MIN_SPEEDUP = 1.05
CLEAR_RATIO = 1.5
"""Above it the wall clock is believed alone; below, the CPU time must say the same where it can."""


def interval(ratios: Sequence[float]) -> tuple[float, float]:
    """Between which values does the median of the ratios lie?

    Order statistics: the extremes for up to 5 ratios (94% for 5, 75% for 3), the second lowest and the
    second highest from 6 on (78% for 6, 87% for 7, 98% for 10).
    """
    ordered = sorted(ratios)
    cut = 1 if len(ordered) >= 6 else 0
    return ordered[cut], ordered[-1 - cut]


def speed_is_clear(
    before_s: Sequence[float], after_s: Sequence[float], *, min_speedup: float = MIN_SPEEDUP
) -> bool:
    """Do these pairs decide, so that no more are needed?"""
    ratios = _ratios(before_s, after_s)
    if len(ratios) < 2:
        return False
    low, high = interval(ratios)
    if low > 2 * max(min_speedup, 1.0) or high < 0.5:
        return True
    return len(ratios) >= 3 and (low > 1.1 * max(min_speedup, 1.0) or high < 0.9 * min(min_speedup, 1.0))


def verdict(trial: Trial, *, min_speedup: float = MIN_SPEEDUP) -> Verdict:
    """Judge a trial: right before fast, and unproven is not accepted.

    Parameters
    ----------
    min_speedup
        The gain that is asked for; below 1 it is the loss that is still accepted.
    """
    if trial.failure:
        return Verdict(outcome=Outcome.FAILED, reason=trial.failure)
    if wrong := [difference for difference in trial.differences if not difference.within]:
        return Verdict(outcome=Outcome.WRONG, reason=_wrong(wrong))
    if not trial.differences:
        return Verdict(outcome=Outcome.UNPROVEN, reason=_nothing(trial))
    ratios = _ratios(trial.before_s, trial.after_s)
    if not ratios:
        return Verdict(outcome=Outcome.UNPROVEN, reason="the results agree; nothing was timed")
    outcome, reason = _speed(trial, ratios, min_speedup)
    low, high = interval(ratios)
    return Verdict(
        outcome=outcome,
        reason=reason,
        speedup=median(ratios),
        speedup_low=low,
        speedup_high=high,
        first_run_speedup=median(trial.before_s) / trial.first_run_s if trial.first_run_s else 0.0,
    )


def _ratios(before_s: Sequence[float], after_s: Sequence[float]) -> list[float]:
    return [old / new for old, new in zip(before_s, after_s, strict=False) if new > 0]


def _speed(trial: Trial, ratios: Sequence[float], min_speedup: float) -> tuple[Outcome, str]:
    middle = median(ratios)
    low, high = interval(ratios)
    least = 1.0 if min_speedup > 1 else min_speedup
    times = f"{middle:.3g}x ({low:.3g} to {high:.3g}, {len(ratios)} pairs)"
    if len(ratios) < 2:
        return Outcome.UNPROVEN, f"one pair of runs is not enough: {times}"
    faster = middle >= min_speedup and low > least
    if faster and low > CLEAR_RATIO * least:
        return Outcome.ACCEPTED, f"{times}, results equal"
    if high < min_speedup:
        return Outcome.SLOWER, f"{times}; at least {min_speedup:.3g}x was asked for"
    witness = [] if trial.threaded else _ratios(trial.before_cpu_s, trial.after_cpu_s)
    if not witness:
        # Only the wall clock is left: every single pair must say so.
        if faster and min(ratios) > least:
            return Outcome.ACCEPTED, f"{times}, results equal"
        return Outcome.UNPROVEN, f"{times}: too close to tell on this machine"
    cpu = median(witness)
    cpu_low, cpu_high = interval(witness)
    if middle >= least and cpu >= min_speedup and cpu_low > least:
        return Outcome.ACCEPTED, f"{times}; by CPU time {cpu:.3g}x, results equal"
    if cpu_high < min_speedup:
        return Outcome.SLOWER, f"{times}; by CPU time {cpu:.3g}x, too little"
    return Outcome.UNPROVEN, f"{times}: too close to tell on this machine"


def _wrong(wrong: Sequence[Difference]) -> str:
    worst = wrong[0]
    more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
    if worst.note:
        return f"{worst.observable}: {worst.note}{more}"
    place = f" at {worst.worst_index}" if worst.worst_index else ""
    size = max(worst.l2, worst.linf)
    return f"{worst.observable} differs by {size:.2g}{place}, allowed {worst.allowed:.2g}{more}"


def _nothing(trial: Trial) -> str:
    if trial.unjudged:
        names = ", ".join(trial.unjudged[:3])
        return f"chaotic: rounding errors alone change {names} beyond any bound"
    if trial.unstable:
        names = ", ".join(trial.unstable[:3])
        return f"two runs of the original differ in all that could be compared ({names})"
    return "no numeric results to compare"
