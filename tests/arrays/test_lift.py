"""What people write with NumPy becomes loops that compute the same."""

import pytest

from pdeperf.model import Candidate, Safety
from tests.arrays.in_process import difference, proposals, rewritten, run

pytestmark = pytest.mark.usefixtures("interpreted")

HEAD = """\
import numpy as np

n, m = 9, 8
u = np.sin(np.arange(n * m) * 0.7).reshape(n, m)
v = np.cos(u)
log = []
CX = np.array([0, 1, -1, 2])
WEIGHTS = [0.4, 0.3, 0.2, 0.1]
"""


def check(text: str, tmp_path) -> str:
    """The first rewrite of the line marked hot; every one computes the same."""
    found = [one for one in proposals(text, tmp_path) or [] if isinstance(one, Candidate)]
    assert found
    before = run(text, (), tmp_path)
    assert not before.raised
    for one in found:
        after = run(rewritten(one), (), tmp_path)
        assert not difference(before, after, one.forgets, exact=one.safety is Safety.EXACT)
    return rewritten(found[0])


BODIES = {
    "padded at the edges": "p = np.pad(u, 1, mode='edge')\nu = u + 0.1 * (p[2:, 1:-1] - u)",
    "padded around": "p = np.pad(u, ((1, 2), (0, 1)), 'wrap')\nu = 0.5 * (p[2:-1, :-1] + p[1:-2, 1:])",
    "padded with zeros": "p = np.pad(u, 1)\nu = u + 0.1 * (p[2:, 1:-1] - p[1:-1, :-2])",
    "padded by reflection": "p = np.pad(u, 2, mode='reflect')\nu = 0.5 * (p[4:, 2:-2] + p[2:-2, :-4])",
    "padded symmetrically": "p = np.pad(u, 2, mode='symmetric')\nu = 0.5 * (p[4:, 2:-2] + p[2:-2, :-4])",
    "gradient": "gx, gy = np.gradient(u, 0.1, 0.2)\nu = u - 0.01 * (gx * gx + gy)",
    "gradient along an axis": "u = u - 0.01 * np.gradient(u, 0.1, axis=1)",
    "stacked states": "s = np.array([u, v])\nf = np.stack((s[1] * s[0], s[0]), axis=0)\n"
    "d = s - 0.1 * (np.roll(f, 1, axis=1) - f)\nu, v = d[0].copy(), d[1].copy()",
    "unpacked states": "a, b = np.array([u, v])\nu = a * b\nv = a + b",
    "joined": "e = np.concatenate((u[-1:], u, u[:1]))\nu = 0.5 * (e[2:] + e[:-2])",
    "joined around": "e = np.concatenate(([u[0, -1]], u[0], [u[0, 0]]))\nu[0] = 0.5 * (e[2:] + e[:-2])",
    "arrays of one number": "w = u - np.full(u.shape, 0)\n"
    "u = u + 0.1 * np.roll(w, 1, axis=0) - np.full((n, m), 0.2)",
    "clipped at one end": "u = np.clip(u - 0.1 * v, 0, None)",
    "a shift with a name": "s, one = -1, 1\nu = u - 0.1 * (np.roll(u, one, axis=0) - np.roll(u, s, axis=0))",
    "a loop over numbers": "w = np.zeros_like(u)\nfor k in range(4):\n"
    "    w += WEIGHTS[k] * np.roll(u, CX[k], axis=0)\nu = w",
    "a loop over tables": "w = np.zeros_like(u)\nfor c, d in zip(CX, WEIGHTS):\n"
    "    w += d * np.roll(u, -c, axis=1) + c\nu = w",
    "a loop over arrays together": "state = (u, v)\nfluxes = (0.1 * u * v, np.roll(v, 1, axis=0))\nnew = []\n"
    "for q, f in zip(state, fluxes):\n    p = q.copy()\n    p[1:-1] = q[1:-1] - (f[2:] - f[:-2])\n"
    "    new.append(p)\n"
    "u, v = new",
    "a loop over arrays of a list": "parts = [u, v, u - v]\nw = np.zeros_like(u)\n"
    "for k, a in enumerate(parts):\n    w += 0.1 * (k + 1) * np.roll(a, k, axis=1)\nu = w",
    "a loop over pairs": "for i, j in ((1, 1), (2, 2), (1, 2), (2, 1)):\n"
    "    u[i:-1:2, j:-1:2] += 0.2 * (u[i - 1:-2:2, j:-1:2] - u[i:-1:2, j:-1:2])",
    "sums along axes": "s = np.array([u, v, u * v])\nr = s.sum(axis=0)\nu = u + 0.1 * r / np.mean(s, axis=0)",
    "many along the last axis": "s = np.stack([u, v, u, u, v, v, u - v, u, v], axis=-1)\n"
    "u = 0.1 * np.sum(s * 0.5, 2)",
    "extremes along an axis": "s = np.array([u, v])\nu = u - 0.1 * s.max(axis=0)\n"
    "v = v + 0.1 * np.min(s, axis=0)",
    "a point source": "u[1:-1] += 0.1 * (v[2:] - v[:-2])\nu[n // 2, (m + 1) // 2] += 0.3\n"
    "v = 0.9 * v + 0.1 * u",
    "out": "np.add(u[2:], u[:-2], out=v[1:-1])\nnp.multiply(v, 0.5, out=v)\nu[1:-1] = v[1:-1]",
    "out by place": "np.subtract(u, v, v)\nnp.clip(v, -0.5, None, out=v)\nu += v",
    "several kinds": "a, k = u * v, 3.0\nu = a / k",
    "parts at once": "a = u[2:] - 2 * u[1:-1] + u[:-2]\n"
    "u[1:-1], v[1:-1] = u[1:-1] + 0.1 * a * v[1:-1], v[1:-1] + 0.2 * u[1:-1]",
    "parts that are exchanged": "u[0], u[-1] = u[-2], u[1]\nu[0], u[1] = u[1], u[0]\n"
    "v[0, 1:], a = 0, u * v\nv += a",
    "parts put aside": "u[0], v[:, 0] = v[1] + u[0], u[:, 1] - v[:, -1] * u[0, 1]",
    "a mask over a part": "b = u[2:, 1:-1] > v[1:-1, 2:]\nu[1:-1, 1:-1][b] = 0.5\n"
    "v[1:-1, 1:-1][~b] += u[1:-1, 1:-1][~b]",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_what_makes_arrays_of_arrays_becomes_loops(body, tmp_path):
    rows = "".join(f"    {row}\n" for row in body.splitlines())
    text = check(f"{HEAD}for t in range(3):  # hot\n{rows}", tmp_path)
    assert "@njit" in text


def test_a_number_made_inside_a_function_is_computed_there(tmp_path):
    check(
        HEAD + "def slope(z):\n"
        "    top = np.abs(z).max()\n"
        "    half = 0.5 * top\n"
        "    return (z - np.roll(z, 1, 0)) * half + z / np.max(z * z)\n\n\n"
        "for t in range(3):  # hot\n"
        "    u = u - 0.1 * slope(u)\n"
        "    u = u - 0.1 * slope(u)\n",
        tmp_path,
    )


def test_a_number_in_a_sum_of_numbers_is_computed_once_and_in_numpys_order(tmp_path):
    text = check(
        HEAD + "means = np.zeros(3)\n"
        "for t in range(3):  # hot\n"
        "    u[1:-1] = 0.5 * (u[2:] + u[:-2])\n"
        "    means[t] = 0.5 * np.mean(u**2) + np.abs(u).max()\n",
        tmp_path,
    )
    assert "pairwise_sum(" in text and text.count("np.mean(") == 1


def test_short_loops_of_a_function_are_written_out(tmp_path):
    text = check(
        HEAD + "def slope(z):\n"
        "    s = np.zeros_like(z)\n"
        "    for k in range(1, 3):\n"
        "        s[2:-2] += WEIGHTS[k] * (z[2 + k : n - 2 + k] - z[2 - k : n - 2 - k])\n"
        "    return s\n\n\n"
        "for t in range(3):  # hot\n"
        "    u = u - 0.1 * slope(u) * slope(v)\n",
        tmp_path,
    )
    assert "slope(u)" not in text.split("else:")[0]


def test_constants_of_a_function_are_put_in(tmp_path):
    check(
        HEAD + "def both(z):\n"
        "    right, left = -1, 1\n"
        "    return np.roll(z, right, axis=0), np.roll(z, left, axis=0)\n\n\n"
        "for t in range(3):  # hot\n"
        "    a, b = both(u)\n"
        "    u = 0.5 * (a + b)\n",
        tmp_path,
    )


def test_an_attribute_is_bound_to_its_new_array(tmp_path):
    text = check(
        HEAD + "class Field:\n"
        "    def __init__(self, u):\n"
        "        self.u = u\n\n"
        "    def run(self, steps):\n"
        "        for t in range(steps):  # hot\n"
        "            self.u = self.u + 0.1 * (np.roll(self.u, 1, 0) - self.u)\n\n\n"
        "field = Field(u)\n"
        "field.run(4)\n"
        "result = field.u\n",
        tmp_path,
    )
    assert "self.u = " in text


def test_methods_of_an_object_are_put_in(tmp_path):
    text = check(
        HEAD + "class Field:\n"
        "    def __init__(self, u):\n"
        "        self.u, self.c = u, 0.1\n\n"
        "    def slope(self):\n"
        "        return np.roll(self.u, 1, 0) - self.u\n\n"
        "    def step(self):\n"
        "        self.u = self.u + self.c * self.slope()\n\n\n"
        "field = Field(u)\n"
        "for t in range(4):  # hot\n"
        "    field.step()\n"
        "result = field.u\n",
        tmp_path,
    )
    assert "type(field) is Field" in text


STATE = (
    HEAD + "def step(state, p):\n"
    "    state['u'][1:-1] += p['c'] * (state['v'][2:] - state['v'][:-2])\n"
    "    state['v'] -= p['c'] * state['u']\n\n\n"
    "p = {'c': 0.2}\n"
    "state = {'u': u, 'v': v}\n"
)


def test_arrays_in_a_dict_are_updated_where_they_stand(tmp_path):
    check(STATE + "for t in range(4):  # hot\n    step(state, p)\n", tmp_path)


def test_entries_of_a_dict_that_become_other_arrays_are_left_alone(tmp_path):
    body = (
        "for t in range(4):  # hot\n    step(state, p)\n    state['u'] = state['u'] * 0.5\nr = state['u']\n"
    )
    text = STATE + body
    before = run(text, (), tmp_path)
    for one in proposals(text, tmp_path) or []:
        if isinstance(one, Candidate):
            assert not difference(before, run(rewritten(one), (), tmp_path), one.forgets, exact=True)


def test_a_dict_that_holds_one_array_twice_is_left_to_numpy(tmp_path):
    text = STATE.replace("'v': v}", "'v': v}\nif case: state['v'] = state['u']")
    text = text.replace("n, m =", "import sys\ncase = len(sys.argv) > 1\nn, m =")
    text += "for t in range(4):  # hot\n    step(state, p)\n"
    found = [one for one in proposals(text, tmp_path) or [] if isinstance(one, Candidate)]
    assert found
    before = run(text, ("twice",), tmp_path)
    assert not difference(
        before, run(rewritten(found[0]), ("twice",), tmp_path), found[0].forgets, exact=True
    )


def test_a_table_that_is_changed_is_not_put_in(tmp_path):
    text = HEAD.replace("CX = np", "import sys\nCX = np") + "if len(sys.argv) > 1: CX[0] = 3\n"
    text += "for t in range(2):  # hot\n    for k in range(4):\n        u = u + 0.1 * np.roll(u, CX[k], 0)\n"
    found = [one for one in proposals(text, tmp_path) or [] if isinstance(one, Candidate)]
    assert found
    for argv in ((), ("other",)):
        before, after = run(text, argv, tmp_path), run(rewritten(found[0]), argv, tmp_path)
        assert not difference(before, after, found[0].forgets, exact=True)


def test_single_precision_is_widened_by_an_array_of_one_number(tmp_path):
    text = """
import numpy as np
u = (np.arange(40, dtype=np.float32) / 7).reshape(5, 8)
out = np.zeros((5, 8))
for n in range(4):  # hot
    half = np.ones((5, 8)) * 0.1
    v = u + half
    out[:, :] = v * v
print(out.sum().hex(), v.dtype)
"""
    before = run(text, (), tmp_path)
    for one in proposals(text, tmp_path) or []:
        if isinstance(one, Candidate):
            assert not difference(before, run(rewritten(one), (), tmp_path), one.forgets, exact=True)


CALLBACKS = """\
flux = lambda z: 0.5 * z * z


def decay(z):
    return -z + 0.1 * np.roll(z, 1, 0)


def growth(z):
    return z + 0.1 * np.roll(z, 1, 0)


def heun(f, z, dt):
    first = f(z)
    second = f(z + dt * first)
    return z + 0.5 * dt * (first + second)


def solve(f, z, steps):
    for t in range(steps):  # hot
        z = heun(f, z, 0.1) - 0.01 * flux(z)
    return z


"""


def test_functions_that_are_passed_on_are_put_in(tmp_path):
    text = check(f"{HEAD}{CALLBACKS}u = solve(decay, u, 3)\n", tmp_path)
    assert "f is decay" in text


def test_another_function_than_the_one_that_was_seen_is_called_as_it_is(tmp_path):
    body = "import sys\nf = growth if len(sys.argv) > 1 else decay\nu = solve(f, u, 3)\n"
    found = [one for one in proposals(HEAD + CALLBACKS + body, tmp_path) or [] if isinstance(one, Candidate)]
    assert found
    before, after = (run(text, ("1",), tmp_path) for text in (HEAD + CALLBACKS + body, rewritten(found[0])))
    assert not difference(before, after, found[0].forgets, exact=True)


def test_sizes_that_come_about_in_the_loop_are_checked_where_they_do(tmp_path):
    text = check(
        HEAD + "def outside(z):\n"
        "    try:\n"
        "        return np.flip(z, 0)\n"
        "    finally:\n"
        "        pass\n\n\n"
        "for t in range(3):  # hot\n"
        "    a = u * u - 0.1\n"
        "    b = outside(a)\n"
        "    u = u + 0.1 * (b - a)\n"
        "    v = v - outside(u)[0] * b\n",
        tmp_path,
    )
    assert "b.shape" in text


OUTSIDE = """\
import sys
import numpy as np

case = sys.argv[1] if len(sys.argv) > 1 else ""


def outside(z):
    try:
        return z[:1] if case == "shape" else np.rint(z).astype(int) if case == "type" else np.flip(z, 0)
    finally:
        pass


class Sim:
    def __init__(self):
        self.u = np.sin(np.arange(42.0)).reshape(7, 6)
        self.v = np.cos(self.u)

    def change(self):
        try:
            self.u = self.v if case == "same" else outside(self.u)
        finally:
            pass

"""
METHODS = {
    "bound here": "self.v = self.v + 0.1 * self.u * self.u\nself.u = outside(self.u)",
    "bound elsewhere": "self.v[1:] += 0.1 * self.u[:-1] * self.v[:-1]\nself.change()",
    "a name": "a = outside(self.u)\nb = a * 0.5\nself.v = self.v + np.roll(b, 1, 0)",
}


@pytest.mark.parametrize("body", METHODS.values(), ids=METHODS.keys())
@pytest.mark.parametrize("case", ["", "shape", "type", "same"])
def test_arrays_that_others_bind_are_checked_where_they_are_used(body, case, tmp_path):
    rows = "".join(f"            {row}\n" for row in body.splitlines())
    text = OUTSIDE + f"    def run(self, steps):\n        for t in range(steps):  # hot\n{rows}\n\n"
    text += "s = Sim()\ns.run(3)\nresult = s.v\n"
    found = [one for one in proposals(text, tmp_path) or [] if isinstance(one, Candidate)]
    assert found
    for one in found:
        before, after = (run(each, (case,), tmp_path) for each in (text, rewritten(one)))
        assert not difference(before, after, one.forgets, exact=True)


def test_properties_are_put_in_and_attributes_take_turns(tmp_path):
    text = check(
        HEAD + "class Wave:\n"
        "    def __init__(self):\n"
        "        self.u, self.old, self.dt, self.c = u, v, 0.1, 1.5\n"
        "        self.log = []\n\n"
        "    @property\n"
        "    def factor(self):\n"
        "        return self.c * self.dt\n\n"
        "    @property\n"
        "    def slope(self):\n"
        "        return np.roll(self.u, 1, 0) - self.u\n\n"
        "    def step(self):\n"
        "        now, old = self.u, self.old\n"
        "        new = np.zeros_like(now)\n"
        "        new[1:-1] = 2 * now[1:-1] - old[1:-1] + self.factor * self.slope[1:-1]\n"
        "        self.old = self.u\n"
        "        self.u = new\n\n"
        "    def run(self, n):\n"
        "        for k in range(n):  # hot\n"
        "            self.step()\n"
        "            self.dt *= 0.9\n"
        "            self.log.append(self.u[2, 3])\n\n\n"
        "wave = Wave()\n"
        "wave.run(5)\n"
        "result, other, total = wave.u, wave.old, float(sum(wave.log))\n",
        tmp_path,
    )
    assert "self.step()" not in text.split("def run")[1].split("else:")[0]


def test_an_attribute_that_names_an_array_updated_in_place_is_left_alone(tmp_path):
    text = (
        HEAD + "class Field:\n"
        "    def __init__(self):\n"
        "        self.u, self.old = u, v\n\n"
        "    def run(self, n):\n"
        "        for k in range(n):  # hot\n"
        "            self.old = self.u\n"
        "            self.u += 0.1 * self.old * v\n"
        "            v[1:] = self.old[:-1] - self.u[1:]\n\n\n"
        "field = Field()\n"
        "field.run(3)\n"
        "result, other = field.u, field.old\n"
    )
    before = run(text, (), tmp_path)
    for one in proposals(text, tmp_path) or []:
        if isinstance(one, Candidate):
            assert not difference(before, run(rewritten(one), (), tmp_path), one.forgets, exact=True)


CLOSURES = """\
def make_slope(h, w):
    inv = 1.0 / h

    def slope(z):
        \"\"\"Differences, weighted.\"\"\"
        return inv * (np.roll(z, 1, 0) - z) * w

    def steep(z):
        return inv * z * w

    return steep if sys.argv[-1] == "steep" else slope


def make_other():
    return np.cos


def solve(z, slope, steps):
    for t in range(steps):  # hot
        z = z + 0.1 * slope(z) - 0.01 * slope(z * z)
    return z


import sys
slope = make_other() if sys.argv[-1] == "other" else make_slope(0.5, v)
u = solve(u, slope, 3)
"""


@pytest.mark.parametrize("argv", [(), ("other",), ("steep",)])
def test_functions_that_others_make_are_put_in_with_what_they_captured(argv, tmp_path):
    found = [one for one in proposals(HEAD + CLOSURES, tmp_path) or [] if isinstance(one, Candidate)]
    assert found and "slope(z)" not in rewritten(found[0]).split("def solve")[1].split("else:")[0]
    before, after = (run(text, argv, tmp_path) for text in (HEAD + CLOSURES, rewritten(found[0])))
    assert not difference(before, after, found[0].forgets, exact=True)


def test_an_array_that_a_function_binds_anew_in_a_loop_is_not_read_while_it_is_written(tmp_path):
    text = """\
import numpy as np

def relaxed(a, n=3):
    for k in range(n):
        gx, gy = np.gradient(a, 0.5)
        a = a - 0.3 * (np.sqrt(gx**2 + gy**2) - 1)
    return a

u = np.sin(np.arange(63) * 0.7).reshape(9, 7)
for t in range(4):
    u = u - 0.1 * np.abs(u)  # hot
    if t % 2:
        u = relaxed(u)
"""
    check(text, tmp_path)


def test_an_array_that_takes_turns_in_a_python_loop_is_behind_within_it(tmp_path):
    text = """\
import numpy as np

T = np.zeros((12, 9))
T[0] = 1.0
errs = []
err, it = 1.0, 0
while err > 1e-2 and it < 50:
    Told = T.copy()
    T[1:-1, 1:-1] = 0.25 * (Told[2:, 1:-1] + Told[:-2, 1:-1] + Told[1:-1, 2:] + Told[1:-1, :-2])  # hot
    err = np.max(np.abs(T - Told))
    errs.append(err)
    it += 1
    if it % 10 == 0:
        print(it, err)
"""
    found = [one for one in proposals(text, tmp_path) if isinstance(one, Candidate)]
    behind = [one for one in found if "T_old is not T" in rewritten(one)]
    assert behind
    for one in found:
        assert ("loop T" in one.forgets) == (one in behind)
        assert "T" not in one.forgets
        assert "returns largest." in rewritten(one) or "returns err." in rewritten(one)  # nothing else
