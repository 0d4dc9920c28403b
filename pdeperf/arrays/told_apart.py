"""Entries that are stored to and certainly are not the one asked about: of another dict, at another key."""

import ast

_MADE = (ast.Dict, ast.DictComp, ast.List, ast.ListComp)
_SUSPENDED = (ast.Yield, ast.YieldFrom, ast.Global, ast.Nonlocal)
_INNER = (ast.FunctionDef, ast.Lambda)


def made_here(tree: ast.AST) -> frozenset[str]:
    """Locals of a function that only stand for dicts and lists which it makes: ``left, right = {}, {}``."""
    if not isinstance(tree, ast.FunctionDef):
        return frozenset()
    if any(isinstance(node, _SUSPENDED) for part in tree.body for node in ast.walk(part)):
        return frozenset()  # others may have the dict when the function goes on
    made: set[str] = set()
    fresh: set[int] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
                pairs = list(zip(targets, values, strict=False))
            case ast.Assign(targets=[target], value=value):
                pairs = [(target, value)]
            case _:
                continue
        for one, other in pairs:
            if isinstance(one, ast.Name) and isinstance(other, _MADE):
                made.add(one.id)
                fresh.add(id(one))
    bound = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and id(node) not in fresh
    }
    inner = {
        node.id
        for part in tree.body
        for function in ast.walk(part)
        if isinstance(function, _INNER)
        for node in ast.walk(function)
        if isinstance(node, ast.Name)
    }
    return frozenset(
        made - bound - inner - {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    )


def is_told_apart(node: ast.Subscript, key: object, tree: ast.AST, made: frozenset[str]) -> bool:
    """Does an entry belong to a dict that the code makes, or stand at other keys: ``for k in ("u", "v")``?"""
    if isinstance(node.value, ast.Name) and node.value.id in made:
        return True
    if not isinstance(node.slice, ast.Name):
        return False
    name = node.slice.id
    binders = sum(
        (isinstance(each, ast.Name) and each.id == name and not isinstance(each.ctx, ast.Load))
        or (isinstance(each, ast.arg) and each.arg == name)
        for each in ast.walk(tree)
    )
    loops = [
        each
        for each in ast.walk(tree)
        if isinstance(each, ast.For) and isinstance(each.target, ast.Name) and each.target.id == name
    ]
    texts: list[object] = []
    for loop in loops:
        if not isinstance(loop.iter, ast.Tuple | ast.List):
            return False
        for each in loop.iter.elts:
            if not isinstance(each, ast.Constant) or not isinstance(each.value, str):
                return False
            texts.append(each.value)
    is_inside = any(node is part for loop in loops for each in loop.body for part in ast.walk(each))
    return is_inside and binders == len(loops) and key not in texts
