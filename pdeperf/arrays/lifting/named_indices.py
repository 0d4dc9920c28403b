"""Indices that have names: ``inner = np.s_[1:-1, 1:-1]``, ``low[axis] = slice(None, -1)``."""

import ast
import copy
from collections.abc import Callable, Sequence

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.lifting.named_widths import NamedWidths
from pdeperf.arrays.names import Names
from pdeperf.arrays.paths import is_path
from pdeperf.source.flow import writes
from pdeperf.source.scopes import FUNCTIONS, own_nodes, parameters

_MOST = 8
"""Parts of an index."""


class NamedIndices:
    """The slices, and tuples and lists of them, that names stand for while a run grows.

    Parameters
    ----------
    names
        What the region's names are.
    rank
        Number of dimensions of the array that an expression stands for; None for anything else.

    Attributes
    ----------
    known
        What names of the run stand for: never changed in place.
    widths
        The widths of margins that others stand for.
    """

    def __init__(self, names: Names, rank: Callable[[ast.expr], int | None]) -> None:
        self._names, self._rank = names, rank
        self.known: dict[str, ast.expr] = {}
        self.widths = NamedWidths(names, self._count)
        self._outside: dict[str, ast.expr | None] = {}

    def takes(self, statement: ast.stmt) -> bool:
        """Is it a statement about indices only?

        Raises
        ------
        Unliftable
            If a list of them gets a second name.
        """
        match statement:
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(
                targets
            ) == len(values):
                pairs = list(zip(targets, values, strict=True))
            case ast.Assign(targets=[target], value=value):
                pairs = [(target, value)]
            case _:
                pairs = []
        known = dict(self.known)
        indices = [self._index(value) for _, value in pairs]
        if pairs and all(
            self._bind(target, value, index) for (target, value), index in zip(pairs, indices, strict=True)
        ):
            return True
        self.known = {name: index for name, index in known.items() if name not in writes(statement)}
        return False

    def _bind(self, target: ast.expr, value: ast.expr, index: ast.expr | None) -> bool:
        """Give a name an index, or one of its parts; False if it is none."""
        match target:
            case ast.Name(id=name) if index is not None:
                if isinstance(index, ast.List) and isinstance(value, ast.Name):
                    raise Unliftable(f"`{name}` is a list with two names")
                self.known[name] = index
                return True
            case ast.Subscript(value=ast.Name(id=name), slice=place) if isinstance(
                old := self.known.get(name), ast.List
            ):
                at, part = self._count(place), index or self._single(value)
                if at is None or not -len(old.elts) <= at < len(old.elts) or part is None:
                    raise Unliftable(f"`{ast.unparse(target)}` is not known to be part of an index")
                parts = list(old.elts)
                parts[at] = part
                self.known[name] = ast.List(parts, ast.Load())
                return True
        return False

    def spelled(self, statement: ast.stmt) -> ast.stmt:
        """A statement with such names replaced by what they stand for."""
        new = given = statement
        if not hasattr(statement, "body"):
            written = self.widths.spelled(statement)
            assert isinstance(written, ast.stmt)
            new = statement = written
        match statement:
            case ast.If(test=test) if (written := self.expression(test)) is not test:
                new = ast.copy_location(ast.If(written, statement.body, statement.orelse), statement)
            case ast.Assign() | ast.AugAssign() | ast.Expr() if self._has_names(statement):
                new = _Spelled(self._written).visit(copy.deepcopy(statement))
        if new is not given:
            self._names.rewritten.add(id(new))
            self._names.kept_alive.append(new)
        return new

    def expression(self, node: ast.expr) -> ast.expr:
        """An expression with such names replaced."""
        written = self.widths.spelled(node)
        assert isinstance(written, ast.expr)
        node = written
        if not self._has_names(node):
            return node
        new = ast.fix_missing_locations(_Spelled(self._written).visit(copy.deepcopy(node)))
        assert isinstance(new, ast.expr)
        return new

    def _has_names(self, tree: ast.AST) -> bool:
        indices = (node.slice for node in ast.walk(tree) if isinstance(node, ast.Subscript))
        return any(self._written(index) is not None for index in indices)

    def _written(self, index: ast.expr) -> ast.expr | None:
        """A subscript's index without names for parts of it; None if there are none."""
        parts = index.elts if isinstance(index, ast.Tuple) else [index]
        whole = isinstance(index, ast.Tuple)
        found = [None if isinstance(part, ast.Slice | ast.Constant) else self._index(part) for part in parts]
        if all(each is None for each in found):
            return None
        if not whole:
            only = found[0]
            return ast.Tuple(only.elts, ast.Load()) if isinstance(only, ast.Tuple) else _slice_or_none(only)
        if any(each is not None and not isinstance(each, ast.Slice) for each in found):
            return None
        return ast.Tuple([one or part for one, part in zip(found, parts, strict=True)], ast.Load())

    def _index(self, node: ast.expr) -> ast.expr | None:
        """The slice, tuple or list of them that an expression stands for; None for anything else."""
        match node:
            case ast.Name(id=name):
                return self.known[name] if name in self.known else self._from_outside(node)
            case ast.Attribute() if is_path(node):
                return self._from_outside(node)
            case ast.Subscript(value=ast.Attribute() as made, slice=index):
                full = self._names.called(made)
                if full not in ("numpy.s_", "numpy.index_exp"):
                    return None
                parts = index.elts if isinstance(index, ast.Tuple) else [index]
                is_tuple = isinstance(index, ast.Tuple) or full == "numpy.index_exp"
                return self._several(parts, ast.Tuple) if is_tuple else self._index(index)
            case ast.Slice(lower=lower, upper=upper, step=step):
                bounds = [each for each in (lower, upper, step) if each is not None]
                return node if all(self._is_steady(each) for each in bounds) else None
            case ast.Call(func=func, args=args, keywords=[]) if 1 <= len(args) <= 3:
                return self._called(self._names.called(func), args)
            case ast.Tuple(elts=parts):
                return self._several(parts, ast.Tuple)
            case ast.List(elts=parts):
                return self._several(parts, ast.List)
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                return _of_many(self._index(left), self._count(right))
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._one_behind_other(left, right)
        return None

    def _called(self, full: str, args: Sequence[ast.expr]) -> ast.expr | None:
        if full == "builtins.slice":
            lower, upper, step = (None, args[0], None) if len(args) == 1 else (*args, None)[:3]
            return self._index(ast.Slice(_given(lower), _given(upper), _given(step)))
        if full in ("builtins.tuple", "builtins.list") and len(args) == 1:
            inner = self._index(args[0])
            if isinstance(inner, ast.Tuple | ast.List):
                kind = ast.Tuple if full == "builtins.tuple" else ast.List
                return kind(list(inner.elts), ast.Load())
        return None

    def _several(self, parts: Sequence[ast.expr], kind: type[ast.Tuple] | type[ast.List]) -> ast.expr | None:
        found = [self._index(part) or self._single(part) for part in parts]
        known = [part for part in found if part is not None and not isinstance(part, ast.Tuple | ast.List)]
        has_slice = any(isinstance(part, ast.Slice) for part in known)
        return kind(list(known), ast.Load()) if has_slice and len(known) == len(parts) <= _MOST else None

    def _one_behind_other(self, left: ast.expr, right: ast.expr) -> ast.expr | None:
        one, other = self._index(left), self._index(right)
        kind = type(one or other)
        parts: list[ast.expr] = []
        for found, node in ((one, left), (other, right)):
            if found is None and isinstance(node, ast.Tuple | ast.List) and type(node) is kind:
                singles = [self._single(part) for part in node.elts]
                found = node if None not in singles else None
            if not isinstance(found, ast.Tuple | ast.List) or type(found) is not kind:
                return None
            parts += found.elts
        return ast.Tuple(parts, ast.Load()) if kind is ast.Tuple else ast.List(parts, ast.Load())

    def _single(self, node: ast.expr) -> ast.expr | None:
        """One place, all that is left, or a new axis."""
        if isinstance(node, ast.Constant):
            return node if node.value in (None, ...) or type(node.value) is int else None
        if isinstance(node, ast.Starred):
            return None
        if isinstance(node, ast.Attribute) and self._names.called(node) == "numpy.newaxis":
            return ast.Constant(value=None)
        is_number = self._names.kind_of(node).base in ("int", "npint")
        return node if is_number and self._is_steady(node) else None

    def _is_steady(self, node: ast.expr) -> bool:
        """Does a number mean the same here as where the index is used?"""
        match node:
            case ast.Constant():
                return True
            case ast.Name(id=name):
                return self._binders(name) <= 1
            case ast.UnaryOp(operand=operand):
                return self._is_steady(operand)
            case ast.BinOp(left=left, right=right):
                return self._is_steady(left) and self._is_steady(right)
            case ast.Subscript(value=ast.Attribute(value=ast.Name(id=array), attr="shape")):
                return not self._binders(array)
        return False

    def _binders(self, name: str) -> int:
        trees = (*self._names.region, *self._names.kept_alive)
        found = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name))
        return len({id(node) for node in found if node.id == name and not isinstance(node.ctx, ast.Load)})

    def _count(self, node: ast.expr) -> int | None:
        """An integer that is written out, or an array's number of dimensions."""
        match node:
            case ast.Constant(value=int(value)):
                return value
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self._count(operand)
                return None if inner is None else -inner
            case ast.Attribute(value=array, attr="ndim"):
                return self._rank(array)
            case ast.Call(func=func, args=[ast.Attribute(value=array, attr="shape")]) if (
                self._names.called(func) == "builtins.len"
            ):
                return self._rank(array)
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
                one, other = self._count(left), self._count(right)
                if one is None or other is None:
                    return None
                return one + other if isinstance(op, ast.Add) else one - other
        return None

    def _from_outside(self, node: ast.expr) -> ast.expr | None:
        """What a name or an attribute always stands for; that is checked when the region is entered."""
        text = ast.unparse(node)
        if text not in self._outside:
            self._outside[text] = None  # while it is looked for: of itself nothing is made
            self._outside[text] = found = self._only_value(node)
            if found is not None:
                self._names.checks[f"{text} == {_text(found)}"] = None
        return self._outside[text]

    def _only_value(self, node: ast.expr) -> ast.expr | None:
        module, scope = self._names.module, self._names.scope
        if isinstance(node, ast.Name):
            owner = scope.resolve(node.id)
            if owner is None or self._names.is_bound_here(node.id):
                return None
            if isinstance(owner.node, FUNCTIONS) and node.id in parameters(owner.node):
                return None
            if node.id in self._names.scope.globals or _is_shared(node.id, module.tree):
                return None
            binders: list[ast.expr] = [
                each
                for each in own_nodes(owner.node)
                if isinstance(each, ast.Name) and each.id == node.id and not isinstance(each.ctx, ast.Load)
            ]
        elif isinstance(node, ast.Attribute):
            root = ast.unparse(node).split(".")[0]
            binders = [
                each
                for each in module.nodes
                if isinstance(each, ast.Attribute)
                and each.attr == node.attr
                and not isinstance(each.ctx, ast.Load)
            ]
            if root not in self._names.before or self._names.is_bound_here(root):
                return None
        else:
            return None
        match module.parents.get(binders[0]) if len(binders) == 1 else None:
            case ast.Assign(targets=[only], value=value) if only is binders[0]:
                found = None if isinstance(value, ast.Name | ast.Attribute) else self._index(value)
            case _:
                return None
        return None if isinstance(found, ast.List) or found is None or not _is_constant(found) else found


