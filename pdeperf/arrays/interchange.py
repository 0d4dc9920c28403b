"""Recurrences along the dimension that is contiguous in memory: the loop over it goes inside.

``for k: right[:, :, k] = (d - a * right[:, :, k - 1]) * pivot`` walks through memory in the largest
steps there are, once for every ``k``. Where each line depends on itself alone, the loops change places.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from pdeperf.arrays.ir import Buffer, Definition, Index, Read, Version
from pdeperf.arrays.names import Names
from pdeperf.arrays.program import Item, Nested, Run
from pdeperf.arrays.schedule import Nest, Schedule, is_new, real_inputs
from pdeperf.arrays.sizes import Sizes


@dataclass(frozen=True, slots=True)
class Lines:
    """A loop whose every line along one dimension is independent of the others.

    Attributes
    ----------
    run
        Its body.
    counter
        Its variable.
    head
        Its first line.
    carried
        Arrays that hand a value from one iteration to the next, cell by cell: the array bound
        before, and the new one.
    """

    run: Run
    counter: str
    head: str
    carried: tuple[tuple[str, Buffer, Buffer], ...]


def candidate(item: Nested, names: Names) -> tuple[Run, ast.For, ast.Name] | None:
    """The body and the counter of a loop over a range that holds nothing but array statements."""
    match item.statement, _without_nothing(item.blocks.get("body", [])), item.blocks.get("orelse"):
        case (
            ast.For(
                target=ast.Name() as counter, iter=ast.Call(func=ast.Name() as function, keywords=[])
            ) as loop,
            [Run() as run],
            [] | None,
        ) if names.called(function) == "builtins.range" and not run.before and not run.reduced:
            return run, loop, counter
    return None


def lines_of(run: Run, loop: ast.For, counter: ast.Name, schedule: Schedule, sizes: Sizes) -> Lines | None:
    """The loop as independent lines; None if it is none, or memory order gains nothing."""
    if len(schedule.nests) != 1 or schedule.doubled or not schedule.nests[0].counts:
        return None
    nest = schedule.nests[0]
    if not all(isinstance(step, Definition) for step in nest.steps):
        return None
    steps = [step for step in nest.steps if isinstance(step, Definition)]
    carried = _carried(run, steps, schedule, sizes)
    if carried is None:
        return None
    together = {new: old for _, old, new in carried}
    if any(is_new(step) and step.target.buffer not in together for step in steps):
        return None
    bounds = [
        *nest.counts,
        *(index.offset for step in steps for index in step.index if index.axis is not None),
    ]
    if any(counter.id in size.symbols or counter.id in sizes.plain(size).symbols for size in bounds):
        return None
    if not _are_independent(nest, steps, schedule, together) or not _is_strided(steps, schedule, counter.id):
        return None
    head = f"for {counter.id} in {ast.unparse(loop.iter)}:"
    return Lines(run, counter.id, head, tuple(carried))


def _without_nothing(items: list[Item]) -> list[Item]:
    return [item for item in items if not (isinstance(item, Run) and not item.steps)]


def _carried(
    run: Run, steps: list[Definition], schedule: Schedule, sizes: Sizes
) -> list[tuple[str, Buffer, Buffer]] | None:
    """Names that each iteration binds to a new array, computed from the old one cell by cell."""
    found: list[tuple[str, Buffer, Buffer]] = []
    for name, view in run.names.items():
        if name not in run.live:
            continue
        old = run.entry.get(name)
        maker = next((step for step in steps if step.target.buffer == view.buffer), None)
        if old is None or maker is None or not view.is_whole or not is_new(maker) or "." in name:
            return None
        if old.dtype != view.buffer.dtype or len(old.shape) != len(view.buffer.shape):
            return None
        if not all(sizes.equal(one, other) for one, other in zip(old.shape, view.buffer.shape, strict=True)):
            return None
        if sum(step.target.buffer in (old, view.buffer) for step in steps) != 1:
            return None
        for step in steps:
            for each in real_inputs(step, schedule.virtual):
                if each.version.buffer == old and each.index != maker.index:
                    return None
        found.append((name, old, view.buffer))
    return found


def _are_independent(
    nest: Nest, steps: list[Definition], schedule: Schedule, together: dict[Buffer, Buffer]
) -> bool:
    """Does every cell of the box touch only its own places of the arrays that are written?"""
    own: dict[Buffer, tuple[tuple[int, Index], ...]] = {}
    for step in steps:
        places = tuple((place, index) for place, index in enumerate(step.index) if index.axis is not None)
        if {index.axis for _, index in places} != set(range(len(nest.counts))):
            return False
        if any(index.modulus is not None for _, index in places):
            return False
        buffer = together.get(step.target.buffer, step.target.buffer)
        if own.setdefault(buffer, places) != places:
            return False
    for each in _inputs(steps, schedule):
        buffer = together.get(each.version.buffer, each.version.buffer)
        for place, index in own.get(buffer, ()):
            if each.index[place] != index:
                return False
    return True


def _is_strided(steps: list[Definition], schedule: Schedule, counter: str) -> bool:
    """Does the loop's counter walk along the last dimension of most arrays?"""
    lasts = [each.index[-1] for each in _inputs(steps, schedule)] + [step.index[-1] for step in steps]
    along = sum(index.axis is None and counter in index.offset.symbols for index in lasts)
    return along > len(lasts) / 2


def _inputs(steps: list[Definition], schedule: Schedule) -> Iterator[Read]:
    for step in steps:
        yield from real_inputs(step, schedule.virtual)


def slots(lines: Lines, own: dict[str, str]) -> dict[Version, str]:
    """Which array holds the old and the new values of what is carried."""
    found: dict[Version, str] = {}
    for name, old, new in lines.carried:
        found |= {Version(old, 0): own[name], Version(new, 1): own[name]}
    return found
