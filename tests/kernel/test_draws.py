"""Random numbers drawn in kernels are those that Python would have drawn."""

import pytest

from pdeperf.backends.prange import BACKEND as PRANGE
from pdeperf.kernel.extremes import TEXTS
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


def test_pythons_random_is_drawn_from_and_goes_on(same_output):
    done = same_output("""
import math
import random

random.seed(42)
L = 8
s = [[random.choice([-1, 1]) for _ in range(L)] for _ in range(L)]
moves = [1, 2, 4]

def kick():
    return random.uniform(-0.5, 0.5)

def sweep(s, beta, moves):
    moved = 0.0
    for k in range(L * L):  # hot
        i = random.randint(0, L - 1)
        j = random.randrange(L)
        change = 2 * s[i][j] * (s[(i + 1) % L][j] + s[i][(j + 1) % L] + s[i - 1][j] + s[i][j - 1])
        if change <= 0 or random.random() < math.exp(-beta * change):
            s[i][j] = -s[i][j]
            moved += kick() + random.choice((1, 2)) + random.randrange(3, 4 + k % 5)
            moved += random.choice(moves)
    return moved

for it in range(20):
    print(sweep(s, 0.5, moves), sum(map(sum, s)), random.random(), random.gauss(0, 1))
random.seed(3)
print(sweep(s, 0.4, moves))
""")
    assert "integer_between(generator, 0, L)" in done.text
    assert "continue_stream(random, generator)" in done.text


def test_an_empty_range_of_pythons_random_raises(same_for):
    same_for(
        """
import sys
from random import randrange, seed

seed(1)
n = 5 if len(sys.argv) < 2 else int(sys.argv[1])
total = 0
for k in range(10):  # hot
    total += randrange(1, n)
print(total, randrange(1000))
""",
        "9",
        "2",
        "1",
    )


def test_generators_that_objects_hold_are_drawn_from(same_for):
    done = same_for(
        """
import random
import sys
import numpy as np

class Gas:
    def __init__(self, n, seed):
        self.rs = np.random.RandomState(seed)
        self.py = random.Random(seed)
        self.v = np.zeros(n)

    def collide(self, k):
        return self.rs.random_sample() + self.py.random()

    def kick(self):
        for k in range(len(self.v)):  # hot
            self.v[k] += self.rs.uniform(-1, 1) + self.rs.randint(5) + self.py.randint(1, 6)
            self.v[k] += self.collide(k) * self.rs.rand()

gas = Gas(300, 3)
if len(sys.argv) > 1:
    gas.py = random.SystemRandom()
    gas.v = gas.v[:0]
for step in range(3):
    gas.kick()
print(gas.v.tolist(), gas.rs.rand(), gas.py.random() < 1)
""",
        "other",
    )
    assert "_bit_generator" in done.text


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


def test_numpys_global_stream_is_drawn_from_and_goes_on(same_output):
    done = same_output("""
import numpy as np

np.random.seed(1)
N = 8
s = np.random.choice([-1, 1], size=(N, N))

def kick():
    return np.random.uniform(-0.5, 0.5)

def sweep(s, beta):
    moved = 0.0
    for k in range(N * N):  # hot
        i = np.random.randint(0, N)
        j = np.random.randint(N)
        change = 2 * s[i, j] * (s[(i + 1) % N, j] + s[i, (j + 1) % N] + s[i - 1, j] + s[i, j - 1])
        if change <= 0 or np.random.rand() < np.exp(-beta * change):
            s[i, j] = -s[i, j]
            moved += kick() + np.random.randint(k, k + 1 + k % 3)
    return moved

for it in range(20):
    print(sweep(s, 0.5), s.sum(), np.random.rand(), np.random.randn())
np.random.seed(3)
print(sweep(s, 0.4))
""")
    assert "random_integer(generator, 0, N)" in done.text
    assert "generator.random()" in done.text


