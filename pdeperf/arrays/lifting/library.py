"""NumPy's functions of arrays: what each makes of its arguments, element by element."""

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace

from pdeperf.arrays.dtypes import Unliftable, promoted
from pdeperf.arrays.ir import Counter, Expr, Index, Op, Scalar
from pdeperf.arrays.lifting.arranged import called as arranged_by
from pdeperf.arrays.lifting.axes import NAMES as AXES
from pdeperf.arrays.lifting.axes import rearranged
from pdeperf.arrays.lifting.convolutions import called as scipy_called
from pdeperf.arrays.lifting.differences import differences, with_ends
from pdeperf.arrays.lifting.einsum import summed_products
from pdeperf.arrays.lifting.elements import EXACT, Reader
from pdeperf.arrays.lifting.gradients import gradient
from pdeperf.arrays.lifting.pieces import as_array, concatenated, padded, stacked
from pdeperf.arrays.lifting.rotations import along, row
from pdeperf.arrays.lifting.shapes import shape_of
from pdeperf.arrays.sizes import Size
from pdeperf.arrays.values import Array, Cells, Several, Value, View, operation, rolled, widened

_ONE = EXACT - {"maximum", "minimum", "fmax", "fmin", "logical_and", "logical_or"} | frozenset(
    "exp expm1 exp2 log log2 log10 log1p sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh "
    "arctanh cbrt deg2rad rad2deg".split()
)
_TWO = frozenset("maximum minimum fmax fmin logical_and logical_or hypot arctan2".split())
_WRITTEN = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "true_divide": "/", "mod": "%",
    "remainder": "%", "floor_divide": "//",
}  # fmt: skip
_COMPARED = {
    "less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=", "equal": "==", "not_equal": "!=",
}  # fmt: skip
_FRESH = frozenset("zeros ones empty full zeros_like ones_like empty_like full_like".split())
_LITERALS = {
    "bool": ("False", "True"),
    "int64": ("0", "1"),
    "float64": ("0.0", "1.0"),
    "complex128": ("0j", "(1+0j)"),
}
_DTYPES = {
    "float": "float64",
    "float64": "float64",
    "double": "float64",
    "bool": "bool",
    "bool_": "bool",
    "int": "int64",
    "int64": "int64",
    "int_": "int64",
    "complex": "complex128",
    "complex128": "complex128",
}
_CONVERTED = {
    *((one, "float64") for one in ("bool", "int32", "int64", "float32")),
    *((one, "int64") for one in ("bool", "int32", "float32", "float64")),
    *((one, "bool") for one in ("int32", "int64", "float32", "float64")),
}
"""Types of elements that a compiled loop converts as NumPy does."""
UFUNCS = frozenset({*_ONE, *_TWO, *_WRITTEN, *_COMPARED, "power"})
"""Functions that work element by element and take ``out``."""

Keywords = Mapping[str | None, ast.expr]


def called(reader: Reader, node: ast.Call, last: str) -> Value:
    """The value of a call of one of NumPy's functions.

    Raises
    ------
    Unliftable
        If it is none that is known.
    """
    keywords: Keywords = {key.arg: key.value for key in node.keywords}
    if any(isinstance(argument, ast.Starred) for argument in node.args) or None in keywords:
        raise Unliftable("starred arguments")
    if last.startswith("scipy."):
        return scipy_called(reader, node, last, keywords)
    count = len(node.args)
    if (arranged := arranged_by(reader, node, last, keywords)) is not None:
        return arranged
    if last == "roll" and count:
        return _roll(reader, node, keywords)
    if last == "diff" and count in (1, 2, 3):
        return _diff(reader, node, keywords)
    if last == "copy" and count == 1 and not keywords:
        value = reader.array(node.args[0])
        return reader.now(value) if isinstance(value, View) else value
    if last in AXES and count:
        return rearranged(reader, node, last, keywords)
    if last == "einsum":
        return summed_products(reader, node)
    if last == "astype" and count == 2 and not keywords:
        return _converted(reader, node)
    if last in _FRESH:
        return _fresh(reader, node, last, keywords)
    if last == "arange" and count == 1 and not keywords:
        return Cells((reader.integer(node.args[0]),), Counter(Index(0)))
    if last == "where" and count == 3 and not keywords:
        return _where(reader, node)
    if (last == "clip" and not keywords) or (last == "clip" and set(keywords) <= {"a_min", "a_max"}):
        return _clip(reader, node, keywords)
    if last == "pad" and 2 <= count <= 3:
        return padded(reader, node, keywords)
    if last == "take" and count in (2, 3) and set(keywords) <= {"axis", "mode"}:
        return _take(reader, node, keywords)
    if last == "gradient" and count >= 1:
        return gradient(reader, node, keywords)
    together = last in ("stack", "array", "asarray", "concatenate", "hstack") and count
    if together and (made := _put_together(reader, node, last, keywords)) is not None:
        return made
    if keywords:
        raise Unliftable(f"`np.{last}` with keywords")
    if last in _WRITTEN and count == 2:
        return reader.binary(node, _WRITTEN[last], *(reader.cells(argument) for argument in node.args))
    if last in _COMPARED and count == 2:
        return reader.compared(node, _COMPARED[last], *(reader.cells(argument) for argument in node.args))
    if last in ("real", "imag") and count == 1:
        return reader.component(node, last, reader.array(node.args[0]))
    if last in ("conj", "conjugate") and count == 1:
        return _conjugate(reader, node)
    if last == "power" and count == 2:
        return reader.power(node, reader.cells(node.args[0]), node.args[1])
    if (last in _ONE and count == 1) or (last in _TWO and count == 2):
        return reader.function(node, last)
    return reader.number(node)


