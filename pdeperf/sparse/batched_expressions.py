"""Expressions of one element's values, written for all elements at once."""

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pdeperf.kernel.domain_checks import is_fraction, is_not_negative
from pdeperf.sparse.batched_entries import entry, is_sparse
from pdeperf.sparse.batched_gathered import of_dict
from pdeperf.sparse.batched_integers import check_size
from pdeperf.sparse.batched_lookups import Lookups
from pdeperf.sparse.batched_texts import compared_texts, is_same_text, text_in_list, text_of_each
from pdeperf.sparse.batched_values import (
    NotAtOnce,
    Value,
    aligned,
    as_list,
    as_truth,
    items_of,
    joined,
    made,
    tells_truth,
)

NONZERO = '''
def nonzero(divisors):
    """Numbers to divide by, as Python does it: not by zero."""
    if not {numpy}.all(divisors):
        raise ZeroDivisionError("division by zero")
    return divisors
'''
FROM_ZERO = '''
def from_zero(numbers):
    """Numbers to take a root of, as Python does it: not of negative ones."""
    if {numpy}.any(numbers < 0):
        raise ValueError("math domain error")
    return numbers
'''
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)


@dataclass(slots=True)
class Expressions(Lookups):
    """Writes expressions for all elements of a loop."""

    def value(self, node: ast.expr) -> Value:
        """What an expression is for all elements."""
        match node:
            case ast.Constant(value=bool() | int() | float() | complex() as number):
                return Value(node, is_plain=True, is_truth=isinstance(number, bool))
            case ast.Name(id=name) if name in self.names:
                if self.names[name].is_text:
                    raise NotAtOnce(f"`{name}` is a text")
                return self.names[name]
            case ast.Name() | ast.Attribute():
                return self._looked_up(node)
            case ast.BinOp(left=left, op=op, right=right):
                return self._operation(node, left, op, right)
            case ast.BoolOp(values=operands) if not all(map(tells_truth, operands)):
                raise NotAtOnce(f"`{ast.unparse(node)}` is one of several numbers")
            case ast.UnaryOp(op=ast.Not()) | ast.Compare() | ast.BoolOp():
                return replace(self.condition(node), is_truth=True)
            case ast.UnaryOp(op=op, operand=operand):
                inner = self.value(operand)
                self._check_number(inner)
                self._check_row(inner)
                self._check_counted(node, inner)
                return replace(inner, node=ast.UnaryOp(op, inner.node), is_fresh=True)
            case ast.IfExp(test=test, body=yes, orelse=no):
                return self._chosen(test, yes, no)
            case ast.Subscript(value=base) if ast.unparse(node) in self.own_elements:
                return self._element(node, self.observed_as(base, ast.unparse(base)), node.slice)
            case ast.Subscript(value=base, slice=index):
                if isinstance(index, ast.Constant) and isinstance(index.value, str):
                    return self._item_of_objects(base, index.value)
                indices = index.elts if isinstance(index, ast.Tuple) else [index]
                if any(not isinstance(one, ast.Slice) and self._is_told_truth(one) for one in indices):
                    raise NotAtOnce(f"`{ast.unparse(node)}` looks up a truth value")
                if is_sparse(self, base):
                    return entry(self, node)
                if (found := of_dict(self, base, index) or text_in_list(self, base, index)) is not None:
                    return found
                return self._element(node, self.value(base), index)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                parts = tuple(self.value(one) for one in elements)
                kind = ast.Tuple if isinstance(node, ast.Tuple) else ast.List
                items = kind([one.node for one in parts], ast.Load())
                varies = any(one.varies for one in parts)
                return Value(items, None, varies, parts=parts, is_fresh=isinstance(node, ast.List))
            case ast.ListComp():
                return self.listed(self, node)
            case ast.Call():
                return self._call(node)
        raise NotAtOnce(f"`{ast.unparse(node)}` is no arithmetic")

    def _item_of_objects(self, base: ast.expr, key: str) -> Value:
        """``bar["k"]`` of the dict of each element, or ``bc["left"]`` of one that no element changes."""
        path = ast.unparse(base)
        root = path.partition(".")[0]
        if self.seen(path, "type") == {"dict"} and root not in {*self.names, *self.own, *self.stored}:
            node = ast.Subscript(base, ast.Constant(key), ast.Load())
            if ast.unparse(node) not in self.stored and path not in self.stored:
                return self.observed_as(node, ast.unparse(node))
        found = self.value(base)
        if found.objects is None:
            raise NotAtOnce(f"`{ast.unparse(base)}` is looked up by a text")
        return found.objects.named(f"[{key!r}]")

    def _is_told_truth(self, node: ast.expr) -> bool:
        """Is an expression a truth value, by what it is or by what its name was given?"""
        known = self.names.get(node.id) if isinstance(node, ast.Name) else None
        return tells_truth(node) or (known is not None and known.is_truth)

    def _check_counted(self, node: ast.expr, *values: Value) -> None:
        """Truth values are not reckoned with alone: of NumPy's, ``True + True`` is true."""
        if all(value.is_truth for value in values):
            raise NotAtOnce(f"`{ast.unparse(node)}` counts truth values")

    def _check_row(self, *values: Value) -> None:
        """A list is no array to reckon with: ``2 * row`` repeats it."""
        for value in values:
            if value.is_row and value.rank != 0:
                raise NotAtOnce(f"`{value.text}` is a list")

    def _operation(self, node: ast.BinOp, left: ast.expr, op: ast.operator, right: ast.expr) -> Value:
        one, other = self.value(left), self.value(right)
        if isinstance(op, ast.MatMult):
            return self.product(one, other)
        if isinstance(op, ast.Add) and (one.is_list or one.is_row) and (other.is_list or other.is_row):
            one, other = as_list(one), as_list(other)
            joint = ast.BinOp(one.node, op, other.node)
            if one.parts is not None and other.parts is not None:
                parts = one.parts + other.parts
                return Value(joint, None, one.varies or other.varies, parts=parts, is_fresh=True)
            return replace(joined(one, other), node=joint, is_fresh=True)
        if isinstance(op, ast.Mult) and one.is_list and not other.is_list:
            return self._repeated(node, one, other)
        if not isinstance(op, _OPERATORS):
            raise NotAtOnce("it holds more than arithmetic")
        self._check_number(one)
        self._check_number(other)
        self._check_counted(node, one, other)
        check_size(node, self.seen)
        if not (one.rank and not one.is_row) and not (other.rank and not other.is_row):
            self._check_row(one, other)
        if isinstance(op, ast.Pow) and other.varies:
            raise NotAtOnce("an exponent differs between the elements")
        if isinstance(op, ast.Pow) and one.is_plain and is_fraction(right):
            one = one if is_not_negative(left, ast.unparse) else self.taken(one, FROM_ZERO)
        divides = isinstance(op, ast.Div | ast.FloorDiv | ast.Mod)
        fails = other.is_plain and (one.is_plain or not isinstance(op, ast.Div))
        if divides and other.varies and (self.is_unasked or (fails and self.added is None)):
            raise NotAtOnce("it divides by what differs between the elements, and may be zero")
        if divides and other.varies and self.is_partial:
            which = aligned(Value(made(self.asked), 0, True), self._rank(other))
            other = replace(other, node=made(f"{self.numpy}.where(W, X, 1)", W=which, X=other.node))
        if divides and other.varies and fails and self.added is not None:
            other = replace(other, node=made(f"{self.added.definition(NONZERO)}(X)", X=other.node))
        return self.paired(lambda a, b: ast.BinOp(a, op, b), one, other)

    def _repeated(self, node: ast.BinOp, items: Value, times: Value) -> Value:
        """``[0.0] * 8``, as often for all elements."""
        each = items_of(items)
        if each.is_list or each.rank != 0 or times.rank != 0 or times.varies:
            raise NotAtOnce(f"`{ast.unparse(node)}` repeats a list")
        return Value(
            ast.BinOp(items.node, ast.Mult(), times.node), None, each.varies, each=each, is_fresh=True
        )

    def defined(self, text: str) -> str:
        """The name of a function that the file gets."""
        if self.added is None:
            raise NotAtOnce("it needs a function that is not there")
        return self.added.definition(text)

    def taken(self, number: Value, check: str) -> Value:
        """A number that a function takes, looked at where it is taken for sure."""
        if not number.varies or self.is_unasked or self.added is None:
            return number
        if self.is_partial:
            which = aligned(Value(made(self.asked), 0, True), self._rank(number))
            number = replace(number, node=made(f"{self.numpy}.where(W, X, 1)", W=which, X=number.node))
        return replace(number, node=made(f"{self.added.definition(check)}(X)", X=number.node))

    def paired(self, write: Callable[..., ast.expr], *values: Value) -> Value:
        """An operation on numbers at the same places."""
        for value in values:
            self._check_number(value)
        varies = any(value.varies for value in values)
        if not varies:
            ranks = [value.rank for value in values]
            rank = None if None in ranks else max(rank for rank in ranks if rank is not None)
        else:
            rank = max(self._rank(value) for value in values)
        nodes = [aligned(value, rank) if varies and rank is not None else value.node for value in values]
        plain = all(value.is_plain for value in values)
        return Value(write(*nodes), rank, varies, is_fresh=True, is_plain=plain)

    def product(self, one: Value, other: Value) -> Value:
        """Matrix products: vectors get an axis for as long as it takes."""
        ranks = self._rank(one), self._rank(other)
        if not (one.varies or other.varies):
            if ranks not in ((1, 1), (1, 2), (2, 1), (2, 2)):
                raise NotAtOnce("a product of other than vectors and matrices")
            return Value(ast.BinOp(one.node, ast.MatMult(), other.node), sum(ranks) - 2, is_fresh=True)
        a, b = one.node, other.node
        match ranks:
            case 2, 2:
                text = "A @ B"
            case 2, 1:
                text = "(A @ B[:, :, None])[:, :, 0]" if other.varies else "A @ B"
            case 1, 2:
                text = "(A[:, None, :] @ B)[:, 0, :]" if other.varies and one.varies else "A @ B"
            case 1, 1:
                text = (
                    "(A[:, None, :] @ B[:, :, None])[:, 0, 0]"
                    if one.varies and other.varies
                    else ("A @ B" if one.varies else "B @ A")
                )
            case _:
                raise NotAtOnce("a product of other than vectors and matrices")
        return Value(made(text, A=a, B=b), sum(ranks) - 2, True, is_fresh=True)

    def condition(self, node: ast.expr) -> Value:
        """A test, as an array of truth values."""
        match node:
            case ast.BoolOp(op=op, values=values):
                parts = self._asked_in_turn(op, values)
                if not any(part.varies for part in parts):
                    return Value(ast.BoolOp(op, [part.node for part in parts]))
                parts = [as_truth(part) for part in parts]
                joint: ast.operator = ast.BitAnd() if isinstance(op, ast.And) else ast.BitOr()
                found = parts[0].node
                for part in parts[1:]:
                    found = ast.BinOp(found, joint, part.node)
                return Value(found, 0, True)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = self._truth(operand)
                op_: ast.unaryop = ast.Invert() if inner.varies else ast.Not()
                return Value(ast.UnaryOp(op_, inner.node), 0, inner.varies)
            case ast.Compare(left=left, ops=[_], comparators=[fixed]) if is_same_text(self, left, fixed):
                return Value(node)
            case ast.Compare(left=left, ops=[compares], comparators=[fixed]) if (
                each := text_of_each(self, left)
            ) is not None:
                return compared_texts(self, each, compares, fixed)
            case ast.Compare(left=left, ops=[ast.In() | ast.NotIn() as within], comparators=[container]):
                return self._member(node, self.number(left), within, container)
            case ast.Compare(left=left, ops=ops, comparators=others):
                sides = [self.number(side) for side in (left, *others)]
                if not any(side.varies for side in sides):
                    return Value(ast.Compare(sides[0].node, ops, [side.node for side in sides[1:]]))
                if any(isinstance(op, ast.Is | ast.IsNot | ast.In | ast.NotIn) for op in ops):
                    raise NotAtOnce(f"`{ast.unparse(node)}` is no comparison of numbers")
                compared: ast.expr = ast.Compare(sides[0].node, [ops[0]], [sides[1].node])
                for place, other in enumerate(ops[1:], start=1):
                    more = ast.Compare(sides[place].node, [other], [sides[place + 1].node])
                    compared = ast.BinOp(compared, ast.BitAnd(), more)
                return Value(compared, 0, True)
        return self._truth(node)

    def _asked_in_turn(self, op: ast.boolop, tests: Sequence[ast.expr]) -> list[Value]:
        """The parts of ``a and b``: each is looked at where those before it let it be.

        Those in front that are the same for all elements are one part, where others follow.
        """
        parts: list[Value] = []
        was = self.mask
        try:
            for place, one in enumerate(tests):
                found = self._truth(one)
                if found.varies and parts and not any(part.varies for part in parts):
                    first = ast.BoolOp(op, [part.node for part in parts])
                    parts = [as_truth(Value(first) if len(parts) > 1 else parts[0])]
                    self._narrow(op, parts[0])
                    found = self._truth(one)
                parts.append(found)
                if place < len(tests) - 1 and any(part.varies for part in parts):
                    self._narrow(op, as_truth(found))
        finally:
            self.mask = was
        return parts

    def _narrow(self, op: ast.boolop, test: Value) -> None:
        """What follows is reached where a part of ``and`` holds, or one of ``or`` does not."""
        holds = isinstance(op, ast.And)
        if test.varies:
            condition = f"({test.text})" if holds else f"~({test.text})"
        else:
            told = test.node if holds else ast.UnaryOp(ast.Not(), test.node)
            condition = ast.unparse(made(f"{self.numpy}.full({self.count}, X)", X=told))
        self.mask = f"{self.mask} & {condition}" if self.mask else condition

    def _truth(self, node: ast.expr) -> Value:
        if isinstance(node, ast.BoolOp | ast.Compare) or (
            isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
        ):
            return self.condition(node)
        found = self.number(node)
        return (
            Value(ast.Compare(found.node, [ast.NotEq()], [ast.Constant(0)]), 0, True)
            if found.varies
            else found
        )

    def _member(self, node: ast.expr, item: Value, op: ast.cmpop, container: ast.expr) -> Value:
        if not isinstance(container, ast.Tuple | ast.List | ast.Set):
            text = ast.unparse(container)
            known = text not in self.names and text not in self.stored
            kinds = self.seen(text, "type") if known else frozenset()
            if (
                not item.varies
                or not kinds
                or not all(k.startswith(("set", "list[int", "tuple[int")) for k in kinds)
            ):
                raise NotAtOnce(f"`{ast.unparse(node)}` looks something up")
            found: ast.expr = made(f"{self.numpy}.isin(X, list(Y))", X=item.node, Y=container)
            return Value(ast.UnaryOp(ast.Invert(), found) if isinstance(op, ast.NotIn) else found, 0, True)
        items = [self.number(one) for one in container.elts]
        if not item.varies and not any(one.varies for one in items):
            return Value(ast.Compare(item.node, [op], [container]))
        parts = [ast.Compare(item.node, [ast.Eq()], [one.node]) for one in items]
        if not parts:
            raise NotAtOnce("nothing is in an empty container")
        found = parts[0]
        for part in parts[1:]:
            found = ast.BinOp(found, ast.BitOr(), part)
        return Value(ast.UnaryOp(ast.Invert(), found) if isinstance(op, ast.NotIn) else found, 0, True)

    def _chosen(self, test: ast.expr, yes: ast.expr, no: ast.expr) -> Value:
        which = self.condition(test)
        was = self.mask
        sides = []
        for node, text in ((yes, f"({which.text})"), (no, f"~({which.text})")):
            if which.varies:
                self.mask = f"{was} & {text}" if was else text
            sides.append(self.value(node))
            self.mask = was
        one, other = sides
        if not which.varies:
            if not (one.is_list or other.is_list or one.is_truth or other.is_truth):
                one, other = self._as_different(one, other), self._as_different(other, one)
            if one.is_list or other.is_list or one.rank != other.rank or one.varies != other.varies:
                raise NotAtOnce("a choice between different kinds")
            return replace(
                one, node=ast.IfExp(which.node, one.node, other.node), is_fresh=False, is_plain=True
            )
        where = f"{self.numpy}.where(W, A, B)"
        if one.is_truth or other.is_truth:
            raise NotAtOnce("a truth value is chosen")
        return self.paired(lambda w, a, b: made(where, W=w, A=a, B=b), which, one, other)

    def _as_different(self, one: Value, other: Value) -> Value:
        """A number that is the same for all elements, as many times where the other choice differs."""
        if one.varies or not other.varies or one.rank != 0:
            return one
        return replace(one, node=made(f"{self.numpy}.full({self.count}, X)", X=one.node), varies=True)

    def _call(self, node: ast.Call) -> Value:
        if any(isinstance(argument, ast.Starred) for argument in node.args):
            raise NotAtOnce(f"`{ast.unparse(node)}` unpacks its arguments")
        name = self.meaning.full(self.module, node.func)
        if name:
            return self.library(self, node, name)
        if isinstance(node.func, ast.Attribute) and not self.meaning.called(self.module, node):
            return self.library(self, node, "")
        return self.called(self, node)
