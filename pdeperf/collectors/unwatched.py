"""The script's own time, with nothing watching: the overview where py-spy cannot be used."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pdeperf.collectors import Collector, Job, Recording
from pdeperf.guest.script import Transform
from pdeperf.model import Measurement

if TYPE_CHECKING:
    from pdeperf.source import Project


class Nothing:
    """Leaves the user's process alone."""

    transform: Transform | None = None

    def start(self) -> None:
        """Nothing to begin."""

    def stop(self) -> None:
        """Nothing to write."""


class _Collector:
    name = "unwatched"

    def command(self, child: list[str], folder: Path) -> list[str]:
        return child

    def record(self, job: Job) -> Recording:
        return Nothing()

    def read(self, folder: Path, project: "Project") -> Iterator[Measurement]:
        return iter(())


COLLECTOR: Collector = _Collector()
