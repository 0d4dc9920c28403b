"""Which commands there are; each is imported only when it is called, so that ``--help`` is quick."""

import errno
import importlib
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from types import FrameType

import click

from pdeperf import TRACEBACK, __version__
from pdeperf.guest.deep import deep_recursion

COMMANDS = {
    "profile": "Measure where a script's time goes.",
    "suggest": "Rank what would make the profiled script faster, with diffs.",
    "optimize": "Rewrite, try and keep what is right and faster.",
    "scale": "Run with more and more threads or ranks: speedup and efficiency.",
    "apply": "Write chosen suggestions of a session into the script.",
    "view": "Open a session's profile: snakeviz, flame graph, speedscope.",
    "report": "Write a session as a page, Markdown or JSON.",
    "baseline": "Keep a script's source and results, to validate against.",
    "validate": "Run a script against its baseline: same results, same speed?",
    "history": "Show past runs, and plot how the speed went.",
    "explain": "Explain one rule or technique.",
    "rules": "List the rules and the techniques that answer them.",
    "sessions": "List the stored sessions.",
    "doctor": "Say what this machine can do, and what is missing.",
}
INTERRUPTED = 130
"""The shell's exit code for a program that Ctrl-C ended."""
_MAKE_ROOM = "make room there, or keep sessions elsewhere with --store FOLDER"
BUG = 70
"""Exit code of an error in pdeperf itself (``EX_SOFTWARE``)."""


class LazyGroup(click.Group):
    """A group that knows its commands by name and summary, and imports the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"pdeperf.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


EXIT_CODES = """\b
Exit codes, the same for every command:
  0  fine, also where nothing could be made faster
  1  results differ
  2  usage: an option, a file or a folder is not as it should be
  3  slower than --max-slowdown, or short of --min-speedup
  4  a baseline or session is missing, damaged or does not fit
  5  inconclusive
  6  the script failed or ran out of time
"""


@click.group(cls=LazyGroup, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="pdeperf")
def cli() -> None:
    """Make Python PDE solvers fast, and prove that the answer is the same."""


class _Terminated(BaseException):
    """The system asked this process to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def _ending_cleanly() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into an exception, so that child processes and scratch folders go."""

    def end(number: int, frame: FrameType | None) -> None:
        raise _Terminated(number)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run(arguments: Sequence[str]) -> int:
    """Run one command line; the exit code, and never a traceback for what a user can mend."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal that knows ASCII only is told what it can show
            stream.reconfigure(errors="backslashreplace")
    try:
        with _ending_cleanly(), deep_recursion():
            return _invoke(arguments)
    except KeyboardInterrupt as ended:
        say(f"interrupted: {_kept(ended)}")
        return INTERRUPTED
    except _Terminated as ended:
        say(f"terminated: {_kept(ended)}")
        return 128 + ended.number


def _kept(ended: BaseException) -> str:
    notes = getattr(ended, "__notes__", ())
    return "; ".join(("your files are as they were, the session so far is kept", *notes))


def _invoke(arguments: Sequence[str]) -> int:
    try:
        with cli.make_context("pdeperf", list(arguments)) as context:
            code = cli.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as left:
        return left.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except BrokenPipeError:
        # The reader of our output (head, less) has gone; Python must not complain while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if (ended := _ended_by(error)) is not None:
            raise ended from error
        message, code = _told(error)
        say(f"error: {message}")
        return code
    return code if isinstance(code, int) else 0


def _ended_by(error: BaseException) -> BaseException | None:
    """The Ctrl-C or the request to end during whose handling this error arose, if any."""
    cause = error.__context__
    while cause is not None and not isinstance(cause, KeyboardInterrupt | _Terminated):
        cause = cause.__context__
    return cause


def _told(error: Exception) -> tuple[str, int]:
    """Message and exit code for an error: ours, the system's, or a bug."""
    for module, name in (("pdeperf.store", "StoreError"), ("pdeperf.pipeline", "PipelineError")):
        kind = getattr(sys.modules.get(module), name, None)
        if kind is not None and isinstance(error, kind):
            code = getattr(error, "exit_code", 2)
            return str(error), code if isinstance(code, int) else 2
    if os.environ.get(TRACEBACK):
        raise error
    if isinstance(error, OSError):
        is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        name = (is_full and error.filename2) or error.filename  # of a copy that which could not be written
        place, advice = f"{name}: " if name else "", f": {_MAKE_ROOM}" if is_full else ""
        return f"{place}{error.strerror or error}{advice}", 2
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(last.filename).name}:{last.lineno}"
    return (
        f"a bug in pdeperf: {type(error).__name__}: {error} ({where}); your files are as they were; "
        f"{TRACEBACK}=1 shows the whole trace",
        BUG,
    )


def say(message: str) -> None:
    """One line to the error stream, with control characters made visible."""
    from pdeperf.renderers._words import visible

    click.echo(f"pdeperf: {visible(message)}", err=True)
