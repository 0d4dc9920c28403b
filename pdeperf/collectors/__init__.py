"""Shelf: what was measured. One file a tool; each runs the user's script once, in its own process."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pdeperf.guest.script import Transform
from pdeperf.model import Measurement

if TYPE_CHECKING:
    from pdeperf.source import Project


Focus = tuple[tuple[str, int], ...]
"""Hot code: file and first line of each function (decorators included), 0 for the module's own code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One watched run of the script: what the child process is told.

    Attributes
    ----------
    collector
        Name of the module in this folder that watches.
    script, root, folder
        Absolute paths of the script, of the folder that relative names refer to, and of the
        folder that receives what is recorded.
    budget_s
        The run is stopped after this time and what was seen so far is kept; 0 for no limit.
    focus
        The code that is watched by collectors that cannot afford to watch all; empty for all.
    """

    collector: str
    script: str
    argv: tuple[str, ...]
    root: str
    folder: str
    budget_s: float = 0.0
    focus: Focus = ()

    def to_json(self) -> str:
        """Write it for the child process."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Job":
        """Read it in the child process."""
        fields = json.loads(text)
        focus = tuple((file, first) for file, first in fields.pop("focus"))
        return cls(**{**fields, "argv": tuple(fields["argv"]), "focus": focus})


class Recording(Protocol):
    """Watches one run from inside the user's process. Standard library and its own tool only."""

    @property
    def transform(self) -> Transform | None:
        """What the user's syntax trees go through before they run; None to leave them."""
        ...

    def start(self) -> None:
        """Begin; the script runs next."""
        ...

    def stop(self) -> None:
        """End and write what was seen; called once, also from the timer that ends a run early."""
        ...


class Collector(Protocol):
    """Measures one thing about one run of the user's script.

    A collector is one module that ends with ``COLLECTOR: Collector = ...``. It is imported in
    the user's interpreter too, so it imports the tool only when it records.
    """

    @property
    def name(self) -> str:
        """The name its rows carry: that of its module."""
        ...

    def command(self, child: list[str], folder: Path) -> list[str]:
        """Complete the command that starts the child process."""
        ...

    def record(self, job: Job) -> Recording:
        """Watch, inside the user's process."""
        ...

    def read(self, folder: Path, project: "Project") -> Iterator[Measurement]:
        """Turn what was recorded into rows, in our process."""
        ...


Progress = Callable[[str], None]
"""Is told in a few words what runs now."""
