"""Runs of the user's program that stop early, or iterate to a tighter tolerance.

Standard library only: the user's interpreter imports it.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pdeperf.guest.functions import last_name
from pdeperf.guest.turns import Loop, header_of

TIGHTER = 0.1
LARGEST_TOLERANCE = 1e-2
TOLERANCE_NAME = re.compile(r"tol|eps|thresh|crit|accura|precis", re.IGNORECASE)
TOLERANCE_KEYWORDS = frozenset({"tol", "rtol", "atol", "xtol", "ftol", "gtol"})
SOLVER_DEFAULTS: dict[str, dict[str, float]] = {
    **{
        name: {"rtol": 1e-5}
        for name in ("cg", "bicg", "bicgstab", "cgs", "gmres", "lgmres", "minres", "qmr", "gcrotmk", "tfqmr")
    },
    "solve_ivp": {"rtol": 1e-3, "atol": 1e-6},
    "odeint": {"rtol": 1.49012e-8, "atol": 1.49012e-8},
    "fsolve": {"xtol": 1.49012e-8},
    "newton": {"tol": 1.48e-8},
    "newton_krylov": {"f_tol": 6e-6},
    "minimize": {},
    "root": {},
    "least_squares": {"ftol": 1e-8, "xtol": 1e-8},
    "eigs": {},
    "eigsh": {},
    "lsqr": {"atol": 1e-6, "btol": 1e-6},
}
"""Library solvers that iterate to a tolerance, and what it is where the caller gives none."""


@dataclass(slots=True)
class Truncation(ast.NodeTransformer):
    """Ends each loop with one header after so many turns; in compiled functions too.

    Attributes
    ----------
    header
        As :func:`pdeperf.guest.turns.header_of` spells it.
    found_count
        How many loops had it.
    """

    header: str
    turns_count: int
    found_count: int = 0

    def visit_For(self, node: ast.For) -> ast.AST | list[ast.stmt]:
        return self._cut(node)

    def visit_While(self, node: ast.While) -> ast.AST | list[ast.stmt]:
        return self._cut(node)

    def _cut(self, node: Loop) -> ast.AST | list[ast.stmt]:
        if header_of(node) != self.header:
            return self.generic_visit(node)
        self.found_count += 1
        counter = f"__pdeperf_turn_{self.found_count}__"
        before, *head = ast.parse(
            f"{counter} = 0\nif {counter} >= {self.turns_count}: break\n{counter} += 1"
        ).body
        for statement in (before, *head):
            for inner in ast.walk(statement):
                ast.copy_location(inner, node)
        node.body = [*head, *node.body]
        return [before, node]


class Tightening(ast.NodeTransformer):
    """Divides by ten the tolerances that the user's iterations, and the library's, run to.

    Recognised are comparisons that end a loop (``while err > tol``, ``if err < 1e-8: break``), flags
    set in a loop by comparison with a tolerance's name, and the keywords of known solvers. A name that is
    made from a tolerance (``stop = tol**2 * b @ b``) is one too.

    Attributes
    ----------
    found_count
        How many tolerances were met.
    """

    def __init__(self) -> None:
        self.found_count = 0
        self._loops_count = 0
        self._made: frozenset[str] = frozenset()

    def visit_Module(self, node: ast.Module) -> ast.AST:
        self._made = frozenset(_made_from_tolerances(node))
        return self.generic_visit(node)

    def visit_While(self, node: ast.While) -> ast.AST:
        node.test = self._tightened(node.test)
        return self._below(node)

    def visit_For(self, node: ast.For) -> ast.AST:
        return self._below(node)

    def _below(self, node: Loop) -> ast.AST:
        self._loops_count += 1
        self.generic_visit(node)
        self._loops_count -= 1
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        outer, self._loops_count = self._loops_count, 0
        self.generic_visit(node)
        self._loops_count = outer
        return node

    def visit_If(self, node: ast.If) -> ast.AST:
        if self._loops_count and any(isinstance(inner, ast.Break | ast.Return) for inner in node.body):
            node.test = self._tightened(node.test)
        return self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        if self._loops_count and isinstance(node.value, ast.Compare):
            node.value = self._tightened(node.value, constants=False)
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        defaults = SOLVER_DEFAULTS.get(last_name(node.func))
        if defaults is None:
            return node
        given = {keyword.arg for keyword in node.keywords}
        for keyword in node.keywords:
            if keyword.arg in TOLERANCE_KEYWORDS and not _is_nothing(keyword.value):
                keyword.value = self._times(keyword.value)
        if None in given or given & TOLERANCE_KEYWORDS:
            return node
        for name, value in defaults.items():
            node.keywords.append(
                ast.copy_location(ast.keyword(name, self._times(_number(value, node))), node)
            )
        return node

    def _tightened(self, test: ast.expr, *, constants: bool = True) -> ast.expr:
        for compare in (node for node in ast.walk(test) if isinstance(node, ast.Compare)):
            if len(compare.ops) != 1 or not isinstance(compare.ops[0], ast.Gt | ast.GtE | ast.Lt | ast.LtE):
                continue
            right = compare.comparators[0]
            if self._is_bound(right, constants=constants) and not isinstance(compare.left, ast.Constant):
                compare.comparators = [self._times(right)]
            elif self._is_bound(compare.left, constants=constants) and not isinstance(right, ast.Constant):
                compare.left = self._times(compare.left)
        return test

    def _is_bound(self, value: ast.expr, *, constants: bool) -> bool:
        made = isinstance(value, ast.Name) and value.id in self._made
        return made or _is_tolerance(value, constants=constants)

    def _times(self, value: ast.expr) -> ast.expr:
        self.found_count += 1
        return ast.copy_location(ast.BinOp(value, ast.Mult(), _number(TIGHTER, value)), value)


def _number(value: float, at: ast.AST) -> ast.Constant:
    return ast.copy_location(ast.Constant(value), at)


def _is_nothing(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and not isinstance(value.value, float)


def _is_tolerance(value: ast.expr, *, constants: bool) -> bool:
    """Is this ``tol``, ``self.eps``, ``1e-8``, or a multiple of one?"""
    return any(_names_tolerance(part, constants=constants) for part in _factors(value))


def _factors(value: ast.expr) -> Iterator[ast.expr]:
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult | ast.Div):
        yield from _factors(value.left)
        if isinstance(value.op, ast.Mult):
            yield from _factors(value.right)
    elif isinstance(value, ast.BinOp) and isinstance(value.op, ast.Pow):
        yield from _factors(value.left)
    elif isinstance(value, ast.Call) and last_name(value.func) in ("max", "min"):
        for argument in value.args:
            yield from _factors(argument)
    else:
        yield value


def _made_from_tolerances(tree: ast.Module) -> Iterator[str]:
    """Names that are bound to a multiple of a tolerance."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and _is_tolerance(node.value, constants=False):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _names_tolerance(value: ast.expr, *, constants: bool) -> bool:
    if isinstance(value, ast.Constant):
        found = value.value
        return constants and isinstance(found, float) and 0 < found <= LARGEST_TOLERANCE
    return TOLERANCE_NAME.search(last_name(value)) is not None


def tolerances_count(text: str) -> int:
    """How many tolerances does a file's own text hold that :class:`Tightening` would divide?"""
    tightening = Tightening()
    tightening.visit(ast.parse(text))
    return tightening.found_count
