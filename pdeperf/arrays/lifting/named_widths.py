"""Widths of margins that are put together before ``np.pad``: ``pad = [(0, 0)] * 3; pad[axis] = (1, 1)``."""

import ast
import copy
from collections.abc import Callable, Mapping

from pdeperf.arrays.names import Names
from pdeperf.source.flow import writes

_MOST = 8
"""Dimensions of an array."""
_PLAIN = (
    ast.Constant,
    ast.Tuple,
    ast.List,
    ast.Load,
    ast.Store,
    ast.BinOp,
    ast.Add,
    ast.Sub,
    ast.Mult,
    ast.UnaryOp,
    ast.USub,
    ast.Not,
    ast.IfExp,
    ast.Compare,
    ast.Eq,
    ast.NotEq,
    ast.ListComp,
    ast.GeneratorExp,
    ast.comprehension,
    ast.Name,
    ast.Call,
)
_CALLED: Mapping[str, Callable[..., object]] = {"range": range, "tuple": tuple, "list": list}


class NamedWidths:
    """Lists of pairs of numbers that names stand for while a run grows: used by ``np.pad`` only.

    Parameters
    ----------
    names
        What the region's names are.
    count
        An array's number of dimensions, or an integer that is written out; None for anything else.

    Attributes
    ----------
    known
        What names stand for: never changed in place.
    """

    def __init__(self, names: Names, count: Callable[[ast.expr], int | None]) -> None:
        self._names, self._count = names, count
        self.known: dict[str, list[object]] = {}

    def takes(self, statement: ast.stmt, trees: list[ast.AST]) -> bool:
        """Is it a statement about such a list only, all of whose uses are known?"""
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found = self._pairs(value)
                if found is not None and self._only_pads(name, trees):
                    self.known[name] = found
                    return True
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name), slice=place)], value=value) if (
                name in self.known
            ):
                at, part = self._count(place), self._value(value)
                row = list(self.known[name])
                if at is not None and -len(row) <= at < len(row) and _is_pair(part):
                    row[at] = part
                    self.known[name] = row
                    return True
        self.known = {name: row for name, row in self.known.items() if name not in writes(statement)}
        return False

    def spelled(self, tree: ast.AST) -> ast.AST:
        """Some code with the widths that its calls of ``np.pad`` are given written out; the same without."""
        given = [
            (call, at, written)
            for call, at, node in self._widths_in(tree)
            if not isinstance(node, ast.Constant) and (written := self._pairs(node)) is not None
        ]
        if not any(ast.unparse(_argument(call, at)) != repr(row) for call, at, row in given):
            return tree
        texts = {(ast.dump(call)): row for call, _, row in given}
        new: ast.AST = _Written(texts).visit(copy.deepcopy(tree))
        return ast.fix_missing_locations(new)

    def _widths_in(self, tree: ast.AST) -> list[tuple[ast.Call, int, ast.expr]]:
        """Calls of ``np.pad``, where each has its widths (its argument, or -1 - its keyword), and these."""
        found: list[tuple[ast.Call, int, ast.expr]] = []
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or self._names.called(node.func) != "numpy.pad":
                continue
            if len(node.args) > 1:
                found.append((node, 1, node.args[1]))
            found += [
                (node, -1 - at, key.value) for at, key in enumerate(node.keywords) if key.arg == "pad_width"
            ]
        return found

    def _only_pads(self, name: str, trees: list[ast.AST]) -> bool:
        """Is a name's list only stored to, and given to ``np.pad``?"""
        parts = [node for tree in trees for node in ast.walk(tree)]
        uses = {id(node) for node in parts if isinstance(node, ast.Name) and node.id == name}
        stores = {
            id(node.value)
            for node in parts
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
        }
        bound = {id(node) for node in parts if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        given = {id(node) for tree in trees for _, _, node in self._widths_in(tree)}
        return uses <= stores | bound | given

    def _pairs(self, node: ast.expr) -> list[object] | None:
        """A list of pairs, one for each dimension."""
        found = self._value(node)
        if not isinstance(found, list | tuple) or not 0 < len(found) <= _MOST:
            return None
        return list(found) if all(map(_is_pair, found)) else None

    def _value(self, node: ast.expr) -> object:
        """What an expression of numbers that are written out is; None for anything else."""
        if isinstance(node, ast.Name):
            return self.known.get(node.id)
        ranked = _Ranked(self._count).visit(copy.deepcopy(node))
        bound = {
            each.id
            for each in ast.walk(ranked)
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
        }
        for each in ast.walk(ranked):
            match each:
                case ast.Call(func=ast.Name(id=called), keywords=[]) if (
                    self._names.called(ast.Name(called, ast.Load())) == f"builtins.{called}"
                    and called in _CALLED
                ):
                    continue
                case ast.Name(id=name) if name in bound or name in _CALLED:
                    continue
                case ast.Constant(value=int() | bool()):
                    continue
                case ast.Call() | ast.Name() | ast.Constant():
                    return None
            if not isinstance(each, _PLAIN):
                return None
        if sum(isinstance(each, ast.comprehension) for each in ast.walk(ranked)) > 1:
            return None
        numbers = (each.value for each in ast.walk(ranked) if isinstance(each, ast.Constant))
        if not all(isinstance(number, int) and abs(number) <= _MOST for number in numbers):
            return None
        tree = ast.fix_missing_locations(ast.Expression(ranked))
        try:
            found: object = eval(compile(tree, "<widths>", "eval"), {"__builtins__": {}, **_CALLED})
        except (TypeError, ValueError, NameError):
            return None
        return found


def _argument(call: ast.Call, at: int) -> ast.expr:
    return call.args[at] if at >= 0 else call.keywords[-1 - at].value


def _is_pair(part: object) -> bool:
    return isinstance(part, list | tuple) and len(part) == 2 and all(type(each) is int for each in part)


class _Ranked(ast.NodeTransformer):
    """Writes out numbers of dimensions."""

    def __init__(self, count: Callable[[ast.expr], int | None]) -> None:
        self._count = count

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.Attribute | ast.Call) and (known := self._count(node)) is not None:
            return ast.Constant(value=known)
        return super().generic_visit(node)


class _Written(ast.NodeTransformer):
    """Puts widths that are written out into calls."""

    def __init__(self, rows: Mapping[str, list[object]]) -> None:
        self._rows = rows

    def visit_Call(self, node: ast.Call) -> ast.AST:
        row = self._rows.get(ast.dump(node))
        self.generic_visit(node)
        if row is None:
            return node
        written = ast.parse(repr(row), mode="eval").body
        if len(node.args) > 1:
            node.args[1] = written
        for key in node.keywords:
            if key.arg == "pad_width":
                key.value = written
        return node
