"""Loops over a few things that are no numbers: they are written out, turn by turn."""

import pytest

HEAT = """
import sys
import numpy as np

class Fixed:
    def __init__(self, side, value):
        self.side, self.value = side, value

    def apply(self, u):
        for k in range(u.shape[0]):
            if self.side == "left":
                u[k, 0] = self.value
            else:
                u[k, -1] = self.value

class Insulated:
    def apply(self, u):
        for k in range(u.shape[1]):
            u[0, k] = u[1, k]
            u[-1, k] = u[-2, k]

class Heat:
    def __init__(self, n, bcs):
        self.u, self.bcs = np.ones((n, n)), bcs
        self.u[2, 3] = 4.0

    def step(self, dt):
        old = self.u.copy()
        for i in range(1, old.shape[0] - 1):  # hot
            for j in range(1, old.shape[1] - 1):
                self.u[i, j] += dt * (old[i + 1, j] + old[i - 1, j] - 2 * old[i, j])
        for bc in self.bcs:
            # each side
            bc.apply(self.u)

bcs = [Fixed("left", 2.0), Insulated(), Fixed("right", 0.5)]
if len(sys.argv) > 1:
    bcs = {"short": bcs[:2], "other": bcs[::-1], "twice": [bcs[0], bcs[1], bcs[0]], "none": []}[sys.argv[1]]
heat = Heat(7, bcs)
for it in range(4):
    heat.step(0.1)
print(heat.u.tolist())
"""


def test_objects_of_several_classes_are_called_one_after_the_other(same_for):
    done = same_for(HEAT, "short", "other", "twice", "none")
    assert "list(map(type, self.bcs)) == [Fixed, Insulated, Fixed]" in done.text.replace(
        "heat.bcs", "self.bcs"
    )
    assert "fixed_apply_kernel" not in done.text and "insulated_apply_kernel(u)" in done.text
    assert "# bc is self.bcs[2]" in done.text.replace("heat.bcs", "self.bcs")
    assert done.text.count("# each side") == 4


def test_fields_by_name_and_dicts_in_lists_are_written_out(same_steps):
    done = same_steps(
        """
import sys
import numpy as np

n = 12
fields = {"u": np.ones(n), "v": np.zeros(n)}
rates = {"u": 0.5, "v": 0.25}
sources = [{"i": 3, "amp": 1.0}, {"i": 7, "amp": -0.5}]
if "swapped" in sys.argv:
    fields = {"v": fields["v"], "u": fields["u"]}
if "one" in sys.argv:
    sources.pop()
if "same" in sys.argv:
    fields["v"] = fields["u"]
for step in range(4):  # hot
    for name, field in fields.items():
        old = field.copy()
        for i in range(1, n - 1):
            field[i] += rates[name] * (old[i + 1] - 2 * old[i] + old[i - 1])
        if name == "v":
            field[0] = step
    for k, s in enumerate(sources):
        fields["u"][s["i"]] += s["amp"] + k
print({name: field.tolist() for name, field in fields.items()})
""",
        "swapped",
        "one",
        "same",
    )
    assert "[*fields] == ['u', 'v']" in done.text and "len(sources) == 2" in done.text
    assert "u[i_0] += amp_0 + 0" in done.text


def test_functions_in_a_list_are_called_by_name(same_steps):
    done = same_steps(
        """
import sys

def growth(u, r):
    return r * u

def decay(u, r):
    return -r * u * u

def nothing(u, r):
    return 0.0

def step(u, dt, terms):
    for i in range(len(u)):  # hot
        total = 0.0
        for term in terms:
            total += term(u[i], 0.5)
        u[i] = u[i] + dt * total
    return u

u = [0.1 * i for i in range(9)]
terms = [growth, decay]
if len(sys.argv) > 1:
    other = {"more": [growth, decay, growth], "other": [growth, nothing], "tuple": (growth, decay)}
    terms = other[sys.argv[1]]
for k in range(3):
    step(u, 0.1, terms)
print(u)
""",
        "more",
        "other",
        "tuple",
    )
    assert "[*terms] == [growth, decay]" in done.text


