"""Which names a file uses, and which of them others read at any time."""

import ast

from pdeperf.source import Module
from pdeperf.source.flow import reads
from pdeperf.source.scopes import FUNCTIONS, Scope, own_nodes


def all_names(module: Module) -> frozenset[str]:
    """All names in a file, whatever they mean."""
    names = {node.id for node in ast.walk(module.tree) if isinstance(node, ast.Name)}
    names |= {node.arg for node in ast.walk(module.tree) if isinstance(node, ast.arg)}
    names |= {node.attr for node in ast.walk(module.tree) if isinstance(node, ast.Attribute)}
    names |= {node.name for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    return frozenset(names) | frozenset(
        (alias.asname or alias.name).split(".")[0]
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    )


def read_elsewhere(module: Module, scope: Scope) -> frozenset[str]:
    """Names that other functions may read at any time."""
    found: set[str] = set(scope.globals)
    for node in own_nodes(scope.node):
        if isinstance(node, FUNCTIONS):
            found |= reads(node)
        elif isinstance(node, ast.ClassDef):
            found |= {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    if scope.is_module and not module.is_script:
        found |= scope.binds
    return frozenset(found)
