"""Time loops that take several steps in one sweep over the rows, while the rows are in the cache.

Only where a step is nothing but array statements: nobody looks at the arrays between two steps.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pdeperf.arrays.ir import Buffer, Counter, Definition, Reduction, part, walk
from pdeperf.arrays.loops.real_inputs import expanded, real_inputs
from pdeperf.arrays.loops.row_blocks import Blocks, blocks_of
from pdeperf.arrays.loops.run_writer import RunWriter
from pdeperf.arrays.loops.schedule import Form, Schedule, kept_buffers, scheduled
from pdeperf.arrays.loops.slots import Loop
from pdeperf.arrays.loops.sweep_writer import Steps, SweepWriter
from pdeperf.arrays.loops.sweeps import RowNest, Sweep, accesses, depth_of, rings, row_nest, step_lag, swept
from pdeperf.arrays.program import Kept, Nested, Run, bound_by_text
from pdeperf.arrays.sizes import Size, Sizes

if TYPE_CHECKING:
    from pdeperf.arrays.loops.write import Writer
    from pdeperf.arrays.names import Names

Lines = list[str]


@dataclass(frozen=True, slots=True)
class Shape:
    """How many steps share a sweep, and how many rows a nest does at a time."""

    steps: int
    band: int


SHAPES = {1: Shape(64, 2048), 2: Shape(8, 2), 3: Shape(4, 1)}
"""By the number of dimensions."""


def tiled(
    writer: "Writer", item: Nested, names: "Names", sizes: Sizes
) -> tuple[Lines, Run, list[str]] | None:
    """A time loop's text, its run and the counters it uses; None if its steps cannot share a sweep."""
    if writer.form not in (Form.SWEEPS, Form.BLOCKS) or not writer.in_order:
        return None
    found = _pure_loop(item, names)
    if found is None:
        return None
    loop, run, counter, bounds = found
    schedule = scheduled(run, sizes, recompute=writer._recompute)
    turns = _turns(run, sizes)
    made = _sweep(run, schedule, sizes, turns) if turns is not None else None
    if made is None or turns is None:
        return None
    sweep, shape, lag = made
    blocks: Blocks | None = None
    if writer.form is Form.BLOCKS:
        blocks = blocks_of(
            sweep,
            schedule,
            sizes,
            _turned(run, sweep, turns),
            steps_count=shape.steps,
            band=shape.band,
            lag=lag,
        )
        if blocks is None:
            return None
    own = {counter, *(name for kept in run.before for name in _bound(kept))}
    if own & _names_in(sweep, schedule, sizes) or any(own & _named(bound) for bound in bounds):
        return None
    if _named_twice(loop, own) or own & names.live_after([loop]):
        return None
    writer._loops.append(around := Loop(loop, [item]))
    here = {name: names.fresh_plain(f"{name}_here") for name in turns}
    around.working.update({name: (own_name, own_name) for name, own_name in here.items()})
    made_run = RunWriter(writer, run, schedule, rotate=False)
    start, stop = ("0", bounds[0]) if len(bounds) == 1 else bounds
    if not (stop.isidentifier() or stop.isdigit()):
        last = names.fresh_plain("last")
        around.before.append(f"{last} = {stop}")
        stop = last
    step = names.fresh_plain("step") if counter == "_" else counter
    turned = {name: (here[name], other) for name, other in turns.items()}
    steps = Steps(step, names.fresh_plain(f"{step}_first"), start, stop, shape.steps, lag, turned, blocks)
    lines = SweepWriter(made_run, sweep, shape.band, steps).lines(
        [row for kept in run.before for row in writer._kept(kept)]
    )
    writer._loops.pop()
    return [*around.before, *lines, *around.after], run, made_run.counters


def _pure_loop(item: Nested, names: "Names") -> tuple[ast.For, Run, str, tuple[str, ...]] | None:
    """A loop over a range that holds nothing but array statements and numbers made anew each time."""
    body = [each for each in item.blocks.get("body", []) if not (isinstance(each, Run) and not each.steps)]
    match item.statement, body, item.blocks.get("orelse"):
        case (
            ast.For(
                target=ast.Name(id=counter),
                iter=ast.Call(func=ast.Name() as function, args=[_] | [_, _] as bounds, keywords=[]),
            ) as loop,
            [Run() as run],
            [] | None,
        ) if names.called(function) == "builtins.range" and not run.reduced:
            pass
        case _:
            return None
    if any(isinstance(step, Reduction) for step in run.steps):
        return None
    if not all(_is_made_anew(kept, run, counter) for kept in run.before):
        return None
    return loop, run, counter, tuple(ast.unparse(bound) for bound in bounds)


