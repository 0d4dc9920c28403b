"""Where a program solves linear systems by factorising, and whether it does so again and again."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from pdeperf.lifetimes.meaning import LOOPS, Meaning
from pdeperf.lifetimes.text import on_one_line
from pdeperf.model import Measurement, Span
from pdeperf.source import Module
from pdeperf.source.scopes import FUNCTIONS, statement_of

Loop = ast.For | ast.While


class Form(Enum):
    """How the matrix is stored."""

    SPARSE = "sparse"
    DENSE = "dense"


_DENSE = {
    "numpy.linalg.solve": frozenset[str](),
    "scipy.linalg.solve": frozenset(("assume_a", "check_finite")),
}
_STRUCTURES = {
    "gen": "",
    "general": "",
    "sym": "sym",
    "symmetric": "sym",
    "her": "sym",
    "hermitian": "sym",
    "pos": "pos",
    "positive definite": "pos",
}
"""What SciPy's ``assume_a`` says, as the written class has it."""
_INVERSES = ("numpy.linalg.inv", "scipy.linalg.inv")
_PAIRS = {
    "scipy.linalg.lu_solve": ("scipy.linalg.lu_factor", ""),
    "scipy.linalg.cho_solve": ("scipy.linalg.cho_factor", "pos"),
}
_SPARSE_OPTIONS = frozenset(("permc_spec", "use_umfpack"))
_METHODS = frozenset(("spsolve", "solve", "dot", "matmul", "lu_solve", "cho_solve"))


@dataclass(frozen=True, slots=True)
class Solve:
    """One expression that factorises a matrix and solves with it.

    Attributes
    ----------
    node
        The whole expression: a call, or a product with an inverse.
    function
        Full name of what factorises, ``scipy.sparse.linalg.spsolve``.
    right
        What the matrix is solved for, in order: their product where there are several.
    loops
        The loops around it in its own function, the outermost first.
    otherwise
        The text of a function of A and b that solves as the expression does.
    structure
        ``sym`` or ``pos`` where the script says so.
    """

    node: ast.expr
    form: Form
    function: str
    matrix: ast.expr
    right: tuple[ast.expr, ...]
    loops: tuple[Loop, ...]
    otherwise: str
    structure: str = ""

    @property
    def given(self) -> tuple[str, ...]:
        """What the class for dense matrices is told beside the matrix."""
        if self.form is Form.SPARSE:
            return ()
        return (self.otherwise, *([repr(self.structure)] if self.structure else []))

    def right_text(self, module: Module) -> str:
        """The right side on one line, the products from the last to the first."""
        *left, right = self.right
        text = on_one_line(module, right)
        for factor in reversed(left):
            text = f"{on_one_line(module, factor)} @ ({text})"
        return text


def solves_in(meaning: Meaning, module: Module, where: Span) -> Iterator[Solve]:
    """The expressions in some lines that factorise and solve, in order."""
    nodes = [
        node
        for node in module.nodes
        if isinstance(node, ast.Call | ast.BinOp) and where.first <= node.lineno <= where.last
    ]
    for node in sorted(nodes, key=lambda node: (node.lineno, node.col_offset)):
        if isinstance(node, ast.BinOp):
            found = _product_with_inverse(meaning, module, node)
        elif isinstance(node.func, ast.Attribute) and node.func.attr not in _METHODS:
            continue  # what a name means is costly to ask
        else:
            found = _called(meaning, module, node)
        if found is not None and not _is_compiled(module, node):
            yield found


def _is_compiled(module: Module, node: ast.AST) -> bool:
    """Does Numba compile the function around, in which nothing else can solve?"""
    decorators = (
        ast.unparse(one)
        for above in module.ancestors(node)
        if isinstance(above, ast.FunctionDef)
        for one in above.decorator_list
    )
    return any("jit" in text for text in decorators)


