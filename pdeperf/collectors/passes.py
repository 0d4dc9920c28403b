"""The whole measurement: an overview of the script, then closer looks where it is hot."""

import io
import json
import os
import shutil
import tokenize
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pdeperf.collectors import (
    Collector,
    Focus,
    Progress,
    arguments,
    cprofile,
    environment,
    line_profiler,
    memory_profiler,
    memray,
    page_faults,
    pyinstrument,
    pyspy,
    sparse,
    suspicion,
    traced_stacks,
    transfers,
    unwatched,
)
from pdeperf.collectors.counts import Seen, estimated_iterations, whole_counts
from pdeperf.collectors.hotspots import find_hotspots
from pdeperf.collectors.loops import first_line, source_maps
from pdeperf.collectors.runs import Run, Session
from pdeperf.guest.launch import describe_failure, importable, launch, pinned_environment
from pdeperf.guest.scratch import Place, temporary_folder
from pdeperf.model import Environment, Evidence, Measurement, SourceFile, Span, Workload
from pdeperf.source import Project

_HOT_FUNCTION = 0.01
_ARGUMENTS_PART, _PART_OF_TRACED = 0.75, 0.4
"""Of what the overview leaves: types are needed from the whole run; py-spy is replaced by two more runs."""
_ENOUGH_S, _ENOUGH_PART = 1.0, 0.05
"""A closer look that is stopped early has seen enough after its weight times the larger of these."""
_LEAST_S = 1.0
"""Where little time is left the first of the closer looks get this, and the last are left out."""
_LEAST_CHURN_S = 1.0
"""A shorter script is not run again to see what malloc's thresholds cost."""
_TRANSFERS_PART, _TRANSFERS_S = 3.0, 3.0
"""Counting transfers may take so many times the script's time, and so much for CuPy's import."""
_ARTIFACTS = (
    ("pstats", cprofile.COLLECTOR.name, cprofile.STATS),
    ("flame", pyinstrument.COLLECTOR.name, pyinstrument.FLAME),
    ("speedscope", pyspy.COLLECTOR.name, pyspy.SPEEDSCOPE),
    ("pyspy", pyspy.COLLECTOR.name, pyspy.COLLAPSED),
)


class ScriptFailed(Exception):  # noqa: N818 - it is the script that is in error
    """The user's script did not reach its end; the text says where and why, in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What one profile gives.

    Attributes
    ----------
    sources
        The user's files that ran, the script first.
    artifacts
        Files for other viewers, as (role, name): ``pstats``, ``flame``, ``speedscope``, ``pyspy``.
    """

    evidence: Evidence
    sources: tuple[SourceFile, ...]
    artifacts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a script that is profiled again after a rewrite.

    Attributes
    ----------
    environment
        The machine, as the first profile measured it.
    cache_dir
        Where Numba finds the code that it has compiled for this version: what it takes to load is no
        line's time.
    least_s
        Where all hot places together take less, closer looks are not worth their time.
    """

    environment: Environment
    cache_dir: Path
    least_s: float = 0.0


def profile(
    workload: Workload,
    place: Place,
    artifacts: Path,
    *,
    interpreter: str,
    progress: Progress,
    views: frozenset[str] = frozenset(),
    known: Known | None = None,
) -> Profile:
    """Measure where the script's time goes and what it works on.

    Parameters
    ----------
    workload
        The script, its arguments, its time limit.
    place
        The copy of the user's folder that every run happens in.
    artifacts
        Folder that receives the files for other viewers; made if it is missing.
    interpreter
        The user's Python.
    progress
        Is told in a few words what runs now.
    views
        Views asked for although they are costly: ``memory`` for memory_profiler's.
    known
        For a script that is profiled again after a rewrite. What only people look at is left out then,
        the function profile and the flame graph; so are closer looks where nothing takes long. Without
        it, compilation counts as time of the line that calls the function.

    Raises
    ------
    ScriptFailed
        If the script itself fails or runs out of time.
    """
    artifacts.mkdir(parents=True, exist_ok=True)
    with importable() as path, temporary_folder("pdeperf-profile-") as folder:
        variables = pinned_environment(
            path,
            cache_dir=known.cache_dir if known else folder / "numba",
            place=place,
            extra=workload.environment,
        )
        session = Session(workload, place, interpreter, variables, folder)
        machine = known.environment if known else _machine(session, progress)
        progress("running the script under py-spy")
        overview = _overview(session)
        place.fresh()  # a script may have changed or deleted itself
        sources = tuple(_sources(overview, place))
        project = Project.from_texts({source.file: source.text for source in sources})
        rows = [*_overview_rows(session, overview, project, starts=known is None)]
        if known is None or _is_worth_a_look(session, rows, project, known):
            rows += _closer_looks(session, project, rows, progress, views, again=known is not None)
        progress("finding the hotspots")
        evidence = Evidence(
            elapsed_s=session.elapsed_s,
            environment=machine,
            rows=tuple(rows),
            hotspots=find_hotspots(rows, project, machine, session.elapsed_s),
            notes=tuple(session.notes),
            profiling_s=session.spent_s,
        )
        return Profile(evidence=evidence, sources=sources, artifacts=tuple(_keep(folder, artifacts)))


def _machine(session: Session, progress: Progress) -> Environment:
    progress("measuring this machine")
    command = [session.interpreter, "-m", environment.__name__, str(session.folder)]
    launch(command, cwd=session.folder, environment=session.variables, timeout_s=30.0)
    return environment.read(session.folder)


def _overview(session: Session) -> Run:
    """Run the whole script, watched from outside; without py-spy, or where it may not, unwatched."""
    run = session.run(pyspy.COLLECTOR)
    if run.status and pyspy.loses_samples(run.finished.stdout):
        run = session.run(pyspy.IN_PYTHON)
    if not run.status and not run.finished.timed_out:
        run = session.run(unwatched.COLLECTOR)
    # py-spy itself may fail on a script that ends at once; that is no failure of the script's.
    failed = run.failure or (run.finished if run.finished.returncode and not run.complete else None)
    if failed is not None:
        raise ScriptFailed(describe_failure(failed, session.workload.script, root=session.place.root))
    if not run.status.get("files"):
        reason = "ends its process at once, as os._exit does, and hides what it did: end it by sys.exit"
        raise ScriptFailed(f"{session.workload.script}: {reason}")
    session.elapsed_s = float(run.status.get("elapsed_s") or run.finished.wall_s)
    return run


def _sources(overview: Run, place: Place) -> Iterator[SourceFile]:
    """The user's files that took part, the script first."""
    for file in overview.status.get("files", ()):
        path = place.root / file
        if path.is_file():
            data = path.read_bytes()
            encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
            yield SourceFile(file=file, text=data.decode(encoding, errors="replace"))


