"""Truth values and integers: converted, counted, added up."""

import pytest

from tests.arrays.test_lift import HEAD, check

pytestmark = pytest.mark.usefixtures("interpreted")

BODIES = {
    "as integers": "k = (u > 0.2).astype(int)\nu = u - 0.1 * k * v\nv = 0.9 * v + (u > 0.4).astype(float)",
    "as they are": "w = u.astype(np.float64)\nu = 0.5 * (w + v)\nw += 1.0\nv = 0.3 * w",
    "as truth values": "b = u.astype(bool)\nv = np.where(b, 0.5 * v, 1.0)\nu = u * 0.9",
    "counted": "k = (u > 0.2).astype(int)\nu = 0.9 * u * k + v\nlog.append(type(k.sum()).__name__)",
    "number counted": "u = 0.5 * (u + v)\nmany = np.sum(u > 0.1)\nu = u + 0.01 * many\nv = v - 0.1 * u",
    "of integers": "k = (9 * u > v).astype(int) * 3\nu = u * 0.9\nw = np.sum(k * k)\nv = 0.9 * v",
    "toppled": """\
Z = (10 * u).astype(bool).astype(int) * 6
over = Z >= 4
k = over.astype(int)
Z -= 4 * k
Z[1:, :] += k[:-1, :]
Z[:-1, :] += k[1:, :]
if not over.any():
    break
log.append(int(k.sum()))
u = u * Z * 0.2""",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_counting_computes_the_same(body, tmp_path):
    rows = "".join(f"    {row}\n" for row in body.splitlines())
    check(f"{HEAD}for t in range(4):  # hot\n{rows}", tmp_path)
