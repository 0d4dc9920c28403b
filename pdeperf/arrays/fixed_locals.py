"""Locals of a function that mean one thing throughout: numbers that are written out, tables of objects."""

import ast

from pdeperf.arrays.paths import is_path
from pdeperf.source import Module
from pdeperf.source.flow import writes
from pdeperf.source.scopes import parameters


def fixed_locals(
    function: ast.FunctionDef, body: list[ast.stmt]
) -> tuple[dict[str, ast.expr], list[ast.stmt]]:
    """Locals that are names for numbers written as such, ``R, L = -1, 1``, and the other statements."""
    found: dict[str, ast.expr] = {}
    rest: list[ast.stmt] = []
    for part in body:
        pairs = _pairs(part)
        own = {each.id: value for each, value in pairs if isinstance(each, ast.Name) and is_literal(value)}
        if len(own) == len(pairs) and own and all(_is_bound_once(name, function) for name in own):
            found |= own
        else:
            rest.append(part)
    return found, rest


def dicts_of(
    function: ast.FunctionDef, body: list[ast.stmt], module: Module
) -> tuple[dict[str, ast.expr], list[ast.stmt]]:
    """Locals that are names for an object's dict or list, ``p = self.p``, of which only entries are read.

    Several in one statement too, ``p, q = self.p, self.q``.
    """
    found: dict[str, ast.expr] = {}
    rest: list[ast.stmt] = []
    for part in body:
        pairs = _pairs(part)
        own = {
            target.id: value
            for target, value in pairs
            if isinstance(target, ast.Name) and _is_dict(target.id, value, function, module)
        }
        found |= own
        others = [(target, value) for target, value in pairs if ast.unparse(target) not in own]
        if own and _are_apart(others, pairs):
            rest += (ast.copy_location(ast.Assign([target], value), part) for target, value in others)
        else:
            found = {name: value for name, value in found.items() if name not in own}
            rest.append(part)
    return found, rest


def _are_apart(some: list[tuple[ast.expr, ast.expr]], every: list[tuple[ast.expr, ast.expr]]) -> bool:
    """May assignments be made one after the other: does none read or change what another one binds?"""
    bound = {ast.unparse(target) for target, _ in every}
    return all(
        isinstance(target, ast.Name)
        and not any(isinstance(node, ast.Name) and node.id in bound for node in ast.walk(value))
        for target, value in some
    )


def _pairs(node: ast.stmt) -> list[tuple[ast.expr, ast.expr]]:
    """What an assignment binds, and to what: ``a, b = 1, 2`` binds two."""
    match node:
        case ast.Assign(targets=[ast.Name() as target], value=value):
            return [(target, value)]
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(
            targets
        ) == len(values):
            return list(zip(targets, values, strict=True))
    return []


def _is_dict(name: str, value: ast.expr, function: ast.FunctionDef, module: Module) -> bool:
    """Does a local only stand for an attribute's dict or list?"""
    return (
        isinstance(value, ast.Attribute)
        and _is_bound_once(name, function)
        and is_path(value)
        and (root := ast.unparse(value).split(".")[0]) in parameters(function)
        and root not in writes(function)
        and _reads_entries(name, function, module)
        and all(_is_given_once(attr, module) for attr in ast.unparse(value).split(".")[1:])
    )


def _reads_entries(name: str, function: ast.FunctionDef, module: Module) -> bool:
    """Is nothing done with a name but to read entries, ``p["dt"]``, ``c[0]``?"""
    uses = [node for node in ast.walk(function) if isinstance(node, ast.Name) and node.id == name]
    loads = [module.parents[node] for node in uses if isinstance(node.ctx, ast.Load)]
    return bool(loads) and all(
        isinstance(above, ast.Subscript)
        and isinstance(above.slice, ast.Constant)
        and isinstance(above.ctx, ast.Load)
        for above in loads
    )


def _is_given_once(attr: str, module: Module) -> bool:
    """Do only constructors bind an attribute?"""
    return all(
        any(
            isinstance(above, ast.FunctionDef) and above.name == "__init__"
            for above in module.ancestors(node)
        )
        for node in module.nodes
        if isinstance(node, ast.Attribute) and node.attr == attr and not isinstance(node.ctx, ast.Load)
    )


def is_literal(node: ast.expr) -> bool:
    """Is it a number that is written out?"""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def _is_bound_once(name: str, function: ast.FunctionDef) -> bool:
    return (
        name not in parameters(function)
        and sum(
            isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
            for node in ast.walk(function)
        )
        == 1
    )
