"""Arrays that a run overwrites as a whole: what they held in between becomes an array of its own.

``f = np.roll(f, 1)`` followed by ``f += c * (g - f)``, written into one array, is two arrays in turn. Told
apart, the first one is a temporary like any other, computed where it is read.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from pdeperf.arrays.ir import (
    Buffer,
    Counter,
    Definition,
    Expr,
    Op,
    Read,
    Reduction,
    Scalar,
    Version,
    as_stored,
    rebuilt,
)
from pdeperf.arrays.program import Item, Nested, Run
from pdeperf.arrays.sizes import Sizes
from pdeperf.arrays.values import View

Step = Definition | Reduction


def renewed(items: Sequence[Item], sizes: Sizes, fresh: Callable[[str], str]) -> list[Item]:
    """A region's items, with an array for each time that a run overwrites one as a whole.

    Parameters
    ----------
    fresh
        Makes a new name from a stem.
    """
    found: list[Item] = []
    for item in items:
        if isinstance(item, Run):
            kept = {view.buffer for name, view in item.names.items() if name in item.live}
            steps = _unmasked(item.steps, kept, sizes)
            found.append(replace(item, steps=_apart(steps, sizes, fresh)))
        elif isinstance(item, Nested):
            blocks = {name: renewed(block, sizes, fresh) for name, block in item.blocks.items()}
            found.append(replace(item, blocks=blocks))
        else:
            found.append(item)
    return found


def _is_whole(step: Definition, sizes: Sizes) -> bool:
    everything = View.whole(step.target.buffer)
    return step.index == everything.index and all(
        sizes.equal(one, other) for one, other in zip(step.counts, everything.shape, strict=True)
    )


def fills(step: Definition, sizes: Sizes) -> bool:
    """Does it give every cell of an array a new value, of the array's own type?"""
    dtype = step.target.buffer.dtype
    return step.mask is None and _is_whole(step, sizes) and as_stored(step.expr, dtype).dtype == dtype


def _unmasked(steps: Sequence[Step], kept: set[Buffer], sizes: Sizes) -> list[Step]:
    """Masks as choices where all else was computed just before, or was never set."""
    found: list[Step] = []
    is_known: dict[Buffer, bool] = {}
    for step in steps:
        if isinstance(step, Definition):
            buffer = step.target.buffer
            is_whole = _is_whole(step, sizes)
            if step.mask is not None and is_whole:
                if is_known.get(buffer):
                    new, old = as_stored(step.expr, buffer.dtype), Read(step.base, step.index)
                    chosen = Op("where", (step.mask, new, old), buffer.dtype)
                    step = replace(step, expr=chosen, mask=None)
                elif buffer not in is_known and buffer.is_temporary and buffer.array not in kept:
                    step = replace(step, mask=None)
            is_known[buffer] = is_known.get(buffer, False) or (is_whole and step.mask is None)
        found.append(step)
    return found


def _apart(steps: Sequence[Step], sizes: Sizes, fresh: Callable[[str], str]) -> list[Step]:
    """Steps with versions that are overwritten as a whole in arrays of their own."""
    starts: dict[Buffer, list[int]] = {}
    for step in steps:
        if isinstance(step, Definition) and fills(step, sizes):
            starts.setdefault(step.target.buffer, []).append(step.target.number)
    moved: dict[Version, Version] = {}
    ends: dict[Buffer, int] = {}
    for step in steps:
        if not isinstance(step, Definition):
            continue
        buffer, number = step.target.buffer, step.target.number
        whole = [each for each in starts.get(buffer, ()) if each <= number]
        if not whole or whole[-1] == starts[buffer][-1]:
            ends[buffer] = ends.get(buffer, 0) + 1
            moved[step.target] = Version(buffer, ends[buffer])
            continue
        own = moved.get(Version(buffer, whole[-1]))
        if number == whole[-1] or own is None:
            own = Version(Buffer(fresh(buffer.name), buffer.shape, buffer.dtype, is_temporary=True))
        moved[step.target] = Version(own.buffer, number - whole[-1] + 1)
    if all(old == new for old, new in moved.items()):
        return list(steps)
    return [with_versions(step, moved) for step in steps]


def with_versions(step: Step, moved: dict[Version, Version]) -> Step:
    """A step that reads and makes other versions, if those are given, instead of its own."""

    def change(leaf: Read | Counter | Scalar) -> Expr:
        if isinstance(leaf, Read) and leaf.version in moved:
            return replace(leaf, version=moved[leaf.version])
        return leaf

    expr = rebuilt(step.expr, change)
    if isinstance(step, Reduction):
        return replace(step, expr=expr)
    mask = rebuilt(step.mask, change) if step.mask is not None else None
    target = moved.get(step.target, step.target)
    if target.buffer != step.target.buffer:
        expr = as_stored(expr, target.buffer.dtype)
    return replace(step, target=target, expr=expr, mask=mask)
