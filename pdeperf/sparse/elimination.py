"""Which functions solve a tridiagonal system by elimination in order, the Thomas algorithm."""

import ast
import random
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.source import Module
from pdeperf.sparse.exact import Evaluation, Exact, NotExact

_SIZES = (3, 4, 6)
_LENGTHS = ((0, 0), (0, -1), (-1, 0), (-1, -1))
_BEGINNINGS = ((0, 0), (0, 1), (1, 0), (1, 1))
"""What the arrays with the diagonals below and above are longer than the one between."""

SOLVED = '''
def solved_by_lapack(lower, diagonal, upper, right, kinds):
    """The solution of a tridiagonal system; None where elimination in order may be less stable.

    That is where the diagonal does not dominate the rows, or where not all are arrays of the same of kinds.
    """
    parts = lower, diagonal, upper, right
    kind = getattr(right, "dtype", None)
    if any(type(one) is not {numpy}.ndarray or one.ndim != 1 or one.dtype != kind for one in parts):
        return None
    if kind.char not in kinds or not right.size == diagonal.size == lower.size + 1 == upper.size + 1 > 2:
        return None
    size = abs(diagonal)
    slack = size.copy()
    slack[1:] -= abs(lower)
    slack[:-1] -= abs(upper)
    least = 1e-10 * size.max()
    if not (slack.min() >= -least and slack.max() > least and {numpy}.isfinite({numpy}.vdot(right, right))):
        return None
    from scipy.linalg.lapack import dgtsv, zgtsv

    *_, x, info = (dgtsv if kind.char == "d" else zgtsv)(lower, diagonal, upper, right)
    return None if info else x
'''


@dataclass(frozen=True, slots=True)
class Elimination:
    """One such function.

    Attributes
    ----------
    texts
        The diagonals below, of and above, and the right side, written with the parameters.
    kinds
        Type characters for which it returns the same type.
    """

    function: ast.FunctionDef
    texts: tuple[str, str, str, str]
    kinds: str


def eliminations(meaning: Meaning, module: Module) -> Iterator[Elimination]:
    """The functions of a file that solve a tridiagonal system, and do nothing else.

    Each is evaluated in fractions for some systems drawn at random: what solves these exactly, in statements
    that know no numbers but the length, solves all.
    """
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef) and (found := _found(meaning, module, node)) is not None:
            yield found


def _found(meaning: Meaning, module: Module, function: ast.FunctionDef) -> Elimination | None:
    given = function.args
    names = [one.arg for one in given.args]
    kinds = [ast.unparse(one) for one in function.decorator_list]
    if isinstance(module.parents.get(function), ast.ClassDef) and not kinds:
        names = names[1:]  # evaluating refuses what uses the object
    loops = [one for one in function.body if isinstance(one, ast.For)]
    divides = any(isinstance(one, ast.Div) for one in ast.walk(function))
    extra = (given.vararg, given.kwarg, *given.kwonlyargs, *given.posonlyargs, *given.defaults)
    if len(names) != 4 or any(extra) or len(loops) < 2 or not divides or kinds not in ([], ["staticmethod"]):
        return None
    if not isinstance(function.body[-1], ast.Return):
        return None
    for order in permutations(names):
        found = _with_roles(meaning, module, function, order)
        if found is not None:
            return found
    return None


def _with_roles(
    meaning: Meaning, module: Module, function: ast.FunctionDef, names: tuple[str, ...]
) -> Elimination | None:
    """The function if its parameters are the diagonals and the right side in an order."""
    lower, diagonal, upper, right = names
    known: dict[tuple[int, int], tuple[int, int]] = {}
    kinds: set[str] = set()
    for lengths in _LENGTHS:
        offsets = set(_BEGINNINGS)
        for n in _SIZES:
            offsets &= _fitting(meaning, module, function, names, n, lengths, kinds)
            if not offsets:
                break
        if offsets:
            known[lengths] = min(offsets)
    if not known:
        return None
    below = {(length[0], offset[0]) for length, offset in known.items()}
    above = {(length[1], offset[1]) for length, offset in known.items()}
    texts = [_part(lower, diagonal, below), diagonal, _part(upper, diagonal, above), right]
    if "" in texts or len(known) != len(below) * len(above) or {"float", "complex"} <= kinds:
        return None
    return Elimination(
        function,
        (texts[0], texts[1], texts[2], texts[3]),
        "d" if "float" in kinds else "D" if "complex" in kinds else "dD",
    )


def _part(name: str, diagonal: str, ways: set[tuple[int, int]]) -> str:
    """What of a parameter is a diagonal: its length beside the others, and where it begins."""
    match sorted(ways):
        case [(0, 1)]:
            return f"{name}[1:]"
        case [(0, 0)]:
            return f"{name}[:-1]"
        case [(-1, 0)]:
            return name
        case [(-1, 0), (0, 0)]:
            return f"{name}[: len({diagonal}) - 1]"
        case _:
            return ""


def _fitting(
    meaning: Meaning,
    module: Module,
    function: ast.FunctionDef,
    names: tuple[str, ...],
    n: int,
    lengths: tuple[int, int],
    kinds: set[str],
) -> set[tuple[int, int]]:
    """Where the diagonals below and above begin in arrays of some length, if it solves with them."""
    draw = random.Random(n)
    sizes = (n + lengths[0], n, n + lengths[1], n)
    rows = [[Fraction(draw.randint(1, 97), draw.randint(1, 97)) for _ in range(size)] for size in sizes]
    given = {name: Exact([*row], "like", is_given=True) for name, row in zip(names, rows, strict=True)}
    evaluation = Evaluation(meaning, module)
    try:
        found = evaluation.result(function, given)
    except NotExact:
        return set()
    if not isinstance(found, Exact) or len(found.items) != n or None in found.items:
        return set()
    if found.is_given or found.kind == "list":
        return set()
    kinds |= evaluation.kinds
    x = [Fraction(one or 0) for one in found.items]
    lower, diagonal, upper, right = rows
    fitting = set()
    for below, above in _BEGINNINGS:
        if below > lengths[0] + 1 or above > lengths[1] + 1:
            continue
        sums = (
            diagonal[i] * x[i]
            + (lower[i - 1 + below] * x[i - 1] if i else 0)
            + (upper[i + above] * x[i + 1] if i < n - 1 else 0)
            for i in range(n)
        )
        if all(one == right[i] for i, one in enumerate(sums)):
            fitting.add((below, above))
    return fitting
