"""The observed types: what the names in each loop and function hold, and how often they are entered."""

import ast
import builtins
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from pdeperf.collectors import Collector, Job, Recording
from pdeperf.collectors.instrumentation import ENTRY, EXIT, LOOK, MARK, Instrumentation, Site
from pdeperf.collectors.observation import (
    MISSING,
    PROPERTY,
    Describer,
    constant,
    follow,
    is_array,
    overlaps,
    same_objects,
)
from pdeperf.collectors.tally import Tally
from pdeperf.collectors.trips import trip_count
from pdeperf.collectors.turns_of_loops import TurnsOfLoops
from pdeperf.guest.script import Transform
from pdeperf.model import Measurement, Span

if TYPE_CHECKING:
    from pdeperf.source import Project

_RECORDED = "arguments.json"
_DISTINCT_COUNT = 16  # shapes, lengths and types kept of one name
_ARRAYS_COUNT = 40
_CHANGED = "\0changed"


class _Seen:
    """What the looks at one site have found."""

    def __init__(self) -> None:
        self.facts: dict[tuple[str, str], dict[str | float, None]] = {}
        self.constants: dict[str, str] = {}
        self.pairs: dict[tuple[str, str], None] = {}
        self.trips: list[int] = []

    def note(self, subject: str, metric: str, value: str | float) -> None:
        values = self.facts.setdefault((subject, metric), {})
        if len(values) < _DISTINCT_COUNT:
            values[value] = None

    def note_constant(self, subject: str, value: object) -> None:
        text = constant(value) or _CHANGED
        if self.constants.setdefault(subject, text) != text:
            self.constants[subject] = _CHANGED


class _Arguments:
    """Looks at the user's names from inside the process."""

    def __init__(self, job: Job) -> None:
        self._folder = Path(job.folder)
        self._instrumentation = Instrumentation()
        self._describer = Describer(job.root, self._instrumentation.def_lines)
        self._tallies: dict[tuple[str, int], Tally] = {}
        self._seen: dict[int, _Seen] = {}
        self._turns: dict[int, TurnsOfLoops] = {}
        self._failures: dict[int, str] = {}

    @property
    def transform(self) -> Transform | None:
        return self._instrument

    def _instrument(self, tree: ast.Module, file: str) -> ast.Module:
        tree = self._instrumentation(tree, file)
        for site in self._instrumentation.sites[len(self._seen) :]:
            self._seen[site.index] = _Seen()
            self._turns[site.index] = TurnsOfLoops(site.node)
            for kind in (ENTRY, EXIT):
                tally = self._tallies[kind, site.index] = Tally()
                setattr(builtins, MARK.format(kind=kind, index=site.index), tally.due)
        return tree

    def start(self) -> None:
        setattr(builtins, LOOK, self._look_from_user)

    def _look_from_user(self, index: int) -> None:
        self._look(max(index, ~index), sys._getframe(1), entering=index >= 0)

    def _look(self, index: int, frame: FrameType, *, entering: bool) -> None:
        if index in self._failures:
            return
        try:
            self._examine(self._instrumentation.sites[index], self._seen[index], frame, entering=entering)
        # Whatever a stranger's object does when it is looked at must not end his script.
        except Exception as error:
            self._failures[index] = f"{type(error).__name__}: {error}"

    def _examine(self, site: Site, seen: _Seen, frame: FrameType, *, entering: bool) -> None:
        local = frame.f_locals
        if entering and (trips := trip_count(site.node, frame, local)) is not None:
            seen.trips.append(trips)
        values: dict[str, object] = {}
        for path in (*site.paths, *self._turns[site.index].paths(frame, local)):
            value = follow(path, frame, local)
            subject = str(path)
            if value is PROPERTY:
                seen.note(subject, "property", "1")
            elif value is not MISSING:
                values[subject] = value
                for suffix, metric, fact in self._describer.facts(value):
                    seen.note(subject + suffix, metric, fact)
                if subject not in site.stored:
                    seen.note_constant(subject, value)
        arrays = {subject: value for subject, value in values.items() if is_array(value)}
        for first, second in overlaps(dict(list(arrays.items())[:_ARRAYS_COUNT])):
            seen.pairs[f"{first}|{second}", "shares_memory"] = None
        for first, second in same_objects(values):
            seen.pairs[f"{first}|{second}", "same_object"] = None

    def stop(self) -> None:
        self._look_at_open_loops()
        rows: list[tuple[str, int, int, str, str, str | float]] = []
        for site in self._instrumentation.sites:
            where = (site.file, site.first, site.last)
            rows += ((*where, *row) for row in self._rows(site))
        for index, reason in self._failures.items():
            site = self._instrumentation.sites[index]
            rows.append((site.file, site.first, site.last, "", "unobservable", reason))
        (self._folder / _RECORDED).write_text(json.dumps(rows))

    def _look_at_open_loops(self) -> None:
        """Look at the loops that run at this moment: the run is cut short inside them."""
        frame: FrameType | None = sys._getframe()
        while frame is not None:
            code = frame.f_code
            if (file := self._describer.local(code.co_filename)) is not None:
                scope = 0 if code.co_name == "<module>" else code.co_firstlineno
                for site in self._instrumentation.sites:
                    inside = site.first <= frame.f_lineno <= site.last
                    if site.is_loop and (site.file, site.scope_line) == (file, scope) and inside:
                        self._look(site.index, frame, entering=False)
            frame = frame.f_back

    def _rows(self, site: Site) -> Iterator[tuple[str, str, str | float]]:
        entries = self._tallies[ENTRY, site.index].count
        yield "", "entries_count" if site.is_loop else "calls_count", float(entries)
        seen = self._seen[site.index]
        if seen.trips:
            yield "", "trip_count", sum(seen.trips) / len(seen.trips)
        for (subject, metric), values in seen.facts.items():
            yield from ((subject, metric, value) for value in values)
        for subject, text in seen.constants.items():
            if text != _CHANGED:
                yield subject, "value", text
        for subject, metric in seen.pairs:
            yield subject, metric, 1.0


class _Collector:
    name = "arguments"

    def command(self, child: list[str], folder: Path) -> list[str]:
        return child

    def record(self, job: Job) -> Recording:
        return _Arguments(job)

    def read(self, folder: Path, project: "Project") -> Iterator[Measurement]:
        for file, first, last, subject, metric, value in json.loads((folder / _RECORDED).read_text()):
            where = Span(file=file, first=first, last=last)
            yield Measurement(where=where, subject=subject, metric=metric, value=value, collector=self.name)


COLLECTOR: Collector = _Collector()
