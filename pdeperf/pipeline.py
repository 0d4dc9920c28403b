"""The flow, top to bottom: profile, diagnose, propose, try, judge, repeat."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from pdeperf import plugins
from pdeperf.collectors.passes import ScriptFailed
from pdeperf.collectors.passes import profile as measure
from pdeperf.guest.scratch import Place, locate, scratch
from pdeperf.judge import verdict as judge
from pdeperf.model import (
    Candidate,
    Comparison,
    Diagnosis,
    Evidence,
    Outcome,
    Refusal,
    Report,
    Safety,
    Span,
    Step,
    Trial,
    Verdict,
    Workload,
)
from pdeperf.source import Project
from pdeperf.source.imports import local_sources
from pdeperf.store import Store
from pdeperf.trial.baseline import BaselineError, load_baseline, rerun, save_baseline
from pdeperf.trial.baseline import validate as hold_to
from pdeperf.trial.original import Original, measure_original
from pdeperf.trial.run import setting
from pdeperf.trial.trial import Effort, try_candidate

NUMBA_IMPORT_S = 0.5
"""What importing Numba and loading cached code costs a script: less than this is not worth it."""


class Progress(Protocol):
    """Is told what happens now."""

    def __call__(self, stage: str, detail: str = "") -> None:
        """``stage`` is a word or two, ``detail`` a few more."""
        ...


class PipelineError(Exception):
    """What was asked for cannot be done; the message is one line for the user."""

    def __init__(self, message: str, *, exit_code: int = 6) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the flow is run.

    Attributes
    ----------
    interpreter
        The user's Python.
    threshold
        Places below this share of the time are left alone, 0-1.
    min_speedup
        A rewrite is kept from this whole-script speedup on.
    first_run
        Keep only what is faster in its first run already, compilation counted.
    allow_opt_in
        Also try what rests on assumptions that cannot be checked.
    views
        Additional profiler views, ``memory``.
    """

    interpreter: str = sys.executable
    threshold: float = 0.03
    min_speedup: float = 1.1
    first_run: bool = False
    allow_opt_in: bool = False
    max_passes: int = 12
    timeout_s: float = 600.0
    views: frozenset[str] = frozenset()


Texts = dict[str, str]


def profile(workload: Workload, cwd: Path, *, store: Store, settings: Settings, progress: Progress) -> Report:
    """Measure where the script spends its time, and store it."""
    session = store.new_session()
    with _workplace(workload, cwd) as place:
        report = _profiled(session, workload, place, store, settings, progress)
    report = _diagnosed(report)
    store.save(report)
    return report


def suggest(report: Report, *, store: Store, settings: Settings, progress: Progress) -> Report:
    """Add what could be rewritten, and what not and why; nothing is run."""
    progress("suggest", "looking for rewrites")
    report = _diagnosed(report)
    project = _project(_texts(report), report.evidence)
    candidates: list[Candidate] = []
    refusals: list[Refusal] = []
    for diagnosis in report.diagnoses:
        for proposal in _proposals(diagnosis, project):
            if isinstance(proposal, Refusal):
                refusals.append(proposal)
            elif not any(known.patches == proposal.patches for known in candidates):
                candidates.append(proposal)
    report = replace(report, suggestions=tuple(candidates), refusals=_unique(refusals))
    store.save(report)
    return report


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
    with _workplace(workload, cwd) as place, setting(settings.interpreter) as runs:
        report = _diagnosed(_profiled(session, workload, place, store, settings, progress))
        store.save(report)
        if not _worthwhile(report.diagnoses, report.evidence, settings, _texts(report)):
            return _left_alone(report, store, settings)
        progress("original", "running it twice: what differs is no result")
        original = measure_original(workload, place, _texts(report), runs)
        if original.failure:
            raise PipelineError(original.failure)
        loop = _Loop(workload, place, original, store, settings, progress, on_step, report)
        report = loop.run()
    store.save(report)
    return report


def final_sources(report: Report) -> Texts:
    """Every file's text after the accepted steps."""
    texts = _texts(report)
    for step in report.steps:
        if step.verdict.outcome is Outcome.ACCEPTED:
            texts.update({patch.file: patch.after for patch in step.candidate.patches})
    return texts


def baseline(
    workload: Workload, cwd: Path, *, store: Store, settings: Settings, progress: Progress, name: str
) -> Path:
    """Keep the script's source and its results, for later versions to be held to."""
    folder = store.baseline_folder(name)
    with _workplace(workload, cwd) as place, setting(settings.interpreter) as runs:
        _, script = locate(workload.script, place.cwd)
        files = local_sources(place.root, script)
        progress("original", "running it twice: what differs is no result")
        original = measure_original(workload, place, files, runs)
        if original.failure:
            raise PipelineError(original.failure)
        save_baseline(folder, workload, files, original.captures)
    return folder


