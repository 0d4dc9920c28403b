"""Short arrays that the objects of a list have, ``p.pos += dt * p.vel``: rows of one array in a kernel.

What changes an array in place changes the object's own array afterwards; what binds an attribute anew
gives each object a new array, as Python does.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pdeperf.kernel.kinds import Kind, infer
from pdeperf.kernel.paths import MARK, Problem

if TYPE_CHECKING:
    from pdeperf.kernel.lowering import Lowering

MOST_COMPONENTS = 4
_MAKING = frozenset(
    "array zeros ones empty full zeros_like ones_like empty_like full_like copy cross".split()
)
_SAME_MEMORY = frozenset(
    "asarray asanyarray ascontiguousarray ravel reshape view squeeze transpose swapaxes real".split()
)
VECTORS_TEXT = '''def are_vectors(values, names, size, *others):
    """Are these attributes arrays of so many floats, which share no memory with each other or with others?"""
    arrays = [getattr(value, name) for value in values for name in names.split()]
    for array in arrays:
        if type(array) is not np.ndarray or array.dtype != np.float64 or array.shape != (size,):
            return False
        if array.base is not None:
            return False
    known = {*map(id, arrays)}
    return len(known) == len(arrays) and not any(id(one) in known or id(one.base) in known for one in others)
'''


def is_vector(kind: Kind) -> bool:
    """Is a column one of arrays?"""
    return kind.is_array


def _bindings(name: str, statements: Sequence[ast.stmt]) -> Iterator[ast.Assign]:
    for part in statements:
        for node in ast.walk(part):
            if isinstance(node, ast.Assign) and any(_is_row(target, name) for target in _targets(node)):
                yield node


def _targets(node: ast.Assign) -> Iterator[ast.expr]:
    for target in node.targets:
        yield from target.elts if isinstance(target, ast.Tuple) else (target,)


def _is_row(node: ast.AST, name: str) -> bool:
    """Is it the whole array of one object, ``particles_pos[p]``?"""
    return (
        isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
        and not isinstance(node.slice, ast.Tuple | ast.Slice)
    )


def vector_problems(
    statements: Sequence[ast.stmt], kinds: Mapping[str, Kind], lowering: "Lowering"
) -> Iterator[Problem]:
    """What of arrays of objects cannot be said of the rows of one array."""
    nodes = [node for part in statements for node in ast.walk(part)]
    parents = {child: node for node in nodes for child in ast.iter_child_nodes(node)}
    for name, text in lowering.sources.items():
        if MARK not in text or not is_vector(lowering.kinds[name]):
            continue
        anew = list(_bindings(name, statements))
        changes = _changes(name, statements, anew)
        attribute = text.rpartition(MARK)[2]
        lowering.anew |= {attribute} if anew else set()
        lowering.changed |= {attribute} if changes else set()
        for node in anew:
            is_fresh = _is_new(node.value, lowering) and len(node.targets) == 1
            if not is_fresh or infer(node.value, kinds, lowering.call_kind) != Kind("array", "float64", 1):
                yield Problem(node.lineno, f"`{_told(text)}` is given an array that has another name")
        for row, above in parents.items():
            if isinstance(row, ast.Subscript) and _is_row(row, name) and not _is_plain(row, above):
                yield Problem(row.lineno, f"the array `{_told(text)}` gets another name")
        if anew and changes and not _begins_anew(statements, anew, changes):
            yield Problem(anew[0].lineno, f"`{_told(text)}` is both changed in place and bound anew")


def _is_new(value: ast.expr, lowering: "Lowering") -> bool:
    """Is an array made by this, that nothing else has a name for?"""
    if isinstance(value, ast.BinOp | ast.UnaryOp):
        return True
    if not isinstance(value, ast.Call):
        return False
    if id(value) not in lowering.uses:
        return not (isinstance(value.func, ast.Attribute) and value.func.attr in _SAME_MEMORY)
    calls = [
        node
        for node in lowering.module.nodes
        if isinstance(node, ast.Call) and (node.lineno, node.col_offset) == (value.lineno, value.col_offset)
    ]
    names = {getattr(node.func, "attr", getattr(node.func, "id", "")) for node in calls}
    functions = [
        node for node in lowering.module.nodes if isinstance(node, ast.FunctionDef) and node.name in names
    ]
    return bool(functions) and all(map(_returns_new, functions))


def _returns_new(function: ast.FunctionDef) -> bool:
    """Does a function return arrays of its own only?"""
    nodes = list(ast.walk(function))
    made: dict[str, list[ast.expr | None]] = {}
    for node in nodes:
        if isinstance(node, ast.arg):
            made.setdefault(node.arg, []).append(None)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                for part in ast.walk(target):
                    if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                        made.setdefault(part.id, []).append(node.value if part is target else None)
        elif isinstance(node, ast.For | ast.AnnAssign | ast.NamedExpr):
            for part in ast.walk(node.target):
                if isinstance(part, ast.Name):
                    made.setdefault(part.id, []).append(None)

    def is_new(value: ast.expr | None) -> bool:
        if isinstance(value, ast.Name):
            return value.id in made and all(map(is_made, made[value.id]))
        return is_made(value)

    def is_made(value: ast.expr | None) -> bool:
        if isinstance(value, ast.BinOp | ast.UnaryOp):
            return True
        return isinstance(value, ast.Call) and getattr(value.func, "attr", "") in _MAKING

    return all(is_new(node.value) for node in nodes if isinstance(node, ast.Return))


def _told(text: str) -> str:
    return text.replace(MARK, "[...].")


def _is_plain(node: ast.Subscript, above: ast.AST) -> bool:
    """Is the array only computed with there, or stored?"""
    if not isinstance(node.ctx, ast.Load):
        return True
    match above:
        case ast.BinOp() | ast.UnaryOp() | ast.Call() | ast.AugAssign():
            return True
        case ast.Subscript(value=value):
            return value is node
        case ast.Attribute(attr=attribute):
            return attribute in ("copy", "sum", "dot", "max", "min", "mean")
    return False


def _changes(
    name: str, statements: Sequence[ast.stmt], anew: Sequence[ast.Assign]
) -> list[ast.Assign | ast.AugAssign]:
    """What changes arrays in place."""
    return [
        node
        for part in statements
        for node in ast.walk(part)
        if isinstance(node, ast.AugAssign | ast.Assign) and node not in anew
        if any(
            isinstance(inner, ast.Name) and inner.id == name
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            for inner in ast.walk(target)
        )
    ]


def _begins_anew(
    statements: Sequence[ast.stmt], anew: Sequence[ast.Assign], changes: Sequence[ast.stmt]
) -> bool:
    """Have all objects been given new arrays before one is changed in place?"""
    first = min(node.lineno for node in changes)
    return any(
        isinstance(part, ast.For)
        and (part.end_lineno or part.lineno) < first
        and ast.unparse(part.iter).startswith("range(len(")
        and any(node in part.body for node in anew)
        for part in statements
    )


def mixed(one: "Lowering", others: Sequence["Lowering"], line: int) -> Iterator[Problem]:
    """What one function changes in place and another binds anew."""
    for other in others:
        for attribute in sorted((one.anew & other.changed) | (one.changed & other.anew)):
            yield Problem(line, f"the array `{attribute}` is both changed in place and bound anew")
