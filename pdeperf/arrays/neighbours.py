"""Which statements beside a loop go over its lines together with it."""

import ast
from collections.abc import Iterator, Sequence

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.ir import Definition
from pdeperf.arrays.lifting.lift import Lifter
from pdeperf.arrays.loops.lines import lines_at
from pdeperf.arrays.loops.schedule import Recompute
from pdeperf.arrays.names import Names
from pdeperf.arrays.program import Item, Kept, Nested, Run
from pdeperf.arrays.sizes import Sizes, Unequal
from pdeperf.source import Module, Project


def with_neighbours(project: Project, module: Module, loop: ast.stmt) -> Sequence[ast.stmt] | None:
    """A loop and the statements around it that are computed line by line with it; None if there are none.

    The sweep forward and the sweep back of a solver for many lines are two loops, with a few statements
    before and between them.
    """
    block = _block_of(module, loop)
    here = block.index(loop)
    first = max((place for place in range(here) if not _may_lift(block[place])), default=-1) + 1
    last = min(
        (place for place in range(here, len(block)) if not _may_lift(block[place])), default=len(block)
    )
    siblings = block[first:last]
    if len(siblings) < 2:
        return None
    names = Names(project, module, siblings)
    sizes = Sizes({})
    names.note_integers(sizes)
    try:
        items = Lifter(names, sizes).block(siblings)
        position = 0
        while position < len(items):
            found = lines_at(items[position:], names, sizes, Recompute.CHEAP)
            if found is None:
                position += 1
                continue
            here_and_there = items[position : position + found[1]]
            together = list(_statements(here_and_there))
            if loop in together and found[1] > 1 and all(_is_exact(each) for each in here_and_there):
                places = [place for place, each in enumerate(siblings) if each in together]
                return siblings[min(places) : max(places) + 1]
            position += found[1]
    except (Unliftable, Unequal):
        pass
    return None


def _is_exact(item: Item) -> bool:
    """Does what stands beside a loop give NumPy's bits, so that the loop's do not go with it?"""
    return not isinstance(item, Run) or all(step.exact for step in item.steps if isinstance(step, Definition))


def _may_lift(statement: ast.stmt) -> bool:
    """May a statement be about arrays?"""
    return isinstance(statement, ast.Assign | ast.AugAssign | ast.For)


def _statements(items: Sequence[Item]) -> Iterator[ast.stmt]:
    for item in items:
        match item:
            case Run():
                yield from item.statements
            case Kept() | Nested():
                yield item.statement


def _block_of(module: Module, statement: ast.stmt) -> list[ast.stmt]:
    """The statements among which one stands."""
    parent = module.parents[statement]
    return next(
        block
        for name in ("body", "orelse", "finalbody")
        if isinstance(block := getattr(parent, name, None), list) and statement in block
    )