def stored_out(node: ast.Call, full_name: Callable[[ast.expr], str]) -> tuple[ast.Subscript, ast.Call] | None:
    """``np.add(a, b, out=c)`` as what is stored where; None for calls without such an argument."""
    home, _, last = full_name(node.func).rpartition(".")
    if home != "numpy" or last not in UFUNCS | {"clip"}:
        return None
    count = 3 if last == "clip" else 1 if last in _ONE else 2
    given = [key.value for key in node.keywords if key.arg == "out"]
    rest = [key for key in node.keywords if key.arg != "out"]
    if len(node.args) == count + 1 and not node.keywords:
        given, args = [node.args[-1]], node.args[:-1]
    else:
        args = node.args
    if len(given) != 1 or isinstance(given[0], ast.Tuple):
        return None
    call = ast.Call(func=node.func, args=args, keywords=rest)
    target = given[0]
    if not isinstance(target, ast.Subscript):
        target = ast.Subscript(value=target, slice=ast.Constant(value=...), ctx=ast.Store())
    made = ast.copy_location(target, node), ast.copy_location(call, node)
    return ast.fix_missing_locations(made[0]), ast.fix_missing_locations(made[1])


def _put_together(reader: Reader, node: ast.Call, last: str, keywords: Keywords) -> Value | None:
    """Arrays beside or upon one another, in a new one; None for numbers."""
    first = node.args[0]
    is_called = isinstance(first, ast.Call) and not reader.called(first.func)
    if set(keywords) - {"axis"} or not (isinstance(first, ast.Tuple | ast.List) or is_called):
        return None
    axes = numbers(node.args[1] if len(node.args) > 1 else keywords.get("axis")) or [0]
    if len(axes) != 1 or (len(node.args) > 1 and last not in ("stack", "concatenate")):
        return None
    if last in ("concatenate", "hstack") and isinstance(first, ast.Tuple | ast.List):
        return concatenated(reader, first.elts, axes[0], last)
    value = reader.value(first)
    if not isinstance(value, Several):
        return None
    if any(isinstance(part, Several) for part in value.parts):
        return None
    parts = [reader.now(part) if isinstance(part, View) else part for part in value.parts]
    arrays = [part for part in parts if isinstance(part, Cells)]
    if not all(part.shape for part in arrays):
        return None
    return stacked(reader, arrays, axes[0])


def _where(reader: Reader, node: ast.Call) -> Cells:
    condition, one, other = (reader.cells(argument) for argument in node.args)
    if condition.dtype != "bool":
        raise Unliftable("`np.where` on numbers")
    if reader.scalars(condition, one, other):
        return reader.number(node)
    dtype = promoted((one.expr, other.expr))
    if dtype == "complex128":
        one, other = _as_complex(one), _as_complex(other)
    both = isinstance(one.expr, Scalar) and isinstance(other.expr, Scalar)
    if both and "float32" in (one.dtype, other.dtype):
        raise Unliftable("`np.where` between single-precision numbers")
    if dtype != "float64" and one.dtype != other.dtype:
        raise Unliftable("`np.where` between numbers of two types")
    return operation("where", dtype, (condition, widened(one, dtype), widened(other, dtype)), reader.sizes)


