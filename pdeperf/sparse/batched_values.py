"""What a name or an expression holds for all elements of a loop at once: its value with one axis more."""

import ast
from dataclasses import dataclass, replace
from typing import cast

_NUMBERS = ("int", "float", "complex", "bool", "numpy.int", "numpy.float", "numpy.uint", "numpy.bool")


class NotAtOnce(Exception):  # noqa: N818 - a verdict, not an error
    """A statement cannot be made for all elements at once; the text says why."""


@dataclass(slots=True)
class Guard:
    """The parameter by which a function is told for which elements it is called, if it needs to know."""

    name: str
    is_used: bool = False


@dataclass(frozen=True, slots=True)
class Objects:
    """What is known of objects of one class, or of dicts.

    Attributes
    ----------
    attributes
        Attributes, ``.nodes``, and items, ``['nodes']``, each as it is for all of them.
    """

    kind: str
    attributes: tuple[tuple[str, "Value"], ...] = ()

    def named(self, key: str) -> "Value":
        """An attribute or an item of all of them."""
        for known, found in self.attributes:
            if known == key:
                return found
        raise NotAtOnce(f"it is not known what `{key.lstrip('.')}` of all objects is")


@dataclass(frozen=True, slots=True)
class Value:
    """An expression, and what it holds.

    Attributes
    ----------
    node
        The expression for all elements at once.
    rank
        Axes of one element's value; None where that is not known.
    varies
        It differs between elements, which then are its first axis.
    parts
        Of a tuple or list that is written out: its items.
    each
        Of another Python list: what each of its items is like.
    is_fresh
        Nobody else knows the array.
    is_plain
        It may hold Python's numbers, which do not divide by zero.
    is_truth
        It holds truth values: Python's are numbers to add and places to look up, NumPy's are not.
    is_row
        Each element has a list or a tuple, in whose place the array stands: ``2 * row`` is no product.
    objects
        Each element has an object, and the expression is a list of them.
    is_text
        It is a text, which is there to be compared with others.
    ragged
        Of a list that is longer for some elements than for others: what each of its items is like. Beside
        each stands for which elements it is there.
    functions
        It is one of some functions, the same for all elements.
    """

    node: ast.expr
    rank: int | None = 0
    varies: bool = False
    parts: tuple["Value", ...] | None = None
    each: "Value | None" = None
    is_fresh: bool = False
    is_plain: bool = False
    is_truth: bool = False
    is_row: bool = False
    objects: Objects | None = None
    is_text: bool = False
    ragged: "Value | None" = None
    functions: tuple[ast.Lambda, ...] = ()

    def named(self, name: str) -> "Value":
        """The same under a name."""
        return replace(self, node=ast.Name(name, ast.Load()))

    @property
    def is_list(self) -> bool:
        """Is it one of Python's lists or tuples?"""
        return self.parts is not None or self.each is not None or self.ragged is not None

    @property
    def text(self) -> str:
        """The expression as Python writes it."""
        return ast.unparse(self.node)


def made(text: str, **parts: ast.expr) -> ast.expr:
    """An expression from its text, in which some names stand for other expressions."""

    class Put(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return parts.get(node.id, node)

        def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
            self.generic_visit(node)
            inner = node.value
            return (
                inner.value if isinstance(inner, ast.Attribute) and node.attr == inner.attr == "T" else node
            )

    return cast(ast.expr, Put().visit(ast.parse(text, mode="eval").body))


def tells_truth(node: ast.expr) -> bool:
    """Does an expression say whether something holds?"""
    if isinstance(node, ast.BoolOp):
        return all(map(tells_truth, node.values))
    is_constant = isinstance(node, ast.Constant) and isinstance(node.value, bool)
    is_negated = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    return is_constant or is_negated or isinstance(node, ast.Compare)


def as_truth(value: Value) -> Value:
    """A test that is the same for all elements as a truth value: of numbers, ``2 & True`` is zero."""
    is_told = isinstance(value.node, ast.Call) and ast.unparse(value.node.func) == "bool"
    if value.varies or is_told or tells_truth(value.node):
        return value
    return replace(value, node=made("bool(X)", X=value.node))


def aligned(value: Value, rank: int) -> ast.expr:
    """A value with so many axes after that of the elements, for operations that pair the last ones."""
    if value.rank is None:
        raise NotAtOnce(f"it is not known what `{value.text}` is")
    if not value.varies or value.rank >= rank:
        return value.node
    return made(f"X[:{', None' * (rank - value.rank)}]", X=value.node)


def joined(one: Value, other: Value) -> Value:
    """What holds of a name that has one of two values."""
    if one.is_list != other.is_list or one.rank != other.rank:
        raise NotAtOnce("a name holds values of different kinds")
    varies = one.varies or other.varies
    plain = one.is_plain or other.is_plain
    truth = one.is_truth or other.is_truth
    fresh = one.is_fresh and other.is_fresh
    row = one.is_row or other.is_row
    if one.functions != other.functions:
        raise NotAtOnce("a name holds one of several functions")
    if one.objects != other.objects:
        raise NotAtOnce("a name holds one of several objects")
    both = replace(one, varies=varies, is_fresh=fresh, is_plain=plain, is_truth=truth, is_row=row)
    if one.ragged is not None or other.ragged is not None:
        return replace(both, ragged=_alike_items(one.ragged, other.ragged))
    if not one.is_list or (one.parts is not None and one.parts == other.parts):
        return both
    filled = [value for value in (one, other) if value.parts != ()]
    each = items_of(filled[0])
    for value in filled[1:]:
        each = _alike(each, items_of(value))
    return replace(both, parts=None, each=each)


def as_list(value: Value) -> Value:
    """A row of each element as a list of numbers, ``[*nodes.T]``; any other value as it is."""
    if not value.is_row or value.is_list or value.rank != 1:
        return value
    items = made("[*X.T]", X=value.node)
    each = replace(value, rank=0, is_row=False, is_fresh=False)
    return Value(items, None, value.varies, each=each, is_plain=value.is_plain, is_fresh=True)


def items_of(value: Value) -> Value:
    """What every item of a list is like."""
    if value.each is not None:
        return value.each
    if not value.parts:
        raise NotAtOnce("a list is empty")
    found = value.parts[0]
    for other in value.parts[1:]:
        found = _alike(found, other)
    return replace(found, is_fresh=False)


def _alike_items(one: Value | None, other: Value | None) -> Value:
    """What the items of two lists are like, each with those elements for which it is there."""
    if one is None or other is None:
        raise NotAtOnce("a list is longer for some elements in one branch alone")
    if not (one.parts and other.parts):
        return other if one.parts == () else one if other.parts == () else _alike(one, other)
    if len(one.parts) != len(other.parts):
        raise NotAtOnce("a list holds different kinds")
    parts = tuple(_alike(*pair) for pair in zip(one.parts, other.parts, strict=True))
    return replace(one, parts=parts)


def _alike(one: Value, other: Value) -> Value:
    if (one.rank, one.varies, one.is_text) != (other.rank, other.varies, other.is_text) or (
        one.is_list or other.is_list
    ):
        raise NotAtOnce("a list holds different kinds")
    return replace(one, is_plain=one.is_plain or other.is_plain, is_fresh=False)


def is_number(kind: str) -> bool:
    """Is a type, by its name, one of a single number?"""
    return kind.startswith(_NUMBERS) and "[" not in kind
