"""Functions that store entries into a matrix they are given, written where they are called."""

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.sharing import passed
from pdeperf.model import Span
from pdeperf.source import Module, Project
from pdeperf.source.edits import extent, indentation, lines_extent, owns_lines, segment
from pdeperf.source.scopes import FUNCTIONS, parameters
from pdeperf.sparse.body_in_place import (
    InPlace,
    observed_in_place,
)
from pdeperf.sparse.divided import Divided, written_anew
from pdeperf.sparse.in_place import in_place
from pdeperf.sparse.pieces import Piece
from pdeperf.sparse.stores import stored_paths
from pdeperf.sparse.unused import can_go, is_imported_by_none

_ROUNDS_COUNT = 3
"""A function that adds an element may be called by one that adds all of them."""


@dataclass(frozen=True, slots=True)
class InPlaces:
    """A file with the bodies of some functions in the place of their calls.

    Attributes
    ----------
    called
        Where the user's file has each call, and the function.
    """

    divided: Divided
    forgets: tuple[str, ...]
    called: tuple[tuple[Span, Span], ...]


def stores_in_place(meaning: Meaning, module: Module, only: Collection[str] | None) -> InPlaces | None:
    """The file with all stores into matrices where the matrices are made; None if they are there already.

    Parameters
    ----------
    only
        The matrices that are looked for, as the callers name them; None for all.
    """
    found: InPlaces | None = None
    for _ in range(_ROUNDS_COUNT):
        calls = _calls(meaning, module, only)
        if not calls:
            break
        new, forgets = written_in_place(meaning, module, calls)
        called = [(module.span(one.call), module.span(one.function)) for one in calls]
        if found is not None:
            before = found.divided
            called = [(before.original(one), before.original(other)) for one, other in called]
            origins = tuple(before.origins[line - 1] for line in new.origins)
            new = Divided(new.project, new.module, origins)
            forgets, called = [*found.forgets, *forgets], [*found.called, *called]
        found = InPlaces(new, tuple(dict.fromkeys(forgets)), tuple(called))
        meaning, module = Meaning(new.project), new.module
    return found


def written_in_place(meaning: Meaning, module: Module, calls: Sequence[InPlace]) -> tuple[Divided, list[str]]:
    """The file with the bodies in the place of some calls, and the names that nobody binds then."""
    by_statement = {one.call: one for one in calls}
    pieces: list[Piece] = []
    begins: dict[tuple[int, int], InPlace] = {}
    for row in {
        row[0].lineno: row for row in (statements_of_line(module, one.call) for one in calls)
    }.values():
        comment = module.text[extent(module, row[-1])[1] : lines_extent(module, row)[1]].strip()
        lines = [(f"{indentation(module, row[0])}{comment}", row[0].lineno)] if comment else []
        for statement in row:
            if (one := by_statement.get(statement)) is not None:
                begins[row[0].lineno, len(lines)] = one
                lines += [(text, statement.lineno) for text, _ in one.lines]
            else:
                text = f"{indentation(module, row[0])}{segment(module, statement)}"
                lines += [(line, statement.lineno) for line in text.splitlines()]
        pieces.append((row[0].lineno, row[-1].end_lineno or row[-1].lineno, lines))
    pieces += [(first, last, []) for first, last in _without_calls(meaning, module, calls)]
    forgets = [f"{module.scope_name(one.function.body[0])}():{name}" for one in calls for name in one.names]
    divided = written_anew(meaning.project, module, sorted(pieces))
    rows = list(divided.project.observed)
    seen = [row for row in meaning.project.observed if row.where.file == module.file]
    shift = 0
    for first, last, written in sorted(pieces):
        for (line, place), one in begins.items():
            if line == first:
                rows += observed_in_place(seen, one, first + shift + place)
        shift += len(written) - (last - first + 1)
    project = Project(divided.project.modules, tuple(rows))
    return Divided(project, divided.module, divided.origins), forgets


def statements_of_line(module: Module, statement: ast.stmt) -> list[ast.stmt]:
    """The statements of a block that share a line with one, itself included."""
    above = module.parents[statement]
    blocks = (getattr(above, name, None) for name in ("body", "orelse", "finalbody"))
    block = next(one for one in blocks if isinstance(one, list) and statement in one)
    first = last = block.index(statement)
    while first > 0 and block[first - 1].end_lineno == block[first].lineno:
        first -= 1
    while last + 1 < len(block) and block[last + 1].lineno == block[last].end_lineno:
        last += 1
    return block[first : last + 1]


def _without_calls(meaning: Meaning, module: Module, calls: Sequence[InPlace]) -> Iterator[tuple[int, int]]:
    """The lines of functions whose every call has been written anew."""
    written = {id(node) for one in calls for node in ast.walk(one.call)}
    for function in dict.fromkeys(one.function for one in calls):
        if not _can_go(module, function):
            continue
        others = (
            node
            for place in meaning.project.modules.values()
            for node in ast.walk(place.tree)
            if id(node) not in written and _mentions(node, function.name)
        )
        if any(others):
            continue
        first, last = function.lineno, function.end_lineno or function.lineno
        while first > 1 and module.lines[first - 2].lstrip().startswith("#"):
            first -= 1
        while last < len(module.lines) and not module.lines[last].strip():
            last += 1
        if not any(first <= one.call.lineno <= last for one in calls):
            yield first, last


