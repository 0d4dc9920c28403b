"""Lists of objects: an array for each attribute, written back afterwards."""

import pytest

from tests.kernel.in_process import difference, execute, proposals, rewritten

BODIES = """
import math
import sys

class Body:
    def __init__(self, m, x, v):
        self.m = m
        self.x = x
        self.v = v
        self.a = 0.0

    def pull(self, other):
        d = other.x - self.x
        return other.m * d / (d * d + 0.1) ** 1.5

class Heavy(Body):
    pass

def force(one, other, eps):
    d = other.x - one.x
    return other.m * d / (d * d + eps) ** 1.5

def make(n):
    return [Body(1.0 / n, math.sin(3.0 * k), math.cos(2.0 * k)) for k in range(n)]
"""


def test_objects_of_a_list_are_moved(same_for):
    done = same_for(
        BODIES
        + """
def accelerations(bodies, eps=0.05):
    for b in bodies:
        b.a = 0.0
    n = len(bodies)
    for i in range(n):
        one = bodies[i]
        for j in range(i + 1, n):
            other = bodies[j]
            one.a += force(one, other, eps)
            other.a += force(other, one, eps)
        bodies[i].a += 0.5 * one.pull(bodies[i - 1])

def step(bodies, dt):
    accelerations(bodies)
    for k, b in enumerate(bodies):
        b.v += dt * b.a
        b.x += dt * b.v + 0.001 * k

bodies = make(12)
if sys.argv[1:] == ["heavy"]:
    bodies[3] = Heavy(1.0, 0.3, 0.1)
elif sys.argv[1:] == ["twice"]:
    bodies[3] = bodies[4]
elif sys.argv[1:] == ["whole"]:
    bodies[3].v = 1
elif sys.argv[1:] == ["none"]:
    bodies = []
for n in range(4):  # hot
    step(bodies, 0.01)
print([(b.x, b.v, b.a) for b in bodies])
""",
        "heavy",
        "twice",
        "whole",
        "none",
    )
    assert "are_objects(" in done.text


def test_cells_and_faces_are_two_lists(same_output):
    same_output("""
class Cell:
    def __init__(self, x, volume):
        self.x = x
        self.volume = volume
        self.u = x * (1 - x)
        self.residual = 0.0

class Face:
    def __init__(self, left, right):
        self.left = left
        self.right = right

class Mesh:
    def __init__(self, n):
        self.cells = [Cell((i + 0.5) / n, 1.0 / n) for i in range(n)]
        self.faces = [Face(i, (i + 1) % n) for i in range(n)]

class Solver:
    def __init__(self, mesh, speed):
        self.mesh = mesh
        self.speed = speed

    def step(self, dt):
        cells = self.mesh.cells
        for c in cells:  # hot
            c.residual = 0.0
        for f in self.mesh.faces:
            flux = self.speed * cells[f.left].u
            cells[f.left].residual -= flux
            cells[f.right].residual += flux
        for c in cells:
            c.u += dt * c.residual / c.volume

solver = Solver(Mesh(20), 1.0)
for n in range(5):
    solver.step(0.01)
    print(n, max(c.u for c in solver.mesh.cells))
print([c.u for c in solver.mesh.cells])
""")


def test_two_objects_are_named_at_once(same_output):
    done = same_output(
        BODIES
        + """
bodies = make(7)
pairs = [(i, (3 * i + 1) % 7) for i in range(7)]
for n in range(4):  # hot
    for k in range(7):
        one, other = bodies[k], bodies[(k + n) % 7 - 3]
        i, last, d = k - 1, bodies[k - 1], 0.5 * one.v
        pull = one.m * other.x - last.v * d
        one.a += pull
        other.a -= 0.1 * pull * i
        last.v += 0.01 * other.pull(one)
print([(b.x, b.v, b.a) for b in bodies])
"""
    )
    assert "are_objects(" in done.text


@pytest.mark.parametrize("line", ["a, b = b, a", "(a, b), c = (bodies[1], bodies[2]), 0.0", "a, b = pair"])
def test_objects_that_change_their_names_are_refused(rewrite, line):
    done = rewrite(
        BODIES
        + f"""
bodies = make(6)
pair = bodies[2], bodies[3]
for n in range(5):  # hot
    a, b = bodies[n], bodies[n + 1]
    {line}
    a.x += b.v
print([b.x for b in bodies])
"""
    )
    assert not done.candidates and done.refusals


