"""Loops along one dimension over views that begin where the loop does: Numba asks no index for its sign.

``for i in range(1, n - 1): new[i] = u[i + 1] - u[i - 1]`` wraps ``i - 1`` around where it is negative,
and with that test in it a loop is not made of vectors.
"""

import ast
from collections.abc import Callable, Sequence

from pdeperf.arrays.sizes import Size

Lines = list[str]
_STEP = "    "


def in_views(
    counter: str, start: Size, stop: Size, body: Sequence[str], fresh: Callable[[str], str]
) -> Lines | None:
    """A loop over views; None where its counter is more than a place in arrays.

    Parameters
    ----------
    start, stop
        Bounds of the counter.
    body
        What happens at a cell.
    fresh
        Makes a new name from a stem.
    """
    found = _Places(counter, start, stop, fresh)
    tree = found.visit(ast.parse("\n".join(body)))
    if not found.views or any(
        _is_counter(node, counter) and not found.is_own(node) for node in ast.walk(tree)
    ):
        return None
    made = [f"{name} = {text}" for text, name in found.views.items()]
    rows = ast.unparse(ast.fix_missing_locations(tree)).splitlines()
    count = stop - start
    is_positive = count.const >= 0 and all(factor > 0 and ".shape[" in each for each, factor in count.terms)
    turns = str(count) if is_positive else f"max({count}, 0)"  # else vectors are not made of it
    return [*made, f"for {counter} in range({turns}):", *(_STEP + row for row in rows)]


def _is_counter(node: ast.AST, counter: str) -> bool:
    return isinstance(node, ast.Name) and node.id == counter


class _Places(ast.NodeTransformer):
    """Puts views in place of arrays that the counter walks through."""

    def __init__(self, counter: str, start: Size, stop: Size, fresh: Callable[[str], str]) -> None:
        self._counter, self._start, self._stop, self._fresh = counter, start, stop, fresh
        self.views: dict[str, str] = {}
        self._own: set[int] = set()

    def is_own(self, node: ast.AST) -> bool:
        """Is it the place in a view?"""
        return id(node) in self._own

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        *others, last = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        offset = self._offset(last)
        inside = (part for other in (*others, node.value) for part in ast.walk(other))
        if offset is None or any(_is_counter(part, self._counter) for part in inside):
            return self.generic_visit(node)
        first, stop = self._start + offset, self._stop + offset
        places = ", ".join((*map(ast.unparse, others), f"{first}:{stop}"))
        text = f"{ast.unparse(node.value)}[{places}]"
        if text not in self.views:
            side = "here" if not offset else "right" if offset > 0 else "left"
            stem = "".join(each if each.isalnum() else "_" for each in ast.unparse(node.value)).strip("_")
            self.views[text] = self._fresh(f"{stem}_{side}" + (f"_{abs(offset)}" if abs(offset) > 1 else ""))
        place = ast.Name(self._counter, ast.Load())
        self._own.add(id(place))
        return ast.Subscript(ast.Name(self.views[text], ast.Load()), place, node.ctx)

    def _offset(self, node: ast.expr) -> int | None:
        match node:
            case ast.Name(id=name) if name == self._counter:
                return 0
            case ast.BinOp(left=ast.Name(id=name), op=ast.Add(), right=ast.Constant(value=int() as more)) if (
                name == self._counter
            ):
                return more
            case ast.BinOp(left=ast.Name(id=name), op=ast.Sub(), right=ast.Constant(value=int() as less)) if (
                name == self._counter
            ):
                return -less
        return None
