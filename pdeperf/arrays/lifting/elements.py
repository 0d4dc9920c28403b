"""NumPy expressions to elements: what each cell of an array expression is."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace

from pdeperf.arrays.dtypes import Unliftable, arithmetic, of_function, promoted
from pdeperf.arrays.inline import known
from pdeperf.arrays.ir import Definition, Op, Reduction, Scalar
from pdeperf.arrays.lifting.divisors import require_positive
from pdeperf.arrays.paths import is_path
from pdeperf.arrays.sizes import ONE, Size, Sizes
from pdeperf.arrays.values import (
    Array,
    Cells,
    Chosen,
    Cut,
    Row,
    Several,
    Value,
    View,
    cut,
    is_dots,
    is_none,
    operation,
    reversed_axes,
)

_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%"}
_COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_MOST = 16
_NOTHING = Cells((), Scalar("None", "nothing"))  # a place in a list that is filled later
_CLIPPED = {"min": "a_min", "max": "a_max"}
_OF_ARRAYS = ("T", "real", "imag")
EXACT = frozenset(
    "sqrt abs absolute fabs floor ceil trunc sign square isnan isinf isfinite negative maximum minimum "
    "fmax fmin logical_and logical_or logical_not".split()
)
"""NumPy's functions of elements whose bits a compiled loop gives too."""


