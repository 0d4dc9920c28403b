"""What a call site checks before it calls a kernel: that the arguments have the types it was made for.

Compiled arithmetic agrees with Python's and NumPy's for the types that were seen. Where the source
proves that no others can come, nothing is checked.
"""

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pdeperf.kernel.columns import DICTS_TEXT, OBJECTS_TEXT
from pdeperf.kernel.draws import GLOBAL, STREAMS_TEXT, source_of
from pdeperf.kernel.kinds import Kind
from pdeperf.kernel.made_functions import MADE_TEXT
from pdeperf.kernel.operator_kinds import Kinds
from pdeperf.kernel.paths import is_column
from pdeperf.kernel.provable import Provable
from pdeperf.kernel.row_lists import MIXED_ROWS_TEXT, ROWS_TEXT
from pdeperf.kernel.tuple_columns import TUPLES_TEXT
from pdeperf.kernel.vector_columns import VECTORS_TEXT
from pdeperf.kernel.vocabulary import qualified
from pdeperf.source import Module
from pdeperf.source.scopes import Scope

ARRAYS_TEXT = '''def are_arrays(*values, dtype, ndim):
    """Are these plain arrays of one type? For others the original code runs."""
    for value in values:
        if type(value) is not np.ndarray or value.dtype != dtype or value.ndim != ndim:
            return False
    return True
'''
LISTS_TEXT = '''def list_types(values):
    """Types of the elements of a list, however deep; the lists themselves where their lengths differ."""
    types = set(map(type, values)) if type(values) is list else {type(values)}
    if types != {list} or len(set(map(len, values))) > 1:
        return types
    return set().union(*map(list_types, values))
'''
HELPERS = {
    "are_arrays": ARRAYS_TEXT,
    "list_types": LISTS_TEXT,
    **STREAMS_TEXT,
    "are_objects": OBJECTS_TEXT,
    "are_dicts": DICTS_TEXT,
    "are_vectors": VECTORS_TEXT,
    "are_tuples": TUPLES_TEXT,
    "are_rows": ROWS_TEXT,
    "are_rows_of": MIXED_ROWS_TEXT,
    "is_made_by": MADE_TEXT,
}
"""Functions that the conditions and calls of kernels call, put into the script where they are used."""

_ROW_WIDTH = 80
_PLAIN = frozenset(("int", "float", "npfloat", "number"))
_TYPES: Mapping[str, tuple[str, ...]] = {
    "int": ("int",),
    "float": ("float", "np.float64"),
    "npfloat": ("float", "np.float64"),
    "number": ("int", "float", "np.float64"),  # of several types, perhaps an integer at first
    "npint": ("int", "np.int64"),
    "bool": ("bool", "np.bool_"),
    "complex": ("complex", "np.complex128"),
    "f32": ("np.float32",),
}
_EXACT: Mapping[str, tuple[str, ...]] = {
    "float": ("float",),
    "npfloat": ("np.float64",),
    "int": ("int",),
    "npint": ("np.int64",),
}
_WIDE = frozenset(("float64", "complex128", "int64", "bool"))
"""Element types to which a number of Python's and one of NumPy's are alike."""
_PROVED = {
    "int": "int",
    "float": "float",
    "npfloat": "np.float64",
    "npint": "np.int64",
    "bool": "bool",
    "complex": "complex",
    "f32": "np.float32",
}


@dataclass(frozen=True, slots=True)
class TypeGuard:
    """One condition on the types of some access paths.

    Attributes
    ----------
    paths
        What it looks at.
    allowed
        Types of numbers; empty for arrays.
    dtype, ndim
        Of arrays.
    form
        The condition on one path where it is about neither.
    """

    paths: tuple[str, ...]
    allowed: tuple[str, ...] = ()
    dtype: str = ""
    ndim: int = 0
    form: str = ""

    @property
    def text(self) -> str:
        """As Python text."""
        first = self.paths[0]
        if self.form:
            return self.form.format(first)
        if self.dtype:
            return f"are_arrays({', '.join(self.paths)}, dtype=np.{numpy_type(self.dtype)}, ndim={self.ndim})"
        if len(self.paths) == 1:
            only = len(self.allowed) == 1
            types = self.allowed[0] if only else f"({', '.join(self.allowed)})"
            return f"type({first}) {'is' if only else 'in'} {types}"
        types = _in_rows([f"type({path})" for path in self.paths])
        return f"{{{types}}} <= {{{', '.join(self.allowed)}}}"

    def only(self, wanted: Callable[[str], bool]) -> "TypeGuard | None":
        """The condition on the paths that are wanted."""
        paths = tuple(path for path in self.paths if wanted(path))
        return replace(self, paths=paths) if paths else None


def _in_rows(parts: Sequence[str]) -> str:
    """Parts of a set, as many in a line as it holds."""
    rows = [""]
    for part in parts:
        if len(rows[-1]) + len(part) > _ROW_WIDTH:
            rows.append("")
        rows[-1] += f"{part}, "
    return ("\n" + " " * 8).join(row.rstrip() for row in rows).removesuffix(",")


