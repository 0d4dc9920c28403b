"""What random scripts do with objects of their own, and with random numbers."""

import random

OBJECTS = """
import random

random.seed(3)
old = np.random.RandomState(5)

class Point:
    def __init__(self, x, v, m):
        self.x = x
        self.v = v
        self.m = m

    def lead(self, other):
        return self.v - 0.5 * other.x

class Field:
    def __init__(self, data, h):
        self.data = data
        self.h = h

    def __getitem__(self, key):
        return self.data[key]

    def __setitem__(self, key, value):
        self.data[key] = value

    def __call__(self, a):
        return self.h * a

class Meter:
    def __init__(self):
        self.total = number(1)
        self.count = 0
        self.kept = np.arange(n) * 0.5
        self.spare = np.ones(n)

    def add(self, a):
        self.total += a
        self.count += 1

    def flip(self):
        self.kept, self.spare = self.spare, self.kept
        self.count -= 2

    def take(self, a, at):
        if a < 0:
            return self.total
        self.total = 0.5 * a + self.count
        self.kept[at] += a
        self.add(self.kept[at - 1])
        return self.total + self.spare[at]

def settle(meter, a):
    meter.flip()
    meter.total = abs(meter.total) % 7.0
    if meter.count < -3:
        return
    meter.kept = meter.kept * 0.5 + a

def scaled(a, options):
    return a * options["c"] + (0.5 if options["way"] == "up" else 0.25)

def pull(one, other):
    return one.v - other.x

def pick(field, at):
    f = field
    return f[at] + f.h

points = [Point(float(j), 0.25 * j, j) for j in range(n)]
meter = Meter()
gauge = meter if n > 7 else Meter()
field = Field((np.arange(n) * 0.3).astype(kind), number(2))
options = {"c": number(2), "way": "up" if n > 2 else "down"}
"""

SHOWN = (
    "print([(float(p.x), float(p.v), p.m) for p in points])",
    "print(float(meter.total), meter.count, meter.kept.tolist(), meter.spare.tolist())",
    "print(float(gauge.total), gauge.count, gauge.kept.tolist(), gauge.spare.tolist())",
    "print(field.data.tolist(), random.random(), old.rand(), random.randint(0, 99))",
)


def value(r: random.Random, one: str, index: str, other: str) -> str:
    """An expression with an object in it."""
    return r.choice(
        [
            f"points[{index}].x",
            f"points[{index}].v",
            f"points[{index}].m",
            f"field[{index}]",
            f"field({one})",
            f"scaled({one}, options)",
            f"pull(points[{index}], points[{other}])",
            f"points[{index}].lead(points[{other}])",
            f"pick(field, {index})",
            "random.random()",
            f"random.uniform(-1, {one})",
            "random.randint(0, 3)",
            f"random.randrange(1, 2 + abs(int({one})) % 5)",
            "random.choice([0.5, 1.5])",
            "old.rand()",
        ]
    )


def rows(r: random.Random, name: str, one: str, index: str, other: str, indent: str) -> list[str]:
    """Statements that change an object."""
    if r.random() < 0.4:
        which = r.choice(["meter", "meter", "gauge"])
        texts = (
            f"{which}.add({one})",
            f"{which}.flip()",
            f"{name} = {which}.take({one}, {index})",
            f"{which}.take({one}, {index})",
            f"settle({which}, {one})",
            f"{which}.total -= {one}",
        )
        return [indent + text for text in r.sample(texts, r.randint(1, 2))]
    way = r.random()
    if way < 0.3:
        return [
            f"{indent}{name} = points[{index}]",
            f"{indent}{name}.v {r.choice(['', '+', '-'])}= {one} * 1.0",
        ]
    if way < 0.5:
        return [
            f"{indent}for {name} in points:",
            f"{indent}    {name}.x += 0.1 * {name}.v - points[{other}].x",
        ]
    if way < 0.6:
        return [
            f"{indent}for {name}n, {name} in enumerate(points):",
            f"{indent}    {name}.v = 0.5 * {name}.x + {name}n + pull({name}, points[{other}])",
        ]
    return [
        indent
        + r.choice(
            [
                f"points[{index}].v = {one} * 1.0",
                f"points[{index}].x += {one}",
                f"points[{index}].m += 1",
                f"field[{index}] = {one}",
                f"field[{index}] += {one}",
            ]
        )
    ]
