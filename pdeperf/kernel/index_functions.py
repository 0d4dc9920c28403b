"""Places that a function of the user's computes, written out: ``b[idx(i, j)]`` as ``b[i * ny + j]``.

How far indices reach is told of the expression that such a function returns.
"""

import ast
import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pdeperf.kernel.lowering import Lowering
from pdeperf.source.short_loops import substituted

_DEEPEST = 3


class Compiled(Protocol):
    """A function that is compiled."""

    @property
    def lowering(self) -> Lowering: ...
    @property
    def given(self) -> tuple[str, ...]: ...
    @property
    def value(self) -> ast.expr | None: ...


def only_value(statements: Sequence[ast.stmt]) -> ast.expr | None:
    """What a function returns that does nothing else."""
    match [part for part in statements if not _is_docstring(part)]:
        case [ast.Return(value=value)]:
            return value
    return None


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def written_out(
    statements: Sequence[ast.stmt], functions: Mapping[str, Compiled], lowering: Lowering
) -> Sequence[ast.stmt]:
    """Copies of lowered statements with calls of such functions as what they return."""
    short = {name: one for name, one in functions.items() if one.value is not None}
    calls = (node for part in statements for node in ast.walk(part) if isinstance(node, ast.Call))
    if not any(isinstance(call.func, ast.Name) and call.func.id in short for call in calls):
        return statements
    return [_Written(short, lowering).visit(copy.deepcopy(part)) for part in statements]


@dataclass
class _Written(ast.NodeTransformer):
    functions: Mapping[str, Compiled]
    lowering: Lowering
    deep: int = 0

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        found = self.functions.get(node.func.id) if isinstance(node.func, ast.Name) else None
        if found is None or found.value is None or self.deep == _DEEPEST or node.keywords:
            return node
        own = {part.id for part in ast.walk(found.value) if isinstance(part, ast.Name)} - {*found.given}
        if len(node.args) != len(found.given) or not all(self._is_same(name, found) for name in own):
            return node
        (value,) = substituted([found.value], dict(zip(found.given, node.args, strict=True)))
        self.deep += 1
        value = self.visit(value)
        self.deep -= 1
        return value if isinstance(value, ast.expr) else node

    def _is_same(self, name: str, found: Compiled) -> bool:
        """Does a name that a function is not given mean the same here and there?"""
        here, there = self.lowering.scope.resolve(name), found.lowering.scope.resolve(name)
        if name in self.lowering.sources or (here is None) != (there is None):
            return False
        return here is None or there is None or (here.is_module and here.node is there.node)
