"""From a script to its hotspots, what is wrong with them, and what could be done."""

import os
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from pdeperf import TRACEBACK, plugins
from pdeperf.collectors.passes import ScriptFailed
from pdeperf.collectors.passes import profile as measure
from pdeperf.guest.scratch import Place, scratch
from pdeperf.model import Candidate, Diagnosis, Evidence, Measurement, Refusal, Report, Span, Workload
from pdeperf.pipeline.settings import PipelineError, Progress, Settings
from pdeperf.source import Project, changed_libraries
from pdeperf.store import Store

Texts = dict[str, str]


def profile(workload: Workload, cwd: Path, *, store: Store, settings: Settings, progress: Progress) -> Report:
    """Measure where the script spends its time, and store it."""
    session = store.new_session()
    with workplace(workload, cwd) as place:
        report = profiled(session, workload, place, store, settings, progress)
    report = diagnosed(report)
    store.save(report)
    return report


def suggest(report: Report, *, store: Store, settings: Settings, progress: Progress) -> Report:
    """Add what could be rewritten, and what not and why; nothing is run."""
    progress("suggest", "looking for rewrites")
    report = diagnosed(report)
    project = project_of(texts_of(report), report.evidence)
    candidates: list[Candidate] = []
    refusals: list[Refusal] = []
    for diagnosis in report.diagnoses:
        for proposal in proposals(diagnosis, project):
            if isinstance(proposal, Refusal):
                refusals.append(proposal)
            elif not any(known.patches == proposal.patches for known in candidates):
                candidates.append(proposal)
    report = replace(report, suggestions=tuple(candidates), refusals=unique(refusals))
    store.save(report)
    return report


@contextmanager
def workplace(workload: Workload, cwd: Path) -> Iterator[Place]:
    """Give a copy of the script's folder for as long as the block lasts."""
    with scratch(workload.script, cwd) as place:
        yield place


def profiled(
    session: str, workload: Workload, place: Place, store: Store, settings: Settings, progress: Progress
) -> Report:
    """Measure in a given workplace; nothing is stored."""
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


_OF_SOLVES = ("solves_count", "same_values_count")
COMPILERS = frozenset(("cupy", "fuse-arrays", "numba", "prange", "wavefront"))
"""Backends whose rewrites import a compiler."""


def texts_of(report: Report) -> Texts:
    """The user's files as they were when the session ran."""
    return {source.file: source.text for source in report.sources}


def project_of(texts: Texts, evidence: Evidence) -> Project:
    """The parsed files with the types that were observed, and what systems were solved.

    Of the same texts and rows it is the same one, with what has been found out about it.
    """
    observed = [row for row in evidence.rows if row.collector == "arguments"]
    observed += [replace(row, subject="") for row in evidence.rows if row.metric in _OF_SOLVES]
    observed += [row for row in evidence.rows if row.collector == "sparse"]
    return _project(tuple(texts.items()), tuple(observed))


@lru_cache(maxsize=4)
def _project(texts: tuple[tuple[str, str], ...], observed: tuple[Measurement, ...]) -> Project:
    return Project.from_texts(dict(texts), observed)


def diagnosed(report: Report) -> Report:
    """Add what is wrong with each hotspot."""
    project = project_of(texts_of(report), report.evidence)
    bugs: list[str] = []
    diagnoses = diagnoses_of(report.evidence, project, bugs.append)
    notes = (*report.evidence.notes, *dict.fromkeys(bugs))
    return replace(report, diagnoses=diagnoses, evidence=replace(report.evidence, notes=notes))


def diagnoses_of(
    evidence: Evidence, project: Project, on_bug: Callable[[str], None] = lambda _: None
) -> tuple[Diagnosis, ...]:
    """What is wrong with each hotspot, the greatest predicted gain first."""
    found: list[Diagnosis] = []
    for hotspot in evidence.hotspots:
        for detector in plugins.detectors():
            try:
                found += detector.detect(hotspot, project)
            except Exception as error:
                on_bug(f"the rule {detector.rule} was not asked about {hotspot.where}: {_bug(error)}")
    ordered = sorted(found, key=lambda diagnosis: -diagnosis.share)
    return tuple(
        replace(diagnosis, alike=tuple(dict.fromkeys((*diagnosis.alike, *_alike(diagnosis, ordered)))))
        for diagnosis in ordered
    )


def _alike(diagnosis: Diagnosis, others: Sequence[Diagnosis]) -> tuple[Span, ...]:
    return tuple(
        other.where
        for other in others
        if other.rule == diagnosis.rule and other.where != diagnosis.where and other.share >= 0.02
    )


def proposals(
    diagnosis: Diagnosis, project: Project, *, compiles: bool = True
) -> Iterator[Candidate | Refusal]:
    """What the backends that answer a diagnosis propose; those that compile only if they may."""
    for backend in plugins.backends():
        if diagnosis.rule in backend.answers and (compiles or backend.name not in COMPILERS):
            if (changed := changed_libraries.refusal(backend.name, diagnosis, project)) is not None:
                yield changed
                continue
            try:
                yield from _asked(backend.propose, diagnosis, _Same(project))
            except Exception as error:
                reason = f"{_bug(error)}; the others were asked all the same"
                where = diagnosis.where
                yield Refusal(backend=backend.name, diagnosis=diagnosis, where=where, reason=reason)


class _Same:
    """A project, equal to nothing but itself."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def __hash__(self) -> int:
        return id(self.project)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.project is self.project


class _Drawn:
    """What an iterator gives, for whoever asks, drawn from it as far as somebody has asked."""

    def __init__(self, source: Iterator[Candidate | Refusal]) -> None:
        self._source = source
        self._known: list[Candidate | Refusal] = []

    def __iter__(self) -> Iterator[Candidate | Refusal]:
        at = 0
        while True:
            if at == len(self._known):
                try:
                    self._known.append(next(self._source))
                except StopIteration:
                    return
            yield self._known[at]
            at += 1


@lru_cache(maxsize=128)
def _asked(
    propose: Callable[[Diagnosis, Project], Iterator[Candidate | Refusal]], diagnosis: Diagnosis, about: _Same
) -> _Drawn:
    """What a backend proposes: a place is asked about for a joint step, and again alone."""
    return _Drawn(iter(propose(diagnosis, about.project)))


def _bug(error: Exception) -> str:
    """A plugin's bug in one line: one plugin that fails takes nothing from the others."""
    if os.environ.get(TRACEBACK):
        raise error
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"a bug in pdeperf ({type(error).__name__}: {error}, {Path(last.filename).name}:{last.lineno})"


def unique(refusals: Sequence[Refusal]) -> tuple[Refusal, ...]:
    """Each refusal once."""
    kept: dict[tuple[str, str, str], Refusal] = {}
    for refusal in refusals:
        kept.setdefault((refusal.backend, str(refusal.where), refusal.reason), refusal)
    return tuple(kept.values())
