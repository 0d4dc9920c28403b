"""``tuple(a + b for a, b in zip(one, (x, y, z)))`` written out: a compiled kernel has no such generators."""

import ast
import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pdeperf.kernel.vocabulary import qualified
from pdeperf.source import Module
from pdeperf.source.edits import Edit, OverlappingEditsError, apply, extent, replace
from pdeperf.source.scopes import Scope, own_nodes

_MOST_TURNS = 16


@dataclass(frozen=True, slots=True)
class Member:
    """What a counter stands for in one turn.

    Attributes
    ----------
    node
        An element written down, a name of a tuple, or None for a plain count.
    place
        Which element of the tuple; -1 where ``node`` is the element itself.
    """

    node: ast.expr | None
    place: int = -1

    def text(self, written: Callable[[ast.expr], str]) -> str:
        """The element as text."""
        if self.node is None:
            return str(self.place)
        text = written(self.node)
        if self.place >= 0:
            return f"{text}[{self.place}]"
        return (
            text if isinstance(self.node, ast.Name | ast.Constant | ast.Subscript | ast.Call) else f"({text})"
        )

    def expression(self, lowered: Callable[[ast.expr], ast.expr], at: ast.expr) -> ast.expr:
        """The element as syntax."""
        if self.node is None:
            return ast.copy_location(ast.Constant(self.place), at)
        value = lowered(self.node)
        if self.place < 0:
            return value
        index = ast.copy_location(ast.Constant(self.place), at)
        return ast.copy_location(ast.Subscript(value=value, slice=index, ctx=ast.Load()), at)


Turn = Mapping[str, Member]


def turns(generator: ast.GeneratorExp, module: Module, scope: Scope) -> list[Turn]:
    """What the counters of a generator stand for, turn by turn; empty unless their number is known."""
    if len(generator.generators) != 1:
        return []
    (part,) = generator.generators
    if part.ifs or part.is_async or any(_binds(node) for node in ast.walk(generator.elt)):
        return []
    columns = [
        found for target, source in _sides(part, module, scope) if (found := _members(target, source, scope))
    ]
    wanted = len(part.target.elts) if isinstance(part.target, ast.Tuple) else 1
    lengths = {len(column) for column in columns if column is not None}
    if len(columns) != wanted or len(lengths) != 1 or max(lengths) > _MOST_TURNS:
        return []
    return [dict(row) for row in zip(*columns, strict=True)]


def _binds(node: ast.AST) -> bool:
    return isinstance(node, ast.GeneratorExp | ast.ListComp | ast.Lambda | ast.NamedExpr)


def _sides(part: ast.comprehension, module: Module, scope: Scope) -> Iterator[tuple[ast.Name, ast.expr]]:
    """Each counter with what it runs over."""
    match part.target, part.iter:
        case ast.Name(), _:
            assert isinstance(part.target, ast.Name)
            yield part.target, part.iter
        case ast.Tuple(elts=targets), ast.Call(func=func, args=sources, keywords=[]):
            if qualified(func, module, scope) != "builtins.zip" or len(sources) != len(targets):
                return
            for target, source in zip(targets, sources, strict=True):
                if isinstance(target, ast.Name):
                    yield target, source


def _members(target: ast.Name, source: ast.expr, scope: Scope) -> list[tuple[str, Member]]:
    match source:
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            if any(isinstance(part, ast.Starred) for part in parts):
                return []
            return [(target.id, Member(part)) for part in parts]
        case ast.Name(id=name):
            count = _length(name, scope)
            return [(target.id, Member(source, place)) for place in range(count)]
        case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=int() as count)]):
            return [(target.id, Member(None, place)) for place in range(min(count, _MOST_TURNS + 1))]
        case _:
            return []


def _length(name: str, scope: Scope) -> int:
    """Number of elements of a tuple, by all that its name is bound to in the function; 0 if not known."""
    stores = sum(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)
        for node in own_nodes(scope.node)
    )
    found = [
        length
        for node in own_nodes(scope.node)
        if isinstance(node, ast.Assign)
        for target in node.targets
        for length in _lengths_bound(target, node.value, name, scope)
    ]
    return found[0] if len(found) == stores and len(set(found)) == 1 else 0