def _called(meaning: Meaning, module: Module, call: ast.Call) -> Solve | None:
    options = {keyword.arg: keyword.value for keyword in call.keywords}
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        return None
    loops = loops_around(module, call)
    match call:
        case ast.Call(func=ast.Attribute(value=ast.Call() as inverse, attr="dot"), args=[right]) if (
            not options
        ):
            return _by_inverse(meaning, module, call, inverse, (right,))
    if len(call.args) != 2:
        return None
    matrix, right = call.args
    name = meaning.full(module, call.func)
    text = on_one_line(module, call.func)
    if name.startswith("scipy.sparse.linalg") and name.endswith(".spsolve"):
        name = "scipy.sparse.linalg.spsolve"
        if set(options) <= _SPARSE_OPTIONS:
            return Solve(call, Form.SPARSE, name, matrix, (right,), loops, text)
    elif name in _DENSE and set(options) <= _DENSE[name]:
        told = options.get("assume_a", ast.Constant("gen"))
        if isinstance(told, ast.Constant) and told.value in _STRUCTURES:
            structure = _STRUCTURES[str(told.value)]
            if structure:
                text = f"lambda A, b: {text}(A, b, assume_a={told.value!r})"
            return Solve(call, Form.DENSE, name, matrix, (right,), loops, text, structure)
    elif name in ("numpy.dot", "numpy.matmul") and isinstance(matrix, ast.Call) and not options:
        return _by_inverse(meaning, module, call, matrix, (right,))
    elif name in _PAIRS and not options and isinstance(matrix, ast.Call):
        factorise, structure = _PAIRS[name]
        if meaning.full(module, matrix.func) == factorise and len(matrix.args) == 1 and not matrix.keywords:
            text = f"lambda A, b: {text}({on_one_line(module, matrix.func)}(A), b)"
            return Solve(call, Form.DENSE, factorise, matrix.args[0], (right,), loops, text, structure)
    return None


def _product_with_inverse(meaning: Meaning, module: Module, node: ast.BinOp) -> Solve | None:
    """``inv(A) @ B @ u``, as far as what lies between is known to be matrices."""
    if not isinstance(node.op, ast.MatMult):
        return None
    match node.left:
        case ast.Call() as inverse:
            right: tuple[ast.expr, ...] = (node.right,)
        case ast.BinOp(left=ast.Call() as inverse, op=ast.MatMult(), right=between):
            right = (between, node.right)
        case _:
            return None
    above = module.parents.get(node)
    grows = isinstance(above, ast.BinOp) and isinstance(above.op, ast.MatMult) and above.left is node
    if len(right) == 1 and grows and _is_matrix(meaning, module, node.right):
        return None  # the longer product is found by itself
    if len(right) == 2 and not _is_matrix(meaning, module, right[0]):
        return None
    return _by_inverse(meaning, module, node, inverse, right)


def _is_matrix(meaning: Meaning, module: Module, node: ast.expr) -> bool:
    statement = statement_of(module, node)
    return meaning.values(module, statement, ast.unparse(node), "ndim") == {"2.0"}


def _is_stack(meaning: Meaning, module: Module, node: ast.expr) -> bool:
    """Did an expression hold many matrices at once, each with an inverse of its own?"""
    statement = statement_of(module, node)
    seen = meaning.values(module, statement, ast.unparse(node), "ndim")
    return bool(seen) and "2.0" not in seen


def _by_inverse(
    meaning: Meaning, module: Module, node: ast.expr, inverse: ast.Call, right: tuple[ast.expr, ...]
) -> Solve | None:
    if len(inverse.args) != 1 or inverse.keywords or isinstance(inverse.args[0], ast.Starred):
        return None
    name = meaning.full(module, inverse.func)
    if name not in _INVERSES or _is_stack(meaning, module, inverse.args[0]):
        return None
    text = f"lambda A, b: {on_one_line(module, inverse.func)}(A) @ b"
    return Solve(node, Form.DENSE, name, inverse.args[0], right, loops_around(module, node), text)


def loops_around(module: Module, node: ast.AST) -> tuple[Loop, ...]:
    """The loops around a node in its own function, the outermost first."""
    found: list[Loop] = []
    for above in module.ancestors(node):
        if isinstance(above, (*FUNCTIONS, ast.ClassDef)):
            break
        if isinstance(above, LOOPS):
            found.append(above)
    return tuple(reversed(found))


def is_repeated(meaning: Meaning, module: Module, solve: Solve) -> bool:
    """Does a call run again and again: in a loop, or in a function that was called more than once?"""
    return bool(solve.loops) or runs_again(meaning, module, solve.node)


