"""Lists of objects that have short arrays, ``p.pos += dt * p.vel``."""

PARTICLES = """
import sys
import numpy as np

class Particle:
    def __init__(self, k):
        self.pos = np.array([0.1 * k, 0.2 * k])
        self.vel = np.array([1.0, -0.5 * k])
        self.acc = np.zeros(2)
        self.mass = 1.0 + k

    def kick(self, dt):
        self.vel += dt * self.acc

particles = [Particle(k) for k in range(5)]
kept = [p.pos for p in particles]
accelerations = [p.acc for p in particles]
if "same" in sys.argv:
    particles[1].pos = particles[0].pos
if "view" in sys.argv:
    field = np.zeros((5, 2))
    for p, row in zip(particles, field):
        p.vel = row
if "three" in sys.argv:
    for p in particles:
        p.pos, p.vel, p.acc = np.ones(3), np.ones(3), np.zeros(3)
"""


def test_arrays_of_objects_are_changed_in_place_or_bound_anew_as_python_does(same_for):
    done = same_for(
        PARTICLES
        + """
for step in range(4):  # hot
    for p in particles:
        p.acc = -0.5 * p.pos
    for i in range(5):
        for j in range(i):
            d = particles[i].pos - particles[j].pos
            r = np.sqrt(d[0] ** 2 + d[1] ** 2) + 0.1
            particles[i].acc += particles[j].mass * d / r
            particles[j].acc -= particles[i].mass * d / r
    for p in particles:
        p.kick(0.1)
        p.pos += 0.1 * p.vel
        if p.pos[0] < 0.0:
            p.pos[0] = -p.pos[0]
print([p.pos.tolist() + p.vel.tolist() + p.acc.tolist() for p in particles])
print([one.tolist() for one in kept], [one.tolist() for one in accelerations])
""",
        "same",
        "view",
        "three",
    )
    assert "particles_acc[p, 0], particles_acc[p, 1] = " in done.text
    assert 'are_vectors(particles, "pos acc vel", 2)' in done.text


def test_arrays_with_a_second_name_stay_with_their_objects(rewrite):
    for body in (
        "old = p.pos\n        p.pos = p.pos + p.vel\n        p.acc[0] = old[0]",
        "p.acc = p.vel\n        p.acc[0] = 3.0",
        "p.pos += p.vel\n        p.pos = 2.0 * p.pos",
    ):
        script = f"{PARTICLES}\nfor step in range(3):  # hot\n    for p in particles:\n        {body}\n"
        done = rewrite(script)
        assert not done.candidates, done.text
        (done.folder / "observed" / "job.json").unlink()
        for one in (done.folder / "observed").iterdir():
            one.unlink()
        (done.folder / "observed").rmdir()


def test_what_a_function_gives_back_may_be_the_array_that_it_was_given(rewrite):
    text = """
import numpy as np
class Particle:
    def __init__(self, k):
        self.pos = np.array([0.1 * k, 0.2 * k])
        self.vel = np.array([0.3, -0.1 * k])
def wrapped(x):
    {0}
    x[0] = x[0] % 1.0
    return x
particles = [Particle(k) for k in range(6)]
trail = [p.pos for p in particles]
for t in range(5):  # hot
    for p in particles:
        p.pos = wrapped(p.pos)
print(trail, [p.pos for p in particles])
"""
    assert not rewrite(text.format("pass")).candidates


def test_a_function_that_gives_back_an_array_of_its_own_is_compiled(same_steps):
    same_steps(
        """
import numpy as np
class Particle:
    def __init__(self, k):
        self.pos = np.array([0.1 * k, 0.2 * k])
        self.vel = np.array([0.3, -0.1 * k])
def wrapped(x):
    x = x.copy()
    x[0] = x[0] % 1.0
    return x * 1.0
particles = [Particle(k) for k in range(6)]
trail = [p.pos for p in particles]
for t in range(5):  # hot
    for p in particles:
        p.pos = wrapped(p.pos + 0.1 * p.vel)
print(np.array(trail).tolist(), [p.pos.tolist() for p in particles])
"""
    )
