"""Further runs of the original, which nobody times: side by side where cores and memory are left."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from pdeperf.guest.scratch import Place
from pdeperf.model import Workload
from pdeperf.trial.run import Run, Setting, Terms, run_beside, run_once

_SHORT_S = 1.0
"""What takes less is sooner done than a copy of its folder is made."""


@dataclass(frozen=True)
class Again:
    """The original, to be run again.

    Attributes
    ----------
    runs
        What it took before.
    """

    workload: Workload
    place: Place
    files: Mapping[str, str]
    setting: Setting
    runs: Sequence[Run]

    def one(self, terms: Terms) -> Run:
        """Run it once more."""
        return run_once(self.workload, self.place, self.files, self.setting, self._limited(terms))

    def each(self, terms: Sequence[Terms]) -> Iterator[Run]:
        """Run it under each of these terms; what fails beside others is run alone."""
        for start in range(0, len(terms), self.at_once_count):
            together = [self._limited(one) for one in terms[start : start + self.at_once_count]]
            runs = run_beside(self.workload, self.place, self.files, self.setting, together)
            for one, run in zip(together, runs, strict=True):
                yield self.one(one) if run.failure and len(runs) > 1 else run

    @cached_property
    def at_once_count(self) -> int:
        """How many runs have a core each, and memory? Copies have other names, so none that is told."""
        run = self.runs[0]
        if run.wall_s < _SHORT_S or run.tells_place:
            return 1
        threads_count = max(round(run.cpu_s / run.wall_s), 1)
        fits_count = _available_bytes() // (2 * max(run.peak_bytes, 1))
        return max(min(len(os.sched_getaffinity(0)) // threads_count, fits_count), 1)

    def _limited(self, terms: Terms) -> Terms:
        shortest_s = min(run.wall_s for run in self.runs)
        return replace(terms, timeout_s=(10 if terms.tightened else 3) * shortest_s + 60)


def _available_bytes() -> int:
    """Memory that is free, as Linux tells it; none elsewhere."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")), 0)
