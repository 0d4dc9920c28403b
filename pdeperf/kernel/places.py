"""Places in lists that are counted from the beginning."""

import ast

from pdeperf.source import Module
from pdeperf.source.scopes import uses_of


def is_counted(name: str, module: Module) -> bool:
    """Is a variable only ever what a loop over a list, ``enumerate`` or ``range(n)`` binds?"""
    stores = [node for node in uses_of(name, module) if isinstance(node.ctx, ast.Store)]
    return bool(stores) and all(_is_bound_by_loop(node, module) for node in stores)


def _is_bound_by_loop(node: ast.Name, module: Module) -> bool:
    above = module.parents.get(node)
    if isinstance(above, ast.Tuple):
        above = module.parents.get(above)
    match above:
        case ast.For(iter=ast.Call(func=ast.Name(id="range"), args=[first, *more])):
            return not more or (len(more) == 1 and isinstance(first, ast.Constant))
        case ast.For(iter=ast.Call(func=ast.Name(id="enumerate"), args=[_], keywords=[])):
            return True
        case ast.For(iter=ast.Name() | ast.Attribute() | ast.Subscript()):
            return True
    return False


def whole_list(node: ast.expr, module: Module) -> ast.expr:
    """The list of which a loop takes the rest, ``bodies`` of ``bodies[i + 1:]``; or the expression itself."""
    match node:
        case ast.Subscript(value=value, slice=ast.Slice(lower=ast.expr() as lower, upper=None, step=None)):
            match lower:
                case ast.Constant(value=int()):
                    return value
                case (
                    ast.Name(id=name)
                    | ast.BinOp(left=ast.Name(id=name), op=ast.Add(), right=ast.Constant(value=int()))
                ) if is_counted(name, module):
                    return value
    return node
