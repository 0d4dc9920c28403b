"""Where the user's program runs: a copy of its folder, so that no run touches the user's files."""

import hashlib
import io
import os
import shutil
import stat
import tempfile
import tokenize
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pdeperf.guest.overlay import materialise

SKIPPED = frozenset(
    {
        ".git", ".hg", ".svn", ".pdeperf", ".venv", ".tox", ".nox", ".mypy_cache", ".pytest_cache",
        ".ruff_cache", ".ipynb_checkpoints", "__pycache__", "node_modules",
    }
)  # fmt: skip
"""Folders that no solver reads and that may be large."""

SMALL_TREE_BYTES = 300_000_000
SMALL_TREE_FILES = 20_000
SMALL_FOLDER_BYTES = 32_000_000
SMALL_FOLDER_FILES = 1_000
SMALL_FILE_BYTES = 8_000_000
MIRRORED_ANCESTORS = 2
PREFIX = "pdeperf-"
MIRRORED_ENTRIES = 2_000


class ChangedError(OSError):
    """A file of the user's changed while trials ran: the runs could not see equal inputs."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """What stood at one path of the copy when it was made."""

    origin: str
    link: bool
    size: int = 0
    mtime_ns: int = 0


def locate(script: str, cwd: Path) -> tuple[Path, str]:
    """Which folder do the program's relative file names refer to, and what is the script's?

    The working folder, if the script lies below it; else the script's own folder.
    """
    cwd = Path(os.path.abspath(cwd))
    path = Path(os.path.abspath(cwd / script))
    root = cwd if path.is_relative_to(cwd) else path.parent
    return root, path.relative_to(root).as_posix()


class Place:
    """A copy of the folders that a program runs in.

    Attributes
    ----------
    root
        The folder that relative ``file`` names refer to.
    cwd
        The folder that the child process runs in.
    base
        The folder that holds the whole copy; a path of the user's stands at the same path below it.
    """

    def __init__(self, root: Path, cwd: Path, *, base: Path | None = None) -> None:
        self.root = root
        self.cwd = cwd
        self.base = base or Path(os.path.commonpath([root, cwd]))
        self._entries: dict[str, _Entry] = {}
        self._written: dict[str, str] = {}

    def write(self, files: Mapping[str, str]) -> None:
        """Put these texts at their names relative to the root, in place of what stands there.

        Texts written before and not given now are taken away by the next :meth:`fresh`.
        Equal texts get equal times of modification, whenever they are written, so that code
        compiled and cached for a version of a file is found again when that version returns.
        """
        self._written = {}
        for name, text in files.items():
            relative = PurePosixPath(name)
            if relative.is_absolute() or ".." in relative.parts:
                raise ValueError(f"{name}: a file outside the program's folder cannot be written")
            path = self.root / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            materialise(str(path), self.base, truncate=True)
            self._written[str(path)] = text
            _write(path, text)

    def fresh(self) -> None:
        """Make the copy as it was at first, patched files apart; compiled code is kept.

        Raises
        ------
        ChangedError
            If a file that a run has changed is no longer as it was in the user's folder.
        """
        for path in list(self._present(self.base)):
            if path not in self._entries and path not in self._written:
                _remove(path)
        for path, entry in self._entries.items():
            if path not in self._written and not _unchanged(path, entry):
                _remove(path)
                _restore(path, entry)
        for path, text in self._written.items():
            if not _holds(path, text):
                _remove(path)
                Path(path).parent.mkdir(parents=True, exist_ok=True)
                _write(Path(path), text)

    def changed(self) -> tuple[Path, ...]:
        """Which files has the program created or changed since :meth:`fresh`?"""
        return tuple(
            Path(path)
            for path in sorted(self._present(self.base))
            if path not in self._written
            and os.path.isfile(path)
            and not os.path.islink(path)
            and (path not in self._entries or not _unchanged(path, self._entries[path]))
        )

    def record(self) -> None:
        """Remember the copy as it now is: what :meth:`fresh` restores."""
        self._entries.update((path, _entry(path, self._origin(path))) for path in self._present(self.base))

    @contextmanager
    def twin(self) -> Iterator["Place"]:
        """Give a copy of this copy as it now is, for a run beside another."""
        with temporary_folder(PREFIX) as base:
            shutil.copytree(
                self.base,
                base,
                symlinks=True,
                dirs_exist_ok=True,
                ignore=shutil.ignore_patterns("__pycache__"),
            )
            there = {
                path: str(base / os.path.relpath(path, self.base))
                for path in (*self._entries, *self._written)
            }
            place = Place(*(base / one.relative_to(self.base) for one in (self.root, self.cwd)), base=base)
            place._entries = {there[path]: entry for path, entry in self._entries.items()}
            place._written = {there[path]: text for path, text in self._written.items()}
            yield place

    def _origin(self, path: str) -> str:
        return os.sep + os.path.relpath(path, self.base)

    def _present(self, folder: Path) -> Iterator[str]:
        """Each file and link below a folder, and each empty folder."""
        empty = True
        with os.scandir(folder) as entries:
            for entry in list(entries):
                empty = False
                if entry.name == "__pycache__":
                    continue
                if entry.is_dir(follow_symlinks=False):
                    yield from self._present(Path(entry.path))
                else:
                    yield entry.path
        if empty:
            yield str(folder)


def _stored(text: str) -> bytes:
    """A source text in the coding that its own coding line names: Python reads it by that."""
    data = text.encode()
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return text.encode(encoding)
    except (SyntaxError, UnicodeEncodeError):
        return data


def _write(path: Path, text: str) -> None:
    data = _stored(text)
    path.write_bytes(data)
    # 1980 to 2011, by content: no file of that age changes while we run, and pyc files hold 32 bits.
    seconds = 315_532_800 + int.from_bytes(hashlib.sha256(data).digest()[:4], "big") % 1_000_000_000
    os.utime(path, (seconds, seconds))


def _holds(path: str, text: str) -> bool:
    try:
        return not os.path.islink(path) and Path(path).read_bytes() == _stored(text)
    except OSError:
        return False


def _entry(path: str, origin: str) -> _Entry:
    found = os.lstat(path)
    if stat.S_ISLNK(found.st_mode):
        return _Entry(os.readlink(path), link=True)
    return _Entry(origin, link=False, size=found.st_size, mtime_ns=found.st_mtime_ns)


def _unchanged(path: str, entry: _Entry) -> bool:
    try:
        found = os.lstat(path)
    except OSError:
        return False
    if stat.S_ISDIR(found.st_mode):
        return os.path.isdir(entry.origin) and not entry.link
    if entry.link:
        return stat.S_ISLNK(found.st_mode) and os.readlink(path) == entry.origin
    return (found.st_size, found.st_mtime_ns) == (entry.size, entry.mtime_ns)


def _restore(path: str, entry: _Entry) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if entry.link:
        os.symlink(entry.origin, path)
        return
    if os.path.isdir(entry.origin):
        os.makedirs(path, exist_ok=True)
        return
    try:
        shutil.copy2(entry.origin, path)
    except OSError as error:
        raise ChangedError(f"{entry.origin}: cannot be read any more ({error.strerror})") from error
    if not _unchanged(path, entry):
        raise ChangedError(f"{entry.origin}: changed while pdeperf ran the script; run it again")


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)
    # A folder that a run created is left empty by its files' removal.
    parent = os.path.dirname(path)
    while os.path.isdir(parent) and not os.listdir(parent):
        os.rmdir(parent)
        parent = os.path.dirname(parent)


def _skipped(entry: "os.DirEntry[str]") -> bool:
    if not entry.is_dir(follow_symlinks=False):
        return False
    if entry.path.startswith(os.path.join(tempfile.gettempdir(), PREFIX)):
        return True  # this copy itself, and others, when the working folder is the temporary one
    return entry.name in SKIPPED or os.path.exists(os.path.join(entry.path, "pyvenv.cfg"))


def _entries(folder: str) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as found:
            return sorted((entry for entry in found if not _skipped(entry)), key=lambda entry: entry.name)
    except OSError:
        return []


def _fits(folder: str, files_count: int, size_bytes: int) -> bool:
    """Does the tree hold no more than so many files and bytes? Looks no further than that."""
    pending = [folder]
    while pending:
        for entry in _entries(pending.pop()):
            if entry.is_dir(follow_symlinks=False):
                pending.append(entry.path)
                files_count -= 1
            else:
                files_count -= 1
                size_bytes -= _size(entry)
            if files_count < 0 or size_bytes < 0:
                return False
    return True


def _size(entry: "os.DirEntry[str]") -> int:
    try:
        return entry.stat().st_size
    except OSError:
        return 0


def _copy_file(origin: str, path: str) -> None:
    try:
        if not os.path.isfile(origin):
            return  # a socket, a pipe, a dangling link
        if os.path.getsize(origin) > SMALL_TREE_BYTES:
            os.symlink(os.path.realpath(origin), path)
        else:
            shutil.copy2(origin, path)
    except OSError:
        os.symlink(origin, path)  # not readable: the script shall fail on it as it would in place


def _copy_tree(origin: str, path: str) -> None:
    os.makedirs(path, exist_ok=True)
    for entry in _entries(origin):
        target = os.path.join(path, entry.name)
        if os.path.lexists(target):
            continue
        if entry.is_dir(follow_symlinks=False):
            _copy_tree(entry.path, target)
        elif entry.is_dir():
            os.symlink(os.path.realpath(entry.path), target)
        else:
            _copy_file(entry.path, target)


def _copy_large_folder(origin: str, path: str) -> None:
    """Copy what is small, link what is large; the child copies what it writes to."""
    os.makedirs(path, exist_ok=True)
    for entry in _entries(origin):
        target = os.path.join(path, entry.name)
        if os.path.lexists(target):
            continue
        if entry.is_dir():
            if not entry.is_symlink() and _fits(entry.path, SMALL_FOLDER_FILES, SMALL_FOLDER_BYTES):
                _copy_tree(entry.path, target)
            else:
                os.symlink(os.path.realpath(entry.path), target)
        elif _size(entry) > SMALL_FILE_BYTES:
            os.symlink(os.path.realpath(entry.path), target)
        else:
            _copy_file(entry.path, target)


def _copy_folder(folder: Path, base: Path) -> None:
    path = _below(base, folder)
    if _fits(str(folder), SMALL_TREE_FILES, SMALL_TREE_BYTES):
        _copy_tree(str(folder), str(path))
    else:
        _copy_large_folder(str(folder), str(path))


def _link_neighbours(folder: Path, base: Path) -> None:
    """Make ``../data/mesh.txt`` readable: what stands beside the folder's ancestors is linked."""
    for ancestor in list(folder.parents)[:MIRRORED_ANCESTORS]:
        mirrored = _below(base, ancestor)
        for entry in _entries(str(ancestor))[:MIRRORED_ENTRIES]:
            target = mirrored / entry.name
            if not os.path.lexists(target) and not str(base).startswith(entry.path):
                target.symlink_to(os.path.realpath(entry.path))


