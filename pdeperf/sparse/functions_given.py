"""Which function a parameter holds, ``assemble(mesh, f)``: read off all calls of the function that has it."""

import ast
from collections.abc import Iterator

from pdeperf.kernel.replaced import is_replaced_in
from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.sharing import passed
from pdeperf.source import Module
from pdeperf.source.flow import writes
from pdeperf.source.scopes import FUNCTIONS, Function, parameters

_DEPTH = 4


def function_given(meaning: Meaning, module: Module, call: ast.Call) -> Function | None:
    """The one function of the file that a call of a parameter, ``f(x)``, runs; None if it may be another."""
    home = meaning.home(module, call)
    if not isinstance(home, FUNCTIONS) or not isinstance(call.func, ast.Name):
        return None
    found = list(_held(meaning, module, home, call.func.id, _DEPTH))
    first = found[0] if found else None
    return first if first is not None and all(one is first for one in found) else None


def is_parameter(meaning: Meaning, module: Module, call: ast.Call) -> bool:
    """Does a call run what a parameter of the function around it holds?"""
    if not isinstance(call.func, ast.Name) or call not in module.parents:
        return False  # a property is read as if it was called
    home = meaning.home(module, call)
    return isinstance(home, FUNCTIONS) and call.func.id in parameters(home)


def _held(
    meaning: Meaning, module: Module, home: Function, name: str, depth: int
) -> Iterator[Function | None]:
    """What every call of a function gives for a parameter; None for all but the file's functions."""
    is_own = isinstance(home, ast.FunctionDef) and home in module.tree.body and not home.decorator_list
    is_bound = name not in parameters(home) or name in writes(ast.Module(home.body, []))  # type: ignore[arg-type]
    if not is_own or is_bound or not depth or not module.is_script or len(meaning.project.modules) > 1:
        yield None
        return
    assert isinstance(home, ast.FunctionDef)
    for call in _calls(module, home.name):
        given = dict(passed(call, home)) if call is not None else {}
        argument = given[name] if name in given and None not in given else None
        if isinstance(argument, ast.Lambda):
            yield argument if _is_of_the_file(meaning, module, argument) else None
            continue
        if call is None or not isinstance(argument, ast.Name):
            yield None
            continue
        around = meaning.home(module, call)
        if isinstance(around, FUNCTIONS) and argument.id in parameters(around):
            yield from _held(meaning, module, around, argument.id, depth - 1)
            continue
        owner = meaning.scope(module, call).resolve(argument.id)
        yield _named(meaning, module, argument.id) if owner is not None and owner.is_module else None


def _calls(module: Module, name: str) -> Iterator[ast.Call | None]:
    """The calls of a function; None for all that could call it otherwise."""
    for node in ast.walk(module.tree):
        above = module.parents.get(node)
        match node:
            case ast.Name(id=known, ctx=ast.Load()) if known == name:
                yield above if isinstance(above, ast.Call) and above.func is node else None
            case ast.Name(id=known) | ast.arg(arg=known) | ast.Attribute(attr=known) if known == name:
                yield None
            case ast.Constant(value=str(known)) | ast.alias(name=known) | ast.alias(asname=known) if (
                known == name
            ):
                yield None
            case ast.Name(id="globals" | "vars" | "eval" | "exec" | "locals"):
                yield None


def _named(meaning: Meaning, module: Module, name: str) -> Function | None:
    """The function that a name of the file is bound to once."""
    found = meaning.functions.get(name, [])
    bound = [
        node
        for node in ast.walk(module.tree)
        if (isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load))
        or (isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name)
    ]
    if len(found) != 1 or len(bound) != 1:
        return None
    function = found[0][1]
    if isinstance(function, ast.Lambda) and not _is_of_the_file(meaning, module, function):
        return None
    return function


def _is_of_the_file(meaning: Meaning, module: Module, function: ast.Lambda) -> bool:
    """Does a function written in a call read names of the file alone?"""
    own, scope = set(parameters(function)), meaning.scope(module, function)
    names = {node.id for node in ast.walk(function.body) if isinstance(node, ast.Name)} - own
    owners = (scope.resolve(name) for name in names)
    return all(owner is None or owner.is_module for owner in owners)


def may_be_another(meaning: Meaning, module: Module, function: ast.FunctionDef) -> bool:
    """Does something bind a function or a method anew: ``f = cached(f)``, ``grid.flux = mine``?"""
    name, home = function.name, meaning.scope(module, module.parents[function])
    owner = home.resolve(name)
    if is_replaced_in(name, module):
        return True
    for node in ast.walk(module.tree):
        match node:
            case ast.Attribute(attr=known) if known == name and not isinstance(node.ctx, ast.Load):
                return True
            case ast.Name(id=known) if known == name and not isinstance(node.ctx, ast.Load):
                other = meaning.scope(module, node).resolve(name)
                if owner is None or other is None or other.node is owner.node:
                    return not isinstance(module.parents[function], ast.ClassDef)
            case ast.FunctionDef(name=known) if known == name and node is not function:
                if module.parents[node] is module.parents[function]:
                    return True
    return False


def numbers_of_the_file(module: Module, function: ast.Lambda) -> Iterator[str]:
    """Names that a function reads and that the file binds once, to a number that is written out."""
    names = {node.id for node in ast.walk(function.body) if isinstance(node, ast.Name)} - {
        *parameters(function)
    }
    for name in sorted(names):
        bound = [
            node
            for node in ast.walk(module.tree)
            if (isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load))
            or (isinstance(node, ast.arg) and node.arg == name)
        ]
        above = module.parents.get(bound[0]) if len(bound) == 1 else None
        if isinstance(above, ast.Assign) and above in module.tree.body and bound[0] in above.targets:
            inside = ast.walk(above.value)
            if all(
                isinstance(one, ast.Constant | ast.BinOp | ast.UnaryOp | ast.operator | ast.unaryop)
                for one in inside
            ):
                yield name
