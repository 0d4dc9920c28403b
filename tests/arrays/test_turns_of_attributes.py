"""Arrays of attributes take turns where all other code of the loop is known to keep none of them."""

import pytest

from tests.arrays.test_lift import check

pytestmark = pytest.mark.usefixtures("interpreted")

WAVE = """\
import numpy as np

seen = []


def keep(a):
    seen.append(a)


class Wave:
    def __init__(self, n):
        self.u = np.cos(np.arange(1.0 * n * n)).reshape(n, n)
        self.old = self.u.copy()
        self.seen, self.maxima, self.dt = [], [], 0.1
        self.report, self.places = keep, dict(a=(1, 2))

    def level(self):
        return float(np.sum(self.u)) * self.dt

    def step(self):
        lap = np.zeros_like(self.u)
        lap[1:-1, 1:-1] = self.u[2:, 1:-1] + self.u[:-2, 1:-1] - 2 * self.u[1:-1, 1:-1]
        new = 2 * self.u - self.old + self.dt * lap  # hot
        new[1, 1] += 0.25
        self.old = self.u
        self.u = new

    def watch(self):
        self.seen.append(self.u)
{more}
    def run(self):
        other = self
        for it in range(7):
            self.step()
            {kept}


wave = Wave(8)
wave.run()
wave.run()
u, old, maxima = wave.u, wave.old, wave.maxima
found = [each.copy() for each in seen + wave.seen]
"""
PROPERTY = "\n    @property\n    def state(self):\n        return self.u\n"
COMPARED = "\n    def __eq__(self, other):\n        self.seen.append(self.u)\n        return True\n"
LOOKED_AT = (
    "print(it, self.u.max())",
    "self.maxima.append(self.u[1, it])",
    "self.maxima.append(np.abs(self.u).max())",
    "self.maxima.append(self.level())",
    "self.maxima.extend([self.u[i, j] for i, j in self.places.values()])",
)
KEPT = (
    "self.seen.append(self.u)",
    "self.seen.append(self.old[1:])",
    "self.seen.append(other.u)",
    "self.watch()",
    "keep(self.u)",
    "self.report(self.u)",
    "self.seen += [self.u.conj()]",
    "self.seen.append(wave.u)",
    "self.seen.append(self.state)",
    "self.maxima.append(self == it)",
)


@pytest.mark.parametrize("kept", LOOKED_AT)
def test_attributes_take_turns_where_others_read_numbers(kept, tmp_path):
    after = check(WAVE.format(kept=kept, more=""), tmp_path)
    assert "empty" not in _kernel(after)


def test_attributes_take_turns_where_others_store_numbers(tmp_path):
    check(WAVE.format(kept="self.u[2, it] = 0.5", more=""), tmp_path)


def test_attributes_of_other_sizes_are_made_anew(tmp_path):
    check(WAVE.format(kept="if it == 3: self.u, self.old = self.u[1:], self.old[1:]", more=""), tmp_path)


@pytest.mark.parametrize("kept", KEPT)
def test_attributes_are_made_anew_where_others_may_keep_them(kept, tmp_path):
    more = PROPERTY if ".state" in kept else COMPARED if "==" in kept else ""
    after = check(WAVE.format(kept=kept, more=more), tmp_path)
    assert "= np.empty" in _kernel(after)


def _kernel(after):
    return after.partition("def update")[2].partition("\n\n\n")[0]
