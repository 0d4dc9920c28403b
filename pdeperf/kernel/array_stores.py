"""Arrays stored in parts of arrays, ``u[1:-1, j] = thomas(a, b, c, d)``, by a loop of the kernel's own.

Numba compiles the text of its error with every such statement, where shapes may differ: two to three seconds
of a first run, for each pair of dimensions. ``copy_into(u[1:-1, j], thomas(a, b, c, d))`` takes a tenth.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pdeperf.kernel.extremes import is_free_for
from pdeperf.kernel.kinds import Kind
from pdeperf.source import Module
from pdeperf.source.edits import Edit, apply, extent, segment
from pdeperf.source.scopes import Scope

if TYPE_CHECKING:
    from pdeperf.kernel.callees import Callee
    from pdeperf.kernel.lowering import Lowering

STORES = {
    "may_overlap": '''@njit(cache=True)
def may_overlap(one, other):
    """Do two arrays reach over the same memory?"""
    low = high = one.ctypes.data
    for count, stride in zip(one.shape, one.strides):
        low += min(0, (count - 1) * stride)
        high += max(0, (count - 1) * stride)
    first = last = other.ctypes.data
    for count, stride in zip(other.shape, other.strides):
        first += min(0, (count - 1) * stride)
        last += max(0, (count - 1) * stride)
    return low < last + other.itemsize and first < high + one.itemsize
''',
    "copy_into": '''@njit(cache=True)
def copy_into(target, values):
    """What target[:] = values does; Numba takes seconds to compile that."""
    count = len(values)
    if count == 1:
        target[:] = values[0]
        return
    if count != len(target):
        raise ValueError("could not broadcast: the sizes differ")
    begin, other = target.ctypes.data, values.ctypes.data
    end, last = begin + (count - 1) * target.strides[0], other + (count - 1) * values.strides[0]
    if min(begin, end) < max(other, last) + 16 and min(other, last) < max(begin, end) + 16:
        values = values.copy()  # they may share memory; an element has 16 bytes at most
    for i in range(count):
        target[i] = values[i]
''',
    "copy_rows_into": '''@njit(cache=True)
def copy_rows_into(target, values):
    """What target[:, :] = values does; Numba takes seconds to compile that."""
    rows, columns = values.shape
    if (rows != 1 and rows != target.shape[0]) or (columns != 1 and columns != target.shape[1]):
        raise ValueError("could not broadcast: the shapes differ")
    if may_overlap(target, values):
        values = values.copy()
    for i in range(len(target)):
        row = i if rows > 1 else 0
        if columns == 1:
            target[i, :] = values[row, 0]
        else:
            for j in range(columns):
                target[i, j] = values[row, j]
''',
}
_BY_DIMENSIONS = {1: "copy_into", 2: "copy_rows_into"}
_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_PLAIN = (ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.expr_context)

Stores = dict[tuple[str, str], int]
"""Targets and values, as texts; and the dimensions of what is stored, 0 where it may be anything else."""


def note(stores: Stores, node: ast.Assign | ast.AugAssign, target: ast.expr, kind: Kind, value: Kind) -> None:
    """Remember a statement that stores something in a part of an array, and of what kinds they are."""
    ndim = kind.ndim if kind.is_array and _is_part(target) else 0
    if isinstance(node, ast.AugAssign):
        is_real = value.base != "complex" and value.dtype != "complex128"
        fits = value.is_scalar or (value.is_array and value.ndim <= ndim)
        known = kind.dtype == "complex128" or (kind.dtype == "float64" and is_real)
        is_stored = fits and known and type(node.op) in _OPERATORS
    else:
        is_stored = value.is_array and value.ndim == ndim and node.targets == [target]
    ndim = ndim if is_stored and ndim in _BY_DIMENSIONS else 0
    key = ast.unparse(target), _value_of(node)
    stores[key] = min(ndim, stores.get(key, ndim))


def agreed(stores: Stores, others: Stores) -> Stores:
    """What is known of a function's statements where it is called with several kinds of arguments."""
    return {key: ndim if others.get(key, ndim) == ndim else 0 for key, ndim in stores.items()}


def _value_of(node: ast.Assign | ast.AugAssign) -> str:
    return ast.unparse(node.value) if isinstance(node, ast.Assign) else f"{type(node.op).__name__} of it"


