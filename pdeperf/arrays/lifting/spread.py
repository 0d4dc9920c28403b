"""Starred arguments written out: ``rhs(*state)``, ``rhs(*[u + dt * k for u, k in zip(state, k1)])``."""

import ast
from collections.abc import Callable, Iterator

from pdeperf.arrays.paths import is_path
from pdeperf.arrays.unroll import Length


def with_arguments_written_out(
    call: ast.Call,
    length: Length,
    rounds: Callable[[ast.ListComp | ast.GeneratorExp], list[ast.expr] | None],
) -> ast.Call:
    """A call without stars where it is known what they stand for; otherwise as it was.

    Parameters
    ----------
    length
        Number of arrays in a list, or of parts of an array, that a path stands for; None for anything else.
    rounds
        The expressions of a comprehension, one for each round; None if they are not known.
    """
    if not any(isinstance(each, ast.Starred) for each in call.args):
        return call
    found: list[ast.expr] = []
    for each in call.args:
        parts = list(_parts(each.value, length, rounds)) if isinstance(each, ast.Starred) else [each]
        if not parts:
            return call
        found += parts
    return ast.fix_missing_locations(ast.copy_location(ast.Call(call.func, found, call.keywords), call))


def _parts(
    node: ast.expr,
    length: Length,
    rounds: Callable[[ast.ListComp | ast.GeneratorExp], list[ast.expr] | None],
) -> Iterator[ast.expr]:
    """What a starred expression stands for; nothing if that is not known."""
    match node:
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            if not any(isinstance(part, ast.Starred) for part in parts):
                yield from parts
        case ast.ListComp() | ast.GeneratorExp():
            yield from rounds(node) or ()
        case ast.Name() | ast.Attribute() if is_path(node) and (count := length(node)) is not None:
            for place in range(count):
                yield ast.Subscript(value=node, slice=ast.Constant(value=place), ctx=ast.Load())
