"""In order, but four rows at a time, each two columns behind the one above: four chains that do not wait."""

from numba import njit


@njit
def update(a, i, j, left):
    around = a[i - 1, j - 1] + a[i - 1, j] + a[i - 1, j + 1] + a[i, j + 1]
    total = a[i, j] + (around + a[i + 1, j - 1] + a[i + 1, j] + a[i + 1, j + 1])
    a[i, j] = value = (total + left) / 9.0
    return value


@njit(error_model="numpy")
def seidel_2d(sweeps, a):
    n = a.shape[0]
    for _ in range(sweeps):
        i = 1
        while i + 4 < n and n > 8:
            for j in range(1, 7):
                for r in range(4):
                    if j - 2 * r >= 1:
                        update(a, i + r, j - 2 * r, a[i + r, j - 2 * r - 1])
            v0, v1, v2, v3 = a[i, 6], a[i + 1, 4], a[i + 2, 2], a[i + 3, 0]
            for j in range(7, n - 1):
                v0 = update(a, i, j, v0)
                v1 = update(a, i + 1, j - 2, v1)
                v2 = update(a, i + 2, j - 4, v2)
                v3 = update(a, i + 3, j - 6, v3)
            for j in range(n - 1, n + 5):
                for r in range(1, 4):
                    if j - 2 * r < n - 1:
                        update(a, i + r, j - 2 * r, a[i + r, j - 2 * r - 1])
            i += 4
        while i < n - 1:
            for j in range(1, n - 1):
                update(a, i, j, a[i, j - 1])
            i += 1


def least_bytes(returned, sweeps, a):
    """Read and write the array each sweep."""
    return sweeps * 2 * a.nbytes