def _below(base: Path, path: Path) -> Path:
    return base / path.relative_to(path.anchor)


@contextmanager
def scratch(script: str, cwd: Path) -> Iterator[Place]:
    """Give a copy of the folder that a script runs in, for as long as the block lasts.

    Parameters
    ----------
    script
        Path of the script relative to ``cwd``; it may start with ``..``.
    cwd
        The user's working folder.
    """
    cwd = Path(os.path.abspath(cwd))
    root, _ = locate(script, cwd)
    with temporary_folder(PREFIX) as base:
        for folder in dict.fromkeys((root, cwd)):
            _below(base, folder).mkdir(parents=True, exist_ok=True)
        for folder in dict.fromkeys((root, cwd)):
            _copy_folder(folder, base)
        for folder in dict.fromkeys((root, cwd)):
            _link_neighbours(folder, base)
        place = Place(_below(base, root), _below(base, cwd), base=base)
        place.record()
        yield place


@contextmanager
def temporary_folder(prefix: str) -> Iterator[Path]:
    """Give a folder for as long as the block lasts; Ctrl-C while it is removed waits until it has gone."""
    folder = Path(os.path.realpath(tempfile.mkdtemp(prefix=prefix)))
    try:
        yield folder
    finally:
        try:
            shutil.rmtree(folder, ignore_errors=True)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
