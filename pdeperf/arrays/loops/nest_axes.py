"""In which order the axes of a nest become loops, and where these begin."""

from pdeperf.arrays.ir import Definition
from pdeperf.arrays.loops.schedule import Nest
from pdeperf.arrays.sizes import Size


def order_of(nest: Nest) -> list[int]:
    """Axes from the outermost loop to the innermost: as the first array written lies in memory."""
    for step in nest.steps:
        if isinstance(step, Definition):
            axes = [index.axis for index in step.index if index.axis is not None]
            rest = [axis for axis in range(len(nest.counts)) if axis not in axes]
            return [*rest, *axes]
    return list(range(len(nest.counts)))


def starts_of(nest: Nest) -> dict[int, Size]:
    """Where the first array written begins along each axis."""
    starts = {axis: Size() for axis in range(len(nest.counts))}
    for step in nest.steps:
        if isinstance(step, Definition):
            for index in step.index:
                if index.axis is not None and index.step == 1:
                    starts[index.axis] = index.offset
            break
    return starts
