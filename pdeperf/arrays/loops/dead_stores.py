"""Arrays that a run fills anew each time and that nobody else ever reads: temporaries by another name."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from pdeperf.arrays.ir import Buffer, Definition, Read, Reduction, Scalar, Version, walk
from pdeperf.arrays.loops.private import is_private
from pdeperf.arrays.loops.renewal import fills, with_versions
from pdeperf.arrays.names import Names
from pdeperf.arrays.program import Item, Nested, Run
from pdeperf.arrays.sizes import Sizes


def without_dead_stores(
    items: Sequence[Item], names: Names, sizes: Sizes, fresh: Callable[[str], str]
) -> tuple[list[Item], frozenset[str]]:
    """A region's items, and the names of arrays that they no longer fill.

    Parameters
    ----------
    fresh
        Makes a new name from a stem.
    """
    found: list[Item] = []
    unfilled: frozenset[str] = frozenset()
    for item in items:
        if isinstance(item, Run):
            mine = {
                buffer.name: buffer
                for buffer in _filled(item, sizes)
                if is_private(buffer.name, names, item.statements)
            }
            unfilled |= mine.keys()
            found.append(_renamed(item, set(mine.values()), fresh))
        elif isinstance(item, Nested):
            blocks: dict[str, list[Item]] = {}
            for name, block in item.blocks.items():
                blocks[name], inner = without_dead_stores(block, names, sizes, fresh)
                unfilled |= inner
            found.append(replace(item, blocks=blocks))
        else:
            found.append(item)
    return found, unfilled


def _filled(run: Run, sizes: Sizes) -> list[Buffer]:
    """Arrays from outside of which nothing is read before the run has filled it."""
    if run.relied is not None:
        return []
    unfit = {view.buffer for name, view in run.names.items() if name in run.live}
    first: dict[Buffer, Definition] = {}
    texts: set[str] = set()
    for step in run.steps:
        parts = [step.expr, *([step.mask] if isinstance(step, Definition) and step.mask is not None else [])]
        for leaf in (leaf for each in parts for leaf in walk(each)):
            if isinstance(leaf, Read) and not leaf.version.number:
                unfit.add(leaf.version.buffer.array)
            elif isinstance(leaf, Scalar):
                texts |= leaf.names
        if isinstance(step, Definition):
            first.setdefault(step.target.buffer, step)
    unfit |= {buffer.array for buffer, step in first.items() if not fills(step, sizes)}
    arrays = {buffer.array for buffer in first if not buffer.is_temporary}
    return [each for each in arrays if each not in unfit and each.name not in texts]


def _renamed(run: Run, dead: set[Buffer], fresh: Callable[[str], str]) -> Run:
    """A run with temporaries in place of some arrays."""
    if not dead:
        return run
    own: dict[Buffer, Buffer] = {}
    moved: dict[Version, Version] = {}
    for step in run.steps:
        if isinstance(step, Reduction) or step.target.buffer.array not in dead:
            continue
        old = step.target.buffer
        if old not in own:
            own[old] = Buffer(fresh(old.name), old.shape, old.dtype, is_temporary=True)
        moved[step.target] = replace(step.target, buffer=own[old])
    return replace(run, steps=[with_versions(step, moved) for step in run.steps])
