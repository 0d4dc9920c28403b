"""Loops whose turns bind what their names stand for: a name keeps what was there when the turn began."""

import ast
from collections.abc import Iterator, Sequence

from pdeperf.source.project import Module
from pdeperf.source.short_loops import Walk


def binds_within(walk: Walk, module: Module) -> bool:
    """May a turn, or a function that it calls, bind what the names of a loop stand for?

    ``for name, c in (("x", self.a), ("y", self.a)): self.a += c`` takes both values before the first turn.
    """
    given = [node for row in walk.rows for part in (row.written or [row.source]) for node in ast.walk(part)]
    names = {node.id for node in given if isinstance(node, ast.Name)}
    attributes = {node.attr for node in given if isinstance(node, ast.Attribute)}
    entries = {ast.unparse(row.source) for row in walk.rows if row.written is None}
    entries |= {ast.unparse(node.value) for node in given if isinstance(node, ast.Subscript)}
    for node in _stored(walk.body):
        match node:
            case ast.Name(id=name) if name in names:
                return True
            case ast.Attribute(attr=attribute) if attribute in attributes:
                return True
            case ast.Subscript(value=value) if ast.unparse(value) in entries:
                return True
    for function in _called(walk.body, module):
        shared = {
            name
            for node in ast.walk(function)
            if isinstance(node, ast.Global | ast.Nonlocal)
            for name in node.names
        }
        for node in _stored(function.body):
            match node:
                case ast.Name(id=name) if name in names & shared:
                    return True
                case ast.Attribute(attr=attribute) if attribute in attributes:
                    return True
    return False


def _stored(parts: Sequence[ast.AST]) -> Iterator[ast.AST]:
    for part in parts:
        for node in ast.walk(part):
            if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
                yield node


def _called(parts: Sequence[ast.AST], module: Module) -> list[ast.FunctionDef]:
    """The functions of a file that may be called, by their names, and those that they call."""
    defined = list(module.all(ast.FunctionDef))
    found: list[ast.FunctionDef] = []
    pending = list(parts)
    while pending:
        part = pending.pop()
        named = {
            node.attr if isinstance(node, ast.Attribute) else node.id
            for node in ast.walk(part)
            if isinstance(node, ast.Attribute | ast.Name)
        }
        more = [one for one in defined if one.name in named and one not in found]
        found += more
        pending += more
    return found
