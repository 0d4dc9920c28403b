"""What the user's outermost loops hold at the heads of their turns 2, 4, 8, ..., and how often they turn.

A time loop's state early on is judged where its end cannot be: chaos has taken over by then, or an
iteration has forgotten the way it came. Standard library only: the user's interpreter imports it.
"""

import ast
import builtins
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pdeperf.guest.functions import compiled_names, stays_python

Loop = ast.For | ast.While
Seen = Callable[[str, int, Mapping[str, object]], None]
Dropped = Callable[[str], None]


def header_of(loop: Loop) -> str:
    """The loop's first line in one spelling: ``for n in range(nt)`` for ``range(0, nt, 1)`` too."""
    if isinstance(loop, ast.While):
        return f"while {ast.unparse(loop.test)}"
    turns = loop.iter
    if isinstance(turns, ast.Call) and isinstance(turns.func, ast.Name) and turns.func.id == "range":
        bounds = list(turns.args)
        if len(bounds) == 3 and isinstance(bounds[2], ast.Constant) and bounds[2].value == 1:
            del bounds[2]
        if len(bounds) == 2 and isinstance(bounds[0], ast.Constant) and bounds[0].value == 0:
            del bounds[0]
        turns = ast.Call(turns.func, bounds, [])
    return f"for {ast.unparse(loop.target)} in {ast.unparse(turns)}"


def carried_names(loop: Loop) -> frozenset[str]:
    """Which names does one turn hand to the next: changed, and read before they are wholly rewritten?

    Scratch arrays that each turn fills anew may hold anything at its head.
    """
    read: set[str] = set()
    settled: set[str] = set()
    if isinstance(loop, ast.While):
        read |= _loads(loop.test)
    else:
        settled |= _stores(loop.target)
    _follow(loop.body, settled, read)
    return frozenset(read & _changed(loop))


def _follow(body: Sequence[ast.stmt], settled: set[str], read: set[str]) -> None:
    for statement in body:
        if isinstance(statement, ast.If | ast.While):
            read |= _loads(statement.test) - settled
            _follow(statement.body, set(settled), read)
            _follow(statement.orelse, set(settled), read)
        elif isinstance(statement, ast.For):
            read |= _loads(statement.iter) - settled
            _follow(statement.body, settled | _stores(statement.target), read)
            _follow(statement.orelse, set(settled), read)
        elif isinstance(statement, ast.With | ast.Try):
            for field in ("items", "handlers"):
                for node in getattr(statement, field, ()):
                    read |= _loads(node) - settled
            _follow(statement.body, settled, read)
            _follow(getattr(statement, "finalbody", []), set(settled), read)
        else:
            filled = _filled(statement)
            read |= _loads(statement, apart=filled) - settled
            settled |= filled | _bound(statement)


def _names(node: ast.AST, use: type[ast.expr_context]) -> set[str]:
    names = (inner for inner in ast.walk(node) if isinstance(inner, ast.Name))
    return {name.id for name in names if isinstance(name.ctx, use)}


def _loads(node: ast.AST, apart: frozenset[str] = frozenset()) -> set[str]:
    found = _names(node, ast.Load)
    if isinstance(node, ast.AugAssign):
        return found | _stores(node.target)
    if apart and isinstance(node, ast.Assign):
        return (found - apart) | _loads(node.value)
    return found


def _stores(node: ast.AST) -> set[str]:
    return _names(node, ast.Store)


def _bound(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.Assign):
        return {name for target in statement.targets for name in _stores(target)}
    return _stores(statement.target) if isinstance(statement, ast.AnnAssign) else set()


def _filled(statement: ast.stmt) -> frozenset[str]:
    """Arrays that this statement overwrites from end to end: ``un[:] = u``, ``un[...] = u``."""
    if not isinstance(statement, ast.Assign):
        return frozenset()
    return frozenset(
        target.value.id
        for target in statement.targets
        if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name) and _is_all(target.slice)
    )


def _is_all(index: ast.expr) -> bool:
    if isinstance(index, ast.Tuple):
        return all(_is_all(part) for part in index.elts)
    if isinstance(index, ast.Slice):
        return index.lower is None and index.upper is None and index.step is None
    return isinstance(index, ast.Constant) and index.value is Ellipsis


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _changed(loop: ast.AST) -> set[str]:
    """Names that are bound, stored into, or handed to a call that may store into them."""
    found = _stores(loop)
    for node in ast.walk(loop):
        if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(_root(node))
        elif isinstance(node, ast.Call):
            handed = [*node.args, *(keyword.value for keyword in node.keywords)]
            found |= {_root(argument) for argument in handed}
            if isinstance(node.func, ast.Attribute):
                found.add(_root(node.func))
    return found - {""}


def shared_names(tree: ast.Module) -> frozenset[str]:
    """Which globals do the functions of a file change?"""
    found: set[str] = set()
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        own = {argument.arg for argument in ast.walk(function) if isinstance(argument, ast.arg)}
        own |= _stores(function)
        for node in ast.walk(function):
            if isinstance(node, ast.Global):
                found |= set(node.names)
            elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                found |= {_root(node)} - own
    return frozenset(found - {""})


@dataclass(slots=True)
class _Watched:
    """One loop, and how far it is."""

    name: str
    names: frozenset[str]
    inside: bool = False
    entries_count: int = 0
    due: int = 2
    began_s: float = 0.0
    span_s: float = 0.0


