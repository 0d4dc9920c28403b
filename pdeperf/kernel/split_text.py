"""The lines of a loop that is split at a branch."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from pdeperf.kernel.syntax import minus_one, plus_one
from pdeperf.kernel.vocabulary import qualified
from pdeperf.source import Module
from pdeperf.source.edits import Edit, apply, extent, indentation, segment
from pdeperf.source.flow import live_after, reads, writes
from pdeperf.source.replaced_lines import Row
from pdeperf.source.scopes import FUNCTIONS, home_of, scope_of


@dataclass(frozen=True, slots=True)
class Parts:
    """A loop's body: branches, what a kernel can hold, branches, and a few statements that follow them."""

    head: Sequence[ast.stmt]
    middle: Sequence[ast.stmt]
    tail: Sequence[ast.stmt]
    rest: Sequence[ast.stmt]


def may_change(test: ast.expr, loop: ast.stmt, module: Module) -> bool:
    """Is a branch taken in some turns of a loop only, as far as can be seen?"""
    is_calling = any(isinstance(node, ast.Call) for node in ast.walk(loop))
    paths = {
        ast.unparse(node)
        for node in ast.walk(test)
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Load)
    }
    stored = {
        ast.unparse(node)
        for node in ast.walk(loop)
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store)
    }
    calls = is_calling and any(path for path in paths)
    bound = writes(loop) | (_bound_by_functions(module) if is_calling else frozenset())
    return bool(reads(test) & bound or paths & stored) or (calls and not isinstance(test, ast.Attribute))


def _bound_by_functions(module: Module) -> frozenset[str]:
    """Names that functions bind outside of themselves."""
    declared = (part for part in module.nodes if isinstance(part, ast.Global | ast.Nonlocal))
    return frozenset(name for part in declared for name in part.names)


def changing(test: ast.expr, loop: ast.stmt, module: Module) -> ast.expr:
    """The part of a condition that decides when: ``n % 100 == 0`` of ``callback and n % 100 == 0``.

    The whole condition is asked when the kernel has returned.
    """
    match test:
        case ast.BoolOp(
            op=ast.And(), values=[ast.Name() | ast.Attribute() | ast.Compare(ops=[ast.IsNot()]), last]
        ):
            first = test.values[0]
            return last if may_change(last, loop, module) and not may_change(first, loop, module) else test
    return test


