"""Which expressions of a file are arrays on the GPU, and what moves between it and the host."""

import ast
from collections.abc import Iterator, Sequence
from enum import StrEnum

from pdeperf.model import Measurement
from pdeperf.source import Module

_MAKERS = frozenset(("asarray", "array", "ascontiguousarray", "asfortranarray"))
_NUMBERS = frozenset(("float", "int", "bool", "complex"))
_REAL = frozenset(("float", "int", "numpy.float64", "numpy.int64"))
_CLOCKS = frozenset(
    ("time.perf_counter", "time.time", "time.monotonic", "time.process_time", "timeit.default_timer")
)
_REDUCING = frozenset("sum max min mean std var prod any all norm count_nonzero dot vdot".split())


class Move(StrEnum):
    """What happens between host and device."""

    TO_HOST = "to_host"
    TO_DEVICE = "to_device"
    REBUILT = "rebuilt"
    """Made on the host, and moved to the device."""
    NUMBER = "number"
    """One number is read: the host waits for all that was begun."""


WAYS = {"to_host": Move.TO_HOST, "to_device": Move.TO_DEVICE, "scalar_read": Move.NUMBER}


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
            if row.where.file == module.file and row.metric.removesuffix("_count") in WAYS
        }
        self._infer()

    def _infer(self) -> None:
        """Note names that nobody watched, always bound to what is computed with arrays on the GPU."""
        values = dict(_bound_values(self.module))
        unseen = values.keys() - self.types.keys()
        while True:
            found = {
                name
                for name in unseen - self.arrays
                if all(
                    isinstance(each, ast.BinOp | ast.Call) and self.is_array(each) for each in values[name]
                )
            }
            if not found:
                return
            self.arrays |= found
            for name in found:
                if all(self._is_double(each, values, frozenset((name,))) for each in values[name]):
                    self.dtypes[name] = "float64"

    def _is_double(
        self, node: ast.expr | None, values: dict[str, list[ast.expr | None]], assumed: frozenset[str]
    ) -> bool:
        """Is it arithmetic with arrays of double precision and numbers, or taken there and back?"""
        match node:
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), right=right):
                return all(self._is_double(side, values, assumed) for side in (left, right))
            case ast.Constant(value=int() | float()):
                return True
            case ast.Name() | ast.Attribute():
                text = ast.unparse(node)
                is_real = self.types.get(text) in _REAL or self.dtypes.get(text) == "float64"
                return text in assumed or is_real
            case ast.Subscript(value=inner) | ast.UnaryOp(operand=inner):
                return self._is_double(inner, values, assumed)
            case ast.Call(func=ast.Attribute(value=inner, attr="get"), args=[]):
                return self._is_double(inner, values, assumed)
            case ast.Call(func=func, args=[ast.Name(id=name) as inner], keywords=[]):
                full = self.full(func)
                if full == "cupy.asnumpy":
                    return self._is_double(inner, values, assumed)
                made = values.get(name, [None])
                return full in ("cupy.asarray", "cupy.array") and all(
                    isinstance(each, ast.Call) and self._is_double(each, values, assumed) for each in made
                )
        return False

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


def _bound_values(module: Module) -> Iterator[tuple[str, list[ast.expr | None]]]:
    """What a file's names are bound to; None for what no plain assignment binds."""
    found: dict[str, list[ast.expr | None]] = {}
    for node in module.nodes:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            above = module.parents.get(node)
            plain = above.value if isinstance(above, ast.Assign) and above.targets == [node] else None
            if not isinstance(above, ast.AugAssign):
                found.setdefault(node.id, []).append(plain)
        elif isinstance(node, ast.arg):
            found.setdefault(node.arg, []).append(None)
    yield from found.items()


def _imports(module: Module) -> Iterator[tuple[str, str]]:
    for node in module.nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (
                    alias.asname or alias.name.split(".")[0],
                    alias.name if alias.asname else alias.name.split(".")[0],
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"