def merged(guards: Iterable[TypeGuard]) -> tuple[TypeGuard, ...]:
    """Conditions of one form as one condition on all their paths."""
    found: dict[TypeGuard, dict[str, None]] = {}
    for guard in guards:
        alike = replace(guard, paths=guard.paths if guard.form else ())
        found.setdefault(alike, {}).update(dict.fromkeys(guard.paths))
    return tuple(replace(guard, paths=tuple(paths)) for guard, paths in found.items())


def type_guards(
    kinds: Mapping[str, Kind],
    sources: Mapping[str, str],
    strict: frozenset[str],
    exact: frozenset[str],
    proved: "Proved",
) -> Iterator[TypeGuard]:
    """Conditions on the arguments whose types the source leaves open.

    Parameters
    ----------
    kinds
        What each argument was seen to be.
    sources
        Access paths of the arguments that are no plain names.
    strict
        Numbers that must not be integers in place of floats, or the reverse.
    exact
        Numbers whose very type shows in the results.
    """
    arrays: dict[tuple[str, int], list[str]] = {}
    numbers: dict[tuple[str, ...], list[str]] = {}
    if any(kind.is_array and kind.dtype not in _WIDE for kind in kinds.values()):
        exact = frozenset(kinds)  # whether a number is Python's or NumPy's decides what type comes out
    for name, kind in kinds.items():
        text = sources.get(name, name)
        if is_column(text):
            continue  # its objects are asked
        if kind.is_array:
            if not all(one.is_array and one.dtype == kind.dtype for one in proved.kinds(text)):
                arrays.setdefault((kind.dtype, kind.ndim), []).append(text)
        elif kind.base in _TYPES and not _is_condition(text):
            allowed = _EXACT.get(kind.base, ()) if name in exact else ()  # the type itself comes out
            allowed = allowed or _allowed(kind, strict=name in strict)
            known = {_PROVED.get(one.base, "?") for one in proved.kinds(text)}
            if kind.base == "number" and name in exact and "int" not in known:
                allowed = _TYPES["float"]  # where no loop runs an integer comes back as it is
            if not known <= set(allowed):
                numbers.setdefault(allowed, []).append(text)
        elif kind.base == "generator" and (source := source_of(text))[0]:
            owner, made_by = source
            if not proved.is_library(owner) and proved.kinds(owner) != {Kind("object", made_by)}:
                yield TypeGuard((owner,), form=f'type({{}}).__qualname__ == "{made_by}"')
        elif kind.base == "generator" and text != GLOBAL and proved.kinds(text) != {kind}:
            yield TypeGuard((text,), form="type({}) is np.random.Generator")
        elif kind.base == "none" and proved.kinds(text) != {kind}:
            yield TypeGuard((text,), form="{} is None")
        elif kind.base == "tuple" and not all(one.base == "tuple" for one in proved.kinds(text)):
            yield TypeGuard((text,), form="type({}) is tuple")
    for (dtype, ndim), texts in arrays.items():
        yield TypeGuard(tuple(texts), dtype=dtype, ndim=ndim)
    for allowed, texts in numbers.items():
        yield TypeGuard(tuple(texts), allowed)


class Proved:
    """What is proved at one place."""

    def __init__(self, provable: Provable, module: Module, scope: Scope, at: ast.AST) -> None:
        self._provable, self._module, self._scope, self._at = provable, module, scope, at

    def kinds(self, text: str) -> Kinds:
        """Every kind that an access path may have there."""
        return self._provable.kinds(text, self._module, self._scope, self._at)

    def is_library(self, text: str) -> bool:
        """Is it a module of a library, or a part of one?"""
        return bool(qualified(ast.parse(text, mode="eval").body, self._module, self._scope))


def _allowed(kind: Kind, *, strict: bool) -> tuple[str, ...]:
    if kind.base in _PLAIN and not strict:
        return ("int", "float", "np.float64")
    return _TYPES[kind.base]


def numpy_type(dtype: str) -> str:
    """NumPy's name of an element type."""
    return "bool_" if dtype == "bool" else dtype


def strict_numbers(
    bodies: Iterable[Sequence[ast.stmt]], assigned: frozenset[str], names: Iterable[str]
) -> frozenset[str]:
    """Numbers whose being an integer or a float matters: those assigned, and all where there are powers."""
    for body in bodies:
        for part in body:
            for node in ast.walk(part):
                if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Pow):
                    power = node.right if isinstance(node, ast.BinOp) else node.value
                    if not (isinstance(power, ast.Constant) and type(power.value) is int):
                        return frozenset(names)
    return assigned & frozenset(names)


def _is_condition(text: str) -> bool:
    return isinstance(ast.parse(text, mode="eval").body, ast.Compare)