def _overview_rows(
    session: Session, overview: Run, project: Project, *, starts: bool
) -> Iterator[Measurement]:
    whole = Span(file=next(iter(project.modules)), first=1, last=1)
    for metric in ("user_s", "system_s", "queued_s", "minor_faults_count", "peak_bytes"):
        if metric in overview.status:
            yield Measurement(
                where=whole, metric=metric, value=float(overview.status[metric]), collector="process"
            )
    recorded = _overview_file(session)
    if not recorded.is_file():
        return
    try:
        found = json.loads(recorded.read_text())
    except ValueError:
        recorded.unlink()  # cut short: the disk is full
        return
    stacks = pyspy.clean(found, session.place.root)
    recorded.write_text(json.dumps(stacks))
    recorded.with_name(pyspy.COLLAPSED).write_text(pyspy.collapsed(stacks))
    queued_s = float(overview.status.get("queued_s", 0.0))
    yield from pyspy.rows(stacks, project, session.elapsed_s, queued_s=queued_s, starts=starts)


def _overview_file(session: Session) -> Path:
    """What py-spy has written; missing where it may not look."""
    return session.folder / pyspy.COLLECTOR.name / pyspy.SPEEDSCOPE


def _is_worth_a_look(session: Session, rows: Sequence[Measurement], project: Project, known: Known) -> bool:
    """Do the hot places take long enough? Where py-spy may not look, the closer looks alone can tell."""
    if not _overview_file(session).is_file():
        return True
    places = find_hotspots(rows, project, known.environment, session.elapsed_s)
    return sum(place.share for place in places) * session.elapsed_s >= known.least_s


def _closer_looks(
    session: Session,
    project: Project,
    seen: Sequence[Measurement],
    progress: Progress,
    views: frozenset[str],
    *,
    again: bool,
) -> Iterator[Measurement]:
    """The passes after the overview: the types first, then what the remaining time allows."""
    rows: list[Measurement] = list(seen)
    progress("looking at the types in the loops")
    part = _ARGUMENTS_PART if (watched := _overview_file(session).is_file()) else _PART_OF_TRACED
    observed = session.look(arguments.COLLECTOR, limit_s=session.left_s * part)
    if observed is not None:
        rows += arguments.COLLECTOR.read(observed.folder, project)
    if not watched:
        rows += _traced(session, project, progress)
    focus = _focus(rows, project)
    rows += _with_transfers(session, rows, project, progress)
    if not again:
        rows += _with_raised_malloc(session, rows, project, progress)
    if "memory" in views:  # what was asked for has time of its own
        progress("running memory_profiler")
        run = session.look_beside(
            memory_profiler.COLLECTOR, limit_s=session.elapsed_s + _LEAST_S, focus=focus
        )
        rows += memory_profiler.COLLECTOR.read(run.folder, project) if run is not None else ()
    pending = list(_worthwhile(session, rows, project, traced=not watched, again=again))
    while pending:
        collectors, weight = pending[0]
        fair_s = session.left_s * weight / sum(each for _, each in pending)
        enough_s = weight * max(_ENOUGH_S, _ENOUGH_PART * session.elapsed_s)
        limit_s = min(enough_s, max(fair_s, min(session.left_s, _LEAST_S)))
        if session.affords(limit_s):
            progress(f"running {' and '.join(one.name for one in collectors)} for at most {limit_s:.1f} s")
        for collector, run in zip(
            collectors, session.look_together(collectors, limit_s=limit_s, focus=focus), strict=True
        ):
            found = list(collector.read(run.folder, project)) if run is not None else []
            if collector is line_profiler.COLLECTOR and run is not None:
                found = _counted(session, found, rows, project, run, observed)
            rows += found
        pending.pop(0)
    rows += estimated_iterations(rows)
    every = (node for source in source_maps(project).values() for node in source.loops)
    rows += page_faults.malloc_gains(rows, [node.span for node in every if not node.parent])
    yield from rows[len(seen) :]


