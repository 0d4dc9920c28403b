"""States with a small fixed dimension: each component is an array of its own."""

import pytest

from tests.arrays.in_process import difference, proposals, rewritten, run

pytestmark = pytest.mark.usefixtures("interpreted")

HEAD = """\
import sys
import numpy as np

n, m, steps = (int(one) for one in (*sys.argv[1:], 9, 8, 5)[:3])
q = 2 + np.sin(np.arange(3 * n * m) * 0.7).reshape(3, n, m)
f = np.cos(np.arange(n * m * 9) * 0.3).reshape(n, m, 9) + 2
mask = np.arange(n * m).reshape(n, m) % 3 == 0
w = [1 / 2, 1 / 4, 1 / 4]
cx = np.array([0, 1, -1])


def minmod(a, b):
    return np.where(a * b > 0, np.where(np.abs(a) < np.abs(b), a, b), 0.0)


def flux(q):
    rho = q[0]
    u = q[1] / rho
    p = 0.4 * (q[2] - 0.5 * rho * u**2)
    g = u * q
    g[1] += p
    g[2] += u * p
    return g, np.abs(u) + np.sqrt(np.abs(p) / rho)


def equilibrium(rho, u):
    new = np.zeros((3, n, m))
    for k in range(3):
        cu = cx[k] * u
        new[k] = rho * w[k] * (1 + cu + 0.5 * cu**2)
    return new


"""
SIZES = [(), ("1", "1"), ("2", "3", "4"), ("3", "2", "3"), ("5", "1", "2")]

PROGRAMS = {
    "a state divided by its own parts": """\
for t in range(steps):  # hot
    u = q[1] / q[0]
    p = q[2] - 0.5 * q[0] * u**2
    q[1] += 0.1 * (np.roll(p, 1, axis=0) - p)
    q[2] = 0.9 * q[2] + 0.1 * u
""",
    "a rusanov step": """\
for t in range(steps):  # hot
    slope = minmod(q - np.roll(q, 1, axis=2), np.roll(q, -1, axis=2) - q)
    left, right = q + 0.5 * slope, np.roll(q - 0.5 * slope, -1, axis=2)
    gl, sl = flux(left)
    gr, sr = flux(right)
    face = 0.5 * (gl + gr) - 0.5 * np.maximum(sl, sr) * (right - left)
    q -= 0.01 * (face - np.roll(face, 1, axis=2))
""",
    "a new state each step": """\
for t in range(steps):  # hot
    change = np.empty_like(q)
    change[0] = q[1] - q[0]
    change[1] = np.roll(q[2], 1, axis=0) * q[0]
    change[2] = q[0]
    q = q + 0.01 * change
""",
    "streaming, collision and bounce-back": """\
for t in range(steps):  # hot
    for k in range(3):
        q[k] = np.roll(q[k], (cx[k], -cx[k]), axis=(0, 1))
    bounced = q[:, mask][[0, 2, 1]]
    rho = np.sum(q, axis=0)
    u = (q[1] - q[2]) / rho
    u[mask] = 0
    new = np.zeros_like(q)
    for k in range(3):
        new[k] = rho * w[k] * (1 + cx[k] * u)
    q += -(q - new) / 1.7
    q[:, mask] = bounced
""",
    "components last": """\
for t in range(steps):  # hot
    for k, c in zip(range(9), [0, 1, 2, -1, -2, 0, 1, -1, 0]):
        f[:, :, k] = np.roll(f[:, :, k], c, axis=1)
    rho = f[:, :, 0] + f[:, :, 1] + f[:, :, 2] + f[:, :, 3]
    f[..., 0] = 0.5 * rho + 0.5 * f[..., 8]
    f[..., 4] = f[..., 5] + 0.25 * f[..., 6] - f[..., 7]
""",
    "components exchanged": """\
for t in range(steps):  # hot
    q[0], q[1] = q[1] + 0.1, q[0] * 0.9
    q[1:] = q[:2] * 0.5 + q[2]
    q[2, 0] = q[1, 0]
""",
    "edges of all components": """\
for t in range(steps):  # hot
    q[:, 1:-1] = q[:, 1:-1] + 0.1 * (q[:, 2:] - q[:, :-2])
    q[:, 0] = q[:, 1]
    q[1, -1] = -q[1, -2]
    q[0] += 0.1 * q[2]
""",
    "views that a reduction stands between": """\
for t in range(steps):  # hot
    rho = q[0]
    u = q[1] / rho
    p = q[2, :, :]
    dt = 0.1 / np.max(np.abs(u) + p)
    rest = p - rho * u
    q[0] += dt * (np.roll(rest, 1, axis=0) - rho)
    top = np.max(rho)
    q[2] = p * 0.9 + top
""",
    "old values beside new ones": """\
for t in range(steps):  # hot
    q[0], q[2] = q[2] + 1, q[0] * 0.5
    q[1:] = q[:2] * 0.3 + q[0]
""",
    "masked twice": """\
for t in range(steps):  # hot
    u = q[0] * q[1]
    u[mask] = 1
    u[u > 4] = -u[u > 4]
    q[2] = u + np.roll(u, 1, axis=1)
    q[2][mask] = 0.5
    q[0] = q[2] * 0.1 + 1
""",
    "an equilibrium of all directions from a function": """\
for t in range(steps):  # hot
    rho = np.sum(q, axis=0)
    after = q - (q - equilibrium(rho, q[1] / rho)) / 1.7
    for k in range(3):
        q[k] = np.roll(np.roll(after[k], cx[k], axis=0), -cx[k], axis=1)
    q[1, 0] = after[2, 0]
    q[2, -1] = after[1, -1]
""",
    "a sum over all components": """\
for t in range(steps):  # hot
    q[0] = q[1] + 0.1
    q[1] = q[0] * q[2]
    total = np.max(np.abs(q))
    q[2] = q[2] / total
""",
}


