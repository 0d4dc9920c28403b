"""Arrays whose components lie in the last dimension, read around their ends."""

import pytest

from tests.arrays.test_lift import check

pytestmark = pytest.mark.usefixtures("interpreted")

LATTICE = """\
import numpy as np

nx, ny, tau = 8, 6, 0.6
idxs = np.arange(9)
cxs = np.array([0, 0, 1, 1, 1, 0, -1, -1, -1])
cys = np.array([0, 1, 1, 0, -1, -1, -1, 0, 1])
weights = np.array([4/9, 1/9, 1/36, 1/9, 1/36, 1/9, 1/36, 1/9, 1/36])
F = np.ones((ny, nx, 9)) + 0.01 * np.sin(np.arange(ny * nx * 9)).reshape(ny, nx, 9)
for it in range(3):
    for i, cx, cy in zip(idxs, cxs, cys):
        F[:, :, i] = np.roll(F[:, :, i], cx, axis=1)
        F[:, :, i] = np.roll(F[:, :, i], cy, axis=0)
    rho = np.sum(F, 2)
    ux = np.sum(F * cxs, 2) / rho
    G = np.zeros(F.shape)
    for i, cx, w in zip(idxs, cxs, weights):
        G[:, :, i] = rho * w * (1 + 3 * cx * ux + 9 * (cx * ux)**2 / 2)  # hot
    F += -(1.0 / tau) * (F - G)
"""


def test_a_lattice_with_its_directions_last_computes_the_same(tmp_path):
    check(LATTICE, tmp_path)


def test_a_step_is_one_kernel_though_it_is_drawn_now_and_then(tmp_path):
    drawn = """\
    if it == 1:
        log.clear()
        ux[F[:, :, 0] > 1.0] = 0.0
        log.append(ux.sum())
        log.append(np.cumsum(rho[0])[-1])
"""
    text = check("log = []\n" + LATTICE + drawn, tmp_path)
    assert text.index("np.roll") > text.index("else:")
