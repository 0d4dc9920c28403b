"""Functions for kernels that Numba lacks: ``max`` and ``min`` over values, random integers."""

import ast

from pdeperf.source.scopes import Scope

EXTREMES = {"builtins.max": "largest", "builtins.min": "smallest"}

TEXTS = {
    "random_integer": '''@njit(cache=True)
def random_integer(generator, low, high):
    """What np.random.randint(low, high) draws: numbers of 32 bits until one fits."""
    if not low < high <= low + 4294967295:
        raise ValueError("low >= high")
    if high == low + 1:
        return low
    mask = np.uint32(1)
    while mask < high - low - 1:
        mask = np.uint32(2 * mask + 1)
    while True:
        value = generator.integers(0, 4294967296, dtype=np.uint32) & mask
        if value < high - low:
            return low + np.int64(value)
''',
    "integer_between": '''@njit(cache=True)
def integer_between(generator, low, high):
    """What Python's random.randrange(low, high) draws: words of 32 bits until one fits."""
    count = high - low
    if not 0 < count < 4294967296:
        raise ValueError("empty range")
    unused = 32
    while count >> (32 - unused):
        unused -= 1
    while True:
        value = np.int64(generator.integers(0, 4294967296, dtype=np.uint32)) >> unused
        if value < count:
            return low + value
''',
    "uniform_between": '''@njit(cache=True)
def uniform_between(generator, low, high):
    """What random.uniform(low, high) draws, the bounds in any order."""
    return low + (high - low) * generator.random()
''',
    "numpy_normal": '''@njit(cache=True)
def numpy_normal(generator, spare, mean, deviation):
    """What np.random.normal(mean, deviation) draws: in pairs, of which one is kept."""
    if deviation < 0:
        raise ValueError("scale < 0")
    if spare[0]:
        spare[0] = 0.0
        value, spare[1] = spare[1], 0.0
        return mean + deviation * value
    square = 0.0
    while square >= 1.0 or square == 0.0:
        first = 2.0 * generator.random() - 1.0
        second = 2.0 * generator.random() - 1.0
        square = first * first + second * second
    factor = np.sqrt(-2.0 * np.log(square) / square)
    spare[0], spare[1] = 1.0, factor * first
    return mean + deviation * (factor * second)
''',
    "python_gauss": '''@njit(cache=True)
def python_gauss(generator, spare, mean, deviation):
    """What random.gauss(mean, deviation) draws: in pairs, of which one is kept."""
    if spare[0]:
        spare[0] = 0.0
        return mean + spare[1] * deviation
    angle = generator.random() * (2.0 * np.pi)
    radius = np.sqrt(-2.0 * np.log(1.0 - generator.random()))
    spare[0], spare[1] = 1.0, np.sin(angle) * radius
    return mean + np.cos(angle) * radius * deviation
''',
    "highest_of": '''@njit(cache=True)
def highest_of(places):
    """The largest of some integers; -1 of none."""
    high = -1
    for place in places.flat:
        high = max(high, place)
    return high
''',
    "lowest_of": '''@njit(cache=True)
def lowest_of(places):
    """The smallest of some integers; 0 of none."""
    low = 0
    for place in places.flat:
        low = min(low, place)
    return low
''',
    "largest": '''@njit(cache=True)
def largest(values):
    """What max(values) is, not-a-number included."""
    if len(values) == 0:
        raise ValueError("max() of nothing")
    best = values[0]
    for value in values:
        if value > best:
            best = value
    return best
''',
    "smallest": '''@njit(cache=True)
def smallest(values):
    """What min(values) is, not-a-number included."""
    if len(values) == 0:
        raise ValueError("min() of nothing")
    best = values[0]
    for value in values:
        if value < best:
            best = value
    return best
''',
}


def is_free(name: str, scope: Scope) -> bool:
    """May a kernel use the name of one of these functions, or is it that function already?"""
    return is_free_for(name, TEXTS[name], scope)


def is_free_for(name: str, text: str, scope: Scope) -> bool:
    """May a kernel use a name for a function of its own, or is it that function already?"""
    owner = scope.resolve(name)
    if owner is None:
        return True
    found = [node for node in ast.walk(owner.node) if isinstance(node, ast.FunctionDef) and node.name == name]
    wanted = ast.unparse(ast.parse(text))
    return owner.is_module and [ast.unparse(node) for node in found] == [wanted]
