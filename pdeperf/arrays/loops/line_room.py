"""May the lines that the last few lack be computed too, as if the last line stood there again?

A loop whose length is a number becomes vectors, without what else must go around them.
"""

from collections.abc import Collection, Mapping

from pdeperf.arrays.ir import Definition, Index, Op, Read, walk
from pdeperf.arrays.loops.line_parts import Lines, Part
from pdeperf.arrays.loops.real_inputs import expanded, real_inputs

_DIVISIONS = frozenset(("/", "//", "%"))


def has_room(lines: Lines, vector: int, small: Mapping[int, int], alike: Collection[int]) -> bool:
    """Is all that the lines read and write, side by side, in small arrays of floats?

    The last line's own numbers stand in for those that are missing, so that nothing is divided by that
    the user does not divide by. Beside neighbours that does not hold: there all divisors must be the same
    for all lines.

    Parameters
    ----------
    vector
        The line axis whose lines lie side by side.
    small
        The arrays that have room for a few lines only, and how many neighbours of these.
    alike
        Arrays that hold the same for all lines.
    """
    is_safe = not any(small.values())
    for part in lines.parts:
        for number, step in part.definitions():
            axes = part.axes[number]
            for each in (Read(step.target, step.index), *real_inputs(step, part.schedule.virtual)):
                if not _goes_along(each.index, axes, vector):
                    continue
                if part.memories[each.version.buffer] not in small or not each.dtype.startswith("float"):
                    return False
            if not is_safe and _divisors(step, part, axes, vector, alike):
                return False
    return True


def _goes_along(index: tuple[Index, ...], axes: Mapping[int, int], vector: int) -> bool:
    return any(each.axis is not None and axes.get(each.axis) == vector for each in index)


def _divisors(
    step: Definition, part: Part, axes: Mapping[int, int], vector: int, alike: Collection[int]
) -> list[Read]:
    """What a step divides by that is not the same for all lines."""
    return [
        leaf
        for node in walk(expanded(step.expr, part.schedule.virtual))
        if isinstance(node, Op) and node.name in _DIVISIONS
        for leaf in walk(node.args[1])
        if isinstance(leaf, Read)
        and _goes_along(leaf.index, axes, vector)
        and part.memories[leaf.version.buffer] not in alike
    ]