@pytest.mark.parametrize("title", PROGRAMS)
def test_each_component_becomes_what_it_was(title, tmp_path):
    text = HEAD + PROGRAMS[title]
    sizes = [(), ("3", "1", "4"), ("4", "3")] if "edges" in title else SIZES
    found = [one for one in proposals(text, tmp_path) or [] if hasattr(one, "patches")]
    assert found
    for argv in sizes:
        before = run(text, argv, tmp_path)
        for one in found:
            after = run(rewritten(one), argv, tmp_path)
            assert not difference(before, after, one.forgets, exact=True)


def test_other_numbers_of_components_run_as_they_were(tmp_path):
    text = HEAD + PROGRAMS["a state divided by its own parts"]
    found = [one for one in proposals(text, tmp_path) or [] if hasattr(one, "patches")]
    wider = "q = np.concatenate((q, q))\n"
    changed = text.replace("w = [", wider + "w = [")
    before = run(changed, (), tmp_path)
    for one in found:
        after = run(rewritten(one).replace("w = [", wider + "w = ["), (), tmp_path)
        assert not difference(before, after, one.forgets, exact=True)


def test_the_first_rows_of_a_small_grid_are_no_components(tmp_path):
    text = HEAD + "u = q[0]\nfor t in range(steps):  # hot\n    u[0] = u[1]\n    u *= 0.5\n"
    found = [one for one in proposals(text, tmp_path) or [] if hasattr(one, "patches")]
    assert found
    assert not any("shape[0] == 9" in one.patches[0].after for one in found)


def test_an_array_that_nobody_else_reads_is_not_filled(tmp_path):
    text = (
        HEAD
        + """
def relax(q, steps):
    new = np.zeros_like(q)
    seen = np.zeros_like(q)
    for t in range(steps):  # hot
        rho = np.sum(q, axis=0)
        for k in range(3):
            new[k] = rho * w[k]
            seen[k] = rho + w[k]
        q += -(q - new) / 1.7
    return q, new.shape, seen


relaxed, shape, seen = relax(q, steps)
"""
    )
    found = [one for one in proposals(text, tmp_path) or [] if hasattr(one, "patches")]
    assert found
    for one in found:
        kernel = one.patches[0].after.partition("def minmod")[0]
        assert "seen[0, " in kernel and "new[0, " not in kernel
        assert any("new" in name for name in one.forgets)
    for argv in SIZES:
        before = run(text, argv, tmp_path)
        for one in found:
            after = run(rewritten(one), argv, tmp_path)
            assert not difference(before, after, one.forgets, exact=True)


