"""How lowered statements use lists: by element, which arrays do as well, or as a whole."""

import ast
from collections.abc import Iterator, Mapping, Sequence

from pdeperf.kernel.kinds import UNKNOWN, Kind, infer
from pdeperf.kernel.list_making import assigned
from pdeperf.kernel.lowering import CalleeUse, Lowering, Problem
from pdeperf.kernel.paths import is_column

_DEEPEST = 3
_FOLDS = frozenset(("sum", "max", "min"))


def by_element(
    lowered: Sequence[ast.stmt], lists: Mapping[str, int], uses: Mapping[int, CalleeUse], *, stores: bool
) -> frozenset[int]:
    """Identities of the names that stand for one element, a length, or an argument that is read so.

    Parameters
    ----------
    lists
        Depth of each list by name.
    uses
        The compiled functions that are called, by the call's identity.
    stores
        May an element be assigned?
    """
    found: set[int] = set()
    for part in lowered:
        for node in ast.walk(part):
            depth, inner = 0, node
            while isinstance(inner, ast.Subscript) and not isinstance(inner.slice, ast.Slice | ast.Tuple):
                depth, inner = depth + 1, inner.value
            if isinstance(inner, ast.Name) and depth and depth == lists.get(inner.id):
                assert isinstance(node, ast.Subscript)
                if stores or isinstance(node.ctx, ast.Load):
                    found.add(id(inner))
            if isinstance(node, ast.For | ast.comprehension) and _is_flat(node.iter, lists):
                found.add(id(node.iter))
            if isinstance(node, ast.For | ast.comprehension) and _is_unpacked(node, lists):
                found.add(id(node.iter))
            if isinstance(node, ast.For):
                found.update(
                    id(source) for target, source in _walked(node) if _is_named(target, source, lists)
                )
            if isinstance(node, ast.Assign):
                found.update(_rows_unpacked(node, lists))
            if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Is | ast.IsNot):
                found.add(id(node.left))  # whether there is one
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Name) and node.func.id in _FOLDS and len(node.args) == 1:
                found.update(id(part) for part in node.args if _is_flat(part, lists))
            if isinstance(node.func, ast.Name) and node.func.id == "len":
                found.update(id(name) for name in ast.walk(node.args[0]) if isinstance(name, ast.Name))
            reads = uses[id(node)].reads if id(node) in uses else frozenset[int]()
            found.update(id(argument) for index, argument in enumerate(node.args) if index in reads)
    return frozenset(found)


def _is_unpacked(node: ast.For | ast.comprehension, lists: Mapping[str, int]) -> bool:
    """Does ``for a, b in rows`` name the elements of each row?"""
    rows = isinstance(node.iter, ast.Name) and lists.get(node.iter.id) == 2
    return (
        rows and isinstance(node.target, ast.Tuple) and all(isinstance(e, ast.Name) for e in node.target.elts)
    )


def _is_flat(node: ast.expr, lists: Mapping[str, int]) -> bool:
    return isinstance(node, ast.Name) and lists.get(node.id) == 1


def only_read(
    lowered: Sequence[ast.stmt], names: Sequence[str], kinds: Mapping[str, Kind], lowering: Lowering
) -> frozenset[int]:
    """Positions of the parameters that are lists and only read by element."""
    lists = {name: kinds[name].ndim for name in names if kinds.get(name, UNKNOWN).base == "list"}
    fine = by_element(lowered, lists, lowering.uses, stores=False)
    bad = {
        node.id
        for part in lowered
        for node in ast.walk(part)
        if isinstance(node, ast.Name) and node.id in lists and id(node) not in fine
    }
    return frozenset(index for index, name in enumerate(names) if name in lists and name not in bad)


def stored_by_calls(lowered: Sequence[ast.stmt], uses: Mapping[int, CalleeUse]) -> frozenset[str]:
    """Names that are given to compiled functions which may store in them."""
    found: set[str] = set()
    for part in lowered:
        for node in ast.walk(part):
            if isinstance(node, ast.Call) and id(node) in uses:
                reads = uses[id(node)].reads
                found |= {
                    argument.id
                    for index, argument in enumerate(node.args)
                    if isinstance(argument, ast.Name) and index not in reads
                }
    return frozenset(found)


