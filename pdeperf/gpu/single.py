"""A region's text in single precision: half the bytes, seven digits."""

import re
from collections.abc import Iterable

from pdeperf.arrays.dtypes import Unliftable

_LITERAL = re.compile(r"(?<![\w.])(\d+\.\d*(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)(?![\w.])")
_EMPTY = re.compile(r"= cp\.empty\((\([^()]*\)|[^(),]+)\)$")
_UPLOAD = re.compile(r'cp\.asarray\(([^()]+), order="C"\)$')
_LAUNCHES = ("on_cells(", "in_tiles(", "over_cells(", ".append(")


def checked(dtypes: Iterable[str], *, is_lifted: bool) -> None:
    """Refuse what has more in it than real numbers in kernels.

    Raises
    ------
    Unliftable
        If single precision would mean something else there.
    """
    if not is_lifted or not {*dtypes} <= {"float64", "float32", "bool", "int64", "int32"}:
        raise Unliftable("single precision is written for kernels of real numbers only")


def kernel(source: str) -> str:
    """A CUDA function in single precision."""
    rows = [_LITERAL.sub(r"\1f", row) for row in source.split("\n")]
    return "\n".join(rows).replace("double", "float").replace("__longlong_as_float", "__longlong_as_double")


def lines(rows: Iterable[str], doubles: Iterable[str]) -> list[str]:
    """A region's lines with arrays and numbers in single precision.

    Parameters
    ----------
    doubles
        Arrays of double precision on the host, by their names there.
    """
    return [_line(row, frozenset(doubles)) for row in rows]


def _line(row: str, doubles: frozenset[str]) -> str:
    if any(name in row for name in _LAUNCHES):
        row = re.sub(r"(?<![\w.])float\(", "cp.float32(", row).replace('"float64"', '"float32"')
    row = row.replace(".get()[()]", ".item()")
    number = re.fullmatch(r"(\s*[\w.]+ = )(over_cells\(.+)", row)
    if number is not None:
        row = f"{number[1]}cp.float64({number[2]})"
    row = _EMPTY.sub(r'= cp.empty(\1, dtype="float32")', row)
    uploaded = _UPLOAD.search(row)
    if uploaded is not None and uploaded[1] in doubles:
        row = _UPLOAD.sub(r'cp.asarray(\1, dtype="float32", order="C")', row)
    target = row.strip().partition(" = ")[0]
    if row.endswith(".get()") and target in doubles:
        row += '.astype("float64")'
    stored = re.fullmatch(r"(\s*)(\w+)\.set\((.+)\)", row)
    if stored is not None and stored[3] in doubles:
        row = f'{stored[1]}{stored[2]}[...] = cp.asarray({stored[3]}, dtype="float32")'
    return row
