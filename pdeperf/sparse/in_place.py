"""Whether a function's body may stand in the place of a call: what is said there means the same."""

import ast
from collections.abc import Iterator
from itertools import pairwise

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.reached import Reached
from pdeperf.source import Module
from pdeperf.source.flow import reach
from pdeperf.source.scopes import FUNCTIONS, own_nodes, parameters
from pdeperf.sparse.body_in_place import InPlace, body_in_place, is_early_end, is_plain, returned_names

_LINES_COUNT = 60
_LEFT_ALONE = (
    *FUNCTIONS,
    ast.ClassDef,
    ast.Global,
    ast.Nonlocal,
    ast.Yield,
    ast.YieldFrom,
    ast.Await,
    ast.Try,
    ast.With,
    ast.Delete,
    ast.Import,
    ast.ImportFrom,
    ast.Match,
    ast.JoinedStr,
    ast.NamedExpr,
)
_FRAMES = frozenset(("locals", "globals", "vars", "eval", "exec", "dir", "super", "__class__"))


def in_place(
    meaning: Meaning,
    module: Module,
    statement: ast.stmt,
    call: ast.Call,
    function: ast.FunctionDef,
    given: dict[str, ast.expr],
    *,
    at_once: bool = False,
) -> InPlace | None:
    """The function's body in the call's place; None if it may not stand there.

    Parameters
    ----------
    at_once
        All turns are to be computed at once, which only goes if it does not matter when arguments are
        computed. It may be a method of another object than ``self``.
    """
    nodes = list(ast.walk(ast.Module(function.body, [])))
    size = (function.end_lineno or 0) - function.lineno
    if function.decorator_list or size > _LINES_COUNT or function in module.ancestors(statement):
        return None
    if any(isinstance(one, _LEFT_ALONE) for one in nodes) or not _is_written_line_by_line(module, function):
        return None
    if not _ends_once(statement, function) or not _is_bound_once(meaning, module, call, function, at_once):
        return None
    scope, inner = meaning.scope(module, statement), meaning.scope(module, function.body[0])
    own = inner.binds
    if reach(function.body).exposed & (own - set(given)) or _FRAMES & {
        one.id for one in nodes if isinstance(one, ast.Name)
    }:
        return None
    targets = {
        name.id
        for one in nodes
        if isinstance(one, ast.comprehension)
        for name in ast.walk(one.target)
        if isinstance(name, ast.Name)
    }
    given_names = {name.id for one in given.values() for name in ast.walk(one) if isinstance(name, ast.Name)}
    if targets & (own | given_names) or _is_in_class(module, statement):
        return None
    for one in nodes:
        if isinstance(one, ast.Name) and one.id not in own and one.id not in targets:
            there, here = inner.resolve(one.id), scope.resolve(one.id)
            if (there and there.node) is not (here and here.node):
                return None
    if not _stays(meaning, module, statement, function, given):
        return None
    free = {one.id for one in nodes if isinstance(one, ast.Name)} - own
    taken = {*_names_known(meaning, module, statement), *scope.binds, *free}
    return body_in_place(module, statement, function, given, own, taken, deferred=at_once)


def _is_in_class(module: Module, statement: ast.stmt) -> bool:
    """Does a statement run while a class is made, where names become attributes?"""
    scopes = (one for one in module.ancestors(statement) if isinstance(one, (*FUNCTIONS, ast.ClassDef)))
    return isinstance(next(scopes, None), ast.ClassDef)


def _names_known(meaning: Meaning, module: Module, statement: ast.stmt) -> Iterator[str]:
    """Names that mean the same where a statement stands as in some place of its function or file."""
    home = meaning.home(module, statement)
    inner = {one for one in ast.walk(home) if isinstance(one, FUNCTIONS)} - {home}
    for one in ast.walk(home):
        if isinstance(one, ast.Name):
            owner = meaning.scope(module, one).resolve(one.id)
            if owner is None or owner.node not in inner:
                yield one.id


def _is_written_line_by_line(module: Module, function: ast.FunctionDef) -> bool:
    """Are the statements one below the other, without texts over several lines?"""
    if any(
        isinstance(one, ast.Constant) and isinstance(one.value, str) and one.lineno != one.end_lineno
        for one in ast.walk(ast.Module(function.body[1:], []))
    ):
        return False
    lines = [(one.lineno, one.end_lineno or one.lineno) for one in function.body]
    apart = all(before[1] < after[0] for before, after in pairwise(lines))
    is_short = len(lines) == 1 and lines[0][0] == lines[0][1]
    return apart and (is_short or lines[0][0] > function.lineno)


