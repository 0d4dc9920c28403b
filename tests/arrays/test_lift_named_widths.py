"""Widths of margins, taken ranges, gradients and conjugates as strangers write them become loops."""

import pytest

from pdeperf.model import Candidate
from tests.arrays.in_process import proposals
from tests.arrays.test_lift import check

pytestmark = pytest.mark.usefixtures("interpreted")

HEAD = """\
import numpy as np

n, m = 9, 7
u = np.sin(np.arange(n * m) * 0.7).reshape(n, m)
z = u + 1j * np.cos(np.arange(n * m) * 0.4).reshape(n, m)
log = []


def flux(f, axis, d):
    k = f.shape[axis]
    q = (np.take(f, range(1, k), axis=axis) - np.take(f, range(k - 1), axis=axis)) / d
    pad = [(0, 0)] * f.ndim
    pad[axis] = (1, 1)
    return np.pad(q, pad)


def padded(f, axis):
    return np.pad(f, tuple((1, 1) if a == axis else (0, 0) for a in range(f.ndim)), mode="edge")


def keep(f, axis):
    pad = [(0, 0)] * f.ndim
    log.append(pad)
    pad[axis] = (1, 1)
    return np.pad(f, pad, mode="edge")


"""
TAKEN = {
    "fluxes with zeros at the ends": "u = u + 0.01 * np.diff(flux(u, 0, 0.3), axis=0)\n"
    "u = u + 0.01 * np.diff(flux(u, 1, 0.2))",
    "widths by comprehension": "u = 0.5 * (padded(u, 0)[2:] + padded(u, 1)[:, :-2])",
    "in the loop itself": "w = [(0, 0), (0, 0)]\nw[1] = (1, 1)\nu = 0.5 * (u + np.pad(u, w)[:, 2:])",
    "changed between two": "w = [(1, 0), (0, 0)]\na = np.pad(u, w)[:-1]\n"
    "w[0] = (0, 1)\nu = 0.4 * (a + np.pad(u, w)[1:])",
    "complex numbers": "p = np.pad(z, 1)\nz = z + 0.1 * (p[2:, 1:-1] - 1j * p[1:-1, :-2])",
    "truth values": "p = np.pad(u > 0.1, 1)\nu = np.where(p[2:, 1:-1], 0.9 * u, u + 0.01)",
    "complex gradient": "a, b = np.gradient(z, 0.3)\nz = z + 0.01 * (a - 1j * b) / (2j - 0.3)",
    "edges of second order": "u = u - 0.01 * np.gradient(u, 0.1, axis=0, edge_order=2)",
    "conjugates": "r = np.conj(z) * z\nz = z + 0.01 * z.conj() * r.real",
    "parts of what the loop changes": "z *= 0.9\nr = np.real(u) + u.real\n"
    "z = z + 0.01 * (z.real + 1j * r * z.imag)",
    "conjugates of real numbers": "w = u.conj()\nw[0] = 0.3\nu = u + 0.1 * np.conj(u)",
}


def _loop(body: str) -> str:
    rows = "".join(f"    {row}\n" for row in body.splitlines())
    return f"{HEAD}for t in range(3):  # hot\n{rows}"


@pytest.mark.parametrize("body", TAKEN.values(), ids=TAKEN.keys())
def test_they_are_loops_that_compute_the_same(body, tmp_path):
    text = check(_loop(body), tmp_path)
    assert "np.pad(" not in text[text.index("@njit") : text.index("n, m = ")]


LEFT = {
    "stored to in between": "w = [(1, 1), (0, 0)]\na = np.pad(u, w)[2:]\nw[0], k = (2, 1), 0\n"
    "u = 0.5 * (a + u)",
    "widths that a log gets": "u = 0.5 * (keep(u, 0)[2:] + keep(u, 1)[:, :-2])",
    "widths read after the loop": "w = [(0, 0), (0, 0)]\nw[1] = (1, 1)\n"
    "u = 0.5 * (u + np.pad(u, w)[:, 2:])\nk = w",
    "widths of another step": "w = w0\nu = 0.5 * (u + np.pad(u, w)[:, 2:])\nw0[1] = (t % 2, 2 - t % 2)",
}


@pytest.mark.parametrize("body", LEFT.values(), ids=LEFT.keys())
def test_lists_that_others_see_compute_the_same(body, tmp_path):
    text = _loop(body).replace("log = []", "log = []\nw0 = [(0, 0), (1, 1)]")
    if any(isinstance(one, Candidate) for one in proposals(text, tmp_path)):
        check(text, tmp_path)
