"""How often array expressions pass over memory, read off their text, and how often one loop would."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from pdeperf.kernel.vocabulary import qualified
from pdeperf.model import Span
from pdeperf.source import Module
from pdeperf.source.scopes import scope_of

_REDUCING = frozenset(
    "sum mean max min amax amin any all dot vdot std var prod argmax argmin count_nonzero trapezoid".split()
)
_METHODS = frozenset("copy astype clip conj sum mean max min std var any all".split())
_SHAPING = frozenset("ravel reshape flatten transpose squeeze swapaxes".split())
_ELSEWHERE = ("numpy.linalg.", "numpy.fft.", "numpy.random.")


@dataclass(frozen=True, slots=True)
class Measured:
    """What some lines do to arrays.

    Attributes
    ----------
    lines
        Those with array expressions.
    operations
        How many they do.
    passes
        How often these read an array or write one.
    least
        How often one loop would: each array that is read once, each that is written once.
    """

    lines: frozenset[int]
    operations: int
    passes: int
    least: int


def measured(module: Module, where: Span, arrays: Mapping[str, int], on_device: frozenset[str]) -> Measured:
    """The lines with array expressions, and how often they pass over memory."""
    lines: set[int] = set()
    operations = passes = 0
    read: set[str] = set()
    written: set[str] = set()
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Assign | ast.AugAssign | ast.Return | ast.Expr) or node.value is None:
            continue
        if not where.first <= node.lineno <= where.last:
            continue
        tally = _Tally(module, arrays, on_device)
        is_array = tally.count(node.value)
        if isinstance(node, ast.AugAssign) and (is_array or tally.is_whole(node.target)):
            tally.add(2 + is_array, _root(node.target))
        if not tally.operations:
            continue
        lines.add(node.lineno)
        operations += tally.operations
        passes += tally.passes
        read |= tally.read
        for target in node.targets if isinstance(node, ast.Assign) else ():
            if is_array and isinstance(target, ast.Subscript):
                passes += 2  # the result is copied to where it belongs
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", node.value)]
        parts = [part for each in targets for part in (each.elts if isinstance(each, ast.Tuple) else [each])]
        written |= {"" if isinstance(node, ast.Return) else _root(each) for each in parts if is_array}
    return Measured(frozenset(lines), operations, passes, len(read) + len(written))


class _Tally:
    """Counts what one statement does."""

    def __init__(self, module: Module, arrays: Mapping[str, int], on_device: frozenset[str]) -> None:
        self._module, self._arrays, self._on_device = module, arrays, on_device
        self.operations = self.passes = 0
        self.read: set[str] = set()

    def add(self, passes: int, name: str = "") -> None:
        """One more operation."""
        self.operations += 1
        self.passes += passes
        self.read |= {name} if name else set()

    def is_whole(self, node: ast.expr) -> bool:
        """Is it an array or a part of one, in the host's memory?"""
        return _is_whole(node, self._arrays) and _root(node) not in self._on_device

    def count(self, node: ast.AST) -> bool:
        """Count the operations in an expression; is what it makes an array?"""
        if isinstance(node, ast.expr) and self.is_whole(node):
            self.read.add(_root(node))
            return True
        if isinstance(node, ast.Subscript) and self.is_whole(node.value):
            return False  # one element
        if isinstance(node, ast.Subscript | ast.keyword | ast.Starred | ast.Attribute):
            return self.count(node.value) and not isinstance(node, ast.Attribute)
        if isinstance(node, ast.Call) and (receiver := _computed(node.func)) is not None:
            is_array = self.count(receiver)
            sum(map(self.count, (*node.args, *node.keywords)))
            return is_array and _last(node.func) in _SHAPING
        owner = node.func if isinstance(node, ast.Call) and _last(node.func) in _METHODS else None
        inner = [*node.args, *node.keywords] if isinstance(node, ast.Call) else ast.iter_child_nodes(node)
        taken = sum([*map(self.count, inner), isinstance(owner, ast.Attribute) and self.count(owner.value)])
        if not taken or not _is_operation(node, self._module, self._arrays):
            return taken > 0 and isinstance(node, ast.Tuple | ast.List | ast.IfExp)
        is_array = not (isinstance(node, ast.Call) and _last(node.func) in _REDUCING)
        self.add(taken + is_array)
        return is_array


def _computed(func: ast.expr) -> ast.expr | None:
    """What a method is called of that no operation is: ``a + b`` in ``(a + b).ravel()``."""
    if not isinstance(func, ast.Attribute) or func.attr in _METHODS:
        return None
    return None if isinstance(func.value, ast.Name | ast.Attribute) else func.value


def _last(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def _is_operation(node: ast.AST, module: Module, arrays: Mapping[str, int]) -> bool:
    """Is it arithmetic, or a function of NumPy's that works element by element?"""
    match node:
        case ast.BinOp() | ast.UnaryOp() | ast.Compare():
            return True
        case ast.Call(func=ast.Attribute(value=owner)) if ast.unparse(owner) in arrays:
            return True
        case ast.Call(func=func):
            name = qualified(func, module, scope_of(module, node))
            return name.startswith("numpy.") and not name.startswith(_ELSEWHERE)
        case _:
            return False


def _is_whole(node: ast.expr, arrays: Mapping[str, int]) -> bool:
    """A slice of an array, an array by its name, or one by fewer indices than it has dimensions."""
    if isinstance(node, ast.Subscript):
        if any(isinstance(part, ast.Slice) for part in ast.walk(node.slice)):
            return True
        count = len(node.slice.elts) if isinstance(node.slice, ast.Tuple) else 1
        return count < arrays.get(ast.unparse(node.value), 0)
    return isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) in arrays


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Subscript):
        node = node.value
    return ast.unparse(node)
