"""Places along an axis that goes around: which of its ends a loop over them can pass."""

from enum import Enum

from pdeperf.arrays.sizes import Size, Sizes


class Passes(Enum):
    """Where places may lie: all inside, one before the first, one after the last, or anywhere."""

    NONE = 0
    FIRST = 1
    LAST = 2
    ANY = 3


def passes(shift: Size, count: Size, modulus: Size, sizes: Sizes) -> Passes:
    """Which ends of a ring do so many places, from a shift on, pass?

    Parameters
    ----------
    shift
        The first place.
    modulus
        Places that there are.
    """
    first, beyond = sizes.plain(shift), sizes.plain(shift + count - modulus)
    if not (first.is_const and beyond.is_const):
        return Passes.ANY
    match first.const, beyond.const:
        case low, high if low >= 0 and high <= 0:
            return Passes.NONE
        case -1, high if high <= 0:
            return Passes.FIRST
        case low, 1 if low >= 0:
            return Passes.LAST
    return Passes.ANY
