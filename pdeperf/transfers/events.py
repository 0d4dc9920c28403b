"""What a place moves between host and device in every turn of a loop: copies, and numbers read."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from pdeperf.model import Hotspot, Span
from pdeperf.source import Module
from pdeperf.source.scopes import FUNCTIONS
from pdeperf.transfers.on_device import WAYS, Move, OnDevice

LOOPS = (ast.For, ast.While)
_SHOWING = frozenset(("print", "str", "repr", "format"))
_REPEATED = 3
"""A line that moves something less often is not in a loop."""


@dataclass(frozen=True, slots=True)
class Event:
    """One expression that moves something, and the innermost loop around it.

    Attributes
    ----------
    loop
        Around the expression itself or, if it stands in a function, around a call of that.
    """

    move: Move
    node: ast.expr
    loop: ast.For | ast.While

    @property
    def is_called(self) -> bool:
        """Is it a function that the loop calls which does it?"""
        return not any(node is self.node for node in ast.walk(self.loop))


def events(device: OnDevice, where: Span) -> Iterator[Event]:
    """What is moved in every turn of a loop, in a place or around it, in order.

    Both what can be told from the text, and what the collector has counted on a line.
    """
    told: set[tuple[int, bool]] = set()
    for node in ast.walk(device.module.tree):
        if not isinstance(node, ast.expr) or not where.first <= node.lineno <= where.last:
            continue
        move = device.move(node) or _tested(device, node) or _shown(device, node)
        loop = loop_around(device.module, node)
        if move is not None and loop is not None:
            told |= {(line, move is Move.NUMBER) for line in _lines(node)}
            yield Event(move, node, loop)
    yield from _counted_events(device, where, told)


def _counted_events(device: OnDevice, where: Span, told: set[tuple[int, bool]]) -> Iterator[Event]:
    """What was counted on lines whose text does not tell it."""
    for (line, way), count in sorted(device.counts.items()):
        if count < _REPEATED or not where.first <= line <= where.last:
            continue
        move = WAYS[way]
        if (line, move is Move.NUMBER) in told:
            continue
        node = _expression(device.module, line)
        loop = None if node is None else loop_around(device.module, node)
        if node is not None and loop is not None:
            yield Event(move, node, loop)


def _lines(node: ast.expr) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _expression(module: Module, line: int) -> ast.expr | None:
    """The innermost statement's own expression on a line."""
    statements = [
        node
        for node in ast.walk(module.tree)
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    if not statements:
        return None
    innermost = max(statements, key=lambda node: (node.lineno, node.col_offset))
    parts = (node for node in ast.iter_child_nodes(innermost) if isinstance(node, ast.expr))
    inside = [node for node in parts if node.lineno <= line <= (node.end_lineno or node.lineno)]
    return inside[-1] if inside else None


def _tested(device: OnDevice, node: ast.expr) -> Move | None:
    """``while err > tol and n < 100`` with ``err`` on the GPU reads one number."""
    if not device.is_array(node):
        return None
    below: ast.AST = node
    above = device.module.parents.get(node)
    while isinstance(above, ast.BoolOp) or (isinstance(above, ast.UnaryOp) and isinstance(above.op, ast.Not)):
        below, above = above, device.module.parents.get(above)
    if isinstance(above, ast.If | ast.While | ast.IfExp | ast.Assert) and above.test is below:
        return Move.NUMBER
    return None


def _shown(device: OnDevice, node: ast.expr) -> Move | None:
    """``print(u.sum())`` and ``f"{u.max()}"`` bring the array to the host."""
    if not device.is_array(node):
        return None
    above = device.module.parents.get(node)
    shown = isinstance(above, ast.FormattedValue) or (
        isinstance(above, ast.Call)
        and isinstance(above.func, ast.Name)
        and above.func.id in _SHOWING
        and node in above.args
    )
    if not shown:
        return None
    return Move.NUMBER if device.is_reduced(node) else Move.TO_HOST


def loop_around(module: Module, node: ast.AST, *, depth: int = 3) -> ast.For | ast.While | None:
    """The innermost loop that does it every turn, itself or by calling the function that does."""
    below: ast.AST = node
    for above in module.ancestors(node):
        if isinstance(above, LOOPS):
            if isinstance(above, ast.For) and (below is above.iter or below is above.target):
                below = above
                continue
            return above
        if isinstance(above, ast.FunctionDef):
            return _calling_loop(module, above.name, depth) if depth else None
        if isinstance(above, (*FUNCTIONS, ast.ClassDef)):
            return None
        if isinstance(above, ast.If) and below is not above.test and not _ends(above):
            return None
        below = above
    return None


def _calling_loop(module: Module, name: str, depth: int) -> ast.For | ast.While | None:
    """A loop that calls a function in every turn."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and (
            (isinstance(node.func, ast.Name) and node.func.id == name)
            or (isinstance(node.func, ast.Attribute) and node.func.attr == name)
        ):
            loop = loop_around(module, node, depth=depth - 1)
            if loop is not None:
                return loop
    return None


def _ends(branch: ast.If) -> bool:
    """Is it the ``if __name__ == "__main__"`` around everything?"""
    return "__name__" in ast.unparse(branch.test)


def counted(hotspot: Hotspot, first: int, metric: str, last: int = 0) -> float:
    """What the collector counted on some lines; 0 if it did not watch."""
    return sum(
        float(row.value)
        for row in hotspot.facts
        if row.metric == metric and first <= row.where.first <= max(first, last)
    )
