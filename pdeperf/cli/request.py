"""What the commands that run a script share: their options, and what these ask for."""

import functools
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from pdeperf.cli import configuration
from pdeperf.cli.configuration import Configuration
from pdeperf.cli.script import InputError, check
from pdeperf.model import Workload
from pdeperf.store import Store

if TYPE_CHECKING:
    from pdeperf.model import Report
    from pdeperf.pipeline import Settings

F = TypeVar("F", bound=Callable[..., object])
STORE = ".pdeperf"
LONGEST_S = 1e8
"""Three years: the system's clocks take no longer waits."""


class FiniteRange(click.FloatRange):
    """A number within a range that is neither infinite nor NaN."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read it."""
        found = float(super().convert(value, param, ctx))
        if not math.isfinite(found):
            self.fail(f"{value!r} is no finite number.", param, ctx)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the command line says in the arguments and options of every command that runs the script.

    Attributes
    ----------
    script
        Empty where there is none, for a command that may do without.
    """

    script: str
    args: tuple[str, ...]
    timeout: float | None
    interpreter: str | None
    observe: tuple[str, ...]
    store: str | None
    quiet: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One run that the user asked for."""

    workload: Workload
    cwd: Path
    store: Store
    settings: "Settings"
    configured: Configuration


def running(function: F) -> F:
    """Add the arguments and options of every command that runs the script: the function gets a ``Given``."""
    return _running(function, required=True)


def perhaps_running(function: F) -> F:
    """The same for a command that may also do without a script."""
    return _running(function, required=False)


def _running(function: F, *, required: bool) -> F:
    @functools.wraps(function)
    def gathered(**options: Any) -> object:
        said = {field.name: options.pop(field.name) for field in fields(Given)}
        return function(Given(**{**said, "script": said["script"] or ""}), **options)

    found = cast(F, gathered)
    for decorate in reversed(
        (
            click.argument("script", required=required),
            click.argument("args", nargs=-1, type=click.UNPROCESSED, metavar="[-- ARGS]"),
            click.option("--timeout", type=FiniteRange(min=0, min_open=True), metavar="SECONDS",
                         help="One run of the script may take this long (600)."),
            click.option("--python", "interpreter", metavar="PATH",
                         help="The Python that runs the script (the one that runs pdeperf)."),
            click.option("--observe", multiple=True, metavar="NAME",
                         help="Compare only this result; may be given again."),
            storing,
            quieting,
        )
    ):  # fmt: skip
        found = decorate(found)
    return found


def storing(function: F) -> F:
    """Add the option that says where sessions are kept."""
    return click.option("--store", metavar="FOLDER", help="Keep sessions here (./.pdeperf).")(function)


def choosing(function: F) -> F:
    """Add the options of the commands that read a session."""
    return click.option("--session", metavar="ID", help="This session, not the latest.")(storing(function))


def quieting(function: F) -> F:
    """Add the option that silences progress."""
    return click.option("-q", "--quiet", is_flag=True, help="Show no progress.")(function)


def store_at(folder: str | None) -> Store:
    """The store in a folder, or in the working folder."""
    return Store(Path(folder) if folder else Path.cwd() / STORE)


def report_of(store: Store, session: str | None) -> "Report":
    """A stored session; where the latest cannot be read, the one before it, and it is said so."""
    report = store.load(session)
    if session is None and report.session != (latest := store.sessions()[0]):
        from pdeperf.cli.group import say

        say(f"session {latest} cannot be read; this is {report.session}, of {report.workload.script}")
    return report


def request(given: Given, *, views: frozenset[str] = frozenset(), **chosen: float | bool | None) -> Request:
    """Check the script and the options, and put them together with the configuration.

    ``chosen`` holds further settings by name; None means not given.
    """
    from pdeperf.pipeline import Settings

    cwd = Path.cwd()
    path = check(given.script)
    configured = configuration.load(cwd)
    timeout_s = min(configured.timeout_s if given.timeout is None else given.timeout, LONGEST_S)
    settled = {name: value for name, value in chosen.items() if value is not None}
    values = {
        name: settled.get(name, getattr(configured, name))
        for name in ("threshold", "min_speedup", "first_run", "allow_opt_in", "max_passes", "budget_s")
    }
    return Request(
        workload=Workload(
            script=Path(os.path.relpath(path, cwd)).as_posix(),
            argv=given.args,
            observables=given.observe or configured.observe,
            timeout_s=timeout_s,
        ),
        cwd=cwd,
        store=store_at(given.store),
        settings=Settings(
            interpreter=interpreter_at(given.interpreter or configured.interpreter),
            timeout_s=timeout_s,
            views=views,
            **values,
        ),
        configured=configured,
    )


def interpreter_at(name: str) -> str:
    """Whole path of a Python; empty for the one that runs pdeperf.

    Raises
    ------
    InputError
        If there is none.
    """
    if not name:
        return sys.executable
    found = shutil.which(name)
    if found is None:
        raise InputError(f"{name}: no such interpreter; give --python the path of a Python")
    path = str(Path(found).absolute())
    if path != sys.executable and not _is_python(path):
        raise InputError(f"{name}: is no Python 3; give --python the path of a Python")
    return path


def _is_python(path: str) -> bool:
    try:
        said = subprocess.run(
            [path, "-c", "import sys; print('python', sys.version_info[0])"],
            capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return False
    return said.stdout.strip().endswith("python 3")
