"""Lists of functions, ``N = [lambda x, y: 1 - x - y, ...]``, which nobody changes."""

import ast

from pdeperf.source import Module
from pdeperf.sparse.batched_expressions import Expressions
from pdeperf.sparse.batched_values import Value


def functions_of(write: Expressions, function: ast.expr) -> tuple[ast.Lambda, ...]:
    """The functions of which a call runs one: an item of such a list; none of all else."""
    match function:
        case ast.Name(id=name) if name in write.names:
            return write.names[name].functions
        case ast.Subscript(value=ast.Name() as table, slice=index) if found := table_of(write, table):
            return found if not write.number(index).varies else ()
    return ()


def table_of(write: Expressions, name: ast.expr) -> tuple[ast.Lambda, ...]:
    """What a list holds that was written out once as a list of functions; nothing of all else."""
    if not isinstance(name, ast.Name) or name.id in {*write.names, *write.own, *write.stored}:
        return ()
    mentions = [
        node for node in ast.walk(write.module.tree) if isinstance(node, ast.Name) and node.id == name.id
    ]
    stores = [node for node in mentions if not isinstance(node.ctx, ast.Load)]
    if len(stores) != 1 or _is_known_otherwise(write, name.id):
        return ()
    match write.module.parents.get(stores[0]):
        case ast.Assign(targets=[ast.Name()], value=ast.List(elts=items) | ast.Tuple(elts=items)) if items:
            functions = tuple(one for one in items if isinstance(one, ast.Lambda))
        case _:
            return ()
    if len(functions) < len(items) or any(_has_more_than_names(one) for one in functions):
        return ()
    loads = (node for node in mentions if node is not stores[0])
    return functions if all(_is_looked_at(write, node) for node in loads) else ()


def held(write: Expressions, source: ast.expr) -> Value | None:
    """What a loop's target holds that goes over such a list; None of all else."""
    functions = table_of(write, source)
    return Value(source, None, functions=functions) if functions else None


def _is_known_otherwise(write: Expressions, name: str) -> bool:
    """Is it a parameter somewhere, declared global, or read by other files?"""
    for module in write.meaning.project.modules.values():
        for node in ast.walk(module.tree):
            match node:
                case ast.arg(arg=known) | ast.alias(name=known) if known == name:
                    return True
                case ast.Attribute(attr=known) if known == name and module is not write.module:
                    return True
                case ast.Global(names=names) | ast.Nonlocal(names=names) if name in names:
                    return True
    return False


def _has_more_than_names(function: ast.Lambda) -> bool:
    given = function.args
    return bool(given.vararg or given.kwarg or given.kwonlyargs or given.posonlyargs or given.defaults)


def _is_looked_at(write: Expressions, node: ast.Name) -> bool:
    """Is an item taken, or the list gone through or measured?"""
    module: Module = write.module
    match module.parents.get(node):
        case ast.Subscript(value=value, ctx=ast.Load(), slice=index):
            return value is node and not isinstance(index, ast.Slice)
        case ast.For(iter=source) | ast.comprehension(iter=source):
            return source is node
        case ast.Call(func=func, args=arguments) if node in arguments:
            return write.meaning.full(module, func) in ("builtins.len", "builtins.enumerate", "builtins.zip")
    return False
