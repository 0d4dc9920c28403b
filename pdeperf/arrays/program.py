"""What a region has become: text that stays, runs of definitions, and blocks around them."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pdeperf.arrays.ir import Buffer, Definition, Reduction
from pdeperf.arrays.sizes import Relied
from pdeperf.arrays.values import View
from pdeperf.source.flow import writes


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
    guards
        Conditions on late sizes under which the steps compute what the statements do; they are
        checked where the run stands.
    relied
        What is relied on while the run is written, if anything is late.
    """

    statements: list[ast.stmt] = field(default_factory=list)
    before: list[Kept] = field(default_factory=list)
    steps: list[Definition | Reduction] = field(default_factory=list)
    names: dict[str, View] = field(default_factory=dict)
    entry: dict[str, Buffer] = field(default_factory=dict)
    live: frozenset[str] = frozenset()
    reduced: list[ast.stmt] = field(default_factory=list)
    guards: tuple[str, ...] = ()
    relied: Relied | None = None


@dataclass(frozen=True, slots=True)
class Nested:
    """A compound statement whose blocks hold runs.

    Attributes
    ----------
    live
        Names that are read after it; None if that is not known.
    """

    statement: ast.stmt
    blocks: dict[str, list["Item"]]
    live: frozenset[str] | None = None


Item = Kept | Run | Nested


def runs_of(items: Sequence[Item]) -> Iterator[Run]:
    """All runs, those in blocks too."""
    yield from (item for item in _flat(items) if isinstance(item, Run))


def kept_of(items: Sequence[Item]) -> Iterator[Kept]:
    """All statements that stay as they are, those in blocks too."""
    yield from (item for item in _flat(items) if isinstance(item, Kept))


def _flat(items: Sequence[Item]) -> Iterator[Kept | Run]:
    for item in items:
        if isinstance(item, Nested):
            for block in item.blocks.values():
                yield from _flat(block)
        else:
            yield item


def bound_by_text(items: Sequence[Item]) -> frozenset[str]:
    """Names that statements which stay as they are bind; what runs bind keeps its size."""
    found: frozenset[str] = frozenset()
    for item in items:
        if isinstance(item, Kept):
            found |= frozenset() if item.keeps_sizes else writes(item.statement)
        elif isinstance(item, Run):
            found = found.union(*(writes(kept.statement) for kept in item.before))
        else:
            if isinstance(item.statement, ast.For):
                found |= {n.id for n in ast.walk(item.statement.target) if isinstance(n, ast.Name)}
            found = found.union(*(bound_by_text(block) for block in item.blocks.values()))
    return found
