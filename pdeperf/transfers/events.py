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


_SHOWING = frozenset(("print", "str", "repr", "format"))
_REDUCING = frozenset("sum max min mean std var prod any all norm count_nonzero dot vdot".split())
_REPEATED = 3
"""A line that moves something less often is not in a loop."""


class Move(StrEnum):
    """What happens between host and device."""

    TO_HOST = "to_host"
    TO_DEVICE = "to_device"
    REBUILT = "rebuilt"
    """Made on the host, and moved to the device."""
    NUMBER = "number"
    """One number is read: the host waits for all that was begun."""


_WAYS = {"to_host": Move.TO_HOST, "to_device": Move.TO_DEVICE, "scalar_read": Move.NUMBER}


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
        self.types = self._seen(observed, "type")
        self.dtypes = self._seen(observed, "dtype")
        self.ndims = {name: int(float(value)) for name, value in self._seen(observed, "ndim").items()}
        self._names = dict(_imports(module))
        self.counts: dict[tuple[int, str], float] = {
            (row.where.first, row.metric.removesuffix("_count")): float(row.value)
            for row in observed
            if row.where.file == module.file and row.metric.removesuffix("_count") in _WAYS
        }

    def _seen(self, observed: Sequence[Measurement], metric: str) -> dict[str, str]:
        return {
            row.subject: str(row.value)
            for row in observed
            if row.metric == metric and row.where.file == self.module.file
        }

    def alias(self, package: str) -> str:
        """How the file calls a package that it imports whole; empty if it does not."""
        return next((name for name, full in self._names.items() if full == package), "")

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

    def is_reduced(self, node: ast.expr) -> bool:
        """Is it one number made of an array, on the GPU?"""
        match node:
            case ast.Call(func=ast.Attribute(attr=attr), args=args, keywords=keywords):
                whole = len(args) <= 1 and not any(each.arg == "axis" for each in keywords)
                return attr in _REDUCING and whole
            case ast.BinOp(left=left, right=right):
                sides = [each for each in (left, right) if self.is_array(each)]
                return bool(sides) and all(map(self.is_reduced, sides))
            case ast.UnaryOp(operand=inner):
                return self.is_reduced(inner)
            case ast.Subscript(value=inner, slice=index):
                parts = index.elts if isinstance(index, ast.Tuple) else [index]
                single = not any(isinstance(part, ast.Slice) or ast.unparse(part) == "..." for part in parts)
                return single and len(parts) == self.ndims.get(ast.unparse(inner))
        return False

    def move(self, node: ast.AST) -> Move | None:
        """What an expression moves."""
        match node:
            case ast.Call(func=ast.Attribute(value=inner, attr="get"), args=[]) if self.is_array(inner):
                return Move.NUMBER if self.is_reduced(inner) else Move.TO_HOST
            case ast.Call(func=ast.Attribute(value=inner, attr="item" | "tolist")) if self.is_array(inner):
                return Move.NUMBER
            case ast.Call(func=ast.Name(id=name), args=[argument]) if name in _NUMBERS:
                return Move.NUMBER if self.is_array(argument) else None
            case ast.Call(func=ast.Name(id="min" | "max"), args=[_, _, *_] as args) if any(
                map(self.is_array, args)
            ):
                return Move.NUMBER
            case ast.Call(func=func, args=[argument, *_]):
                name = self.full(func)
                if name.startswith("math.") or name == "numpy.float64":
                    return Move.NUMBER if self.is_array(argument) else None
                if isinstance(func, ast.Attribute) and func.attr == "set" and self.is_array(func.value):
                    return self._moved_there(argument)
                if name == "cupy.asnumpy":
                    return Move.NUMBER if self.is_reduced(argument) else Move.TO_HOST
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

    def launches_with_calls(self, tree: ast.AST) -> int:
        """The same, those of the file's functions that it calls counted too."""
        return sum(map(self.launches, self._with_called(tree)))

    def waits_with_calls(self, tree: ast.AST) -> bool:
        """Does something in it, or in a function of the file that it calls, wait for the GPU?"""
        return any(map(self.waits, self._with_called(tree)))

    def _with_called(self, tree: ast.AST, *, depth: int = 3) -> Iterator[ast.AST]:
        yield tree
        if not depth:
            return
        functions = {
            node.name: node for node in ast.walk(self.module.tree) if isinstance(node, ast.FunctionDef)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                if name in functions and not self.full(node.func).startswith("cupy."):
                    yield from self._with_called(functions[name], depth=depth - 1)

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
        move = _WAYS[way]
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