class _Spelled(ast.NodeTransformer):
    """Puts indices in place of their names."""

    def __init__(self, written: Callable[[ast.expr], ast.expr | None]) -> None:
        self._written = written

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        index = self._written(node.slice)
        self.generic_visit(node)
        if index is not None:
            node.slice = ast.fix_missing_locations(ast.copy_location(copy.deepcopy(index), node))
        return node


def _is_shared(name: str, tree: ast.Module) -> bool:
    """May a function bind a name that is not its own?"""
    return any(isinstance(node, ast.Global | ast.Nonlocal) and name in node.names for node in ast.walk(tree))


def _given(node: ast.expr | None) -> ast.expr | None:
    return None if isinstance(node, ast.Constant) and node.value is None else node


def _slice_or_none(node: ast.expr | None) -> ast.expr | None:
    return node if isinstance(node, ast.Slice) else None


def _of_many(node: ast.expr | None, count: int | None) -> ast.expr | None:
    if not isinstance(node, ast.Tuple | ast.List) or count is None or not 0 <= count <= _MOST:
        return None
    return type(node)(list(node.elts) * count, ast.Load())


def _is_constant(index: ast.expr) -> bool:
    """Is it made of nothing but numbers that are written out?"""
    allowed = (ast.Slice, ast.Tuple, ast.Constant, ast.UnaryOp, ast.USub, ast.Load)
    return all(isinstance(node, allowed) for node in ast.walk(index))


def _text(index: ast.expr) -> str:
    """An index as an expression."""
    if isinstance(index, ast.Slice):
        bounds = [ast.unparse(each) if each is not None else "None" for each in (index.lower, index.upper)]
        step = [] if index.step is None else [ast.unparse(index.step)]
        return f"slice({', '.join([*bounds, *step])})"
    if isinstance(index, ast.Tuple):
        parts = [_text(part) for part in index.elts]
        return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
    return ast.unparse(index)
