"""Expressions that make lists of numbers, copy them or are stored in them, and the same for arrays."""

import ast
import sys
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, replace

from pdeperf.kernel.kinds import UNKNOWN
from pdeperf.kernel.large_integers import is_large, outgrows
from pdeperf.kernel.list_making import assigned
from pdeperf.kernel.provable import Provable
from pdeperf.kernel.vocabulary import COPIES, qualified
from pdeperf.source import Module
from pdeperf.source.edits import Edit, extent, segment
from pdeperf.source.flow import reads
from pdeperf.source.scopes import scope_of

_NO_NUMBERS = (ast.Tuple, ast.List, ast.ListComp, ast.Dict, ast.JoinedStr, ast.Lambda, ast.Set, ast.DictComp)
_TRUTHS = (ast.Compare, ast.BoolOp)


@dataclass(frozen=True, slots=True)
class ListValues:
    """What makes and copies lists of one kind of number in a file.

    Attributes
    ----------
    dtype
        Type of the elements of the arrays that they become.
    is_followed
        Is it an element of lists that become arrays of floats together with what is made of it?
    assumed
        What is proven of numbers if the elements of these lists are of their kind.
    """

    module: Module
    provable: Provable
    dtype: str
    is_followed: Callable[[ast.expr], bool] | None = None
    assumed: Provable | None = None

    @property
    def number(self) -> str:
        """Python's type of an element."""
        return "int" if self.dtype == "int64" else "float"

    def copied(self, node: ast.AST, depth: int = 0) -> ast.expr | None:
        """What is copied by ``u[:]``, ``list(u)``, ``[row[:] for row in u]``; None for anything else.

        With a depth, only if its rows, and theirs, are copied too.
        """
        match node:
            case ast.Subscript(value=base, slice=ast.Slice() as part) if is_path(base):
                whole = part.lower is None and part.upper is None and part.step is None
                return base if whole and depth < 2 else None
            case ast.Call(func=ast.Attribute(value=base, attr="copy"), args=[], keywords=[]):
                return base if depth < 2 and is_path(base) else None
            case ast.Call(func=func, args=[base], keywords=[]) if is_path(base):
                full = qualified(func, self.module, scope_of(self.module, node))
                deep = full == "copy.deepcopy"
                return base if deep or (depth < 2 and full in (*COPIES, "builtins.list")) else None
            case ast.ListComp(
                elt=element,
                generators=[ast.comprehension(target=ast.Name(id=row), iter=base, ifs=[])],
            ) if depth == 2 and is_path(base):
                inner = self.copied(element)
                return base if isinstance(inner, ast.Name) and inner.id == row else None
        return None

    def copy_edits(self, copy: ast.expr, base: ast.expr, *, is_array: bool) -> Iterator[Edit]:
        """A copy as an array, or as a list of Python's numbers."""
        start, end = extent(self.module, copy)
        method = "copy" if is_array else "tolist"
        if isinstance(copy, ast.Subscript) and self.copied(copy) is not None:
            yield Edit(start, end, f"{segment(self.module, copy.value)}.{method}()")
        elif isinstance(copy, ast.Subscript):
            yield Edit(end - 1, end, f"].{method}()")
        elif not isinstance(copy, ast.ListComp) or is_array:
            yield Edit(start, end, f"{segment(self.module, base)}.{method}()")

    def is_new(self, node: ast.expr) -> bool:
        """Is it a list that nothing else knows?"""
        if isinstance(node, ast.List | ast.ListComp):
            return all(map(self.is_made_of, self._leaves(node)))
        is_cut = isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice)
        return is_cut or self.copied(node) is not None or bool(self._repeated(node))

    def is_truth(self, node: ast.expr) -> bool:
        """Is it True or False, which an array takes for a mask?"""
        is_not = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
        return is_not or (isinstance(node, ast.Constant) and isinstance(node.value, bool))

    def may_be_stored(self, node: ast.expr) -> bool:
        """Is it a number that comes out of an array as it went in?"""
        match node:
            case ast.Constant(value=value):
                is_whole = type(value) is int and not is_large(node)
                return is_whole or (type(value) is float and self.dtype == "float64")
            case ast.IfExp(body=body, orelse=orelse):
                return self.may_be_stored(body) and self.may_be_stored(orelse)
        if isinstance(node, (*_NO_NUMBERS, *_TRUTHS)) or self.is_truth(node):
            return False
        kinds = self.provable.elements(node, self.module, scope_of(self.module, node))
        known = {kind.base for kind in kinds if kind != UNKNOWN}
        if self.dtype == "int64":
            is_int = known <= {"int"} and UNKNOWN not in kinds
            return (is_int and not self._hides_elements(node)) or self._is_followed_number(node)
        # A list keeps NumPy's numbers, and those of single precision; an array makes its own of them.
        return (
            known <= {"int", "float"}
            and (UNKNOWN not in kinds or self.module.once(knows_no_numpy, self.module.tree))
        ) or self._is_followed_number(node)

    def _is_followed_number(self, node: ast.expr) -> bool:
        """Is it a number of the arrays' kind for certain, computed of elements of what is followed?"""
        if self.assumed is None or (self.dtype == "int64" and not self._stays_small(node)):
            return False
        kinds = self.assumed.elements(node, self.module, scope_of(self.module, node))
        return {kind.base for kind in kinds} == {self.number} and UNKNOWN not in kinds

    def may_be_added(self, op: ast.operator, node: ast.expr) -> bool:
        """May ``u[i] += node`` be stored? Sums of whole numbers of a list grow beyond any number of bits."""
        if self.dtype != "int64":
            return self.may_be_stored(node)
        if isinstance(op, ast.Mult):  # so do products, unless only the sign changes
            return ast.unparse(node) in ("0", "1", "-1")
        if self._is_made_of_elements(node) or outgrows(node, self.module):
            return False
        return replace(self, assumed=None).may_be_stored(node)

    def _hides_elements(self, node: ast.expr) -> bool:
        """Is it made of ``int(u[i])``, perhaps through names? Such a number may grow with the elements."""
        return not self._stays_small(node) and self._is_made_of_elements(node)

    def _is_made_of_elements(self, node: ast.expr) -> bool:
        waiting, known = [node], set[str]()
        while waiting:
            for part in ast.walk(waiting.pop()):
                if isinstance(part, ast.Call) and any(map(self._is_element, ast.walk(part))):
                    return True
                if isinstance(part, ast.Name) and part.id not in known:
                    known.add(part.id)
                    waiting += (
                        value
                        for one in self.module.all(ast.Assign)
                        for target, value in assigned(one)
                        if value is not None and isinstance(target, ast.Name) and target.id == part.id
                    )
        return False

    def _is_element(self, node: ast.AST) -> bool:
        if not isinstance(node, ast.Subscript | ast.Name):
            return False
        return self.is_followed is not None and self.is_followed(node)

    def _stays_small(self, node: ast.expr) -> bool:
        """Is it no further from zero than the elements that it is made of, or by a constant at most?"""
        match node:
            case ast.Constant():
                return True
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._stays_small(operand)
            case ast.IfExp(body=body, orelse=orelse):
                return self._stays_small(body) and self._stays_small(orelse)
            case ast.BinOp(left=left, op=ast.Mod(), right=ast.Constant(value=int(size))):
                return 0 < size < 2**31 and self._is_sum(left)
            case ast.BinOp(left=left, op=ast.FloorDiv(), right=ast.Constant()):
                return self._stays_small(left)
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
                sides = [one for one in (left, right) if not isinstance(one, ast.Constant)]
                return len(sides) < 2 and all(map(self._stays_small, sides))
            case ast.Call(func=ast.Name(id="abs" | "int" | "min" | "max"), args=args):
                return all(map(self._stays_small, args))
            case ast.Subscript():
                return self.is_followed is not None and self.is_followed(node)
        return False

    def _is_sum(self, node: ast.expr) -> bool:
        """Is it a sum of elements, times small constants at most?"""
        match node:
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
                return self._is_sum(left) and self._is_sum(right)
            case (
                ast.BinOp(left=ast.Constant(value=int(factor)), op=ast.Mult(), right=inner)
                | ast.BinOp(left=inner, op=ast.Mult(), right=ast.Constant(value=int(factor)))
            ):
                return abs(factor) < 2**20 and self._stays_small(inner)
        return self._stays_small(node)

    def is_made_of(self, node: ast.expr) -> bool:
        """Is it such a number for certain, whatever the script is given?"""
        if isinstance(node, ast.Constant):
            return self.may_be_stored(node)
        if isinstance(node, ast.IfExp):
            return self.is_made_of(node.body) and self.is_made_of(node.orelse)
        kinds = self.provable.elements(node, self.module, scope_of(self.module, node))
        certain = UNKNOWN not in kinds and {kind.base for kind in kinds} <= {self.number}
        if self.dtype == "int64" and any(map(is_large, ast.walk(node))):
            return False
        if certain or (self.dtype == "float64" and self._is_float(node)):
            return True
        return self._is_followed_number(node)

    def _is_float(self, node: ast.expr) -> bool:
        """Is it a float if elements of lists that are followed are?"""
        match node:
            case ast.Constant(value=value):
                return type(value) is float
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                return self._is_float(operand)
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), right=right):
                # A float and any number make a float.
                sides = (left, right)
                return any(map(self._is_float, sides)) and all(
                    self._is_float(side) or self.may_be_stored(side) for side in sides
                )
            case ast.Call(func=func, args=[*args], keywords=[]) if args:
                full = qualified(func, self.module, scope_of(self.module, node))
                several = full in ("builtins.max", "builtins.min") and len(args) > 1
                return (several or full == "builtins.abs") and all(map(self._is_float, args))
            case ast.Subscript() | ast.Name():
                return self.is_followed is not None and self.is_followed(node)
        return False

    def is_stored_alike(self, node: ast.expr, lists: Container[str]) -> bool:
        """Is it a number that may be stored, computed of the elements of some lists too?"""
        match node:
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), right=right):
                return self.is_stored_alike(left, lists) and self.is_stored_alike(right, lists)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.is_stored_alike(operand, lists)
            case ast.Subscript(value=ast.Name(id=name) | ast.Subscript(value=ast.Name(id=name))):
                return name in lists or self.may_be_stored(node)
        return self.may_be_stored(node)

    def is_whole(self, node: ast.expr) -> bool:
        """Does it make a list of whole numbers alone where arrays hold floats?"""
        repeated = self._repeated(node)
        leaves = [repeated[0]] if repeated is not None else [*self._leaves(node)]
        whole = (isinstance(one, ast.Constant) and type(one.value) is int for one in leaves)
        return self.dtype == "float64" and all(whole)

    def as_array(self, node: ast.expr, depth: int) -> list[Edit]:
        """Edits that make an array of what makes a list; none where it makes nothing of that depth."""
        if sizes := self.sizes(node, depth):
            *lengths, value = sizes
            shape = f"({', '.join(lengths)})" if depth > 1 else lengths[0]
            zero = value in ("0", "0.0", "0.")
            told = "" if self.dtype == "float64" and zero else f", dtype=np.{self.dtype}"
            text = f"np.zeros({shape}{told})" if zero else f"np.full({shape}, {value}, dtype=np.{self.dtype})"
            return [Edit(*extent(self.module, node), text)]
        if not self._makes(node, depth) or not all(map(self.is_made_of, self._leaves(node))):
            return []
        start, end = extent(self.module, node)
        return [Edit(start, start, "np.array("), Edit(end, end, f", dtype=np.{self.dtype})")]

    def _makes(self, node: ast.expr, depth: int) -> bool:
        """Does it make a new list, nested so deep, in which no row stands twice?"""
        match node:
            case ast.ListComp(elt=element):
                return self._makes(element, depth - 1) if depth > 1 else not self._is_list(element)
            case ast.List(elts=[*elements]) if elements:
                return all(
                    self._makes(one, depth - 1) if depth > 1 else not self._is_list(one) for one in elements
                )
            case ast.BinOp(op=ast.Mult()):
                return depth == 1 and bool(self._repeated(node))
            case ast.BinOp(left=left, op=ast.Add(), right=right) if depth == 1:
                sides = (left, right)
                return any(self._is_list(one) for one in sides) and all(
                    self._makes(one, 1) if self._is_list(one) else _is_place(one) for one in sides
                )
        return False

    def _is_list(self, node: ast.expr) -> bool:
        if isinstance(node, ast.BinOp):
            return any(self._is_list(one) for one in (node.left, node.right))
        return isinstance(node, ast.List | ast.ListComp | ast.Tuple)

    def _repeated(self, node: ast.expr) -> tuple[ast.expr, ast.expr] | None:
        """The element and the count of ``[value] * n``."""
        match node:
            case (
                ast.BinOp(left=ast.List(elts=[value]), op=ast.Mult(), right=count)
                | ast.BinOp(left=count, op=ast.Mult(), right=ast.List(elts=[value]))
            ):
                return None if self._is_list(value) or self._is_list(count) else (value, count)
        return None

    def _leaves(self, node: ast.expr) -> Iterator[ast.expr]:
        match node:
            case ast.List(elts=elements):
                for element in elements:
                    yield from self._leaves(element)
            case ast.ListComp(elt=element):
                yield from self._leaves(element)
            case ast.BinOp(left=left, right=right) if self._is_list(node):
                for one in (left, right):
                    yield from self._leaves(one) if self._is_list(one) else ()
            case _:
                yield node

    def sizes(self, node: ast.expr, depth: int) -> list[str]:
        """Lengths and the value of a list that has the same number everywhere; nothing for any other."""
        if depth == 1 and (found := self._repeated(node)):
            value, count = found
            if _is_plain(value) and _is_plain(count) and self.is_made_of(value):
                return [self._length(count), segment(self.module, value)]
        match node:
            case ast.ListComp(
                elt=element,
                generators=[
                    ast.comprehension(
                        target=ast.Name(id=counter),
                        iter=ast.Call(func=ast.Name(id="range"), args=[count], keywords=[]),
                        ifs=[],
                    )
                ],
            ) if _is_plain(count):
                if counter in reads(element):
                    return []
                if depth > 1:
                    inner = self.sizes(element, depth - 1)
                elif _is_plain(element) and self.is_made_of(element):
                    inner = [segment(self.module, element)]
                else:
                    inner = []
                return [self._length(count), *inner] if inner else []
        return []

    def _length(self, count: ast.expr) -> str:
        text = segment(self.module, count)
        return f"max({text}, 0)" if isinstance(count, ast.BinOp) and _may_be_negative(count) else text


