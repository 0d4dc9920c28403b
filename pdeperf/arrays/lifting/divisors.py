"""Integers that something is divided by: NumPy makes 0 of a division by zero, a loop raises."""

import ast
from collections.abc import Callable

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.ir import Expr, Scalar
from pdeperf.arrays.sizes import ONE, Size, Sizes, Unequal


def require_positive(
    divisor: Expr, sizes: Sizes, integer: Callable[[ast.expr], Size], look: Callable[[ast.expr], object]
) -> None:
    """Rely on a divisor to be greater than zero, checked on entry unless it is written as a number.

    Raises
    ------
    Unliftable
        If it is an array, or was not seen to be.
    """
    text = divisor.text if isinstance(divisor, Scalar) else ""
    if text.isdigit() and int(text):
        return
    try:
        node = ast.parse(text, mode="eval").body
        for part in ast.walk(node):
            if isinstance(part, ast.Attribute) and part.attr == "shape":
                look(part.value)  # from then on the sizes of this array are known
        sizes.require_at_least(integer(node), ONE)
    except (Unequal, Unliftable, SyntaxError) as problem:
        raise Unliftable("integer division by what may be zero") from problem
