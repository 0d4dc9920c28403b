"""Which function of a file a call always means: by its name, by its object's class, by its class's name."""

import ast

from pdeperf.arrays.callbacks import lambda_named
from pdeperf.kernel.replaced import is_replaced_in
from pdeperf.source import Module
from pdeperf.source.scopes import FUNCTIONS, Scope, own_nodes, parameters


def definition(node: ast.expr, module: Module, scope: Scope) -> ast.FunctionDef | None:
    """The function of this file that an expression always means; None if that is not certain."""
    match node:
        case ast.Name(id=name):
            owner = scope.resolve(name)
            if owner is None or is_replaced_in(name, module):
                return None
            found = [
                inner
                for inner in own_nodes(owner.node)
                if (isinstance(inner, ast.FunctionDef | ast.ClassDef) and inner.name == name)
                or (isinstance(inner, ast.Name) and inner.id == name and not isinstance(inner.ctx, ast.Load))
                or (isinstance(inner, ast.alias) and (inner.asname or inner.name) == name)
            ]
            is_argument = isinstance(owner.node, FUNCTIONS) and name in parameters(owner.node)
            only = found[0] if len(found) == 1 and not is_argument else None
            if isinstance(only, ast.Name):
                return lambda_named(only, module)
            return only if isinstance(only, ast.FunctionDef) else None
        case ast.Attribute(value=ast.Name(id=owner_name), attr=attr):
            return _method(owner_name, attr, module, scope) or _of_class(owner_name, attr, module, scope)
        case _:
            return None


def _method(owner_name: str, attr: str, module: Module, scope: Scope) -> ast.FunctionDef | None:
    """A method of the class that the calling method belongs to, if no subclass has its own."""
    caller = scope.node
    if not isinstance(caller, ast.FunctionDef) or not caller.args.args or is_static(caller):
        return None
    home = module.parents.get(caller)
    if caller.args.args[0].arg != owner_name or not isinstance(home, ast.ClassDef):
        return None
    everywhere = [node for node in module.all(ast.FunctionDef) if node.name == attr]
    stored = any(
        isinstance(node, ast.Attribute) and node.attr == attr and not isinstance(node.ctx, ast.Load)
        for node in module.nodes
    )
    if len(everywhere) != 1 or everywhere[0] not in home.body or stored:
        return None
    return everywhere[0]


def _of_class(name: str, attr: str, module: Module, scope: Scope) -> ast.FunctionDef | None:
    """The static method that is called by its class's name."""
    home = scope.resolve(name)
    found = method_of(name, attr, module) if home is not None and home.is_module else None
    return found if found is not None and is_static(found) else None


def is_static(function: ast.FunctionDef) -> bool:
    """Is it a method that is given no object?"""
    return [ast.unparse(each) for each in function.decorator_list] == ["staticmethod"]


def method_of(class_name: str, attr: str, module: Module) -> ast.FunctionDef | None:
    """The method that instances of a class of this file have; None if that is not certain."""
    homes = [node for node in module.tree.body if isinstance(node, ast.ClassDef) and node.name == class_name]
    bound = [
        node
        for node in module.nodes
        if isinstance(node, ast.Name) and node.id == class_name and not isinstance(node.ctx, ast.Load)
    ]
    if len(homes) != 1 or bound or (homes[0].decorator_list and not _is_dataclass(homes[0])):
        return None
    everywhere = [node for node in module.all(ast.FunctionDef) if node.name == attr]
    stored = any(
        isinstance(node, ast.Attribute) and node.attr == attr and not isinstance(node.ctx, ast.Load)
        for node in module.nodes
    )
    own = [node for node in everywhere if node in homes[0].body]
    return own[0] if len(own) == 1 and not stored else None


def _is_dataclass(node: ast.ClassDef) -> bool:
    return all("dataclass" in ast.unparse(each) for each in node.decorator_list)
