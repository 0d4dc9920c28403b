"""Which line of the user's is running when a library's function is called."""

import sys
from pathlib import Path

from pdeperf.guest.script import local_file

_FRAMES_COUNT = 40
"""A line further out than this is not looked for."""


class RunningLine:
    """Finds the nearest line of the user's, by what is called from it.

    Parameters
    ----------
    root
        Folder of the user's program.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._local: dict[str, str | None] = {}

    def __call__(self) -> tuple[str, int] | None:
        """File and line from which the caller was called; None if only libraries are running."""
        frame = sys._getframe(2)
        for _ in range(_FRAMES_COUNT):
            path = frame.f_code.co_filename
            if path not in self._local:
                self._local[path] = local_file(path, self._root)
            if (file := self._local[path]) is not None:
                return file, frame.f_lineno
            if frame.f_back is None:
                break
            frame = frame.f_back
        return None