def _ends_once(statement: ast.stmt, function: ast.FunctionDef) -> bool:
    """Does a function end at its last line, but for ``if test: return``, with what can be bound?"""
    early = {id(one.body[0]) for one in function.body if is_early_end(one)}  # type: ignore[attr-defined]
    last = function.body[-1]
    for one in own_nodes(function):
        if isinstance(one, ast.Return) and one is not last and id(one) not in early:
            return False
    found = returned_names(last.value) if isinstance(last, ast.Return) else []
    if isinstance(statement, ast.Expr):
        return found is not None
    assert isinstance(statement, ast.Assign)
    target = statement.targets[0]
    targets = target.elts if isinstance(target, ast.Tuple) else [target]
    plain = all(isinstance(one, ast.Name) for one in targets)
    return plain and not early and bool(found) and len(found or ()) == len(targets)


def _is_bound_once(
    meaning: Meaning, module: Module, call: ast.Call, function: ast.FunctionDef, of_objects: bool
) -> bool:
    """Does the function's name stand for this function alone?"""
    name, parent = function.name, module.parents.get(function)
    if isinstance(call.func, ast.Attribute):
        home = meaning.home(module, call)
        if (
            of_objects
            and isinstance(parent, ast.ClassDef)
            and _is_made_once(meaning, module, call.func.value, parent)
        ):
            home = function
        if not isinstance(parent, ast.ClassDef) or module.parents.get(home) is not parent:
            return False
        if not isinstance(home, ast.FunctionDef) or parameters(home)[:1] != ("self",):
            return False
        if home is not function and ast.unparse(call.func.value) != "self":
            return False
    elif isinstance(parent, ast.ClassDef):
        return False
    for place in meaning.project.modules.values():
        for one in ast.walk(place.tree):
            match one:
                case (
                    ast.Name(id=bound, ctx=ast.Store() | ast.Del())
                    | ast.Attribute(attr=bound, ctx=ast.Store() | ast.Del())
                ):
                    if bound == name:
                        return False
                case ast.Global(names=names) if name in names:
                    return False
    return True


def _is_made_once(meaning: Meaning, module: Module, holder: ast.expr, kind: ast.ClassDef) -> bool:
    """Is it a name that is bound once, to a new object of a class of this file?"""
    if not isinstance(holder, ast.Name) or kind not in module.tree.body or kind.decorator_list:
        return False
    bound = [
        (one, place)
        for place in meaning.project.modules.values()
        for one in ast.walk(place.tree)
        if isinstance(one, ast.Name)
        and one.id in (holder.id, kind.name)
        and not isinstance(one.ctx, ast.Load)
    ]
    if len(bound) != 1 or any(
        isinstance(one, ast.arg) and one.arg == holder.id for one in ast.walk(module.tree)
    ):
        return False
    ((name, place),) = bound
    match place.parents.get(name):
        case ast.Assign(targets=[_], value=ast.Call(func=ast.Name(id=made))):
            return name.id == holder.id and place is module and made == kind.name
    return False


def _stays(
    meaning: Meaning,
    module: Module,
    statement: ast.stmt,
    function: ast.FunctionDef,
    given: dict[str, ast.expr],
) -> bool:
    """Is each argument that is written in its parameter's place the same throughout the body?"""
    plain = [one for one in given.values() if is_plain(one) and not isinstance(one, ast.Constant)]
    attributes = {one.attr for one in plain if isinstance(one, ast.Attribute)}
    roots = {one.id for argument in given.values() for one in ast.walk(argument) if isinstance(one, ast.Name)}
    running = [function, *Reached(meaning).from_nodes([function])]
    for home in running:
        for one in ast.walk(home):
            if (
                isinstance(one, ast.Attribute)
                and not isinstance(one.ctx, ast.Load)
                and one.attr in attributes
            ):
                return False
            if isinstance(one, ast.Global | ast.Nonlocal) and roots & set(one.names):
                return False
    return not attributes & set(meaning.functions)  # it may be a property
