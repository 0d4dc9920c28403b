"""What a kernel is given besides its cells: sizes and numbers, and what Python passes for them."""

import ast
from collections.abc import Callable, Sequence

from pdeperf.arrays.ir import Version
from pdeperf.arrays.sizes import Size, Sizes
from pdeperf.gpu.cuda_expressions import C_TYPES, converted, letters
from pdeperf.gpu.cuda_text import Parameters, is_wrapped

_KINDS = {
    "float64": "float",
    "float32": "float",
    "int64": "int",
    "int32": "int",
    "bool": "bool",
    "complex128": "complex",
}


class Arguments:
    """The sizes and numbers of a kernel.

    Parameters
    ----------
    slot
        Name of the array that holds a version.
    given
        Versions whose arrays the kernel is given: their lengths are asked there.
    """

    def __init__(
        self, parameters: Parameters, sizes: Sizes, slot: Callable[[Version], str], given: Sequence[Version]
    ) -> None:
        self.parameters, self._sizes, self._slot = parameters, sizes, slot
        self._lengths = [
            (version, axis, size) for version in given for axis, size in enumerate(version.buffer.shape)
        ]

    def size(self, symbol: str) -> str:
        """The parameter for an integer that is known only when the script runs."""
        node = ast.parse(symbol, mode="eval").body
        match node:
            case ast.Subscript(value=base, slice=ast.Constant(value=int(axis))):
                stem = f"{letters(ast.unparse(base).removesuffix('.shape'))}_n{axis}"
            case _:
                stem = letters(symbol)
        return self.parameters.named(
            f"size {symbol}", stem, lambda name: f"const long long {name}", self._value(symbol)
        )

    def _value(self, symbol: str) -> str:
        """Python text of an integer: the length of an array that the kernel is given, if it is one."""
        if not (".shape[" in symbol and symbol.endswith("]")):
            return f"int({symbol})"
        for version, axis, size in self._lengths:
            if self._sizes.equal(size, Size.of(symbol)):
                return f"{self._slot(version)}.shape[{axis}]"
        return symbol

    def count(self, count: Size) -> str:
        """Python text of a number of cells."""
        text = str(count)
        for symbol in sorted(count.symbols, key=len, reverse=True):
            value = self._value(symbol)
            text = text.replace(symbol, value if value != f"int({symbol})" else symbol)
        return text

    def number(self, text: str, dtype: str) -> str:
        """The parameter for a number, in the type in which the kernel uses it."""
        held = held_as(dtype)
        stem = "factor"
        if text.isidentifier():
            stem = text
        elif text.replace(".", "").isalnum():
            stem = letters(text)[:24]
        name = self.parameters.named(
            f"number {held} {text}", stem, lambda name: f"const {C_TYPES[held]} {name}", passed(text, dtype)
        )
        return converted(name, held, dtype)


def held_as(dtype: str) -> str:
    """The type in which a kernel is given a number: Python has no others."""
    return {"float32": "float64", "int32": "int64"}.get(dtype, dtype)


def passed(text: str, dtype: str) -> str:
    """Python text of a number as it is passed to a kernel."""
    bare = text.removeprefix("(").removesuffix(")") if is_wrapped(text) else text
    return f"{_KINDS[dtype]}({bare})"
