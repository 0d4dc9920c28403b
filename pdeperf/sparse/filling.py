"""A matrix that is filled entry by entry: what is stored, where and in which loops."""

import ast
from dataclasses import dataclass
from enum import IntEnum


class Act(IntEnum):
    """What one store does; the numbers are those of the written code."""

    SET = 0
    ADD = 1
    CLEAR_ROW = 2
    CLEAR_COLUMN = 3


@dataclass(frozen=True, slots=True)
class Store:
    """What a statement does to an entry, to a row, to a column or to a block.

    Attributes
    ----------
    row, column
        None where all are meant.
    negative
        The value is subtracted.
    loops
        The loops around it within the filled region, the outermost first.
    block
        It is ``A[np.ix_(rows, columns)]``, or ``A[2 * i:2 * i + 2, j:j + 3]``.
    """

    statement: ast.stmt
    act: Act
    row: ast.expr | None
    column: ast.expr | None
    value: ast.expr
    negative: bool
    loops: tuple[ast.For | ast.While, ...]
    block: bool = False


@dataclass(frozen=True, slots=True)
class Filling:
    """One matrix from its creation to its first other use.

    Attributes
    ----------
    path
        The matrix as the source names it, ``A`` or ``self.K``.
    form, kind
        ``lil`` and ``matrix`` for ``lil_matrix``.
    shape, start
        What it is created from: a shape, or another matrix.
    scalar
        ``float`` or ``complex``.
    statements
        The statements after the creation, up to the last that only stores.
    used
        The first statement that uses the matrix otherwise; None if the block has none.
    """

    creation: ast.Assign
    path: str
    form: str
    kind: str
    shape: ast.expr | None
    start: ast.expr | None
    scalar: str
    statements: tuple[ast.stmt, ...]
    stores: tuple[Store, ...]
    used: ast.stmt | None

    @property
    def loops(self) -> tuple[ast.stmt, ...]:
        """The outermost loops that store."""
        return tuple(dict.fromkeys(store.loops[0] for store in self.stores if store.loops))


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a matrix that is filled entry by entry is left alone."""

    line: int
    reason: str


def mentions(node: ast.AST, path: str) -> bool:
    """Does a node name a matrix anywhere in it?"""
    return any(
        isinstance(inner, ast.Name | ast.Attribute) and ast.unparse(inner) == path for inner in ast.walk(node)
    )


def acts_of(filling: Filling) -> set[Act]:
    """What the stores of a matrix do."""
    return {store.act for store in filling.stores}