@pytest.mark.parametrize(
    "body",
    [
        "kept = b",
        "total += total if b is bodies[0] else b.x",
        "b.log.append(b.x)",
        "names.append(b)",
        "b.speed += 1.0",
    ],
)
def test_what_an_index_cannot_stand_for_is_refused(rewrite, body):
    done = rewrite(
        BODIES.replace("self.a = 0.0", "self.a = 0.0\n        self.log = []")
        + f"""
Body.speed = property(lambda self: self.v, lambda self, v: setattr(self, "v", v))
bodies = make(12)
names = []
total = 0.0
for b in bodies:  # hot
    b.x += 0.1 * b.v
    {body}
print(total, [b.x for b in bodies])
"""
    )
    assert not done.candidates


def test_an_object_that_is_used_afterwards_is_refused(rewrite):
    done = rewrite(
        BODIES
        + """
bodies = make(12)
for b in bodies:  # hot
    b.x += 0.1 * b.v
print(b.x)
"""
    )
    assert not done.candidates


def test_an_object_with_two_names_is_refused(rewrite):
    done = rewrite(
        BODIES
        + """
bodies = make(12)
sun = bodies[0]
for b in bodies:  # hot
    b.x += 0.1 * sun.x
print([b.x for b in bodies])
"""
    )
    assert not done.candidates


def test_the_loop_around_is_taken_where_the_hot_one_cannot_be(same_output):
    same_output(
        BODIES
        + """
def accelerations(bodies):
    n = len(bodies)
    for i in range(n):
        one = bodies[i]
        for j in range(i + 1, n):  # hot
            other = bodies[j]
            one.a += force(one, other, 0.05)
            other.a += force(other, one, 0.05)

bodies = make(12)
for n in range(3):
    accelerations(bodies)
print([(b.x, b.v, b.a) for b in bodies])
"""
    )


def test_attributes_that_become_numpys_floats_stay_such(same_output):
    done = same_output(
        """
import numpy as np

class Particle:
    def __init__(self, x, v):
        self.x = x
        self.v = v

class Cloud:
    def __init__(self, n):
        self.field = np.sin(np.arange(8.0))
        self.particles = [Particle(0.1 * k, 0.0) for k in range(n)]

    def push(self, dt):
        for p in self.particles:
            p.v += dt * self.field[int(p.x) % 8]
            p.x = (p.x + dt * p.v) % 8.0

cloud = Cloud(9)
for step in range(4):  # hot
    cloud.push(0.3)
print([p.x for p in cloud.particles], [p.v for p in cloud.particles])
"""
    )
    assert 'float64="' in done.text
    assert "def march_particles" in done.text or "def update_particles" in done.text


def test_arrays_of_attributes_are_as_long_as_one_another(same_output):
    done = same_output("""
class Particle:
    def __init__(self, x):
        self.x, self.v, self.a = x, 0.5, 0.0

ps = [Particle(0.1 * k) for k in range(9)]

def move(dt):
    for p in ps:
        p.a = -p.x
    for p in ps:
        p.v += dt * p.a
        p.x += dt * p.v

for step in range(30):  # hot
    move(0.01)
print([(p.x, p.v) for p in ps])
""")
    assert "are_objects(" in done.text
    assert "IndexError" not in done.text


def test_properties_and_generators_over_objects_are_compiled(same_for):
    done = same_for(
        """
import math
import sys

class Cell:
    def __init__(self, x):
        self.rho, self.mom, self.flux = 1.0 + 0.1 * x, 0.2 * x, 0.0

    @property
    def u(self):
        return self.mom / self.rho

    @property
    def energy(self):
        return 0.5 * self.mom * self.u

    def speed(self):
        return abs(self.u) + math.sqrt(1.4 * self.rho)

class Fixed(Cell):
    @property
    def u(self):
        return 0.25

def between(left, right):
    fastest = max(left.speed(), right.speed())
    return 0.5 * (left.energy + right.energy) - 0.5 * fastest * (right.rho - left.rho)

cells = [Cell(math.sin(0.3 * k)) for k in range(20)]
rows = [[1.0, 2.0], [3.0, 0.5]]
if sys.argv[1:] == ["fixed"]:
    cells[4] = Fixed(0.5)
t = 0.0
for step in range(40):  # hot
    dt = 0.1 / max(abs(c.u) + c.speed() for c in cells)
    total = sum(c.rho for c in cells if c.mom > 0) + sum(c for row in rows for c in row)
    for i in range(len(cells) - 1):
        cells[i].flux = between(cells[i], cells[i + 1])
    for i in range(1, len(cells)):
        c = cells[i]
        c.rho -= dt * (c.flux - cells[i - 1].flux)
        c.mom += 0.01 * dt * total * c.u
    t += dt
print(t, total, [(c.rho, c.mom, c.u) for c in cells])
""",
        "fixed",
    )
    assert "are_objects(" in done.text
    assert "u_kernel(" in done.text


