"""Random numbers drawn in a kernel from NumPy's generator, which goes on where the kernel stopped."""

import ast

from pdeperf.kernel.kinds import FLOAT, UNKNOWN, Kind

_MOST_ARGUMENTS = {
    "random": 0,
    "standard_normal": 0,
    "normal": 2,
    "uniform": 2,
    "exponential": 1,
    "integers": 2,
}
"""Draws of one number that Numba makes with the same bits; more arguments ask for an array."""


def obstacle(node: ast.Call, method: str) -> str:
    """Why a kernel cannot draw so; empty if it can."""
    if method not in _MOST_ARGUMENTS:
        return f"it draws random numbers by `{method}`, which a kernel may draw differently"
    if node.keywords or len(node.args) > _MOST_ARGUMENTS[method]:
        return "it draws several random numbers at once, or with options"
    return ""


def kind_of_draw(method: str) -> Kind:
    """Kind of one number drawn."""
    if method == "integers":
        return Kind("npint")
    return FLOAT if method in _MOST_ARGUMENTS else UNKNOWN
