"""What functions return that only a library calls, given names: ``result = ...; return result.ravel()``.

A right-hand side that an integrator calls has no loop of the user's around it: its statements are what is
computed at once, and often most of it stands behind the return.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pdeperf.arrays.expand import expanded
from pdeperf.arrays.vocabulary import names_taken
from pdeperf.kernel.vocabulary import qualified
from pdeperf.source import Module, Project
from pdeperf.source.edits import Edit, extent, indentation, lines_extent, owns_lines, segment
from pdeperf.source.scopes import Scope, scope_of

_SHAPED = frozenset(("ravel", "flatten", "reshape", "copy"))
_JOINED = frozenset("concatenate hstack vstack stack array asarray ravel reshape append".split())
_STEM = "result"


@dataclass(frozen=True, slots=True)
class Named:
    """A project in which a function's results have names.

    Attributes
    ----------
    last
        The last line of the return, as the user wrote it, and
    more
        so many lines more stand there now.
    """

    project: Project
    last: int
    more: int

    def line(self, number: int) -> int:
        """Where a line of the user's stands."""
        return number + self.more if number > self.last else number

    def line_of_user(self, number: int) -> int:
        """Which of the user's lines one is, or belongs to."""
        return max(self.last, number - self.more) if number > self.last else number


def with_named_results(project: Project, module: Module, function: ast.FunctionDef) -> Named | None:
    """A project in which a function names what it returns; None if it computes nothing there."""
    last = function.body[-1]
    if not isinstance(last, ast.Return) or last.value is None or not owns_lines(module, [last]):
        return None
    scope = scope_of(module, last)
    parts = list(_computed(last.value, module, scope))
    if not parts:
        return None
    indent = indentation(module, last)
    text = "".join(f"{indent}{row}\n" for row in _rows(last, parts, module, scope))
    new, _ = expanded(project, module, [last], [Edit(*lines_extent(module, [last]), text)])
    end_line = last.end_lineno or last.lineno
    return Named(new, end_line, text.count("\n") - (end_line - last.lineno + 1))


def _computed(node: ast.expr, module: Module, scope: Scope) -> Iterator[ast.expr]:
    """What is computed in an expression that only joins it or gives it another shape."""
    match node:
        case ast.BinOp() | ast.UnaryOp(operand=ast.BinOp() | ast.Call()):
            yield node
        case ast.Call(func=func, args=[inner, *_]) if qualified(func, module, scope) in {
            f"numpy.{name}" for name in _JOINED
        }:
            for each in inner.elts if isinstance(inner, ast.Tuple | ast.List) else [inner]:
                yield from _computed(each, module, scope)
        case ast.Call(func=ast.Attribute(value=inner, attr=attr)) if attr in _SHAPED:
            yield from _computed(inner, module, scope)


def _rows(last: ast.Return, parts: Sequence[ast.expr], module: Module, scope: Scope) -> Iterator[str]:
    """The assignments of the parts, and the return that joins them."""
    taken = names_taken(module, scope)
    free = (name for at in range(1, 1000) if (name := _STEM if at == 1 else f"{_STEM}_{at}") not in taken)
    names = [next(free) for _ in parts]
    for name, part in zip(names, parts, strict=True):
        text = segment(module, part)
        yield f"{name} = ({text})" if "\n" in text else f"{name} = {text}"
    whole, (first, _) = segment(module, last), extent(module, last)
    for name, part in reversed([*zip(names, parts, strict=True)]):
        start, end = (at - first for at in extent(module, part))
        whole = whole[:start] + name + whole[end:]
    yield ast.unparse(ast.parse(whole))
