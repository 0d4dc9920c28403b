"""Arrays filled box by box, as one choice for every cell: ``flux = zeros; flux[1:-1] = ...``.

Such an array can then be computed where it is read. The expression of a box is only meant to be
evaluated inside it: this suits an emitter whose choices are lazy, as C's are.
"""

from collections.abc import Sequence
from dataclasses import replace

from pdeperf.arrays.ir import (
    Counter,
    Definition,
    Expr,
    Index,
    NotAffine,
    Op,
    Read,
    Reduction,
    Version,
    placed,
    reads,
    rebuilt,
)
from pdeperf.arrays.loops.real_inputs import inputs
from pdeperf.arrays.program import Run
from pdeperf.arrays.sizes import Size, Sizes

Step = Definition | Reduction


def merged(run: Run, sizes: Sizes) -> Run:
    """The run with each new array defined at once where that is possible."""
    steps: list[Step] = list(run.steps)
    position = 0
    while position < len(steps):
        while (joined := _joined(steps, position, sizes)) is not None:
            steps = joined
        position += 1
    return replace(run, steps=steps)


def _joined(steps: Sequence[Step], position: int, sizes: Sizes) -> list[Step] | None:
    """With a whole definition and the next one of the same array made one; None if that cannot be."""
    first = steps[position]
    if not isinstance(first, Definition) or not first.target.buffer.is_temporary:
        return None
    if not _is_whole(first, sizes):
        return None
    buffer = first.target.buffer
    for later in range(position + 1, len(steps)):
        step = steps[later]
        if any(each.version.buffer == buffer for each in inputs(step)):
            return None
        if isinstance(step, Definition) and step.target.buffer == buffer:
            if step.mask is not None or not _can_move(steps[position + 1 : later], step, first):
                return None
            chosen = _chosen(first, step, sizes)
            if chosen is None:
                return None
            rest = [_renumbered(each, step.target, first.target) for each in steps[later + 1 :]]
            return [*steps[:position], *steps[position + 1 : later], chosen, *rest]
    return None


def _is_whole(step: Definition, sizes: Sizes) -> bool:
    """Is it the first definition of an array, and of every cell?"""
    whole = tuple(Index(axis) for axis in range(len(step.counts)))
    if step.mask is not None or step.index != whole or step.target.number != 1:
        return False
    return all(map(sizes.equal, step.counts, step.target.buffer.shape))


def _can_move(between: Sequence[Step], to: Definition, first: Definition) -> bool:
    """Does the first definition mean the same further down?"""
    read = {each.version.buffer for each in reads(first.expr)}
    return not any(isinstance(step, Definition) and step.target.buffer in read for step in between)


def _chosen(first: Definition, step: Definition, sizes: Sizes) -> Definition | None:
    """One definition: the later value in its box, the earlier one elsewhere."""
    places: dict[int, Index] = {}
    conditions: list[Expr] = []
    for dimension, (index, length) in enumerate(zip(step.index, step.target.buffer.shape, strict=True)):
        if index.modulus is not None or (index.axis is not None and index.step != 1):
            return None
        here = Counter(Index(dimension))
        if index.axis is None:
            conditions.append(Op("==", (here, _number(index.offset)), "bool"))
            continue
        places[index.axis] = Index(dimension, 1, index.offset * -1)
        count = step.counts[index.axis]
        if not sizes.equal(index.offset, Size()):
            conditions.append(Op(">=", (here, _number(index.offset)), "bool"))
        if not sizes.equal(index.offset + count, length):
            conditions.append(Op("<", (here, _number(index.offset + count)), "bool"))
    if sorted(places) != list(range(len(step.counts))):
        return None
    try:
        inside = placed(step.expr, tuple(places[axis] for axis in range(len(step.counts))))
    except NotAffine:
        return None
    expr = inside
    if conditions:
        condition = conditions[0]
        for other in conditions[1:]:
            condition = Op("and", (condition, other), "bool")
        expr = Op("where", (condition, inside, first.expr), step.target.buffer.dtype)
    return replace(first, expr=expr, lines=(first.lines[0], step.lines[1]))


def _number(size: Size) -> Counter:
    return Counter(Index(None, 1, size))


def _renumbered(step: Step, old: Version, new: Version) -> Step:
    """With later versions of the array counted one lower."""

    def change(leaf: Expr) -> Expr:
        if isinstance(leaf, Read) and leaf.version.buffer == old.buffer and leaf.version.number >= old.number:
            return replace(leaf, version=replace(leaf.version, number=leaf.version.number - 1))
        return leaf

    expr = rebuilt(step.expr, change)
    if isinstance(step, Reduction):
        return replace(step, expr=expr)
    mask = rebuilt(step.mask, change) if step.mask is not None else None
    target = step.target
    if target.buffer == old.buffer and target.number >= old.number:
        target = replace(target, number=target.number - 1)
    return replace(step, expr=expr, mask=mask, target=target)
