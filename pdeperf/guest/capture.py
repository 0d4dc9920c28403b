"""What numbers a namespace holds: arrays, scalars, sparse matrices, and containers and instances of these.

numpy is imported when there is something to keep, not before: the user's script may do without it.
"""

import dataclasses
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from pdeperf.guest.script import local_file

DEPTH = 3
WHOLE_BYTES = 4_000_000
SAMPLES_COUNT = 64
PROJECTIONS_COUNT = 8
ITEMS_COUNT = 200
HEAP_BYTES = 256_000_000
LIST_COUNT = 2_000_000
COLUMNS_COUNT = 16
CHUNK_COUNT = 1 << 16
SEED = 20_240_229


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One named piece of a result.

    Attributes
    ----------
    values
        The whole array; or, for a large one, samples, projections, lowest, highest and L2 norm.
    shape
        The shape of the original array.
    reduced
        Is ``values`` such a summary?
    typed
        Did the value have a dtype of its own, as arrays have and Python's numbers and lists have not?
    """

    name: str
    values: Any
    shape: tuple[int, ...]
    reduced: bool = False
    typed: bool = True


def reduce_array(array: Any) -> Any:
    """Summarise a large array: 64 samples, 8 random +-1 projections, lowest, highest, L2 norm.

    The same positions and signs are drawn for every array of the same size.
    """
    import numpy as np

    flat = array.reshape(-1)
    kinds = np.complex128 if flat.dtype.kind == "c" else np.float64
    draw = np.random.Generator(np.random.PCG64(SEED))
    samples = flat[draw.integers(0, flat.size, SAMPLES_COUNT)].astype(kinds)
    signs = draw.integers(0, 2, (PROJECTIONS_COUNT, CHUNK_COUNT)) * 2.0 - 1.0
    projections = np.zeros(PROJECTIONS_COUNT, kinds)
    square, lowest, highest = 0.0, np.inf, -np.inf
    for first in range(0, flat.size, CHUNK_COUNT):
        chunk = flat[first : first + CHUNK_COUNT].astype(kinds)
        # The same signs serve every chunk, turned over at random as a whole.
        turns = draw.integers(0, 2, PROJECTIONS_COUNT) * 2.0 - 1.0
        projections += turns * (signs[:, : chunk.size] @ chunk)
        size = np.abs(chunk) if kinds is np.complex128 else chunk
        square += float(np.vdot(chunk, chunk).real)
        # np.minimum and not min: a NaN must be kept
        lowest, highest = np.minimum(lowest, size.min()), np.maximum(highest, size.max())
    return np.concatenate([samples, projections, [lowest, highest, np.sqrt(square)]])


class Harvest:
    """Walks namespaces and keeps a copy of every number that it meets.

    Parameters
    ----------
    root
        Instances of classes that are defined in files below it are looked into.
    whole_bytes
        Larger arrays are summarised.
    """

    def __init__(self, root: Path, *, whole_bytes: int = WHOLE_BYTES) -> None:
        self._root = root
        self._whole_bytes = whole_bytes
        self.notes: list[str] = []

    def namespace(self, values: Mapping[str, object], prefix: str = "") -> Iterator[Kept]:
        """Keep what the names of a module or of a function hold."""
        for name, value in list(values.items()):
            if name.startswith("__"):
                continue
            try:
                yield from self.value(f"{prefix}{name}", value)
            except Exception as error:  # a property or a conversion of the user's may raise anything
                self.notes.append(f"{prefix}{name} could not be read: {type(error).__name__}: {error}")

    def value(self, name: str, value: object) -> Iterator[Kept]:
        """Keep one value and what it contains."""
        yield from self._walk(name, value, DEPTH, frozenset())

    def _walk(self, name: str, value: Any, depth: int, above: frozenset[int]) -> Iterator[Kept]:
        if isinstance(value, type) and depth and self._of_the_user(value) and not issubclass(value, Enum):
            for attribute, item in list(vars(value).items()):
                if not attribute.startswith("__"):
                    yield from self._walk(f"{name}.{attribute}", item, depth - 1, above)
        if value is None or isinstance(value, str | bytes | type | FunctionType | ModuleType | range):
            return
        if isinstance(value, bool | int | float | complex):
            yield from _keep_scalar(name, value)
            return
        import numpy as np

        if isinstance(value, np.ma.MaskedArray):
            yield from self._keep(name, np.where(np.ma.getmaskarray(value), 0, np.ma.getdata(value)))
            yield from self._keep(f"{name}.mask", np.ma.getmaskarray(value))
        elif isinstance(value, np.ndarray | np.generic):
            yield from self._array(name, np.asarray(value), depth, above)
        elif hasattr(value, "tocsr") and hasattr(value, "nnz"):
            yield from _keep_sparse(name, value)
        elif depth and id(value) not in above:
            yield from self._inside(name, value, depth, above | {id(value)})

    def _array(self, name: str, array: Any, depth: int, above: frozenset[int]) -> Iterator[Kept]:
        if array.dtype.names:
            for field in array.dtype.names:
                yield from self._array(f"{name}[{field!r}]", array[field], depth, above)
        elif array.dtype.kind == "O":
            if depth and array.size <= ITEMS_COUNT:
                for index, item in enumerate(array.reshape(-1)):
                    yield from self._walk(f"{name}[{index}]", item, depth - 1, above)
        else:
            yield from self._keep(name, array)

    def _keep(self, name: str, array: Any, *, typed: bool = True) -> Iterator[Kept]:
        yield from _keep(name, array, self._whole_bytes, typed=typed)

    def _inside(self, name: str, value: Any, depth: int, above: frozenset[int]) -> Iterator[Kept]:
        if isinstance(value, Mapping):
            if len(value) > ITEMS_COUNT:
                yield from self._sequence(name, list(value.values()), depth, above)
                return
            for key, item in list(value.items()):
                yield from self._walk(f"{name}[{key!r}]", item, depth - 1, above)
        elif isinstance(value, list | tuple | deque):
            yield from self._sequence(name, value, depth, above)
        elif isinstance(value, set | frozenset):
            if all(isinstance(item, int | float) for item in value):
                yield from self._sequence(name, sorted(value), depth, above)
        elif self._of_the_user(type(value)):
            for attribute, item in _attributes(value):
                yield from self._walk(f"{name}.{attribute}", item, depth - 1, above)
        elif hasattr(value, "__array__") and hasattr(value, "dtype"):
            yield from self._foreign_array(name, value, depth, above)
        elif type(value).__module__ == "types":  # SimpleNamespace
            for attribute, item in _attributes(value):
                yield from self._walk(f"{name}.{attribute}", item, depth - 1, above)

    def _foreign_array(self, name: str, value: Any, depth: int, above: frozenset[int]) -> Iterator[Kept]:
        import numpy as np

        try:
            array = value.get() if hasattr(value, "get") and hasattr(value, "device") else np.asarray(value)
        except (TypeError, ValueError, RuntimeError):
            return  # lives on a device that gives no copy
        yield from self._array(name, array, depth, above)

    def _sequence(self, name: str, values: Any, depth: int, above: frozenset[int]) -> Iterator[Kept]:
        if _is_heap(values):
            stride = 1 + len(values) // ITEMS_COUNT
            for index in range(0, len(values), stride):
                yield from self._walk(f"{name}[{index}]", values[index], depth - 1, above)
            return
        if (columns := _columns(values)) is not None:
            for number, column in enumerate(columns):
                yield from self._keep(f"{name}[:, {number}]", column, typed=False)
            return
        if (array := _as_array(values)) is not None:
            yield from self._keep(name, array, typed=False)
            return
        items = list(values)
        if len(items) > ITEMS_COUNT and (members := self._members(items)) is not None:
            for member, column in members.items():
                yield from self._walk(f"{name}[:]{member}", column, depth - 1, above)
            return
        for index, item in enumerate(items):
            if index < ITEMS_COUNT // 2 or index >= len(items) - ITEMS_COUNT // 2:
                yield from self._walk(f"{name}[{index}]", item, depth - 1, above)

    def _members(self, items: list[Any]) -> dict[str, list[object]] | None:
        """What objects of one class, or dicts of the same keys, hold by name; None of other things."""
        if all(type(item) is dict for item in items):
            rows = [{f"[{key!r}]": held for key, held in item.items()} for item in items]
        elif len({type(item) for item in items}) == 1 and self._of_the_user(type(items[0])):
            rows = [{f".{name}": held for name, held in _attributes(item)} for item in items]
        else:
            return None
        names = rows[0].keys()
        if not all(row.keys() == names for row in rows):
            return None
        return {name: [row[name] for row in rows] for name in names}

    def _of_the_user(self, kind: type) -> bool:
        if kind.__module__ == "__main__":
            return True
        module = sys.modules.get(kind.__module__)
        file = getattr(module, "__file__", None)
        return bool(file) and local_file(str(file), self._root) is not None


def _attributes(value: object) -> Iterator[tuple[str, object]]:
    yield from list(getattr(value, "__dict__", {}).items())
    for kind in type(value).__mro__:
        slots = vars(kind).get("__slots__", ())
        for slot in (slots,) if isinstance(slots, str) else slots:
            if slot != "__dict__" and hasattr(value, slot):
                yield slot, getattr(value, slot)


def _is_heap(values: Any) -> bool:
    """Are these arrays too large together to be copied into one?"""
    if not len(values) or not hasattr(values[0], "nbytes"):
        return False
    return sum(int(getattr(item, "nbytes", 0)) for item in values) > HEAP_BYTES


def _columns(values: Any) -> list[Any] | None:
    """The columns of a list of tuples, each of them numbers; None if it is anything else.

    A history of ``(t, mass, error)`` has numbers of very different sizes in its rows.
    """
    import numpy as np

    first = values[0] if len(values) else None
    if type(first) is not tuple or not 1 < len(first) <= COLUMNS_COUNT or len(values) > LIST_COUNT:
        return None
    if not all(type(row) is tuple and len(row) == len(first) for row in values):
        return None
    columns = [_as_array(column) for column in zip(*values, strict=True)]
    whole = all(column is not None and np.ndim(column) == 1 for column in columns)
    return columns if whole else None


def _as_array(values: Any) -> Any:
    """Make one array of a rectangular nest of numbers; None if it is anything else."""
    import numpy as np

    first: Any = values
    for _ in range(8):
        if not isinstance(first, list | tuple | deque):
            break
        if not len(first) or len(first) > LIST_COUNT:
            return None
        first = first[0]
    if not isinstance(first, bool | int | float | complex | np.ndarray | np.generic):
        return None
    try:
        array = np.asarray(list(values) if isinstance(values, deque) else values)
    except (ValueError, OverflowError):
        return None  # ragged
    return array if array.dtype.kind in "biufc" else None


def _keep_scalar(name: str, value: Any) -> Iterator[Kept]:
    import numpy as np

    try:
        array = np.asarray(value)
    except OverflowError:
        return
    if array.dtype.kind in "biufc":
        yield Kept(name=name, values=array, shape=(), typed=False)


def _keep(name: str, array: Any, whole_bytes: int, *, typed: bool = True) -> Iterator[Kept]:
    import numpy as np

    if array.dtype.kind in "mM":
        array = array.astype(np.int64)
    if array.dtype.kind not in "biufc":
        return
    shape = tuple(int(extent) for extent in array.shape)
    if array.nbytes > whole_bytes:
        yield Kept(name=name, values=reduce_array(array), shape=shape, reduced=True, typed=typed)
    else:
        yield Kept(name=name, values=np.array(array, order="C"), shape=shape, typed=typed)


def _keep_sparse(name: str, matrix: Any) -> Iterator[Kept]:
    """Keep a sparse matrix by its products with fixed vectors: the format it is stored in is free."""
    import numpy as np

    rows, columns = matrix.shape
    csr = matrix.tocsr()
    if rows * columns <= WHOLE_BYTES // 8:
        yield from _keep(name, csr.toarray(), WHOLE_BYTES)
        return
    draw = np.random.Generator(np.random.PCG64(SEED))
    signs = draw.integers(0, 2, (columns, 2)) * 2.0 - 1.0
    yield from _keep(f"{name} @ signs", np.asarray(csr @ signs), WHOLE_BYTES)
    yield from _keep(f"{name}.diagonal", np.asarray(csr.diagonal()), WHOLE_BYTES)
