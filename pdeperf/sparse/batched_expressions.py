"""Expressions of one element's values, written for all elements at once."""

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.source import Module
from pdeperf.sparse.batched_values import NotAtOnce, Value, aligned, items_of, joined, made

_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
_CONSTANTS = frozenset(("numpy.pi", "math.pi", "numpy.e", "math.e"))
_NUMBERS = ("int", "float", "complex", "bool", "numpy.int", "numpy.float", "numpy.uint", "numpy.bool")


@dataclass(slots=True)
class Expressions:
    """Writes expressions for all elements of a loop.

    Attributes
    ----------
    names
        What the names that the elements bind hold.
    at
        Where the other names were looked at when the script ran.
    count
        An expression for the number of elements.
    mask
        The condition under which the expression is reached, a name; empty if always.
    is_guarded
        It may be reached for some elements alone, and it is not known for which.
    stored
        Names of arrays that the loop stores into.
    own
        Names that the elements bind somewhere: none of them is one from outside.
    called, library, listed
        Write calls of the user's functions, of libraries, and list comprehensions.
    """

    meaning: Meaning
    module: Module
    numpy: str
    at: tuple[ast.stmt, ...]
    count: str
    stored: frozenset[str]
    own: frozenset[str]
    called: Callable[["Expressions", ast.Call], Value]
    library: Callable[["Expressions", ast.Call, str], Value]
    listed: Callable[["Expressions", ast.ListComp], Value]
    names: dict[str, Value] = field(default_factory=dict)
    mask: str = ""
    is_guarded: bool = False

    def value(self, node: ast.expr) -> Value:
        """What an expression is for all elements."""
        match node:
            case ast.Constant(value=bool() | int() | float() | complex()):
                return Value(node, is_plain=True)
            case ast.Name(id=name) if name in self.names:
                return self.names[name]
            case ast.Name() | ast.Attribute():
                return self._looked_up(node)
            case ast.BinOp(left=left, op=op, right=right):
                return self._operation(node, left, op, right)
            case ast.UnaryOp(op=ast.Not()) | ast.Compare() | ast.BoolOp():
                return self.condition(node)
            case ast.UnaryOp(op=op, operand=operand):
                inner = self.value(operand)
                self._check_number(inner)
                return replace(inner, node=ast.UnaryOp(op, inner.node), is_fresh=True)
            case ast.IfExp(test=test, body=yes, orelse=no):
                return self._chosen(test, yes, no)
            case ast.Subscript(value=base, slice=index):
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

    @property
    def is_partial(self) -> bool:
        """Is what is written now reached for some elements alone?"""
        return bool(self.mask) or self.is_guarded

    def number(self, node: ast.expr) -> Value:
        """An expression that is one number for each element."""
        found = self.value(node)
        if found.rank != 0 or found.is_list:
            raise NotAtOnce(f"`{ast.unparse(node)}` is more than one number")
        return found

    def _looked_up(self, node: ast.Name | ast.Attribute) -> Value:
        """A name that the loop leaves as it is, or an attribute."""
        if isinstance(node, ast.Attribute):
            if self.meaning.full(self.module, node) in _CONSTANTS:
                return Value(node, is_plain=True)
            if isinstance(node.value, ast.Name) and node.value.id in self.names:
                return self._attribute(node, self.names[node.value.id])
            if not isinstance(node.value, ast.Name):
                return self._attribute(node, self.value(node.value))
        text = ast.unparse(node)
        if text in self.stored:
            raise NotAtOnce(f"`{text}` is stored into in the loop, and read")
        if text.partition(".")[0] in self.own:
            raise NotAtOnce(f"`{text}` is read before it is bound")
        full = self.meaning.full(self.module, node)
        if full:
            if full in _CONSTANTS:
                return Value(node, is_plain=True)
            raise NotAtOnce(f"`{text}` is no value")
        return self._observed(node, text)

    def _observed(self, node: ast.expr, text: str) -> Value:
        kinds = self.seen(text, "type")
        if kinds == {"numpy.ndarray"}:
            ranks = self.seen(text, "ndim")
            if len(ranks) == 1:
                return Value(node, int(float(next(iter(ranks)))))
        elif kinds and all(is_number(kind) for kind in kinds):
            return Value(node, is_plain=True)
        elif kinds and all(kind.startswith(("list", "tuple")) for kind in kinds):
            return self._list(node, text, 1)
        raise NotAtOnce(f"it is not known what `{text}` is")

    def _list(self, node: ast.expr, text: str, depth: int) -> Value:
        """A list of numbers, or of lists of numbers, as far as it was seen."""
        kinds = self.seen(text + "[]", "type")
        if kinds and all(is_number(kind) for kind in kinds):
            each = Value(node, is_plain=True)
        elif kinds and all(kind.startswith(("list", "tuple")) for kind in kinds) and depth < 3:
            each = self._list(node, text + "[]", depth + 1)
        else:
            raise NotAtOnce(f"it is not known what `{text}` holds")
        return Value(node, None, each=each, is_plain=True)

    def seen(self, text: str, metric: str) -> frozenset[str]:
        """What was seen of a name; where it was looked at most closely comes first."""
        for site in self.at:
            if found := self.meaning.values(self.module, site, text, metric):
                return found
        return frozenset()

    def _attribute(self, node: ast.Attribute, base: Value) -> Value:
        match node.attr:
            case "T" if base.varies and base.rank == 2:
                return Value(
                    made(f"{self.numpy}.swapaxes(X, 1, 2)", X=base.node), 2, True, is_plain=base.is_plain
                )
            case "T" if base.rank is not None and not base.is_list and (not base.varies or base.rank < 2):
                return replace(
                    base,
                    node=ast.Attribute(base.node, "T", ast.Load()) if not base.varies else base.node,
                    is_fresh=False,
                )
            case "size" if base.varies and base.rank == 1:
                return Value(made("X.shape[1]", X=base.node), is_plain=True)
            case "shape" if not base.varies and base.rank:
                return Value(
                    ast.Attribute(base.node, "shape", ast.Load()), None, each=Value(node, is_plain=True)
                )
        raise NotAtOnce(f"`{ast.unparse(node)}` is asked of what differs between the elements")

    def _operation(self, node: ast.BinOp, left: ast.expr, op: ast.operator, right: ast.expr) -> Value:
        one, other = self.value(left), self.value(right)
        if isinstance(op, ast.MatMult):
            return self.product(one, other)
        if one.is_list and other.is_list and isinstance(op, ast.Add):
            joint = ast.BinOp(one.node, op, other.node)
            if one.parts is not None and other.parts is not None:
                parts = one.parts + other.parts
                return Value(joint, None, one.varies or other.varies, parts=parts, is_fresh=True)
            return replace(joined(one, other), node=joint, is_fresh=True)
        if not isinstance(op, _OPERATORS):
            raise NotAtOnce("it holds more than arithmetic")
        self._check_number(one)
        self._check_number(other)
        if isinstance(op, ast.Pow) and other.varies:
            raise NotAtOnce("an exponent differs between the elements")
        divides = isinstance(op, ast.Div | ast.FloorDiv | ast.Mod)
        if divides and other.varies and (other.is_plain or self.is_guarded):
            raise NotAtOnce("it divides by what differs between the elements, and may be zero")
        if divides and other.varies and self.mask:
            which = aligned(Value(made(self.mask), 0, True), self._rank(other))
            other = replace(other, node=made(f"{self.numpy}.where(W, X, 1)", W=which, X=other.node))
        return self.paired(lambda a, b: ast.BinOp(a, op, b), one, other)

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
                parts = [self._truth(values[0])]
                was = self.mask
                try:
                    for one in values[1:]:
                        if parts[-1].varies:
                            text = (
                                f"({parts[-1].text})" if isinstance(op, ast.And) else f"~({parts[-1].text})"
                            )
                            self.mask = f"{self.mask} & {text}" if self.mask else text
                        parts.append(self._truth(one))
                finally:
                    self.mask = was
                if not any(part.varies for part in parts):
                    return Value(ast.BoolOp(op, [part.node for part in parts]))
                joint: ast.operator = ast.BitAnd() if isinstance(op, ast.And) else ast.BitOr()
                found = parts[0].node
                for part in parts[1:]:
                    found = ast.BinOp(found, joint, part.node)
                return Value(found, 0, True)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = self._truth(operand)
                op_: ast.unaryop = ast.Invert() if inner.varies else ast.Not()
                return Value(ast.UnaryOp(op_, inner.node), 0, inner.varies)
            case ast.Compare(left=left, ops=[ast.In() | ast.NotIn() as op], comparators=[container]):
                return self._member(node, self.number(left), op, container)
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
            if one.is_list or other.is_list or one.rank != other.rank or one.varies != other.varies:
                raise NotAtOnce("a choice between different kinds")
            return replace(
                one, node=ast.IfExp(which.node, one.node, other.node), is_fresh=False, is_plain=True
            )
        where = f"{self.numpy}.where(W, A, B)"
        return self.paired(lambda w, a, b: made(where, W=w, A=a, B=b), which, one, other)

    def _element(self, node: ast.Subscript, base: Value, index: ast.expr) -> Value:
        indices = index.elts if isinstance(index, ast.Tuple) else [index]
        if base.is_list:
            return self._item(node, base, indices)
        rank = self._rank(base)
        found: list[Value | None] = []
        written: list[ast.expr] = []
        for one in indices:
            if isinstance(one, ast.Slice):
                for bound in (one.lower, one.upper, one.step):
                    if bound is not None and (self.number(bound).varies):
                        raise NotAtOnce("a slice differs between the elements")
                found.append(None)
                written.append(one)
            elif isinstance(one, ast.Constant) and (one.value is None or one.value is Ellipsis):
                raise NotAtOnce("an axis is added by an index")
            else:
                value = self.value(one)
                if value.is_list:
                    value = self.library(
                        self, ast.Call(ast.Name("array", ast.Load()), [one], []), "numpy.array"
                    )
                found.append(value)
                written.append(value.node)
        if len(indices) > rank:
            raise NotAtOnce(f"`{ast.unparse(node)}` has more indices than axes")
        varying = [one for one in found if one is not None and one.varies]
        fancy = [one for one in found if one is not None and (one.rank or 0) > 0]
        if any(one is not None and one.rank is None for one in found):
            raise NotAtOnce(f"it is not known what an index of `{ast.unparse(node)}` is")
        if base.varies:
            return self._of_each(node, base, found, written, bool(varying), bool(fancy))
        if not varying:
            if fancy or self.is_partial:
                raise NotAtOnce(
                    "a value is looked up on a condition" if self.is_partial else "an index is an array"
                )
            kept = rank - sum(one is not None for one in found)
            return Value(ast.Subscript(base.node, _index(written), ast.Load()), kept)
        return self._taken(node, base, found, written)

    def _of_each(
        self,
        node: ast.Subscript,
        base: Value,
        found: Sequence[Value | None],
        written: list[ast.expr],
        has_varying: bool,
        has_fancy: bool,
    ) -> Value:
        rank = self._rank(base)
        kept = rank - sum(one is not None for one in found)
        first: ast.expr = ast.Slice()
        if has_varying:
            if any(one is None or one.rank for one in found) or self.is_partial:
                raise NotAtOnce("an index into an element's array differs between the elements")
            first = made(f"{self.numpy}.arange({self.count})")
        elif has_fancy:
            if len(found) > 1:
                raise NotAtOnce("an index is an array")
            kept = rank - 1 + (found[0].rank or 0 if found[0] is not None else 0)
        return Value(
            ast.Subscript(base.node, _index([first, *written]), ast.Load()),
            kept,
            True,
            is_plain=base.is_plain,
        )

    def _taken(
        self, node: ast.Subscript, base: Value, found: Sequence[Value | None], written: list[ast.expr]
    ) -> Value:
        """An element, a row or several of an array that is the same for all, at places that differ."""
        places = [place for place, one in enumerate(found) if one is not None]
        ranks = {one.rank for one in found if one is not None and one.varies}
        still = [one for one in found if one is not None and not one.varies and one.rank]
        is_one = len(places) == 1 and ranks == {0}
        if len(ranks) > 1 or still or (places[0] != 0 and not is_one):
            raise NotAtOnce(f"`{ast.unparse(node)}` takes places in several ways")
        (more,) = ranks
        for place, one in enumerate(found):
            if one is not None and one.varies and self.is_partial:
                if self.is_guarded:
                    raise NotAtOnce("a value is looked up on a condition")
                which = aligned(Value(made(self.mask), 0, True), one.rank or 0)
                written[place] = made(f"{self.numpy}.where(W, X, 0)", W=which, X=one.node)
        kept = self._rank(base) - len(places) + (more or 0)
        if places[0] != 0:
            taken: ast.expr = ast.Subscript(base.node, _index(written), ast.Load())
            text = "X.T" if kept == 1 else f"{self.numpy}.moveaxis(X, {places[0]}, 0)"
            return Value(made(text, X=taken), kept, True, is_plain=base.is_plain)
        return Value(
            ast.Subscript(base.node, _index(written), ast.Load()),
            kept,
            True,
            is_plain=base.is_plain,
            is_fresh=bool(more),
        )

    def _item(self, node: ast.Subscript, base: Value, indices: Sequence[ast.expr]) -> Value:
        if len(indices) != 1:
            raise NotAtOnce("a list has one index")
        if isinstance(indices[0], ast.Slice):
            raise NotAtOnce("a part of a list is taken")
        place = self.number(indices[0])
        if not place.varies:
            here = ast.Subscript(base.node, place.node, ast.Load())
            match place.node:
                case ast.Constant(value=int(at)) if base.parts is not None and -len(base.parts) <= at < len(
                    base.parts
                ):
                    return replace(base.parts[at], node=here, is_fresh=False)
            return replace(items_of(base), node=here, is_fresh=False)
        if base.varies or base.each is None:
            raise NotAtOnce("an index into a list differs between the elements")
        rank, inner = 0, base
        while inner.each is not None:
            rank, inner = rank + 1, inner.each
        array = Value(made(f"{self.numpy}.array(X)", X=base.node), rank, is_plain=True)
        return self._element(node, array, indices[0])

    def _call(self, node: ast.Call) -> Value:
        if any(isinstance(argument, ast.Starred) for argument in node.args):
            raise NotAtOnce(f"`{ast.unparse(node)}` unpacks its arguments")
        name = self.meaning.full(self.module, node.func)
        if name:
            return self.library(self, node, name)
        if isinstance(node.func, ast.Attribute) and not self.meaning.called(self.module, node):
            return self.library(self, node, "")
        return self.called(self, node)

    def _rank(self, value: Value) -> int:
        if value.rank is None or value.is_list:
            raise NotAtOnce(f"`{value.text}` is no array")
        return value.rank

    def _check_number(self, value: Value) -> None:
        if value.is_list:
            raise NotAtOnce(f"`{value.text}` is a list")


def is_number(kind: str) -> bool:
    """Is a type, by its name, one of a single number?"""
    return kind.startswith(_NUMBERS) and "[" not in kind


def _index(parts: Sequence[ast.expr]) -> ast.expr:
    return parts[0] if len(parts) == 1 else ast.Tuple(list(parts), ast.Load())
