"""What a name may stand for inside a loop, and what touching it means for memory."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace

import islpy as isl

from pdeperf.kernel.affine import Number

Resolve = Callable[[ast.expr], str]


class UnliftableError(Exception):
    """Something in the loop whose effect on memory is not understood."""

    def __init__(self, node: ast.AST, reason: str) -> None:
        self.line = getattr(node, "lineno", 0)
        self.reason = reason
        super().__init__(f"{reason} (line {self.line})")


@dataclass(frozen=True, slots=True)
class Gap:
    """A dimension that is taken as a range; ``full`` means ``:``."""

    full: bool = True


@dataclass(frozen=True, slots=True)
class View:
    """A part of a named array: some dimensions fixed, the others whole or in part."""

    array: str
    index: tuple[Number | Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Local:
    """A number or an array that only this iteration can see."""


@dataclass(frozen=True, slots=True)
class Several:
    """A tuple."""

    values: tuple["Value", ...]


@dataclass(frozen=True, slots=True)
class Unset:
    """Nothing is known of a name here: it may be unbound, or bound to different things."""


Value = Number | View | Local | Several | Unset


@dataclass(frozen=True, slots=True)
class Access:
    """One place that reads or writes an array.

    Attributes
    ----------
    elements
        From the analysed loop's variable to the elements touched in that iteration.
    exact
        Are the elements known, or only bounded from above?
    """

    array: str
    elements: isl.Map
    writes: bool
    exact: bool
    line: int
    text: str

    def is_same(self, other: "Access") -> bool:
        """Is the other one known to touch the same elements at the same place?"""
        return (
            (self.array, self.writes, self.exact, self.line, self.text)
            == (other.array, other.writes, other.exact, other.line, other.text)
            and self.elements.plain_is_equal(other.elements)
        )  # fmt: skip


def without_pieces(value: Value) -> Value:
    """What is left of a value once a loop may have changed it."""
    match value:
        case Number():
            return replace(value, pieces=None, integral=False)
        case Local():
            return value
        case _:
            return Unset()
