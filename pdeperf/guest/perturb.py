"""How far the answer moves when every array of a time loop moves by one rounding error.

At iterations 1, 2, 4, 8, ... of each outermost loop, the floating-point arrays and sparse matrices that
the loop reads are multiplied by 1 or by 1 +- eps, at random; so is what a linear solver outside of loops
is given, and, where that is asked for, what sums over arrays give, which add in no given order. A function
that is called for one problem after another begins its loops anew: the iterations of each of the first are
counted for themselves, since errors in one problem say nothing about the next. The spread
of the results is the noise that any legitimate rewrite may show. Standard library only: the user's
interpreter imports it.
"""

import ast
import builtins
import random
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pdeperf.guest.functions import OfPython, last_name
from pdeperf.guest.turns import carried_names, leading_marks

ATTRIBUTE_DEPTH = 3
EPSILON = sys.float_info.epsilon
SOLVERS = frozenset(
    {"solve", "spsolve", "solve_banded", "solveh_banded", "solve_triangular", "solve_toeplitz", "splu",
     "spilu", "factorized", "lu_factor", "cho_factor", "lstsq", "inv", "cg", "gmres", "bicgstab", "minres",
     "eigh", "eigvalsh"}
)  # fmt: skip
"""Functions that solve: what they are given is moved even where no loop stands around them."""

SUMS = frozenset(
    {"sum", "nansum", "mean", "average", "std", "var", "dot", "vdot", "inner", "norm", "trapz", "trapezoid"}
)
"""Functions that add up: a number that they give is good to a few rounding errors."""
EACH_OF = 16
"""How many runs of a loop, or calls of a solver, are moved one by one."""

SUM_ROUNDINGS = (-3, -2, -1, 1, 2, 3)


def _names_read(loop: ast.stmt) -> tuple[str, ...]:
    return tuple(
        sorted(
            {
                node.id
                for node in ast.walk(loop)
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
            }
        )
    )


