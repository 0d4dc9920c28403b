"""Matrices that are computed within a statement, ``spsolve(I - c * L, b)``, in statements of their own."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pdeperf.lifetimes.text import fresh_name, in_place_of, names_of, on_one_line
from pdeperf.source import Module
from pdeperf.source.edits import Edit, apply, extent, indentation, owns_lines, segment
from pdeperf.source.flow import reads, writes
from pdeperf.source.scopes import own_nodes
from pdeperf.sparse.constancy import CONVERSIONS, Constancy
from pdeperf.sparse.dependencies import Dependencies, Impure, hidden_reads
from pdeperf.sparse.divided import Divided, written_anew
from pdeperf.sparse.solves import Loop, solves_in

_PLAIN = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return, ast.Expr)
_CROSSED = (ast.BinOp, ast.UnaryOp, ast.Call, ast.Tuple, ast.List, ast.Subscript, ast.Attribute, ast.keyword)
"""What evaluates its parts once, from left to right."""
_BINDING = (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)


def nameable(constancy: Constancy, module: Module, home: ast.FunctionDef | Loop) -> dict[ast.expr, ast.stmt]:
    """The matrices that statements of a body compute and use at once, each with its statement.

    Only where nothing that the statement does before can change them, or be changed by them.
    """
    found: dict[ast.expr, ast.stmt] = {}
    for statement in home.body:
        if not isinstance(statement, _PLAIN) or not owns_lines(module, [statement]):
            continue
        for one in _matrices(constancy, module, statement):
            if one not in found and _can_be_before(constancy, module, statement, one):
                found[one] = statement
    return {
        one: statement
        for one, statement in found.items()
        if not any(above in found for above in module.ancestors(one))
    }


def named(
    constancy: Constancy,
    module: Module,
    home: ast.FunctionDef | Loop,
    matrices: Mapping[ast.expr, ast.stmt],
) -> tuple[Divided, dict[str, ast.expr]]:
    """The file with some matrices bound to names before they are used, and what has which name.

    They stand as early as they may, so that what builds them is not parted by what uses others.
    """
    taken, names = names_of(module), dict[str, ast.expr]()
    early: dict[ast.stmt, list[tuple[str, int]]] = {}
    edits: dict[ast.stmt, list[Edit]] = {}
    for one in sorted(matrices, key=lambda each: extent(module, each)):
        statement = matrices[one]
        name = fresh_name("matrix", taken)
        taken |= {name}
        names[name] = one
        place = _earliest(constancy, module, home, statement, one)
        line = f"{indentation(module, place)}{name} = {on_one_line(module, one)}"
        early.setdefault(place, []).append((line, statement.lineno))
        edits.setdefault(statement, []).append(in_place_of(module, one, name))
    pieces = []
    for place in home.body:
        if place in early or place in edits:
            lines = [*early.get(place, ()), *_written(module, place, edits.get(place, ()))]
            pieces.append((place.lineno, place.end_lineno or place.lineno, lines))
    return written_anew(constancy.meaning.project, module, pieces), names


def _earliest(
    constancy: Constancy, module: Module, home: ast.FunctionDef | Loop, statement: ast.stmt, node: ast.expr
) -> ast.stmt:
    """The first statement of a body before which an expression may be computed that a later one uses."""
    place = statement
    try:
        hidden = hidden_reads(constancy.meaning, module, ast.walk(node))
    except Impure:
        return place
    read = reads(node) | hidden
    for one in reversed(home.body[: home.body.index(statement)]):
        match one:
            case ast.Assign(targets=targets) if not writes(one) & read and all(
                isinstance(each, ast.Name) for each in targets
            ):
                calls = [each for each in ast.walk(one) if isinstance(each, ast.Call)]
                if _only_compute(constancy, module, one, calls) and owns_lines(module, [one]):
                    place = one
                    continue
        break
    return place


def _written(module: Module, statement: ast.stmt, edits: Iterable[Edit]) -> Iterator[tuple[str, int]]:
    """The lines of a statement after some edits, each with its original line."""
    start, stop = extent(module, statement)
    text = apply(segment(module, statement), [Edit(e.start - start, e.end - start, e.text) for e in edits])
    tail = module.text[stop:].partition("\n")[0].rstrip()
    last = statement.end_lineno or statement.lineno
    for number, line in enumerate(re.split(r"\r?\n", f"{indentation(module, statement)}{text}{tail}")):
        yield line, min(statement.lineno + number, last)


def _matrices(constancy: Constancy, module: Module, statement: ast.stmt) -> Iterator[ast.expr]:
    """What a statement computes to solve with, and sparse matrices that it multiplies by."""
    where = module.span(statement)
    solved = {one.matrix for one in solves_in(constancy.meaning, module, where)}
    for node in ast.walk(statement):
        match node:
            case (
                ast.BinOp(left=left, op=ast.MatMult())
                | ast.Call(func=ast.Attribute(value=left, attr="dot"), args=[_])
            ):
                if _computes(left) and _is_sparse(constancy, module, statement, left):
                    yield left
            case ast.Call(args=[first, *_]) if first in solved and _computes(first):
                yield first


def _computes(node: ast.expr) -> bool:
    """Is it more than a name, or the conversion of one?"""
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr=attr), args=[], keywords=[]) if (
            attr in CONVERSIONS
        ):
            return _computes(value)
        case ast.Attribute(value=value, attr="T"):
            return _computes(value)
        case ast.Call(args=arguments, keywords=keywords):
            given = (*arguments, *(one.value for one in keywords))
            return not any(isinstance(one, ast.Starred | ast.Lambda) for one in given)
        case ast.BinOp():
            return True
        case _:
            return False


def _is_sparse(constancy: Constancy, module: Module, statement: ast.stmt, node: ast.expr) -> bool:
    """Is some part of an expression a sparse matrix, as far as was seen, or what makes one?"""
    meaning, scope = constancy.meaning, constancy.meaning.home(module, statement)
    for one in ast.walk(node):
        if isinstance(one, ast.Name | ast.Attribute):
            kinds = meaning.values(module, statement, ast.unparse(one), "type")
            if any(kind.startswith("scipy.sparse.") for kind in kinds):
                return True
        if isinstance(one, ast.Name) and any(
            isinstance(each, ast.Assign) and _makes_sparse(constancy, module, each.value)
            for each in own_nodes(scope)
            if one.id in (writes(each) if isinstance(each, ast.Assign) else ())
        ):
            return True
    return _makes_sparse(constancy, module, node)


def _makes_sparse(constancy: Constancy, module: Module, node: ast.expr) -> bool:
    """Does an expression make a sparse matrix, or call a function of the user's that does?"""
    meaning = constancy.meaning
    for one in ast.walk(node):
        if isinstance(one, ast.Call):
            if meaning.full(module, one.func).startswith("scipy.sparse."):
                return True
            for home, function in meaning.called(module, one) or ():
                calls = (inner for inner in ast.walk(function) if isinstance(inner, ast.Call))
                if any(meaning.full(home, call.func).startswith("scipy.sparse.") for call in calls):
                    return True
    return False


def _can_be_before(constancy: Constancy, module: Module, statement: ast.stmt, node: ast.expr) -> bool:
    """Is an expression evaluated once, whatever is true, and after nothing but computations?"""
    for above in module.ancestors(node):
        if above is statement:
            break
        if not isinstance(above, _CROSSED):
            return False
    start = extent(module, node)[0]
    inside = {id(one) for one in ast.walk(node)}
    early = [
        one
        for one in ast.walk(statement)
        if isinstance(one, ast.Call) and id(one) not in inside and extent(module, one)[1] <= start
    ]
    return _only_compute(constancy, module, statement, early)


def _only_compute(
    constancy: Constancy, module: Module, statement: ast.stmt, calls: Sequence[ast.Call]
) -> bool:
    """Do some calls of a statement change nothing, and does it bind no name in passing?"""
    if any(isinstance(one, _BINDING) for one in ast.walk(statement)):
        return False
    used = (one.id for call in calls for one in ast.walk(call) if isinstance(one, ast.Name))
    known = frozenset(one for one in used if one != "self" and one not in constancy.meaning.functions)
    try:
        for _ in Dependencies(constancy.meaning).of(module, calls, known):
            pass
    except Impure:
        return False
    return True
