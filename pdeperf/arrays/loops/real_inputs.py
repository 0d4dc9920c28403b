"""What steps read in the end: through temporaries that are computed where they are read, around boxes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pdeperf.arrays.ir import (
    Definition,
    Expr,
    Read,
    Reduction,
    Version,
    never_meet,
    placed,
    reads,
    rebuilt,
)

Step = Definition | Reduction


def inputs(step: Step) -> Iterator[Read]:
    """All elements that a step reads as written."""
    if isinstance(step, Reduction):
        yield from reads(step.expr)
    else:
        yield from step.inputs()


def expanded(expr: Expr, virtual: dict[Version, Definition]) -> Expr:
    """An expression with virtual temporaries put in."""

    def change(leaf: Expr) -> Expr:
        if isinstance(leaf, Read) and leaf.version in virtual:
            return expanded(placed(virtual[leaf.version].expr, leaf.index), virtual)
        return leaf

    return rebuilt(expr, change)


def real_inputs(step: Step, virtual: dict[Version, Definition]) -> Iterator[Read]:
    """The elements that a step reads in the end, through virtual temporaries, each once."""
    return (each for each in _every_input(step, virtual) if each.version not in virtual)


class RealInputs:
    """What each step reads in the end, worked out once: while it is asked, nothing becomes virtual.

    Parameters
    ----------
    virtual
        Temporaries that are computed where they are read.
    """

    def __init__(self, virtual: dict[Version, Definition]) -> None:
        self._virtual = virtual
        self._known: dict[int, tuple[Step, tuple[Read, ...]]] = {}

    def of(self, step: Step) -> tuple[Read, ...]:
        """The elements that a step reads in the end, each once."""
        known = self._known.get(id(step))
        if known is None or known[0] is not step:
            known = self._known[id(step)] = step, tuple(real_inputs(step, self._virtual))
        return known[1]


def virtual_inputs(step: Step, virtual: dict[Version, Definition]) -> Iterator[Read]:
    """The elements of virtual temporaries that are computed for a step, each once."""
    return (each for each in _every_input(step, virtual) if each.version in virtual)


def _every_input(step: Step, virtual: dict[Version, Definition]) -> Iterator[Read]:
    seen: set[Read] = set()
    found = [step.expr]
    if isinstance(step, Definition) and step.mask is not None:
        found.append(step.mask)
    while found:
        for each in reads(found.pop()):
            if each in seen:
                continue
            seen.add(each)
            if each.version in virtual:
                places = each.index
                found += [placed(inner, places) for inner in reads(virtual[each.version].expr)]
            yield each


def around_boxes(
    steps: Sequence[Step], doubled: set[Version], virtual: dict[Version, Definition]
) -> Iterator[Step]:
    """A nest's steps; cells beside what goes to a second buffer are read where they were before."""
    makers: dict[Version, Definition] = {}
    for step in steps:
        if isinstance(step, Definition) and (step.target in doubled or step.base in makers):
            makers[step.target] = step  # what is stored on top goes to the second buffer too

    def change(leaf: Expr) -> Expr:
        while isinstance(leaf, Read) and (maker := makers.get(leaf.version)) is not None:
            if not never_meet(maker.index, leaf.index):
                break
            leaf = replace(leaf, version=maker.base)
        return leaf

    def settled(expr: Expr) -> Expr:
        return rebuilt(expanded(expr, virtual), change)

    for step in steps:
        if all(change(each) == each for each in real_inputs(step, virtual)):
            yield step
        elif isinstance(step, Reduction) or step.mask is None:
            yield replace(step, expr=settled(step.expr))
        else:
            yield replace(step, expr=settled(step.expr), mask=settled(step.mask))
