"""``super().friction(i)`` in a kernel is the method of the class that a method's own is derived from."""

PIPES = """
import sys
import numpy as np


class Pipe:
    def __init__(self, n, f):
        self.n, self.f = n, f
        self.Q = np.linspace(0.1, 1.0, n)

    def friction(self, i):
        return self.f * abs(self.Q[i])

    def step(self):
        new = self.Q.copy()
        for i in range(1, self.n - 1):  # hot
            new[i] = 0.5 * (self.Q[i - 1] + self.Q[i + 1]) - self.friction(i)
        self.Q = new


class Lossy(Pipe):
    def friction(self, i):
        base = super().friction(i)
        return base + 0.1 * self.Q[i] ** 2


class Rough(Lossy):
    def friction(self, i):
        return 2.0 * super().friction(i) + 0.01


MORE
pipes = [Pipe(9, 0.1), Lossy(9, 0.05), Rough(9, 0.02)]
if len(sys.argv) > 1:
    pipes += [Other(9, 0.3)]
for k in range(8):
    for p in pipes:
        p.step()
print([p.Q.tolist() for p in pipes])
"""


def test_each_class_computes_with_those_that_it_is_derived_from(same_for):
    more = "class Other(Rough):\n    def friction(self, i):\n        return super().friction(i) / 3\n\n\n"
    done = same_for(PIPES.replace("MORE\n", more), "other")
    text = done.candidates[-1].patches[0].after
    assert "super()" not in text[text.index("@njit") : text.index("class Pipe")]
    assert "lossy_friction_kernel" in text and "self.__class__ is Lossy" in text


def test_where_classes_have_several_bases_it_is_not_known(rewrite):
    more = "class Mixed:\n    def friction(self, i):\n        return 7.0\n\n\n"
    more += "class Other(Lossy, Mixed):\n    pass\n\n\n"
    done = rewrite(PIPES.replace("MORE\n", more).replace("pipes = [Pipe(9, 0.1), ", "pipes = ["))
    assert not done.candidates
