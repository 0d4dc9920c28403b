"""Loops over several counters, ``for i, j in product(range(n), range(m))``, as the nests that they mean."""

import ast
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pdeperf.kernel.paths import is_path, root_name
from pdeperf.kernel.provable import RANGE, STRIDED
from pdeperf.kernel.syntax import minus_one
from pdeperf.kernel.vocabulary import qualified
from pdeperf.source import Module
from pdeperf.source.edits import Edit, extent, indentation, offset, owns_lines
from pdeperf.source.flow import reads, writes
from pdeperf.source.scopes import Scope, statement_of

if TYPE_CHECKING:
    from pdeperf.kernel.lowering import Lowering

NESTS = frozenset(("itertools.product", "numpy.ndindex"))
_MOST_AXES = 6
_MOST_VALUES = 32
"""So many are written out at most."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One counter and what it runs over.

    Attributes
    ----------
    bound
        For a counter of ``ndindex``, the expression that is its number of values.
    source
        For one of ``product``, what it runs over.
    place
        Which dimension, where ``bound`` is a whole shape.
    """

    target: ast.Name
    source: ast.expr | None = None
    bound: ast.expr | None = None
    place: int = -1

    def header(self, text: Callable[[ast.expr], str]) -> str:
        """``for i in range(n)``."""
        if self.source is not None:
            return f"for {self.target.id} in {text(self.source)}"
        assert self.bound is not None
        place = f"[{self.place}]" if self.place >= 0 else ""
        return f"for {self.target.id} in range({text(self.bound)}{place})"


def axes(loop: ast.For, module: Module, scope: Scope) -> tuple[Axis, ...]:
    """The counters of a loop that is a nest; none if it is not, or if a nest would mean something else."""
    source = loop.iter
    if not (isinstance(source, ast.Call) and isinstance(loop.target, ast.Tuple)):
        return ()
    targets = [part for part in loop.target.elts if isinstance(part, ast.Name)]
    full = qualified(source.func, module, scope)
    if full not in NESTS or len(targets) != len(loop.target.elts) or not 2 <= len(targets) <= _MOST_AXES:
        return ()
    found = tuple(
        _of_product(source, targets) if full == "itertools.product" else _of_indices(source, targets)
    )
    return found if len(found) == len(targets) and _is_same(loop, source) else ()


def values_of(loop: ast.For, module: Module, scope: Scope) -> str:
    """What a product of few constants runs over, written out, where it is left as no nest can be.

    ``for a, b in product((0, 1), range(2))`` with a break: ``((0, 0), (0, 1), (1, 0), (1, 1))``.
    """
    source = loop.iter
    if not (isinstance(source, ast.Call) and isinstance(loop.target, ast.Tuple)):
        return ""
    targets = [part for part in loop.target.elts if isinstance(part, ast.Name)]
    if qualified(source.func, module, scope) != "itertools.product" or len(targets) < 2:
        return ""
    found = [*_of_product(source, targets)]
    axes_values = [_constants(axis.source, module, scope) for axis in found if axis.source is not None]
    if len(found) != len(loop.target.elts) or not all(axes_values):
        return ""
    rows = [*itertools.product(*axes_values)]
    return f"({', '.join(map(str, rows))})" if len(rows) <= _MOST_VALUES else ""


def _constants(source: ast.expr, module: Module, scope: Scope) -> tuple[int | float, ...]:
    """The numbers of a tuple, list or range that are written down; none if they are not."""
    try:
        match source:
            case ast.Tuple() | ast.List():
                found = tuple(ast.literal_eval(source))
            case ast.Call(func=function, args=[_, *_] as given, keywords=[]):
                if qualified(function, module, scope) != "builtins.range":
                    return ()
                found = tuple(range(*map(ast.literal_eval, given))[: _MOST_VALUES + 1])
            case _:
                return ()
    except (ValueError, TypeError):
        return ()
    kinds = {type(one) for one in found}
    return found if kinds == {int} or kinds == {float} else ()


def _of_product(source: ast.Call, targets: Sequence[ast.Name]) -> Iterator[Axis]:
    repeat = 1
    for keyword in source.keywords:
        if keyword.arg != "repeat" or not isinstance(keyword.value, ast.Constant):
            return
        repeat = keyword.value.value if type(keyword.value.value) is int else 0
    for target, one in zip(targets, source.args * repeat, strict=False):
        if len(source.args) * repeat == len(targets) and not isinstance(one, ast.Starred):
            yield Axis(target, source=one)


def _of_indices(source: ast.Call, targets: Sequence[ast.Name]) -> Iterator[Axis]:
    if source.keywords:
        return
    match source.args:
        case [ast.Tuple(elts=parts)] | [*parts] if len(parts) == len(targets):
            for target, part in zip(targets, parts, strict=True):
                if not isinstance(part, ast.Starred):
                    yield Axis(target, bound=part)
        case [ast.Attribute(attr="shape") as shape] | [
            ast.Starred(value=ast.Attribute(attr="shape") as shape)
        ]:
            for place, target in enumerate(targets):
                yield Axis(target, bound=shape, place=place)


