"""Matrices that a function builds and returns, beside what is another in every call."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from pdeperf.lifetimes.text import fresh_name, names_of, on_one_line
from pdeperf.model import Span
from pdeperf.source import Module
from pdeperf.source.edits import indentation, owns_lines
from pdeperf.source.scopes import own_nodes
from pdeperf.sparse.constancy import Constancy
from pdeperf.sparse.solves import solves_in

_FILLED = tuple(f"scipy.sparse.{form}_{kind}" for form in ("lil", "dok") for kind in ("matrix", "array"))
_FORMS = ("tocsr", "tocsc")
_CLASSES = tuple(f"scipy.sparse.{form}_{kind}" for form in ("csr", "csc") for kind in ("matrix", "array"))


@dataclass(frozen=True, slots=True)
class Returned:
    """The end of such a function, with copies returned of what can be kept.

    Attributes
    ----------
    lines
        In place of the last statement.
    matrices
        What is filled.
    names
        What holds the matrices that can be kept: these, or what they are converted to.
    """

    statement: ast.Return
    lines: tuple[str, ...]
    matrices: tuple[str, ...]
    names: tuple[str, ...]


def returned(constancy: Constancy, module: Module, home: ast.AST) -> Returned | None:
    """The end of a function that fills a matrix entry by entry and returns it; None if it does not."""
    if not isinstance(home, ast.FunctionDef) or home.decorator_list:
        return None
    last = home.body[-1]
    every = [node for node in own_nodes(home) if isinstance(node, ast.Return)]
    if not isinstance(last, ast.Return) or last.value is None or every != [last]:
        return None
    if not owns_lines(module, [last]):
        return None
    made = dict(_made(constancy, module, home))
    if not isinstance(last.value, ast.Tuple):
        return None  # who calls it can keep all that it does
    parts = last.value.elts
    lead = indentation(module, last)
    before: list[str] = []
    matrices: list[str] = []
    names: list[str] = []
    texts: list[str] = []
    for part in parts:
        name, is_converted = _matrix(constancy, module, part)
        if name not in made or not (is_converted or made[name]):
            texts.append(on_one_line(module, part))
            continue
        matrices.append(name)
        if is_converted:
            new = fresh_name(f"{name}_converted", names_of(module))
            before.append(f"{lead}{new} = {on_one_line(module, part)}")
            name = new
        names.append(name)
        texts.append(f"{name}.copy()")
    if not names or len(names) == len(parts) or len(set(matrices)) < len(matrices):
        return None
    return Returned(last, (*before, f"{lead}return {', '.join(texts)}"), tuple(matrices), tuple(names))


def _made(constancy: Constancy, module: Module, home: ast.FunctionDef) -> Iterator[tuple[str, bool]]:
    """What a function makes, and whether that is a matrix that it fills."""
    for one in home.body:
        match one:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=func, args=given)):
                full = constancy.meaning.full(module, func)
                is_table = full == "numpy.zeros" and len(getattr(next(iter(given), None), "elts", ())) == 2
                is_converted = isinstance(func, ast.Attribute) and func.attr in ("tolil", "todok")
                yield name, full in _FILLED or is_table or is_converted


def _matrix(constancy: Constancy, module: Module, node: ast.expr) -> tuple[str, bool]:
    """The name of what is returned, and whether it is converted."""
    match node:
        case ast.Name(id=name):
            return name, False
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=form), args=[], keywords=[]) if (
            form in _FORMS
        ):
            return name, True
        case ast.Call(func=func, args=[ast.Name(id=name)], keywords=[]) if (
            constancy.meaning.full(module, func) in _CLASSES
        ):
            return name, True
        case _:
            return "", False


def solved_by_callers(constancy: Constancy, module: Module, home: ast.FunctionDef) -> tuple[Span, ...]:
    """Where systems are solved with what a function returns."""
    whole = Span(file=module.file, first=1, last=len(module.lines))
    calls = {
        id(node) for node in module.all(ast.Call) if ast.unparse(node.func).rpartition(".")[2] == home.name
    }
    bound = {
        (constancy.meaning.home(module, one), ast.unparse(target))
        for one in module.all(ast.Assign)
        if id(one.value) in calls
        for outer in one.targets
        for target in (outer.elts if isinstance(outer, ast.Tuple) else [outer])
    }
    return tuple(
        module.span(solve.node)
        for solve in solves_in(constancy.meaning, module, whole)
        if any(
            id(node) in calls or (constancy.meaning.home(module, solve.node), ast.unparse(node)) in bound
            for node in ast.walk(solve.matrix)
            if isinstance(node, ast.Call | ast.Name | ast.Attribute)
        )
    )
