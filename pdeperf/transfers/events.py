"""What a place does with arrays on the GPU: copies to the host and back, numbers read, kernels launched."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pdeperf.model import Hotspot, Measurement, Span
from pdeperf.source import Module
from pdeperf.source.scopes import FUNCTIONS

LOOPS = (ast.For, ast.While)
_MAKERS = frozenset(("asarray", "array", "ascontiguousarray", "asfortranarray"))
_NUMBERS = frozenset(("float", "int", "bool", "complex"))
_CLOCKS = frozenset(
    ("time.perf_counter", "time.time", "time.monotonic", "time.process_time", "timeit.default_timer")
)


class Move(StrEnum):
    """What happens between host and device."""

    TO_HOST = "to_host"
    TO_DEVICE = "to_device"
    REBUILT = "rebuilt"
    """Made on the host, and moved to the device."""
    NUMBER = "number"
    """One number is read: the host waits for all that was begun."""


@dataclass(frozen=True, slots=True)
class Event:
    """One expression that moves something, and the innermost loop around it."""

    move: Move
    node: ast.expr
    loop: ast.For | ast.While


class OnDevice:
    """Knows which expressions of a file are arrays on the GPU.

    Parameters
    ----------
    observed
        Types that were seen: names of type ``cupy.ndarray``.
    """

    def __init__(self, module: Module, observed: Sequence[Measurement]) -> None:
        self.module = module
        self.arrays = frozenset(
            row.subject
            for row in observed
            if row.metric == "type" and row.value == "cupy.ndarray" and row.where.file == module.file
        )
        self.on_host = frozenset(
            row.subject
            for row in observed
            if row.metric == "type" and row.value == "numpy.ndarray" and row.where.file == module.file
        )
        self._names = dict(_imports(module))

    @property
    def is_used(self) -> bool:
        """Does the file use CuPy?"""
        return any(name.split(".")[0] == "cupy" for name in self._names.values())

    def full(self, node: ast.expr) -> str:
        """Full name of what an expression names: ``cupy.asarray``."""
        text = ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""
        root, dot, rest = text.partition(".")
        return f"{self._names[root]}{dot}{rest}" if root in self._names else text if dot == "" else ""

    def is_array(self, node: ast.expr) -> bool:
        """Is it an array on the GPU?"""
        match node:
            case ast.Name() | ast.Attribute() if ast.unparse(node) in self.arrays:
                return True
            case ast.Attribute(value=inner, attr="T" | "real" | "imag"):
                return self.is_array(inner)
            case ast.Subscript(value=inner) | ast.UnaryOp(operand=inner):
                return self.is_array(inner)
            case ast.BinOp(left=left, right=right):
                return self.is_array(left) or self.is_array(right)
            case ast.Compare(left=left, comparators=[right]):
                return self.is_array(left) or self.is_array(right)
            case ast.Call(func=ast.Attribute(value=inner, attr=attr)) if attr not in (
                "get",
                "item",
                "tolist",
            ):
                name = self.full(node.func)
                if name.startswith("cupy."):
                    return name.rpartition(".")[2] not in ("asnumpy", "RawKernel", "RawModule")
                return self.is_array(inner)
            case ast.Call(func=func):
                name = self.full(func)
                return name.startswith("cupy.") and not name.endswith(".asnumpy")
        return False

    def move(self, node: ast.AST) -> Move | None:
        """What an expression moves."""
        match node:
            case ast.Call(func=ast.Attribute(value=inner, attr="get"), args=[]) if self.is_array(inner):
                return Move.TO_HOST
            case ast.Call(func=ast.Attribute(value=inner, attr="item" | "tolist")) if self.is_array(inner):
                return Move.NUMBER
            case ast.Call(func=ast.Name(id=name), args=[argument]) if name in _NUMBERS:
                return Move.NUMBER if self.is_array(argument) else None
            case ast.Call(func=func, args=[argument, *_]):
                name = self.full(func)
                if name == "cupy.asnumpy":
                    return Move.TO_HOST
                if name.startswith("cupy.") and name.split(".", 1)[1] in _MAKERS:
                    return self._moved_there(argument)
        return None

    def _moved_there(self, argument: ast.expr) -> Move | None:
        if self.is_array(argument):
            return None
        if isinstance(argument, ast.Name | ast.Attribute):
            return Move.TO_DEVICE
        if isinstance(argument, ast.Subscript) and not self.is_array(argument.value):
            return Move.TO_DEVICE
        return Move.REBUILT

    def launches(self, tree: ast.AST) -> int:
        """Operations that each launch a kernel, at least."""
        return sum(
            (isinstance(node, ast.BinOp | ast.UnaryOp | ast.Compare) and self.is_array(node))
            or (
                isinstance(node, ast.Call)
                and self.full(node.func).startswith("cupy.")
                and self.full(node.func).count(".") == 1
                and self.is_array(node)
            )
            or (isinstance(node, ast.AugAssign) and self.is_array(node.target))
            for node in ast.walk(tree)
        )

    def waits(self, tree: ast.AST) -> bool:
        """Does something in it wait for the GPU?"""
        return any(
            (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and "synchronize" in node.func.attr
            )
            or self.move(node) in (Move.TO_HOST, Move.NUMBER)
            for node in ast.walk(tree)
        )

    def is_clock(self, node: ast.AST) -> bool:
        """Is it a reading of the clock?"""
        return isinstance(node, ast.Call) and self.full(node.func) in _CLOCKS


def events(device: OnDevice, where: Span) -> Iterator[Event]:
    """What is moved in every turn of a loop, in a place or around it, in order."""
    for node in ast.walk(device.module.tree):
        if not isinstance(node, ast.expr) or not where.first <= node.lineno <= where.last:
            continue
        move = device.move(node)
        if move is None:
            move = _tested(device, node)
        loop = _loop(device.module, node)
        if move is not None and loop is not None:
            yield Event(move, node, loop)


def _tested(device: OnDevice, node: ast.expr) -> Move | None:
    """``while err > tol`` with ``err`` on the GPU reads one number."""
    above = device.module.parents.get(node)
    if isinstance(above, ast.If | ast.While) and above.test is node and device.is_array(node):
        return Move.NUMBER
    return None


def _loop(module: Module, node: ast.expr) -> ast.For | ast.While | None:
    """The innermost loop that does it every turn: not in a branch, not in its header's iterable."""
    below: ast.AST = node
    for above in module.ancestors(node):
        if isinstance(above, LOOPS):
            if isinstance(above, ast.For) and (below is above.iter or below is above.target):
                below = above
                continue
            return above
        if isinstance(above, (*FUNCTIONS, ast.ClassDef)):
            return None
        if isinstance(above, ast.If) and below is not above.test:
            return None
        below = above
    return None


def counted(hotspot: Hotspot, line: int, metric: str) -> float:
    """What the collector counted on a line; 0 if it did not watch."""
    return sum(float(row.value) for row in hotspot.facts if row.metric == metric and row.where.first == line)


def in_words(hotspot: Hotspot, line: int, way: str) -> str:
    """How often something was copied on a line, and how much, as far as it was counted."""
    count, moved = counted(hotspot, line, f"{way}_count"), counted(hotspot, line, f"{way}_bytes")
    if not count:
        return ""
    return f": {count:.0f} times, {moved / 1e6:.3g} MB in all"


def _imports(module: Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (
                    alias.asname or alias.name.split(".")[0],
                    alias.name if alias.asname else alias.name.split(".")[0],
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"
