"""Which statements only look at an array or at its elements, and keep neither it nor a view of it."""

import ast
from collections.abc import Callable, Collection, Iterable, Iterator

from pdeperf.lifetimes.vocabulary import READING_METHODS, SIZE_ATTRIBUTES

_SAME = frozenset(("conj", "conjugate"))
"""Methods of real arrays that give back the array itself."""

_READING_FUNCTIONS = frozenset(
    f"numpy.{name}"
    for name in (
        "abs absolute sqrt exp log max min amax amin sum mean std var any all isnan isinf isfinite copy "
        "array save savetxt allclose array_equal count_nonzero argmax argmin median percentile trapezoid "
        "linalg.norm"
    ).split()
)


def is_only_read(
    trees: Iterable[ast.AST],
    names: Collection[str],
    *,
    apart_from: Collection[int],
    called: Callable[[ast.expr], str],
    rank: Callable[[str], int],
    measures: Callable[[ast.Call], bool],
) -> bool:
    """Do statements, apart from some nodes of theirs, only read or store numbers in these names' arrays?

    Names may be attributes: ``self.u``.

    Parameters
    ----------
    apart_from
        Ids of nodes that do not count.
    called
        Full name of what an expression calls.
    rank
        Number of dimensions of a name's array.
    measures
        Does a call of the user's own functions only make numbers or new arrays of what it is given?
    """
    for tree in trees:
        for node, above in with_parents(tree):
            if not isinstance(node, ast.Name | ast.Attribute) or id(node) in apart_from:
                continue
            if ast.unparse(node) in names and not _is_read(node, above, called, rank, measures):
                return False
    return True


def _is_read(
    node: ast.Name | ast.Attribute,
    above: list[ast.AST],
    called: Callable[[ast.expr], str],
    rank: Callable[[str], int],
    measures: Callable[[ast.Call], bool],
) -> bool:
    if not isinstance(node.ctx, ast.Load) or not above:
        return False
    match above[-1]:
        case ast.Subscript(value=value, slice=index, ctx=ast.Load() | ast.Store()) if value is node:
            parts = index.elts if isinstance(index, ast.Tuple) else [index]
            plain = not any(isinstance(part, ast.Slice | ast.Constant) and _is_open(part) for part in parts)
            return plain and len(parts) == rank(ast.unparse(node))
        case ast.Attribute(attr=attr) if attr in SIZE_ATTRIBUTES:
            return True
        case ast.Attribute(attr=attr) as method if attr in READING_METHODS - _SAME:
            call = above[-2] if len(above) > 1 else None
            return isinstance(call, ast.Call) and call.func is method and _is_plain(call)
        case ast.Call(func=func) as call:
            is_plain = called(func) in _READING_FUNCTIONS and _is_plain(call)
            return func is not node and (is_plain or measures(call))
        case ast.keyword() if len(above) > 1 and isinstance(call := above[-2], ast.Call):
            return measures(call)
        case ast.BinOp() | ast.Compare() | ast.UnaryOp():
            return True
        case _:
            return False


def _is_plain(call: ast.Call) -> bool:
    """Has it no ``out`` and no ``copy=False``?"""
    return all(keyword.arg in ("axis", "keepdims") for keyword in call.keywords)


def _is_open(part: ast.expr) -> bool:
    return isinstance(part, ast.Slice) or (isinstance(part, ast.Constant) and not isinstance(part.value, int))


def with_parents(tree: ast.AST) -> Iterator[tuple[ast.AST, list[ast.AST]]]:
    """Every node of a tree with those around it, the outermost first."""
    pending: list[tuple[ast.AST, list[ast.AST]]] = [(tree, [])]
    while pending:
        node, above = pending.pop()
        yield node, above
        pending.extend((child, [*above, node]) for child in ast.iter_child_nodes(node))
