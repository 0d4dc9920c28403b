"""Calls of the user's own functions, put in where they stand: their statements in the caller's names."""

import ast
import copy
import operator
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol, TypeVar

from pdeperf.arrays.callees import definition, is_static
from pdeperf.arrays.fixed_locals import dicts_of, fixed_locals, is_literal
from pdeperf.arrays.local_functions import Local, local_functions, with_captured
from pdeperf.arrays.rest_arguments import rest_of, written_out
from pdeperf.arrays.rounds import names_of_rounds, outside_of_rounds, told_apart
from pdeperf.source import Module
from pdeperf.source.flow import writes
from pdeperf.source.scopes import Scope, local_names, own_nodes, scope_of

Tree = TypeVar("Tree", ast.stmt, ast.expr)
_STRAIGHT = ast.Assign | ast.AugAssign | ast.Expr | ast.Pass
_REFUSED = (
    ast.Global,
    ast.Nonlocal,
    ast.Yield,
    ast.YieldFrom,
    ast.Await,
    ast.Try,
    ast.With,
    ast.FunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.Import,
    ast.ImportFrom,
    ast.Delete,
    ast.NamedExpr,
    ast.SetComp,
)


class Folding(Protocol):
    """Some code of a scope, with integers written out."""

    def __call__(self, tree: Tree, scope: Scope | None = None) -> Tree:
        """The same, or a copy."""


@dataclass(frozen=True, slots=True)
class Inlined:
    """A function's body in the caller's terms.

    Attributes
    ----------
    bound
        New names and the arguments that they stand for, in order.
    body
        The statements, without the return at the end.
    result
        What is returned; None for nothing.
    function
        The function, and
    stands_for
        the names and paths of the caller that its parameters stand for.
    inner
        The functions that it defines for itself.
    """

    bound: tuple[tuple[str, ast.expr], ...]
    body: tuple[ast.stmt, ...]
    result: ast.expr | None
    function: ast.FunctionDef
    stands_for: tuple[tuple[str, ast.expr], ...] = ()
    inner: tuple[Local, ...] = ()

    @property
    def is_straight(self) -> bool:
        """Are there no loops or branches in it?"""
        return all(isinstance(part, _STRAIGHT) for part in self.body)

    @property
    def may_be_straight(self) -> bool:
        """Are there no branches in it, and at most loops that may be written out?"""
        for part in self.body:
            if not isinstance(part, _STRAIGHT | ast.Assert | ast.For):
                return False
            if isinstance(part, ast.For):
                counters = _names_in([part.target])
                rest = [each for each in (*self.body, self.result) if each and not _binds(each, counters)]
                if counters & _names_in(rest):
                    return False  # its counter is used after it
        return True


def _binds(node: ast.AST, counters: set[str]) -> bool:
    return isinstance(node, ast.For) and _names_in([node.target]) >= counters


def _names_in(nodes: Iterable[ast.AST]) -> set[str]:
    return {node.id for each in nodes for node in ast.walk(each) if isinstance(node, ast.Name)}