def validate(
    workload: Workload,
    cwd: Path,
    *,
    store: Store,
    settings: Settings,
    progress: Progress,
    baseline: str,
    max_slowdown: float,
    min_speedup: float | None,
) -> tuple[Comparison, int]:
    """Run a script and its baseline side by side; the second value is the exit code.

    ``baseline`` is a name, or the path of a baseline's folder.
    """
    folder = Path(baseline) if "/" in baseline else store.baseline_folder(baseline)
    try:
        kept = load_baseline(cwd / folder)
        with _workplace(workload, cwd) as place, setting(settings.interpreter) as runs:
            _, script = locate(workload.script, place.cwd)
            _, kept_script = locate(kept.workload.script, place.cwd)
            after = local_sources(place.root, script)
            after[kept_script] = after.pop(script)
            progress("baseline", "running its source on this machine")
            original = rerun(kept, place, runs)
            progress("validate", "the script and its baseline, side by side")
            asked = min_speedup if min_speedup is not None else 1 / max_slowdown
            trial = hold_to(kept, after, place, original, effort=Effort(min_speedup=asked))
    except BaselineError as error:
        raise PipelineError(str(error), exit_code=4) from error
    found = judge(trial, min_speedup=asked)
    return Comparison(trial=trial, verdict=found), _EXIT_CODES[found.outcome]


_EXIT_CODES = {
    Outcome.ACCEPTED: 0,
    Outcome.WRONG: 1,
    Outcome.SLOWER: 3,
    Outcome.UNPROVEN: 5,
    Outcome.FAILED: 6,
}


class _Loop:
    """One optimisation under way."""

    def __init__(
        self,
        workload: Workload,
        place: Place,
        original: Original,
        store: Store,
        settings: Settings,
        progress: Progress,
        on_step: Callable[[Step], None],
        report: Report,
    ) -> None:
        self.workload, self.place, self.original = workload, place, original
        self.store, self.settings, self.progress, self.on_step = store, settings, progress, on_step
        self.report = report
        self.texts = _texts(report)
        self.evidence = report.evidence
        self.refusals: list[Refusal] = []
        self.tried: set[tuple[str, ...]] = set()
        self.forgets: set[str] = set()

    def run(self) -> Report:
        """Rounds of one accepted rewrite each."""
        for _ in range(self.settings.max_passes):
            if not self._round():
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
                    brief=True,
                )
                self.evidence = later.evidence
            except ScriptFailed as error:
                self.refusals.append(_failed_later(self.report.diagnoses[0], str(error)))
                break
        self._save()
        return self._compared()

    def _round(self) -> bool:
        project = _project(self.texts, self.evidence)
        found = _diagnoses(self.evidence, project)
        for diagnosis in _worthwhile(found, self.evidence, self.settings, self.texts):
            for proposal in _proposals(diagnosis, project):
                if isinstance(proposal, Refusal):
                    self.refusals.append(proposal)
                    continue
                key = tuple(patch.after for patch in proposal.patches)
                if key in self.tried:
                    continue
                self.tried.add(key)
                step = self._try(proposal)
                self.report = replace(self.report, steps=(*self.report.steps, step))
                self.on_step(step)
                self._save()
                if step.verdict.outcome is Outcome.ACCEPTED:
                    self.texts.update({patch.file: patch.after for patch in proposal.patches})
                    self.forgets.update(proposal.forgets)
                    return True
        return False

    def _try(self, candidate: Candidate) -> Step:
        self.progress("try", candidate.title)
        if candidate.safety is Safety.OPT_IN and not self.settings.allow_opt_in:
            reason = "rests on what cannot be checked: try it with --allow-opt-in"
            return Step(
                candidate=candidate, trial=Trial(), verdict=Verdict(outcome=Outcome.UNPROVEN, reason=reason)
            )
        trial = try_candidate(
            self.workload,
            self.place,
            self.texts,
            {patch.file: patch.after for patch in candidate.patches},
            self.original,
            forgets=self.forgets | set(candidate.forgets),
            effort=Effort(min_speedup=self.settings.min_speedup),
        )
        found = judge(trial, min_speedup=self.settings.min_speedup)
        if found.outcome is Outcome.ACCEPTED and self.settings.first_run and found.first_run_speedup < 1:
            reason = f"its first run, compilation counted, is {found.first_run_speedup:.2g}x"
            found = replace(found, outcome=Outcome.SLOWER, reason=reason)
        return Step(candidate=candidate, trial=trial, verdict=found)

    def _save(self) -> None:
        self.report = replace(self.report, refusals=_unique(self.refusals))
        self.store.save(self.report)

    def _compared(self) -> Report:
        """The first version against the last."""
        accepted = [step for step in self.report.steps if step.verdict.outcome is Outcome.ACCEPTED]
        if not accepted:
            return self.report
        if len(accepted) == 1:
            return replace(
                self.report, overall=Comparison(trial=accepted[0].trial, verdict=accepted[0].verdict)
            )
        self.progress("compare", "the first version against the last")
        trial = try_candidate(
            self.workload,
            self.place,
            _texts(self.report),
            self.texts,
            self.original,
            forgets=self.forgets,
            effort=Effort(min_speedup=self.settings.min_speedup),
        )
        found = judge(trial, min_speedup=self.settings.min_speedup)
        return replace(self.report, overall=Comparison(trial=trial, verdict=found))


