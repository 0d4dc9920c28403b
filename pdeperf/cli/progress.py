"""How progress is shown while pdeperf works: on the error stream, never in the output."""

import sys
import time
from types import TracebackType

from rich.console import Console
from rich.status import Status
from rich.text import Text

from pdeperf.renderers._words import visible


class _Ticking:
    """A line with the time gone by, which goes on while it stands there."""

    def __init__(self, line: str, start_s: float) -> None:
        self._line = line
        self._start_s = start_s

    def __rich__(self) -> Text:
        gone_s = int(time.monotonic() - self._start_s)
        return Text(f"{gone_s // 60}:{gone_s % 60:02} {self._line}", no_wrap=True, overflow="ellipsis")


class ShownProgress:
    """A spinner on a terminal that can move its cursor, plain lines elsewhere, nothing when quiet.

    It is called as ``progress(stage, detail)``; a repeated line is shown once.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._quiet = quiet
        self._last = ""
        self._start_s = time.monotonic()
        spins = self._console.is_terminal and not self._console.is_dumb_terminal and not quiet
        self._status = Status("", console=self._console) if spins else None

    def __enter__(self) -> "ShownProgress":
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status is not None:
            self._status.stop()

    def __call__(self, stage: str, detail: str = "") -> None:
        """Say what is being done now."""
        line = visible(f"{stage}: {detail}" if detail else stage).replace("\n", " ")
        if self._quiet or line == self._last:
            return
        self._last = line
        if self._status is not None:
            self._status.update(_Ticking(line, self._start_s))
            return
        print(f"[{time.monotonic() - self._start_s:6.1f} s] {line}", file=sys.stderr, flush=True)

    def show(self, text: Text) -> None:
        """A line that stays."""
        if self._quiet:
            return
        if self._status is not None:
            self._console.print(text, soft_wrap=False)
            return
        print(text.plain, file=sys.stderr, flush=True)
