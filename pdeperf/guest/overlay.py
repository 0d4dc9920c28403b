"""Keeps writes inside the copy: a link to a file of the user's is replaced before it is written to.

Standard library only: this is imported by the user's interpreter.
"""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

BASE_VARIABLE = "PDEPERF_SCRATCH"
"""Environment variable that names the copy's base folder."""

_PATH_EVENTS = {
    "os.remove": (0,),
    "os.rename": (0, 1),
    "os.rmdir": (0,),
    "os.mkdir": (0,),
    "os.link": (1,),
    "os.symlink": (1,),
    "os.truncate": (0,),
    "os.chmod": (0,),
    "os.utime": (0,),
    "os.chdir": (0,),
    "sqlite3.connect": (0,),
}
_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def _leads_out(path: str, base: Path) -> bool:
    return os.path.islink(path) and not os.path.realpath(path).startswith(f"{base}{os.sep}")


def _unlink_folder(path: str) -> None:
    """Replace a link to a folder by a folder of links."""
    target = os.path.realpath(path)
    names = os.listdir(target)
    os.unlink(path)
    os.mkdir(path)
    for name in names:
        if name != "__pycache__":
            os.symlink(os.path.join(target, name), os.path.join(path, name))


def materialise(path: str, base: Path, *, truncate: bool = False) -> None:
    """Make a path of the copy safe to write to: no part of it leads out by a link any more.

    Parameters
    ----------
    truncate
        The file's content is about to be replaced as a whole, so it is not copied.
    """
    path = os.path.abspath(path)
    if not path.startswith(f"{base}{os.sep}"):
        return
    current = str(base)
    for part in Path(path).relative_to(base).parts:
        current = os.path.join(current, part)
        if not _leads_out(current, base):
            continue
        if os.path.isdir(current):
            _unlink_folder(current)
            continue
        target = os.path.realpath(current)
        os.unlink(current)
        if not truncate and os.path.exists(target):
            shutil.copy2(target, current)


def install() -> None:
    """Watch this process's writes from now on, if it runs in a copy."""
    if not (found := os.environ.get(BASE_VARIABLE)):
        return
    base = Path(found)
    busy = False

    def guard(path: object, *, truncate: bool = False) -> None:
        nonlocal busy
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if busy or not isinstance(path, str | os.PathLike):
            return
        busy = True
        try:
            materialise(os.fspath(path), base, truncate=truncate)
        finally:
            busy = False

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            if isinstance(mode, str) and not set(mode) & set("wax+"):
                return
            if mode is None and not (flags or 0) & _WRITE_FLAGS:
                return
            guard(path, truncate=isinstance(mode, str) and "w" in mode)
        elif (positions := _PATH_EVENTS.get(event)) is not None:
            for position in positions:
                guard(arguments[position])

    sys.addaudithook(hook)