class SplitText:
    """The lines of a split loop.

    Parameters
    ----------
    loop
        The loop as it stands in the file.
    """

    def __init__(self, module: Module, loop: ast.For | ast.While, parts: Parts) -> None:
        self._module, self._loop, self._parts = module, loop, parts
        self._indent = indentation(module, loop)
        self._step = indentation(module, loop.body[0])[len(self._indent) :]
        self._known = {node.id for node in module.all(ast.Name)}
        self.fresh: dict[str, str] = {}

    def _unused(self, name: str, kind: str) -> str:
        """A new name for a value of some type."""
        while name in self._known:
            name += "_"
        self.fresh[name] = kind
        return name

    def _new(self, depth: int, text: str) -> Row:
        return f"{self._indent}{self._step * depth}{text}\n", 0

    def _moved(self, statements: Sequence[ast.stmt], depth: int) -> list[Row]:
        """Statements of the loop's body with the comments before them, so much deeper."""
        if not statements:
            return []
        first, last = statements[0].lineno, statements[-1].end_lineno or statements[-1].lineno
        block = self._loop.body
        at = block.index(statements[0])
        above = (block[at - 1].end_lineno or 0) if at else self._header_end()
        rows = self._module.lines
        found = [(rows[line - 1], line) for line in range(above + 1, last + 1)]
        while found and not found[0][0].strip() and found[0][1] < first:
            del found[0]
        return [(self._step * depth + row if row.strip() else row, line) for row, line in found]

    @property
    def _head(self) -> ast.expr:
        return self._loop.iter if isinstance(self._loop, ast.For) else self._loop.test

    def _header_end(self) -> int:
        return self._head.end_lineno or self._head.lineno

    def _header(self, text: str) -> Row:
        """The head of the inner loop, with the comment that the loop's has."""
        end = extent(self._module, self._head)[1]
        remark = self._module.text[end:].partition("\n")[0].partition("#")
        comment = f"  {''.join(remark[1:])}" if remark[1] else ""
        return f"{self._indent}{self._step}{text}{comment.rstrip()}\n", self._loop.lineno

    def _test(self, branches: Sequence[ast.stmt], after: str = "") -> str:
        """When one of several branches is due; with ``after``, at that counter's next value."""
        found = []
        for branch in branches:
            assert isinstance(branch, ast.If)
            test = changing(branch.test, self._loop, self._module)
            start, end = extent(self._module, test)
            counters = [node for node in ast.walk(test) if isinstance(node, ast.Name) and node.id == after]
            places = (extent(self._module, node) for node in counters)
            edits = [
                Edit(low - start, high - start, self._next(node))
                for node, (low, high) in zip(counters, places, strict=True)
            ]
            text = apply(self._module.text[start:end], edits)
            is_loose = isinstance(test, ast.IfExp) or (isinstance(test, ast.BoolOp) and len(branches) > 1)
            found.append(f"({text})" if is_loose or "\n" in text else text)
        return " or ".join(found)

    def _next(self, node: ast.Name) -> str:
        above = self._module.parents.get(node)
        alone = isinstance(above, ast.Compare | ast.BoolOp)
        return plus_one(node.id) if alone else f"({plus_one(node.id)})"

    def of_while(self, loop: ast.While) -> list[Row] | None:
        """``while t < t_end:`` with the same loop in it."""
        parts, test = self._parts, segment(self._module, loop.test)
        if "\n" in test:
            return None
        if parts.head:
            is_due = self._test((*parts.tail, *parts.head))
            plain = isinstance(loop.test, ast.Compare | ast.Name | ast.Call | ast.Constant)
            ends = [] if _is_true(loop.test) else [f"not {test}" if plain else f"not ({test})"]
            return [
                self._new(0, f"while {test}:"),
                *self._moved(parts.head, 0),
                self._header("while True:"),
                *self._moved(parts.middle, 1),
                self._new(2, f"if {' or '.join([is_due, *ends])}:"),
                self._new(3, "break"),
                *self._moved(parts.tail, 0),
            ]
        inner = self._header(f"while {test}:")
        return self._up_to_branch(self._new(0, f"while {test}:"), inner)

    def _up_to_branch(
        self, outer: Row, inner: Row, before: Sequence[Row] = (), after: Sequence[Row] = ()
    ) -> list[Row]:
        """The loop that runs up to the branch, in the loop that goes on after it."""
        parts = self._parts
        test = self._test(parts.tail)
        if not parts.rest:
            return [
                *before, outer, inner, *self._moved(parts.middle, 1),
                self._new(2, f"if {test}:"), self._new(3, "break"),
                *self._moved(parts.tail, 0), *after,
            ]  # fmt: skip
        due = self._unused("due", "bool")
        again = [(row, 0) for row, _ in self._moved(parts.rest, 1)]
        return [
            *before, self._new(0, f"{due} = False"), outer, inner, *self._moved(parts.middle, 1),
            self._new(2, f"{due} = {test}"), self._new(2, f"if {due}:"), self._new(3, "break"),
            *self._moved(parts.rest, 1), self._new(1, f"if {due}:"),
            *self._moved(parts.tail, 1), *again, *after,
        ]  # fmt: skip

    def of_for(self, loop: ast.For) -> list[Row] | None:
        """``for n in range(nt):`` in a loop that goes on where it was left."""
        match loop:
            case ast.For(
                target=ast.Name(id=name), iter=ast.Call(args=[*_, last] as limits, keywords=[]) as source
            ):
                full = qualified(source.func, self._module, scope_of(self._module, loop))
            case _:
                return None
        if full != "builtins.range" or len(limits) > 2 or any(name in writes(part) for part in loop.body):
            return None
        first = segment(self._module, limits[0]) if len(limits) == 2 else "0"
        stop, before = segment(self._module, last), list[Row]()
        if "\n" in first + stop:
            return None
        if not self._is_lasting(last):
            stop, written = self._unused("stop", "int"), stop
            before.append(self._new(0, f"{stop} = {written}"))
        parts = self._parts
        call = segment(self._module, source.func)
        if not parts.head and not self._is_needed(name):
            before.append(self._new(0, f"{name} = {minus_one(first)}" if first != "0" else f"{name} = -1"))
            outer = self._new(0, f"while {name} < {minus_one(stop)}:")
            inner = self._header(f"for {name} in {call}({name} + 1, {stop}):")
            return self._up_to_branch(outer, inner, before)
        start = self._unused("start", "int")
        before.append(self._new(0, f"{start} = {first}"))
        outer = self._new(0, f"while {start} < {stop}:")
        inner = self._header(f"for {name} in {call}({start}, {stop}):")
        after = [self._new(1, f"{start} = {name} + 1")]
        if not parts.head:
            return self._up_to_branch(outer, inner, before, after)
        looks_up = any(isinstance(n, ast.Subscript) for one in parts.head for n in ast.walk(one.test))  # type: ignore[attr-defined]
        if looks_up:
            return None  # there may be nothing at the counter's next value
        is_due = " or ".join(filter(None, (self._test(parts.tail), self._test(parts.head, name))))
        return [
            *before, outer, self._new(1, f"{name} = {start}"), *self._moved(parts.head, 0), inner,
            *self._moved(parts.middle, 1), self._new(2, f"if {is_due}:"), self._new(3, "break"),
            *self._moved(parts.tail, 0), *after,
        ]  # fmt: skip

    def _is_lasting(self, node: ast.expr) -> bool:
        """Is it the same whenever it is asked while the loop runs?"""
        match node:
            case ast.Constant():
                return True
            case ast.Name(id=name):
                return name not in writes(self._loop) | _bound_by_functions(self._module)
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
                return self._is_lasting(left) and self._is_lasting(right)
        return False

    def _is_needed(self, name: str) -> bool:
        """Is the counter looked at after the loop?"""
        scope = scope_of(self._module, home_of(self._module, self._loop))
        shared = frozenset(scope.globals)
        inner = [
            node for node in ast.walk(scope.node) if isinstance(node, FUNCTIONS) and node is not scope.node
        ]
        always = shared.union(*(reads(node) for node in inner))
        return name in live_after(scope.node, [self._loop], always=always, at_exit=frozenset())


def _is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and bool(node.value)
