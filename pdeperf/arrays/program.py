"""What a region has become: text that stays, runs of definitions, and blocks around them."""

import ast
from dataclasses import dataclass, field

from pdeperf.arrays.ir import Buffer, Definition, Reduction
from pdeperf.arrays.values import View


@dataclass(frozen=True, slots=True)
class Kept:
    """A statement that stays as it is.

    Attributes
    ----------
    statement
        The user's, or of a function that was inlined.
    text
        Instead of its own text.
    keeps_sizes
        What it binds has the sizes that it had before.
    """

    statement: ast.stmt
    text: str = ""
    keeps_sizes: bool = False


@dataclass(slots=True)
class Run:
    """Consecutive array statements, as definitions in order.

    Attributes
    ----------
    before
        Statements about numbers that now come first.
    names
        What each array name is bound to when the run ends, if the run has bound it.
    live
        Names that are read later, the next iteration of a loop included.
    reduced
        The statement that follows and uses numbers made here.
    """

    statements: list[ast.stmt] = field(default_factory=list)
    before: list[Kept] = field(default_factory=list)
    steps: list[Definition | Reduction] = field(default_factory=list)
    names: dict[str, View] = field(default_factory=dict)
    entry: dict[str, Buffer] = field(default_factory=dict)
    live: frozenset[str] = frozenset()
    reduced: list[ast.stmt] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Nested:
    """A compound statement whose blocks hold runs."""

    statement: ast.stmt
    blocks: dict[str, list["Item"]]


Item = Kept | Run | Nested