def stored_arrays(lowered: Sequence[ast.stmt], uses: Mapping[int, CalleeUse]) -> frozenset[str]:
    """Names whose elements are assigned, there or in the functions that are called."""
    found: set[str] = set()
    for part in lowered:
        for node in ast.walk(part):
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                inner: ast.expr = node
                while isinstance(inner, ast.Subscript):
                    inner = inner.value
                if isinstance(inner, ast.Name):
                    found.add(inner.id)
            elif isinstance(node, ast.Call) and id(node) in uses:
                stores = uses[id(node)].stores
                given = (argument for at, argument in enumerate(node.args) if at in stores)
                found |= {argument.id for argument in given if isinstance(argument, ast.Name)}
    held = [pair for part in lowered for node in ast.walk(part) for pair in _held(node)]
    count = -1
    while count < len(found):  # row = u[i]; row[j] = ...
        count = len(found)
        found |= {whole for name, whole in held if name in found}
    return frozenset(found)


def _walked(node: ast.For) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What a loop's names walk over, part by part of ``enumerate`` and ``zip``."""
    target, source = node.target, node.iter
    while isinstance(source, ast.Call) and isinstance(source.func, ast.Name) and source.args:
        targets = target.elts if isinstance(target, ast.Tuple) else [target]
        if source.func.id == "zip":
            yield from zip(targets, source.args, strict=False)
            return
        target, source = targets[-1], source.args[0]
    yield target, source


def _is_named(target: ast.expr, source: ast.expr, lists: Mapping[str, int]) -> bool:
    """Does a name stand for an element of a list, or several for those of one of its rows?"""
    depth = lists.get(source.id, 0) if isinstance(source, ast.Name) else 0
    if isinstance(target, ast.Tuple):
        return depth == 2 and all(isinstance(part, ast.Name) for part in target.elts)
    return depth == 1 and isinstance(target, ast.Name)


def _rows_unpacked(node: ast.Assign, lists: Mapping[str, int]) -> Iterator[int]:
    """The list in ``a, b = rows[k]``."""
    match node:
        case ast.Assign(
            targets=[ast.Tuple(elts=parts)],
            value=ast.Subscript(value=ast.Name(id=name) as base, slice=index),
        ) if lists.get(name) == 2 and not isinstance(index, ast.Slice | ast.Tuple):
            if all(isinstance(part, ast.Name) for part in parts):
                yield id(base)


def _held(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Names that a statement binds to an array or to a part of one: ``row = u[i]``, ``for row in u``."""
    match node:
        case ast.Assign():
            pairs = [(target, value) for target, value in assigned(node) if value is not None]
        case ast.For():
            pairs = [*_walked(node)]
        case _:
            return
    for target, value in pairs:
        while isinstance(value, ast.Subscript):
            value = value.value
        if isinstance(target, ast.Name) and isinstance(value, ast.Name):
            yield target.id, value.id


def list_problems(
    lowered: Sequence[ast.stmt], kinds: Mapping[str, Kind], lowering: Lowering
) -> list[Problem]:
    """Lists are copied to arrays and back: sound only where they are read and written by element."""
    objects = {name for name, text in lowering.sources.items() if is_column(text)}  # arrays by themselves
    lists = {n: kind.ndim for n, kind in kinds.items() if kind.base == "list" and n not in objects}
    deep = next((name for name, depth in lists.items() if depth > _DEEPEST), None)
    if deep is not None:
        return [Problem(lowered[0].lineno, f"`{deep}` is a list nested more than three deep")]
    ragged = next((name for name in lists if name in lowering.seen and lowering.seen[name].is_ragged), None)
    if ragged is not None:
        return [Problem(lowered[0].lineno, f"the rows of the list `{ragged}` have several lengths")]
    fine = by_element(lowered, lists, lowering.uses, stores=True)
    return [
        Problem(node.lineno, f"the list `{lowering.sources.get(node.id, node.id)}` is used as a whole")
        for part in lowered
        for node in ast.walk(part)
        if isinstance(node, ast.Name) and node.id in lists and id(node) not in fine
    ]


def widened(lowered: Sequence[ast.stmt], kinds: dict[str, Kind], lowering: Lowering) -> dict[str, Kind]:
    """Lists of integers that receive other numbers: they become arrays of floats."""
    result: dict[str, Kind] = {}
    for part in lowered:
        for node in ast.walk(part):
            target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
            value = getattr(node, "value", None)
            inner = target
            while isinstance(inner, ast.Subscript):
                inner = inner.value
            if not (isinstance(inner, ast.Name) and inner is not target and isinstance(value, ast.expr)):
                continue
            kind = kinds.get(inner.id, UNKNOWN)
            stored = infer(value, kinds, lowering.call_kind)
            if kind.base != "list" or kind.dtype == "complex128":
                continue
            if stored.base == "complex":
                result[inner.id] = Kind("list", "complex128", kind.ndim)
            elif kind.dtype not in ("float64", "npfloat") and stored.base not in ("int", "bool"):
                result.setdefault(inner.id, Kind("list", "float64", kind.ndim))
    return result
