"""One pass, the Laplacians recomputed where they are needed; planes shared out to the threads."""

from numba import njit, prange


@njit
def laplacian(c, south, north, east, west):
    return 4.0 * c - (south + north + east + west)


@njit
def limited(flux, difference):
    return 0.0 if flux * difference > 0 else flux


@njit
def line(out, k, c, n, s, w, e, nn, ss, ww, ee, nw, ne, sw, se):
    for z in range(out.size):
        here = laplacian(c[z], s[z], n[z], e[z], w[z])
        north = laplacian(n[z], c[z], nn[z], ne[z], nw[z])
        south = laplacian(s[z], ss[z], c[z], se[z], sw[z])
        west = laplacian(w[z], sw[z], nw[z], c[z], ww[z])
        east = laplacian(e[z], se[z], ne[z], ee[z], c[z])
        fx1 = limited(south - here, s[z] - c[z])
        fx0 = limited(here - north, c[z] - n[z])
        fy1 = limited(east - here, e[z] - c[z])
        fy0 = limited(here - west, c[z] - w[z])
        out[z] = c[z] - k[z] * (fx1 - fx0 + fy1 - fy0)


@njit(parallel=True)
def horizontal_diffusion(q, out, coefficient, steps=1):
    for _ in range(steps):
        for i in prange(out.shape[0]):
            x = i + 2
            for j in range(out.shape[1]):
                y = j + 2
                line(
                    out[i, j],
                    coefficient[i, j],
                    q[x, y],
                    q[x - 1, y],
                    q[x + 1, y],
                    q[x, y - 1],
                    q[x, y + 1],
                    q[x - 2, y],
                    q[x + 2, y],
                    q[x, y - 2],
                    q[x, y + 2],
                    q[x - 1, y - 1],
                    q[x - 1, y + 1],
                    q[x + 1, y - 1],
                    q[x + 1, y + 1],
                )


def least_bytes(returned, q, out, coefficient):
    """Read the field and the coefficient, write the result."""
    return q.nbytes + out.nbytes + coefficient.nbytes
