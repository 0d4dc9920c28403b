"""What small arrays hold that a region only looks at: places in order, weights of a stencil."""

import ast
import operator
from collections.abc import Callable, Mapping

from pdeperf.arrays.entries import reached
from pdeperf.arrays.functions import Functions
from pdeperf.arrays.paths import is_path
from pdeperf.arrays.sizes import Size, Sizes
from pdeperf.arrays.steady import Steady
from pdeperf.arrays.values import Row
from pdeperf.kernel.kinds import UNKNOWN, Kind

_OPERATORS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class Held(Functions):
    """What a region's arrays were seen to hold."""

    several_shapes: set[str]
    rewritten: set[int]
    kept_alive: list[ast.AST]
    library: str

    def held(self) -> None:
        """Begin with nothing known."""
        self.rows: dict[str, Row] = {}
        """Names and paths of index arrays, and the places that they go through."""
        self.literals: dict[str, object] = {}
        """Names that the region binds to lists of numbers that are written out."""
        self._steady: Steady | None = None

    def kind_of(self, node: ast.expr) -> Kind:
        """Kind of an expression of the region."""
        raise NotImplementedError

    def kind_in(self, node: ast.expr, function: ast.FunctionDef | None) -> Kind:
        """Kind of an expression of the region, or of a name or path in a function."""
        if function is None:
            return self.kind_of(node)
        seen = self.observed.look(self.module, function, ast.unparse(node))
        return seen.kind if seen is not None else UNKNOWN

    def _is_steady(self, text: str) -> bool:
        """Does the region leave an array as it is, and its name bound to it?"""
        if not self.is_settled(text):
            return False
        if self._steady is None:
            trees = [*self.region, *reached(self.region, self.module)]
            self._steady = Steady(trees, self.kind_in, self.called)
        return self._steady.keeps(text)

    def row(self, node: ast.expr, sizes: Sizes) -> Row | None:
        """The places that an index array goes through, if it was seen to take them in order.

        That it still does is checked.
        """
        if not is_path(node):
            return None
        text = ast.unparse(node)
        if text in self.rows:
            return self.rows[text]
        if self.kind_of(node) != Kind("array", "int64", 1) or text in self.several_shapes:
            return None
        starts, turns = (set(self._rows(text, metric)) for metric in ("first_place", "turned_by"))
        if len(starts) + len(turns) != 1 or not self._is_steady(text):
            return None
        for each in self._shape(text, 1):
            sizes.note(f"{text}.shape[0]", each)
        length, start, np = Size.of(f"{text}.shape[0]"), Size(int(max(starts or turns))), self.library
        step = f" {'-' if start.const < 0 else '+'} {abs(start.const)}" if start.const else ""
        places = f"{np}.arange({{0}}){step}"
        check = f"{np}.array_equal({text}, {f'({places}) % {{0}}' if turns else places})"
        return self.rows.setdefault(text, Row(length, start, length if turns else None, check))

    def pattern(self, node: ast.expr) -> tuple[tuple[int, ...], tuple[bool, ...], str] | None:
        """Shape of a small array, which of its entries are not zero, and what shows that they are."""
        if not is_path(node):
            return None
        kind, text = self.kind_of(node), ast.unparse(node)
        if not kind.is_array or kind.dtype not in ("float64", "int64") or text in self.several_shapes:
            return None
        seen = set(self._rows(text, "filled"))
        shape = self._shape(text, kind.ndim)
        if len(seen) != 1 or not shape or not self._is_steady(text):
            return None
        filled = tuple(each == "1" for each in seen.pop())
        np = self.library
        test = f"abs({text}) > {np}.finfo(float).eps"
        check = f"({test}).all()"
        if not all(filled):
            check = f"{np}.array_equal({test}, {_nested(list(map(int, filled)), shape)})"
        return tuple(shape), filled, check

    def literal(self, node: ast.expr) -> object:
        """Nested lists of numbers that are written out, or that a name stands for in the region."""
        if isinstance(node, ast.Name):
            return self.literals.get(node.id)
        return self.numbers_written(node)

    def numbers_written(self, node: ast.expr) -> object:
        """A number or nested lists of numbers; None for anything else."""
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return value
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return _each(self.numbers_written(operand), operator.neg)
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                found = [self.numbers_written(part) for part in parts]
                return None if None in found else found
            case ast.Call(func=func, args=[inner], keywords=keywords):
                if self.called(func) not in ("numpy.array", "numpy.asarray"):
                    return None
                if any(key.arg != "dtype" or not _is_float(key.value) for key in keywords):
                    return None
                return self.numbers_written(inner)
            case ast.BinOp(left=ast.List() | ast.Tuple()) | ast.BinOp(right=ast.List() | ast.Tuple()):
                return None
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                one, other = self.numbers_written(left), self.numbers_written(right)
                step = _OPERATORS[type(op)]
                if isinstance(other, int | float) and not (other == 0 and isinstance(op, ast.Div)):
                    by = float(other) if isinstance(one, list) else other
                    return _each(one, lambda value: step(value, by))
                if isinstance(one, int | float) and isinstance(op, ast.Mult):
                    return _each(other, lambda value: step(one, value))
        return None


def _is_float(node: ast.expr) -> bool:
    return ast.unparse(node).rpartition(".")[2] in ("float", "float64")


def _each(value: object, change: Callable[[float], float]) -> object:
    """A number, or every number in nested lists, changed."""
    if isinstance(value, list):
        return [_each(part, change) for part in value]
    return change(value) if isinstance(value, int | float) else None


def _nested(values: list[int], shape: list[int]) -> object:
    """A row of numbers as nested lists."""
    if len(shape) <= 1:
        return values
    step = len(values) // shape[0]
    return [_nested(values[at : at + step], shape[1:]) for at in range(0, len(values), step)]
