"""Whether something else may stand where a function or a method was defined."""

import ast

from pdeperf.kernel.definitions import is_import
from pdeperf.kernel.program import Program
from pdeperf.source import Module, Project
from pdeperf.source.scopes import home_of, parameters, scope_of


def is_replaced(function: str, project: Project) -> bool:
    """Does anything assign this name in a module (``grid.flux = mine``)?"""
    for module in project.modules.values():
        for node in module.nodes:
            match node:
                case ast.Attribute(value=ast.Name(id=owner), attr=name) if not isinstance(node.ctx, ast.Load):
                    scope = scope_of(module, node).resolve(owner)
                    if name == function and scope is not None and is_import(owner, scope.node):
                        return True
                case ast.Call(func=ast.Name(id="setattr"), args=[ast.Name(id=owner), name, *_]):
                    known = isinstance(name, ast.Constant) and name.value != function
                    if not known and owner != "self":
                        return True
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
