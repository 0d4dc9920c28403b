"""How the user's script runs in this process: as ``python script.py`` would, but watched.

A script that only ``python -m package.script`` can run is run so. Standard library only: this is imported
by the user's interpreter.
"""

import ast
import importlib.machinery
import importlib.util
import os
import sys
import sysconfig
import threading
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import CodeType, ModuleType

from pdeperf.guest.deep import deep_recursion
from pdeperf.guest.packages import as_module

Transform = Callable[[ast.Module, str], ast.Module]
"""Turns the syntax tree of one local file (relative to the root) into the one that runs."""


class _LocalLoader(importlib.machinery.SourceFileLoader):
    """Compiles a local module through the transform, and never through a stored ``.pyc``."""

    def __init__(self, fullname: str, path: str, relative: str, transform: Transform) -> None:
        super().__init__(fullname, path)
        self._relative = relative
        self._transform = transform

    def get_code(self, fullname: str) -> CodeType | None:
        path = self.get_filename(fullname)
        return _compile(self.get_data(path), path, self._relative, self._transform)


class _LocalFinder(MetaPathFinder):
    """Finds the modules that lie below the root and gives them the transforming loader."""

    def __init__(self, root: Path, transform: Transform) -> None:
        self._root = root
        self._transform = transform

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or not isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            return None
        if (relative := local_file(spec.loader.path, self._root)) is None:
            return None
        spec.loader = _LocalLoader(fullname, spec.loader.path, relative, self._transform)
        return spec


def _installed_folders() -> tuple[str, ...]:
    names = ("purelib", "platlib", "stdlib", "platstdlib")
    paths = sysconfig.get_paths()
    return tuple(os.path.realpath(paths[name]) + os.sep for name in names if name in paths)


_INSTALLED = _installed_folders()
_OWN = os.path.realpath(Path(__file__).parent.parent) + os.sep


def local_file(filename: str, root: Path) -> str | None:
    """Name a file of the user's program relative to the root; None for anything else."""
    absolute = os.path.abspath(filename)
    if not absolute.startswith(str(root).rstrip(os.sep) + os.sep):
        return None
    real = os.path.realpath(absolute)
    if real.startswith((*_INSTALLED, _OWN)) or f"{os.sep}site-packages{os.sep}" in absolute:
        return None
    return Path(absolute).relative_to(root).as_posix()


def _compile(source: bytes, path: str, relative: str, transform: Transform | None) -> CodeType:
    if transform is None:
        return compile(source, path, "exec", dont_inherit=True)
    with deep_recursion():
        tree = transform(ast.parse(source, filename=path), relative)
        code: CodeType = compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True)
    return code


def _main_module(path: Path) -> ModuleType:
    module = ModuleType("__main__")
    module.__file__ = str(path)
    module.__loader__ = importlib.machinery.SourceFileLoader("__main__", str(path))
    module.__dict__.update(__builtins__=sys.modules["builtins"], __cached__=None, __annotations__={})
    return module


def _put_first_on_path(folder: Path) -> None:
    current = os.getcwd()
    if sys.path and not sys.flags.safe_path and sys.path[0] in ("", current):
        sys.path[0] = str(folder)
    else:
        sys.path.insert(0, str(folder))


def _wait_for_threads() -> None:
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()


def without_ours(error: BaseException) -> BaseException:
    """Drop the frames of this package from the start of an exception's traceback."""
    trace = error.__traceback__
    while trace is not None and os.path.realpath(trace.tb_frame.f_code.co_filename).startswith(_OWN):
        trace = trace.tb_next
    return error.with_traceback(trace)


def run_script(
    path: Path, argv: Sequence[str], *, root: Path, transform: Transform | None = None
) -> dict[str, object]:
    """Run the script in this process as its main program; return its globals as it leaves them.

    Parameters
    ----------
    path
        The script.
    argv
        What follows the script's name on its command line.
    root
        The folder that the relative names given to ``transform`` refer to.
    transform
        Applied to the script and to each local module that it imports from below ``root``.
        Line numbers must be kept: tracebacks show the lines of the file.

    Raises
    ------
    SystemExit
        If the script ends itself with a status other than 0.
    BaseException
        Whatever the script raises; see :func:`without_ours`.
    """
    path = Path(os.path.abspath(path))
    root = Path(os.path.abspath(root))
    relative = local_file(str(path), root) or path.name
    module = _main_module(path)
    current = Path.cwd()
    sys.argv = [str(path.relative_to(current) if path.is_relative_to(current) else path), *argv]
    packaged = as_module(path)
    _put_first_on_path(packaged[0] if packaged else path.parent)
    sys.modules["__main__"] = module
    if transform is not None:
        sys.meta_path.insert(0, _LocalFinder(root, transform))
    try:
        if packaged:
            module.__package__ = packaged[1].rpartition(".")[0]
            module.__spec__ = importlib.util.find_spec(packaged[1])  # imports the packages around it
        code = _compile(path.read_bytes(), str(path), relative, transform)
        exec(code, module.__dict__)
    except SystemExit as end:
        if end.code not in (None, 0):
            raise
    _wait_for_threads()
    return module.__dict__