def _is_same(loop: ast.For, source: ast.Call) -> bool:
    """Does the nest run over the same values, and is every way out of it the same?"""
    bound = frozenset[str]().union(*(writes(part) for part in (*loop.body, loop.target)))
    bound |= {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
    return not loop.orelse and not (reads(source) & bound) and not any(_leaves(part) for part in loop.body)


def _leaves(statement: ast.AST) -> bool:
    """Does it break out of the loop that it stands in?"""
    if isinstance(statement, ast.Break):
        return True
    if isinstance(statement, ast.For | ast.While):
        return any(_leaves(part) for part in statement.orelse)
    return any(_leaves(part) for part in ast.iter_child_nodes(statement))


def nest_edits(loop: ast.For, module: Module, headers: Sequence[str]) -> list[Edit]:
    """Edits that write the loop as a nest; none where its body does not stand on lines of its own."""
    colon = module.text.find(":", extent(module, loop.iter)[1])
    if (
        not owns_lines(module, loop.body)
        or colon < 0
        or "\n" in module.text[extent(module, loop.iter)[1] : colon]
    ):
        return []
    outer, inner = indentation(module, loop), indentation(module, loop.body[0])
    deeper = inner[len(outer) :] if inner.startswith(outer) else "    "
    text = ""
    for depth, header in enumerate(headers):
        text += f":\n{outer}{deeper * depth}{header}" if depth else header
    found = [Edit(extent(module, loop)[0], colon, text)]
    more = deeper * (len(headers) - 1)
    for line in range(loop.lineno + 1, (loop.end_lineno or loop.lineno) + 1):
        at = offset(module, line, 0)
        if at > colon and module.lines[line - 1].strip():
            found.append(Edit(at, at, more))
    return found


def counts_down(loop: ast.For, module: Module, scope: Scope) -> ast.Call | None:
    """The range of ``for i in reversed(range(...))``, which Numba lacks."""
    match loop.iter:
        case ast.Call(func=function, args=[ast.Call(args=[_] | [_, _]) as inner]):
            called = qualified(function, module, scope), qualified(inner.func, module, scope)
            return inner if called == ("builtins.reversed", "builtins.range") else None
    return None


def walked_text(loop: ast.For, lowering: "Lowering") -> str:
    """What a kernel's loop runs over in place of few constants, or of a range of chosen direction."""
    where = lowering.module, lowering.scope
    return values_of(loop, *where) or chosen_range(loop, *where, lowering.lowered_text)


def chosen_range(
    loop: ast.For, module: Module, scope: Scope, text: Callable[[ast.expr], str] = ast.unparse
) -> str:
    """One range for ``range(n) if up else reversed(range(n))``: its ends are chosen, and its step."""
    if not isinstance(loop.iter, ast.IfExp) or not _is_plain_test(loop.iter.test):
        return ""
    found = [_ends(arm, module, scope, text) for arm in (loop.iter.body, loop.iter.orelse)]
    if not all(found):
        return ""
    test = text(loop.iter.test)
    pairs = zip(*found, strict=True)
    ends = (one if one == other else f"{one} if {test} else {other}" for one, other in pairs)
    return f"range({', '.join(ends)})"


def _is_plain_test(test: ast.expr) -> bool:
    """May it be asked several times, at no cost and with the same answer?"""
    plain = (ast.Name, ast.Constant, ast.Compare, ast.UnaryOp, ast.expr_context, ast.cmpop, ast.unaryop)
    return all(isinstance(part, plain) for part in ast.walk(test))


def _ends(arm: ast.expr, module: Module, scope: Scope, text: Callable[[ast.expr], str]) -> tuple[str, ...]:
    """Where a range starts and ends, and its step."""
    if not isinstance(arm, ast.Call) or arm.keywords or len(arm.args) not in (1, 2, 3):
        return ()
    full = qualified(arm.func, module, scope)
    if full == "builtins.reversed" and len(arm.args) == 1:
        found = _ends(arm.args[0], module, scope, text)
        return (minus_one(found[1]), minus_one(found[0]), "-1") if found[2:] == ("1",) else ()
    if full != "builtins.range" or any(isinstance(one, ast.Starred) for one in arm.args):
        return ()
    low, high, step = ("0", "", "1")
    match [text(one) for one in arm.args]:
        case [high]:
            pass
        case [low, high]:
            pass
        case [low, high, step]:
            pass
    return low, high, step


def kept_range(node: ast.expr, lowering: "Lowering") -> tuple[str, ...]:
    """What to ask ``interior`` for, which was bound to ``range(1, n - 1)`` before, whatever the input."""
    if not is_path(node) or root_name(node) in lowering.own | lowering.assigned:
        return ()
    at, text = statement_of(lowering.module, node), lowering.canonical(ast.unparse(node))
    kinds = lowering.observed.provable.kinds(text, lowering.module, lowering.scope, at)
    if not kinds or not kinds <= {RANGE, STRIDED}:
        return ()
    return ("start", "stop", "step") if STRIDED in kinds else ("start", "stop")