def test_an_array_read_before_it_is_filled_again_is_kept(tmp_path):
    text = (
        HEAD
        + """
def relax(q, steps):
    new = np.zeros_like(q)
    for t in range(steps):  # hot
        q += 0.1 * new[0]
        for k in range(3):
            new[k] = np.roll(q[k], 1, axis=0) * w[k]
    return q


relaxed = relax(q, steps)
"""
    )
    found = [one for one in proposals(text, tmp_path) or [] if hasattr(one, "patches")]
    assert found
    for argv in SIZES:
        before = run(text, argv, tmp_path)
        for one in found:
            after = run(rewritten(one), argv, tmp_path)
            assert not difference(before, after, one.forgets, exact=True)


@pytest.mark.parametrize(
    "body",
    [
        "    q[1] = rho + 1\n    if t % 2:\n        log.append(float(rho.max()))\n",
        "    q = q * 0.5\n    top = np.max(q)\n    u = u + rho * top\n",
        "    q, r = r, q\n    u = u + rho\n    top = np.max(u)\n    r[1] = rho * top\n",
        "    for k in range(t):\n        u = u + rho\n    q[0] = u * 0.1\n",
        "    if t == 2:\n        rho = q[1] + 1\n    u = u + rho\n    q[2] = u\n",
        "    rho[1:] = rho[:-1] * 0.5\n    top = np.max(q)\n    u = u + rho * top\n    q[0] = u\n",
    ],
)
def test_views_that_outlive_a_reduction_stay_views(body, tmp_path):
    head = HEAD + "r = q * 0.3\nu = q[0] * 1\nlog = []\nrho = q[2]\n"
    start = "for t in range(steps):  # hot\n    u = u * 0.5 + rho\n    rho = q[0]\n"
    start += "    dt = 0.1 / np.max(np.abs(rho))\n"
    text = head + start + "    u = u + dt * rho\n" + body + "result = rho.sum()\n"
    found = [one for one in proposals(text, tmp_path) or [] if hasattr(one, "patches")]
    for argv in SIZES:
        before = run(text, argv, tmp_path)
        for one in found:
            after = run(rewritten(one), argv, tmp_path)
            assert not difference(before, after, one.forgets, exact=True)


def test_elements_exchanged_are_read_before_either_is_stored(tmp_path):
    body = "u, v = q[0, 0].copy(), q[1, 0].copy()\nfor t in range(steps):  # hot\n"
    text = HEAD + body + "    u[0], v[-1] = v[-1], u[0]\n    q[2] = q[2] * 0.5\n"
    for argv in SIZES:
        before = run(text, argv, tmp_path)
        for one in proposals(text, tmp_path) or []:
            if hasattr(one, "patches"):
                after = run(rewritten(one), argv, tmp_path)
                assert not difference(before, after, one.forgets, exact=True)


CHANNEL = """\
import numpy as np


def parts(U):
    return U[:, 0], U[:, 1] / U[:, 0]


def flux(U):
    h, u = parts(U)
    out = np.empty_like(U)
    out[:, 0] = h * u
    out[:, 1] = h * u * u + 0.5 * h * h
    return out


class Channel:
    def __init__(self):
        self.U = np.ones((40, 2))
        self.U[:20, 0] = 2.0
        self.t = 0.0

    def step(self):
        h, u = parts(self.U)
        dt = 0.4 / np.max(np.abs(u) + np.sqrt(h))
        f = flux(self.U)
        mean = 0.5 * (f[1:] + f[:-1]) - 0.6 * (self.U[1:] - self.U[:-1])
        new = self.U.copy()
        new[1:-1] -= dt * (mean[1:] - mean[:-1])
        self.U = new
        self.t += dt


channel = Channel()
while channel.t < 2.0:
    channel.step()  # hot
U, t = channel.U, channel.t
"""


def test_components_of_an_array_that_is_bound_anew_are_taken_apart(tmp_path):
    found = proposals(CHANNEL, tmp_path)
    before = run(CHANNEL, (), tmp_path)
    assert found
    for one in found:
        after = run(rewritten(one), (), tmp_path)
        assert not difference(before, after, one.forgets, exact=True)
    text = rewritten(found[0])
    assert "channel.U.shape[1] == 2" in text
    assert text.count("@njit") <= 2
