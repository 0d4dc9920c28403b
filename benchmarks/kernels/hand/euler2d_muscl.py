"""One pass a step over rows: slopes, states and fluxes in row buffers, from one state to another."""

import numpy as np
from numba import njit

GAMMA = 1.4


@njit
def larger(a, b):
    """As np.maximum: nan wins. Without a branch, so that loops stay vectors."""
    most = b if b > a else a
    return b if b != b else most


@njit(error_model="numpy")
def pressure(rho, mx, my, energy):
    u = mx / rho
    v = my / rho
    return (GAMMA - 1) * (energy - 0.5 * rho * (u * u + v * v))


@njit(error_model="numpy")
def speed_limit(q, fastest):
    fastest[:] = -np.inf
    for i in range(q.shape[1]):
        rho, mx, my, energy = q[0, i], q[1, i], q[2, i], q[3, i]
        for j in range(fastest.size):
            u = mx[j] / rho[j]
            v = my[j] / rho[j]
            c = np.sqrt(GAMMA * pressure(rho[j], mx[j], my[j], energy[j]) / rho[j])
            fastest[j] = larger(fastest[j], larger(abs(u), abs(v)) + c)
    found = fastest[0]
    for s in fastest:
        if s > found or s != s:
            found = s
    return found


@njit
def states(left, right, before, here, after):
    """What the cell brings to its faces."""
    for j in range(here.size):
        a = here[j] - before[j]
        b = after[j] - here[j]
        slope = (a if abs(a) < abs(b) else b) if a * b > 0 else 0.0
        left[j] = here[j] + 0.5 * slope
        right[j] = here[j] - 0.5 * slope


@njit(error_model="numpy")
def motion(w, p, s, rho, m, mx, my, energy):
    """Velocity along the normal, pressure and signal speed."""
    for j in range(w.size):
        w[j] = m[j] / rho[j]
    for j in range(w.size):
        p[j] = pressure(rho[j], mx[j], my[j], energy[j])
    for j in range(w.size):
        s[j] = abs(w[j]) + np.sqrt(GAMMA * p[j] / rho[j])


@njit
def dissipation(s, s_left, s_right):
    for j in range(s.size):
        s[j] = 0.5 * larger(s_left[j], s_right[j])


@njit
def plain_flux(out, wl, ql, wr, qr, s):
    for j in range(out.size):
        out[j] = 0.5 * (wl[j] * ql[j] + wr[j] * qr[j]) - s[j] * (qr[j] - ql[j])


@njit
def normal_flux(out, wl, ql, pl, wr, qr, pr, s):
    for j in range(out.size):
        out[j] = 0.5 * (wl[j] * ql[j] + pl[j] + (wr[j] * qr[j] + pr[j])) - s[j] * (qr[j] - ql[j])


@njit
def energy_flux(out, wl, ql, pl, wr, qr, pr, s):
    for j in range(out.size):
        one, other = wl[j] * ql[j] + wl[j] * pl[j], wr[j] * qr[j] + wr[j] * pr[j]
        out[j] = 0.5 * (one + other) - s[j] * (qr[j] - ql[j])


@njit
def rusanov(flux, left, right, normal, work):
    wl, pl, sl, wr, pr, sr, s = work[0], work[1], work[2], work[3], work[4], work[5], work[6]
    motion(wl, pl, sl, left[0], left[normal], left[1], left[2], left[3])
    motion(wr, pr, sr, right[0], right[normal], right[1], right[2], right[3])
    dissipation(s, sl, sr)
    for k in range(3):
        if k == normal:
            normal_flux(flux[k], wl, left[k], pl, wr, right[k], pr, s)
        else:
            plain_flux(flux[k], wl, left[k], wr, right[k], s)
    energy_flux(flux[3], wl, left[3], pl, wr, right[3], pr, s)


@njit
def update(new, old, fx, north, south, factor):
    west, east = fx[:-1], fx[1:]
    for j in range(new.size):
        new[j] = old[j] - factor * (east[j] - west[j] + south[j] - north[j])


@njit
def step(new, q, factor, padded, x_states, y_left, y_right, y_next_left, fx, north, south, work):
    """Row buffers come from outside; ``fx[k, j]`` is the flux through the left face of cell j."""
    ny, nx = q.shape[1:]
    for i in range(-1, ny):
        # the face between rows i and i + 1
        row, after = i % ny, (i + 1) % ny
        if i == -1:
            for k in range(4):
                states(y_left[k], y_right[k], q[k, row - 1], q[k, row], q[k, after])
        for k in range(4):
            states(y_next_left[k], y_right[k], q[k, row], q[k, after], q[k, (i + 2) % ny])
        rusanov(south, y_left, y_right, 2, work[:, 1:])
        y_left, y_next_left = y_next_left, y_left
        if i >= 0:
            for k in range(4):
                padded[1:-1] = q[k, i]
                padded[0], padded[-1] = padded[-2], padded[1]
                left, right = x_states[0, k], x_states[1, k]
                states(left[1:], right[:-1], padded[:-2], padded[1:-1], padded[2:])
                left[0] = left[nx]
                right[nx] = right[0]
            rusanov(fx, x_states[0], x_states[1], 1, work)
            for k in range(4):
                update(new[k, i], q[k, i], fx[k], north[k], south[k], factor)
        north, south = south, north


@njit(error_model="numpy")
def flow(q, dx, time):
    nx = q.shape[2]
    given, new = q, np.empty_like(q)
    fastest, padded = np.empty(nx), np.empty(nx + 2)
    x_states, fx, work = np.empty((2, 4, nx + 1)), np.empty((4, nx + 1)), np.empty((7, nx + 1))
    y_left, y_right, y_next = np.empty((4, nx)), np.empty((4, nx)), np.empty((4, nx))
    north, south = np.empty((4, nx)), np.empty((4, nx))
    t = 0.0
    steps = 0
    while t < time:
        dt = 0.4 * dx / speed_limit(q, fastest)
        if t + dt > time:
            dt = time - t
        step(new, q, dt / dx, padded, x_states, y_left, y_right, y_next, fx, north, south, work)
        q, new = new, q
        t += dt
        steps += 1
    if steps % 2:
        given[:] = q
    return steps, t


def euler2d_muscl(q, dx, time):
    return flow(q, dx, time)


def least_bytes(returned, q, dx, time):
    """Read the state for the speed, read it and write the next, each step."""
    return returned[0] * 3 * q.nbytes
