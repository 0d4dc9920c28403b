"""SciPy's stencils with small constant weights become loops that add up in SciPy's order."""

import pytest

from pdeperf.model import Candidate, Safety
from tests.arrays.in_process import proposals
from tests.arrays.test_lift import check

pytestmark = pytest.mark.usefixtures("interpreted")

HEAD = """\
import numpy as np
import scipy.ndimage as nd
from scipy import ndimage
from scipy.ndimage import convolve, correlate, laplace
from scipy.signal import convolve2d

n, m, dx = 7, 6, 0.1
u = np.sin(np.arange(n * m) * 0.7).reshape(n, m)
v = np.cos(u)
print(n)
u[0, 0], v[1, 1] = -0.0, np.nan
p = np.sin(np.arange(20) * 0.3)
z = np.sin(np.arange(4 * 5 * 3) * 0.3).reshape(4, 5, 3)
cross = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
box = np.array([[0.05, 0.2, 0.05], [0.2, -1.0, 0.2], [0.05, 0.2, 0.03]])
slope = np.array([[0, 0, 0], [-1, 0, 1], [0, 0, 0]]) / (2 * dx)


def laplacian(a):
    return convolve(a, cross, mode="wrap") / dx**2


def smooth(a):
    weights = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16
    return ndimage.convolve(a, weights)


class Grid:
    def __init__(self):
        self.weights = np.array([[0.25, 0.5, 0.25], [0.5, -3, 0.5], [0.25, 0.5, 0.25]])

    def spread(self, a):
        return convolve2d(a, self.weights, mode="same", boundary="symm")


grid = Grid()


def change():
    cross[1, 1] = -3
"""

STENCILS = {
    "convolve": "u = u + 0.01 * laplacian(u)",
    "weights of a function": "u = u + 0.1 * smooth(u)",
    "laplace": "u = u + 0.1 * laplace(u) + 0.01 * nd.laplace(v, mode='wrap')",
    "laplace of a row": "p = p + 0.1 * laplace(p, mode='nearest')",
    "laplace in three dimensions": "z = z + 0.1 * laplace(z, mode='constant')",
    "weights of an object": "u = u + 0.05 * grid.spread(u)",
    "convolve2d around": "u = u + 0.05 * convolve2d(u, cross, mode='same', boundary='wrap')",
    "convolve2d with zeros around": "u = u + 0.05 * convolve2d(v, box, 'same')",
    "correlate": "u = u + 0.05 * correlate(v, slope, mode='nearest') * u\n"
    "u = u + 0.1 * convolve(v, slope, mode='mirror')",
    "weights on the spot": "u = u + 0.05 * convolve(u, [[0, 1, 0], [1, -4, 1], [0, 2, 0]], mode='wrap')",
}


def loop(body: str) -> str:
    rows = "".join(f"    {row}\n" for row in body.splitlines())
    return f"{HEAD}for t in range(3):  # hot\n{rows}"


@pytest.mark.parametrize("body", STENCILS.values(), ids=STENCILS.keys())
def test_a_stencil_is_a_loop_with_the_same_bits(body, tmp_path):
    text = check(loop(body), tmp_path)
    kernel = text[text.index("@njit") : text.index("n, m, dx = ")]
    assert not any(word in kernel for word in ("convolve", "correlate", "laplace"))
    found = [one for one in proposals(loop(body), tmp_path) if isinstance(one, Candidate)]
    assert all(one.safety is Safety.EXACT for one in found)


KEPT = {
    "that change": "u = u + 0.05 * convolve(u, cross, mode='wrap')\nchange()",
    "stored to": "u = u + 0.05 * convolve(u, box, mode='wrap')\nbox[1, 1] = 0",
    "of another size": "w = convolve2d(u, box)\nu = u + 0.01 * w[1:-1, 1:-1]",
}


@pytest.mark.parametrize("body", KEPT.values(), ids=KEPT.keys())
def test_weights_that_are_not_known_compute_the_same(body, tmp_path):
    text = loop(body)
    if any(isinstance(one, Candidate) for one in proposals(text, tmp_path)):
        check(text, tmp_path)
