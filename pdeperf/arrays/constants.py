"""Integers that a file names once, ``RHO, MX, MY, E = range(4)``, where they say which places are meant."""

import ast
import copy
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from pdeperf.arrays.integers import computed
from pdeperf.kernel.replaced import is_replaced_in
from pdeperf.source import Module
from pdeperf.source.scopes import Scope

Tree = TypeVar("Tree", ast.stmt, ast.expr)
_MOST = 32
_NAMING = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.ExceptHandler,
    ast.MatchAs,
    ast.MatchStar,
)
_IMPORTS = (ast.Import, ast.ImportFrom)
_PLACES = frozenset(
    "roll diff pad take stack concatenate moveaxis swapaxes transpose expand_dims squeeze sum gradient "
    "flip cumsum".split()
)
"""NumPy's functions whose arguments say which axes and places are meant."""


def constants(module: Module) -> Mapping[str, int]:
    """The small integers that names of a file's top level always mean."""
    return module.once(_constants, module)


def _constants(module: Module) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in module.tree.body:
        for name, value in _named(part):
            if abs(value) <= _MOST:
                found[name] = value
    places = {name for node in module.nodes for name in _places(node)}
    return {name: value for name, value in found.items() if name in places and _is_bound_once(name, module)}


def _constants_of(function: ast.FunctionDef) -> dict[str, int]:
    """The small integers that names of a function mean wherever it has bound them: once, in no loop."""
    nodes = list(ast.walk(function))
    bound = Counter(
        node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    )
    bound.update(each.arg for node in nodes if isinstance(node, ast.arguments) for each in _parameters(node))
    bound.update(
        node.name for node in nodes if isinstance(node, _NAMING) and node.name and node is not function
    )
    bound.update(
        each.asname or each.name for node in nodes if isinstance(node, _IMPORTS) for each in node.names
    )
    shared = {name for node in nodes if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names}
    places = {name for node in nodes for name in _places(node)}
    return {
        name: value
        for part in function.body
        for name, value in _named(part)
        if abs(value) <= _MOST and bound[name] == 1 and name in places and name not in shared
    }


def _parameters(node: ast.arguments) -> Iterator[ast.arg]:
    yield from (*node.posonlyargs, *node.args, *node.kwonlyargs)
    yield from (each for each in (node.vararg, node.kwarg) if each is not None)


def _places(node: ast.AST) -> Iterator[str]:
    """Names that stand for a place or an axis by themselves: those of a grid's sizes never do."""
    given: list[ast.expr] = []
    match node:
        case ast.Subscript(slice=index):
            given = [index]
        case ast.Call(func=ast.Attribute(attr=attr), args=arguments, keywords=keywords) if attr in _PLACES:
            given = [*arguments[1:], *(key.value for key in keywords)]
        case ast.keyword(arg="axis", value=value):
            given = [value]
        case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq()], comparators=[right]):
            given = [left, right]
    while given:
        match given.pop():
            case ast.Name(id=name):
                yield name
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                given += parts
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                given += [left, right]


def _named(part: ast.stmt) -> Iterator[tuple[str, int]]:
    """What a statement gives names to, where that is a written integer."""
    match part:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value)
            | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
        ):
            yield from ((name, number) for number in _written([value]))
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=value):
            numbers = list(_written(value.elts)) if isinstance(value, ast.Tuple) else list(_counted(value))
            if len(numbers) == len(names):
                yield from (
                    (each.id, number)
                    for each, number in zip(names, numbers, strict=True)
                    if isinstance(each, ast.Name)
                )


def _written(nodes: list[ast.expr]) -> Iterator[int]:
    for node in nodes:
        match node:
            case ast.Constant(value=int() as value) if type(value) is int:
                yield value
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as value)) if type(value) is int:
                yield -value


def _counted(node: ast.expr) -> Iterator[int]:
    match node:
        case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=int(count))], keywords=[]):
            yield from range(min(count, _MOST))


def _is_bound_once(name: str, module: Module) -> bool:
    """Does one statement of a file's top level bind a name, and may nothing else?"""
    if is_replaced_in(name, module) or any(each.name == "*" for each in module.all(ast.alias)):
        return False
    if any(isinstance(node, ast.Global) and name in node.names for node in module.nodes):
        return False
    binders = [
        node
        for part in module.tree.body
        for node in _outside_of_functions(part)
        if (isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load))
        or (isinstance(node, ast.alias) and (node.asname or node.name) == name)
        or (isinstance(node, _NAMING) and node.name == name)
    ]
    return len(binders) == 1


