"""What a value is: its type, dtype, shape, layout, without calling any of the user's code.

Standard library only: this is imported by the user's interpreter; numpy is used if the script has it.
"""

import collections
import enum
import inspect
import os
import sys
import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from pdeperf.collectors.access_paths import AccessPath
from pdeperf.source.short_loops import MOST_TURNS

MISSING = object()
"""The path leads nowhere, or cannot be followed without running code of the user's."""

PROPERTY = object()
"""The path goes through a property or the like: following it would run code."""

Fact = tuple[str, str, str | float]
"""Suffix of the subject (``[]`` for the elements of a list, ``{}`` for a dict's values), metric, value."""

_SCALARS = (bool, int, float, complex, str)
_LIST_DEPTH = 4
_ENTRIES_COUNT = 50
_ELEMENTS_COUNT = 20_000
_PLACES_COUNT = 100_000
_WEIGHTS_COUNT = 27
_EPSILON = 2.220446049250313e-16
_TEXT_LENGTH = 200
_CONSTANT_TUPLE_LENGTH = 8
_PLAIN_ATTRIBUTES = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MemberDescriptorType,
    type(vars(collections.namedtuple("Field", "name"))["name"]),  # reads an element of the tuple
    staticmethod,
    classmethod,
)


@dataclass(frozen=True, slots=True)
class Describer:
    """Describes values; knows where the user's files and functions stand.

    Attributes
    ----------
    root
        The folder that relative file names refer to.
    def_lines
        ``(file, first line with decorators)`` of each function to the line of its ``def``.
    """

    root: str
    def_lines: Mapping[tuple[str, int], int]

    def facts(self, value: object) -> Iterator[Fact]:
        """Everything worth knowing about a value, its constant value apart."""
        yield from self._facts(value, "", _LIST_DEPTH)

    def _facts(self, value: Any, suffix: str, depth: int) -> Iterator[Fact]:
        yield suffix, "type", type_name(value)
        if _is_a(value, list | tuple):
            yield from self._sequence_facts(value, suffix, depth)
        elif type(value) is dict:
            yield from self._dict_facts(value, suffix, depth)
        elif is_array(value):
            yield from ((suffix, metric, fact) for metric, fact in _array_facts(value))
        elif type_name(value) == "cupy.ndarray":
            yield from ((suffix, metric, fact) for metric, fact in _device_array_facts(value))
        elif callable(value) and (name := self.function_name(value)):
            yield suffix, "function", name
        elif type(value).__module__.startswith("scipy.sparse"):
            yield from ((suffix, metric, fact) for metric, fact in _sparse_facts(value))
        elif (file := self._class_file(type(value))) is not None:
            yield suffix, "class", f"{file}:{type(value).__qualname__}"

    def _dict_facts(self, value: dict[Any, Any], suffix: str, depth: int) -> Iterator[Fact]:
        """Short ones key by key; of those that number or name things, what the things are like."""
        if keys := _short(list(value), (str, int)):
            yield suffix, "keys", repr(keys)
            if suffix:
                yield from ((f"{suffix}[{key!r}]", "type", type_name(entry)) for key, entry in value.items())
        if depth and value and type_name(next(iter(value))).startswith(("int", "numpy.int", "str")):
            entries = _spread([*value.values()], _ENTRIES_COUNT)
            sampled = (self._facts(entry, f"{suffix}{{}}", depth - 1) for entry in entries)
            yield from dict.fromkeys(chain.from_iterable(sampled))

    def _sequence_facts(
        self, value: "list[Any] | tuple[Any, ...]", suffix: str, depth: int
    ) -> Iterator[Fact]:
        yield suffix, "length", float(len(value))
        if depth == 0 or not value:
            return
        elements = _sample(value)
        if keys := _short(value, (str,)):
            yield suffix, "keys", repr(keys)
        if _is_a(elements[0], list):
            yield suffix, "rows_distinct", float(len({id(row) for row in value}) == len(value))
            if shape := _list_shape(value):
                yield suffix, "shape", "x".join(map(str, shape))
        if columns := _columns(elements):
            yield suffix, "columns", columns
        seen: set[Fact] = set()
        inner_count = max(1, _ELEMENTS_COUNT // 100) if _is_a(elements[0], list) else 50
        for element in elements if len(elements) <= inner_count else _spread(elements, inner_count):
            for fact in self._facts(element, f"{suffix}[]", depth - 1):
                if fact not in seen:
                    seen.add(fact)
                    yield fact

    def function_name(self, value: Any) -> str:
        """``file.py:12:Solver.flux`` for a function of the user's, ``numpy.sqrt`` for a library's."""
        if _is_a(value, types.MethodType):
            return self.function_name(value.__func__)
        compiled = getattr(type(value), "__module__", "").partition(".")[0] == "numba"
        function: Any = inspect.getattr_static(value, "py_func", value) if compiled else value
        if _is_a(function, types.FunctionType):
            code = function.__code__
            if (file := self.local(code.co_filename)) is not None:
                line = self.def_lines.get((file, code.co_firstlineno), code.co_firstlineno)
                return f"{file}:{line}:{function.__qualname__}"
            return f"{function.__module__}.{function.__qualname__}"
        if _is_a(function, type):
            if (file := self._class_file(function)) is not None:
                return f"{file}:{function.__qualname__}"
            return f"{function.__module__}.{function.__qualname__}"
        if _is_a(function, types.BuiltinFunctionType):
            return _builtin_name(function)
        if type_name(function) == "numpy.ufunc":
            return f"numpy.{getattr(function, '__name__', '')}"
        return ""

    def _class_file(self, kind: type) -> str | None:
        module = sys.modules.get(kind.__module__)
        filename = getattr(module, "__file__", None)
        return self.local(filename) if isinstance(filename, str) else None

    def local(self, filename: str) -> str | None:
        """A user's file relative to the root."""
        prefix = self.root.rstrip(os.sep) + os.sep
        if not filename.startswith(prefix) or f"{os.sep}site-packages{os.sep}" in filename:
            return None
        return filename[len(prefix) :].replace(os.sep, "/")


def _short(values: "list[Any] | tuple[Any, ...]", kinds: tuple[type, ...]) -> list[Any]:
    """A few values, if all of them are of some types; nothing otherwise."""
    few = 0 < len(values) <= MOST_TURNS and all(type(value) in kinds for value in values)
    return list(values) if few and len(repr(list(values))) <= _TEXT_LENGTH else []


def _is_a(value: object, kinds: Any) -> bool:
    """``isinstance`` that does not ask the value: a class of the user's may answer ``__class__`` itself."""
    return issubclass(type(value), kinds)


def _builtin_name(function: Any) -> str:
    owner: Any = function.__self__
    if owner is None or _is_a(owner, types.ModuleType):
        return f"{function.__module__ or 'builtins'}.{function.__qualname__}"
    kind = owner if _is_a(owner, type) else type(owner)
    prefix = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    return f"{prefix}{kind.__qualname__}.{function.__name__}"


def is_array(value: object) -> bool:
    """Is it a numpy array (or of a class derived from it)?"""
    numpy = sys.modules.get("numpy")
    return numpy is not None and _is_a(value, getattr(numpy, "ndarray", ()))


def type_name(value: object) -> str:
    """``float``, ``numpy.ndarray``, ``list[list[float]]``, ``function``, ``heat.Solver``."""
    kind = type(value)
    if kind is types.MethodType:
        return "method"
    if kind in (list, tuple):
        return _sequence_name(value, _LIST_DEPTH)  # type: ignore[arg-type]
    if kind.__module__ == "builtins":
        return kind.__qualname__
    return f"{kind.__module__}.{kind.__qualname__}"


def _sequence_name(value: "list[Any] | tuple[Any, ...]", depth: int) -> str:
    """``list[float]``; rows of one kind are named together: ``list[list[float|int]]``."""
    name = type(value).__name__
    elements = _sample(value)
    if not value or depth == 0:
        return name
    kinds = {type(element): element for element in elements}
    if kinds.keys() == {list} or kinds.keys() == {tuple}:
        inner = [one for row in _spread(elements, 200) for one in _spread(row, 200)]
        return f"{name}[{_sequence_name(type(elements[0])(inner), depth - 1)}]"
    return f"{name}[{'|'.join(sorted({type_name(element) for element in kinds.values()}))}]"


def _sample(value: "list[Any] | tuple[Any, ...]") -> "list[Any] | tuple[Any, ...]":
    return value if len(value) <= _ELEMENTS_COUNT else _spread(value, _ELEMENTS_COUNT)


def _spread(value: "list[Any] | tuple[Any, ...]", count: int) -> "list[Any] | tuple[Any, ...]":
    return value[:: -(-len(value) // count)] if len(value) > count else value


def _columns(rows: "list[Any] | tuple[Any, ...]") -> str:
    """Types of the elements of tuples, place by place, if all tuples agree."""
    if not _is_a(rows[0], tuple) or not 2 <= len(rows[0]) <= _CONSTANT_TUPLE_LENGTH:
        return ""
    kinds = {tuple(map(type_name, row)) if _is_a(row, tuple) else () for row in rows}
    if len({*map(len, kinds)}) > 1:
        return ""
    columns = [{*column} for column in zip(*kinds, strict=True)]
    known = ({"int"}, {"float"}, {"bool"}, {"numpy.float64"}, {"float", "numpy.float64"})
    return " ".join("|".join(sorted(one)) for one in columns) if all(one in known for one in columns) else ""


def _list_shape(value: Any) -> tuple[int, ...]:
    """Shape of a rectangular nested list; empty if it is ragged or not nested to one depth."""
    if not _is_a(value, list):
        return ()
    lengths = {len(row) if _is_a(row, list) else -1 for row in value}
    if lengths == {-1}:
        return (len(value),)
    if len(lengths) != 1:
        return ()
    inner = {_list_shape(row) for row in value}
    return (len(value), *inner.pop()) if len(inner) == 1 and inner != {()} else ()


def _array_facts(array: Any) -> Iterator[tuple[str, str | float]]:
    flags = array.flags
    yield "dtype", str(array.dtype)
    yield "ndim", float(array.ndim)
    yield "shape", "x".join(map(str, array.shape))
    yield "layout", "C" if flags.c_contiguous else "F" if flags.f_contiguous else "strided"
    yield "writeable", float(flags.writeable)
    if array.ndim == 1 and array.dtype.kind == "i" and 0 < len(array) <= _PLACES_COUNT:
        yield from _order_of_places(array)
    if array.dtype.kind in "if" and array.ndim and 0 < array.size <= _WEIGHTS_COUNT:
        yield "filled", "".join("01"[abs(value) > _EPSILON] for value in array.ravel().tolist())


def _order_of_places(array: Any) -> Iterator[tuple[str, str | float]]:
    """Does an array go through places in order, perhaps around an end?"""
    numpy = sys.modules["numpy"]
    first, length = int(array[0]), len(array)
    if abs(first) > _PLACES_COUNT:
        return
    places = numpy.arange(first, first + length)
    if (array == places).all():
        yield "first_place", float(first)
    elif (array == places % length).all():
        yield "turned_by", float(first if 2 * first <= length else first - length)


def _device_array_facts(array: Any) -> Iterator[tuple[str, str | float]]:
    yield "dtype", str(array.dtype)
    yield "ndim", float(array.ndim)
    yield "shape", "x".join(map(str, array.shape))
    yield "layout", "C" if array.flags.c_contiguous else "strided"


def _sparse_facts(matrix: Any) -> Iterator[tuple[str, str | float]]:
    if hasattr(matrix, "shape") and hasattr(matrix, "dtype"):
        yield "dtype", str(matrix.dtype)
        yield "shape", "x".join(map(str, matrix.shape))
    if hasattr(matrix, "nnz"):
        yield "nnz_count", float(matrix.nnz)


def constant(value: Any) -> str | None:
    """A scalar's value as Python would write it; None for what is no constant."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and _is_a(value, numpy.generic) and type(value).__module__ == "numpy":
        value = value.item()
    if value is None or type(value) in _SCALARS:
        text = repr(value)
        return text if len(text) <= _TEXT_LENGTH else None
    if type(value) is tuple and len(value) <= _CONSTANT_TUPLE_LENGTH:
        return repr(value) if all(type(element) in _SCALARS for element in value) else None
    return None


def follow(path: AccessPath, frame: types.FrameType, local: Mapping[str, object]) -> object:
    """The value at an access path in a frame, MISSING, or PROPERTY. Runs none of the user's code.

    ``local`` is the frame's ``f_locals``, which Python makes anew each time it is asked for.
    """
    value = _variable(path.root, frame, local)
    for kind, key in path.steps:
        if value is MISSING or value is PROPERTY:
            return value
        value = _attribute(value, str(key)) if kind == "attribute" else _item(value, key)
    return value


def _variable(name: str, frame: types.FrameType, local: Mapping[str, object]) -> object:
    code = frame.f_code
    if name in local:
        return local[name]
    if name in (*code.co_varnames, *code.co_cellvars, *code.co_freevars):
        return MISSING
    return frame.f_globals.get(name, MISSING)


def _item(value: object, key: str | int) -> object:
    if type(value) is dict:
        return value.get(key, MISSING)
    if type(value) in (list, tuple) and isinstance(key, int):
        sequence: Any = value
        return sequence[key] if -len(sequence) <= key < len(sequence) else MISSING
    numpy = sys.modules.get("numpy")
    if numpy is not None and type(value) is numpy.ndarray and isinstance(key, str):
        return value[key] if key in (value.dtype.names or ()) else MISSING  # type: ignore[index,attr-defined]
    return MISSING


def _attribute(value: object, name: str) -> object:
    if _is_a(value, types.ModuleType):
        return vars(value).get(name, MISSING)
    kind = type(value)
    if _plain_data(kind):
        return getattr(value, name, MISSING)
    if _is_a(value, enum.EnumMeta):
        members: Any = value
        return members.__members__.get(name, PROPERTY)
    if not _is_a(value, type) and _looks_up_itself(kind):
        return PROPERTY
    found = inspect.getattr_static(value, name, MISSING)
    if found is MISSING:
        return PROPERTY if hasattr(kind, "__getattr__") else MISSING
    if name in _own_attributes(value) and found is _own_attributes(value)[name]:
        return found
    if _is_a(found, _PLAIN_ATTRIBUTES):
        return getattr(value, name, MISSING)
    return PROPERTY if hasattr(type(found), "__get__") else found


def _looks_up_itself(kind: type) -> bool:
    """Has a class its own way to read attributes?"""
    home = next(base for base in kind.__mro__ if "__getattribute__" in vars(base))
    return home.__module__ != "builtins" and home is not types.SimpleNamespace


def _own_attributes(value: object) -> Mapping[str, object]:
    try:
        own = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return {}
    return own if isinstance(own, dict | types.MappingProxyType) else {}


def _plain_data(kind: type) -> bool:
    """Does reading an attribute of such a value run nothing but a getter in C?"""
    if kind.__module__ == "builtins":
        return not issubclass(kind, type)
    numpy = sys.modules.get("numpy")
    return numpy is not None and (kind is numpy.ndarray or issubclass(kind, numpy.generic | numpy.ufunc))


def overlaps(arrays: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Pairs of names whose arrays share an element; also where that is too costly to rule out."""
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return
    for first, second in _pairs(arrays):
        one, other = arrays[first], arrays[second]
        if one is not other and not numpy.may_share_memory(one, other):
            continue
        try:
            shared = one is other or numpy.shares_memory(one, other, max_work=10_000)
        except Exception as error:  # numpy moved TooHardError between modules
            if type(error).__name__ != "TooHardError":
                raise
            shared = True
        if shared:
            yield first, second


def same_objects(values: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Pairs of names that are bound to one mutable object."""
    by_identity: dict[int, list[str]] = {}
    for name, value in values.items():
        if is_array(value) or type(value) in (list, dict, set) or _own_attributes(value):
            by_identity.setdefault(id(value), []).append(name)
    for names in by_identity.values():
        yield from _pairs(names)


def _pairs(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    ordered = sorted(names)
    for position, first in enumerate(ordered):
        yield from ((first, second) for second in islice(ordered, position + 1, None))