class _Laps(ast.NodeTransformer):
    """Puts a counter before and into each outermost loop of one file."""

    def __init__(self, prefix: str, turns: "Turns") -> None:
        self._scope = [prefix] if prefix else []
        self._turns = turns
        self._seen: Counter[str] = Counter()
        self._compiled: frozenset[str] = frozenset()
        self._shared: frozenset[str] = frozenset()
        self._function = False

    def visit_Module(self, node: ast.Module) -> ast.AST:
        self._compiled = compiled_names(node)
        self._shared = shared_names(node)
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._below(node) if stays_python(node, self._compiled) else node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        if not stays_python(node, self._compiled):
            return node
        outer, self._function = self._function, True
        result = self._below(node)
        self._function = outer
        return result

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return node

    def visit_For(self, node: ast.For) -> list[ast.stmt]:
        return self._watched(node)

    def visit_While(self, node: ast.While) -> list[ast.stmt]:
        return self._watched(node)

    def _below(self, node: ast.FunctionDef | ast.ClassDef) -> ast.AST:
        self._scope.append(node.name)
        self.generic_visit(node)
        self._scope.pop()
        return node

    def _watched(self, node: Loop) -> list[ast.stmt]:
        scope = ".".join(self._scope)
        where = f"{scope}() " if self._function else f"{scope} " if scope else ""
        name = f"{where}loop {header_of(node)!r}"
        self._seen[name] += 1
        if self._seen[name] > 1:
            name += f" #{self._seen[name]}"
        number = self._turns.add(name, carried_names(node) | self._shared, inside=self._function)
        before, *head = ast.parse(
            f"__pdeperf_enter__({number})\n"
            f"__pdeperf_laps__[{number}] -= 1\n"
            f"if not __pdeperf_laps__[{number}]: "
            f"__pdeperf_lap__({number}, __pdeperf_locals__(), __pdeperf_globals__())"
        ).body
        for statement in head:
            _place(statement, node.body[0])
        _place(before, node)
        node.body = [*head, *node.body]
        return [before, node]


def _place(statement: ast.stmt, at: ast.stmt) -> None:
    for inner in ast.walk(statement):
        ast.copy_location(inner, at)
        if isinstance(inner, ast.stmt | ast.expr):
            inner.end_lineno, inner.end_col_offset = inner.lineno, inner.col_offset


def leading_marks(body: Sequence[ast.stmt]) -> int:
    """How many of a loop body's first statements are the counters put in here?"""
    marks = [node for node in body[:2] if "__pdeperf_laps__" in ast.unparse(node)]
    return len(marks)


class Turns:
    """Counts the turns of the user's loops, and hands their state on at turns 2, 4, 8, ...

    Parameters
    ----------
    seen
        Is told the loop, the turn, and what the carried names hold.
    dropped
        Is told of a loop that is entered a second time: its turns are no time steps.
    """

    def __init__(self, seen: Seen, dropped: Dropped) -> None:
        self._seen = seen
        self._dropped = dropped
        self._loops: list[_Watched] = []
        self._left: list[int] = []
        self._clock = time.perf_counter

    def add(self, name: str, names: frozenset[str], *, inside: bool) -> int:
        """Take note of one more loop, of a function's or not; its number."""
        self._loops.append(_Watched(name, names, inside))
        self._left.append(2)
        return len(self._loops) - 1

    def install(self) -> None:
        """Make the names that transformed loops use known everywhere."""
        space = vars(builtins)
        space["__pdeperf_laps__"] = self._left
        space["__pdeperf_enter__"] = self._enter
        space["__pdeperf_lap__"] = self._lap
        space["__pdeperf_locals__"] = locals
        space["__pdeperf_globals__"] = globals

    def transform(self, tree: ast.Module, file: str, *, main: str) -> ast.Module:
        """Put the counters into one file."""
        prefix = "" if file == main else file.removesuffix(".py").replace("/", ".")
        result = _Laps(prefix, self).visit(tree)
        assert isinstance(result, ast.Module)
        return result

    def counts(self) -> dict[str, tuple[int, int, float]]:
        """For each loop that was entered: entries, turns in all, time from its entry to its last mark."""
        return {
            loop.name: (loop.entries_count, loop.due - self._left[number], loop.span_s)
            for number, loop in enumerate(self._loops)
            if loop.entries_count
        }

    def counters_count(self) -> tuple[int, int]:
        """How often was counted in loops of functions, and in loops on the top level?"""
        turns = [(loop, loop.due - self._left[number]) for number, loop in enumerate(self._loops)]
        inside = sum(count for loop, count in turns if loop.inside)
        return inside, sum(count for _, count in turns) - inside

    def _enter(self, number: int) -> None:
        loop = self._loops[number]
        loop.entries_count += 1
        if loop.entries_count == 1:
            loop.began_s = self._clock()
        elif loop.entries_count == 2:
            self._dropped(loop.name)

    def _lap(self, number: int, inner: Mapping[str, object], outer: Mapping[str, object]) -> None:
        loop = self._loops[number]
        turn = loop.due
        loop.due *= 2
        self._left[number] = turn
        if loop.entries_count > 1:
            return
        loop.span_s = self._clock() - loop.began_s
        self._seen(loop.name, turn, dict(_held(loop.names, inner, outer)))


def _held(
    names: frozenset[str], inner: Mapping[str, object], outer: Mapping[str, object]
) -> Iterator[tuple[str, object]]:
    for name in sorted(names):
        if name in inner:
            yield name, inner[name]
        elif name in outer:
            yield name, outer[name]
