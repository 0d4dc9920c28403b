"""Holds a script to the baseline that was kept of it."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pdeperf.guest.scratch import Place, locate
from pdeperf.judge import verdict as judge
from pdeperf.judge.verdict import NO_RESULTS
from pdeperf.model import Comparison, InputResult, Outcome, Trial, Validation, Verdict, Workload
from pdeperf.pipeline.history import of_validation
from pdeperf.pipeline.profiling import workplace
from pdeperf.pipeline.refinement import Refinement, refined
from pdeperf.pipeline.settings import PipelineError, Progress, Settings
from pdeperf.source.imports import local_sources
from pdeperf.store import Store, StoreError
from pdeperf.trial import Original, Setting, drift, machine_changes, measure_original, rerun, setting
from pdeperf.trial import validate as hold_to
from pdeperf.trial.keeping import (
    MANIFEST,
    Baseline,
    BaselineError,
    IncompatibleError,
    save_baseline,
)
from pdeperf.trial.pairs import Effort
from pdeperf.trial.reading import load_baseline

PAIRS_COUNT = 31
BUDGET_S = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """What a validation asks for.

    Attributes
    ----------
    max_slowdown
        Largest ratio of new time to old.
    min_speedup
        If given, the least ratio of old time to new.
    also
        Further argument lists that the results must agree with.
    refine
        A parameter and its values, over which the order of convergence must be kept.
    allow_inconclusive
        Is an inconclusive outcome no error?
    timed
        Is the speed judged at all?
    """

    max_slowdown: float = 1.2
    min_speedup: float | None = None
    also: tuple[tuple[str, ...], ...] = ()
    refine: Refinement | None = None
    allow_inconclusive: bool = False
    timed: bool = True

    @property
    def least(self) -> float:
        """The least ratio of old time to new."""
        return self.min_speedup if self.min_speedup is not None else 1 / self.max_slowdown


def baseline_at(store: Store, cwd: Path, name: str) -> Path:
    """The folder of a baseline: a name in the store, or a path with a slash."""
    return cwd / name if "/" in name else store.baseline_folder(name)


def baseline(
    workload: Workload,
    cwd: Path,
    *,
    store: Store,
    settings: Settings,
    progress: Progress,
    name: str,
    update: bool = False,
    also: Sequence[tuple[str, ...]] = (),
) -> Path:
    """Keep the script's source and its results, for later versions to be held to."""
    folder = baseline_at(store, cwd, name)
    if folder.exists() and not update:
        kept = (folder / MANIFEST).is_file()
        raise PipelineError(
            f"{folder}: there is a baseline; --update renews it"
            if kept
            else f"{folder}: is there and is no baseline; give another --name",
            exit_code=2,
        )
    if folder.exists() and any(folder.iterdir()) and not (folder / MANIFEST).is_file():
        raise PipelineError(f"{folder}: is there and is no baseline; give another --name", exit_code=2)
    at = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not at.is_dir() or not os.access(at, os.W_OK):
        raise PipelineError(f"{folder}: no folder can be made there; give another --name", exit_code=2)
    with workplace(workload, cwd) as place, setting(settings.interpreter) as runs:
        _, script = locate(workload.script, place.cwd)
        files = local_sources(place.root, script)
        progress("original", "running it twice: what differs is no result")
        original = measure_original(workload, place, files, runs)
        if original.failure:
            raise PipelineError(original.failure)
        if original.unanswered:
            raise PipelineError(original.unanswered, exit_code=2)
        if not original.captures[0].observables:
            raise PipelineError(f"{workload.script}: {NO_RESULTS}; no baseline was made", exit_code=5)
        progress("noise", "how far rounding errors move the results")
        noise = original.eased
        try:
            save_baseline(folder, workload, files, original.captures, noise=noise, inputs=also)
        except OSError as error:
            reason = f"cannot write {folder}: {error.strerror or error}; what was there is as it was"
            raise PipelineError(reason, exit_code=2) from error
    return folder


def validate(
    workload: Workload,
    cwd: Path,
    *,
    store: Store,
    settings: Settings,
    progress: Progress,
    baseline: str,
    demands: Demands,
) -> Validation:
    """Run a script and its baseline side by side.

    ``baseline`` is a name, or the path of a baseline's folder.
    """
    folder = baseline_at(store, cwd, baseline)
    try:
        kept = _asked(load_baseline(folder), workload)
        with workplace(workload, cwd) as place, setting(settings.interpreter) as runs:
            _, script = locate(workload.script, place.cwd)
            _, kept_script = locate(kept.workload.script, place.cwd)
            after = local_sources(place.root, script)
            after[kept_script] = after.pop(script)
            check = _Check(kept, after, place, runs, progress, demands)
            found = check.run()
    except BaselineError as error:
        raise PipelineError(str(error), exit_code=4) from error
    found = replace(found, script=workload.script, baseline=baseline)
    machine = check.machine
    try:
        store.record(of_validation(found, kept.workload.argv, machine))
    except StoreError as error:
        found = replace(found, notes=(*found.notes, f"not kept in the history: {error}"))
    return found


def _asked(kept: Baseline, workload: Workload) -> Baseline:
    """The baseline, with what this call asks for otherwise; its noise holds for its own arguments."""
    new = set(workload.conserved) - set(kept.workload.conserved)
    other = bool(workload.argv) and workload.argv != kept.workload.argv
    asked = replace(
        kept.workload,
        argv=workload.argv or kept.workload.argv,
        observables=workload.observables or kept.workload.observables,
        tolerances=(*kept.workload.tolerances, *workload.tolerances),
        conserved=tuple(dict.fromkeys((*kept.workload.conserved, *workload.conserved))),
        timeout_s=workload.timeout_s,
    )
    return replace(kept, workload=asked, noise=None if new or other else kept.noise)