def inlined(
    call: ast.Call,
    module: Module,
    scope: Scope,
    fresh: Callable[[str], str],
    function: ast.FunctionDef | None = None,
    *,
    is_read: bool = False,
    captured: Mapping[str, ast.expr] = MappingProxyType({}),
    is_fixed: Callable[[ast.expr], bool] = lambda node: False,
    is_named: Callable[[ast.expr], bool] = lambda node: False,
    folded: Folding | None = None,
) -> Inlined | None:
    """The body of the function that a call means, in the caller's names; None if it cannot be put in.

    It may return early where conditions are not known yet.

    Parameters
    ----------
    fresh
        Makes a name that nothing uses.
    function
        The method that is called, where the caller knows the object's class.
    is_read
        It is a property, which is read, not called.
    captured
        What stands for the names that it reads of the function in which it was made.
    is_fixed
        Is an argument a number or a text that means the same wherever it is read?
    is_named
        Is it the name of a function of the file's?
    folded
        Writes out, in some code of a scope, integers that the file names once.
    """
    function = function or definition(call.func, module, scope)
    if function is None or function is scope.node:
        return None
    decorators = [] if is_static(function) and not is_read else function.decorator_list
    if [ast.unparse(each) for each in decorators] != (["property"] if is_read else []):
        return None
    body = list(function.body)
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    result: ast.expr | None = None
    if body and isinstance(body[-1], ast.Return):
        result = body[-1].value
        body = body[:-1]
    inner, body = local_functions(function, body, module)
    if any(isinstance(node, _REFUSED) for part in body for node in ast.walk(part)):
        return None
    if result is not None and any(isinstance(node, _REFUSED) for node in ast.walk(result)):
        return None
    arguments = _arguments(call, function, is_named)
    if arguments is None or _calls(function, function.name):
        return None
    gone: set[str] = set()
    if folded is not None:
        before, home = _names_in([*body, *([result] if result else [])]), _inside(function, module)
        body = [folded(part, home) for part in body]
        result = folded(result, home) if result is not None else None
        gone = before - _names_in([*body, *([result] if result else [])])
    spread = written_out(function, arguments, body, result)
    if spread is None:
        return None
    body, result = told_apart(*spread, fresh)
    rounds = names_of_rounds([*body, *([result] if result is not None else [])])
    if _shadows(function, module, scope, captured.keys() | rounds | gone):
        return None
    constants, body = fixed_locals(function, body)
    assigned = frozenset[str]().union(*(writes(part) for part in body))
    names: dict[str, ast.expr] = {**captured, **constants}
    if rounds & {*arguments, *names} or rounds & outside_of_rounds([*body, *([result] if result else [])]):
        return None
    bound: list[tuple[str, ast.expr]] = []
    for name, value in arguments.items():
        if name not in assigned and (_is_simple(value) or is_fixed(value)):
            names[name] = value
        else:
            own = fresh(name)
            bound.append((own, value))
            names[name] = ast.Name(id=own, ctx=ast.Load())
    dicts, body = dicts_of(function, body, module)
    for name in sorted(
        (local_names(function) | rounds) - frozenset(arguments) - constants.keys() - dicts.keys()
    ):
        names[name] = ast.Name(id=fresh(name), ctx=ast.Load())
    for name, value in dicts.items():
        names[name] = Renamed(names).visit(copy.deepcopy(value))
    renamed = Renamed(names)
    statements: list[ast.stmt] = []
    for part in body:
        found = renamed.visit(copy.deepcopy(part))
        statements += [
            ast.fix_missing_locations(each) for each in (found if isinstance(found, list) else [found])
        ]
    if result is not None:
        result = ast.fix_missing_locations(renamed.visit(copy.deepcopy(result)))
    given = [
        (name, value) for name, value in arguments.items() if isinstance(value, ast.Name | ast.Attribute)
    ]
    own_functions = with_captured(inner, names)
    return Inlined(tuple(bound), tuple(statements), result, function, tuple(given), own_functions)


def _arguments(
    call: ast.Call, function: ast.FunctionDef, is_named: Callable[[ast.expr], bool]
) -> dict[str, ast.expr] | None:
    """What each parameter stands for; a function by its name may stand for one that is not given."""
    spec = function.args
    if spec.kwarg or spec.posonlyargs or (rest := rest_of(call, spec)) is None:
        return None
    if any(isinstance(each, ast.Starred) for each in call.args) or any(k.arg is None for k in call.keywords):
        return None
    names = [argument.arg for argument in spec.args]
    named = [argument.arg for argument in spec.kwonlyargs]
    defaults = list(zip(names[len(names) - len(spec.defaults) :], spec.defaults, strict=True))
    names += rest
    given: list[ast.expr] = list(call.args)
    if isinstance(call.func, ast.Attribute) and not is_static(function):
        given = [call.func.value, *given]
    if len(given) > len(names):
        return None
    found = dict(zip(names, given, strict=False))
    found.update({str(keyword.arg): keyword.value for keyword in call.keywords})
    defaults += [
        (name, default) for name, default in zip(named, spec.kw_defaults, strict=True) if default is not None
    ]
    for name, default in defaults:
        if isinstance(default, ast.Constant) or is_literal(default) or is_named(default):
            found.setdefault(name, default)
    every = [*names, *named]
    return {name: found[name] for name in every} if set(found) == set(every) else None