def runs_again(meaning: Meaning, module: Module, node: ast.AST) -> bool:
    """Is a node in a loop, or in a function that was called more than once?"""
    if loops_around(module, node):
        return True
    spans = [
        module.span(above)
        for above in module.ancestors(node)
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return any(
        row.metric == "calls_count" and row.where in spans and float(row.value) > 1
        for row in meaning.project.observed
    )


def comes_again(meaning: Meaning, module: Module, solve: Solve, facts: Sequence[Measurement]) -> bool:
    """Does a call run again and again, with matrices that were there before?"""
    seen = facts_of(solve, facts)
    solves = sum(float(value) for value in seen.get("solves_count", ()))
    same = sum(float(value) for value in seen.get("same_values_count", ()))
    return is_repeated(meaning, module, solve) and not (solves >= _OFTEN_COUNT and 4 * same < solves)


def come_again(solve: Solve, facts: Sequence[Measurement]) -> bool:
    """Were some matrices there before, as far as enough solves showed?"""
    seen = facts_of(solve, facts)
    solves = sum(float(value) for value in seen.get("solves_count", ()))
    same = sum(float(value) for value in seen.get("same_values_count", ()))
    return solves < _ENOUGH_COUNT or same > 0


def is_tiny(meaning: Meaning, module: Module, solve: Solve, facts: Sequence[Measurement]) -> bool:
    """Were all matrices dense and so small that solving costs as little as comparing them?"""
    shapes = facts_of(solve, facts).get("matrix_shape", set())
    if not shapes:  # none was solved with while that was watched
        at = statement_of(module, solve.node)
        shapes = {*meaning.values(module, at, ast.unparse(solve.matrix), "shape")}
    sizes = [int(str(value).partition("x")[0]) for value in shapes]
    return solve.form is Form.DENSE and bool(sizes) and max(sizes) <= _FEW


_ENOUGH_COUNT = 4
"""Where so many solves had so many matrices, factors are not worth keeping."""
_FEW = 8
NARROW = 4
"""Bandwidth up to which LAPACK's solvers for bands beat general sparse ones."""
_OFTEN_COUNT = 3
"""A watched run may be cut short: so many solves tell."""


def facts_of(solve: Solve, facts: Sequence[Measurement]) -> dict[str, set[float | str]]:
    """What was measured of a solve and its matrices."""
    return facts_at(solve.function, solve.node.lineno, facts)


def facts_at(function: str, line: int, facts: Sequence[Measurement]) -> dict[str, set[float | str]]:
    """What was measured of a function's matrices on a line."""
    seen: dict[str, set[float | str]] = {}
    for fact in facts:
        if fact.subject == function and fact.where.first == line:
            seen.setdefault(fact.metric, set()).add(fact.value)
    return seen


def narrow_bands(
    meaning: Meaning, module: Module, where: Span, facts: Sequence[Measurement], *, again: bool = False
) -> Iterator[tuple[Solve, float]]:
    """The solves in some lines whose matrices had a narrow band and were mostly others, or were not."""
    for solve in solves_in(meaning, module, where):
        seen = facts_of(solve, facts)
        widths = [float(value) for value in seen.get("bandwidth", ())]
        solves = sum(float(value) for value in seen.get("solves_count", ()))
        same = sum(float(value) for value in seen.get("same_values_count", ()))
        if widths and _is_narrow(solve, seen) and solves >= _OFTEN_COUNT and (2 * same >= solves) == again:
            yield solve, max(widths)


def _is_narrow(solve: Solve, seen: Mapping[str, set[float | str]]) -> bool:
    """Do LAPACK's solvers for bands beat the one that was called?"""
    widest = max(float(value) for value in seen["bandwidth"])
    if solve.form is Form.SPARSE:
        return widest <= NARROW
    sizes = [int(str(value).partition("x")[0]) for value in seen.get("matrix_shape", ())]
    plain = isinstance(solve.node, ast.Call) and not solve.node.keywords and solve.function in _DENSE
    return plain and bool(sizes) and 8 * (3 * widest + 1) < min(sizes)
