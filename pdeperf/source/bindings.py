"""Where a program binds its names, and which of these bindings a place can see.

Flow is followed within a scope: the nearest binding that certainly ran, whatever stands between
it and the reader, whatever an enclosing loop brings round again. Other scopes see every binding.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from pdeperf.source.project import Module, Project
from pdeperf.source.scopes import FUNCTIONS, Scope, own_nodes, parameters, scope_of, statement_of

_BLOCKS = ("body", "orelse", "finalbody")
_CERTAIN = (
    ast.Assign,
    ast.AnnAssign,
    ast.AugAssign,
    ast.Import,
    ast.ImportFrom,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
)


class How(Enum):
    """What a binding makes of its expression."""

    VALUE = "the value itself"
    PART = "one part of it, at a position"
    ELEMENT = "one element of it"
    UPDATE = "the old value combined with it"
    PARAMETER = "what callers pass"
    OTHER = "something that is not followed"


@dataclass(frozen=True, slots=True, eq=False)
class Binding:
    """One place where a name gets a value.

    Attributes
    ----------
    scope
        The namespace in which the expression is evaluated.
    statement
        Where it happens; the function itself for a parameter.
    path
        Positions inside the expression's value: ``(1, 0)`` for ``a`` in ``b, (a, c) = value``.
    """

    module: Module
    scope: Scope
    name: str
    statement: ast.AST
    value: ast.expr | None
    how: How
    path: tuple[int, ...] = ()
    operator: ast.operator | None = None


class Bindings:
    """Every binding of a project, by namespace and name.

    Parameters
    ----------
    project
        The user's files.
    """

    def __init__(self, project: Project) -> None:
        self._scopes: dict[ast.AST, Scope] = {}
        self._found: dict[tuple[int, str], list[Binding]] = {}
        for module in project.modules.values():
            for node in module.nodes:
                if isinstance(node, (*FUNCTIONS, ast.Module)):
                    self._read(module, node)

    def scope(self, module: Module, node: ast.AST) -> Scope:
        """The namespace in which a node runs."""
        home = next(
            above for above in (node, *module.ancestors(node)) if isinstance(above, (*FUNCTIONS, ast.Module))
        )
        if home not in self._scopes:
            self._scopes[home] = scope_of(module, home)
        return self._scopes[home]

    def every(self, owner: Scope, name: str) -> Sequence[Binding]:
        """All bindings of a name in a namespace."""
        return self._found.get((id(owner.node), name), ())

    def reaching(self, module: Module, scope: Scope, name: str, at: ast.AST) -> Sequence[Binding]:
        """The bindings that a place may see; empty for names that the project does not bind."""
        owner = scope.resolve(name)
        if owner is None:
            return ()
        every = self.every(owner, name)
        if owner.node is not scope.node:
            return every
        last = self._dominating(module, scope, every, at)
        if last is None:
            return every
        low, high = _place(last.statement), _place(at)
        loops = [
            loop
            for loop in module.ancestors(at)
            if isinstance(loop, ast.For | ast.AsyncFor | ast.While)
            and loop is not last.statement
            and loop not in module.ancestors(last.statement)
        ]
        return [
            binding
            for binding in every
            if binding is last
            or binding.scope.node is not scope.node
            or low < _place(binding.statement) < high
            or any(loop in module.ancestors(binding.statement) or loop is binding.statement for loop in loops)
        ]

    def is_certain(self, module: Module, scope: Scope, one: Binding, at: ast.AST) -> bool:
        """Has a binding run for certain, as the last of its name, whenever a place is reached?"""
        owner = scope.resolve(one.name)
        if owner is None or owner.node is not scope.node:
            return False
        return self._dominating(module, scope, self.every(owner, one.name), at) is one

    def _dominating(
        self, module: Module, scope: Scope, every: Sequence[Binding], at: ast.AST
    ) -> Binding | None:
        """The last binding that ran for certain before a place."""
        certain = {binding.statement: binding for binding in every if binding.scope.node is scope.node}
        node = at
        for above in module.ancestors(at):
            if node is scope.node:
                break
            for block in _blocks(above):
                if node in block:
                    for earlier in reversed(block[: block.index(node)]):
                        if earlier in certain and isinstance(earlier, _CERTAIN):
                            return certain[earlier]
            in_body = isinstance(above, ast.For | ast.With) and node in above.body  # never its orelse
            if in_body and above in certain:
                return certain[above]
            node = above
        return certain.get(scope.node)

    def _read(self, module: Module, home: ast.AST) -> None:
        scope = self.scope(module, home)
        if isinstance(home, FUNCTIONS):
            for name in parameters(home):
                self._add(Binding(module, scope, name, home, None, How.PARAMETER))
        for node in own_nodes(home):
            for binding in self._bindings(module, scope, node):
                self._add(binding)

    def _add(self, binding: Binding) -> None:
        owner = binding.scope.resolve(binding.name) or binding.scope
        self._found.setdefault((id(owner.node), binding.name), []).append(binding)

    def _bindings(self, module: Module, scope: Scope, node: ast.AST) -> Iterator[Binding]:
        def other(*names: str | None) -> Iterator[Binding]:
            for name in names:
                if name:
                    yield Binding(module, scope, name, node, None, How.OTHER)

        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    for name, path in targets_of(target):
                        how = How.PART if path else How.VALUE
                        yield Binding(module, scope, name, node, value, how, path or ())
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield Binding(module, scope, name, node, value, How.VALUE)
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                yield Binding(module, scope, name, node, value, How.VALUE)
            case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
                yield Binding(module, scope, name, node, value, How.UPDATE, (), op)
            case ast.For(target=target, iter=source):
                for name, path in targets_of(target):
                    yield Binding(module, scope, name, node, source, How.ELEMENT, path or ())
            case ast.AsyncFor(target=target):
                yield from other(*(name for name, _ in targets_of(target)))
            case ast.withitem(optional_vars=ast.expr() as target):
                home = statement_of(module, node)
                for name, _ in targets_of(target):
                    yield Binding(module, scope, name, home, None, How.OTHER)
            case ast.FunctionDef(name=bound) | ast.AsyncFunctionDef(name=bound) | ast.ClassDef(name=bound):
                yield from other(bound)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                yield from other(*((alias.asname or alias.name).split(".")[0] for alias in aliases))
            case (
                ast.ExceptHandler(name=caught)
                | ast.MatchAs(name=caught)
                | ast.MatchStar(name=caught)
                | ast.MatchMapping(rest=caught)
            ):
                yield from other(caught)


def targets_of(target: ast.AST, path: tuple[int, ...] = ()) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Names that an assignment target binds, with their positions; (-1,) where that is not plain."""
    match target:
        case ast.Name(id=name):
            yield name, path
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            starred = any(isinstance(part, ast.Starred) for part in parts)
            for index, part in enumerate(parts):
                yield from targets_of(part, (*path, -1 if starred else index))
        case ast.Starred(value=inner):
            yield from targets_of(inner, (*path, -1))


def _blocks(node: ast.AST) -> Iterator[list[ast.AST]]:
    for name in _BLOCKS:
        block = getattr(node, name, None)
        if isinstance(block, list):
            yield block


def _place(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