class _Check:
    """One validation under way."""

    def __init__(
        self,
        kept: Baseline,
        after: Mapping[str, str],
        place: Place,
        runs: Setting,
        progress: Progress,
        demands: Demands,
    ) -> None:
        self.kept, self.after, self.place = kept, after, place
        self.runs, self.progress, self.demands = runs, progress, demands
        self.machine: Mapping[str, str] = {}

    def run(self) -> Validation:
        """The baseline's own arguments first, then the others, then the resolutions."""
        demands = self.demands
        self.progress("baseline", "running its source on this machine")
        original = rerun(self.kept, self.place, self.runs)
        if original.unanswered:
            raise PipelineError(f"the baseline: {original.unanswered}", exit_code=2)
        self.machine = original.captures[0].machine
        notes = self._notes(original)
        self.progress("validate", "the script and its baseline, side by side")
        effort = Effort(
            min_speedup=demands.least, pairs_count=PAIRS_COUNT, budget_s=BUDGET_S, timed=demands.timed
        )
        trial = hold_to(self.kept, self.after, self.place, original, effort=effort)
        verdict = judge(trial, min_speedup=demands.least)
        if not demands.timed and verdict.outcome is Outcome.UNPROVEN and trial.differences:
            verdict = replace(verdict, outcome=Outcome.ACCEPTED, reason="results equal; speed was not judged")
        inputs: tuple[InputResult, ...] = ()
        found = Validation(script="", baseline="", comparison=Comparison(trial=trial, verdict=verdict))
        if verdict.outcome not in (Outcome.WRONG, Outcome.FAILED):
            inputs = tuple(self._input(argv) for argv in dict.fromkeys((*self.kept.inputs, *demands.also)))
            found = replace(found, inputs=inputs)
            if demands.refine is not None:
                found = refined(
                    found, demands.refine, self.kept.workload, self.kept.files, self.after, self.place,
                    self.runs, self.progress,
                )  # fmt: skip
        found = _settled(replace(found, notes=(*notes, *found.notes)))
        return replace(found, exit_code=_exit_code(found, demands))

    def _notes(self, original: Original) -> tuple[str, ...]:
        changes = machine_changes(self.kept, original)
        told = (f"the baseline is from another machine: {'; '.join(changes)}",) if changes else ()
        if original.workload.argv != self.kept.workload.argv or self.kept.noise is None:
            return told
        apart = [one for one in drift(self.kept, original).differences if not one.within]
        if not apart:
            return told
        worst = apart[0]
        size = worst.note or f"differs by {max(worst.l2, worst.linf):.2g}, allowed {worst.allowed:.2g}"
        return (
            *told,
            "the baseline's own source no longer gives its stored numbers here "
            f"({worst.observable}: {size}); compared with what it gives on this machine",
        )

    def _input(self, argv: tuple[str, ...]) -> InputResult:
        self.progress("also", " ".join(argv))
        try:
            original = rerun(self.kept, self.place, self.runs, argv=argv)
        except IncompatibleError as error:
            return InputResult(argv=argv, outcome=Outcome.UNPROVEN, reason=str(error))
        trial = hold_to(self.kept, self.after, self.place, original, effort=Effort(timed=False))
        return input_result(argv, trial)


def input_result(argv: tuple[str, ...], trial: Trial) -> InputResult:
    """What an untimed trial with other arguments shows."""
    found = judge(trial)
    if found.outcome is Outcome.UNPROVEN and trial.differences:
        return InputResult(argv=argv, outcome=Outcome.ACCEPTED, reason="results equal")
    return InputResult(argv=argv, outcome=found.outcome, reason=found.reason)


def _settled(found: Validation) -> Validation:
    """Right on one input and wrong on another is wrong; an order that is lost is wrong too."""
    verdict = found.comparison.verdict
    for one in found.inputs:
        if one.outcome in (Outcome.WRONG, Outcome.FAILED):
            reason = f"with `-- {' '.join(one.argv)}`: {one.reason}"
            return _with(found, replace(verdict, outcome=one.outcome, reason=reason))
    for order in found.orders:
        if not order.kept:
            reason = (
                f"{order.observable}: the order of convergence {order.before:.2f} became {order.after:.2f}"
            )
            return _with(found, replace(verdict, outcome=Outcome.WRONG, reason=reason))
    untried = tuple(
        f"`-- {' '.join(one.argv)}` shows nothing: {one.reason}"
        for one in found.inputs
        if one.outcome is Outcome.UNPROVEN
    )
    return _with(found, replace(verdict, warnings=(*verdict.warnings, *untried)))


def _with(found: Validation, verdict: Verdict) -> Validation:
    return replace(found, comparison=replace(found.comparison, verdict=verdict))


def _exit_code(found: Validation, demands: Demands) -> int:
    outcome = found.comparison.verdict.outcome
    if outcome is Outcome.UNPROVEN and demands.allow_inconclusive:
        return 0
    return _EXIT_CODES[outcome]


_EXIT_CODES = {
    Outcome.ACCEPTED: 0,
    Outcome.WRONG: 1,
    Outcome.SLOWER: 3,
    Outcome.UNPROVEN: 5,
    Outcome.FAILED: 6,
}
