"""Rewrite, try, keep what is right and faster; again."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from pdeperf.collectors.passes import Known, ScriptFailed
from pdeperf.collectors.passes import profile as measure
from pdeperf.guest.scratch import Place
from pdeperf.judge import verdict as judge
from pdeperf.model import (
    Candidate,
    Comparison,
    Diagnosis,
    Outcome,
    Refusal,
    Report,
    Safety,
    Step,
    Trial,
    Verdict,
    Workload,
)
from pdeperf.pipeline.budget import Budget, spoken
from pdeperf.pipeline.bundle import bundled, joint_steps, loops_first, solving_at_once
from pdeperf.pipeline.lessons import (
    differs_from_itself,
    is_lost,
    is_too_short,
    not_of_kernels_alone,
    not_shared_out_again,
    on_one_core,
    unpaid,
)
from pdeperf.pipeline.origin import in_original, is_of_ours, made_by_rewrites
from pdeperf.pipeline.profiling import (
    Texts,
    diagnosed,
    diagnoses_of,
    profiled,
    project_of,
    proposals,
    texts_of,
    unique,
    workplace,
)
from pdeperf.pipeline.settings import PipelineError, Progress, Settings
from pdeperf.pipeline.worth import (
    MORE_TIME,
    WITHOUT_NUMBA_S,
    all_too_little,
    is_missed,
    refusal_of,
    too_little,
    unrewarded,
    without_compiler,
    worthwhile,
)
from pdeperf.source import Project
from pdeperf.store import Store
from pdeperf.trial.original import Original, measure_original
from pdeperf.trial.pairs import Effort
from pdeperf.trial.run import Setting, cache_folder, setting
from pdeperf.trial.trial import try_candidate

MOST_OF_ALL = 0.6
"""A place with this share of the time is rewritten alone; what is spread over several, together."""


def optimize(
    workload: Workload,
    cwd: Path,
    *,
    store: Store,
    settings: Settings,
    progress: Progress,
    on_step: Callable[[Step], None],
) -> Report:
    """Rewrite, try and keep what is right and faster, until nothing above the threshold is left."""
    session = store.new_session()
    budget = Budget(settings.budget_s)
    with workplace(workload, cwd) as place, setting(settings.interpreter) as runs:
        report = diagnosed(profiled(session, workload, place, store, settings, progress))
        store.save(report)
        asked = (report.diagnoses, report.evidence, settings, texts_of(report))
        if not (worthwhile(*asked) or without_compiler(*asked)):
            report = replace(report, refusals=unique(all_too_little(report.diagnoses, report.evidence)))
            store.save(report)
            return report
        budget.settle(report.evidence.elapsed_s)
        loop = _Loop(workload, place, runs, store, settings, progress, on_step, report, budget)
        report = loop.run()
    store.save(report)
    return report


def final_sources(report: Report) -> Texts:
    """Every file's text after the accepted steps."""
    texts = texts_of(report)
    for step in report.steps:
        if step.verdict.outcome is Outcome.ACCEPTED:
            texts.update({patch.file: patch.after for patch in step.candidate.patches})
    return texts