def _conjugate(reader: Reader, node: ast.Call) -> Cells:
    """The complex conjugates; of real numbers these themselves."""
    operand = reader.cells(node.args[0])
    if reader.scalars(operand):
        return reader.number(node)
    if operand.dtype != "complex128":
        return operand
    return operation("numpy.conj", "complex128", (operand,), reader.sizes)


def _as_complex(part: Cells) -> Cells:
    """A number that stands in the text, as a complex number."""
    if not isinstance(part.expr, Scalar) or part.dtype == "complex128":
        return part
    try:
        return Cells(part.shape, Scalar(repr(complex(ast.literal_eval(part.expr.text))), "complex128"))
    except (ValueError, TypeError, SyntaxError):
        return part


def _clip(reader: Reader, node: ast.Call, keywords: Keywords) -> Cells:
    """``np.clip(u, low, high)``; either end may be None."""
    bounds = dict(zip(("a_min", "a_max"), node.args[1:3], strict=False)) | {
        str(name): value for name, value in keywords.items()
    }
    value = reader.cells(node.args[0])
    dtype = value.dtype
    if reader.scalars(value) or dtype not in ("float64", "int64") or len(node.args) > 3:
        return reader.number(node)
    for name, function in (("a_min", "numpy.maximum"), ("a_max", "numpy.minimum")):
        bound = bounds.get(name)
        if bound is None or (isinstance(bound, ast.Constant) and bound.value is None):
            continue
        limit = reader.cells(bound)
        if promoted((value.expr, limit.expr)) != dtype:
            return reader.number(node)
        value = operation(function, dtype, (value, limit), reader.sizes)
    return value


def _roll(reader: Reader, node: ast.Call, keywords: Keywords) -> Cells:
    value = reader.cells(node.args[0])
    axis = node.args[2] if len(node.args) > 2 else keywords.get("axis")
    shift = node.args[1] if len(node.args) > 1 else keywords.get("shift")
    if set(keywords) - {"axis", "shift"} or not value.shape or shift is None:
        raise Unliftable("`np.roll` of this form")
    axes = numbers(axis) if axis is not None else None
    shifts = [reader.integer(part) for part in _shifts(reader, shift, len(axes or ()))]
    if axes is None:
        if axis is not None or len(value.shape) != 1:
            raise Unliftable("`np.roll` of the flattened array")
        axes = [0]
    if len(shifts) == 1:
        shifts = shifts * len(axes)
    if len(axes) == 1 and len(shifts) > 1:
        axes = axes * len(shifts)
    if len(shifts) != len(axes) or not all(-len(value.shape) <= one < len(value.shape) for one in axes):
        raise Unliftable("`np.roll` of this form")
    for size, one in zip(map(reader.sizes.plain, shifts), axes, strict=True):
        seen = reader.sizes.value(size)
        if not size.is_const and seen is not None:
            reader.sizes.require_equal(size, Size(seen))
            size = Size(seen)
        if size != Size():
            value = rolled(value, size, one % len(value.shape))
    return value


def _shifts(reader: Reader, node: ast.expr, count: int) -> list[ast.expr]:
    """How far along each axis: numbers in a tuple, or a row of a table, ``tuple(c[3])``."""
    if isinstance(node, ast.Call) and reader.called(node.func) == "builtins.tuple" and len(node.args) == 1:
        node = node.args[0]
    if count > 1 and isinstance(node, ast.Subscript):
        return [ast.Subscript(node, ast.Constant(at), ast.Load()) for at in range(count)]
    return _parts(node)


def _take(reader: Reader, node: ast.Call, keywords: Keywords) -> Cells:
    """``np.take(u, places, axis)`` of places in order."""
    value, places = reader.cells(node.args[0]), row(reader, node.args[1])
    axes = numbers(node.args[2] if len(node.args) > 2 else keywords.get("axis"))
    mode = getattr(keywords.get("mode", ast.Constant(value="raise")), "value", "")
    if axes is None and len(value.shape) == 1:
        axes = [0]
    if places is None or axes is None or len(axes) != 1 or mode not in ("raise", "wrap"):
        raise Unliftable("`np.take` of this form")
    return along(reader, value, places, axes[0], wraps=mode == "wrap")


