"""Integers that the statements take out of arrays' sizes: ``n = u.shape[0]``, ``last = n - 1``."""

import ast

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.names import Names
from pdeperf.arrays.sizes import Size, Sizes


def extent(name: str, value: ast.expr, names: Names, sizes: Sizes) -> Size | None:
    """The size that a name stands for from its only assignment on; None if it is not known to be one.

    It is one in terms of what stays as it is while the statements run: sizes of arrays that are there
    before or made once, and integers bound before.
    """
    if name in names.before or name in names.captured or _binders(name, names) > 1:
        return None
    try:
        size = sizes.plain(names.integer(value))
    except Unliftable:
        return None
    for symbol in size.symbols:
        is_shape = ".shape[" in symbol
        for root in {part.id for part in ast.walk(ast.parse(symbol)) if isinstance(part, ast.Name)}:
            count = _binders(root, names)
            if count and (not is_shape or (root not in names.before and count > 1)):
                return None
            if not count and root not in names.before:
                return None
    return size


def extents(shape: ast.Attribute, count: int) -> list[ast.expr]:
    """What ``ny, nx = u.shape`` takes, one by one."""
    return [
        ast.fix_missing_locations(
            ast.copy_location(ast.Subscript(shape, ast.Constant(place), ast.Load()), shape)
        )
        for place in range(count)
    ]


def _binders(name: str, names: Names) -> int:
    """How often a name is bound in the region and in what has been put into it."""
    return len(
        {
            id(node)
            for part in (*names.region, *names.kept_alive)
            for node in ast.walk(part)
            if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
        }
    )