def _with_transfers(
    session: Session, rows: Sequence[Measurement], project: Project, progress: Progress
) -> Iterator[Measurement]:
    """One whole run in which transfers are counted: what a step moves must not hang on the budget."""
    if not suspicion.suspects_transfers(rows, project):
        return
    progress("counting transfers")
    limit_s = _TRANSFERS_PART * session.elapsed_s + _TRANSFERS_S
    run = session.look_beside(transfers.COLLECTOR, limit_s=limit_s)
    if run is not None:
        yield from transfers.COLLECTOR.read(run.folder, project)


def _with_raised_malloc(
    session: Session,
    rows: Sequence[Measurement],
    project: Project,
    progress: Progress,
) -> Iterator[Measurement]:
    """One run with thresholds that keep memory, where getting it costs and there is time for it."""
    is_set = any(
        name in os.environ or name in dict(session.workload.environment) for name in page_faults.VARIABLES
    )
    if is_set or session.elapsed_s < _LEAST_CHURN_S or not page_faults.has_large_arrays(rows):
        return
    limit_s = session.elapsed_s + _LEAST_S  # only a whole run tells
    if not suspicion.suspects_faults(rows, session.elapsed_s) or session.left_s < limit_s + _LEAST_S:
        return
    progress("running it with malloc's thresholds raised")
    run = session.look(page_faults.COLLECTOR, limit_s=limit_s)
    if run is not None:
        yield from page_faults.COLLECTOR.read(run.folder, project)


def _worthwhile(
    session: Session,
    rows: Sequence[Measurement],
    project: Project,
    *,
    traced: bool,
    again: bool,
) -> Iterator[tuple[tuple[Collector, ...], float]]:
    """The passes that this script calls for, each with its part of the remaining time."""
    if suspicion.suspects_systems(rows):
        # Solves stand behind imports and assembly, often at a script's end: what is cut off saw none.
        yield (sparse.COLLECTOR,), 8.0
    if not traced:
        yield (line_profiler.COLLECTOR,), 4.0
    if not again:
        views = (pyinstrument.COLLECTOR, cprofile.COLLECTOR)  # for people: they may disturb each other
        yield views[: 1 if traced else 2], 1.0
    if suspicion.suspects_allocation(rows, project, session.elapsed_s):
        yield (memray.COLLECTOR,), 2.0


def _traced(session: Session, project: Project, progress: Progress) -> Iterator[Measurement]:
    """The overview where py-spy cannot look: functions by cProfile, then lines by line_profiler."""
    session.notes.append(
        "py-spy is missing or may not look at the process: shares are estimated by cProfile and line_profiler"
    )
    progress("running cprofile in place of py-spy")
    run = session.look(cprofile.COLLECTOR, limit_s=session.left_s * 0.4)
    if run is None:
        return
    yield from cprofile.COLLECTOR.read(run.folder, project)
    functions = traced_stacks.functions(stats := run.folder / cprofile.STATS, project)
    progress("running line_profiler in place of py-spy")
    focus = traced_stacks.focus_of(functions)
    watched = session.look(line_profiler.COLLECTOR, limit_s=session.left_s * 0.6, focus=focus)
    lines = list(line_profiler.COLLECTOR.read(watched.folder, project)) if watched is not None else []
    shares = list(traced_stacks.rows(stats, functions, lines, project, session.elapsed_s))
    yield from shares
    if watched is not None:
        yield from _counted(session, lines, shares, project, watched, None)


def _counted(
    session: Session,
    lines: Sequence[Measurement],
    rows: Sequence[Measurement],
    project: Project,
    watched: Run,
    observed: Run | None,
) -> list[Measurement]:
    seen = Seen(
        lines=lines,
        others=rows,
        lines_complete=watched.complete,
        entries_complete=observed is not None and observed.complete,
        elapsed_s=session.elapsed_s,
    )
    return list(whole_counts(seen, project))


def _focus(rows: Sequence[Measurement], project: Project) -> Focus:
    """The code objects in which the time is spent."""
    maps = source_maps(project)
    shares: defaultdict[tuple[str, int], float] = defaultdict(float)
    for row in rows:
        if row.metric == "line_share":
            function = maps[row.where.file].function_at(row.where.first)
            shares[row.where.file, first_line(function) if function else 0] += float(row.value)
    return tuple(place for place, share in shares.items() if share >= _HOT_FUNCTION)


def _keep(folder: Path, artifacts: Path) -> Iterator[tuple[str, str]]:
    for role, collector, name in _ARTIFACTS:
        recorded = folder / collector / name
        if recorded.is_file():
            shutil.copyfile(recorded, artifacts / name)
            yield role, name
