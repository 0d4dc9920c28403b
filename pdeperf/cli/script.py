"""Whether the user's script can be read and parsed, before anything is run."""

import ast
import io
import tokenize
from dataclasses import dataclass
from pathlib import Path

import click

from pdeperf.guest.deep import PYTHONS_OWN, deep_recursion


class ScriptError(click.ClickException):
    """The script itself is at fault: one line, exit code 6."""

    exit_code = 6

    def show(self, file: object = None) -> None:
        """Print the line to the error stream."""
        from pdeperf.cli.group import say

        say(f"error: {self.message}")


class InputError(ScriptError):
    """A path or an option is at fault: one line, exit code 2."""

    exit_code = 2


NO_SCRIPTS = {
    ".ipynb": "is a notebook: make a script of it by `jupyter nbconvert --to script {script}`",
    ".pyx": "is Cython: give the Python script that you run, which imports what it makes",
}
"""What files are that hold no Python, by suffix, and what to give instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceForm:
    """How a source file is stored, apart from its text.

    Attributes
    ----------
    encoding
        As Python finds it: ``utf-8``, ``utf-8-sig`` (with a mark), or what a coding line says.
    newline
        The line end used most.
    """

    encoding: str
    newline: str

    def encode(self, text: str) -> bytes:
        """The text as it is stored."""
        unified = text.replace("\r\n", "\n").replace("\r", "\n")
        return unified.replace("\n", self.newline).encode(self.encoding)


def check(script: str) -> Path:
    """The path of a script that is there, is text and is Python.

    Raises
    ------
    InputError
        If it is no file that can be read.
    ScriptError
        If it is not Python.
    """
    path = Path(script)
    if not path.exists():
        raise InputError(f"{script}: no such file")
    if not path.is_file():
        raise InputError(f"{script} is not a file: give the script that you run with `python`")
    if (why := NO_SCRIPTS.get(path.suffix)) is not None:
        raise InputError(f"{script} {why.format(script=script)}")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{script}: cannot read it: {error.strerror}") from error
    text = _decoded(script, data)
    try:
        with deep_recursion(PYTHONS_OWN):
            ast.parse(text, filename=script)
    except SyntaxError as error:
        raise ScriptError(f"{script}:{error.lineno or 1}: not Python: {error.msg}") from error
    except (RecursionError, MemoryError) as error:
        reason = "an expression is too long or too deep for Python to compile: break it up"
        raise ScriptError(f"{script}: {reason}") from error
    except ValueError as error:
        raise ScriptError(f"{script}: not Python: {error}") from error
    return path


def form(data: bytes) -> SourceForm:
    """Encoding and line ends of a source file that Python can read."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    crlf = data.count(b"\r\n")
    return SourceForm(encoding=encoding, newline="\r\n" if crlf > data.count(b"\n") - crlf else "\n")


def text_at(path: Path) -> str:
    """The text of one of the program's files as Python reads it."""
    try:
        data = path.read_bytes()
        return unified(data.decode(form(data).encoding))
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name}: cannot read it: {error}") from error


def unified(text: str) -> str:
    """A text without a byte order mark, each line ended by a line feed."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _decoded(script: str, data: bytes) -> str:
    if b"\0" in data:
        raise ScriptError(f"{script} is not Python source: it holds zero bytes")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding)
    except SyntaxError:
        pass
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ScriptError(
            f"{script}:{line}: not {error.encoding.upper()}: {_advice(data, error.start)}"
        ) from error
    line = next((n for n, row in enumerate(data.splitlines(), 1) if not _is_utf8(row)), 1)
    raise ScriptError(f"{script}:{line}: not UTF-8, or an unknown coding line: save it as UTF-8")


def _advice(data: bytes, start: int) -> str:
    return f"byte 0x{data[start]:02x}; save it as UTF-8"


def _is_utf8(row: bytes) -> bool:
    try:
        row.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
