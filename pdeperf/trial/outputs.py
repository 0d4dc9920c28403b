"""What numbers a run printed, and wrote into files."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from zipfile import BadZipFile
from zlib import crc32

import numpy as np

from pdeperf.judge import Observable

NUMBER = re.compile(
    r"(?<![\w.])[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eEdD][-+]?\d+)?"
    r"|(?<!\w)(?P<word>[-+]?(?:nan|inf(?:inity)?))(?!\w)",
    re.IGNORECASE,
)
TEXT_SUFFIXES = frozenset(
    {"", ".txt", ".csv", ".dat", ".tsv", ".json", ".vtk", ".vtu", ".vtp", ".vts", ".vtr", ".xyz", ".out",
     ".res", ".asc", ".tec", ".msh", ".obj", ".data", ".log", ".pts", ".sol"}
)  # fmt: skip
"""Suffixes of files that hold numbers as text; pictures and pages hold text too, but no results."""
RAW_SUFFIXES = frozenset({".bin", ".raw", ".f32", ".f64", ".fld", ".i32", ".i64"})
"""Suffixes of files that hold numbers as they are in memory; those of text may hold them too."""
LEAST_RAW_BYTES = 64
_BRACKETS = re.compile(r"([\[(]) | ([\])])")
LARGEST_TEXT_BYTES = 64_000_000
LARGEST_WORDS_BYTES = 4_000_000
NAME_CHARACTERS = 48
MOST_COLUMNS = 16
MOST_HEAD_LINES = 5


def _value(found: re.Match[str]) -> float:
    return float(found["word"] or re.sub("[dD]", "e", found[0]))


def _quantum(found: re.Match[str]) -> float:
    """One unit of the last digit; 0 for whole numbers, which are not rounded."""
    mantissa, _, exponent = re.sub("[dDE]", "e", found[0]).partition("e")
    if found["word"] or not ("." in mantissa or exponent):
        return 0.0
    return float(10.0 ** min(int(exponent or 0) - len(mantissa.partition(".")[2]), 300))


def _finest(units: Iterable[float]) -> float:
    """The finest unit of a column: ``0.5`` beside ``0.4999999997`` was not rounded to tenths."""
    return min((unit for unit in units if unit), default=0.0)


def _observable(name: str, numbers: list[float], quantum: float) -> Observable:
    return Observable(
        name=name,
        values=np.array(numbers, dtype=np.float64),
        shape=(len(numbers),),
        quantum=quantum,
        origin="print" if name.startswith("stdout ") else "file",
    )


def printed(text: str) -> Iterator[Observable]:
    """Give the numbers of lines that read alike but for their numbers, column by column.

    ``step 1 t = 0.5`` and ``step 2 t = 1.0`` make the two results ``stdout 'step # t = #'[0]``
    and ``[1]``, so that a timer in one column leaves the others judged.
    """
    columns: dict[str, list[list[float]]] = defaultdict(list)
    quanta: dict[str, list[list[float]]] = defaultdict(list)
    for line in re.split(r"[\r\n]+", text):
        found = list(NUMBER.finditer(line))
        if not found:
            continue
        template = _template(line)
        rows = columns[template]
        rows.extend([] for _ in range(len(found) - len(rows)))
        units = quanta[template]
        units.extend([] for _ in range(len(found) - len(units)))
        for number, match in enumerate(found):
            rows[number].append(_value(match))
            units[number].append(_quantum(match))
    for template, rows in columns.items():
        short = template if len(template) <= NAME_CHARACTERS else _shortened(template)
        for number, column in enumerate(rows):
            yield _observable(f"stdout {short!r}[{number}]", column, _finest(quanta[template][number]))


def _template(line: str) -> str:
    """The line without its numbers.

    NumPy leaves a column for a sign that may not come: ``[ 1.`` and ``[-1.`` read alike.
    """
    return _BRACKETS.sub(r"\1\2", " ".join(NUMBER.sub("#", line).split()))


def words_of(text: str) -> tuple[int, ...]:
    """What stands around the numbers, a checksum a line: ``converged: True`` is a result too.

    Nothing of a text that is too long to be read twice.
    """
    if len(text) > LARGEST_WORDS_BYTES:
        return ()
    lines = (line for line in re.split(r"[\r\n]+", text) if line.strip())
    return tuple(crc32(_template(line).encode()) for line in lines)


def _shortened(template: str) -> str:
    """Keep a long line's name short and its own: both ends, its length and a checksum."""
    half = NAME_CHARACTERS // 2
    return f"{template[:half]}...{template[-half:]}({len(template)} {crc32(template.encode()):08x})"


def written(path: Path, name: str) -> Iterator[Observable]:
    """Give the numbers in one file that the run wrote; nothing for pictures and other formats."""
    if path.suffix in {".npy", ".npz"}:
        yield from _arrays(path, name)
        return
    suffix = path.suffix.lower()
    if suffix not in TEXT_SUFFIXES | RAW_SUFFIXES or path.stat().st_size > LARGEST_TEXT_BYTES:
        return
    data = path.read_bytes()
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        yield from _raw(data, name)
        return
    lines = [found for line in text.splitlines() if (found := list(NUMBER.finditer(line)))]
    head = _head(lines)
    if head is not None:
        yield from _numbers(f"{name}[head]", [one for line in lines[:head] for one in line])
        for column in range(len(lines[head])):
            yield from _numbers(f"{name}[:, {column}]", [line[column] for line in lines[head:]])
    else:
        yield from _numbers(name, [one for line in lines for one in line])


def file_mark(path: Path, *, is_read: bool) -> tuple[int, ...]:
    """What there is to a file besides numbers: the words of a text; of other formats that it is there.

    Parameters
    ----------
    is_read
        Were numbers found in it?
    """
    is_text = path.suffix.lower() in TEXT_SUFFIXES and path.stat().st_size <= LARGEST_WORDS_BYTES
    if is_text:
        with suppress(UnicodeDecodeError):
            return words_of(path.read_text())
    return () if is_read else (1,)


def _numbers(name: str, found: list[re.Match[str]]) -> Iterator[Observable]:
    if found:
        yield _observable(name, [_value(one) for one in found], _finest(map(_quantum, found)))


def _head(lines: list[list[re.Match[str]]]) -> int | None:
    """How many lines stand above a table, whose columns are of different sizes? None where there is none.

    A table has a few columns and is longer than it is wide; what is as wide as it is long is a field.
    """
    columns_count = len(lines[-1]) if lines else 0
    head = next((at for at, line in enumerate(lines) if len(line) == columns_count), 0)
    rows = lines[head:]
    if head > MOST_HEAD_LINES or not 1 < columns_count <= MOST_COLUMNS or len(rows) <= 2 * columns_count:
        return None
    return head if all(len(line) == columns_count for line in rows) else None


def _raw(data: bytes, name: str) -> Iterator[Observable]:
    """Give the numbers of a file without a header, as ``u.tofile("u.bin")`` makes it, in plausible types.

    Numbers of single precision make numbers of double precision, two by two: both are compared then.
    """
    for dtype, least, most in (
        ("<f8", 1e-150, 1e150),
        ("<f4", 1e-25, 1e25),
        ("<i8", 1, 1e12),
        ("<i4", 1, 1e7),
    ):
        if len(data) % np.dtype(dtype).itemsize or len(data) < LEAST_RAW_BYTES:
            continue
        values = np.frombuffer(data, dtype)
        with np.errstate(all="ignore"):
            sizes = np.abs(values.astype(np.float64))
        if np.all((sizes == 0) | np.isnan(sizes) | ((sizes >= least) & (sizes <= most))) and sizes.any():
            shown = name if dtype == "<f8" else f"{name} as {np.dtype(dtype).name}"
            yield Observable(name=shown, values=values, shape=values.shape, typed=True, origin="file")


def _arrays(path: Path, name: str) -> Iterator[Observable]:
    try:
        loaded = np.load(path, allow_pickle=False)
    except (ValueError, OSError, EOFError, BadZipFile):
        return  # holds objects, or is no such file in spite of its name
    arrays = {"": loaded} if isinstance(loaded, np.ndarray) else {f"[{key}]": loaded[key] for key in loaded}
    for key, array in arrays.items():
        if array.dtype.kind in "biufc":
            yield Observable(name=f"{name}{key}", values=array, shape=array.shape, typed=True, origin="file")