def _lengths_bound(target: ast.expr, value: ast.expr, name: str, scope: Scope) -> Iterator[int]:
    match target, value:
        case ast.Name(id=bound), _ if bound == name:
            yield _length_of(value, scope)
        case ast.Tuple(elts=targets), ast.Tuple(elts=values) if len(targets) == len(values):
            for one, other in zip(targets, values, strict=True):
                yield from _lengths_bound(one, other, name, scope)


def _length_of(value: ast.expr, scope: Scope) -> int:
    """Number of elements of a tuple that is written down or that a function of the file returns."""
    match value:
        case ast.Tuple(elts=parts):
            return 0 if any(isinstance(part, ast.Starred) for part in parts) else len(parts)
        case ast.Call(func=ast.Name(id=called)):
            home = scope.resolve(called)
            if home is None:
                return 0
            defined = [
                node
                for node in own_nodes(home.node)
                if isinstance(node, ast.FunctionDef) and node.name == called
            ]
            if len(defined) != 1:
                return 0
            returned = [node.value for node in own_nodes(defined[0]) if isinstance(node, ast.Return)]
            counts = {len(value.elts) if isinstance(value, ast.Tuple) else 0 for value in returned}
            return counts.pop() if len(counts) == 1 else 0
        case _:
            return 0


def _tuple_text(texts: list[str], module: Module, node: ast.expr) -> str:
    """A tuple of elements, each on a line of its own where one line does not hold them."""
    line = f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"
    if len(line) + node.col_offset < 100 and "\n" not in line:
        return line
    row = module.lines[node.lineno - 1]
    margin = row[: len(row) - len(row.lstrip())]
    return "".join(["(", *(f"\n{margin}    {text}," for text in texts), f"\n{margin})"])


class Lowers(Protocol):
    """What lowers expressions, noting edits of their text."""

    module: Module
    edits: list[Edit]
    own: frozenset[str]

    def expression(self, node: ast.expr) -> ast.expr:
        """A lowered copy of an expression."""
        ...

    def problem(self, node: ast.AST, reason: str, advice: str = "") -> None:
        """Note why something cannot be compiled."""
        ...

    def lowered_text(self, node: ast.expr) -> str:
        """An expression's text, lowered; no edit is noted."""
        ...


def written_out(
    node: ast.Call, argument: ast.GeneratorExp, found: Sequence[Turn], lowering: Lowers
) -> ast.expr:
    """The tuple with its elements written down; the call's text is replaced."""
    module, element = lowering.module, argument.elt
    outer, lowering.own = lowering.own, lowering.own | found[0].keys()
    count = len(lowering.edits)
    lowered = lowering.expression(element)
    inner = lowering.edits[count:]
    lowering.own = outer
    start, end = extent(module, element)
    counters = [
        (extent(module, part), part.id)
        for part in ast.walk(element)
        if isinstance(part, ast.Name) and part.id in found[0]
    ]
    texts, values = [], []
    for turn in found:
        members = {name: member.text(lowering.lowered_text) for name, member in turn.items()}
        edits = [*inner, *(Edit(*place, members[name]) for place, name in counters)]
        moved = [Edit(edit.start - start, edit.end - start, edit.text) for edit in edits]
        try:
            texts.append(apply(module.text[start:end], moved))
        except OverlappingEditsError:
            lowering.problem(node, "a generator that cannot be written out", "write the tuple's elements")
            return node
        made = {name: member.expression(lowering.expression, node) for name, member in turn.items()}
        values.append(_Substitution(made).visit(copy.deepcopy(lowered)))
    lowering.edits[count:] = [replace(module, node, _tuple_text(texts, module, node))]
    return ast.copy_location(ast.Tuple(elts=values, ctx=ast.Load()), node)


class _Substitution(ast.NodeTransformer):
    """Puts syntax in place of names."""

    def __init__(self, members: Mapping[str, ast.expr]) -> None:
        self.members = members

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A counter becomes what it stands for."""
        return copy.deepcopy(self.members[node.id]) if node.id in self.members else node