def _names_stored(loop: ast.stmt) -> tuple[str, ...]:
    """What a loop reads and also changes, itself or by handing it to one of the user's functions."""
    found: set[str] = set()
    for node in ast.walk(loop):
        if isinstance(node, ast.Name | ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(_root(node))
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                found.add(_root(node.func))
            elif isinstance(node.func, ast.Name) and not hasattr(builtins, node.func.id):
                found |= {_root(part) for part in node.args}
    return tuple(sorted(found & set(_names_read(loop))))


def _names_bound(loop: ast.stmt) -> set[str]:
    """The user's names that are bound anew in a loop: numbers cannot change otherwise."""
    names = (node for node in ast.walk(loop) if isinstance(node, ast.Name))
    return {
        name.id for name in names if isinstance(name.ctx, ast.Store) and not name.id.startswith("__pdeperf_")
    }


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _moving(name: str) -> ast.stmt:
    """Bind a name anew to its own value, moved; leave it unbound where it is."""
    return ast.parse(f"try: {name} = __pdeperf_moved__({name})\nexcept NameError: pass").body[0]


class _Heads(OfPython, ast.NodeTransformer):
    """Puts a call at the head of each outermost loop of one file."""

    def __init__(self, left: list[int], due: list[int], *, carried_only: bool, scalars: bool) -> None:
        super().__init__()
        self._scalars = scalars
        self._names = _names_stored if carried_only else _names_read
        self._left = left
        self._due = due

    def visit_For(self, node: ast.For) -> list[ast.stmt]:
        return self._head(node)

    def visit_While(self, node: ast.While) -> list[ast.stmt]:
        return self._head(node)

    def _head(self, node: ast.For | ast.While) -> list[ast.stmt]:
        number = len(self._left)
        self._left.append(1)
        self._due.append(1)
        names = self._names(node)
        lines = (
            f"__pdeperf_turns__[{number}] -= 1\n"
            f"if not __pdeperf_turns__[{number}]: "
            f"__pdeperf_shake__({number}, {names!r}, __pdeperf_locals__(), __pdeperf_globals__())"
        )
        head = ast.parse(lines).body
        if self._scalars:
            due = head[1]
            assert isinstance(due, ast.If)
            due.body += [_moving(name) for name in sorted(carried_names(node) & _names_bound(node))]
        for statement in head:
            for inner in ast.walk(statement):
                ast.copy_location(inner, node.body[0])
        # What is watched at the head is seen before it is moved.
        first = leading_marks(node.body)
        node.body = [*node.body[:first], *head, *node.body[first:]]
        begin = ast.parse(f"__pdeperf_begun__({number})").body
        for inner in ast.walk(begin[0]):
            ast.copy_location(inner, node)
        return [*begin, node]

    def visit_Assign(self, node: ast.Assign) -> ast.AST | list[ast.stmt]:
        return self._solve(node)

    def visit_Return(self, node: ast.Return) -> ast.AST | list[ast.stmt]:
        return self._solve(node)

    def _solve(self, node: ast.Assign | ast.Return) -> ast.AST | list[ast.stmt]:
        """Move what a linear solver is given, where no loop stands around it."""
        calls = (inner for inner in ast.walk(node) if isinstance(inner, ast.Call))
        if not any(last_name(call.func) in SOLVERS for call in calls):
            return node
        number = len(self._left)
        self._left.append(1)
        self._due.append(1)
        before = ast.parse(
            f"__pdeperf_begun__({number})\n"
            f"__pdeperf_turns__[{number}] -= 1\n"
            f"if not __pdeperf_turns__[{number}]: "
            f"__pdeperf_shake__({number}, {_names_read(node)!r}, __pdeperf_locals__(), __pdeperf_globals__())"
        ).body
        for statement in before:
            for inner in ast.walk(statement):
                ast.copy_location(inner, node)
        return [*before, node]


class _Sums(OfPython, ast.NodeTransformer):
    """Puts a call around each call of a function that adds up."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if last_name(node.func) not in SUMS:
            return node
        moved = ast.Call(func=ast.Name(id="__pdeperf_summed__", ctx=ast.Load()), args=[node], keywords=[])
        return ast.fix_missing_locations(ast.copy_location(moved, node))


class Perturbation:
    """One draw of rounding errors, for one run.

    Parameters
    ----------
    roundings_count
        Size of each error, in units of the rounding error.
    carried_only
        Move only what a loop itself changes, not the grids and coefficients that it reads.
    scalars
        Move the plain numbers too that a loop carries along.
    sums
        Move the numbers that sums over arrays give.
    """

    def __init__(
        self,
        seed: int,
        roundings_count: float = 1.0,
        *,
        carried_only: bool = False,
        scalars: bool = False,
        sums: bool = False,
    ) -> None:
        self._sums = sums
        self._carried_only = carried_only
        self._scalars = scalars
        self._seed = seed
        self._size = roundings_count
        self._left: list[int] = []
        self._due: list[int] = []
        self._begun: dict[int, int] = {}
        self._random = random.Random(seed)
        self._generator: Any = None
        self.arrays_count = 0

    def install(self) -> None:
        """Make the names that transformed loops use known everywhere."""
        space = vars(builtins)
        space["__pdeperf_turns__"] = self._left
        space["__pdeperf_begun__"] = self._begin
        space["__pdeperf_shake__"] = self._shake
        space["__pdeperf_moved__"] = self._moved
        space["__pdeperf_summed__"] = self._summed
        space["__pdeperf_locals__"] = locals
        space["__pdeperf_globals__"] = globals

    def transform(self, tree: ast.Module, file: str) -> ast.Module:
        """Put the calls into one file."""
        result = _Heads(self._left, self._due, carried_only=self._carried_only, scalars=self._scalars).visit(
            tree
        )
        result = _Sums().visit(result) if self._sums else result
        assert isinstance(result, ast.Module)
        return result

    def _begin(self, number: int) -> None:
        """Count iterations anew, the first times that a loop begins."""
        count = self._begun[number] = self._begun.get(number, 0) + 1
        if count <= EACH_OF:
            self._left[number] = self._due[number] = 1

    def _shake(
        self,
        number: int,
        names: tuple[str, ...],
        inner: Mapping[str, object],
        outer: Mapping[str, object],
    ) -> None:
        self._left[number] = self._due[number]
        self._due[number] *= 2
        done: set[int] = set()
        for name in names:
            value = inner.get(name, outer.get(name))
            self._move(value, done, ATTRIBUTE_DEPTH)

    def _moved(self, value: Any) -> Any:
        """A number moved by a rounding error; anything else as it is."""
        if size := _rounding(value):
            self.arrays_count += 1
            return type(value)(value * (1 + self._size * size * self._random.choice((-1, 0, 1))))
        return value

    def _summed(self, value: Any) -> Any:
        """A number that a sum gave, as another order of its terms gives it; an array as it is."""
        if size := _rounding(value):
            return type(value)(value * (1 + self._size * size * self._random.choice(SUM_ROUNDINGS)))
        return value

    def _move(self, value: object, done: set[int], depth: int) -> None:
        if value is None or id(value) in done or isinstance(value, str | bytes | int | type):
            return
        done.add(id(value))
        numpy: Any = sys.modules.get("numpy")
        if numpy is not None and isinstance(value, numpy.ndarray):
            self._move_array(value, numpy)
        elif numpy is not None and hasattr(value, "tocsr"):
            self._move(getattr(value, "data", None), done, 0)
        elif isinstance(value, list):
            self._move_list(value, done, depth)
        elif depth and isinstance(value, tuple):
            for item in value:
                self._move(item, done, depth - 1)
        elif depth and isinstance(value, dict):
            for key, item in list(value.items()):
                if self._scalars and type(item) in (float, complex):
                    value[key] = self._moved(item)
                self._move(item, done, depth - 1)
        elif depth and type(value).__module__.partition(".")[0] not in _LIBRARIES:
            for name, item in _attributes(value):
                if self._scalars and type(item) in (float, complex):
                    with suppress(AttributeError, TypeError):  # frozen, or a property without a setter
                        setattr(value, name, self._moved(item))
                self._move(item, done, depth - 1)

    def _move_array(self, array: Any, numpy: Any) -> None:
        if array.dtype.kind not in "fc" or not array.flags.writeable or array.size == 0:
            return
        if self._generator is None:
            self._generator = numpy.random.Generator(numpy.random.PCG64(self._seed))
        step = self._size * numpy.finfo(array.dtype).eps
        signs = self._generator.integers(-1, 2, size=array.shape, dtype=numpy.int8)
        with numpy.errstate(all="ignore"):
            array *= (1 + step * signs).astype(numpy.finfo(array.dtype).dtype)
            if array.dtype.kind == "c":  # a transform's errors are as large in small modes as in large
                array += self._everywhere(array, step, numpy)
        self.arrays_count += 1

    def _everywhere(self, array: Any, step: float, numpy: Any) -> Any:
        """Rounding errors of the size of the array's mean square, in every element alike."""
        size = step * float(numpy.sqrt(numpy.mean(numpy.abs(array) ** 2)))
        turns = self._generator.integers(0, 4, size=array.shape)
        return (size * 1j**turns).astype(array.dtype)

    def _move_list(self, values: list[Any], done: set[int], depth: int) -> None:
        for index, item in enumerate(values):
            if type(item) in (float, complex):
                values[index] = item * (1 + self._size * EPSILON * self._random.choice((-1, 0, 1)))
                self.arrays_count += index == 0
            elif isinstance(item, int | str):
                return
            else:
                self._move(item, done, depth)


def _rounding(value: Any) -> float:
    """The rounding error of a number with a point, relatively; 0 for anything else."""
    if type(value) in (float, complex):
        return EPSILON
    numpy: Any = sys.modules.get("numpy")
    is_number = numpy is not None and isinstance(value, numpy.inexact)
    return float(numpy.finfo(value.dtype).eps) if is_number else 0.0


def _attributes(value: object) -> list[tuple[str, object]]:
    """The attributes that an instance holds itself, in a dict or in slots."""
    names = list(getattr(value, "__dict__", ()))
    for kind in type(value).__mro__:
        slots = vars(kind).get("__slots__", ())
        names += (slots,) if isinstance(slots, str) else slots
    return [(name, getattr(value, name)) for name in names if hasattr(value, name)]


_LIBRARIES = frozenset(
    {"builtins", "numpy", "scipy", "matplotlib", "numba", "mpl_toolkits", "tqdm", "pandas"}
)
