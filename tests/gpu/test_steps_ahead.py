"""Loops that a residual steers: the GPU takes steps ahead, and all is as if it had not."""

import textwrap

import pytest

from tests.gpu import strict_cupy
from tests.gpu.test_offload import finding
from tests.gpu.test_several_steps import HEAD, SIZES

pytestmark = pytest.mark.skipif(not strict_cupy.COMPILER, reason="no C++ compiler to run kernels with")

JACOBI = "u[1:-1, 1:-1] = 0.25 * (un[2:, 1:-1] + un[:-2, 1:-1] + un[1:-1, 2:] + un[1:-1, :-2])"
AHEAD = {
    "until converged": f"""
err, it, errs = 1.0, 0, []
while err > 2e-2 and it < 60:  # hot
    un = u.copy()
    {JACOBI}
    err = np.max(np.abs(u - un)) / 1.5
    errs.append(err)
    it += 1
errs = np.array(errs)
""",
    "a break, and a look now and then": f"""
seen, it = [], 0
for it in range(3 * nt):  # hot
    un = u.copy()
    {JACOBI}
    change = np.abs(u[1:-1, 1:-1] - un[1:-1, 1:-1]).max()
    if it % 5 == 0:
        seen.append(u.sum())
    if it % 7 == 3:
        u[1, 1] = 0.5
    if change < 1e-2:
        break
seen = np.array(seen)
""",
    "new arrays, rolled": """
res, k = 1.0, 0
while res > 1e-3 and k < nt:  # hot
    new = u + 0.1 * (np.roll(u, 1, 0) + np.roll(u, -1, 0) - 2 * u)
    res = np.abs(new - u).max()
    u = new
    k += 1
""",
    "names that take turns": """
low, k = 0.0, 0
v[:] = u
while low > -10 and k < nt:  # hot
    v[1:-1, 1:-1] = 0.25 * (u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2])
    low = np.min(v - u)
    u, v = v, u
    k += 1
""",
    "a mean of squares": """
rms, k = 1.0, 0
while rms > 1e-5 and k < nt:  # hot
    un = u.copy()
    u[:, 1:-1] += 0.2 * (un[:, 2:] - 2 * un[:, 1:-1] + un[:, :-2])
    rms = np.mean((u - un) ** 2)
    k += 1
""",
    "two numbers are made one after the other": """
for k in range(nt):  # hot
    un = u.copy()
    u[1:-1, :] += 0.2 * (un[2:, :] - 2 * un[1:-1, :] + un[:-2, :])
    high = np.max(u)
    low = np.min(u)
    if high - low < 0.5:
        break
""",
    "steps of a number that the same step makes are taken one by one": """
for k in range(nt):  # hot
    un = u.copy()
    u[1:-1, :] += 0.2 * (un[2:, :] - 2 * un[1:-1, :] + un[:-2, :])
    v -= v.mean()
""",
    "steps of a coefficient that changes are taken one by one": """
c, err, k = 0.1, 1.0, 0
while err > 1e-3 and k < nt:  # hot
    un = u.copy()
    u[1:-1, :] += c * (un[2:, :] - 2 * un[1:-1, :] + un[:-2, :])
    err = np.max(np.abs(u - un))
    c = 0.1 + 0.01 * err
    k += 1
""",
}


@pytest.mark.parametrize("name", AHEAD)
def test_steps_taken_ahead_are_the_loops_own(name, tmp_path):
    found = finding(HEAD + textwrap.dedent(AHEAD[name]), (*SIZES, ("40", "40", "23")), tmp_path)
    assert found.word == "same", f"{found.details} {found.argv}\n{found.candidate}"
    assert ("numbers_in_tiles(" in found.candidate) != name.startswith(("steps of a", "two numbers"))