def _is_simple(node: ast.expr) -> bool:
    """May it be written wherever the parameter stands?"""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name | ast.Constant) or is_literal(node)


def _calls(function: ast.FunctionDef, name: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(function))


def _inside(function: ast.FunctionDef, module: Module) -> Scope:
    """The namespace of a function's body."""
    first = function.body[0]
    return scope_of(module, first.value if isinstance(first, ast.Return) and first.value else first)


def _shadows(function: ast.FunctionDef, module: Module, scope: Scope, captured: Collection[str]) -> bool:
    """Does a name that the function reads from outside mean something else where it is called?"""
    own = _inside(function, module)
    for node in own_nodes(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in own.binds:
            if node.id in captured:
                continue
            mine, theirs = own.resolve(node.id), scope.resolve(node.id)
            if (mine.node if mine else None) is not (theirs.node if theirs else None):
                return True
    return False


_ORDERS: dict[type[ast.cmpop], Callable[[int, int], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def known(test: ast.expr) -> bool | None:
    """The value of a condition on options that are written as such at the call."""
    match test:
        case ast.Constant(value=value):
            return bool(value)
        case ast.Compare(
            left=ast.Constant(value=left),
            ops=[ast.Eq() | ast.NotEq() as op],
            comparators=[ast.Constant(value=right)],
        ):
            return (left == right) == isinstance(op, ast.Eq)
        case ast.Compare(
            left=ast.Constant(value=left),
            ops=[ast.In() | ast.NotIn() as op],
            comparators=[ast.Tuple(elts=parts) | ast.List(elts=parts)],
        ) if all(isinstance(part, ast.Constant) for part in parts):
            has_it = any(isinstance(part, ast.Constant) and part.value == left for part in parts)
            return has_it == isinstance(op, ast.In)
        case ast.Compare(
            left=ast.Constant(value=int(left)), ops=[op], comparators=[ast.Constant(value=int(right))]
        ) if type(op) in _ORDERS:
            return _ORDERS[type(op)](left, right)
        case ast.Compare(
            left=ast.Constant(value=left),
            ops=[ast.Is() | ast.IsNot() as op],
            comparators=[ast.Constant(value=None)],
        ):
            return (left is None) == isinstance(op, ast.Is)
        case ast.UnaryOp(op=ast.Not(), operand=operand) if (inner := known(operand)) is not None:
            return not inner
        case ast.BoolOp(op=op, values=parts):
            decides = isinstance(op, ast.Or)
            found = [known(part) for part in parts]
            return decides if decides in found else None if None in found else not decides
        case _:
            return None


class Renamed(ast.NodeTransformer):
    """Replaces names, and decides what is known then."""

    def __init__(self, names: Mapping[str, ast.expr]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        value = self._names.get(node.id)
        if value is None:
            return node
        if isinstance(value, ast.Name):
            return ast.copy_location(ast.Name(id=value.id, ctx=node.ctx), node)
        return ast.copy_location(copy.deepcopy(value), node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        self.generic_visit(node)
        holds = known(node.test)
        return node if holds is None else node.body if holds else node.orelse

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        holds = known(node.test)
        if holds is None:
            return node
        return (node.body if holds else node.orelse) or [ast.Pass()]

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        self.generic_visit(node)
        return ast.copy_location(ast.Pass(), node) if known(node.test) else node

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        node.value = self.visit(node.value)
        return node


def as_function(statements: tuple[ast.stmt, ...], live: frozenset[str]) -> ast.FunctionDef:
    """Inlined statements as a scope of their own, after which some names are read."""
    names: list[ast.expr] = [ast.Name(id=name, ctx=ast.Load()) for name in sorted(live)]
    last = ast.Return(value=ast.Tuple(elts=names, ctx=ast.Load()))
    empty = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
    function = ast.FunctionDef(name="inlined", args=empty, body=[*statements, last], decorator_list=[])
    return ast.fix_missing_locations(function)
