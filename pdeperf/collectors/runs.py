"""Runs the script under one collector after the other, in fresh processes, within a common budget."""

import json
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pdeperf.collectors import Collector, Focus, Job
from pdeperf.collectors.child import STATUS
from pdeperf.guest.launch import Command, Finished, launch_beside
from pdeperf.guest.overlay import BASE_VARIABLE
from pdeperf.guest.scratch import Place
from pdeperf.model import Workload

ALLOWED_RUNS = 3.0
"""All passes together take at most this many times the script's own time, plus ALLOWED_S."""
ALLOWED_S = 3.0

_START_S = 0.3
"""An interpreter's start, and the time to write what was seen: not available to the script."""
_GRACE_S = 0.5
_GRACE_PART = 0.25
"""How long after its budget a pass that cannot stop itself is ended: on a busy machine all takes longer."""
_LEAST_S = 0.3
"""A pass that has less than this is not worth its start."""


@dataclass(frozen=True, slots=True)
class Run:
    """One finished run of the script under a collector; ``status`` is what the child said of it."""

    finished: Finished
    status: Mapping[str, Any]
    folder: Path

    @property
    def complete(self) -> bool:
        """Did the script reach its end?"""
        return bool(self.status.get("complete"))

    @property
    def failure(self) -> Finished | None:
        """How the script failed, as if nothing had watched it; None if it did not fail, or nobody knows."""
        finished = self.finished
        if finished.timed_out or self.complete or not self.status.get("exit_code"):
            return finished if finished.timed_out else None
        return Finished(
            returncode=int(self.status["exit_code"]),
            wall_s=finished.wall_s,
            cpu_s=finished.cpu_s,
            stdout=finished.stdout,
            stderr=finished.stderr,
            timed_out=False,
        )


@dataclass(slots=True)
class Session:
    """The runs of one profile: where they happen and what they may cost.

    Attributes
    ----------
    elapsed_s
        The script's own time, once it is known.
    notes
        Passes that were skipped, cut short or fell back, one sentence each.
    extra_s
        Time for a pass that the common budget need not pay.
    """

    workload: Workload
    place: Place
    interpreter: str
    variables: Mapping[str, str]
    folder: Path
    started: float = field(default_factory=time.perf_counter)
    elapsed_s: float = 0.0
    notes: list[str] = field(default_factory=list)
    extra_s: float = 0.0

    @property
    def spent_s(self) -> float:
        """Wall time of the profile so far."""
        return time.perf_counter() - self.started

    @property
    def left_s(self) -> float:
        """What remains of the common budget."""
        return ALLOWED_RUNS * self.elapsed_s + ALLOWED_S + self.extra_s - self.spent_s - _GRACE_S

    def run(self, collector: Collector, *, limit_s: float = 0.0, focus: Focus = ()) -> Run:
        """Run the script once under a collector; with a limit it is stopped in time and keeps what it saw."""
        command = self._command(collector, self.place, limit_s, focus)
        (finished,) = launch_beside([command])
        folder = self.folder / collector.name
        return Run(finished, _status(folder), folder)

    def _command(self, collector: Collector, place: Place, limit_s: float, focus: Focus) -> Command:
        """What runs the script under a collector, in a place that is made fresh."""
        folder = self.folder / collector.name
        folder.mkdir(exist_ok=True)
        (folder / STATUS).unlink(missing_ok=True)
        job = Job(
            collector=collector.name,
            script=str(place.cwd / self.workload.script),
            argv=self.workload.argv,
            root=str(place.root),
            folder=str(folder),
            budget_s=max(limit_s - _START_S, 0.01) if limit_s else 0.0,
            focus=focus,
        )
        (folder / "job.json").write_text(job.to_json())
        place.fresh()
        child = [self.interpreter, "-m", "pdeperf.collectors.child", str(folder / "job.json")]
        return Command(
            args=collector.command(child, folder),
            cwd=place.cwd,
            environment={**self.variables, BASE_VARIABLE: str(place.base)},
            timeout_s=limit_s + _GRACE_S + _GRACE_PART * limit_s if limit_s else self.workload.timeout_s,
        )

    def affords(self, limit_s: float) -> bool:
        """Is a pass with this limit worth its start?"""
        return limit_s >= _START_S + _LEAST_S

    def look_beside(self, collector: Collector, *, limit_s: float, focus: Focus = ()) -> Run | None:
        """The same in time of its own, of which nothing is taken from the other passes."""
        begun_s = self.spent_s
        run = self.look(collector, limit_s=limit_s, focus=focus)
        self.extra_s += self.spent_s - begun_s
        return run

    def look(self, collector: Collector, *, limit_s: float, focus: Focus = ()) -> Run | None:
        """Run a pass within a limit and note what became of it; None if it has nothing to tell."""
        if not self.affords(limit_s):
            self.notes.append(f"{collector.name} was left out: the profile's time budget was used up")
            return None
        return self._told(collector, self.run(collector, limit_s=limit_s, focus=focus))

    def look_together(
        self, collectors: Sequence[Collector], *, limit_s: float, focus: Focus = ()
    ) -> list[Run | None]:
        """Passes side by side, each in a copy of its own, where there are cores and time for them."""
        if (
            not self.affords(limit_s)
            or len(collectors) == 1
            or len(os.sched_getaffinity(0)) < len(collectors)
        ):
            return [self.look(collector, limit_s=limit_s, focus=focus) for collector in collectors]
        with ExitStack() as copies:
            places = [self.place, *(copies.enter_context(self.place.twin()) for _ in collectors[1:])]
            commands = [
                self._command(collector, place, limit_s, focus)
                for collector, place in zip(collectors, places, strict=True)
            ]
            ended = launch_beside(commands)
        folders = [self.folder / collector.name for collector in collectors]
        return [
            self._told(collector, Run(finished, _status(folder), folder))
            for collector, finished, folder in zip(collectors, ended, folders, strict=True)
        ]

    def _told(self, collector: Collector, run: Run) -> Run | None:
        """Note what became of a pass; None if it has nothing to tell."""
        if not run.status:
            reason = "it could not be stopped in time" if run.finished.timed_out else _last_line(run.finished)
            self.notes.append(f"{collector.name} gave nothing: {reason}")
            return None
        if run.status.get("exit_code"):
            self.notes.append(f"the script failed under {collector.name}: {_last_line(run.finished)}")
        elif not run.complete:
            seen_s = float(run.status["elapsed_s"])
            self.notes.append(
                f"{collector.name} was stopped after {seen_s:.1f} s to keep within the time budget"
            )
        return run


def _status(folder: Path) -> Mapping[str, Any]:
    try:
        status: Mapping[str, Any] = json.loads((folder / STATUS).read_text())
    except (OSError, ValueError):
        return {}
    return status


def _last_line(finished: Finished) -> str:
    lines = finished.stderr.strip().splitlines()
    return lines[-1].strip() if lines else f"exit status {finished.returncode}"
