"""Where the optimised program is written, and whether that would overwrite anything."""

import ast
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

import click

from pdeperf import __version__
from pdeperf.cli.request import F
from pdeperf.cli.script import InputError, form
from pdeperf.guest.packages import as_module

_CODING = re.compile(r"^[ \t\f]*#.*?coding[:=]")
_HEADER = re.compile(r"^# Made by pdeperf \S+ from .*, body ([0-9a-f]{16})$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The file to write, or the user's own files.

    Attributes
    ----------
    script
        The user's script, absolute.
    out
        The file to write; the script itself with ``--in-place``.
    force
        Overwrite what pdeperf did not write.
    """

    script: Path
    out: Path
    in_place: bool = False
    force: bool = False

    @property
    def modules(self) -> Path:
        """The folder beside the output for local modules that changed with the script."""
        return self.out.with_name(self.out.name.removesuffix(".py") + "_modules")


def writing(function: F) -> F:
    """Add the options that say where the result goes."""
    for decorate in (
        click.option("--force", is_flag=True, help="Overwrite a file that pdeperf did not write."),
        click.option("--in-place", is_flag=True, help="Change the script and its local modules themselves."),
        click.option("-o", "--output", metavar="OUT.py", help="Write here (SCRIPT_optimized.py)."),
    ):
        function = decorate(function)
    return function


def target(script: Path, output: str | None, *, in_place: bool, force: bool) -> Target:
    """Choose where to write and refuse at once what could not be written later.

    Raises
    ------
    InputError
        If the options contradict each other, or the place cannot be written or is not ours.
    """
    script = script.absolute()
    if in_place:
        if output is not None:
            raise InputError("--in-place changes the script itself: leave -o out")
        if not os.access(script.resolve(), os.W_OK) or not os.access(script.resolve().parent, os.W_OK):
            raise InputError(f"{script.name}: cannot be changed (read-only): use -o OUT.py")
        return Target(script=script, out=script, in_place=True)
    packaged = as_module(script)
    home = packaged[0] if packaged else script.parent
    out = (
        Path(output).absolute()
        if output is not None
        else home / f"{script.stem}_optimized{script.suffix or '.py'}"
    )
    chosen = Target(script=script, out=out, force=force)
    _check(chosen)
    return chosen


def _check(chosen: Target) -> None:
    out = chosen.out
    if out.is_dir():
        raise InputError(f"{out.name} is a folder: give -o the name of a file")
    if not out.parent.is_dir():
        raise InputError(f"{out.parent}: no such folder: make it, or give -o another place")
    if out.exists() and out.samefile(chosen.script):
        raise InputError(f"{out.name} is the script itself: say --in-place to change it")
    if not os.access(out.parent, os.W_OK) or (out.exists() and not os.access(out, os.W_OK)):
        raise InputError(f"cannot write {out}: permission denied: use -o OUT.py to write elsewhere")
    refuse_foreign(out, force=chosen.force)
    if chosen.modules.is_dir() and not chosen.force:
        for path in chosen.modules.rglob("*.py"):
            refuse_foreign(path, force=False)


def refuse_foreign(path: Path, *, force: bool) -> None:
    """Raise InputError if a file is there that pdeperf did not write, or that was changed since."""
    if force or not path.exists():
        return
    if not path.is_file():
        raise InputError(f"{path.name} exists and is not a file: use -o OUT.py to write elsewhere")
    try:
        text = _text(path.read_bytes())
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    if not text:
        return
    mark = _HEADER.search(text)
    if mark is None:
        raise InputError(
            f"{path.name} exists and pdeperf did not write it: use -o OUT.py, or --force to overwrite it"
        )
    if mark.group(1) != _digest(text[: mark.start()] + text[mark.end() + 1 :]):
        raise InputError(
            f"{path.name} was changed since pdeperf wrote it: use -o OUT.py, or --force to overwrite it"
        )


def _text(data: bytes) -> str:
    """Any file as text, Python's as Python reads it, line ends unified."""
    try:
        text = data.decode(form(data).encoding)
    except (SyntaxError, UnicodeDecodeError):
        text = data.decode("utf-8", "surrogateescape")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def marked(text: str, origin: str, session: str) -> str:
    """The text with a line that says who made it from what, and lets us know it again."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.splitlines(keepends=True)
    at = 0
    while at < min(2, len(lines)) and (lines[at].startswith("#!") or _CODING.match(lines[at])):
        at += 1
    if at and not lines[at - 1].endswith("\n"):
        lines[at - 1] += "\n"
    body = "".join(lines)
    header = f"# Made by pdeperf {__version__} from {origin}, session {session}, body {_digest(body)}\n"
    return "".join((*lines[:at], header, *lines[at:]))


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def with_modules_on_path(text: str, folder: str, suffix: str) -> str:
    """The script's text with its optimised modules' folder put first on the import path."""
    tree = ast.parse(text)
    leading = 0
    for statement in tree.body:
        is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        is_future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if not is_text and not is_future:
            break
        leading += 1
    after = tree.body[leading - 1].end_lineno or 0 if leading else 0
    if leading < len(tree.body) and leading and tree.body[leading].lineno <= after:
        raise InputError("the script's first lines hold several statements each: use --in-place")
    base = f'__file__.removesuffix("{suffix}")' if suffix else "__file__"
    prelude = (
        "from sys import path as _path\n\n"
        f'_path.insert(0, {base} + "_modules")  # {folder}: the modules optimised with this script\n'
    )
    lines = text.splitlines(keepends=True)
    if after and not lines[after - 1].endswith("\n"):
        lines[after - 1] += "\n"
    rest = lines[after:]
    gap = "\n" if rest and rest[0].strip() else ""
    return "".join((*lines[:after], "\n" if after else "", prelude, gap, *rest))
