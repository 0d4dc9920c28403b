"""Functions that a function makes for itself, ``div = lambda f, ax: ..``: put in with it."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from pdeperf.arrays.callbacks import lambda_named
from pdeperf.source import Module
from pdeperf.source.scopes import parameters


@dataclass(frozen=True, slots=True)
class Local:
    """A function within one that is put in.

    Attributes
    ----------
    name
        What its calls say in the caller's terms.
    function
        Its definition, and
    captured
        what the names stand for that it reads of the function around it.
    """

    name: str
    function: ast.FunctionDef
    captured: tuple[tuple[str, ast.expr], ...]


def local_functions(
    function: ast.FunctionDef, body: list[ast.stmt], module: Module
) -> tuple[dict[str, ast.FunctionDef], list[ast.stmt]]:
    """The functions that the statements of a body define and only call, and the other statements."""
    found: dict[str, ast.FunctionDef] = {}
    rest: list[ast.stmt] = []
    for part in body:
        match part:
            case ast.FunctionDef(name=name, decorator_list=[]):
                made: ast.FunctionDef | None = part
            case ast.Assign(targets=[ast.Name(id=name) as target], value=ast.Lambda()):
                made = lambda_named(target, module)
            case _:
                name, made = "", None
        if made is not None and _is_only_called(name, function, module):
            found[name] = made
        else:
            rest.append(part)
    return found, rest


def _is_only_called(name: str, function: ast.FunctionDef, module: Module) -> bool:
    """Is a name bound once in a function, and read only to call what it stands for?"""
    nodes = list(ast.walk(function))
    bound = sum(isinstance(node, ast.FunctionDef) and node.name == name for node in nodes)
    for node in nodes:
        if not isinstance(node, ast.Name) or node.id != name:
            continue
        above = module.parents.get(node)
        if not isinstance(node.ctx, ast.Load):
            bound += 1
        elif not isinstance(above, ast.Call) or above.func is not node:
            return False
    inner = {each.arg for node in nodes for each in ast.walk(node) if isinstance(each, ast.arg)}
    return bound == 1 and name not in inner and name not in parameters(function)


def with_captured(inner: Mapping[str, ast.FunctionDef], names: Mapping[str, ast.expr]) -> tuple[Local, ...]:
    """The same in the caller's terms."""
    found: list[Local] = []
    for name, function in inner.items():
        new = names.get(name)
        assert isinstance(new, ast.Name)
        own = {each.arg for each in ast.walk(function.args) if isinstance(each, ast.arg)}
        own |= {
            node.id
            for node in ast.walk(function)
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
        }
        read = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)} - own
        found.append(Local(new.id, function, tuple((one, names[one]) for one in sorted(read & names.keys()))))
    return tuple(found)
