"""NumPy expressions to elements: what each cell of an array expression is."""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pdeperf.arrays.dtypes import Unliftable, arithmetic, of_function, promoted
from pdeperf.arrays.ir import Counter, Index, Op, Scalar
from pdeperf.arrays.sizes import Size, Sizes
from pdeperf.arrays.values import (
    Cells,
    Cut,
    Value,
    View,
    cut,
    operation,
    rolled,
    transposed,
)

_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%"}
_COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_EXACT = frozenset(
    "sqrt abs absolute fabs floor ceil trunc sign square isnan isinf isfinite negative maximum minimum "
    "fmax fmin logical_and logical_or logical_not".split()
)
_ONE = _EXACT - {"maximum", "minimum", "fmax", "fmin", "logical_and", "logical_or"} | frozenset(
    "exp expm1 exp2 log log2 log10 log1p sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh "
    "arctanh cbrt deg2rad rad2deg".split()
)
_TWO = frozenset("maximum minimum fmax fmin logical_and logical_or hypot arctan2".split())
_WRITTEN = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "true_divide": "/"}
_COMPARED = {
    "less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=", "equal": "==", "not_equal": "!=",
}  # fmt: skip
FRESH = frozenset("zeros ones empty full zeros_like ones_like empty_like full_like".split())


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
    integer
        An integer expression as a size.
    """

    sizes: Sizes
    look: Callable[[ast.expr], Value | None]
    number: Callable[[ast.expr], Cells]
    now: Callable[[View], Cells]
    called: Callable[[ast.expr], str]
    user: Callable[[ast.Call], Value | None]
    integer: Callable[[ast.expr], Size]

    def cells(self, node: ast.expr) -> Cells:
        """The elements of an expression.

        Raises
        ------
        Unliftable
            If it is not made of what is known.
        """
        value = self.value(node)
        return self.now(value) if isinstance(value, View) else value

    def value(self, node: ast.expr) -> Value:
        """An expression's value: a view stays a view."""
        match node:
            case ast.Name() | ast.Attribute(attr=_) if (found := self.look(node)) is not None:
                return found
            case ast.Attribute(value=inner, attr="T"):
                value = self.value(inner)
                return transposed(value, tuple(range(len(value.shape)))[::-1])
            case ast.Subscript(value=inner, slice=index):
                if self._is_number(inner) or isinstance(getattr(index, "value", None), str):
                    return self.number(node)
                return self._subscript(node, self.value(inner), index)
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return self._power(node, self.cells(left), right)
            case ast.BinOp(left=left, op=ast.BitAnd() | ast.BitOr() as op, right=right):
                return self._logical(op, self.cells(left), self.cells(right))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                return self._binary(node, _OPERATORS[type(op)], self.cells(left), self.cells(right))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._unary(node, "neg", self.cells(operand))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.cells(operand)
            case ast.UnaryOp(op=ast.Invert(), operand=operand):
                return self._unary(node, "not", self.cells(operand))
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
                return self._compared(node, _COMPARISONS[type(op)], self.cells(left), self.cells(right))
            case ast.Call():
                return self._call(node)
            case _:
                return self.number(node)

    def _is_number(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Attribute) and node.attr == "shape"

    def _binary(self, node: ast.expr, name: str, left: Cells, right: Cells) -> Cells:
        if self._scalars(left, right):
            return self.number(node)
        args = left.expr, right.expr
        dtype = arithmetic(name, args)
        if name in ("//", "%"):
            self._whole_divisor(right, dtype)
        exact = dtype != "complex128" or name in "+-"
        return operation(name, dtype, (left, right), self.sizes, exact=exact and name not in ("//", "%"))

    def _whole_divisor(self, right: Cells, dtype: str) -> None:
        is_constant = isinstance(right.expr, Scalar) and right.expr.text.replace(".", "", 1).isdigit()
        if dtype == "int64" and not (is_constant and float(right.expr.text)):  # type: ignore[union-attr]
            raise Unliftable("integer division by what may be zero")

    def _scalars(self, *parts: Cells) -> bool:
        return all(isinstance(part.expr, Scalar) for part in parts)

    def _unary(self, node: ast.expr, name: str, operand: Cells) -> Cells:
        if self._scalars(operand):
            return self.number(node)
        if (name == "not") != (operand.dtype == "bool"):
            raise Unliftable("`~` of numbers, or `-` of bools")
        if operand.dtype == "int32":
            raise Unliftable("arithmetic of 32-bit integers, which wrap")
        return Cells(operand.shape, Op(name, (operand.expr,), operand.dtype))

    def _logical(self, op: ast.operator, left: Cells, right: Cells) -> Cells:
        if left.dtype != "bool" or right.dtype != "bool" or self._scalars(left, right):
            raise Unliftable("`&` or `|` of numbers")
        return operation("and" if isinstance(op, ast.BitAnd) else "or", "bool", (left, right), self.sizes)

    def _compared(self, node: ast.expr, name: str, left: Cells, right: Cells) -> Cells:
        if self._scalars(left, right):
            return self.number(node)
        common = promoted((left.expr, right.expr))
        if common == "complex128" and name not in ("==", "!="):
            raise Unliftable("complex numbers compared")
        return operation(name, "bool", (left, right), self.sizes)

    def _power(self, whole: ast.expr, base: Cells, exponent: ast.expr) -> Cells:
        node = exponent
        sign = 1
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            node, sign = node.operand, -1
        right = self.cells(exponent)
        if self._scalars(base, right):
            return self.number(whole)
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, int | float)
            and base.dtype
            in (
                "float64",
                "float32",
            )
        ):
            value = sign * node.value
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
        if arithmetic("**", (base.expr, right.expr)) != "float64" or base.dtype != "float64":
            raise Unliftable("a power of other numbers than double precision")
        return operation("**", "float64", (base, right), self.sizes, exact=False)

    def _subscript(self, node: ast.Subscript, value: Value, index: ast.expr) -> Value:
        parts = list(index.elts) if isinstance(index, ast.Tuple) else [index]
        cuts: list[Cut] = []
        taken = sum(1 for part in parts if not _is_none(part) and not _is_dots(part))
        for part in parts:
            if _is_dots(part):
                cuts.extend(Cut((None, None, 1)) for _ in range(len(value.shape) - taken))
            else:
                cuts.append(self._cut(part))
        if taken > len(value.shape):
            raise Unliftable(f"`{ast.unparse(node)}` has too many indices")
        return cut(value, cuts, self.sizes)

    def _cut(self, part: ast.expr) -> Cut:
        if _is_none(part):
            return Cut()
        if isinstance(part, ast.Slice):
            step = 1
            if part.step is not None:
                size = self.integer(part.step)
                if not size.is_const:
                    raise Unliftable("a slice with a step that is not a number")
                step = size.const
            start = self.integer(part.lower) if part.lower is not None and not _is_none(part.lower) else None
            stop = self.integer(part.upper) if part.upper is not None and not _is_none(part.upper) else None
            return Cut((start, stop, step))
        if self.look(part) is not None or isinstance(part, ast.Compare | ast.List):
            raise Unliftable("indexed by an array")
        return Cut(place=self.integer(part))

    def _call(self, node: ast.Call) -> Value:
        if isinstance(node.func, ast.Attribute) and not self.called(node.func):
            return self._method(node, node.func)
        name = self.called(node.func)
        home, _, last = name.rpartition(".")
        if home == "numpy":
            return self._numpy(node, last)
        if name == "builtins.abs" and len(node.args) == 1:
            operand = self.cells(node.args[0])
            return self.number(node) if self._scalars(operand) else self._function(node, "abs")
        if name:
            return self.number(node)
        found = self.user(node)
        return self.number(node) if found is None else found

    def _method(self, node: ast.Call, func: ast.Attribute) -> Value:
        found = self.user(node)
        if found is not None:
            return found
        match func.attr, node.args, node.keywords:
            case "copy", [], []:
                return self.cells(func.value)
            case "transpose", [], []:
                value = self.value(func.value)
                return transposed(value, tuple(range(len(value.shape)))[::-1])
            case _:
                return self.number(node)

    def _function(self, node: ast.Call, last: str) -> Cells:
        parts = tuple(self.cells(argument) for argument in node.args)
        if self._scalars(*parts):
            return self.number(node)
        dtype = of_function(last, tuple(part.expr for part in parts))
        if last.startswith("logical") and any(part.dtype != "bool" for part in parts):
            raise Unliftable(f"`{last}` of numbers")
        exact = last in _EXACT and dtype != "complex128"
        name = {"logical_and": "and", "logical_or": "or", "logical_not": "not"}.get(last, f"numpy.{last}")
        return operation(name, dtype, parts, self.sizes, exact=exact)

    def _numpy(self, node: ast.Call, last: str) -> Value:
        keywords: Mapping[str | None, ast.expr] = {key.arg: key.value for key in node.keywords}
        if any(isinstance(argument, ast.Starred) for argument in node.args) or None in keywords:
            raise Unliftable("starred arguments")
        count = len(node.args)
        if last == "roll" and count >= 2:
            return self._roll(node, keywords)
        if last == "diff" and count in (1, 2, 3):
            return self._diff(node, keywords)
        if last in ("transpose", "copy") and count == 1 and not keywords:
            value = self.value(node.args[0])
            if last == "copy":
                return self.now(value) if isinstance(value, View) else value
            return transposed(value, tuple(range(len(value.shape)))[::-1])
        if last in FRESH:
            return self._fresh(node, last, keywords)
        if last == "arange" and count == 1 and not keywords:
            return Cells((self.integer(node.args[0]),), Counter(Index(0)))
        if keywords:
            raise Unliftable(f"`np.{last}` with keywords")
        if last == "where" and count == 3:
            condition, one, other = (self.cells(argument) for argument in node.args)
            if condition.dtype != "bool":
                raise Unliftable("`np.where` on numbers")
            if self._scalars(condition, one, other):
                return self.number(node)
            dtype = promoted((one.expr, other.expr))
            if (
                isinstance(one.expr, Scalar)
                and isinstance(other.expr, Scalar)
                and "float32"
                in (
                    one.dtype,
                    other.dtype,
                )
            ):
                raise Unliftable("`np.where` between single-precision numbers")
            if dtype != "float64" and one.dtype != other.dtype:
                raise Unliftable("`np.where` between numbers of two types")
            return operation("where", dtype, (condition, one, other), self.sizes)
        if last == "clip" and count == 3:
            value, low, high = (self.cells(argument) for argument in node.args)
            dtype = promoted((value.expr, low.expr, high.expr))
            if dtype != "float64" or self._scalars(value):
                return self.number(node)
            lower = operation("numpy.maximum", dtype, (value, low), self.sizes)
            return operation("numpy.minimum", dtype, (lower, high), self.sizes)
        if last in _WRITTEN and count == 2:
            return self._binary(node, _WRITTEN[last], *(self.cells(argument) for argument in node.args))
        if last in _COMPARED and count == 2:
            return self._compared(node, _COMPARED[last], *(self.cells(argument) for argument in node.args))
        if last == "power" and count == 2:
            return self._power(node, self.cells(node.args[0]), node.args[1])
        if (last in _ONE and count == 1) or (last in _TWO and count == 2):
            return self._function(node, last)
        return self.number(node)

    def _roll(self, node: ast.Call, keywords: Mapping[str | None, ast.expr]) -> Cells:
        value = self.cells(node.args[0])
        axis = node.args[2] if len(node.args) > 2 else keywords.get("axis")
        shifts, axes = _numbers(node.args[1]), _numbers(axis) if axis is not None else None
        if shifts is None or set(keywords) - {"axis"}:
            raise Unliftable("`np.roll` by a shift that is not written as a number")
        if axes is None:
            if axis is not None or len(value.shape) != 1:
                raise Unliftable("`np.roll` of the flattened array")
            axes = [0]
        if len(shifts) == 1:
            shifts = shifts * len(axes)
        for shift, one in zip(shifts, axes, strict=True):
            value = rolled(value, shift, one % len(value.shape))
        return value

    def _diff(self, node: ast.Call, keywords: Mapping[str | None, ast.expr]) -> Cells:
        value = self.cells(node.args[0])
        times = _numbers(node.args[1] if len(node.args) > 1 else keywords.get("n"))
        axes = _numbers(node.args[2] if len(node.args) > 2 else keywords.get("axis"))
        given = len(node.args) > 1 or "n" in keywords
        if set(keywords) - {"n", "axis"} or (given and not times) or value.dtype == "bool":
            raise Unliftable("`np.diff` of this form")
        axis = (axes[0] if axes else -1) % len(value.shape)
        for _ in range(times[0] if times else 1):
            lead = [Cut((None, None, 1))] * axis
            upper = cut(value, [*lead, Cut((Size(1), None, 1))], self.sizes)
            lower = cut(value, [*lead, Cut((None, Size(-1), 1))], self.sizes)
            assert isinstance(upper, Cells) and isinstance(lower, Cells)
            value = operation("-", arithmetic("-", (upper.expr, lower.expr)), (upper, lower), self.sizes)
        return value

    def _fresh(self, node: ast.Call, last: str, keywords: Mapping[str | None, ast.expr]) -> Cells:
        args = list(node.args)
        if set(keywords) - {"dtype", "fill_value", "shape"}:
            raise Unliftable(f"`np.{last}` with these keywords")
        like = last.endswith("_like")
        dtype = "float64"
        if like:
            value = self.cells(args[0])
            shape, dtype = value.shape, value.dtype
        else:
            parts = args[0].elts if isinstance(args[0], ast.Tuple | ast.List) else [args[0]]
            if len(parts) == 1 and isinstance(parts[0], ast.Attribute) and parts[0].attr == "shape":
                base = self.look(parts[0].value)
                if base is None:
                    raise Unliftable("the shape of what is not known")
                shape = base.shape
            else:
                shape = tuple(self.integer(part) for part in parts)
        named = keywords.get("dtype")
        fill = last.startswith("full")
        if named is None and len(args) > 1 + fill:
            named = args[1 + fill]
        if named is not None:
            dtype = _dtype(ast.unparse(named))
        if fill:
            number = self.cells(args[1] if len(args) > 1 else keywords["fill_value"])
            if number.shape or number.dtype != dtype or dtype != "float64":
                raise Unliftable("`np.full` of this form")
            return Cells(shape, number.expr)
        text = {"zeros": "0", "ones": "1", "empty": "0"}[last.removesuffix("_like")]
        literal = {"bool": "False" if text == "0" else "True", "int64": text}.get(dtype, f"{text}.0")
        if dtype not in ("float64", "int64", "bool"):
            raise Unliftable(f"a new array of {dtype}")
        return Cells(shape, Scalar(literal, dtype, weak=True))


def _dtype(text: str) -> str:
    last = text.strip("'\"").rpartition(".")[2]
    known = {"float": "float64", "float64": "float64", "double": "float64", "bool": "bool", "bool_": "bool"}
    known |= {"int": "int64", "int64": "int64", "int_": "int64"}
    if last not in known:
        raise Unliftable(f"a new array of {text}")
    return known[last]


def _is_none(node: ast.expr) -> bool:
    newaxis = isinstance(node, ast.Attribute) and node.attr == "newaxis"
    return newaxis or (isinstance(node, ast.Constant) and node.value is None)


def _is_dots(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is Ellipsis


def _numbers(node: ast.expr | None) -> list[int] | None:
    """Integers written as such, alone or in a tuple."""
    if node is None:
        return None
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    values = list(value) if isinstance(value, tuple | list) else [value]
    return values if all(type(each) is int for each in values) else None