def _is_part(target: ast.expr) -> bool:
    """Is it a part of a named array, by slices and plain places?"""
    if not isinstance(target, ast.Subscript) or not isinstance(target.value, ast.Name):
        return False
    places = target.slice.elts if isinstance(target.slice, ast.Tuple) else [target.slice]
    bounds = [
        bound
        for place in places
        for bound in ((place.lower, place.upper, place.step) if isinstance(place, ast.Slice) else (place,))
        if bound is not None
    ]
    return all(isinstance(node, _PLAIN) for bound in bounds for node in ast.walk(bound))


def store_edits(module: Module, statements: Sequence[ast.stmt], stores: Stores) -> Iterator[Edit]:
    """Edits that store arrays by the kernel's own loop, in a text over plain names.

    Parameters
    ----------
    stores
        What is known of the statements' kinds.
    """
    by_target: dict[str, set[int]] = {}
    for (target, _), ndim in stores.items():
        by_target.setdefault(target, set()).add(ndim)
    for statement in statements:
        for node in ast.walk(statement):
            if not isinstance(node, ast.Assign | ast.AugAssign):
                continue
            part = node.targets[0] if isinstance(node, ast.Assign) else node.target
            told = by_target.get(ast.unparse(part), {0})
            ndim = stores.get((ast.unparse(part), _value_of(node)), 0 if len(told) > 1 else min(told))
            if ndim and _is_part(part):
                yield Edit(*extent(module, node), _call(module, node, part, _BY_DIMENSIONS[ndim]))


def _call(module: Module, node: ast.Assign | ast.AugAssign, part: ast.expr, name: str) -> str:
    target = segment(module, part)
    if isinstance(node, ast.Assign):
        # Parentheses around the value, which it may need to run over several lines, are the call's own.
        return f"{name}({target}, {segment(module, node.value)})"
    value = segment(module, _unchecked(node))
    return f"{name}({target}, {target} {_OPERATORS[type(node.op)]} ({value}))"


def _unchecked(node: ast.AugAssign) -> ast.expr:
    """What is added, without the copy and the comparison of shapes: the sum is whole before it is stored."""
    match node.value:
        case ast.Call(
            func=ast.Attribute(attr="broadcast_to"), args=[value, ast.Attribute(attr="shape") as of]
        ):
            if ast.unparse(of.value) != ast.unparse(node.target):
                return node.value
            match value:
                case ast.Call(func=ast.Attribute(value=inner, attr="copy"), args=[], keywords=[]):
                    return inner
            return value
    return node.value


def stored_by_loops(
    texts: Mapping[str, str], made_from: Mapping[str, "Lowering"], scope: Scope
) -> dict[str, str]:
    """Compiled functions, by name, with these edits done; as they are where a file means its own by a name.

    Parameters
    ----------
    made_from
        What each function was made from.
    scope
        Of the file's top level.
    """
    return {
        name: _stored(text, made_from[name].array_stores) if name in made_from and _are_free(scope) else text
        for name, text in texts.items()
    }


def _stored(text: str, stores: Stores) -> str:
    if not any(stores.values()):
        return text
    module = Module("", text)
    return apply(text, store_edits(module, module.tree.body, stores))


def edits_in_place(callee: "Callee", home: Module, scope: Scope, updates: Iterable[Edit]) -> list[Edit]:
    """The same for a function of a file, at ``scope``, that is compiled where it stands.

    Parameters
    ----------
    updates
        Edits of values that are added in place, which do not need them where they are added first.
    """
    node, others = callee.node, [*updates]
    if callee.module is not home or not isinstance(node, ast.FunctionDef) or not _are_free(scope):
        return others
    made = [*store_edits(home, node.body, callee.lowering.array_stores)]
    return made + [
        edit for edit in others if not any(one.start <= edit.start and edit.end <= one.end for one in made)
    ]


def is_store(name: str, functions: Mapping[str, ast.FunctionDef]) -> bool:
    """Is a compiled function one of these, of which a call is a store in a part of an array?"""
    if name not in _BY_DIMENSIONS.values() or name not in functions:
        return False
    return ast.unparse(functions[name]) == ast.unparse(ast.parse(STORES[name]))


def _are_free(scope: Scope) -> bool:
    return all(is_free_for(name, text, scope) for name, text in STORES.items())


def called_in(texts: Iterable[str]) -> set[str]:
    """Which of these functions texts call."""
    called = {name for text in texts for name in _BY_DIMENSIONS.values() if f"{name}(" in text}
    return called | ({"may_overlap"} if "copy_rows_into" in called else set())
