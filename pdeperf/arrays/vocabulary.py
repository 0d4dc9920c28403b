"""Which names a file uses, and which of them others read at any time."""

import ast
from collections.abc import Iterator

from pdeperf.source import Module
from pdeperf.source.flow import reads
from pdeperf.source.scopes import FUNCTIONS, Scope, declared_global, local_names, own_nodes


def names_taken(module: Module, scope: Scope) -> frozenset[str]:
    """Names of a file that mean something in a scope: all but those local to other functions."""
    around = {scope.node, *module.ancestors(scope.node)}
    taken: set[str] = set()
    stack: list[tuple[ast.AST, frozenset[str]]] = [(module.tree, frozenset())]
    while stack:
        node, hidden = stack.pop()
        taken |= set(_names_of(node)) - hidden
        inner = hidden
        if isinstance(node, FUNCTIONS) and node not in around:
            inner = (hidden | local_names(node)) - declared_global(node)
        body = getattr(node, "body", [])
        inside = {id(part) for part in (body if isinstance(body, list) else [body])}
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.arguments):
                stack.extend((each, hidden) for each in (*child.defaults, *child.kw_defaults) if each)
                continue
            stack.append((child, inner if id(child) in inside else hidden))
        if node in around and isinstance(node, FUNCTIONS):
            taken |= local_names(node)
    return frozenset(taken)


def _names_of(node: ast.AST) -> Iterator[str]:
    """The names that stand in a node itself."""
    match node:
        case (
            ast.Name(id=name)
            | ast.Attribute(attr=name)
            | ast.FunctionDef(name=name)
            | ast.AsyncFunctionDef(name=name)
            | ast.ClassDef(name=name)
            | ast.ExceptHandler(name=str(name))
            | ast.MatchAs(name=str(name))
            | ast.MatchStar(name=str(name))
        ):
            yield name
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            yield from ((alias.asname or alias.name).split(".")[0] for alias in aliases)
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            yield from names


def read_elsewhere(module: Module, scope: Scope) -> frozenset[str]:
    """Names that other functions may read at any time."""
    found: set[str] = set(scope.globals)
    for node in own_nodes(scope.node):
        if isinstance(node, FUNCTIONS):
            found |= reads(node)
        elif isinstance(node, ast.ClassDef):
            found |= {inner.id for inner in own_nodes(node) if isinstance(inner, ast.Name)}
            found |= {
                name for inner in ast.walk(node) if isinstance(inner, FUNCTIONS) for name in reads(inner)
            }
        elif isinstance(node, ast.Nonlocal):
            found |= set(node.names)
    if scope.is_module and not module.is_script:
        found |= scope.binds
    return frozenset(found)
