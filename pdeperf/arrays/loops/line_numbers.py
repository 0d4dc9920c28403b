"""Numbers between statements that go line by line: they are computed again for every few lines."""

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pdeperf.arrays.ir import Definition, Reduction, Scalar, walk
from pdeperf.arrays.names import Names
from pdeperf.arrays.paths import is_path
from pdeperf.arrays.program import Kept
from pdeperf.arrays.sizes import roots
from pdeperf.source.flow import reads, writes

if TYPE_CHECKING:
    from pdeperf.arrays.loops.line_parts import Part


def is_number(kept: Kept, names: Names) -> bool:
    """Is a statement the assignment of a number that is made of numbers and elements of arrays?"""
    match kept.statement:
        case ast.Assign(targets=[ast.Name()], value=value):
            pass
        case ast.AugAssign(target=ast.Name(), value=value):
            pass
        case _:
            return False
    return names.kind_of(value).is_scalar and _is_plain(value, names)


def _is_plain(node: ast.expr, names: Names) -> bool:
    """Arithmetic with numbers, elements of arrays and their sizes?"""
    match node:
        case ast.Constant():
            return True
        case ast.Subscript(value=ast.Attribute(attr="shape")):
            return True
        case ast.Subscript(value=array, slice=place):
            parts = place.elts if isinstance(place, ast.Tuple) else [place]
            return is_path(array) and all(_is_plain(each, names) for each in parts)
        case ast.Name() | ast.Attribute():
            return is_path(node) and names.is_number(node)
        case ast.Call(func=function, args=arguments, keywords=[]):
            return _is_pure(names.called(function)) and all(_is_plain(each, names) for each in arguments)
        case ast.BinOp() | ast.UnaryOp() | ast.Compare() | ast.IfExp():
            inner = (each for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr))
            return all(_is_plain(each, names) for each in inner)
        case _:
            return False


def _is_pure(name: str) -> bool:
    if name in ("builtins.abs", "builtins.min", "builtins.max", "builtins.float"):
        return True
    return name.startswith(("numpy.", "math.")) and not name.startswith("numpy.random")


def numbers_of(parts: Sequence["Part"]) -> frozenset[str]:
    """Names of all numbers that the parts compute."""
    return frozenset[str]().union(*(writes(kept.statement) for part in parts for kept in part.numbers))


def texts_of(part: "Part") -> list[str]:
    """The numbers in a part's statements and its loop's bounds, as text."""
    texts = [leaf.text for step in part.run.steps for leaf in _scalars(step)]
    return texts if part.loop is None else [*texts, ast.unparse(part.loop.iter)]


def paths_in(text: str) -> frozenset[str]:
    """Names and dotted names in an expression."""
    return frozenset(
        ast.unparse(node)
        for node in ast.walk(ast.parse(text, mode="eval"))
        if isinstance(node, ast.Name | ast.Attribute)
    )


def are_known_in_time(parts: Sequence["Part"]) -> bool:
    """Is every number computed before it is read, so that computing it again gives the same?"""
    own = numbers_of(parts)
    known: set[str] = set()
    for position, part in enumerate(parts):
        is_first = position == 0 or part.loop is None or parts[position - 1].loop is not part.loop
        if is_first:
            here: set[str] = set()
            if part.loop is not None and reads(part.loop.iter) & own:
                return False
        for kept in part.numbers:
            target = kept.statement.target if isinstance(kept.statement, ast.AugAssign) else None
            read = reads(kept.statement) | (reads(target) | writes(kept.statement) if target else frozenset())
            if read & own - known - here:
                return False
            here |= writes(kept.statement)
        if any(roots(leaf.text) & own - known - here for step in part.run.steps for leaf in _scalars(step)):
            return False
        if part.loop is None:
            known |= here
    return True


def _scalars(step: Definition | Reduction) -> Iterator[Scalar]:
    for expr in (step.expr, getattr(step, "mask", None)):
        if expr is not None:
            yield from (leaf for leaf in walk(expr) if isinstance(leaf, Scalar))
