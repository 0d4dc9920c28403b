# 2D FDTD TM mode with PML (after Sullivan)
import numpy as np
from math import exp
from numba import njit


@njit(cache=True)
def update_d(dz, hx, hy, gi2, gi3, gj2, gj3):
    ie, je = dz.shape
    for i in range(1, ie):
        for j in range(1, je):
            dz[i, j] = gi3[i] * gj3[j] * dz[i, j] + gi2[i] * gj2[j] * 0.5 * (hy[i, j] - hy[i - 1, j] - hx[i, j] + hx[i, j - 1])


@njit(cache=True)
def update_eh(dz, ez, ga, hx, hy, ihx, ihy, fi1, fi2, fi3, fj1, fj2, fj3):
    ie, je = dz.shape
    for i in range(1, ie):
        for j in range(1, je):
            ez[i, j] = ga[i, j] * dz[i, j]
    for i in range(ie - 1):
        for j in range(je - 1):
            curl_e = ez[i, j] - ez[i, j + 1]
            ihx[i, j] = ihx[i, j] + curl_e
            hx[i, j] = fj3[j] * hx[i, j] + fj2[j] * (0.5 * curl_e + fi1[i] * ihx[i, j])
            curl_e = ez[i, j] - ez[i + 1, j]
            ihy[i, j] = ihy[i, j] + curl_e
            hy[i, j] = fi3[i] * hy[i, j] - fi2[i] * (0.5 * curl_e + fj1[j] * ihy[i, j])


ie = 60
je = 60
ic = int(ie / 2 - 5)
jc = int(je / 2 - 5)
ddx = 0.01
dt = ddx / 6e8
epsz = 8.854e-12

ez = np.zeros((ie, je))
dz = np.zeros((ie, je))
hx = np.zeros((ie, je))
hy = np.zeros((ie, je))
ihx = np.zeros((ie, je))
ihy = np.zeros((ie, je))
ga = np.ones((ie, je))

gi2 = np.ones(ie); gi3 = np.ones(ie)
fi1 = np.zeros(ie); fi2 = np.ones(ie); fi3 = np.ones(ie)
gj2 = np.ones(je); gj3 = np.ones(je)
fj1 = np.zeros(je); fj2 = np.ones(je); fj3 = np.ones(je)

npml = 8
for n in range(npml):
    xnum = npml - n
    xd = npml
    xxn = xnum / xd
    xn = 0.33 * xxn ** 3
    gi2[n] = 1 / (1 + xn)
    gi2[ie - 1 - n] = 1 / (1 + xn)
    gi3[n] = (1 - xn) / (1 + xn)
    gi3[ie - 1 - n] = (1 - xn) / (1 + xn)
    gj2[n] = 1 / (1 + xn)
    gj2[je - 1 - n] = 1 / (1 + xn)
    gj3[n] = (1 - xn) / (1 + xn)
    gj3[je - 1 - n] = (1 - xn) / (1 + xn)
    xxn = (xnum - 0.5) / xd
    xn = 0.33 * xxn ** 3
    fi1[n] = xn
    fi1[ie - 2 - n] = xn
    fi2[n] = 1 / (1 + xn)
    fi2[ie - 2 - n] = 1 / (1 + xn)
    fi3[n] = (1 - xn) / (1 + xn)
    fi3[ie - 2 - n] = (1 - xn) / (1 + xn)
    fj1[n] = xn
    fj1[je - 2 - n] = xn
    fj2[n] = 1 / (1 + xn)
    fj2[je - 2 - n] = 1 / (1 + xn)
    fj3[n] = (1 - xn) / (1 + xn)
    fj3[je - 2 - n] = (1 - xn) / (1 + xn)

t0 = 40
spread = 12
nsteps = 600
probe = []

for time_step in range(1, nsteps + 1):
    update_d(dz, hx, hy, gi2, gi3, gj2, gj3)
    # source
    pulse = exp(-0.5 * ((t0 - time_step) / spread) ** 2)
    dz[ic, jc] = pulse
    update_eh(dz, ez, ga, hx, hy, ihx, ihy, fi1, fi2, fi3, fj1, fj2, fj3)
    probe.append(ez[ic + 10, jc + 10])
    if time_step % 50 == 0:
        print(time_step, ez[ic + 10, jc + 10], np.max(np.abs(ez)))

np.savez('fdtd_result.npz', ez=ez, probe=np.array(probe))
