"""Values for the cells that a mask chooses: ``u[m] = 2 * v[m]`` in terms of whole arrays."""

import ast
import copy
from collections.abc import Callable

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.lifting.library import UFUNCS


def unmasked(
    value: ast.expr, mask: ast.expr, is_array: Callable[[ast.expr], bool], called: Callable[[ast.expr], str]
) -> ast.expr:
    """The right side of an assignment to ``u[mask]``, as if for every cell.

    Parameters
    ----------
    is_array
        Does a name or a path stand for an array?
    called
        Full name of what an expression calls, ``numpy.sqrt``.

    Raises
    ------
    Unliftable
        If a value is not that of the cell itself.
    """
    wanted = ast.dump(mask)

    def whole(node: ast.expr) -> ast.expr:
        match node:
            case ast.Subscript(value=inner, slice=index) if ast.dump(index) == wanted:
                return inner
            case ast.BinOp(left=left, op=op, right=right):
                return ast.copy_location(ast.BinOp(whole(left), op, whole(right)), node)
            case ast.UnaryOp(op=op, operand=operand):
                return ast.copy_location(ast.UnaryOp(op, whole(operand)), node)
            case ast.Compare(left=left, ops=ops, comparators=others):
                return ast.copy_location(
                    ast.Compare(whole(left), ops, [whole(each) for each in others]), node
                )
            case ast.Call(args=arguments, keywords=[]) if _is_elementwise(called(node.func), len(arguments)):
                fresh = copy.copy(node)
                fresh.args = [whole(argument) for argument in arguments]
                return fresh
        for part in ast.walk(node):
            if isinstance(part, ast.Name | ast.Attribute) and is_array(part):
                raise Unliftable(f"`{ast.unparse(node)[:40]}` is put where a mask holds")
        return node

    return whole(value)


def _is_elementwise(name: str, count: int) -> bool:
    home, _, last = name.rpartition(".")
    if last in ("where", "clip"):
        return home == "numpy" and count == 3
    return name == "builtins.abs" or (home == "numpy" and last in UFUNCS)
