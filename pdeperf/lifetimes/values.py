"""What an expression surely is: one number, a whole number, a float, an array, something new."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.vocabulary import ELEMENTWISE, READING_METHODS
from pdeperf.source import Module
from pdeperf.source.scopes import FUNCTIONS, own_nodes, parameters

_REDUCING = frozenset("sum prod max min amax amin mean std var norm dot vdot trapz trapezoid".split())
_NUMBER_METHODS = frozenset("sum max min mean std var item prod trace".split())
_ARRAY_METHODS = frozenset("copy conj reshape ravel flatten transpose astype round cumsum".split())
_EXACT = (ast.Add, ast.Sub, ast.Mult, ast.Div)


@dataclass(frozen=True, slots=True)
class Values:
    """Tells from the source and from the types that names held.

    Attributes
    ----------
    at
        The statement around or inside which the names' types were seen.
    open
        Names whose bindings are being looked at.
    """

    meaning: Meaning
    module: Module
    at: ast.stmt
    open: frozenset[str] = frozenset()

    def is_number(self, node: ast.expr) -> bool:
        """Is the value surely one number?"""
        match node:
            case ast.Constant(value=value):
                return isinstance(value, int | float | complex)
            case ast.Name() | ast.Attribute():
                seen = self.meaning.is_number(self.module, self.at, ast.unparse(node))
                return seen or self._by_bindings(node, Values.is_number)
            case ast.UnaryOp(operand=operand):
                return self.is_number(operand)
            case ast.BinOp(left=left, right=right):
                return self.is_number(left) and self.is_number(right)
            case ast.Subscript():
                return self.is_element(node)
            case ast.Call(func=ast.Attribute(value=value, attr=attr), args=[], keywords=[]) if (
                attr in _NUMBER_METHODS and self.is_array(value)
            ):
                return True
            case ast.Call(func=func, args=arguments, keywords=[]):
                return self._is_number_call(self.meaning.full(self.module, func), arguments)
            case _:
                return False

    def _by_bindings(self, node: ast.expr, test: Callable[["Values", ast.expr], bool]) -> bool:
        """Does what a name of the scope is bound to pass a test, where nobody saw the name itself?"""
        values = self._bound_to(node)
        inner = replace(self, open=self.open | {ast.unparse(node)})
        return bool(values) and all(test(inner, value) for value in values)

    def _dtypes_by_bindings(self, node: ast.expr) -> frozenset[str]:
        values = self._bound_to(node)
        inner = replace(self, open=self.open | {ast.unparse(node)})
        found = frozenset[str]().union(*(inner._dtypes(value) for value in values))
        return found or frozenset(("unknown",))

    def _bound_to(self, node: ast.expr) -> list[ast.expr]:
        """Everything that a local name is bound to; nothing if that is not plain, or the name was seen."""
        if not isinstance(node, ast.Name) or node.id in self.open or self.seen(node, "type"):
            return []
        home = self.meaning.home(self.module, self.at)
        owner = self.meaning.scope(self.module, self.at).resolve(node.id)
        if owner is None or owner.node is not home or isinstance(home, ast.Lambda):
            return []
        found: list[ast.expr] = []
        for inner in own_nodes(home):
            if isinstance(inner, ast.Name) and inner.id == node.id and not isinstance(inner.ctx, ast.Load):
                parent = self.module.parents.get(inner)
                if not isinstance(parent, ast.Assign) or parent.targets != [inner]:
                    return []
                found.append(parent.value)
        declared = any(
            isinstance(each, ast.Global | ast.Nonlocal) and node.id in each.names
            for each in ast.walk(self.module.tree)
        )
        is_given = isinstance(home, FUNCTIONS) and node.id in parameters(home)
        return [] if declared or is_given else found

    def is_element(self, node: ast.Subscript) -> bool:
        """Does it take one element out of an array of that many axes?"""
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        ranks = self.seen(node.value, "ndim")
        fits = ranks == {str(float(len(parts)))} and all(self.is_index(part) for part in parts)
        return fits and self.is_array(node.value)

    def _is_number_call(self, name: str, arguments: list[ast.expr]) -> bool:
        home, _, last = name.rpartition(".")
        if home == "math" or name in ("builtins.float", "builtins.int", "builtins.len", "numpy.float64"):
            return True
        if home in ("numpy", "numpy.linalg") and last in _REDUCING and last not in ("dot", "vdot"):
            return len(arguments) == 1 and self.is_array(arguments[0])
        if (home == "numpy" and last in ELEMENTWISE) or name == "builtins.abs":
            return all(self.is_number(argument) for argument in arguments)
        return False

    def is_float(self, node: ast.expr) -> bool:
        """Is the value surely a number of double precision, Python's or NumPy's?"""
        match node:
            case ast.Constant(value=value):
                return isinstance(value, float)
            case ast.Name() | ast.Attribute():
                kinds = self.seen(node, "type")
                is_seen = bool(kinds) and kinds <= {"float", "numpy.float64"}
                return is_seen or self._by_bindings(node, Values.is_float)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                return self.is_float(operand)
            case ast.BinOp(left=left, op=op, right=right) if isinstance(op, _EXACT):
                sides = [self.is_float(left), self.is_float(right)]
                return any(sides) and all(
                    known or self._is_real(side) for known, side in zip(sides, (left, right), strict=True)
                )
            case ast.Subscript(value=value):
                return self.is_number(node) and self.seen(value, "dtype") == {"float64"}
            case ast.Call(func=func, args=arguments):
                name = self.meaning.full(self.module, func)
                if name in ("builtins.float", "numpy.float64") or name in ("math.sqrt", "math.exp"):
                    return True
                if isinstance(func, ast.Attribute) and not name:
                    arguments = [func.value]
                reduced = {part for argument in arguments for part in self._dtypes(argument)}
                return self.is_number(node) and reduced == {"float64"}
            case _:
                return False

    def _is_real(self, node: ast.expr) -> bool:
        """Is it a whole number, or an element of an array that held whole numbers or floats?"""
        if self.is_index(node):
            return True
        if not isinstance(node, ast.Subscript) or not self.is_number(node):
            return False
        dtypes = self.seen(node.value, "dtype")
        return bool(dtypes) and dtypes <= {"int64", "int32", "float64"}

    def _dtypes(self, node: ast.expr) -> frozenset[str]:
        """Types of the elements of the arrays in an expression; floats count as ``float64``."""
        if self.is_float(node):
            return frozenset(("float64",))
        if isinstance(node, ast.Constant) or self.is_index(node):
            return frozenset()
        match node:
            case ast.Name() | ast.Attribute():
                return self.seen(node, "dtype") or self._dtypes_by_bindings(node)
            case ast.Subscript(value=value):
                return self._dtypes(value)
            case ast.UnaryOp(operand=operand):
                return self._dtypes(operand)
            case ast.BinOp(left=left, right=right):
                return self._dtypes(left) | self._dtypes(right)
            case ast.Call(func=ast.Attribute(value=value, attr="copy" | "ravel" | "reshape")):
                return self._dtypes(value)
            case ast.Call(func=func, args=arguments) if arguments and self._is_elementwise(func):
                return frozenset[str]().union(*(self._dtypes(argument) for argument in arguments))
        return frozenset(("unknown",))

    def is_index(self, node: ast.expr) -> bool:
        """Is it one whole number?"""
        match node:
            case ast.Constant(value=value):
                return type(value) is int
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.is_index(operand)
            case ast.Name() | ast.Attribute():
                kinds = self.seen(node, "type")
                return bool(kinds) and kinds <= {"int", "numpy.int64", "numpy.int32"}
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.FloorDiv(), right=right):
                return self.is_index(left) and self.is_index(right)
            case _:
                return False

    def is_array(self, node: ast.expr) -> bool:
        """Is it made of arrays and numbers, and of one array at least?"""
        match node:
            case ast.Name() | ast.Attribute() if self.seen(node, "type") == {"numpy.ndarray"}:
                return True
            case ast.Name():
                return self._by_bindings(node, Values.is_array)
            case ast.Attribute(value=value, attr="T" | "real" | "imag"):
                return self.is_array(value)
            case ast.Subscript(value=value, slice=index):
                sliced = any(isinstance(part, ast.Slice) for part in ast.walk(index))
                return sliced and self.is_array(value)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() | ast.Invert(), operand=operand):
                return self.is_array(operand)
            case ast.BinOp(left=left, right=right):
                return self._mixed([left, right])
            case ast.Compare(left=left, comparators=[right], ops=[op]):
                return not isinstance(op, ast.In | ast.NotIn | ast.Is | ast.IsNot) and self._mixed(
                    [left, right]
                )
            case ast.Call(func=ast.Attribute(value=value, attr=attr)) if (
                attr in _ARRAY_METHODS and self.is_array(value)
            ):
                return True
            case ast.Call(func=func, args=arguments, keywords=[]) if self._is_elementwise(func):
                # np.where of a condition alone gives a tuple.
                is_tuple = len(arguments) == 1 and self.meaning.full(self.module, func) == "numpy.where"
                return not is_tuple and self._mixed(arguments)
            case ast.Call(func=func, args=[first, *_]) if self.meaning.full(self.module, func) in (
                "numpy.roll", "numpy.gradient", "numpy.diff", "numpy.copy", "numpy.zeros_like", "numpy.flip",
            ):  # fmt: skip
                return self.is_array(first)
            case _:
                return False

    def _is_elementwise(self, func: ast.expr) -> bool:
        home, _, last = self.meaning.full(self.module, func).rpartition(".")
        return (home == "numpy" and last in ELEMENTWISE) or (home, last) == ("builtins", "abs")

    def _mixed(self, parts: list[ast.expr]) -> bool:
        arrays = [self.is_array(part) for part in parts]
        return any(arrays) and all(
            known or self.is_number(part) for known, part in zip(arrays, parts, strict=True)
        )

    def is_new(self, node: ast.expr) -> bool:
        """Is it an array or a number that nobody else has, made where it stands?"""
        match node:
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return all(self.is_number(part) for part in parts)
            case ast.BinOp() | ast.UnaryOp():
                return self.is_array(node) or self.is_number(node)
            case ast.Call(func=ast.Attribute(attr=attr), keywords=[]) if (
                attr in READING_METHODS and not self.meaning.full(self.module, node.func)
            ):
                assert isinstance(node.func, ast.Attribute)
                return self.is_array(node.func.value)
            case ast.Call():
                return self.meaning.is_pure(self.module, node)
            case _:
                return self.is_number(node)

    def rank_is(self, node: ast.expr, rank: int) -> bool:
        """Has it surely this many axes?"""
        match node:
            case ast.Name() | ast.Attribute():
                return self.seen(node, "ndim") == {str(float(rank))}
            case ast.UnaryOp(operand=operand):
                return self.rank_is(operand, rank)
            case ast.BinOp(left=left, right=right):
                fitting = [self.rank_is(part, rank) or self.is_number(part) for part in (left, right)]
                return all(fitting) and self.is_array(node)
            case ast.Subscript(value=value, slice=index):
                parts = index.elts if isinstance(index, ast.Tuple) else [index]
                if not all(isinstance(part, ast.Slice) or self.is_index(part) for part in parts):
                    return False
                dropped = sum(not isinstance(part, ast.Slice) for part in parts)
                return self.rank_is(value, rank + dropped)
            case ast.Call(func=ast.Attribute(value=value, attr="copy"), args=[]):
                return self.rank_is(value, rank)
            case _:
                return False

    def seen(self, node: ast.expr, metric: str) -> frozenset[str]:
        """All that was seen of an access path."""
        return self.meaning.values(self.module, self.at, ast.unparse(node), metric)
