"""Where a command may write what the user asked for: checked before anything runs."""

from pathlib import Path

from pdeperf.cli.script import InputError
from pdeperf.store import StoreError, write_whole

OURS = (b"pdeperf", b'"format": 1', b'"before_s"', b'"rank_s"', b"pyinstrument", b"www.speedscope.app")
"""What the head of a file that pdeperf wrote before holds; such files are overwritten."""


def destination(name: str, option: str, *, suffix: str = "", force: bool = False) -> Path:
    """The whole path of a file to be written.

    Raises
    ------
    InputError
        If no file can be there, or one is there that pdeperf did not write.
    """
    path = Path(name).absolute()
    if suffix and path.suffix != suffix:
        raise InputError(f"{option} {name}: give the name of a file that ends in {suffix}")
    try:
        path = path.resolve() if path.is_symlink() and path.is_file() else path
        if not name or path.is_dir() or not path.parent.is_dir():
            raise InputError(
                f"{option} {name or repr(name)}: not a place for a file; give the name of a file"
            )
        if path.is_file() and not force and not _is_ours(path):
            raise InputError(f"{option} {name}: exists and was not written by pdeperf; give another name")
    except (OSError, RuntimeError, ValueError) as error:
        raise InputError(f"{option} {name!r}: not a place for a file ({error})") from error
    return path


def _is_ours(path: Path) -> bool:
    if path.suffix == ".py":
        return False
    with path.open("rb") as stream:
        head = stream.read(2000)
    return not head or any(mark in head for mark in OURS)


def write(path: Path, content: str | bytes) -> None:
    """Write a file in one piece; a pipe or a device is written to and stays what it is.

    Raises
    ------
    StoreError
        With the reason, in one line.
    """
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as stream:
                stream.write(data)
        else:
            write_whole(path, data)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror or error}") from error