def _turns(run: Run, sizes: Sizes) -> dict[str, str] | None:
    """Pairs of names whose arrays change places with each step: which name's array each is given.

    None if names are bound in other ways.
    """
    found: dict[str, str] = {}
    buffers = {buffer.name: buffer for buffer in run.entry.values()}
    for name in sorted(run.live & frozenset(run.names)):
        view = run.names[name]
        mine = run.entry.get(name)
        if mine is None or mine.name != name or not view.is_whole or not name.isidentifier():
            return None
        other = view.buffer
        if other.is_temporary or buffers.get(other.name) != other or other.dtype != mine.dtype:
            return None
        if len(other.shape) != len(mine.shape):
            return None
        if not all(sizes.equal(a, b) for a, b in zip(mine.shape, other.shape, strict=True)):
            return None
        found[name] = other.name
    return found if all(found.get(other) == name for name, other in found.items()) else None


def _bound(kept: Kept) -> frozenset[str]:
    return bound_by_text([kept])


def _is_made_anew(kept: Kept, run: Run, counter: str) -> bool:
    """Does a number depend on nothing but the time step and what the loop leaves alone?"""
    match kept.statement:
        case ast.Assign(targets=[ast.Name(id=_)], value=value) if not kept.text:
            pass
        case _:
            return False
    if any(isinstance(node, ast.Call | ast.Attribute | ast.NamedExpr) for node in ast.walk(value)):
        return False
    used = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
    arrays = {step.target.buffer.array.name for step in run.steps if isinstance(step, Definition)}
    bound = frozenset[str]().union(*(_bound(each) for each in run.before))
    earlier = frozenset[str]()
    for each in run.before:
        if each is kept:
            break
        earlier |= _bound(each)
    return not used & arrays and not (used & bound) - earlier


def _sweep(
    run: Run, schedule: Schedule, sizes: Sizes, turns: Mapping[str, str]
) -> tuple[Sweep, Shape, int] | None:
    """One sweep for all nests and several steps, and how far each step is behind."""
    depth = depth_of(schedule)
    shape = SHAPES.get(depth)
    if shape is None:
        return None
    rows: list[RowNest] = []
    for position in range(len(schedule.nests)):
        mine = row_nest(schedule, position, sizes, depth)
        if mine is None:
            return None
        rows += mine
    sweep = swept(rows, schedule, sizes, depth)
    if sweep is None:
        return None
    sweep.rings = rings(sweep, schedule, kept_buffers(run), sizes, shape.band)
    if depth == 1 and not all(_is_line(rows, schedule) for rows in sweep.rows):
        return None
    lag = step_lag(sweep, schedule, sizes, _turned(run, sweep, turns))
    return None if lag is None else (sweep, shape, lag)


def _turned(run: Run, sweep: Sweep, turns: Mapping[str, str]) -> dict[Buffer, Buffer]:
    """Which array the next step finds under the name of each that takes turns."""
    turned = {run.entry[name]: run.entry[other] for name, other in turns.items()}
    memories = {access.memory for each in sweep.rows for access in each.touched}
    for memory in memories:
        if memory.whole in turned:
            turned[memory] = part(turned[memory.whole], memory.places)
    return turned


def _is_line(rows: RowNest, schedule: Schedule) -> bool:
    """Does a nest walk through arrays of one dimension cell by cell?"""
    for step in rows.nest.steps:
        parts = [step.expr, *((step.mask,) if isinstance(step, Definition) and step.mask is not None else ())]
        if any(
            isinstance(leaf, Counter) for part in parts for leaf in walk(expanded(part, schedule.virtual))
        ):
            return False
        places = [each.index for each in real_inputs(step, schedule.virtual)]
        if isinstance(step, Definition):
            places.append(step.index)
        for index in places:
            if index[0].axis is not None and (
                len(index) > 1 or index[0].step != 1 or index[0].modulus is not None
            ):
                return False
            if any(each.axis is not None for each in index[1:]):
                return False
            offset = index[0].offset - rows.first
            if index[0].axis is not None and not offset.is_const:
                return False
    return True


def _names_in(sweep: Sweep, schedule: Schedule, sizes: Sizes) -> set[str]:
    """Names that decide which cells a step computes, and where in the arrays that it writes."""
    places: list[Size] = []
    touched = [access for rows in sweep.rows for access in accesses(rows, schedule, sweep.depth)]
    written = {access.memory for access in touched if access.is_write}
    for access in touched:
        if access.memory in written:
            places += access.memory.shape
            places += (part for index in access.index for part in (index.offset, index.shift))
    for rows in sweep.rows:
        places += (rows.first, rows.stop, *(size for step in rows.nest.steps for size in step.counts))
    texts = {text for size in places for text in (*size.symbols, *sizes.plain(size).symbols)}
    return {name for text in texts for name in _named(text)}


def _named(text: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}


def _named_twice(loop: ast.For, own: set[str]) -> bool:
    """Does the loop's body bind its counter, or a number more than once?"""
    stored = [
        node.id
        for part in loop.body
        for node in ast.walk(part)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and node.id in own
    ]
    return len(stored) != len(set(stored)) or not own.isdisjoint(_targets(loop) & set(stored))


def _targets(loop: ast.For) -> set[str]:
    return {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
