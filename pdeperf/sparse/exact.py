"""Functions of arrays evaluated in fractions, in a few statements that are understood in full."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.source import Module

_NEW = ("zeros", "empty", "ones")
_MOST_STEPS = 20_000


class NotExact(Exception):  # noqa: N818 - a verdict, not an error
    """Something is done that is not understood, or an argument is stored into."""


@dataclass(slots=True, eq=False)
class Exact:
    """An array of fractions; None where nothing was stored yet.

    Attributes
    ----------
    kind
        ``float``, ``complex``, ``like`` for that of the arguments, or ``list``.
    is_given
        It is an argument, which nobody may store into.
    """

    items: list[Fraction | None]
    kind: str
    is_given: bool = False


@dataclass(slots=True)
class Evaluation:
    """One call of a function.

    Attributes
    ----------
    kinds
        Those of all arrays that it has made.
    """

    meaning: Meaning
    module: Module
    kinds: set[str] = field(default_factory=set)
    _names: dict[str, object] = field(default_factory=dict)
    _steps: int = 0

    def result(self, function: ast.FunctionDef, given: Mapping[str, object]) -> object:
        """What the function returns.

        Raises
        ------
        NotExact
            If it does more than is understood.
        """
        self._names = dict(given)
        returned = list(self._run(function.body))
        if len(returned) != 1:
            raise NotExact("it returns nothing")
        return returned[0]

    def _run(self, body: Sequence[ast.stmt]) -> Iterator[object]:
        """Run statements; give what is returned, and end there."""
        for one in body:
            self._steps += 1
            if self._steps > _MOST_STEPS:
                raise NotExact("it does not end")
            match one:
                case ast.Return(value=ast.expr() as value):
                    yield self._of(value)
                    return
                case ast.Expr(value=ast.Constant()) | ast.Pass():
                    pass
                case ast.Assign(targets=targets, value=value):
                    found = self._of(value)
                    for target in targets:
                        self._bind(target, found)
                case ast.AugAssign(target=target, op=op, value=value):
                    read = ast.parse(ast.unparse(target), mode="eval").body
                    self._bind(target, self._joined(op, self._of(read), self._of(value)))
                case ast.For(target=ast.Name(id=name), iter=source, body=inner, orelse=[]):
                    for turn in self._range(source):
                        self._names[name] = turn
                        if list(self._run(inner)):
                            raise NotExact("a loop returns")
                case ast.If(test=test, body=[ast.Raise()], orelse=[]) if self._is_zero_test(test):
                    pass  # where the diagonal dominates it is never true
                case _:
                    raise NotExact(f"line {one.lineno} is not understood")

    def _is_zero_test(self, test: ast.expr) -> bool:
        match test:
            case ast.Compare(left=left, ops=[ast.Eq()], comparators=[ast.Constant(value=0 | 0.0)]):
                return self._of(left) != 0
            case _:
                return False

    def _range(self, source: ast.expr) -> range:
        match source:
            case ast.Call(func=func, args=[inner], keywords=[]) if (
                self.meaning.full(self.module, func) == "builtins.reversed"
            ):
                return self._range(inner)[::-1]
            case ast.Call(func=func, args=[_, *_] as arguments, keywords=[]) if (
                self.meaning.full(self.module, func) == "builtins.range"
            ):
                bounds = [bound for one in arguments if isinstance(bound := self._of(one), int)]
                if len(bounds) == len(arguments):
                    return range(*bounds)
        raise NotExact("a loop is over no range")

    def _bind(self, target: ast.expr, value: object) -> None:
        match target:
            case ast.Name(id=name):
                self._names[name] = value
            case ast.Tuple(elts=parts) if isinstance(value, tuple) and len(value) == len(parts):
                for part, one in zip(parts, value, strict=True):
                    self._bind(part, one)
            case ast.Subscript(value=base, slice=index):
                array, place = self._of(base), self._of(index)
                if not isinstance(array, Exact) or array.is_given or type(place) is not int:
                    raise NotExact("it stores into what it is given")
                if not isinstance(value, int | Fraction) or not -len(array.items) <= place < len(array.items):
                    raise NotExact("it stores what is no number, or beyond the end")
                array.items[place] = Fraction(value)
            case _:
                raise NotExact("it binds what is no name")

    def _of(self, node: ast.expr) -> object:
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return value if isinstance(value, int) else Fraction(value)
            case ast.Name(id=name) if name in self._names:
                return self._names[name]
            case ast.Tuple(elts=parts):
                return tuple(self._of(one) for one in parts)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._joined(ast.Sub(), 0, self._of(operand))
            case ast.BinOp(left=ast.List(elts=[one]), op=ast.Mult(), right=right):
                return self._listed(self._of(one), self._of(right))
            case ast.BinOp(left=left, op=op, right=right):
                return self._joined(op, self._of(left), self._of(right))
            case ast.Attribute(value=base, attr="size" | "shape" as attr) if not self.meaning.full(
                self.module, node
            ):
                array = self._array(base)
                return len(array.items) if attr == "size" else (len(array.items),)
            case ast.Subscript(value=base, slice=index):
                held, place = self._of(base), self._of(index)
                items = held.items if isinstance(held, Exact) else held
                if not isinstance(items, list | tuple) or type(place) is not int:
                    raise NotExact("an index is no whole number")
                if not -len(items) <= place < len(items) or items[place] is None:
                    raise NotExact("what is read is not there")
                return items[place]
            case ast.Call():
                return self._called(node)
            case _:
                raise NotExact(f"`{ast.unparse(node)}` is not understood")

    def _listed(self, one: object, size: object) -> Exact:
        if not isinstance(one, int | Fraction) or type(size) is not int:
            raise NotExact("a list holds what is no number")
        return Exact([Fraction(one)] * size, "list")

    def _joined(self, op: ast.operator, left: object, right: object) -> int | Fraction:
        if not isinstance(left, int | Fraction) or not isinstance(right, int | Fraction):
            raise NotExact("arrays are computed with as a whole")
        match op:
            case ast.Add():
                return left + right
            case ast.Sub():
                return left - right
            case ast.Mult():
                return left * right
            case ast.Div() if right != 0:
                return Fraction(left) / Fraction(right)
            case _:
                raise NotExact("an operator is not understood, or divides by zero")

    def _array(self, node: ast.expr) -> Exact:
        found = self._of(node)
        if not isinstance(found, Exact):
            raise NotExact(f"`{ast.unparse(node)}` is no array")
        return found

    def _copied(self, array: Exact) -> Exact:
        if array.kind == "list":
            raise NotExact("a list becomes an array")
        self.kinds.add(array.kind)
        return Exact([*array.items], array.kind)

    def _called(self, call: ast.Call) -> object:
        name = self.meaning.full(self.module, call.func)
        last = name.rpartition(".")[2]
        match call:
            case ast.Call(func=ast.Attribute(value=base, attr="copy"), args=[], keywords=[]) if not name:
                return self._copied(self._array(base))
            case ast.Call(args=[one], keywords=[]) if name == "builtins.len":
                return len(self._array(one).items)
            case ast.Call(args=[one], keywords=[]) if name in ("numpy.copy", "numpy.array"):
                return self._copied(self._array(one))
            case ast.Call(args=[ast.expr() as one, ast.Tuple(elts=parts)], keywords=[]) if (
                name == "builtins.map"
                and self.meaning.full(self.module, one) in ("numpy.copy", "numpy.array")
            ):
                return tuple(self._copied(self._array(part)) for part in parts)
            case ast.Call(args=[one], keywords=[]) if name in [f"numpy.{each}_like" for each in _NEW]:
                array = self._array(one)
                return self._made(last.removesuffix("_like"), len(array.items), array.kind)
            case ast.Call(args=[one, *others], keywords=keywords) if name in [f"numpy.{n}" for n in _NEW]:
                size = self._of(one)
                size = size[0] if isinstance(size, tuple) and len(size) == 1 else size
                if type(size) is int and size >= 0:
                    return self._made(last, size, self._kind(others, keywords))
        raise NotExact(f"`{ast.unparse(call)}` is not understood")

    def _made(self, maker: str, size: int, kind: str) -> Exact:
        self.kinds.add(kind)
        filled = {"zeros": Fraction(0), "ones": Fraction(1)}.get(maker)
        return Exact([filled] * size, kind)

    def _kind(self, others: Sequence[ast.expr], keywords: Sequence[ast.keyword]) -> str:
        told = [*others, *(one.value for one in keywords if one.arg == "dtype")]
        if len(told) != len(others) + len(keywords) or len(told) > 1:
            raise NotExact("an array is made in another way")
        kind = self.meaning.full(self.module, told[0]) if told else "builtins.float"
        match kind:
            case "builtins.float" | "numpy.float64":
                return "float"
            case "builtins.complex" | "numpy.complex128":
                return "complex"
            case _:
                raise NotExact("an array holds neither floats nor complex numbers")