def test_numbers_taken_out_of_tuples_are_stored_in_objects(same_output):
    done = same_output("""
class Cell:
    def __init__(self, x):
        self.x, self.y = 0.1 * x, 0.5

def flux(left, right):
    return 0.5 * (left.x + right.x), left.y - right.x

cells = [Cell(k) for k in range(12)]
n = len(cells)
for step in range(20):  # hot
    f = [flux(cells[i], cells[i + 1]) for i in range(n - 1)]
    for i in range(1, n - 1):
        c = cells[i]
        before, after = f[i - 1], f[i]
        c.x -= 0.1 * (after[0] - before[0])
        pair = c.y, c.x
        c.y += 0.01 * pair[1]
print([(c.x, c.y) for c in cells])
""")
    assert "are_objects(" in done.text


def test_a_function_with_a_constant_of_a_library_gives_a_float(tmp_path, monkeypatch):
    monkeypatch.setattr("numba.core.config.DISABLE_JIT", True)
    text = """
import math

class Particle:
    def __init__(self, x):
        self.x = x
        self.rho = 0.0

def weight(r):
    if r > 0.5:
        return 0.0
    return 10 / (7 * math.pi) * (1 - r)

ps = [Particle(0.1 * i) for i in range(9)]
for a in ps:  # hot
    a.rho = 0.0
    for b in ps:
        a.rho += weight(abs(a.x - b.x))
print([p.rho for p in ps])
"""
    candidates, refusals = proposals(text, tmp_path)
    assert candidates and "are_objects(ps, Particle" in rewritten(candidates[0]), refusals
    assert execute(rewritten(candidates[0]), (), tmp_path) == execute(text, (), tmp_path)


def test_a_loop_that_compares_objects_is_compiled_with_the_loop_around_it_and_its_list(tmp_path, monkeypatch):
    monkeypatch.setattr("numba.core.config.DISABLE_JIT", True)
    text = """
class Particle:
    def __init__(self, x):
        self.x = x

def forces(ps):
    found = []
    for a in ps:
        f = 0.0
        for b in ps:  # hot
            if a is b:
                continue
            f += 1.0 / (a.x - b.x)
        found.append((f, -f))
    return found

ps = [Particle(0.1 * i) for i in range(9)]
print(sum(f for f, _ in forces(ps)), len(forces(ps)))
"""
    candidates, refusals = proposals(text, tmp_path)
    assert candidates, refusals
    assert execute(rewritten(candidates[0]), (), tmp_path) == execute(text, (), tmp_path)


MATERIALS = """
import sys
from dataclasses import dataclass

import numpy as np


@dataclass
class Material:
    D: tuple
    s: float
    table: tuple = (1, 3)

given = sys.argv[1] if len(sys.argv) > 1 else ""
second = {"list": [0.5, 0.25], "int": (1, 0.25), "long": (0.5, 0.25, 8.0)}.get(given, (0.5, 0.25))
MATS = [Material((1.5, 0.75), 0.5), Material(second, 0.25, (2, 2))]
mat = np.array([[(i * j) % 2 for j in range(9)] for i in range(7)])
if given == "far":
    mat[3, 3] = 2
u = np.ones((7, 9))
group = int(given) if given.lstrip("-").isdigit() else 1
for i in range(1, 6):  # hot
    for j in range(1, 8):
        m = MATS[mat[i, j]]
        c = m.D[group] + (m.s if group else 0.0)
        c += MATS[mat[i + 1, j]].D[0] * m.table[group]
        u[i, j] = 0.25 * c * (u[i - 1, j] + u[i + 1, j])
print(u)
"""


def test_tuples_of_objects_are_rows_of_an_array(tmp_path, monkeypatch):
    monkeypatch.setattr("numba.core.config.DISABLE_JIT", True)
    inputs = tuple((one,) for one in ("0", "-1", "2", "list", "int", "long", "far"))
    assert difference(MATERIALS, inputs, tmp_path) == ("same", "")
    candidates, _ = proposals(MATERIALS, tmp_path)
    assert "MATS_D[m, group]" in rewritten(candidates[0])


def test_a_tuple_that_is_used_as_a_whole_is_refused(tmp_path):
    text = MATERIALS.replace("c = m.D[group]", "a, b = m.D\n        c = a * m.D[group]")
    candidates, refusals = proposals(text, tmp_path)
    assert not candidates
    assert [one.reason for one in refusals] == ["the tuple `D` of `MATS` is used as a whole"]