def test_draws_that_are_imported_by_name_keep_their_names(same_output):
    done = same_output('''
from numpy import *
from numpy.random import rand, randint, seed

seed(1234)

def move(spins, beta):
    """Monte Carlo moves by the Metropolis algorithm."""
    for k in range(len(spins)):  # hot
        a = randint(0, len(spins))
        if rand() < exp(-beta * spins[a]):
            spins[a] *= -1

spins = 2 * randint(2, size=50) - 1
for step in range(20):
    move(spins, 0.3)
print(spins.tolist(), rand(), move.__doc__)
''')
    for candidate in done.candidates:
        assert 'def move(spins, beta):\n    """Monte Carlo moves' in candidate.patches[0].after
        assert "is np.random.Generator" not in candidate.patches[0].after


def test_the_global_stream_keeps_its_errors(same_for):
    same_for(
        """
import sys
import numpy as np

np.random.seed(1)
n = 5 if len(sys.argv) < 2 else int(sys.argv[1])
total = 0
try:
    for k in range(10):  # hot
        total += np.random.randint(1, n)
except Exception as error:
    total = -1
print(total)
""",
        "9",
        "2",
        "0",
    )


@pytest.mark.parametrize("draw", ["np.random.standard_t(3)", "np.random.rand(2)[0]", "np.random.wald(1, 2)"])
def test_what_the_global_stream_draws_otherwise_is_refused(rewrite, draw):
    done = rewrite(f"""
import numpy as np

np.random.seed(1)
u = np.zeros(9)
for step in range(3):
    for i in range(1, 8):  # hot
        u[i] += 0.5 * u[i - 1] + {draw}
    print(u.sum())
""")
    assert not any("generator" in candidate.patches[0].after for candidate in done.candidates)


@pytest.mark.parametrize("draw", ["rng.random()", "random_integer(rng, 0, 5)"])
def test_draws_are_never_shared_out_over_the_cores(draw):
    text = f"""import numpy as np
from numba import njit


{TEXTS["random_integer"]}

@njit(cache=True)
def kick(v, rng):
    for k in range(len(v)):
        v[k] = {draw}


kick(np.zeros(9), np.random.default_rng(1))
"""
    project = Project.from_texts({"script.py": text})
    first = text.splitlines().index("def kick(v, rng):")
    where = Span(file="script.py", first=first, last=first + 3)
    diagnosis = Diagnosis(rule="serial-kernel", kind=Kind.LOOP, where=where, message="")
    assert not [found for found in PRANGE.propose(diagnosis, project) if isinstance(found, Candidate)]


NORMAL = """
import random
import sys
import numpy as np

np.random.seed(4)
random.seed(9)
state = np.random.RandomState(2)
own = random.Random(1)
if len(sys.argv) > 1:
    np.random.normal()
    random.gauss(0, 1)

def jump(sigma):
    return sigma * np.random.randn()

x = np.zeros(40)
for k in range(len(x)):  # hot
    x[k] += np.random.normal(0.5, 2.0) + jump(0.25) - np.random.standard_normal()
    if x[k] > 0.0:
        x[k] += random.gauss(1.0, 0.5) * state.normal(scale=0.3)
    x[k] -= own.gauss(0.0, 1.0) + np.random.rand()
print(x.tolist(), np.random.normal(), np.random.rand(), random.gauss(0, 1), random.random())
print(state.randn(), own.gauss(0.0, 1.0))
"""


def test_normal_numbers_in_pairs_are_those_of_python_and_numpy(same_for):
    done = same_for(NORMAL, "half")
    assert "numpy_normal(generator, spare, 0.5, 2.0)" in done.text


def test_a_lattice_of_drawn_spins_is_stored_in_an_array(same_for):
    done = same_for(
        """
import math
import random
import sys

random.seed(int(sys.argv[1]) if len(sys.argv) > 1 else 12)
L = 6
spins = [[random.choice([-1, 1]) for _ in range(L)] for _ in range(L)]
start = [random.uniform(0, 1) + random.randint(1, 3) for _ in range(L)]

def sweep(s, beta):
    for _ in range(L * L):  # hot
        i = random.randrange(L)
        j = random.randrange(L)
        around = s[(i + 1) % L][j] + s[i - 1][j] + s[i][(j + 1) % L] + s[i][j - 1]
        change = 2 * s[i][j] * around
        if change <= 0 or random.random() < math.exp(-beta * change):
            s[i][j] = -s[i][j]

for _ in range(8):
    sweep(spins, 0.4)
print(sum(map(sum, spins)), spins[2], start, random.random())
""",
        "5",
    )
    assert "spins = np.array(" in done.text
