"""Where sessions and baselines stand on disk: the only room that knows their format.

Layout::

    .pdeperf/
      .gitignore            "*": nothing here is meant for version control
      format                number of the folder's format
      sessions/<id>/session.json
      sessions/<id>/artifacts/...
      baselines/<name>/...
      validations.jsonl     one line a validation

Everything is JSON or a tool's own file; nothing is pickled. A file is replaced in one piece or
not at all, so that a full disk or a second run at the same time loses nothing.
"""

import errno
import math
import os
import re
import shutil
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from pdeperf.model import PastRun, Report

FORMAT = 1
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
_NONFINITE = "nonfinite"
VALIDATIONS = "validations.jsonl"


class StoreError(Exception):
    """What could not be stored or read, and what to do, in one line.

    ``exit_code`` is 2 where a folder is at fault and 4 where a session is missing or damaged.
    """

    def __init__(self, message: str, *, exit_code: int = 2) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Store:
    """Keeps the sessions and baselines of one working folder.

    Parameters
    ----------
    folder
        ``<working folder>/.pdeperf``; it is made when something is first written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def new_session(self) -> str:
        """Reserve a session and return its id; ids sort by time."""
        self._prepare()
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        try:
            (self.folder / "sessions").mkdir(exist_ok=True)
        except OSError as error:
            raise self._cannot_write(error) from error
        for number in range(1, 1000):
            session = f"{stamp}-{number:03d}"
            try:
                (self.folder / "sessions" / session).mkdir()
                (self.folder / "sessions" / session / "artifacts").mkdir()
            except FileExistsError:
                continue
            except OSError as error:
                raise self._cannot_write(error) from error
            return session
        raise StoreError(f"{self.folder}: a thousand sessions in one second; wait a moment")

    def save(self, report: Report) -> Path:
        """Write a session in one piece; the report must carry its session's id.

        Raises
        ------
        StoreError
            If the folder cannot be written or the disk is full; what stood there before still does.
        """
        self._prepare()
        target = self._session_folder(report.session) / "session.json"
        stamped = replace(
            report,
            format=FORMAT,
            created=report.created or datetime.now(UTC).isoformat(timespec="seconds"),
        )
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            write_whole(target, encode(stamped))
        except OSError as error:
            raise self._cannot_write(error) from error
        return target

    def load(self, session: str | None = None) -> Report:
        """Read a session; without an id, the latest that can be read.

        Raises
        ------
        StoreError
            If there is none, or the one asked for is unknown, damaged or of a newer format.
        """
        if session is not None:
            folder = self._session_folder(session)
            if not folder.is_dir():
                known = ", ".join(self.sessions()[:5]) or "none"
                raise StoreError(
                    f"no session {session!r} in {self.folder} (the latest: {known})", exit_code=4
                )
            return self._read(folder / "session.json")
        trouble: StoreError | None = None
        for found in self.sessions():
            try:
                return self._read(self._session_folder(found) / "session.json")
            except StoreError as error:
                trouble = trouble or error
        if trouble is not None:
            raise trouble
        raise StoreError(f"no session in {self.folder}: run `pdeperf profile SCRIPT` here first", exit_code=4)

    def sessions(self) -> tuple[str, ...]:
        """Ids of the sessions that hold a report, the latest first."""
        try:
            found = [
                entry.name
                for entry in (self.folder / "sessions").iterdir()
                if _NAME.fullmatch(entry.name) and (entry / "session.json").is_file()
            ]
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise StoreError(f"cannot read {self.folder}: {_why(error)}") from error
        return tuple(sorted(found, reverse=True))

    def artifacts_folder(self, session: str) -> Path:
        """Where a session's pstats, flame graph and the like stand; made if missing."""
        folder = self._session_folder(session) / "artifacts"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._cannot_write(error) from error
        return folder

    def artifact(self, report: Report, role: str) -> Path | None:
        """The file that a session keeps in one role (``pstats``, ``flame``), if it is there."""
        folder = self._session_folder(report.session) / "artifacts"
        for kept, name in report.artifacts:
            path = folder / name
            if kept == role and path.is_file() and path.resolve().is_relative_to(folder.resolve()):
                return path
        return None

    def record(self, run: PastRun) -> None:
        """Add a validation to the history: one line, written at once, so that several may write."""
        self._prepare()
        line = msgspec.json.encode(_to_json(msgspec.to_builtins(run))) + b"\n"
        try:
            handle = os.open(self.folder / VALIDATIONS, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
            try:
                os.write(handle, line)
            finally:
                os.close(handle)
        except OSError as error:
            raise self._cannot_write(error) from error

    def validations(self) -> tuple[PastRun, ...]:
        """The validations that can be read, in the order in which they were made."""
        try:
            lines = (self.folder / VALIDATIONS).read_bytes().splitlines()
        except OSError:
            return ()
        found = []
        for line in lines:
            try:
                found.append(msgspec.convert(_from_json(msgspec.json.decode(line)), PastRun, strict=True))
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue  # cut short by a full disk
        return tuple(found)

    def baseline_folder(self, name: str) -> Path:
        """Where a named baseline stands; not made here."""
        return self.folder / "baselines" / _checked(name, "baseline")

    def remove_session(self, session: str) -> None:
        """Delete one session and its artifacts."""
        folder = self._session_folder(session)
        if not folder.is_dir():
            raise StoreError(f"no session {session!r} in {self.folder}", exit_code=4)
        try:
            shutil.rmtree(folder)
        except OSError as error:
            raise self._cannot_write(error) from error

    def _session_folder(self, session: str) -> Path:
        return self.folder / "sessions" / _checked(session, "session")

    def _prepare(self) -> None:
        """Make the folder, with its own .gitignore and format number."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            ignore, number = self.folder / ".gitignore", self.folder / "format"
            if not ignore.exists():
                write_whole(ignore, b"*\n")
            if not number.exists():
                write_whole(number, f"{FORMAT}\n".encode())
            found = number.read_text(encoding="utf-8", errors="replace").strip()
        except OSError as error:
            raise self._cannot_write(error) from error
        if not found.isdecimal():
            raise StoreError(
                f"{number} is damaged (it holds {found[:20]!r}): remove {self.folder}", exit_code=4
            )
        if int(found) > FORMAT:
            raise StoreError(
                f"{self.folder} was written by a newer pdeperf (format {found}, this one knows {FORMAT}): "
                "upgrade pdeperf, or keep sessions elsewhere with --store",
                exit_code=4,
            )

    def _read(self, path: Path) -> Report:
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise StoreError(
                f"session {path.parent.name} was never finished: run the script again", exit_code=4
            ) from error
        except OSError as error:
            raise StoreError(f"cannot read {path}: {_why(error)}") from error
        try:
            return decode(data)
        except ValueError as error:
            raise StoreError(f"{path}: {error}", exit_code=4) from error

    def _cannot_write(self, error: OSError) -> StoreError:
        return StoreError(
            f"cannot write in {self.folder}: {_why(error)}. "
            "Make room or make it writable, or keep sessions elsewhere with --store FOLDER"
        )


def encode(report: Report) -> bytes:
    """A report as JSON; inf and nan, which JSON lacks, are spelt out as objects."""
    return msgspec.json.encode(_to_json(msgspec.to_builtins(report)))


def decode(data: bytes) -> Report:
    """A report from JSON; ValueError says in one line what is wrong with it."""
    try:
        tree = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"damaged ({error}); remove that session or run the script again") from error
    number = tree.get("format") if isinstance(tree, dict) else None
    if not isinstance(number, int):
        raise ValueError("this is no session of pdeperf (it has no format number)")
    if number > FORMAT:
        raise ValueError(
            f"written by a newer pdeperf (format {number}, this one knows {FORMAT}): upgrade pdeperf"
        )
    try:
        return msgspec.convert(_from_json(tree), Report, strict=True)
    except msgspec.ValidationError as error:
        raise ValueError(f"damaged ({error}); remove that session or run the script again") from error


def write_whole(target: Path, data: bytes, *, mode: int | None = None) -> None:
    """Replace a file in one piece: a reader sees the old one or the new one, never half.

    Raises
    ------
    OSError
        As the system gives it; the target is untouched and no temporary file stays.
    """
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(_default_mode() if mode is None else mode)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _default_mode() -> int:
    """What ``open`` would have given: read and write, less the user's mask."""
    mask = os.umask(0o022)
    os.umask(mask)
    return 0o666 & ~mask


def _checked(name: str, what: str) -> str:
    if not _NAME.fullmatch(name):
        raise StoreError(
            f"{name!r} cannot name a {what}: use letters, digits, dots and dashes, a letter or digit first"
        )
    return name


def _why(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "the disk is full"
    return error.strerror or str(error)


def _to_json(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else {_NONFINITE: repr(value)}
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {key: _to_json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_to_json(inner) for inner in value]
    return value


def _from_json(value: object) -> object:
    if isinstance(value, dict):
        spelt = value.get(_NONFINITE)
        if len(value) == 1 and spelt in ("inf", "-inf", "nan"):
            return float(spelt)
        return {key: _from_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_from_json(inner) for inner in value]
    return value
