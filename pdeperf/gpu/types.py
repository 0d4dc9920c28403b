"""What names of a region for the GPU stand for must be arrays of one type, and its numbers the host's."""

import ast
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.ir import Definition, Scalar, walk
from pdeperf.arrays.paths import is_path
from pdeperf.arrays.program import Kept, Run

if TYPE_CHECKING:
    from pdeperf.gpu.uses import Arrays


def check_types(runs: Sequence[Run]) -> None:
    """Refuse names that come to stand for arrays of another type: ``a, b = b, a`` of integers and floats."""
    types = {(name, buffer.dtype, len(buffer.shape)) for run in runs for name, buffer in run.entry.items()}
    entered = {name for name, _, _ in types}
    types |= {
        (name, view.buffer.dtype, len(view.shape))
        for run in runs
        for name, view in run.names.items()
        if name in run.live & entered
    }
    counts = Counter(name for name, _, _ in types)
    if several := sorted(name for name, count in counts.items() if count > 1):
        raise Unliftable(f"`{several[0]}` stands for arrays of several types")


def check_bound(arrays: "Arrays", item: Kept) -> None:
    """Refuse a statement that binds an array's name to a number, or to an array of another type."""
    match item.statement:
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
            pairs = list(zip(targets, values, strict=False))
        case ast.Assign(targets=[target], value=value):
            pairs = [(target, value)]
        case _:
            return
    for target, value in pairs:
        name, mine = ast.unparse(target), arrays.names._kind(target)
        if mine.is_scalar and _is_array(value, arrays):
            raise Unliftable(f"`{name}` stands for a number, and for an array")
        if name not in arrays.device or not is_path(target):
            continue
        is_other = is_path(value) and mine.is_array and arrays.names._kind(value) != mine
        if arrays.names.kind_of(value).is_scalar or is_other:
            raise Unliftable(f"`{name}` stands for arrays of several types, or for numbers")


def _is_array(value: ast.expr, arrays: "Arrays") -> bool:
    """Is a value plainly an array?"""
    match value:
        case ast.BinOp(op=ast.MatMult()):
            return False  # of vectors it is a number
        case ast.Compare(left=left) | ast.BinOp(left=left) if arrays.names.is_array(left):
            return True
        case ast.BinOp(right=right):
            return arrays.names.is_array(right)
        case ast.Call(func=ast.Attribute(value=inner, attr="astype" | "copy" | "reshape" | "ravel")):
            return arrays.names.is_array(inner) or _is_array(inner, arrays)
    return arrays.names.is_array(value)


def check_numbers(arrays: "Arrays", run: Run) -> None:
    """Numbers in array expressions are computed by the host: they must not be taken from arrays there."""
    for step in run.steps:
        parts = [*walk(step.expr)]
        if isinstance(step, Definition) and step.mask is not None:
            parts += walk(step.mask)
        for part in parts:
            if isinstance(part, Scalar) and arrays._of(ast.parse(part.text, mode="eval")).reads:
                raise Unliftable(f"`{part.text}` is taken from an array on the GPU")
