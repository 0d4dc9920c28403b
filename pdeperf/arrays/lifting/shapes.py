"""Shapes of new arrays: ``(ny, nx)``, ``(3,) + u.shape``, ``(2, *q.shape[1:])``."""

import ast

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.lifting.elements import Reader
from pdeperf.arrays.sizes import Size


def shape_of(reader: Reader, node: ast.expr) -> tuple[Size, ...]:
    """The sizes that an expression gives to a new array.

    Raises
    ------
    Unliftable
        If they are not known.
    """
    match node:
        case ast.Attribute(value=array, attr="shape"):
            found = reader.array(array).shape
            if not found:
                raise Unliftable("the shape of what is not known")
            return found
        case ast.Subscript(value=ast.Attribute(attr="shape") as whole, slice=ast.Slice() as part):
            sizes = shape_of(reader, whole)
            return sizes[slice(*(_literal(each) for each in (part.lower, part.upper, part.step)))]
        case ast.BinOp(left=left, op=ast.Add(), right=right) if _is_several(left) or _is_several(right):
            return (*shape_of(reader, left), *shape_of(reader, right))
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return tuple(size for part in parts for size in shape_of(reader, part))
        case ast.Starred(value=inner) if _is_several(inner):
            return shape_of(reader, inner)
    return (reader.integer(node),)


def _is_several(node: ast.expr) -> bool:
    match node:
        case ast.Tuple() | ast.List() | ast.Attribute(attr="shape"):
            return True
        case ast.Subscript(value=ast.Attribute(attr="shape"), slice=ast.Slice()):
            return True
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _is_several(left) and _is_several(right)
    return False


def _literal(node: ast.expr | None) -> int | None:
    try:
        value = ast.literal_eval(node) if node is not None else None
    except ValueError:
        value = ""
    if value is not None and type(value) is not int:
        raise Unliftable("part of a shape that is not written as numbers")
    return value
