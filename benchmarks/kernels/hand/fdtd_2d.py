"""All three fields in one pass over the rows, several steps a pass, blocks of rows for the threads."""

import numpy as np
from numba import get_num_threads, njit, prange

DEPTH = 8


@njit(error_model="numpy")
def electric(drive, i, ex, ey, hz):
    if i == 0:
        ey[0, :] = drive
    else:
        e, above, here = ey[i], hz[i - 1], hz[i]
        for j in range(e.size):
            e[j] -= 0.5 * (here[j] - above[j])
    e, left, right = ex[i, 1:], hz[i, :-1], hz[i, 1:]
    for j in range(e.size):
        e[j] -= 0.5 * (right[j] - left[j])


@njit(error_model="numpy")
def magnetic(i, ex, ey, hz):
    h, left, right = hz[i, :-1], ex[i, :-1], ex[i, 1:]
    above, below = ey[i, :-1], ey[i + 1, :-1]
    for j in range(h.size):
        h[j] -= 0.7 * (right[j] - left[j] + below[j] - above[j])


@njit(error_model="numpy")
def block(drive, ex, ey, hz, first, last, starts_inside, ends_inside):
    depth = drive.size
    for sweep in range(first, last + depth):
        for s in range(depth):
            i = sweep - s
            low = first + s if starts_inside else first
            high = last - s if ends_inside else last
            if low <= i < high:
                electric(drive[s], i, ex, ey, hz)
                if i > low:
                    magnetic(i - 1, ex, ey, hz)


@njit(parallel=True, error_model="numpy")
def advance(steps, ex, ey, hz, drive, limit):
    rows = ex.shape[0]
    blocks = get_num_threads()
    if rows < 4 * blocks * limit:
        blocks = 1
    edges = rows * np.arange(blocks + 1) // blocks
    done = 0
    while done < steps:
        some = drive[done : min(done + limit, steps)]
        for k in prange(blocks):
            block(some, ex, ey, hz, edges[k], edges[k + 1], k > 0, k < blocks - 1)
        for k in prange(1, blocks):
            for s in range(some.size):
                for i in range(edges[k] - s, edges[k] + s):
                    electric(some[s], i, ex, ey, hz)
                    magnetic(i - 1, ex, ey, hz)
                magnetic(edges[k] + s - 1, ex, ey, hz)
        done += some.size


def fdtd_2d(steps, ex, ey, hz, drive):
    advance(steps, ex, ey, hz, drive, DEPTH)


def least_bytes(returned, steps, ex, ey, hz, drive):
    """Read and write three fields each step."""
    return steps * 6 * ex.nbytes
