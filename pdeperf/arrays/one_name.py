"""Two names of one array after a loop: ``u = u_next`` ends its turns, and ``u_next`` is read behind it.

An array that is made anew in each turn can take turns with that of the turn before, if nobody needs it
by its own name any more. What follows the loop may as well read it by the other.
"""

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from pdeperf.source import Module, Project
from pdeperf.source.edits import Edit, apply, extent, owns_lines
from pdeperf.source.edits import replace as replaced
from pdeperf.source.flow import writes
from pdeperf.source.project import parsed
from pdeperf.source.scopes import COMPREHENSIONS, FUNCTIONS, Scope, own_nodes, scope_of, uses_of

_WRAPPERS = frozenset("tqdm trange track".split())
_UNCLEAR = (ast.JoinedStr, ast.Lambda, *COMPREHENSIONS)
"""Python 3.11 does not know places in text with values; in others a name may mean something else."""
Same = dict[str, str]
"""What a name's array is called, too: ``{"u_next": "u"}``."""


class _InTheWayError(Exception):
    """A place that cannot be written with the other name."""


def with_one_name(project: Project, file: str, lines: Collection[int]) -> Project | None:
    """A project in which such arrays are read by one name, line by line as before; None if there are none.

    Parameters
    ----------
    lines
        Lines of the functions in which they are.
    """
    module = project[file]
    edits: list[Edit] = []
    homes: list[ast.Module | ast.FunctionDef] = [module.tree, *module.all(ast.FunctionDef)]
    wanted = {_innermost(homes, line) for line in lines}
    for home in (one for one in homes if one in wanted):
        try:
            edits += _Reading(module, scope_of(module, home), home).edits()
        except _InTheWayError:
            continue
    if not edits:
        return None
    new = parsed(file, apply(module.text, edits), is_script=module.is_script)
    return replace(project, modules=MappingProxyType({**project.modules, file: new}))


def _innermost(homes: Sequence[ast.Module | ast.FunctionDef], line: int) -> ast.Module | ast.FunctionDef:
    """The function around a line, or the module."""
    around = (
        one
        for one in homes
        if isinstance(one, ast.FunctionDef) and one.lineno <= line <= (one.end_lineno or 0)
    )
    return max(around, key=lambda one: one.lineno, default=homes[0])