@dataclass(frozen=True, slots=True)
class Reader:
    """What the statement around an expression knows.

    Attributes
    ----------
    look
        The value of a name or an attribute path; None for what is no array.
    number
        A number's elements from its syntax tree; raises :class:`Unliftable` for anything else.
    now
        The elements of a view at this moment.
    called
        Full name of what an expression calls, ``numpy.sqrt``.
    user
        The value of a call of one of the user's functions.
    property
        The value of an attribute that one of the user's properties computes.
    library
        The value of a call of one of NumPy's functions.
    reduced
        A number made of a whole array; None for any other call.
    new
        A new array of a shape and a type, and
    define
        values for the cells of a part of it, perhaps only where a mask holds.
    choose
        What a subscript with a mask or an index array means; None for any other subscript.
    row
        The places that a path's index array goes through; None if they are not in order.
    integer
        An integer expression as a size.
    pattern
        Shape of a small array that is only looked at, which of its entries are not zero, and what shows that.
    literal
        Nested lists of numbers that are written out, or that a name stands for in the region.
    total
        Python's sum of a list of arrays; None for numbers.
    written_out
        The expressions of a comprehension, one for each round; None if they are not known.
    counts, gathers
        Sums of integers and of truth values are computed too; elements at computed places may be read.
    mapping
        A dict that is written out, or a comprehension of one.
    padded, steps
        Arrays with margins that the run has made: of what, and which version is that; and all its steps.
    """

    sizes: Sizes
    look: Callable[[ast.expr], Value | None]
    number: Callable[[ast.expr], Cells]
    now: Callable[[View], Cells]
    called: Callable[[ast.expr], str]
    user: Callable[[ast.Call], Value | None]
    property: Callable[[ast.Attribute], Value | None]
    integer: Callable[[ast.expr], Size]
    library: Callable[["Reader", ast.Call, str], Value]
    reduced: Callable[[ast.Call], Cells | None]
    new: Callable[[str, tuple[Size, ...], str], View]
    define: Callable[[View, Cells, Cells | None], None]
    choose: Callable[["Reader", Array | Chosen, list[ast.expr]], Value | None]
    row: Callable[[ast.expr], Row | None]
    pattern: Callable[[ast.expr], tuple[tuple[int, ...], tuple[bool, ...], str] | None]
    literal: Callable[[ast.expr], object]
    total: Callable[["Reader", ast.Call], Cells | None]
    mapping: Callable[[ast.Dict | ast.DictComp], Several]
    written_out: Callable[[ast.ListComp | ast.GeneratorExp], list[ast.expr] | None]
    counts: bool
    gathers: bool
    padded: dict[tuple[Cells, tuple[tuple[int, int], ...], object], tuple[View, int]]
    steps: list[Definition | Reduction]

    def cells(self, node: ast.expr) -> Cells:
        """The elements of an expression.

        Raises
        ------
        Unliftable
            If it is not made of what is known.
        """
        value = self.array(node)
        return self.now(value) if isinstance(value, View) else value

    def array(self, node: ast.expr) -> Array:
        """An expression's value if it is one array or number.

        Raises
        ------
        Unliftable
            If it is a tuple.
        """
        value = self.value(node)
        if isinstance(value, Several):
            raise Unliftable(f"`{ast.unparse(node)[:50]}` holds several values")
        if isinstance(value, Chosen):
            raise Unliftable(f"`{ast.unparse(node)[:50]}` is what a mask chooses")
        return value

    def value(self, node: ast.expr) -> Value:
        """An expression's value: a view stays a view."""
        match node:
            case ast.Attribute(value=inner, attr="real" | "imag" as last) if self.look_at(inner):
                return self.component(node, last, self.array(inner))
            case ast.Attribute(value=inner, attr="T") if self.look_at(inner):  # which may be made here
                return reversed_axes(self.array(inner))
            case ast.Name() | ast.Attribute(attr=_) if (found := self.look(node)) is not None:
                return found
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                made = "({})" if isinstance(node, ast.Tuple) else "[{}]"
                return Several(tuple(self.value(part) for part in parts), made)
            case ast.IfExp(test=test, body=one, orelse=other) if (holds := known(test)) is not None:
                return self.value(one if holds else other)
            case ast.Dict() | ast.DictComp():
                return self.mapping(node)
            case ast.ListComp() | ast.GeneratorExp() if (rounds := self.written_out(node)) is not None:
                return Several((*map(self.value, rounds),), "[{}]" if isinstance(node, ast.ListComp) else "")
            case ast.Subscript(slice=ast.Constant() | ast.UnaryOp()) if (
                found := self.look(node)
            ) is not None:
                return found
            case ast.Subscript(value=ast.Attribute(attr="r_" | "c_" as last) as made, slice=index) if (
                self.called(made) in ("numpy.r_", "numpy.c_")
            ):
                parts = index.elts if isinstance(index, ast.Tuple) else [index]
                return self.library(self, ast.copy_location(ast.Call(made, parts, []), node), last)
            case ast.Subscript(value=inner, slice=index):
                if getattr(inner, "attr", "") == "shape" or isinstance(getattr(index, "value", None), str):
                    return self.number(node)
                found = self._indexed(inner)
                return self.number(node) if found is None else self._subscript(node, found, index)
            case ast.BinOp(left=ast.List(elts=[ast.Constant(value=None | 0)]), op=ast.Mult(), right=count):
                return Several((_NOTHING,) * self._count(count))
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return self.power(node, self.cells(left), right)
            case ast.BinOp(left=left, op=ast.BitAnd() | ast.BitOr() as op, right=right):
                return self._logical(op, self.cells(left), self.cells(right))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                return self.binary(node, _OPERATORS[type(op)], self.cells(left), self.cells(right))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._unary(node, "neg", self.cells(operand))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.cells(operand)
            case ast.UnaryOp(op=ast.Invert(), operand=operand):
                return self._unary(node, "not", self.cells(operand))
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
                return self.compared(node, _COMPARISONS[type(op)], self.cells(left), self.cells(right))
            case ast.Call():
                return self._call(node)
            case ast.Attribute() if (found := self.property(node)) is not None:
                return found
            case _:
                return self.number(node)

    def _indexed(self, node: ast.expr) -> Value | None:
        """What a subscript is applied to; None for a list or a dict."""
        if isinstance(node, ast.Name) or (is_path(node) and getattr(node, "attr", "") not in _OF_ARRAYS):
            found = self.look(node)
            return self.property(node) if found is None and isinstance(node, ast.Attribute) else found
        return self.value(node)

    def look_at(self, node: ast.expr) -> bool:
        """Is it an array, or made of one?"""
        return not isinstance(node, ast.Name | ast.Attribute) or self.look(node) is not None

    def component(self, node: ast.expr, last: str, value: Array) -> Array:
        """The real or the imaginary part; of real numbers themselves the real one is they."""
        operand = self.now(value) if isinstance(value, View) else value
        if self.scalars(operand):
            return self.number(node)
        if operand.dtype == "complex128":
            return operation(f"numpy.{last}", "float64", (operand,), self.sizes)
        if last == "real" and operand.dtype in ("float64", "float32"):
            return value
        raise Unliftable(f"`{last}` of real numbers")

    def binary(self, node: ast.expr, name: str, left: Cells, right: Cells) -> Cells:
        """An operator between two arrays or numbers."""
        if self.scalars(left, right):
            return self.number(node)
        args = left.expr, right.expr
        dtype = arithmetic(name, args)
        if name in ("//", "%") and dtype == "int64":
            require_positive(right.expr, self.sizes, self.integer, self.look)
        exact = dtype != "complex128" or name in "+-"
        return operation(
            name,
            dtype,
            (left, right),
            self.sizes,
            exact=exact and (name not in ("//", "%") or dtype == "int64"),
        )

    def scalars(self, *parts: Cells) -> bool:
        """Are they numbers only?"""
        return all(isinstance(part.expr, Scalar) for part in parts)

    def _unary(self, node: ast.expr, name: str, operand: Cells) -> Cells:
        if self.scalars(operand):
            return self.number(node)
        if (name == "not") != (operand.dtype == "bool"):
            raise Unliftable("`~` of numbers, or `-` of bools")
        if operand.dtype == "int32":
            raise Unliftable("arithmetic of 32-bit integers, which wrap")
        return Cells(operand.shape, Op(name, (operand.expr,), operand.dtype))

    def _logical(self, op: ast.operator, left: Cells, right: Cells) -> Cells:
        if left.dtype != "bool" or right.dtype != "bool" or self.scalars(left, right):
            raise Unliftable("`&` or `|` of numbers")
        return operation("and" if isinstance(op, ast.BitAnd) else "or", "bool", (left, right), self.sizes)

    def compared(self, node: ast.expr, name: str, left: Cells, right: Cells) -> Cells:
        """A comparison of elements."""
        if self.scalars(left, right):
            return self.number(node)
        common = promoted((left.expr, right.expr))
        if common == "complex128" and name not in ("==", "!="):
            raise Unliftable("complex numbers compared")
        return operation(name, "bool", (left, right), self.sizes)

    def power(self, whole: ast.expr, base: Cells, exponent: ast.expr) -> Cells:
        """Elements to a power."""
        node = exponent
        sign = 1
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            node, sign = node.operand, -1
        right = self.cells(exponent)
        if self.scalars(base, right):
            return self.number(whole)
        is_literal = isinstance(node, ast.Constant) and isinstance(node.value, int | float)
        if is_literal and base.dtype in ("float64", "float32"):
            value = sign * ast.literal_eval(node)
            if value == 2:
                return Cells(base.shape, Op("numpy.square", (base.expr,), base.dtype))
            if value == 0.5:
                return Cells(base.shape, Op("numpy.sqrt", (base.expr,), base.dtype))
            if value == 1:
                return base
            if value == -1:
                one = Scalar("1.0", "float64", weak=True)
                return Cells(base.shape, Op("/", (one, base.expr), base.dtype))
        if base.dtype == "int64" and isinstance(node, ast.Constant) and node.value == 2 and sign == 1:
            return Cells(base.shape, Op("*", (base.expr, base.expr), "int64"))
        dtype = arithmetic("**", (base.expr, right.expr))
        if dtype != base.dtype or dtype not in ("float64", "float32"):
            raise Unliftable("a power of other numbers than floating-point ones")
        return operation("**", dtype, (base, right), self.sizes, exact=False)

    def _subscript(self, node: ast.Subscript, value: Value, index: ast.expr) -> Value:
        if isinstance(value, Several):
            return value.parts[self.position(index, len(value.parts))]
        parts = list(index.elts) if isinstance(index, ast.Tuple) else [index]
        if (found := self.choose(self, value, parts)) is not None:
            return found
        if isinstance(value, Chosen):
            raise Unliftable("chosen cells indexed in this way")
        cuts: list[Cut] = []
        taken = sum(1 for part in parts if not is_none(part) and not is_dots(part))
        for part in parts:
            if is_dots(part):
                cuts.extend(Cut((None, None, 1)) for _ in range(len(value.shape) - taken))
            else:
                cuts.append(self.cut(part))
        if taken > len(value.shape):
            raise Unliftable(f"`{ast.unparse(node)}` has too many indices")
        return cut(value, cuts, self.sizes)

    def _count(self, node: ast.expr) -> int:
        size = self.integer(node)
        if not size.is_const or not 0 <= size.const <= _MOST:
            raise Unliftable("a list of many places")
        return size.const

    def position(self, index: ast.expr, count: int) -> int:
        """Which of several values an index means."""
        if isinstance(index, ast.Slice):
            raise Unliftable("a part of several values")
        size = self.integer(index)
        if not size.is_const or not -count <= size.const < count:
            raise Unliftable(f"`{ast.unparse(index)}` chooses one of several values")
        return size.const

    def cut(self, part: ast.expr) -> Cut:
        """One part of a subscript."""
        if is_none(part):
            return Cut()
        if isinstance(part, ast.Slice):
            step = self.integer(part.step) if part.step is not None else ONE
            if not step.is_const:
                raise Unliftable("a slice with a step that is not a number")
            start = self.integer(part.lower) if part.lower is not None and not is_none(part.lower) else None
            stop = self.integer(part.upper) if part.upper is not None and not is_none(part.upper) else None
            return Cut((start, stop, step.const))
        if self.look(part) is not None or isinstance(part, ast.Compare | ast.List):
            raise Unliftable("indexed by an array")
        return Cut(place=self.integer(part))

    def _call(self, node: ast.Call) -> Value:
        if (number := self.reduced(node)) is not None:
            return number
        if isinstance(node.func, ast.Attribute) and not self.called(node.func):
            return self._method(node, node.func)
        name = self.called(node.func)
        home, _, last = name.rpartition(".")
        if home == "numpy" or name.startswith("scipy."):
            return self.library(self, node, last if home == "numpy" else name)
        if name == "builtins.sum" and len(node.args) == 1 and (total := self.total(self, node)) is not None:
            return total
        if name in ("builtins.tuple", "builtins.list") and len(node.args) == 1:
            inside = self.value(node.args[0])
            if isinstance(inside, Several):
                return replace(inside, made="({})" if name == "builtins.tuple" else "[{}]", fields=())
        if name == "builtins.abs" and len(node.args) == 1:
            operand = self.cells(node.args[0])
            return self.number(node) if self.scalars(operand) else self.function(node, "abs")
        if name in ("builtins.max", "builtins.min", "builtins.float") and not node.keywords:
            for each in (part for part in node.args if ast.Call in map(type, ast.walk(part))):
                self.cells(each)  # the numbers in it that are made of arrays come first
        if name:
            return self.number(node)
        found = self.user(node)
        return self.number(node) if found is None else found

    def _method(self, node: ast.Call, func: ast.Attribute) -> Value:
        found = self.user(node)
        if found is not None:
            return found
        args: list[ast.expr]
        match func.attr, node.args, node.keywords:
            case "copy", [], []:
                return self.cells(func.value)
            case (("conj" | "conjugate"), args, []) if self.look_at(func.value):
                if self.cells(func.value).dtype != "complex128":
                    return self.array(func.value)  # itself
            case "transpose", [_, _, *_] as order, [] if self.look_at(func.value):
                args = [ast.Tuple([*order], ast.Load())]
            case (("transpose" | "swapaxes" | "squeeze" | "clip"), args, _) if self.look_at(func.value):
                pass
            case "astype", [_] as args, keywords if self.look_at(func.value) and all(
                each.arg == "copy" for each in keywords
            ):
                call = ast.Call(func=func, args=[func.value, *args], keywords=[])
                return self.library(self, ast.copy_location(call, node), "astype")
            case _:
                return self.number(node)
        named = [ast.keyword(_CLIPPED.get(str(each.arg), each.arg), each.value) for each in node.keywords]
        call = ast.Call(func=func, args=[func.value, *args], keywords=named)
        return self.library(self, ast.copy_location(call, node), func.attr)

    def function(self, node: ast.Call, last: str) -> Cells:
        """One of NumPy's functions of elements."""
        parts = tuple(self.cells(argument) for argument in node.args)
        if self.scalars(*parts):
            return self.number(node)
        dtype = of_function(last, tuple(part.expr for part in parts))
        if last.startswith("logical") and any(part.dtype != "bool" for part in parts):
            raise Unliftable(f"`{last}` of numbers")
        exact = last in EXACT and all(part.dtype != "complex128" for part in parts)
        name = {"logical_and": "and", "logical_or": "or", "logical_not": "not"}.get(last, f"numpy.{last}")
        return operation(name, dtype, parts, self.sizes, exact=exact)
