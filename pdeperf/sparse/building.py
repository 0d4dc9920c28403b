"""Which statements of a function or a loop together build some matrices."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

from pdeperf.source import Module
from pdeperf.source.edits import owns_lines
from pdeperf.source.flow import reads, writes
from pdeperf.source.scopes import own_nodes
from pdeperf.sparse.constancy import Constancy
from pdeperf.sparse.dependencies import FILLING_METHODS
from pdeperf.sparse.solves import Loop


@dataclass(slots=True)
class Groups:
    """Finds the statements that make names, and those that fill what was made.

    Attributes
    ----------
    touching
        The statements of the body that bind a name, or store into what it holds.
    """

    constancy: Constancy
    module: Module
    home: ast.FunctionDef | Loop
    scope: ast.AST
    touching: dict[str, list[ast.stmt]] = field(default_factory=dict)
    _makers: dict[str, ast.Assign] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for statement in self.home.body:
            for name in writes(statement) | filled(statement):
                self.touching.setdefault(name, []).append(statement)
            if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
                for name in _bound_once(self.scope, statement):
                    self._makers[name] = statement

    def of(self, names: Iterable[str]) -> list[ast.stmt]:
        """All statements that build some names, in order; none if they share their lines with others."""
        chosen: dict[ast.stmt, None] = {}
        pending = [one for name in names for one in self.touching.get(name, ())]
        while pending:
            statement = pending.pop()
            if statement in chosen:
                continue
            chosen[statement] = None
            pending += [one for name in filled(statement) for one in self.touching.get(name, ())]
            pending += [
                one
                for name in reads(statement)
                if name in self._makers and not self._is_number(self._makers[name], name)
                for one in self.touching[name]
            ]
        if not all(owns_lines(self.module, [one]) for one in chosen):
            return []
        if any(_has_long_text(one) for one in chosen):
            return []
        return sorted(chosen, key=lambda one: one.lineno)

    def _is_number(self, statement: ast.Assign, name: str) -> bool:
        """Was it a number, or is it computed of such, which is compared sooner than computed?"""
        sites = [one for one in self.home.body if one.lineno > statement.lineno]
        was_seen = any(
            self.constancy.meaning.is_number(self.module, site, name)
            for site in (statement, *sites, self.home)
        )
        return was_seen or computes_number(self.constancy, self.module, self.home, statement.value)


def computes_number(constancy: Constancy, module: Module, at: ast.stmt, node: ast.expr) -> bool:
    """Is an expression written of numbers alone, as far as was seen around a statement?"""
    match node:
        case ast.Constant(value=value):
            return isinstance(value, int | float)
        case ast.UnaryOp(operand=operand):
            return computes_number(constancy, module, at, operand)
        case ast.BinOp(left=left, right=right):
            return all(computes_number(constancy, module, at, side) for side in (left, right))
        case ast.Name() | ast.Attribute():
            return constancy.meaning.is_number(module, at, ast.unparse(node))
        case _:
            return False


def is_computed_number(constancy: Constancy, module: Module, scope: ast.AST, name: str) -> bool:
    """Does a scope bind a name to nothing but numbers that it computes of numbers?"""
    stores = [
        module.parents.get(node)
        for node in own_nodes(scope)
        if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
    ]
    return bool(stores) and all(
        isinstance(one, ast.Assign)
        and computes_number(
            constancy, module, scope if isinstance(scope, ast.FunctionDef) else one, one.value
        )
        for one in stores
    )


def filled(statement: ast.stmt) -> frozenset[str]:
    """Names of what a statement stores into."""
    found = set()
    for node in ast.walk(statement):
        match node:
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store()):
                found.add(name)
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method))) if (
                method in FILLING_METHODS
            ):
                found.add(name)
    return frozenset(found)


def _has_long_text(statement: ast.stmt) -> bool:
    """Does a text go over several lines, whose indentation is part of it?"""
    return any(
        isinstance(node, ast.JoinedStr | ast.Constant)
        and (isinstance(node, ast.JoinedStr) or isinstance(node.value, str | bytes))
        and node.lineno != node.end_lineno
        for node in ast.walk(statement)
    )


def _bound_once(scope: ast.AST, statement: ast.Assign) -> list[str]:
    """The names that a statement binds, if nothing else does."""
    target = statement.targets[0]
    targets = target.elts if isinstance(target, ast.Tuple) else [target]
    names = [one.id for one in targets if isinstance(one, ast.Name)]
    if len(names) < len(targets):
        return []
    stores = [
        node.id
        for node in own_nodes(scope)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    ]
    return names if all(stores.count(name) == 1 for name in names) else []
