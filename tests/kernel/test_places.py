"""Objects of one list compared with each other, and the rest of a list."""

BODIES = """
import sys

class Body:
    def __init__(self, k):
        self.m, self.x, self.a = 1.0 + k, 0.3 * k, 0.0

class System:
    def __init__(self, bodies):
        self.bodies = bodies

    def energy(self):
        e = 0.0
        for i, one in enumerate(self.bodies):  # hot
            for other in self.bodies[i + 1:]:
                e -= one.m * other.m / (0.1 + abs(one.x - other.x))
            for other in self.bodies:
                if one is not other:
                    one.a += other.m * (other.x - one.x)
        return e

system = System([Body(k) for k in range(5)])
if "twice" in sys.argv:
    system.bodies[2] = system.bodies[0]
print(system.energy(), [body.a for body in system.bodies])
"""


def test_objects_of_one_list_are_compared_by_their_places(same_steps):
    made = same_steps(BODIES, "twice").text
    assert "for other in range(i + 1, len(" in made
    assert "if i != other:\n" in made


def test_places_that_may_be_counted_from_the_end_are_not_compared(same_steps):
    back = BODIES.replace("for other in self.bodies:", "for j in range(-1, 4):").replace(
        "if one is not", "other = self.bodies[j]\n                if one is not"
    )
    assert "i != other" not in same_steps(back).text
