"""Starts the user's program as a child process with a time limit, and says how it ended."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pdeperf.guest.overlay import BASE_VARIABLE
from pdeperf.guest.scratch import PREFIX, Place, temporary_folder

KEPT_HEAD_BYTES = 8_000_000
KEPT_TAIL_BYTES = 200_000
DRAIN_S = 5.0
"""How long a pipe is waited for that something holds which left the child's group."""
TIME_MARK = "(the time limit, see --timeout); stopped"
STDIN_MARK = "the script reads from standard input"
ARGUMENTS_HINT = " (arguments for the script follow --)"
PYTHON_HINT = " (if another Python has it, name that by --python)"
NOTEBOOK_HINT = (
    " (a notebook has it, a script has not: delete the lines that call it, magics such as %matplotlib)"
)
ARGPARSE_MARK = "error: the following arguments are required:"
_HINTS = {
    "ModuleNotFoundError": PYTHON_HINT,
    "NameError: name 'get_ipython' is not defined": NOTEBOOK_HINT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """How a child process ended.

    Attributes
    ----------
    returncode
        As in :mod:`subprocess`: negative for a signal.
    cpu_s
        User plus system time of the child and of the processes that it waited for.
    minor_faults_count
        Pages that the kernel had to map: many of them tell of temporaries.
    peak_bytes
        The most memory that it, or a process that it waited for, held at once.
    stdout, stderr
        What it printed; a very long output is kept at its two ends.
    """

    returncode: int
    wall_s: float
    cpu_s: float
    stdout: str
    stderr: str
    timed_out: bool
    minor_faults_count: int = 0
    peak_bytes: int = 0


class _Drain(threading.Thread):
    """Reads one pipe to its end, keeping the head and the tail."""

    def __init__(self, pipe: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self._pipe = pipe
        self._head = bytearray()
        self._tail = bytearray()
        self._dropped = False

    def run(self) -> None:
        while chunk := os.read(self._pipe.fileno(), 65536):
            room = KEPT_HEAD_BYTES - len(self._head)
            self._head += chunk[:room] if room > 0 else b""
            self._tail += chunk[room:] if room > 0 else chunk
            if len(self._tail) > 2 * KEPT_TAIL_BYTES:
                self._dropped = True
                del self._tail[:-KEPT_TAIL_BYTES]

    def text(self) -> str:
        if not self._dropped:
            return bytes(self._head + self._tail).decode(errors="replace")
        # To the byte: equal outputs must give equal texts, however the pipe cut them into pieces.
        tail = self._tail[-KEPT_TAIL_BYTES:]
        return bytes(self._head + b"\n[...]\n" + tail).decode(errors="replace")


class _Child(threading.Thread):
    """Starts one child, waits for it and takes its resource usage.

    In a thread, because Ctrl-C is raised in the main thread: there it could strike between the child's
    start and the note of its number, and leave it running.
    """

    def __init__(self, args: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> None:
        super().__init__(daemon=True)
        self._args = args
        self._cwd = cwd
        self._environment = dict(environment)
        self._settled = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._error: OSError | None = None
        self.drains: tuple[_Drain, ...] = ()
        self.late = False
        self.wall_s = 0.0
        self.cpu_s = 0.0
        self.faults_count = self.peak_bytes = 0
        self.returncode = 0

    def run(self) -> None:
        started = time.perf_counter()
        try:
            process = subprocess.Popen(
                self._args,
                cwd=self._cwd,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
            assert process.stdout is not None
            assert process.stderr is not None
            self._process = process
            self.drains = (_Drain(process.stdout), _Drain(process.stderr))
            for drain in self.drains:
                drain.start()
        except OSError as error:
            self._error = error
            return
        finally:
            self._settled.set()
        _, status, usage = os.wait4(process.pid, 0)
        self.wall_s = time.perf_counter() - started
        self.cpu_s = usage.ru_utime + usage.ru_stime
        self.faults_count = usage.ru_minflt
        self.peak_bytes = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        self.returncode = process.returncode = os.waitstatus_to_exitcode(status)

    def end(self) -> None:
        """Kill the child and what it started, and see them gone.

        Raises
        ------
        OSError
            If there is no child, because it could not be started.
        """
        if not self.ident:
            return
        self._settled.wait()
        if self._process is not None:
            _kill_group(self._process.pid)
        self.join()
        for drain in self.drains:
            drain.join(DRAIN_S)  # a pipe ends when the last process that holds it does
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """Give the pipes back, if nobody holds their other ends."""
        if self._process is None or any(drain.is_alive() for drain in self.drains):
            return
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # nobody is left in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What a child process runs, where, and for how long at most."""

    args: Sequence[str]
    cwd: Path
    environment: Mapping[str, str]
    timeout_s: float


def launch(args: Sequence[str], *, cwd: Path, environment: Mapping[str, str], timeout_s: float) -> Finished:
    """Run a command in a process group of its own, to its end or to its time limit.

    Its standard input is empty. Whatever it leaves running is ended with it; so is everything when
    this call is interrupted.
    """
    (finished,) = launch_beside([Command(args=args, cwd=cwd, environment=environment, timeout_s=timeout_s)])
    return finished


def launch_beside(commands: Sequence[Command]) -> list[Finished]:
    """Run commands side by side, each as :func:`launch` does: for what nobody times."""
    children = [_Child(one.args, one.cwd, one.environment) for one in commands]
    started = time.perf_counter()
    try:
        for child in children:
            child.start()
        for child, command in sorted(
            zip(children, commands, strict=True), key=lambda pair: pair[1].timeout_s
        ):
            child.join(max(command.timeout_s - (time.perf_counter() - started), 0.0))
            if child.is_alive():
                child.late = True
                child.end()
    finally:
        for child in children:
            if child.is_alive() or not child.late:
                child.end()
    found = []
    for child in children:
        texts = tuple(drain.text() for drain in child.drains)
        child.close()
        found.append(
            Finished(
                returncode=child.returncode,
                wall_s=child.wall_s,
                cpu_s=child.cpu_s,
                stdout=texts[0],
                stderr=texts[1],
                timed_out=child.late,
                minor_faults_count=child.faults_count,
                peak_bytes=child.peak_bytes,
            )
        )
    return found


@contextmanager
def importable() -> Iterator[Path]:
    """Give a folder for ``PYTHONPATH`` that holds this package and nothing else.

    The folder that this package is installed in may hold numpy and others for our interpreter,
    which the user's interpreter must not see.
    """
    with temporary_folder("pdeperf-path-") as folder:
        package = Path(__file__).resolve().parent.parent
        (folder / package.name).symlink_to(package, target_is_directory=True)
        yield folder


def pinned_environment(
    path: Path,
    *,
    cache_dir: Path,
    place: Place | None = None,
    extra: Sequence[tuple[str, str]] = (),
    base: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Give the environment that every run of the user's program gets, so that runs can be compared.

    What it costs to get memory and to give it back is as the user has it: a gain must hold where no
    variable raises malloc's thresholds, and most of what temporary arrays cost is often that.

    Parameters
    ----------
    path
        Folder from :func:`importable`.
    cache_dir
        Where Numba keeps compiled code.
    place
        The copy that the child runs in; its writes are kept inside.
    extra
        The workload's own variables; they win.
    base
        The variables to start from, the current ones by default.
    """
    environment = dict(os.environ if base is None else base)
    inherited = environment.get("PYTHONPATH")
    environment.update(
        MPLBACKEND="Agg",
        PYTHONHASHSEED="0",
        NUMBA_CACHE_DIR=str(cache_dir),
        PYTHONPATH=f"{path}{os.pathsep}{inherited}" if inherited else str(path),
        PYTHONIOENCODING="utf-8",
    )
    if place is not None:
        environment[BASE_VARIABLE] = str(place.base)
    environment.update(extra)
    return environment


def thread_settings(environment: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Which thread counts did the user fix? They are left as they are, and recorded."""
    names = (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMBA_NUM_THREADS",
        "NUMEXPR_NUM_THREADS",
    )
    return tuple((name, environment[name]) for name in names if name in environment)


_FRAME = re.compile(r'^\s+File "(?P<file>[^"]+)", line (?P<line>\d+)(?:,? in .*)?$', re.MULTILINE)
_NUMBA_PLACE = re.compile(r"(?:\bat|\bfrom) (?P<file>/\S+) \((?P<line>\d+)\)")
_SCRATCH = re.compile(rf"/[^\s'\"(]*/{PREFIX}[a-z0-9_]{{8}}(?=/)")
"""Where the copies of folders lie: below it, each has the name that the user knows."""
_NUMBA_ERROR = re.compile(r"^numba\.core\.errors\.(?P<kind>\w+): ")
_SIGNALS = {
    signal.SIGSEGV: "a segmentation fault",
    signal.SIGABRT: "an abort",
    signal.SIGFPE: "an arithmetic fault",
    signal.SIGILL: "an illegal instruction",
    signal.SIGBUS: "a bus error",
    signal.SIGKILL: "a kill signal (out of memory?)",
}


def _where(stderr: str, root: Path | None) -> str:
    """The innermost line of the user's that a traceback names, as ``file:line``."""
    message = stderr[stderr.rfind("numba.core.errors.") :] if "numba.core.errors." in stderr else ""
    places = [*_FRAME.finditer(stderr), *_NUMBA_PLACE.finditer(message)]
    for found in reversed(places):
        path = Path(found["file"])
        if root is not None and path.is_relative_to(root):
            return f"{path.relative_to(root).as_posix()}:{found['line']}"
        if root is None and "site-packages" not in path.parts:
            return f"{path.name}:{found['line']}"
    return ""


def _message(stderr: str) -> str:
    """The exception's type and text: the first line after its frames."""
    lines = stderr.rstrip().splitlines()
    frames = [number for number, line in enumerate(lines) if _FRAME.match(line)]
    after = lines[frames[-1] + 1 :] if frames else list(reversed(lines))
    for number, line in enumerate(after):
        if line.strip() and not line[0].isspace():
            return _numba_reason(after[number:]) if _NUMBA_ERROR.match(line) else line.strip()
    return ""


def _numba_reason(lines: Sequence[str]) -> str:
    """Numba's own reason: its first line names only the compiler's stage, the next ones tell."""
    found = _NUMBA_ERROR.match(lines[0])
    assert found is not None
    told = lines[0][found.end() :]
    rest = [line.strip().removeprefix(">>> ") for line in lines[1:] if line.strip()]
    if told.startswith("Failed in") and rest:
        signature = f" {rest[1]}" if rest[0].endswith(":") and len(rest) > 1 else ""
        told = f"{rest[0]}{signature}"
    return f"{found['kind']}: {told}"


def describe_failure(finished: Finished, script: str, *, root: Path | None = None) -> str:
    """Say in one line why a run failed and where; empty if it did not.

    Parameters
    ----------
    script
        The script's name, as the user knows it.
    root
        The folder in which it ran: lines of files below it are the user's.
    """
    if finished.timed_out:
        return f"{script}: still running after {finished.wall_s:.3g} s {TIME_MARK}"
    if finished.returncode == 0:
        return ""
    where = _where(finished.stderr, root) or script
    message = _SCRATCH.sub("", _message(finished.stderr))
    if finished.returncode < 0:
        number = -finished.returncode
        name = _SIGNALS.get(signal.Signals(number), signal.Signals(number).name)
        return f"{where}: the process was ended by {name}"
    if message.startswith("EOFError") and "EOF when reading" in message:
        return f"{where}: {STDIN_MARK}, which is empty here; give the value as an argument"
    if "Traceback (most recent call last)" in finished.stderr or message.startswith("SyntaxError"):
        lacks = message == "IndexError: list index out of range" and "argv[" in finished.stderr
        hint = next((hint for start, hint in _HINTS.items() if message.startswith(start)), "")
        return f"{where}: {message}{ARGUMENTS_HINT if lacks else hint}"
    tail = f": {message}" if message else ""
    if ARGPARSE_MARK in message:
        tail += ARGUMENTS_HINT
    return f"{script}: ended with exit status {finished.returncode}{tail}"