def _parts(node: ast.expr) -> list[ast.expr]:
    return list(node.elts) if isinstance(node, ast.Tuple | ast.List) else [node]


def _diff(reader: Reader, node: ast.Call, keywords: Keywords) -> Array:
    value = reader.cells(node.args[0])
    times = numbers(node.args[1] if len(node.args) > 1 else keywords.get("n"))
    axes = numbers(node.args[2] if len(node.args) > 2 else keywords.get("axis"))
    given = len(node.args) > 1 or "n" in keywords
    wrong_axis = axes is None and (len(node.args) > 2 or "axis" in keywords)
    rank = len(value.shape)
    axis = axes[0] if axes else -1
    if set(keywords) - {"n", "axis", "prepend", "append"} or (given and not times) or value.dtype == "bool":
        raise Unliftable("`np.diff` of this form")
    if wrong_axis or not rank or not -rank <= axis < rank:
        raise Unliftable("`np.diff` of this form")
    count = times[0] if times else 1
    before, behind = (
        as_array(reader, keywords[name]) if name in keywords else None for name in ("prepend", "append")
    )
    if before is None and behind is None:
        return differences(reader, value, count, axis % rank)
    return with_ends(reader, value, count, axis % rank, before, behind)


def _fresh(reader: Reader, node: ast.Call, last: str, keywords: Keywords) -> Cells:
    args = list(node.args)
    if set(keywords) - {"dtype", "fill_value", "shape"} or not args:
        raise Unliftable(f"`np.{last}` with these keywords")
    dtype = "float64"
    if last.endswith("_like"):
        value = reader.cells(args[0])
        shape, dtype = value.shape, value.dtype
    else:
        shape = shape_of(reader, args[0])
    named = keywords.get("dtype")
    fill = last.startswith("full")
    if named is None and len(args) > 1 + fill:
        named = args[1 + fill]
    if named is not None:
        dtype = _dtype(reader, named)
    if fill:
        number = reader.cells(args[1] if len(args) > 1 else keywords["fill_value"])
        if named is None and last == "full":
            dtype = number.dtype
        if number.shape or number.dtype != dtype or not isinstance(number.expr, Scalar):
            raise Unliftable("`np.full` of this form")
        return Cells(shape, _filling(number.expr))
    if dtype not in _LITERALS:
        raise Unliftable(f"a new array of {dtype}")
    zero, one = _LITERALS[dtype]
    return Cells(shape, Scalar(one if last.startswith("ones") else zero, dtype))


def _converted(reader: Reader, node: ast.Call) -> Cells:
    """``u.astype(float)``: elements as another type."""
    value, dtype = reader.cells(node.args[0]), _dtype(reader, node.args[1])
    if not value.shape or ((value.dtype, dtype) not in _CONVERTED and value.dtype != dtype):
        raise Unliftable(f"{value.dtype} elements as {dtype}")
    if dtype == "bool" and value.dtype != dtype:
        zero = Scalar("0", "int64", weak=True)
        return Cells(value.shape, Op("!=", (value.expr, zero), "bool"))
    if dtype == value.dtype:
        return value
    return Cells(value.shape, Op(f"numpy.{dtype}", (value.expr,), dtype))


def _filling(number: Scalar) -> Expr:
    """A number as all elements of an array: of the array's type, whoever's the number is."""
    if number.weak and number.names:
        return Op(f"numpy.{number.dtype}", (number,), number.dtype)
    return replace(number, weak=False)


def _dtype(reader: Reader, node: ast.expr) -> str:
    """The type that ``dtype=`` names."""
    if isinstance(node, ast.Attribute) and node.attr == "dtype":
        return reader.cells(node.value).dtype
    text = ast.unparse(node)
    last = text.strip("'\"").rpartition(".")[2]
    if last not in _DTYPES:
        raise Unliftable(f"a new array of {text}")
    return _DTYPES[last]


def numbers(node: ast.expr | None) -> list[int] | None:
    """Integers written as such, alone or in a tuple."""
    if node is None:
        return None
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    values = list(value) if isinstance(value, tuple | list) else [value]
    return values if all(type(each) is int for each in values) else None
