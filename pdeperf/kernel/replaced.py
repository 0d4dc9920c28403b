"""Whether something else may stand where a function or a method was defined."""

import ast
import re
from collections.abc import Iterator

from pdeperf.kernel.definitions import is_import
from pdeperf.kernel.program import Program
from pdeperf.source import Module, Project
from pdeperf.source.scopes import home_of, parameters, scope_of

_PARTS = frozenset(("__code__", "__defaults__", "__kwdefaults__"))
ANY = ""
"""Stands for a name that the text does not show."""


def is_replaced(name: str, project: Project) -> bool:
    """Does anything bind a global name, or change a function, from outside (``grid.flux = mine``)?"""
    return any(is_replaced_in(name, module) for module in project.modules.values())


def is_replaced_in(name: str, module: Module) -> bool:
    """Does a file bind a global name, or change a function, by other means than by writing that name?"""
    return not module.once(_replaced, module).isdisjoint((name, ANY))


def _replaced(module: Module) -> frozenset[str]:
    return frozenset(name for node in module.nodes for name in _replaced_by(node, module))


def _replaced_by(node: ast.AST, module: Module) -> Iterator[str]:
    """Names of the functions or globals that something may replace."""
    match node:
        case ast.Attribute(value=owner, attr=attribute) if not isinstance(node.ctx, ast.Load):
            if attribute in _PARTS:  # of a function that may have other names
                yield ANY
            elif _is_module(owner, module):
                yield attribute
        case ast.Call(func=ast.Name(id="setattr"), args=[owner, name, *_]):
            is_object = isinstance(owner, ast.Name) and owner.id != "self"
            if is_object or _is_module(owner, module):
                yield _text(name)
        case ast.Subscript(value=space, slice=name) if not isinstance(node.ctx, ast.Load):
            if _is_space(space, module):
                yield _text(name)
        case ast.Call(func=ast.Attribute(value=space, attr="update" | "setdefault" | "pop")):
            if _is_space(space, module):
                yield ANY
        case ast.Call(func=ast.Name(id="exec"), args=[ast.Constant(value=str() as text), *_]):
            yield from re.findall(r"\w+", text)
        case ast.Call(func=ast.Name(id="exec")):
            yield ANY


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ANY


def _is_module(node: ast.expr, module: Module) -> bool:
    """Is it an imported module, ``sys.modules[__name__]`` or ``importlib.import_module(..)``?"""
    match node:
        case ast.Name(id=name):
            scope = scope_of(module, node).resolve(name)
            return scope is not None and is_import(name, scope.node)
        case ast.Subscript(value=found) | ast.Call(func=found):
            return ast.unparse(found).rpartition(".")[2] in ("modules", "import_module", "__import__")
    return False


def _is_space(node: ast.expr, module: Module) -> bool:
    """Are these the globals of a module: ``globals()``, ``f.__globals__``, ``grid.__dict__``?"""
    match node:
        case ast.Call(func=ast.Name(id="globals" | "vars"), args=[]) | ast.Attribute(attr="__globals__"):
            return True
        case ast.Attribute(value=owner, attr="__dict__") | ast.Call(func=ast.Name(id="vars"), args=[owner]):
            return _is_module(owner, module)
    return False


def is_assigned(attribute: str, home: ast.ClassDef | None, program: Program, project: Project) -> bool:
    """May an object have a method's name as an attribute, an object of that class if one is given?"""
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == attribute
        and isinstance(node.ctx, ast.Store)
        and not (home is not None and _is_of_another_class(node, home, module, program))
        for module in project.modules.values()
        for node in module.nodes
    )


def _is_of_another_class(node: ast.Attribute, home: ast.ClassDef, module: Module, program: Program) -> bool:
    """Is it stored by a method in its own object, of a class that has nothing to do with ``home``?"""
    function = home_of(module, node)
    owner = module.parents.get(function)
    if not isinstance(owner, ast.ClassDef) or not isinstance(function, ast.FunctionDef):
        return False
    mine = parameters(function)[:1] == ((node.value.id,) if isinstance(node.value, ast.Name) else ())
    others = program.derived(owner) & program.derived(home)
    return mine and not others and not function.decorator_list
