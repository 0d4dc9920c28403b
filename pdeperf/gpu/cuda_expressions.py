"""Cells' expressions as CUDA C, with NumPy's types and NumPy's answers to nan."""

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pdeperf.arrays.dtypes import Unliftable, promoted
from pdeperf.arrays.ir import Buffer, Counter, Expr, Index, Op, Read, Scalar, Version
from pdeperf.arrays.loops.rings import Passes, passes
from pdeperf.arrays.sizes import Size, Sizes

C_TYPES = {
    "bool": "bool",
    "int32": "int",
    "int64": "long long",
    "float32": "float",
    "float64": "double",
    "complex128": "complex<double>",
}
_LEVELS = {"where": 0, "or": 1, "and": 2, "not": 7, "+": 5, "-": 5, "*": 6, "/": 6, "neg": 7}
_COMPARED = ("<", "<=", ">", ">=", "==", "!=")
_LEVELS |= dict.fromkeys(_COMPARED, 4)
_ATOM = 9
_CELL = re.compile(r"\w+(\[[^\[\]]*\])?")
"""A name, or one cell of an array."""
_SYMBOLS = {"or": "||", "and": "&&"}
_FUNCTIONS = {
    "absolute": "fabs", "abs": "fabs", "fabs": "fabs", "arcsin": "asin", "arccos": "acos", "arctan": "atan",
    "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh", "arctan2": "atan2",
}  # fmt: skip
_SAME = frozenset(
    "sqrt floor ceil trunc isnan isinf isfinite maximum minimum fmax fmin exp expm1 exp2 log log2 log10 "
    "log1p sin cos tan sinh cosh tanh cbrt hypot square sign".split()
)
_COMPLEX = frozenset(("sqrt", "exp", "log", "sin", "cos", "tan", "square", "abs", "absolute"))

FUNCTIONS = {
    "maximum": "static __device__ double maximum(double a, double b) { return a >= b || a != a ? a : b; }",
    "minimum": "static __device__ double minimum(double a, double b) { return a <= b || a != a ? a : b; }",
    "sign": "static __device__ double sign(double x) { return x > 0 ? 1.0 : x < 0 ? -1.0 : x; }",
    "around": "static __device__ long long around(long long at, long long n)\n"
    "{\n    if (0 <= at && at < n) return at;\n    at %= n;\n    return at < 0 ? at + n : at;\n}",
    "square": "template <class T> static __device__ T square(T x) { return x * x; }",
}
"""CUDA functions that stand for NumPy's, by name: in front of the kernels that use them."""

THREADS = "#ifndef THREADS\n#define THREADS 256\n#endif"
"""Threads of a block that takes a tile; a compiler for one thread may say otherwise."""

CONSTANTS = {
    name: f"#ifndef {name}\n#define {name} __longlong_as_double({bits}LL)\n#endif"
    for name, bits in (("INFINITY", "0x7ff0000000000000"), ("NAN", "0x7ff8000000000000"))
}
CONSTANTS["THREADS"] = THREADS
"""Numbers that CUDA's run-time compiler does not know by name."""


def letters(text: str) -> str:
    """A text made a name."""
    text = text.removeprefix("self.")
    plain = "".join(c if c.isascii() and c.isalnum() else "_" for c in text).strip("_")
    return plain if plain and not plain[0].isdigit() else f"v{plain}"


def converted(text: str, dtype: str, wanted: str) -> str:
    """A value in another type."""
    if dtype == wanted:
        return text
    if dtype == "complex128":
        raise Unliftable("a complex number made real")
    name = C_TYPES[wanted]
    atom = text if text.isidentifier() or text.endswith("]") else f"({text})"
    if wanted == "complex128":
        return f"{name}({text})"
    return f"({name}){atom}" if " " not in name else f"(({name}){atom})"


