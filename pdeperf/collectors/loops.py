"""The loops of the user's files, and which statement and which loops each line belongs to."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from pdeperf.model import Span
from pdeperf.source import Module, Project

Loop = ast.For | ast.While | ast.AsyncFor
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, eq=False)
class LoopNode:
    """One loop statement, with the loops of the same function around it."""

    loop: Loop
    span: Span
    scope: str
    function: Function | None
    parent: "LoopNode | None"

    @property
    def nest(self) -> Iterator["LoopNode"]:
        """The loop itself and those around it, outwards."""
        node: LoopNode | None = self
        while node is not None:
            yield node
            node = node.parent


class SourceMap:
    """Finds statement, loop and function by line, in one file."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self._statements: dict[int, ast.stmt] = {}
        self._loops: dict[int, LoopNode] = {}
        self._functions: dict[int, Function] = {}
        self._visit(module.tree, None, None)

    def _visit(self, node: ast.AST, loop: LoopNode | None, function: Function | None) -> None:
        for child in ast.iter_child_nodes(node):
            inner, owner = loop, function
            if isinstance(child, ast.stmt):
                if isinstance(child, Function | ast.ClassDef):
                    inner, owner = None, child if isinstance(child, Function) else function
                if isinstance(child, Loop):
                    inner = LoopNode(
                        child, self.module.span(child), self.module.scope_name(child), function, loop
                    )
                self._mark(child, inner, owner)
            self._visit(child, inner, owner)

    def _mark(self, statement: ast.stmt, loop: LoopNode | None, function: Function | None) -> None:
        for line in range(statement.lineno, (statement.end_lineno or statement.lineno) + 1):
            self._statements[line] = statement
            if function is not None:
                self._functions[line] = function
            if loop is not None:
                self._loops[line] = loop
            else:
                self._loops.pop(line, None)

    @cached_property
    def loops(self) -> tuple[LoopNode, ...]:
        """Every loop, in the order of the lines."""
        nodes = {id(node): node for found in self._loops.values() for node in found.nest}
        return tuple(sorted(nodes.values(), key=lambda node: (node.span.first, -node.span.last)))

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """Every function, nested ones too."""
        return tuple(node for node in ast.walk(self.module.tree) if isinstance(node, Function))

    def loop_at(self, line: int) -> LoopNode | None:
        """The innermost loop around a line; a loop's header belongs to the loop."""
        return self._loops.get(line)

    def function_at(self, line: int) -> Function | None:
        """The innermost function around a line."""
        return self._functions.get(line)

    def statement_at(self, line: int) -> ast.stmt | None:
        """The innermost statement on a line."""
        return self._statements.get(line)

    def statement_span(self, line: int) -> Span:
        """The lines of the statement on a line; for a compound statement those of its header."""
        statement = self._statements.get(line)
        if statement is None:
            return Span(file=self.module.file, first=line, last=line)
        body = getattr(statement, "body", None) or getattr(statement, "cases", None)
        last = statement.end_lineno or statement.lineno
        if isinstance(body, list) and body:
            last = max(statement.lineno, getattr(body[0], "lineno", line) - 1)
        return Span(file=self.module.file, first=min(statement.lineno, line), last=max(last, line))

    def names_on(self, where: Span) -> frozenset[str]:
        """The variables and attributes that the statements of some lines name, as they are written."""
        return frozenset(
            ast.unparse(node)
            for node in ast.walk(self.module.tree)
            if isinstance(node, ast.Name | ast.Attribute | ast.Subscript)
            and where.first <= node.lineno <= where.last
        )

    def scope_name(self, line: int) -> str:
        """Qualified name of the function around a line."""
        statement = self._statements.get(line)
        return "<module>" if statement is None else self.module.scope_name(statement)


def source_maps(project: Project) -> dict[str, SourceMap]:
    """One map a file."""
    return {file: SourceMap(module) for file, module in project.modules.items()}


def index_names(loop: Loop) -> frozenset[str]:
    """A for loop's targets, and the names computed from them in its body: what may index arrays."""
    if isinstance(loop, ast.While):
        return frozenset()
    names = {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
    for _ in range(3):  # i -> ip = i + 1 -> ipp = ip + 1
        for node in ast.walk(loop):
            if isinstance(node, ast.Assign) and names & _read(node.value) and not _calls(node.value):
                names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return frozenset(names)


def _read(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _calls(node: ast.AST) -> bool:
    return any(isinstance(inner, ast.Call) for inner in ast.walk(node))


def indexes_with(loop: Loop, names: frozenset[str]) -> bool:
    """Does a loop's body use one of these names inside a subscript?"""
    return any(
        isinstance(node, ast.Subscript) and names & _read(node.slice)
        for statement in loop.body
        for node in ast.walk(statement)
    )


def first_line(function: Function) -> int:
    """The first line of a function's code object: its first decorator's, or its own."""
    return min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])
