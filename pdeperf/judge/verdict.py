"""What a trial proves."""

from collections.abc import Sequence
from statistics import median

from pdeperf.judge.speed import (
    MIN_SPEEDUP,
    Speed,
    cpu_ratios,
    judge_speed,
    median_interval,
    rank_interval,
    ratios_of,
)
from pdeperf.model import Difference, Outcome, Trial, Verdict

NOTICEABLE = 0.97
"""A loss beyond this is mentioned even where it is allowed."""
NO_RESULTS = "no numeric results to compare: print one, write one to a file, or keep one in a global name"
_ROUNDED = 1e-6
"""So near 2 lies the relative difference of an array and its negative."""
_OUTCOMES = {Speed.FAST: Outcome.ACCEPTED, Speed.SLOW: Outcome.SLOWER, Speed.OPEN: Outcome.UNPROVEN}


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
    ratios = ratios_of(trial.before_s, trial.after_s)
    if not trial.differences and not ratios:
        return Verdict(outcome=Outcome.UNPROVEN, reason=_nothing(trial))
    if not ratios:
        return Verdict(
            outcome=Outcome.UNPROVEN,
            reason="the results agree; nothing was timed",
            warnings=trial.warnings,
        )
    speed, said = judge_speed(trial, min_speedup)
    wall = median_interval(ratios)
    if by_cpu := speed is Speed.FAST and min_speedup > 1 and wall.middle < min_speedup:
        said = f"by CPU time: the wall clock of a busy machine shows {wall.middle:.3g}x"
        wall = rank_interval(cpu_ratios(trial))
    times = f"{wall.middle:.3g}x ({wall.low:.3g} to {wall.high:.3g}, {len(ratios)} pairs)"
    reason = "; ".join(part for part in (times, said) if part)
    outcome = _OUTCOMES[speed]
    if not trial.differences:  # given up before anything was compared
        outcome = Outcome.SLOWER if outcome is Outcome.SLOWER else Outcome.UNPROVEN
        reason += "; its results were not compared"
    if outcome is Outcome.UNPROVEN and "pair" not in said and "close" not in said:
        reason += ": too close to tell on this machine"
    if outcome is Outcome.ACCEPTED:
        reason += ", results equal"
    slower = () if wall.high >= NOTICEABLE else (f"slower, within what is allowed: {times}",)
    return Verdict(
        outcome=outcome,
        reason=reason,
        speedup=wall.middle,
        speedup_low=wall.low,
        speedup_high=wall.high,
        coverage=wall.coverage,
        first_run_speedup=median(trial.before_s) / trial.first_run_s if trial.first_run_s else 0.0,
        warnings=(*trial.warnings, *(slower if outcome is Outcome.ACCEPTED else ())),
        by_cpu=by_cpu,
    )


def _wrong(wrong: Sequence[Difference]) -> str:
    worst = wrong[0]
    more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
    if worst.note:
        return f"{worst.observable}: {worst.note}{more}"
    place = f" at {worst.worst_index}" if worst.worst_index else ""
    size = max(worst.l2, worst.linf)
    said = f"{worst.observable} differs by {size:.2g}{place}, allowed {worst.allowed:.2g}{more}"
    if worst.worst_index and abs(worst.l2 - 2) < _ROUNDED:
        said += (
            ": its sign is the other one. An eigenvector may have either: if it is one, name the results "
            "that do not depend on that with --observe"
        )
    return said


def _nothing(trial: Trial) -> str:
    if trial.unjudged:
        names = ", ".join(trial.unjudged[:3])
        return f"chaotic: rounding errors alone change {names} beyond any bound"
    if trial.unstable:
        names = ", ".join([*dict.fromkeys(name.rpartition("]:")[2] for name in trial.unstable)][:3])
        return (
            f"two runs of the original differ in all that could be compared ({names}): seed its random "
            "numbers, or name what stays the same with --observe"
        )
    return NO_RESULTS