@dataclass(slots=True)
class _Reading:
    """The statements of one scope, in the order in which they run."""

    module: Module
    scope: Scope
    home: ast.Module | ast.FunctionDef
    found: list[Edit] = field(default_factory=list)

    def edits(self) -> Sequence[Edit]:
        self._block(self.home.body, {})
        return self.found

    # ---- what follows loops

    def _block(self, statements: Sequence[ast.stmt], same: Same) -> Same:
        for statement in statements:
            same = self._statement(statement, same)
        return same

    def _statement(self, statement: ast.stmt, same: Same) -> Same:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name(id=other)) if same.get(other) == name:
                alone = not owns_lines(self.module, [statement]) or _is_alone(statement, self.module)
                self.found.append(Edit(*extent(self.module, statement), "pass" if alone else ""))
                return same
            case ast.For() | ast.While():
                return self._loop(statement, same)
            case ast.If(test=test, body=body, orelse=orelse):
                self._read(test, same)
                then, otherwise = self._block(body, same), self._block(orelse, same)
                return {name: first for name, first in then.items() if otherwise.get(name) == first}
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                return _without(same, {statement.name})
            case ast.With() | ast.Try() | ast.Match():
                same = _without(same, writes(statement))
                self._read(statement, same)
                return same
        self._read(statement, same)
        return _without(same, writes(statement))

    def _loop(self, loop: ast.For | ast.While, same: Same) -> Same:
        if isinstance(loop, ast.For):
            self._read(loop.iter, same)
        kept = _without(same, writes(loop))
        if isinstance(loop, ast.While):
            self._read(loop.test, kept)
        self._block(loop.body, kept)
        self._block(loop.orelse, kept)
        return kept | self._left_by(loop)

    def _read(self, node: ast.AST, same: Same) -> None:
        """Read by the other name what stands in a statement or an expression."""
        for part in ast.walk(node) if same else ():
            if isinstance(part, ast.Name) and part.id in same and isinstance(part.ctx, ast.Load):
                if any(isinstance(above, _UNCLEAR) for above in self.module.ancestors(part)):
                    raise _InTheWayError
                self.found.append(replaced(self.module, part, same[part.id]))

    # ---- what loops leave

    def _left_by(self, loop: ast.For | ast.While) -> Same:
        """Which names stand for one array whenever a loop has ended?"""
        if not isinstance(loop, ast.For) or loop.orelse or not self._runs(loop.iter) or _may_stop(loop):
            return {}
        same: Same = {}
        bound: set[str] = set()
        for statement in loop.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name(id=other)):
                    if same.get(other) == name:
                        continue
                    same = _without(same, {name})
                    if other in bound and name != other and self._is_own(name) and self._is_own(other):
                        same[other] = name
                case ast.For():
                    same = _without(same, writes(statement)) | self._left_by(statement)
                case _:
                    same = _without(same, writes(statement))
            bound |= writes(statement)
        return _without(same, writes(loop.target))

    def _is_own(self, name: str) -> bool:
        """Do only the scope's own statements read and bind it?"""
        if self.scope.resolve(name) is not self.scope:
            return False
        own = {id(node) for node in own_nodes(self.home)}
        return all(
            id(node) in own or scope_of(self.module, node).resolve(name) is not self.scope
            for node in uses_of(name, self.module)
        )

    def _runs(self, source: ast.expr) -> bool:
        """Does a loop over it turn at least once, whatever the input?"""
        match source:
            case ast.Call(func=ast.Name(id="range"), args=[*starts, stop], keywords=[]) if len(starts) < 2:
                start = self._integer(starts[0]) if starts else 0
                return self.scope.resolve("range") is None and self._integer(stop) > start >= 0
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[ast.Call() as inner]):
                return name in _WRAPPERS and self._runs(inner)
        return False

    def _integer(self, node: ast.expr) -> int:
        """A whole number that is written down, here or where its name is bound; -1 for others."""
        match node:
            case ast.Constant(value=int(value)):
                return value
            case ast.Name(id=name) if (owner := self.scope.resolve(name)) is not None:
                bound = [
                    use
                    for use in uses_of(name, self.module)
                    if not isinstance(use.ctx, ast.Load)
                    and scope_of(self.module, use).resolve(name) in (owner, None)
                ]
                made = self.module.parents.get(bound[0]) if len(bound) == 1 else None
                is_plain = isinstance(made, ast.Assign) and made.targets == bound
                if isinstance(made, ast.Assign) and is_plain and isinstance(made.value, ast.Constant):
                    return made.value.value if isinstance(made.value.value, int) else -1
        return -1


def _is_alone(statement: ast.stmt, module: Module) -> bool:
    """Is it all that its block has?"""
    blocks = (value for _, value in ast.iter_fields(module.parents[statement]))
    return any(isinstance(block, list) and block == [statement] for block in blocks)


def _without(same: Same, names: Collection[str]) -> Same:
    return {other: name for other, name in same.items() if other not in names and name not in names}


def _may_stop(loop: ast.For) -> bool:
    """Is there a ``break`` or a ``continue`` of this loop?"""
    return any(isinstance(node, ast.Break | ast.Continue) for node in _of_turn(loop.body))


def _of_turn(statements: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run in a turn itself, not in loops inside it."""
    for statement in statements:
        yield statement
        if isinstance(statement, (ast.For, ast.While, *FUNCTIONS)):
            yield from _of_turn(getattr(statement, "orelse", []))
            continue
        for part in ast.iter_child_nodes(statement):
            if isinstance(part, ast.stmt):
                yield from _of_turn([part])
            elif isinstance(part, ast.ExceptHandler | ast.match_case):
                yield from _of_turn(part.body)
