"""A row as an array, then the loop over its cells: both in one loop, where no cell is read too late.

``a[i, 1:-1] += a[i, 2:] + a[i + 1, 1:-1]`` and then ``for j: a[i, j] += a[i, j - 1]``, as Gauss-Seidel is
written with arrays: in one loop it is the sweep in order that it stands for.
"""

import ast
from typing import TYPE_CHECKING

from pdeperf.arrays.ir import Buffer, Definition, Index, Scalar, never_meet, walk
from pdeperf.arrays.loops.coverage import range_of
from pdeperf.arrays.loops.nests import NestWriter
from pdeperf.arrays.loops.printing import Axes
from pdeperf.arrays.loops.real_inputs import real_inputs
from pdeperf.arrays.loops.run_writer import RunWriter
from pdeperf.arrays.loops.schedule import Schedule, is_new, scheduled
from pdeperf.arrays.program import Item, Nested, Run
from pdeperf.arrays.sizes import Size, Unequal, roots

if TYPE_CHECKING:
    from pdeperf.arrays.loops.write import Writer

_Access = tuple[Buffer, tuple[Index, ...], bool]
"""An array, where it is read or written, and whether it is written."""


def in_one_loop(writer: "Writer", row: Item, cells: Item) -> list[str] | None:
    """The text of a row's statement and of the loop over its cells after it; None if they stay apart."""
    match row, cells:
        case (
            Run(reduced=[]),
            Nested(
                statement=ast.For(target=ast.Name(id=counter), orelse=[]) as loop,
                blocks={"body": [Run() as inner]},
            ),
        ) if writer.in_order:
            pass
        case _:
            return None
    sizes = writer._sizes
    schedule = scheduled(row, sizes, recompute=writer._recompute, in_order=True)
    turns = range_of(loop, writer._names)
    if turns is None or not turns.is_upwards or len(schedule.nests) != 1 or schedule.doubled:
        return None
    nest = schedule.nests[0]
    steps = [step for step in nest.steps if isinstance(step, Definition)]
    if len(steps) < len(nest.steps) or len(nest.counts) != 1 or any(is_new(step) for step in steps):
        return None
    if not _is_of_cells(inner) or any(name in run.live for run in (row, inner) for name in run.names):
        return None
    start = next((index.offset for index in steps[0].index if index.axis == 0 and index.step == 1), None)
    if start is None or any(index.axis == 0 and index.step != 1 for step in steps for index in step.index):
        return None
    after = Schedule([], {})
    first = [each for step in steps for each in _accesses(step, schedule)]
    second = [each for step in inner.steps if isinstance(step, Definition) for each in _accesses(step, after)]
    places = [index for _, indices, _ in first for index in indices]
    if any(each.modulus is not None or counter in each.offset.symbols for each in places):
        return None
    if not all(_stays_in_order(one, other, start, counter, writer) for one in first for other in second):
        return None
    if _uses_numbers(row, {buffer.name for buffer, _, _ in (*first, *second)} | {counter}):
        return None
    if _uses_numbers(inner, {buffer.name for buffer, _, is_write in (*first, *second) if is_write}):
        return None
    try:
        sizes.require_equal(turns.values[0], start)
        sizes.require_equal(turns.values[1], start + nest.counts[0])
    except Unequal:
        return None
    return _text(writer, row, schedule, loop, counter, start, inner)


def _text(
    writer: "Writer", row: Run, schedule: Schedule, loop: ast.For, counter: str, start: Size, inner: Run
) -> list[str]:
    run = RunWriter(writer, row, schedule, rotate=False)
    nest = schedule.nests[0]
    cell = NestWriter(
        nest, schedule, writer._sizes, writer._library, [counter], run._slot, writer._names.fresh_plain
    )
    cell.axes = Axes({0: counter}, {0: start}, writer._sizes)
    body = [*(text for _, text in writer.comments(row)), *cell.cell(), *writer._run(inner)]
    before = [text for kept in row.before for text in writer._kept(kept)]
    writer._note(row, [counter])
    return [*before, f"for {counter} in {ast.unparse(loop.iter)}:", *(f"    {text}" for text in body)]


def _is_of_cells(run: Run) -> bool:
    """Nothing but single elements that become something else?"""
    return not (run.before or run.reduced) and all(
        isinstance(step, Definition) and not step.counts and not is_new(step) for step in run.steps
    )


def _accesses(step: Definition, schedule: Schedule) -> list[_Access]:
    found = [(each.version.buffer, each.index, False) for each in real_inputs(step, schedule.virtual)]
    if step.mask is not None:
        found.append((step.target.buffer, step.index, False))
    return [*found, (step.target.buffer, step.index, True)]


def _stays_in_order(one: _Access, other: _Access, start: Size, counter: str, writer: "Writer") -> bool:
    """Does the row touch every cell before the loop does, if both go along together?"""
    if one[0].array != other[0].array or not (one[2] or other[2]):
        return True
    if one[0] != other[0]:
        return False
    if never_meet(one[1], other[1]):
        return True
    for mine, theirs in zip(one[1], other[1], strict=True):
        if mine.axis != 0 or mine.step != 1 or mine.modulus is not None or theirs.axis is not None:
            continue
        ahead = writer._sizes.plain(theirs.offset - Size.of(counter) - (mine.offset - start))
        if ahead.is_const and ahead.const <= 0:
            return True
    return False


def _uses_numbers(run: Run, names: set[str]) -> bool:
    """Do its statements use numbers that are read from some arrays?"""
    return any(
        isinstance(leaf, Scalar) and roots(leaf.text) & {name.split(".")[0].split("[")[0] for name in names}
        for step in run.steps
        for expr in (step.expr, getattr(step, "mask", None))
        if expr is not None
        for leaf in walk(expr)
    )