@dataclass(slots=True)
class Cells:
    """Prints the expressions of one nest.

    Attributes
    ----------
    names, starts, counts
        Each axis's counter, its value where the IR counts zero, and how many follow; without a count it
        is the length of what it goes around in.
    size
        A size's symbol as a parameter.
    array
        The array that holds a version, as a parameter.
    scalar
        A number as a parameter, from its Python text and its type.
    element
        Text of an element that is not simply read from memory; None if it is.
    fresh
        A new name.
    """

    names: dict[int, str]
    starts: dict[int, Size]
    sizes: Sizes
    size: Callable[[str], str]
    array: Callable[[Version], str]
    scalar: Callable[[str, str], str]
    element: Callable[[Read], str | None]
    fresh: Callable[[str], str]
    counts: Mapping[int, Size] = field(default_factory=dict)
    is_lazy: int = 0
    _around: dict[tuple[int, Size, Size], str] = field(default_factory=dict)
    _lines: list[str] = field(default_factory=list)

    def text(self, expr: Expr, dtype: str) -> tuple[list[str], str]:
        """An expression of a type, and the lines that must stand before it."""
        found = self._typed(expr, dtype, 0)
        lines, self._lines = self._lines, []
        return lines, found

    def size_text(self, size: Size) -> str:
        """A size."""
        return self._linear_text(self.sizes.plain(size), "")

    def factor_text(self, size: Size) -> str:
        """A size as a factor."""
        text = self.size_text(size)
        return text if text.isidentifier() or text.isdigit() else f"({text})"

    def _linear_text(self, size: Size, counter: str, step: int = 1) -> str:
        terms = [(counter, step)] if counter else []
        terms += [(self.size(symbol), factor) for symbol, factor in size.terms]
        text = ""
        for name, factor in sorted(terms, key=lambda term: term[1] < 0):
            part = name if abs(factor) == 1 else f"{abs(factor)} * {name}"
            sign = "-" if factor < 0 else "+"
            text += f" {sign} {part}" if text else (part if factor > 0 else f"-{part}")
        if not text:
            return str(size.const)
        return text + (f" {'-' if size.const < 0 else '+'} {abs(size.const)}" if size.const else "")

    def place(self, name: str, buffer: Buffer, index: tuple[Index, ...]) -> str:
        """An element in memory."""
        place = ""
        for one, length in zip(index, buffer.shape, strict=True):
            text = self._index(one)
            if not place:
                place = text
                continue
            row = place if place.isidentifier() or place.isdigit() else f"({place})"
            place = f"{row} * {self.factor_text(length)} + {text}" if place != "0" else text
        return f"{name}[{place}]"

    def _index(self, index: Index) -> str:
        if index.axis is None:
            return self.size_text(index.offset)
        name, start = self.names[index.axis], self.starts[index.axis]
        offset = self.sizes.plain(index.offset)
        if index.modulus is not None:
            around = self._wrapped(index.axis, index.shift, index.modulus)
            return self._linear_text(offset, around, index.step)
        return self._linear_text(self.sizes.plain(offset - start * index.step), name, index.step)

    def _wrapped(self, axis: int, shift: Size, modulus: Size) -> str:
        """A counter shifted around the end of its axis."""
        passed = passes(shift, self.counts.get(axis, modulus), modulus, self.sizes)
        shift = self.sizes.plain(shift - self.starts[axis])
        if shift == Size() and passed is Passes.NONE:
            return self.names[axis]
        key = axis, shift, self.sizes.plain(modulus)
        if key not in self._around:
            name, length = self.names[axis], self.size_text(modulus)
            place = self._linear_text(shift, name)
            stem = (
                f"{name}{'m' if shift.const < 0 else 'p'}{abs(shift.const)}" if shift.is_const else f"{name}w"
            )
            own = self._around[key] = self.fresh(stem)
            match passed:
                case Passes.NONE:
                    value = place
                case Passes.FIRST:
                    last = self.size_text(modulus - 1)
                    value = f"{name} > {self.size_text(shift * -1 - 1)} ? {place} : {last}"
                case Passes.LAST:
                    value = f"{name} < {self.size_text(modulus - shift)} ? {place} : 0"
                case Passes.ANY:
                    value = f"(({place}) % ({length}) + ({length})) % ({length})"
            self._lines.append(f"const long long {own} = {value};")
        return self._around[key]

    def _print(self, expr: Expr) -> tuple[str, int]:
        match expr:
            case Scalar():
                return self._number(expr)
            case Counter(index=index):
                text = self._index(index)
                return text, _ATOM if text.isidentifier() else _LEVELS["+"]
            case Read():
                known = self._known(expr)
                if known is not None:
                    return known
                return self.place(self.array(expr.version), expr.version.buffer, expr.index), _ATOM
            case Op():
                return self._operation(expr)

    def _known(self, expr: Read) -> tuple[str, int] | None:
        text = self.element(expr)
        if text is None:
            return None
        return text, _ATOM if _CELL.fullmatch(text) else 0

    def _number(self, expr: Scalar) -> tuple[str, int]:
        try:
            value = ast.literal_eval(expr.text)
        except ValueError:
            return self.scalar(expr.text, expr.dtype), _ATOM
        if isinstance(value, complex):
            return f"complex<double>({value.real!r}, {value.imag!r})", _ATOM
        if isinstance(value, bool):
            return str(value).lower(), _ATOM
        if isinstance(value, int) and abs(value) >= 2**31:
            return f"{value}LL", _ATOM if value >= 0 else _LEVELS["neg"]
        text = repr(value)
        if text.lstrip("-") in ("inf", "nan"):
            text = text.replace("inf", "INFINITY").replace("nan", "NAN")
        return text, _ATOM if not text.startswith("-") else _LEVELS["neg"]

    def _typed(self, expr: Expr, dtype: str, level: int) -> str:
        """An operand in the type of its operation."""
        if isinstance(expr, Scalar) and expr.dtype == "int64" and dtype in ("float64", "float32"):
            text, own = self._number(expr)
            if text.lstrip("-").isdigit():
                text += ".0" if dtype == "float64" else ".0f"
                return text if own >= level else f"({text})"
        text, own = self._print(expr)
        if expr.dtype != dtype:
            return converted(text if own == _ATOM else f"({text})", expr.dtype, dtype)
        return text if own >= level else f"({text})"

    def _operation(self, expr: Op) -> tuple[str, int]:
        name, args, dtype = expr.name, expr.args, expr.dtype
        if name == "where":
            condition = self._typed(args[0], "bool", 1)
            # Only the side that is chosen may be evaluated: nothing of it is computed beforehand.
            self.is_lazy += 1
            yes, no = (self._typed(part, dtype, 1) for part in args[1:])
            self.is_lazy -= 1
            return f"{condition} ? {yes} : {no}", 0
        if name.startswith("numpy."):
            return self._function(name[6:], args, dtype)
        if name == "**":
            base, power = (self._typed(part, dtype, 0) for part in args)
            return f"pow({base}, {power})", _ATOM
        if name not in _LEVELS:
            raise Unliftable(f"`{name}` on the GPU")
        level = _LEVELS[name]
        if name in _COMPARED:
            dtype = promoted(args)
        if len(args) == 1:
            return ("-" if name == "neg" else "!") + self._typed(args[0], dtype, level + 1), level
        left = self._typed(args[0], dtype, level + (name in _COMPARED))
        return f"{left} {_SYMBOLS.get(name, name)} {self._typed(args[1], dtype, level + 1)}", level

    def _function(self, last: str, args: tuple[Expr, ...], dtype: str) -> tuple[str, int]:
        taken = dtype if dtype != "bool" else promoted(args)
        if any(part.dtype == "complex128" for part in args):
            if last in ("real", "imag"):
                return f"{self._typed(args[0], 'complex128', _ATOM)}.{last}()", _ATOM
            if last not in _COMPLEX:
                raise Unliftable(f"`{last}` of complex numbers on the GPU")
            inner = ", ".join(self._typed(part, "complex128", 0) for part in args)
            return f"{'abs' if last == 'absolute' else last}({inner})", _ATOM
        if last == "negative":
            return f"-{self._typed(args[0], dtype, _LEVELS['neg'] + 1)}", _LEVELS["neg"]
        if last in ("deg2rad", "rad2deg"):
            factor = (
                "(3.14159265358979323846 / 180.0)"
                if last == "deg2rad"
                else "(180.0 / 3.14159265358979323846)"
            )
            return f"{self._typed(args[0], dtype, _LEVELS['*'])} * {factor}", _LEVELS["*"]
        if taken == "int64" and last in ("abs", "absolute"):
            return f"llabs({self._typed(args[0], taken, 0)})", _ATOM
        if taken not in ("float64", "float32") and last != "square":
            raise Unliftable(f"`{last}` of {taken} on the GPU")
        if last not in _SAME and last not in _FUNCTIONS:
            raise Unliftable(f"`{last}` on the GPU")
        inner = ", ".join(self._typed(part, taken, 0) for part in args)
        text = f"{_FUNCTIONS.get(last, last)}({inner})"
        if last in ("maximum", "minimum", "sign") and taken == "float32":
            text = f"(float){text}"
            return text, _LEVELS["neg"]
        return text, _ATOM
