"""Random numbers drawn in kernels are those that Python would have drawn."""

import pytest

from pdeperf.backends.prange import BACKEND as PRANGE
from pdeperf.model import Candidate, Diagnosis, Kind, Span
from pdeperf.source import Project


def test_a_walk_draws_from_numpys_generator(same_output):
    done = same_output("""
import numpy as np

rng = np.random.default_rng(5)

def walk(i, j, n):
    steps = 0
    while 0 < i < n and 0 < j < n:
        r = rng.random()
        if r < 0.5:
            i += 1 if r < 0.25 else -1
        else:
            j += 1 if r < 0.75 else -1
        steps += 1
    return steps + 0.5 * i

total = 0.0
for m in range(200):  # hot
    total += walk(3, 4, 9)
print(total, rng.random(), rng.normal())
""")
    assert "rng" in done.text


def test_every_kind_of_draw_has_the_same_bits(same_output):
    same_output("""
import numpy as np

class Gas:
    def __init__(self, n, seed):
        self.rng = np.random.default_rng(seed)
        self.v = np.zeros(n)
        self.kind = np.zeros(n, dtype=int)

    def kick(self):
        for k in range(len(self.v)):  # hot
            self.v[k] += self.rng.normal(0.0, 0.3) + self.rng.uniform(-1, 1) + self.rng.exponential(0.5)
            self.v[k] *= 1.0 - 0.1 * self.rng.standard_normal()
            self.kind[k] = self.rng.integers(4) + 10 * self.rng.integers(2, 7)

gas = Gas(300, 3)
for step in range(3):
    gas.kick()
print(gas.v.tolist(), gas.kind.tolist(), gas.rng.random())
""")


def test_another_generator_than_was_seen_takes_the_original_code(same_for):
    same_for(
        """
import sys
import numpy as np

def total(rng, n):
    s = 0.0
    for k in range(n):  # hot
        s += rng.uniform(0.0, 2.0)
    return s

rng = np.random.RandomState(4) if sys.argv[1:] else np.random.default_rng(4)
print(total(rng, 50), rng.uniform())
""",
        "old",
    )


@pytest.mark.parametrize(
    "draw", ["rng.random(2)[0]", "rng.choice(u)", "rng.normal(size=1)[0]", "rng.poisson(2.0)"]
)
def test_what_numba_draws_differently_is_refused(rewrite, draw):
    done = rewrite(f"""
import numpy as np
rng = np.random.default_rng(5)
u = np.arange(4.0)
s = 0.0
for k in range(9):  # hot
    s += {draw}
print(s)
""")
    assert not done.candidates
    assert "random numbers" in done.reasons


def test_draws_are_never_shared_out_over_the_cores():
    text = """import numpy as np
from numba import njit


@njit(cache=True)
def kick(v, rng):
    for k in range(len(v)):
        v[k] = rng.random()


kick(np.zeros(9), np.random.default_rng(1))
"""
    project = Project.from_texts({"script.py": text})
    where = Span(file="script.py", first=5, last=8)
    diagnosis = Diagnosis(rule="serial-kernel", kind=Kind.LOOP, where=where, message="")
    assert not [found for found in PRANGE.propose(diagnosis, project) if isinstance(found, Candidate)]
