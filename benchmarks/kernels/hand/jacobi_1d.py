"""Tiles that lean back one cell each half step, so that many half steps run in the cache; one thread."""

from numba import njit

TILE, DEPTH = 1500, 64


@njit
def smooth(new, old, low, high):
    out = new[low:high]
    left, middle, right = old[low - 1 : high - 1], old[low:high], old[low + 1 : high + 1]
    for i in range(out.size):
        out[i] = 0.33333 * (left[i] + middle[i] + right[i])


@njit
def smooth_many(steps, a, b, tile, limit):
    last = a.size - 1
    done = 0
    while done < 2 * steps:
        depth = min(limit, 2 * steps - done)
        for start in range(1, last + depth, tile):
            for h in range(depth):
                low, high = max(1, start - h), min(last, start + tile - h)
                if low < high and h % 2 == 0:
                    smooth(b, a, low, high)
                elif low < high:
                    smooth(a, b, low, high)
        done += depth


def jacobi_1d(steps, a, b):
    smooth_many(steps, a, b, TILE, DEPTH)


def least_bytes(returned, steps, a, b):
    """Read one array and write the other, each half step."""
    return 2 * steps * 2 * a.nbytes
