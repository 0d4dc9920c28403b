"""What the trial of one rewrite says of the rewrites that might follow."""

import ast
from collections.abc import Sequence, Set
from statistics import median

from pdeperf.arrays.definitions import HELPERS
from pdeperf.guest.launch import TIME_MARK
from pdeperf.model import Diagnosis, Outcome, Span, Step, Trial, Verdict
from pdeperf.pipeline.settings import Settings
from pdeperf.source import Project
from pdeperf.trial.pairs import RUNS_COUNT

CLEARLY_SLOWER = 0.9
SHORT_RUN_S = 3.0
SERIAL_KERNEL = "serial-kernel"
LONGER = 1.15
"""A first run that takes so many times as long is longer, whatever neighbours do."""


def differs_from_itself(step: Step) -> bool:
    """Is nothing the same in two runs of the original, so that no rewrite can be proved right?"""
    trial, is_unproven = step.trial, step.verdict.outcome is Outcome.UNPROVEN
    return is_unproven and bool(trial.unstable) and not (trial.differences or trial.unjudged or trial.after_s)


def is_lost(step: Step, settings: Settings) -> bool:
    """Did a rewrite lose so clearly that a lesser one of the same place cannot win?

    What a wide kernel gains is not enough for its start (imports, cached code to load); a narrower
    one has the same start and gains less. One that was stopped at the time limit loses most.
    """
    verdict = step.verdict
    is_slower = verdict.outcome is Outcome.SLOWER and 0 < verdict.speedup < CLEARLY_SLOWER
    return settings.min_speedup >= 1 and (is_slower or step.trial.failure.endswith(TIME_MARK))


def is_too_short(trial: Trial, verdict: Verdict) -> bool:
    """Is the run over before threads pay, so that a longer one may say otherwise?"""
    is_close = verdict.outcome is Outcome.SLOWER and verdict.speedup > CLEARLY_SLOWER
    return is_close and trial.threaded and min(trial.before_s, default=SHORT_RUN_S) < SHORT_RUN_S


def unpaid(trial: Trial, before_first_s: float) -> str:
    """Why a version for all cores is not kept that takes longer to compile than its first few runs then gain.

    Parameters
    ----------
    before_first_s
        What the first run of the version before took, itself compiled; 0 where that is the user's.

    Returns
    -------
    str
        Empty where it pays.
    """
    is_longer = trial.first_run_s > LONGER * before_first_s > 0
    if not (trial.threaded and is_longer and trial.before_s and trial.after_s):
        return ""
    more_s = trial.first_run_s - before_first_s
    gained_s = (RUNS_COUNT - 1) * (median(trial.before_s) - median(trial.after_s))
    if more_s <= gained_s:
        return ""
    return f"its first run takes {more_s:.1f} s more, which {RUNS_COUNT} runs do not gain"


def on_one_core(steps: Sequence[Step], best: Step) -> bool:
    """Was a version for one core kept, and one for all cores tried of the same place?"""
    rivals = [
        step for step in steps if step is not best and step.candidate.diagnosis == best.candidate.diagnosis
    ]
    return not best.trial.threaded and any(step.trial.threaded for step in rivals)


def not_shared_out_again(
    found: Sequence[Diagnosis], project: Project, settled: Set[str]
) -> tuple[Diagnosis, ...]:
    """What was found, less the kernels that were tried on all cores when they were made, and our helpers."""
    settled = settled | HELPERS.keys()
    return tuple(
        each
        for each in found
        if each.rule != SERIAL_KERNEL or not settled & _functions_at(each.where, project)
    )


def _functions_at(where: Span, project: Project) -> frozenset[str]:
    """Names of the functions that a place lies in."""
    if where.file not in project:
        return frozenset()
    return frozenset(
        node.name
        for node in project[where.file].all(ast.FunctionDef)
        if node.lineno <= where.first <= (node.end_lineno or 0)
    )