def _outside_of_functions(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
        for part in ast.iter_child_nodes(node):
            yield from _outside_of_functions(part)


def functions_renamed(module: Module) -> Mapping[str, ast.Attribute]:
    """Other names that a file's top level gives to what libraries have: ``f32 = np.float32``."""
    return module.once(_functions_renamed, module)


def _functions_renamed(module: Module) -> dict[str, ast.Attribute]:
    found: dict[str, ast.Attribute] = {}
    for part in module.tree.body:
        match part:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Attribute(value=ast.Name()) as value):
                found[name] = value
    return {name: value for name, value in found.items() if _is_bound_once(name, module)}


class Folded(ast.NodeTransformer):
    """Writes such integers out where they say which places are meant.

    Parameters
    ----------
    called
        Full name of what an expression calls.

    Attributes
    ----------
    is_changed
        Is anything another than it was?
    """

    def __init__(self, module: Module, scope: Scope, called: Callable[[ast.expr], str]) -> None:
        every = constants(module)
        self._values = {
            name: value
            for name, value in every.items()
            if (owner := scope.resolve(name)) is not None and owner.is_module
        }
        if isinstance(scope.node, ast.FunctionDef):
            self._values |= module.once(_constants_of, scope.node)
        self._called = called
        self._renamed = {
            name: value
            for name, value in functions_renamed(module).items()
            if (owner := scope.resolve(name)) is not None and owner.is_module
        }
        self.is_changed = False

    def of(self, tree: Tree) -> Tree | None:
        """Some code with the integers written out; None if nothing is to be written."""
        found: Tree = self.visit(copy.deepcopy(tree))
        return found if self.is_changed else None

    def visit_Name(self, node: ast.Name) -> ast.AST:
        meant = self._renamed.get(node.id)
        if (
            meant is None
            or not isinstance(node.ctx, ast.Load)
            or not self._called(meant).startswith("numpy.")
        ):
            return node
        self.is_changed = True
        return ast.copy_location(copy.deepcopy(meant), node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        node.value = self.visit(node.value)
        node.slice = self._place(node.slice)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        name = self._called(node.func)
        home, _, last = name.rpartition(".")
        self.generic_visit(node)
        match node:
            case ast.Call(args=[value, ast.Constant(value=str(attr))], keywords=[]) if (
                name == "builtins.getattr" and attr.isidentifier()
            ):
                self.is_changed = True
                return ast.copy_location(ast.Attribute(value, attr, ast.Load()), node)
        if name and not (home == "numpy" and last in _PLACES) and name != "builtins.range":
            for key in node.keywords:
                key.value = self._place(key.value) if key.arg == "axis" else key.value
            return node
        node.args = [each if isinstance(each, ast.Starred) else self._place(each) for each in node.args]
        for key in node.keywords:
            key.value = self._place(key.value)
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        parts = [node.left, *node.comparators]
        known = [self._place(each) if self._number(each) is not None else each for each in parts]
        node.left, *node.comparators = known
        return node

    def _place(self, node: ast.expr) -> ast.expr:
        """A place, a slice, or several, with numbers for the names in it."""
        match node:
            case ast.Constant() | ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
                return node
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                node.elts = [each if isinstance(each, ast.Starred) else self._place(each) for each in parts]
                return node
            case ast.Slice():
                for name in ("lower", "upper", "step"):
                    if (bound := getattr(node, name)) is not None:
                        setattr(node, name, self._place(bound))
                return node
        number = self._number(node)
        if number is None and isinstance(node, ast.BinOp):
            node.left, node.right = self._place(node.left), self._place(node.right)
            return node
        if number is None:
            found = self.visit(node)
            assert isinstance(found, ast.expr)
            return found
        self.is_changed = True
        plain: ast.expr = ast.Constant(value=abs(number))
        if number < 0:
            plain = ast.UnaryOp(op=ast.USub(), operand=plain)
        return ast.fix_missing_locations(ast.copy_location(plain, node))

    def _number(self, node: ast.expr) -> int | None:
        """The integer that an expression of written integers and of their names is."""
        match node:
            case ast.Constant(value=int() as value) if type(value) is int:
                return value
            case ast.Name(id=name):
                return self._values.get(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self._number(operand)
                return None if inner is None else -inner
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() as op, right=right):
                one, other = self._number(left), self._number(right)
                if one is not None and other is not None:
                    return computed(op, one, other)
        return None