@contextmanager
def _workplace(workload: Workload, cwd: Path) -> Iterator[Place]:
    with scratch(workload.script, cwd) as place:
        yield place


def _profiled(
    session: str, workload: Workload, place: Place, store: Store, settings: Settings, progress: Progress
) -> Report:
    progress("profile", workload.script)
    try:
        found = measure(
            workload,
            place,
            store.artifacts_folder(session),
            interpreter=settings.interpreter,
            progress=lambda text: progress("profile", text),
            views=settings.views,
        )
    except ScriptFailed as error:
        raise PipelineError(str(error)) from error
    finally:
        place.fresh()
    return Report(
        session=session,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        workload=workload,
        evidence=found.evidence,
        sources=found.sources,
        artifacts=found.artifacts,
    )


def _texts(report: Report) -> Texts:
    return {source.file: source.text for source in report.sources}


def _project(texts: Texts, evidence: Evidence) -> Project:
    observed = tuple(row for row in evidence.rows if row.collector == "arguments")
    return Project.from_texts(texts, observed)


def _diagnosed(report: Report) -> Report:
    project = _project(_texts(report), report.evidence)
    return replace(report, diagnoses=_diagnoses(report.evidence, project))


def _diagnoses(evidence: Evidence, project: Project) -> tuple[Diagnosis, ...]:
    """What is wrong with each hotspot, the greatest predicted gain first."""
    found = [
        diagnosis
        for hotspot in evidence.hotspots
        for detector in plugins.detectors()
        for diagnosis in detector.detect(hotspot, project)
    ]
    ordered = sorted(found, key=lambda diagnosis: -diagnosis.share)
    return tuple(replace(diagnosis, alike=_alike(diagnosis, ordered)) for diagnosis in ordered)


def _alike(diagnosis: Diagnosis, others: Sequence[Diagnosis]) -> tuple[Span, ...]:
    return tuple(
        other.where
        for other in others
        if other.rule == diagnosis.rule and other.where != diagnosis.where and other.share >= 0.02
    )


def _worthwhile(
    diagnoses: Sequence[Diagnosis], evidence: Evidence, settings: Settings, texts: Texts
) -> tuple[Diagnosis, ...]:
    """The diagnoses above the threshold whose mending could show in the whole script's time.

    Who accepts a loss (a minimum speedup below 1) has them all tried.
    """
    least_s = 0.03 if any("numba" in text for text in texts.values()) else NUMBA_IMPORT_S
    if settings.min_speedup < 1:
        least_s = 0.0
    kept: list[Diagnosis] = []
    for diagnosis in diagnoses:
        share = min(1.0, sum(other.share for other in diagnoses if other.rule == diagnosis.rule))
        together = replace(diagnosis, share=share, headroom=diagnosis.headroom or 1e9)
        pays = share * evidence.elapsed_s > least_s and together.predicted_speedup >= settings.min_speedup
        if pays and diagnosis.share >= settings.threshold:
            kept.append(diagnosis)
    return tuple(kept)


def _left_alone(report: Report, store: Store, settings: Settings) -> Report:
    refusals = [
        Refusal(
            backend="pdeperf",
            diagnosis=diagnosis,
            where=diagnosis.where,
            reason=f"it takes {diagnosis.share * report.evidence.elapsed_s:.2f} s: too little to gain",
            advice="run it with a larger problem: `pdeperf optimize SCRIPT -- ARGS`",
        )
        for diagnosis in report.diagnoses
    ]
    report = replace(report, refusals=_unique(refusals))
    store.save(report)
    return report


def _proposals(diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
    for backend in plugins.backends():
        if diagnosis.rule in backend.answers:
            yield from backend.propose(diagnosis, project)


def _failed_later(diagnosis: Diagnosis, reason: str) -> Refusal:
    return Refusal(backend="pdeperf", diagnosis=diagnosis, where=diagnosis.where, reason=reason)


def _unique(refusals: Sequence[Refusal]) -> tuple[Refusal, ...]:
    kept: dict[tuple[str, str, str], Refusal] = {}
    for refusal in refusals:
        kept.setdefault((refusal.backend, str(refusal.where), refusal.reason), refusal)
    return tuple(kept.values())