class _Loop:
    """One optimisation under way."""

    def __init__(
        self,
        workload: Workload,
        place: Place,
        runs: Setting,
        store: Store,
        settings: Settings,
        progress: Progress,
        on_step: Callable[[Step], None],
        report: Report,
        budget: Budget,
    ) -> None:
        self.workload, self.place, self.runs, self.budget = workload, place, runs, budget
        self.store, self.settings, self.progress, self.on_step = store, settings, progress, on_step
        self.report = report
        self.texts = texts_of(report)
        self.evidence = report.evidence
        self.refusals: list[Refusal] = []
        self.tried: set[tuple[str, ...]] = set()
        self.forgets: set[str] = set()
        self.first_run_s = 0.0
        self.settled: frozenset[str] = frozenset()

    @property
    def _effort(self) -> Effort:
        """How much is spent on the trial that is begun now."""
        least = self.settings.min_speedup
        return Effort(min_speedup=least, gives_up=least >= 1, budget_s=max(self.budget.left_s, 1.0))

    @cached_property
    def original(self) -> Original:
        """The original's results, run for when the first rewrite is there to be compared with them.

        Raises
        ------
        PipelineError
            If it cannot be run, or has not what the user wants compared.
        """
        self.progress("original", "running it twice: what differs is no result")
        original = measure_original(self.workload, self.place, texts_of(self.report), self.runs)
        if original.failure:
            raise PipelineError(original.failure)
        if original.unanswered:
            raise PipelineError(original.unanswered, exit_code=2)
        return original

    def run(self) -> Report:
        """Rounds of one accepted rewrite each."""
        for _ in range(self.settings.max_passes):
            if not self._round() or self._is_spent(self.report.diagnoses[0]):
                break
            self.progress("profile", "again, with the accepted rewrite")
            self.place.write(self.texts)
            self.place.fresh()
            try:
                later = measure(
                    self.workload,
                    self.place,
                    self.store.artifacts_folder(self.report.session) / "later",
                    interpreter=self.settings.interpreter,
                    progress=lambda text: self.progress("profile", text),
                    known=Known(
                        environment=self.report.evidence.environment,
                        cache_dir=cache_folder(self.runs, self.texts),
                        least_s=WITHOUT_NUMBA_S if self.settings.min_speedup >= 1 else 0.0,
                    ),
                )
                self.evidence = later.evidence
            except ScriptFailed as error:
                self.refusals.append(refusal_of(self.report.diagnoses[0], str(error)))
                break
        self._save()
        return self._compared()

    def _round(self) -> bool:
        project = project_of(self.texts, self.evidence)
        found = self.report.diagnoses
        if self.evidence is not self.report.evidence:
            found = not_shared_out_again(diagnoses_of(self.evidence, project), project, self.settled)
            least = self.settings.min_speedup
            found = not_of_kernels_alone(found, self.evidence, project, self._made, least)
        begun = len(self.report.steps)
        hot = worthwhile(found, self.evidence, self.settings, self.texts)
        refused: list[Diagnosis] = []
        solving = solving_at_once(found, self.evidence, self.texts)
        light = without_compiler(found, self.evidence, self.settings, self.texts, solving=solving)
        light = loops_first(light, self.evidence, self.texts)
        for place, diagnosis in enumerate(light or hot):
            if self._is_spent(diagnosis):
                break
            rest = [each for each in found if each not in refused]
            late = unrewarded(diagnosis, rest, self.evidence, self.settings, self.budget)
            if late is not None and self._made:
                self.refusals.append(self._in_original(late))
                continue
            now = (rest, self.evidence, self.settings, self.texts)
            if refused and diagnosis not in (*worthwhile(*now), *without_compiler(*now, solving=solving)):
                self.refusals.extend(map(self._in_original, self._too_little(diagnosis)))
                continue
            self.progress("plan", f"looking for rewrites of {diagnosis.where}")
            lost: set[str] = set()
            best: Step | None = None
            refused.append(diagnosis)
            for proposal, alone in self._offers(diagnosis, hot, light, project, is_first=place == 0):
                if isinstance(proposal, Refusal):
                    if not is_of_ours(proposal, self._made):
                        self.refusals.append(self._in_original(proposal))
                    continue
                if alone and diagnosis in refused:
                    refused.remove(diagnosis)
                if proposal.backend in lost:
                    continue  # it proposes its best first: less of the same loses more
                if best is not None and not proposal.has_rivals:
                    break
                key = tuple(patch.after for patch in proposal.patches)
                if key in self.tried:
                    continue
                if self._is_spent(diagnosis):
                    break
                self.tried.add(key)
                step = self._try(proposal, best)
                self.report = replace(self.report, steps=(*self.report.steps, step))
                self.on_step(step)
                self._save()
                if differs_from_itself(step):
                    return False  # nor can any other rewrite be compared
                if step.verdict.outcome is Outcome.ACCEPTED:
                    if best is not None:
                        self._outrun(best, step)
                    best = step
                    if not proposal.has_rivals:
                        break
                elif alone and is_lost(step, self.settings):
                    lost.add(proposal.backend)
            if best is not None:
                chosen = best.candidate
                texts = {**self.texts, **_after(chosen)}
                if on_one_core(self.report.steps[begun:], best):
                    self.settled |= made_by_rewrites(self.texts, texts)
                self.texts, self.first_run_s = texts, best.trial.first_run_s
                self.forgets.update(chosen.forgets)
                return True
        return False

    @property
    def _made(self) -> frozenset[str]:
        return made_by_rewrites(texts_of(self.report), self.texts)

    def _is_spent(self, diagnosis: Diagnosis) -> bool:
        """Is there no time left? Then the report says so."""
        reason = self.budget.spent
        if reason and not any(known.reason == reason for known in self.refusals):
            self.refusals.append(refusal_of(diagnosis, reason, MORE_TIME))
        return bool(reason)

    def _offers(
        self,
        diagnosis: Diagnosis,
        hot: Sequence[Diagnosis],
        light: Sequence[Diagnosis],
        project: Project,
        *,
        is_first: bool,
    ) -> Iterator[tuple[Candidate | Refusal, bool]]:
        """What is proposed for a place alone; where much of the time goes elsewhere, first for several.

        Where arrays may suffice, what needs no compiler comes first; what does, only for hot places.
        """
        is_spread = is_first and diagnosis.share < MOST_OF_ALL
        if light:
            kept = False
            joint = bundled(light, self.evidence, self.texts, compiles=False) if is_spread else None
            if joint is not None:
                yield joint.candidate, False
                kept = self._is_kept(joint.candidate)
            for proposal in () if kept else proposals(diagnosis, project, compiles=False):
                yield proposal, True
                kept = kept or (isinstance(proposal, Candidate) and self._is_kept(proposal))
            if not kept and diagnosis not in hot:
                yield from ((refusal, False) for refusal in self._too_little(diagnosis))
            if kept or diagnosis not in hot:
                return
        if is_spread and len(hot) > 1:
            kept = False
            steps = joint_steps(hot, self.evidence, self.texts, pays=self._pays, is_kept=self._is_kept)
            for candidate in steps:
                yield candidate, False
                kept = kept or self._is_kept(candidate)
            if kept:
                return
        yield from ((proposal, True) for proposal in proposals(diagnosis, project))

    def _too_little(self, diagnosis: Diagnosis) -> Iterator[Refusal]:
        """Why a short place is left alone; beside what was tried nobody asks after the shortest."""
        if not self.report.steps or is_missed(diagnosis, self.evidence):
            yield too_little(diagnosis, self.evidence)

    def _in_original(self, refusal: Refusal) -> Refusal:
        return in_original(refusal, texts_of(self.report), self.texts)

    def _pays(self, places: Sequence[Diagnosis]) -> bool:
        """Could mending these places show in the whole script's time?"""
        share = min(1.0, sum(place.share for place in places))
        return 1.0 / (1.0 - share) >= self.settings.min_speedup if share < 1.0 else True

    def _is_kept(self, candidate: Candidate) -> bool:
        """Has this candidate been tried just now, and was it right and faster?"""
        last = self.report.steps[-1] if self.report.steps else None
        return (
            last is not None
            and last.candidate.patches == candidate.patches
            and last.verdict.outcome is Outcome.ACCEPTED
        )

    def _outrun(self, loser: Step, winner: Step) -> None:
        """Of two right rewrites of one place the report has the one that is behind as slower."""
        backend, speedup = winner.candidate.backend, winner.verdict.speedup
        reason = f"right and faster, but {backend} outruns it with {speedup:.3g}x"
        if speedup < loser.verdict.speedup:
            reason = f"right and faster, but {backend} compiles sooner and takes less in the first few runs"
        verdict = replace(loser.verdict, outcome=Outcome.SLOWER, reason=reason)
        steps = tuple(replace(step, verdict=verdict) if step is loser else step for step in self.report.steps)
        self.report = replace(self.report, steps=steps)

    def _try(self, candidate: Candidate, best: Step | None) -> Step:
        if candidate.safety is Safety.OPT_IN and not self.settings.allow_opt_in:
            reason = "rests on what cannot be checked: try it with --allow-opt-in"
            return Step(
                candidate=candidate, trial=Trial(), verdict=Verdict(outcome=Outcome.UNPROVEN, reason=reason)
            )
        original = self.original
        a_run = f"a run takes {spoken(original.shortest_s(self.texts))}"
        self.progress(
            "try", f"{candidate.title} ({a_run}, at most {spoken(self.budget.left_s)} left for all of this)"
        )
        trial = try_candidate(
            self.workload,
            self.place,
            self.texts,
            _after(candidate),
            original,
            forgets=self.forgets | set(candidate.forgets),
            effort=self._effort if best is None else self._beside(best),
        )
        found = judge(trial, min_speedup=self.settings.min_speedup)
        if best is not None and trial.after_s and not trial.before_s:
            reason = f"it does not outrun what {best.candidate.backend} made of the same place"
            found = replace(found, outcome=Outcome.SLOWER, reason=reason)
        if found.outcome is Outcome.ACCEPTED and self.settings.first_run and found.first_run_speedup < 1:
            reason = f"its first run, compilation counted, is {found.first_run_speedup:.2g}x"
            found = replace(found, outcome=Outcome.SLOWER, reason=reason)
        if found.outcome is Outcome.ACCEPTED and (reason := unpaid(trial, self.first_run_s)):
            found = replace(found, outcome=Outcome.SLOWER, reason=reason)
        if is_too_short(trial, found):
            reason = f"{found.reason}; a run this short hides what cores gain: try it with more steps"
            found = replace(found, reason=reason)
        return Step(candidate=candidate, trial=trial, verdict=found)

    def _beside(self, best: Step) -> Effort:
        """How much is spent on a trial of what has a rival; the user may ask for the first run alone."""
        effort = replace(self._effort, rival=_after(best.candidate), rival_first_s=best.trial.first_run_s)
        return replace(effort, runs_count=1) if self.settings.first_run else effort

    def _save(self) -> None:
        self.report = replace(self.report, refusals=unique(self.refusals))
        self.store.save(self.report)

    def _compared(self) -> Report:
        """The first version against the last."""
        accepted = [step for step in self.report.steps if step.verdict.outcome is Outcome.ACCEPTED]
        if not accepted:
            return self.report
        if len(accepted) == 1:
            only = Comparison(trial=accepted[0].trial, verdict=accepted[0].verdict)
            return replace(self.report, overall=only)
        self.progress("compare", "the first version against the last")
        trial = try_candidate(
            self.workload,
            self.place,
            texts_of(self.report),
            self.texts,
            self.original,
            forgets=self.forgets,
            effort=self._effort,
        )
        found = judge(trial, min_speedup=self.settings.min_speedup)
        return replace(self.report, overall=Comparison(trial=trial, verdict=found))


def _after(candidate: Candidate) -> Texts:
    return {patch.file: patch.after for patch in candidate.patches}