def knows_no_numpy(tree: ast.Module) -> bool:
    """Does a file import nothing but Python's own library, whose numbers are Python's?"""
    every = [*ast.walk(tree)]
    names = [alias.name for node in every if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in every if isinstance(node, ast.ImportFrom)]
    return all(name.partition(".")[0] in sys.stdlib_module_names for name in names)


def _may_be_negative(node: ast.expr) -> bool:
    return any(isinstance(part, ast.Sub | ast.USub | ast.FloorDiv) for part in ast.walk(node))


def is_path(node: ast.expr) -> bool:
    """Is it ``u``, ``self.u``, ``state["u"]`` or ``u[i]``?"""
    while isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant | ast.Name):
        node = node.value
    return isinstance(node, ast.Name | ast.Attribute)


def _is_place(node: ast.expr) -> bool:
    return isinstance(node, ast.Name | ast.Attribute | ast.Subscript)


def _is_plain(node: ast.expr) -> bool:
    """Is it a number, a name, an attribute, a length, or a sum or product of such?"""
    match node:
        case ast.Constant() | ast.Name():
            return True
        case ast.Attribute(value=value):
            return _is_plain(value)
        case ast.UnaryOp(operand=operand):
            return _is_plain(operand)
        case ast.BinOp(left=left, right=right):
            return _is_plain(left) and _is_plain(right)
        case ast.Call(func=ast.Name(id="len"), args=[ast.Name() | ast.Attribute()], keywords=[]):
            return True
    return False
