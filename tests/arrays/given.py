"""What random array programs begin with: their inputs, drawn by the command line, and their functions."""

import ast
import random
from collections.abc import Iterable

MARK = "# What it computes."

HEAD = '''import sys
import numpy as np

given = dict(enumerate(sys.argv))
n = int(given.get(1, 7))
m = int(given.get(2, 6))
kind = given.get(3, "float64")
case = given.get(4, "apart")
NUMBERS = {"float": float, "int": int, "half": np.float16, "single": np.float32, "double": np.float64}
NUMBERS |= {"byte": np.int8, "complex": complex, "array": np.asarray}
number = NUMBERS[given.get(5, "float")]
CX = np.array([0, 1, -2])
WEIGHTS = [0.5, 0.25, 1.5]
TABLE = np.array([0.5, -1.5])
NEXT_N, LAST_N = (np.arange(n) + 1) % n, np.arange(n) - 1
NEXT_M, LAST_M = np.roll(np.arange(m), -1), np.roll(np.arange(m), 1)


def field(seed, *shape, dtype=None):
    values = np.round(np.sin(np.arange(np.prod(shape)) * (1.3 + seed) + seed) * 3, 3).reshape(shape)
    if case == "special" and values.size:
        flat = values.reshape(-1)
        for at, value in enumerate((np.nan, -0.0, np.inf, 0.0, -np.inf)):
            flat[(3 * at + seed) % flat.size] = value
    dtype = np.dtype(dtype or kind)
    if dtype.kind == "c":
        return (values + 1j * values[::-1]).astype(dtype)
    if dtype.kind in "iu":
        values = np.nan_to_num(values, posinf=5, neginf=-5).astype(dtype)
        if case == "huge" and values.size:
            values.reshape(-1)[seed % values.size] = np.iinfo(dtype).max - 1
        return values
    if dtype.kind == "b":
        return values > 0.5
    return values.astype(dtype)


def outside(z):
    """What no rewrite looks into."""
    try:
        return np.flip(z, axis=0) * 0.5
    finally:
        pass


def shortened(z):
    try:
        return z if z.shape[0] > 3 else z[:1]
    finally:
        pass


class Own(np.ndarray):
    """An array that adds in a way of its own."""

    def __add__(self, other):
        return np.ndarray.__sub__(self, other)


def pair(*shape):
    """Two arrays, as the case wants them."""
    u, v = field(1, *shape), field(2, *shape)
    if case == "same":
        return u, u
    if case == "overlap":
        base = field(3, shape[0] + 1, *shape[1:])
        return base[:-1], base[1:]
    if case == "reversed":
        return u, u[::-1]
    if case == "transposed" and len(set(shape)) == 1:
        return u, u.T
    if case == "fortran":
        return np.asfortranarray(u), v
    if case == "strided":
        return field(4, *(2 * size for size in shape))[tuple(slice(None, None, 2) for _ in shape)], v
    if case == "readonly":
        v.flags.writeable = False
    if case == "broadcast":
        return u, np.broadcast_to(v[:1], shape)
    if case == "masked":
        return np.ma.masked_array(u, mask=np.abs(u) > 2), v
    if case == "matrix" and len(shape) == 2:
        return np.asmatrix(u), v
    if case == "subclass":
        return u, v.view(Own)
    if case == "objects":
        return u, v.astype(object)
    if case == "swapped":
        return u, v.astype(v.dtype.newbyteorder())
    return u, v


'''

SIZES = (
    ("7", "6"),
    ("0", "3"),
    ("3", "0"),
    ("4", "4"),
    ("1", "1"),
    ("2", "3"),
    ("3", "2"),
    ("5", "5"),
    ("1", "4"),
    ("8", "9"),
)
KINDS = ("float64", "float32", "int64", "int32", "bool", "complex128")
ODD_KINDS = ("complex64", "float16", "longdouble", "int8", "uint8", "uint32", "int16", "uint64")
CASES = ("apart", "same", "overlap", "reversed", "transposed", "fortran", "strided", "special", "huge")
ODD_CASES = ("readonly", "broadcast", "masked", "matrix", "subclass", "objects", "swapped")
NUMBERS = ("float", "float", "float", "int", "int", "half", "single", "double", "byte", "complex", "array")


HELPERS = {
    1: """def laplacian(z):
    return np.roll(z, 1) + np.roll(z, -1) - 2 * z


def inner(z):
    return z[2:] - z[:-2]


def limit(a, b):
    return np.where(a * b > 0, np.where(np.abs(a) < np.abs(b), a, b), 0.0)


def clamp(z):
    z[0] = z[1 % z.shape[0]]
    z[-1] = 0


def scaled(z):
    top = np.abs(z).max()
    low, high = -1, 1
    return (z - np.roll(z, high, axis=0)) / (top + 1) + np.roll(z, low, axis=0)


half = lambda z: 0.5 * z


def twice(f, z):
    return f(z - f(z))


def moved(z):
    d = z - z.mean()
    return d, 0.5 * d * z


def halved(z, c=0.5):
    w = z.copy()
    w[1:] = c * z[:-1]
    return w


""",
    2: """def laplacian(z):
    x = np.roll(z, 1, axis=1) + np.roll(z, -1, axis=1)
    return np.roll(z, 1, axis=0) + np.roll(z, -1, axis=0) + x - 4 * z


def inner(z):
    return z[2:, 1:-1] - z[:-2, 1:-1] + z[1:-1, 2:] * 2


def limit(a, b):
    return np.where(a * b > 0, np.where(np.abs(a) < np.abs(b), a, b), 0.0)


def clamp(z):
    z[0, :] = z[-1, :]
    z[:, -1] = 0


def scaled(z):
    top = np.abs(z).max()
    low, high = -1, 1
    return (z - np.roll(z, high, axis=0)) / (top + 1) + np.roll(z, low, axis=0)


half = lambda z: 0.5 * z


def twice(f, z):
    return f(z - f(z))


def moved(z):
    d = z - z.mean()
    return d, 0.5 * d * z


def halved(z, c=0.5):
    w = z.copy()
    w[1:, :] = c * z[:-1, :]
    return w


""",
}


def inputs(seed: int, count: int = 7) -> tuple[tuple[str, ...], ...]:
    """Command lines that nobody observed."""
    r = random.Random(seed)
    kinds, cases = (*KINDS, *KINDS[:1] * 8, *ODD_KINDS[:4], r.choice(ODD_KINDS)), (*CASES * 2, *ODD_CASES)
    found = [
        (*r.choice(SIZES), r.choice(kinds), r.choice(cases), r.choice(NUMBERS)) for _ in range(count - 1)
    ]
    return (("7", "6", "float64", "special"), *found)


def whole(head: str, lines: Iterable[str]) -> str:
    """A program of a head and lines, without the functions of the head that nobody calls."""
    body = "\n".join(lines) + "\n"
    rows = head.splitlines(keepends=True)
    while True:
        text = "".join(rows) + body
        names = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
        unused = next((node for node in ast.parse("".join(rows)).body if not names & _defined(node)), None)
        if unused is None:
            return f"{''.join(rows)}{MARK}\n{body}"
        end = unused.end_lineno or unused.lineno
        while end < len(rows) and not rows[end].strip():
            end += 1
        del rows[unused.lineno - 1 : end]


def _defined(node: ast.stmt) -> set[str]:
    """What a statement of a head defines; a name that is always there for any other."""
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda()):
            return {name}
    return {"np"}
