"""Entries of sparse matrices, ``A[i, j]``, for all elements of a loop at once."""

import ast
from typing import TYPE_CHECKING

from pdeperf.sparse.batched_values import NotAtOnce, Value, made

if TYPE_CHECKING:
    from pdeperf.sparse.batched_expressions import Expressions

ENTRIES = '''
def entries_at(A, rows, columns):
    """The entries A[i, j] of a sparse matrix for many i and j."""
    found = A[rows, columns]
    return {numpy}.asarray(found.toarray() if hasattr(found, "toarray") else found).ravel()
'''
_FORMATS = ("csr_", "csc_", "lil_")
_NUMBERS = frozenset(("float64", "complex128", "int64"))


def is_sparse(write: "Expressions", node: ast.expr) -> bool:
    """Is it a sparse matrix that the loop leaves as it is, in a format that is asked for entries quickly?"""
    if not isinstance(node, ast.Name | ast.Attribute):
        return False
    text = ast.unparse(node)
    root = text.partition(".")[0]
    if root in write.names or root in write.own or text in write.stored:
        return False
    kinds = write.seen(text, "type")
    return bool(kinds) and all(
        kind.startswith("scipy.sparse.") and kind.rpartition(".")[2].startswith(_FORMATS) for kind in kinds
    )


def entry(write: "Expressions", node: ast.Subscript) -> Value:
    """``A[i, j]``, of two numbers that differ between the elements.

    Raises
    ------
    NotAtOnce
        If it is a row or a part, or looked up for some elements alone.
    """
    text = ast.unparse(node.value)
    indices = node.slice.elts if isinstance(node.slice, ast.Tuple) else []
    if len(indices) != 2 or any(isinstance(one, ast.Slice) for one in indices):
        raise NotAtOnce(f"`{ast.unparse(node)}` is more than an entry")
    if write.is_partial or write.added is None:
        raise NotAtOnce("a value is looked up on a condition")
    if not write.seen(text, "dtype") <= _NUMBERS:
        raise NotAtOnce(f"`{text}` holds no plain numbers")
    row, column = (write.number(one) for one in indices)
    if not (row.varies and column.varies):
        raise NotAtOnce(f"`{ast.unparse(node)}` is in one row or column for all elements")
    function = write.added.definition(ENTRIES)
    call = made(f"{function}(A, I, J)", A=node.value, I=row.node, J=column.node)
    return Value(call, 0, True, is_fresh=True)
