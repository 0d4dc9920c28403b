"""What the trial of one rewrite says of the rewrites that might follow."""

import ast
from collections.abc import Sequence, Set
from statistics import median

from pdeperf.arrays.definitions import HELPERS
from pdeperf.guest.launch import TIME_MARK
from pdeperf.kernel.array_stores import STORES
from pdeperf.kernel.extremes import TEXTS as EXTREMES
from pdeperf.model import Diagnosis, Evidence, Outcome, Span, Step, Trial, Verdict
from pdeperf.pipeline.settings import Settings
from pdeperf.source import Project
from pdeperf.trial.pairs import RUNS_COUNT

CLEARLY_SLOWER = 0.9
SHORT_RUN_S = 3.0
SERIAL_KERNEL = "serial-kernel"
FUSED = "fuse-arrays"
AROUND_KERNELS = frozenset(("array-temporaries", "scalar-loop"))
"""Rules whose rewrites of a loop compile what it does beside calling kernels."""
A_CALL_S = 1e-5
"""What a call of a kernel from Python takes at most, its arguments taken apart."""
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
    """Was a version for one core kept where all cores were tried, or promised less than what was?

    Where several ways of fusing arrays were tried, those on all cores were among the ways to choose from.
    """
    rivals = [
        step for step in steps if step is not best and step.candidate.diagnosis == best.candidate.diagnosis
    ]
    return not best.trial.threaded and any(
        step.trial.threaded or step.candidate.backend == best.candidate.backend == FUSED for step in rivals
    )


def not_shared_out_again(
    found: Sequence[Diagnosis], project: Project, settled: Set[str]
) -> tuple[Diagnosis, ...]:
    """What was found, less the kernels that were tried on all cores when they were made, and our helpers."""
    settled = settled | HELPERS.keys() | STORES.keys() | EXTREMES.keys()
    return tuple(
        each
        for each in found
        if each.rule != SERIAL_KERNEL or not settled & functions_at(each.where, project)
    )


def not_of_kernels_alone(
    found: Sequence[Diagnosis],
    evidence: Evidence,
    project: Project,
    made: Set[str],
    min_speedup: float,
) -> tuple[Diagnosis, ...]:
    """What was found, less the loops that hardly do more than call kernels that rewrites have made.

    What they do besides must be worth a gain by itself, the calls counted.
    """
    most = 1 - 1 / min_speedup if min_speedup > 1 else 0.0
    return tuple(
        each
        for each in found
        if each.rule not in AROUND_KERNELS or not _is_of_kernels(each.where, evidence, project, made, most)
    )


def _is_of_kernels(where: Span, evidence: Evidence, project: Project, made: Set[str], most: float) -> bool:
    """Takes what lines do beside calling kernels less than this part of their and of the script's time?"""
    if where.file not in project:
        return False
    module = project[where.file]
    kernels = {
        node.name
        for node in module.all(ast.FunctionDef)
        if node.name in made and any("njit" in ast.unparse(each) for each in node.decorator_list)
    }
    calls = {
        line
        for node in module.nodes
        if isinstance(node, ast.Assign | ast.Expr) and _calls_only(node, kernels)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    whole_s = kernels_s = calls_count = 0.0
    for row in evidence.rows:
        if row.where.file != where.file or not where.first <= row.where.first <= where.last:
            continue
        if row.metric == "line_time_s":
            whole_s += float(row.value)
            kernels_s += float(row.value) if row.where.first in calls else 0.0
        elif row.metric == "hits_count" and row.where.first in calls:
            calls_count += float(row.value)
    rest_s = whole_s - kernels_s + calls_count * A_CALL_S
    return kernels_s > 0 and rest_s < most * min(whole_s, evidence.elapsed_s)


def _calls_only(statement: ast.stmt, names: Set[str]) -> bool:
    """Does a statement call functions of these names, and no others?"""
    called = {ast.unparse(node.func) for node in ast.walk(statement) if isinstance(node, ast.Call)}
    return bool(called) and called <= names


def functions_at(where: Span, project: Project) -> frozenset[str]:
    """Names of the functions that a place lies in."""
    if where.file not in project:
        return frozenset()
    return frozenset(
        node.name
        for node in project[where.file].all(ast.FunctionDef)
        if node.lineno <= where.first <= (node.end_lineno or 0)
    )
