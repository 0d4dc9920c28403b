"""``np.einsum``: products of arrays' elements, added up over short axes."""

import ast
from itertools import product
from math import prod

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.ir import Expr, Index, Op
from pdeperf.arrays.lifting.elements import Reader
from pdeperf.arrays.sizes import Size, Unequal
from pdeperf.arrays.values import Cells, placed_or_refuse

MOST = 27
"""Terms of a sum."""


def summed_products(reader: Reader, node: ast.Call) -> Cells:
    """The value of a call.

    NumPy adds up in an order of its own.

    Raises
    ------
    Unliftable
        If the axes are not written out, or those that are added up are long.
    """
    match node.args:
        case [ast.Constant(value=str(text)), *operands] if operands and all(
            key.arg == "optimize" for key in node.keywords
        ):
            pass
        case _:
            raise Unliftable("`np.einsum` of this form")
    letters, result = _parsed(text)
    parts = [reader.cells(operand) for operand in operands]
    if len(letters) != len(parts) or any(part.dtype != "float64" for part in parts):
        raise Unliftable("`np.einsum` of other than arrays of floating-point numbers")
    sizes = _sizes(reader, letters, parts)
    if not set(result) <= sizes.keys() or not result:
        raise Unliftable("`np.einsum` of this form")
    inner = sorted(sizes.keys() - set(result))
    counts = [_length(reader, sizes[letter]) for letter in inner]
    if prod(counts) > MOST:
        raise Unliftable("`np.einsum` along a long axis")
    total: Expr | None = None
    for places in product(*map(range, counts)):
        at = {letter: Index(result.index(letter)) for letter in result}
        at |= {letter: Index(None, 1, Size(place)) for letter, place in zip(inner, places, strict=True)}
        term: Expr | None = None
        for mine, part in zip(letters, parts, strict=True):
            factor = placed_or_refuse(part.expr, tuple(at[letter] for letter in mine))
            term = factor if term is None else Op("*", (term, factor), "float64", exact=False)
        assert term is not None
        total = term if total is None else Op("+", (total, term), "float64", exact=False)
    assert total is not None
    if len(parts) == 1 and not inner:
        raise Unliftable("`np.einsum` of one array")  # a view
    return Cells(tuple(sizes[letter] for letter in result), total)


def _parsed(text: str) -> tuple[list[str], str]:
    """The letters of each array's axes, and of the result's."""
    left, arrow, result = text.replace(" ", "").partition("->")
    letters = left.split(",")
    every = "".join(letters)
    if not arrow:
        result = "".join(sorted(letter for letter in set(every) if every.count(letter) == 1))
    if not (every + result).isalpha() or any(len(set(each)) != len(each) for each in (*letters, result)):
        raise Unliftable(f"`np.einsum` of {text!r}")
    return letters, result


def _sizes(reader: Reader, letters: list[str], parts: list[Cells]) -> dict[str, Size]:
    found: dict[str, Size] = {}
    for mine, part in zip(letters, parts, strict=True):
        if len(mine) != len(part.shape):
            raise Unliftable("`np.einsum` of arrays of other dimensions")
        for letter, size in zip(mine, part.shape, strict=True):
            try:
                reader.sizes.require_equal(found.setdefault(letter, size), size)
            except Unequal as problem:
                raise Unliftable(f"`np.einsum`: {problem}") from problem
    return found


def _length(reader: Reader, size: Size) -> int:
    seen = reader.sizes.value(reader.sizes.plain(size))
    if seen is None or not 1 <= seen <= MOST:
        raise Unliftable("`np.einsum` along a long axis")
    try:
        reader.sizes.require_equal(size, Size(seen))
    except Unequal as problem:
        raise Unliftable(str(problem)) from problem
    return seen
