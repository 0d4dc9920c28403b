"""Functions that stand in a dict by their names: ``LIMITERS = {"minmod": minmod, "mc": mc}``."""

import ast
import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from pdeperf.arrays.callees import definition
from pdeperf.arrays.inline import Inlined, Renamed
from pdeperf.arrays.paths import is_path
from pdeperf.kernel.replaced import is_replaced_in
from pdeperf.source import Module
from pdeperf.source.scopes import Scope, scope_of

_LOOKING = frozenset(("get", "keys", "items", "values"))
_ASKING = frozenset(("len", "list", "sorted", "tuple", "print", "iter", "set"))
_NONE: Mapping[object, str] = MappingProxyType({})


def functions_in(name: str, module: Module) -> Mapping[object, str]:
    """The functions of this file that a dict at its top level holds; none if it may change."""
    return module.once(_functions_in, name, module)


def _functions_in(name: str, module: Module) -> Mapping[object, str]:
    found = [
        part.value
        for part in module.tree.body
        if isinstance(part, ast.Assign | ast.AnnAssign)
        and isinstance(target := part.targets[0] if isinstance(part, ast.Assign) else part.target, ast.Name)
        and target.id == name
        and (not isinstance(part, ast.Assign) or len(part.targets) == 1)
    ]
    uses = [node for node in module.nodes if isinstance(node, ast.Name) and node.id == name]
    others = [node for node in uses if isinstance(node.ctx, ast.Load)]
    named = any(isinstance(node, ast.arg) and node.arg == name for node in module.nodes)
    if len(found) != 1 or len(uses) != len(others) + 1 or named or is_replaced_in(name, module):
        return _NONE
    if not all(_only_looks(node, module) for node in others):
        return _NONE
    scope = scope_of(module, module.tree)
    return {
        key: value.id
        for key, value in _entries(found[0])
        if isinstance(value, ast.Name) and definition(value, module, scope) in module.tree.body
    }


def _entries(node: ast.expr | None) -> Iterator[tuple[object, ast.expr]]:
    match node:
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                if not isinstance(key, ast.Constant):
                    return
                yield key.value, value
        case ast.Call(func=ast.Name(id="dict"), args=[], keywords=keywords):
            yield from ((key.arg, key.value) for key in keywords if key.arg is not None)


def _only_looks(node: ast.Name, module: Module) -> bool:
    """Is a dict only looked at where its name stands?"""
    above = module.parents.get(node)
    match above:
        case ast.Subscript(value=value, ctx=ast.Load()) if value is node:
            return True
        case ast.Attribute(attr=attr) if attr in _LOOKING:
            return isinstance(module.parents.get(above), ast.Call)
        case ast.Compare() | ast.For() | ast.comprehension() | ast.FormattedValue():
            return True
        case ast.Call(func=ast.Name(id=called)):
            return called in _ASKING
    return False


def is_function(node: ast.expr, module: Module, scope: Scope) -> bool:
    """Is it the name of one of this file's functions, or one of a dict of them, ``LIMITERS[name]``?"""
    match node:
        case ast.Name(id=name):
            owner = scope.resolve(name)
            is_global = owner is not None and owner.is_module
            return is_global and definition(node, module, scope) in module.tree.body
        case ast.Subscript(value=ast.Name(id=name), slice=key):
            owner = scope.resolve(name)
            is_global = owner is not None and owner.is_module
            return (
                is_global
                and (isinstance(key, ast.Constant) or is_path(key))
                and bool(functions_in(name, module))
            )
    return False


def with_functions_named(found: Inlined, is_named: Callable[[ast.expr], bool]) -> Inlined:
    """A function's body without the names that it gives to such functions: ``lim = LIMITERS[name]``."""
    body, result = list(found.body), found.result
    for part in found.body:
        match part:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if is_named(value):
                pass
            case _:
                continue
        trees = [*body, *([result] if result is not None else [])]
        if _times_bound(name, trees) != 1 or _is_read(name, body[: body.index(part)]):
            continue
        change = Renamed({name: value})
        body = [change.visit(copy.deepcopy(each)) for each in body if each is not part]
        result = change.visit(copy.deepcopy(result)) if result is not None else None
        inner = tuple(
            replace(
                each,
                captured=tuple((one, change.visit(copy.deepcopy(other))) for one, other in each.captured),
            )
            for each in found.inner
        )
        changed = replace(found, body=tuple(body), result=result, inner=inner)
        return with_functions_named(changed, is_named)
    return found


def _times_bound(name: str, trees: Sequence[ast.AST]) -> int:
    return sum(
        isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
        for tree in trees
        for node in ast.walk(tree)
    )


def _is_read(name: str, trees: Sequence[ast.AST]) -> bool:
    return any(isinstance(node, ast.Name) and node.id == name for tree in trees for node in ast.walk(tree))