def _can_go(module: Module, function: ast.FunctionDef) -> bool:
    """Does nobody but the calls in the file know a function?"""
    above = module.parents[function]
    if isinstance(above, FUNCTIONS):
        return function in above.body and len(above.body) > 1 and owns_lines(module, [function])  # type: ignore[operator,arg-type]
    if not is_imported_by_none(module):
        return False
    if isinstance(above, ast.ClassDef):
        is_plain_class = not above.bases and not above.keywords and not above.decorator_list
        return is_plain_class and len(above.body) > 1 and owns_lines(module, [function])
    return can_go(module, function)


def _mentions(node: ast.AST, wanted: str) -> bool:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
            return name == wanted
        case ast.Constant(value=str(name)):
            return name == wanted
    return False


def _calls(meaning: Meaning, module: Module, only: Collection[str] | None) -> list[InPlace]:
    """Calls that store into matrices, and those that store into anything beside them in the same loops."""
    found: dict[ast.stmt, InPlace] = {}
    tops: set[ast.stmt] = set()
    every = [
        (statement, call, function) for statement, call, function in statements_that_call(meaning, module)
    ]
    for is_beside in (False, True):
        for statement, call, function in every:
            if statement in found or (is_beside and _top(module, statement) not in tops):
                continue
            given = given_to(call, function)
            if given is None:
                continue
            stored = set(_stored_for(meaning, module, statement, function, given, is_any=is_beside))
            if not stored or (only is not None and not is_beside and not stored & set(only)):
                continue
            one = in_place(meaning, module, statement, call, function, given)
            if one is not None:
                found[statement] = one
                if isinstance(top := _top(module, statement), ast.For | ast.While):
                    tops.add(top)
    # What a function calls is written in its place first; the function itself in the next round.
    return [
        one
        for one in found.values()
        if not any(isinstance(node, ast.stmt) and node in found for node in ast.walk(one.function))
    ]


def statements_that_call(
    meaning: Meaning, module: Module
) -> Iterator[tuple[ast.stmt, ast.Call, ast.FunctionDef]]:
    """Statements that are calls of functions of this file, with nothing but their results to bind."""
    for node in ast.walk(module.tree):
        match node:
            case ast.Expr(value=ast.Call() as call) | ast.Assign(targets=[_], value=ast.Call() as call):
                functions = meaning.called(module, call)
            case _:
                continue
        if functions and len(functions) == 1 and functions[0][0] is module:
            function = functions[0][1]
            if isinstance(function, ast.FunctionDef) and owns_lines(module, statements_of_line(module, node)):
                yield node, call, function


def _top(module: Module, statement: ast.stmt) -> ast.stmt:
    """The outermost statement of its function or file that a statement is in."""
    top = statement
    for above in module.ancestors(statement):
        if isinstance(above, (*FUNCTIONS, ast.ClassDef, ast.Module)):
            break
        if isinstance(above, ast.stmt):
            top = above
    return top


def given_to(call: ast.Call, function: ast.FunctionDef) -> dict[str, ast.expr] | None:
    """What each parameter is given; None if that is not written out."""
    arguments = function.args
    if arguments.vararg or arguments.kwarg or arguments.posonlyargs:
        return None
    pairs = list(passed(call, function))
    found = {name: argument for name, argument in pairs if name is not None}
    if len(found) < len(pairs):
        return None
    names = [one.arg for one in arguments.args]
    if isinstance(call.func, ast.Attribute):
        if names[:1] != ["self"] or not isinstance(call.func.value, ast.Name):
            return None
        found["self"] = call.func.value
    defaults = dict(zip(names[len(names) - len(arguments.defaults) :], arguments.defaults, strict=True))
    defaults |= {
        one.arg: default
        for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if default is not None
    }
    for name, default in defaults.items():
        if name not in found:
            signed = isinstance(default, ast.UnaryOp) and isinstance(default.op, ast.USub)
            if not isinstance(default.operand if signed else default, ast.Constant):  # type: ignore[attr-defined]
                return None
            found[name] = default
    return found if set(found) == set(parameters(function)) else None


def _stored_for(
    meaning: Meaning,
    module: Module,
    statement: ast.stmt,
    function: ast.FunctionDef,
    given: dict[str, ast.expr],
    *,
    is_any: bool,
) -> Iterator[str]:
    """What a function stores into, as the caller names it: matrices, or anything."""
    own = meaning.scope(module, function.body[0]).binds
    for path in dict.fromkeys(path for one in function.body for path in stored_paths(one)):
        root, dot, rest = path.partition(".")
        kinds = meaning.values(module, function, path, "type")
        is_matrix = any(kind.startswith("scipy.sparse.") for kind in kinds)
        if not (is_matrix or is_any) or (root in own and root not in given):
            continue
        text = ast.unparse(given[root]) if root in given else root
        if text.replace(".", "").isidentifier():
            yield f"{text}{dot}{rest}"