def test_species_with_fields_of_their_own_share_nothing_unseen(same_steps):
    same_steps(
        """
import sys
import numpy as np

class Species:
    def __init__(self, D, n):
        self.D, self.total = D, 0.0
        self.c = np.arange(float(n))

species = [Species(0.1, 9), Species(0.2, 9)]
if "same" in sys.argv:
    species[1] = species[0]
if "shared" in sys.argv:
    species[1].c = species[0].c
if "ints" in sys.argv:
    species[1].c = np.arange(9)
for it in range(5):  # hot
    for s in species:
        old = s.c.copy()
        for i in range(1, 8):
            s.c[i] = old[i] + s.D * (old[i + 1] - 2 * old[i] + old[i - 1])
            s.total += s.c[i]
    species[0].D += 0.01
print([s.c.tolist() for s in species], [s.total for s in species], [s.D for s in species])
""",
        "same",
        "shared",
        "ints",
    )


def test_what_ends_early_or_binds_its_name_anew_stays_a_loop(rewrite):
    done = rewrite(
        """
import numpy as np

fields = [("a", np.ones(5)), ("b", np.zeros(5))]
for step in range(3):  # hot
    for name, f in fields:
        if f[0] > 3.0:
            break
        for i in range(5):
            f[i] += 1.0
print([f.tolist() for name, f in fields])
"""
    )
    assert all("# name is" not in candidate.patches[0].after for candidate in done.candidates)


def test_sums_over_a_few_things_are_written_out(same_steps):
    done = same_steps(
        """
import sys
import numpy as np

class Ring:
    def __init__(self, r):
        self.r = r

    def __call__(self, x):
        return (x - self.r) ** 2

class Flat:
    def __call__(self, x):
        return 0.25

weights = [(-1, 0.5), (0, 1.5), (1, -2.0)]
sources = [Ring(0.3), Flat()]
if "more" in sys.argv:
    weights.append((2, 0.125))
    sources.append(Ring(0.5))
if "ints" in sys.argv:
    weights = [(-1, 1), (0, 2), (1, 3)]
u = np.linspace(0.0, 1.0, 11)
new = u.copy()
for i in range(2, 8):  # hot
    new[i] = sum(w * u[i + k] for k, w in weights) - sum(s(u[i]) for s in sources)
    new[i] += max(s(u[i]) for s in sources)
print(new.tolist())
""",
        "more",
        "ints",
    )
    assert "(0 + " in done.text and "list(map(type, sources)) == [Ring, Flat]" in done.text


def test_several_short_rows_are_walked_together(same_steps):
    done = same_steps(
        """
import sys
import numpy as np

names, diffs = ["A", "B"], [0.1, 0.2]
conc = {name: np.arange(9.0) for name in names}
if "longer" in sys.argv:
    diffs.append(0.5)
if "shorter" in sys.argv:
    names.pop()
for step in range(3):  # hot
    for k, (name, D) in enumerate(zip(names, diffs)):
        old = conc[name].copy()
        for i in range(1, 8):
            conc[name][i] = old[i] + D * (old[i + 1] - 2 * old[i] + old[i - 1]) + k
    for name, nu in [("A", -1), ("B", 2 / 4)]:
        conc[name][0] += nu
print({name: c.tolist() for name, c in conc.items()})
""",
        "longer",
        "shorter",
    )
    assert "[*names] == ['A', 'B']" in done.text and "D_0 * (old[i + 1]" in done.text
    assert "A[0] += (-1)" in done.text


def test_a_check_before_one_turn_stands_in_no_other(same_for):
    script = """
import sys
import numpy as np

taps = [{"at": 0, "amp": 1.0}, {"at": 2, "amp": 0.5}]
fields = {"p": np.arange(6) * 0.5, "q": np.zeros(6)}

def solve(m, n):
    k = 0
    for i in range(1, 6):  # hot
        while k < i:
            for tap in taps:
                tap["amp"] += 0.5
                fields["p"][tap["at"]] = tap["amp"]
            k += 1
    for name in ("p", "q"):
        fields[name][(m + 3) % n] += 0.25
    return k

n = int(sys.argv[1]) if len(sys.argv) > 1 else 5
print(solve(4, n), taps, fields["p"].tolist(), fields["q"].tolist())
"""
    same_for(script, "1", "3", "0")


