"""Temporaries that hold the same values are made once: as one array, as large as both together."""

import pytest

from pdeperf.arrays.ir import Buffer, Definition, Index, Op, Read, Reduction, Scalar, Version, reads
from pdeperf.arrays.loops.same_values import with_values_once
from pdeperf.arrays.program import Run
from pdeperf.arrays.sizes import Size, Sizes
from pdeperf.arrays.values import View
from pdeperf.arrays.ways import promising
from tests.arrays.in_process import proposals, rewritten, run

N = Size.of("u.shape[0]")
U = Buffer("u", (N, N), "float64")
FACTOR = Scalar("c", "float64", names=frozenset(("c",)))


def root(name, counts, offsets, *, number=0, factor=FACTOR):
    """``name = sqrt(u[offsets:...]) * factor`` over so many cells."""
    index = tuple(Index(axis, offset=Size(each)) for axis, each in enumerate(offsets))
    value = Op("numpy.sqrt", (Read(Version(U, number), index),), "float64")
    target = Version(Buffer(name, counts, "float64", is_temporary=True), 1)
    places = tuple(Index(axis) for axis in range(len(counts)))
    return Definition(target, counts, places, Op("*", (value, factor), "float64"))


def total(*parts):
    """What adds up temporaries, each at its own cell."""
    places = tuple(Index(axis) for axis in range(2))
    counts = parts[0].counts
    expr = Read(parts[0].target, places)
    for part in parts[1:]:
        expr = Op("+", (expr, Read(part.target, places)), "float64")
    return Definition(Version(Buffer("r", counts, "float64"), 1), counts, places, expr)


def shared(*steps, live=(), first=()):
    """The temporaries that stay, with the sizes and where the last step reads them."""
    names = {step.target.buffer.name: View.whole(step.target.buffer) for step in steps}
    program = Run(steps=[*first, *steps, total(*steps)], names=names, live=frozenset(live))
    sizes = Sizes({"u.shape[0]": 9})
    (found,) = with_values_once([program], sizes)
    made = [each for each in found.steps[:-1] if isinstance(each, Definition)]
    return made, [(one.version, *(each.offset for each in one.index)) for one in reads(found.steps[-1].expr)]


def test_neighbours_are_read_from_one_array():
    inner = N - 2
    made, read = shared(root("left", (N - 1, inner), (0, 1)), root("right", (N - 1, inner), (1, 1)))
    assert [each.counts for each in made] == [(N, inner)]
    assert read == [(made[0].target, Size(), Size()), (made[0].target, Size(1), Size())]


def test_the_first_of_them_may_be_the_further_one():
    inner = N - 2
    made, read = shared(root("right", (N - 1, inner), (1, 1)), root("left", (N - 1, inner), (0, 1)))
    assert [each.counts for each in made] == [(N, inner)]
    assert [each.index[0].offset for each in reads(made[0].expr)] == [Size()]
    assert read == [(made[0].target, Size(1), Size()), (made[0].target, Size(), Size())]


def test_three_make_one_and_a_part_of_it_is_no_more():
    counts = (N - 2, N)
    steps = [root(name, counts, (offset, 0)) for name, offset in zip("abcd", (1, 0, 2, 1), strict=True)]
    made, read = shared(*steps)
    assert [each.counts for each in made] == [(N, N)]
    assert [one[1] for one in read] == [Size(1), Size(), Size(2), Size(1)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(((N - 1, N - 1), (0, 0)), ((N - 1, N - 1), (1, 1)), id="together no box"),
        pytest.param(((Size(3), N), (0, 0)), ((Size(3), N), (4, 0)), id="cells between them"),
        pytest.param(((N, N), (0, 0)), ((Size.of("m"), N), (0, 0)), id="of unrelated sizes"),
    ],
)
def test_what_is_no_box_stays_apart(one, other):
    made, _ = shared(root("a", *one), root("b", *other))
    assert len(made) == 2


def test_other_values_stay_apart():
    counts, here = (N, N), (0, 0)
    changed = root("b", counts, here, number=1)
    assert len(shared(root("a", counts, here), changed)[0]) == 2
    other = Scalar("d", "float64", names=frozenset(("d",)))
    assert len(shared(root("a", counts, here), root("b", counts, here, factor=other))[0]) == 2
    number = Reduction("c", "number", (), Scalar("2.0", "float64"), "float64")
    assert len(shared(root("a", counts, here), root("b", counts, here), first=[number])[0]) == 2


def test_what_is_read_later_stays():
    counts, here = (N, N), (0, 0)
    assert len(shared(root("a", counts, here), root("b", counts, here), live=["b"])[0]) == 2
    assert len(shared(root("a", counts, here), root("b", counts, here))[0]) == 1


EULER = """\
import numpy as np
import sys

n = int(sys.argv[1]) if len(sys.argv) > 1 else 12
U = np.stack([2.0 + np.sin(np.arange(n * 7.0)).reshape(n, 7), np.cos(np.arange(n * 7.0)).reshape(n, 7)])

def speed(V):
    return V[1] / V[0]

def sound(V):
    c = np.sqrt(1.4 * V[0])
    return c

def flux(V):
    u = speed(V)
    return np.array([V[1], V[0] * u * u + sound(V) * V[0]])

def rusanov(L, R):
    s = np.maximum(np.abs(speed(L)) + sound(L), np.abs(speed(R)) + sound(R))
    return 0.5 * (flux(L) + flux(R)) - 0.5 * s * (R - L)

for step in range(3):  # hot
    F = rusanov(U[:, :-1, 1:-1], U[:, 1:, 1:-1])
    G = rusanov(U[:, 1:-1, :-1], U[:, 1:-1, 1:])
    U[:, 1:-1, 1:-1] -= 0.05 * (F[:, 1:] - F[:, :-1] + G[:, :, 1:] - G[:, :, :-1])
"""


@pytest.mark.usefixtures("interpreted")
def test_fluxes_of_both_sides_give_the_same_bits(tmp_path):
    found = [one for one in proposals(EULER, tmp_path, promising) or [] if hasattr(one, "patches")]
    kernels = [one.patches[0].after.partition("def speed")[0] for one in found]
    assert min(text.count("np.sqrt") for text in kernels) == 2
    for size in ("12", "3", "2"):
        before = run(EULER, (size,), tmp_path)
        for one in found:
            after = run(rewritten(one), (size,), tmp_path)
            assert after.raised == before.raised
            assert after.values["U"].tobytes() == before.values["U"].tobytes()
