"""How many iterations a loop is about to make, told from its header without running any of it.

Standard library only: this is imported by the user's interpreter.
"""

import ast
import operator
import sys
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

from pdeperf.collectors.access_paths import path_of
from pdeperf.collectors.observation import follow

_OPERATORS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}
_SIZED = (list, tuple, dict, set, str, range)


def trip_count(loop: ast.AST, frame: FrameType, local: Mapping[str, object]) -> int | None:
    """Iterations of a for loop that is about to be entered in a frame; None if its header does not tell."""
    return _length(loop.iter, frame, local) if isinstance(loop, ast.For) else None


def _length(node: ast.expr, frame: FrameType, local: Mapping[str, object]) -> int | None:
    if isinstance(node, ast.List | ast.Tuple) and not any(
        isinstance(each, ast.Starred) for each in node.elts
    ):
        return len(node.elts)
    if not isinstance(node, ast.Call):
        path = path_of(node)
        return _size(follow(path, frame, local)) if path is not None else None
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in ("range", "prange", "trange", "arange"):
        bounds = [_number(argument, frame, local) for argument in node.args]
        if bounds and all(type(bound) is int for bound in bounds) and bounds[2:] != [0]:
            return len(range(*bounds))
        return None
    if name in ("enumerate", "tqdm", "reversed", "list", "sorted") and node.args:
        return _length(node.args[0], frame, local)
    if name == "zip" and node.args:
        lengths = [_length(argument, frame, local) for argument in node.args]
        known = [length for length in lengths if length is not None]
        return min(known) if len(known) == len(lengths) else None
    return None


def _size(value: Any) -> int | None:
    if type(value) in _SIZED:
        return len(value)
    numpy = sys.modules.get("numpy")
    if numpy is not None and type(value) is numpy.ndarray and value.ndim:
        return int(value.shape[0])
    return None


def _number(node: ast.expr, frame: FrameType, local: Mapping[str, object]) -> Any:
    """The number that an expression of plain numbers has; None for anything else."""
    if isinstance(node, ast.Constant):
        return node.value if type(node.value) in (int, float) else None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        operand = _number(node.operand, frame, local)
        return None if operand is None else -operand
    if isinstance(node, ast.BinOp):
        left, right = _number(node.left, frame, local), _number(node.right, frame, local)
        combine = _OPERATORS.get(type(node.op))
        divides = isinstance(node.op, ast.Div | ast.FloorDiv | ast.Mod)
        if left is None or right is None or combine is None or (divides and right == 0):
            return None
        return combine(left, right)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
        if node.func.id == "len":
            return _length(node.args[0], frame, local)
        number = _number(node.args[0], frame, local) if node.func.id in ("int", "round") else None
        return None if number is None or number != number or abs(number) > 1e15 else int(number)
    path = path_of(node)
    return _plain(follow(path, frame, local)) if path is not None else None


def _plain(value: Any) -> Any:
    numpy = sys.modules.get("numpy")
    if numpy is not None and issubclass(type(value), numpy.integer | numpy.floating):
        value = value.item()
    return value if type(value) in (int, float) else None