def test_texts_that_a_turn_is_about_are_compared_where_they_are_kept(same_steps):
    text = """
import numpy as np

class Plate:
    def __init__(self):
        self.T = np.arange(12.0).reshape(3, 4)
        self.sides = {"left": ("fixed", 1.0), "right": ("free", 2.0)}

    def apply(self):
        for side, (kind, value) in self.sides.items():  # hot
            if side == "left":
                for j in range(3):
                    self.T[j, 0] += value if kind == "fixed" else self.T[j, 1]
            else:
                for j in range(3):
                    self.T[j, -1] += value if kind == "fixed" else self.T[j, -2]

plate = Plate()
plate.apply()
plate.sides["right"] = ("fixed", 3.0)
plate.apply()
print(plate.T.tolist())
"""
    after = same_steps(text).text
    assert "left_is_fixed" in after
    kernel = after[: after.index("class Plate")]
    assert "if True" not in kernel and "if False" not in kernel  # one branch of each turn is left


def test_a_check_of_a_divisor_moves_with_the_branch_that_is_left(same_for):
    same_for(
        """
import sys
import numpy as np
n = 5
rows = int(sys.argv[1]) if len(sys.argv) > 1 else 4
named = {"p": np.arange(n) * 0.25, "q": np.zeros(n)}
for q in range(n):  # hot
    for p in range(n):
        if p < 3:
            for e in ('p', 'q'):
                if e == 'q':
                    named[e][-1] += named['p'][(p - 1) % rows] * 0.5
                else:
                    named[e][0] += 1.0
print(named)
""",
        "2",
        "0",
    )


KEPT = """
class Model:
    def __init__(self):
        self.a, self.b, self.h = 1.0, 2.0, [0.0] * 6
        self.k = {"u": 0.5, "v": 0.25}
    def tuples(self):
        for name, c in (("x", self.a), ("y", self.a), ("z", self.b)):  # tuples
            if name == "x":
                self.a = self.a + 0.1 * c
            for i in range(6):
                self.h[i] += c * i
    def entries(self):
        for name, c in self.k.items():  # entries
            self.k[name] = 0.9 * c
            for i in range(6):
                self.h[i] += c if name == "u" else -c
model = Model()
for t in range(5):
    model.tuples()
    model.entries()
print(model.a, model.b, model.h, model.k)
"""


@pytest.mark.parametrize("place", ["# tuples", "# entries"])
def test_names_keep_what_was_there_when_the_turn_began(rewrite, place):
    assert not rewrite(KEPT.replace(place, "# hot")).candidates


def test_how_many_there_are_is_asked_before_the_first_of_them(same_for):
    done = same_for(
        """
import sys

class Cell:
    def __init__(self, i):
        self.u, self.rate, self.volume = [1.0 + i, 0.5 * i], [0.0, 0.0], 1.0 / (i + 1)

cells = [Cell(i) for i in range(int(sys.argv[1]) if len(sys.argv) > 1 else 4)]
for step in range(3):
    for c in cells:  # hot
        for k in range(2):
            c.u[k] += 0.01 * c.rate[k] / c.volume
            c.rate[k] -= c.u[k]
print([(c.u, c.rate) for c in cells])
""",
        "2",
        "0",
        "5",
    )
    assert done.text.index("len(cells) == 4") < done.text.index("is not cells[")


@pytest.mark.parametrize("count", (4, 6))
def test_many_objects_of_one_class_are_a_mesh_and_are_not_written_out(count, rewrite):
    many = """
class Cell:
    def __init__(self, i):
        self.u, self.volume = [1.0 + i, 0.5 * i], 1.0 / (i + 1)

cells = [Cell(i) for i in range(COUNT)]
for step in range(3):
    for c in cells:  # hot
        for k in range(2):
            c.u[k] += 0.01 / c.volume
print([c.u for c in cells])
"""
    done = rewrite(many.replace("COUNT", str(count)))
    assert any("# c is cells[3]" in one.patches[0].after for one in done.candidates) == (count == 4)
