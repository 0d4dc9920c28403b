"""Keeps writes inside the copy: a link to a file of the user's is replaced before it is written to.

Standard library only: this is imported by the user's interpreter.
"""

import builtins
import functools
import io
import os
import shutil
import sys
import threading
from collections.abc import Callable
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
_ONE_PATH = (
    "open", "stat", "lstat", "access", "mkdir", "rmdir", "remove", "unlink", "listdir", "scandir", "chdir",
    "truncate", "utime", "chmod", "readlink",
)  # fmt: skip
_TWO_PATHS = ("rename", "replace", "link")
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
    """Keep this process's writes inside the copy from now on, if it runs in one."""
    if not (found := os.environ.get(BASE_VARIABLE)):
        return
    base = Path(found)
    ours = _Ours()
    _guard_links(base, ours)
    if (current := Path.cwd()).is_relative_to(base) and current != base:
        _redirect(base, os.sep + str(current.relative_to(base)), ours)


class _Ours(threading.local):
    """Is this thread busy with the copy itself? Then it sees the files as they are."""

    busy = False


def _guard_links(base: Path, ours: _Ours) -> None:
    def guard(path: object, *, truncate: bool = False) -> None:
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if ours.busy or not isinstance(path, str | os.PathLike):
            return
        ours.busy = True
        try:
            materialise(os.fspath(path), base, truncate=truncate)
        finally:
            ours.busy = False

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


def _redirect(base: Path, folder: str, ours: _Ours) -> None:
    """Lead paths that name the user's own folder, absolutely, to the same place in the copy."""
    prefix = folder.rstrip(os.sep) + os.sep
    own = str(base) + os.sep

    def led(path: Any) -> Any:
        if ours.busy or not isinstance(path, str | os.PathLike):
            return path
        text = os.fspath(path)
        if not isinstance(text, str) or not f"{text}{os.sep}".startswith(prefix) or text.startswith(own):
            return path
        target = str(base) + text
        # What was left out of the copy, such as a virtual environment, is read where it stands.
        return target if os.path.lexists(os.path.dirname(target)) else path

    def wrapped(real: Callable[..., Any], paths_count: int) -> Callable[..., Any]:
        @functools.wraps(real)
        def call(*arguments: Any, **options: Any) -> Any:
            head = (led(path) for path in arguments[:paths_count])
            return real(*head, *arguments[paths_count:], **options)

        for abilities in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks):
            if real in abilities:
                abilities.add(call)
        return call

    for name in _ONE_PATH:
        setattr(os, name, wrapped(getattr(os, name), 1))
    for name in _TWO_PATHS:
        setattr(os, name, wrapped(getattr(os, name), 2))
    builtins.open = io.open = wrapped(io.open, 1)
