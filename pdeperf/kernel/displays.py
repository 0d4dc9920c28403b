"""Lists and tuples that are written in the source and stay as they are written there."""

import ast

from pdeperf.kernel.vocabulary import qualified
from pdeperf.source import Module
from pdeperf.source.bindings import Binding
from pdeperf.source.scopes import scope_of, uses_of

_WALKS = frozenset(f"builtins.{name}" for name in ("enumerate", "len", "list", "reversed", "tuple", "zip"))


def is_display(one: Binding) -> bool:
    """Is a name bound to a list or a tuple of which nothing changes, as long as the name stands for it?

    A list of tuples is walked, counted and read by place only; a tuple that holds no list never changes.
    """
    if isinstance(one.value, ast.Tuple):
        return not any(isinstance(part, ast.List | ast.Starred) for part in ast.walk(one.value))
    if not isinstance(one.value, ast.List):
        return False
    inner = (node for part in one.value.elts for node in ast.walk(part))
    if any(isinstance(node, ast.List | ast.ListComp | ast.Starred) for node in inner):
        return False
    owner = one.scope.resolve(one.name)
    return owner is not None and all(
        _is_read(node, one.module)
        for node in uses_of(one.name, one.module)
        if scope_of(one.module, node).resolve(one.name) is None
        or scope_of(one.module, node).resolve(one.name).node is owner.node  # type: ignore[union-attr]
        if isinstance(node.ctx, ast.Load)
    )


def _is_read(node: ast.Name, module: Module) -> bool:
    above = module.parents[node]
    match above:
        case ast.For(iter=source) | ast.comprehension(iter=source):
            return source is node
        case ast.Subscript(value=value, slice=index, ctx=ast.Load()):
            return value is node and not isinstance(index, ast.Slice)
        case ast.Call(func=func):
            return func is not node and qualified(func, module, scope_of(module, node)) in _WALKS
    return False
