"""Where an index lies: the lowest and the highest value of an expression of counters.

``(i + 1) % n`` of ``i`` in ``range(n)`` lies between 0 and ``n - 1``.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pdeperf.kernel.polynomials import Polynomial, atom, of
from pdeperf.source.walking import nodes_in

_PLAIN = (ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.expr_context)
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.USub)
_MOST = 4


@dataclass(frozen=True, slots=True)
class Extent:
    """Where an integer lies.

    Attributes
    ----------
    low, high
        Bounds of it, each of which holds.
    exact
        Both first ones are met whenever the loops run.
    loops
        The loops whose counters it is made of.
    given
        The bounds hold where none of these is negative.
    parts
        It lies in one of these: of ``max(i - 1, 0)`` it is not known which is larger.
    """

    low: tuple[Polynomial, ...]
    high: tuple[Polynomial, ...]
    exact: bool = True
    loops: frozenset[ast.For] = frozenset()
    given: tuple[Polynomial, ...] = ()
    parts: tuple["Extent", ...] = ()

    def each(self) -> tuple["Extent", ...]:
        """Its parts, or itself."""
        return self.parts or (self,)

    def __add__(self, other: "Extent") -> "Extent":
        if self.parts or other.parts:
            return union([one + two for one in self.each() for two in other.each()])
        return Extent(
            tuple(one + two for one in self.low for two in other.low)[:_MOST],
            tuple(one + two for one in self.high for two in other.high)[:_MOST],
            self.exact and other.exact and not self.loops & other.loops,
            self.loops | other.loops,
            (*self.given, *other.given),
        )

    def times(self, factor: Polynomial) -> "Extent":
        """So many times it; the factor is a number, or not negative."""
        if self.parts:
            return union([one.times(factor) for one in self.parts])
        value = factor.value
        low, high = (self.high, self.low) if value is not None and value < 0 else (self.low, self.high)
        return replace(self, low=tuple(one * factor for one in low), high=tuple(one * factor for one in high))


def extent_of(
    node: ast.expr, known: Mapping[str, Extent | None], positive: frozenset[str] = frozenset()
) -> Extent | None:
    """Where an integer lies; None if it is not known."""
    if not any(isinstance(part, ast.Name) and part.id in known for part in nodes_in(node)):
        return _fixed(node)
    match node:
        case ast.Name(id=name):
            return known[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = extent_of(operand, known, positive)
            return inner.times(of(-1)) if inner is not None else None
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            one, other = extent_of(left, known, positive), extent_of(right, known, positive)
            if one is None or other is None:
                return None
            return one + (other.times(of(-1)) if isinstance(op, ast.Sub) else other)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _product(left, right, known, positive) or _product(right, left, known, positive)
        case ast.BinOp(left=left, op=ast.Mod(), right=right):
            return _remainder(left, right, known, positive)
        case ast.BinOp(left=left, op=ast.FloorDiv(), right=ast.Constant(value=int() as divisor)):
            inner = extent_of(left, known, positive)
            return _quotient(inner, divisor) if inner is not None and divisor > 0 else None
        case ast.Call(func=ast.Name(id="min" | "max" as word), args=[_, _, *_] as args, keywords=[]):
            parts = [extent_of(part, known, positive) for part in args]
            return _extreme(word, [part for part in parts if part is not None], whole=None not in parts)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _either(
                extent_of(body, told(test, known, positive, holds=True), positive),
                extent_of(orelse, told(test, known, positive, holds=False), positive),
            )
    return None


def _fixed(node: ast.expr) -> Extent | None:
    """An integer that no loop changes."""
    found = polynomial(node)
    if found is not None:
        return Extent((found,), (found,))
    match node:
        case ast.Call(func=ast.Name(id="min" | "max" as word), args=[_, _, *_] as args, keywords=[]):
            parts = [part for part in map(polynomial, args) if part is not None]
            if len(parts) < len(args):
                return None
            itself = atom(ast.unparse(node))
            low, high = (itself, *parts), (itself,)
            return Extent(low, high) if word == "max" else Extent(high, low)
    return None


def polynomial(node: ast.expr) -> Polynomial | None:
    """An integer in terms of names and sizes, each of which is its text."""
    match node:
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            return of(value)
        case ast.Name(id=name):
            return atom(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = polynomial(operand)
            return inner.times(-1) if inner is not None else None
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() as op, right=right):
            one, other = polynomial(left), polynomial(right)
            if one is None or other is None:
                return None
            return (
                one * other
                if isinstance(op, ast.Mult)
                else one + other.times(1 - 2 * isinstance(op, ast.Sub))
            )
        case ast.BinOp(op=ast.FloorDiv()) if all(
            isinstance(part, (*_PLAIN, *_OPERATORS)) for part in nodes_in(node)
        ):
            return atom(ast.unparse(node))
        case (
            ast.Subscript(
                value=ast.Attribute(value=ast.Name(), attr="shape"), slice=ast.Constant(value=int())
            )
            | ast.Call(func=ast.Name(id="len"), args=[ast.Name()], keywords=[])
            | ast.Attribute(value=ast.Name(), attr="size")
        ):
            return atom(ast.unparse(node))
    return None


def _product(
    left: ast.expr, right: ast.expr, known: Mapping[str, Extent | None], positive: frozenset[str]
) -> Extent | None:
    """A counter times a size, ``i * ny``."""
    if any(isinstance(part, ast.Name) and part.id in known for part in nodes_in(right)):
        return None
    factor, inner = polynomial(right), extent_of(left, known, positive)
    if factor is None or inner is None:
        return None
    sure = factor.value is not None or all(
        count > 0 and all(str(one) in positive for one in factors) for factors, count in factor.terms
    )
    found = inner.times(factor)
    return found if sure else union([_if(one, factor) for one in found.each()])


def _if(extent: Extent, number: Polynomial) -> Extent:
    """What is known if a number is not negative."""
    return replace(extent, exact=False, given=(*extent.given, number))


def _quotient(inner: Extent, divisor: int) -> Extent | None:
    parts: list[Extent] = []
    for one in inner.each():
        lowest = max((low.value for low in one.low if low.value is not None), default=-1)
        if lowest < 0:
            return None
        parts.append(replace(one, low=(of(lowest // divisor),), exact=False))
    return union(parts)


def _remainder(
    left: ast.expr, right: ast.expr, known: Mapping[str, Extent | None], positive: frozenset[str]
) -> Extent | None:
    """``(i + 1) % n`` of a size, which takes all places if the counter takes as many values."""
    if any(isinstance(part, ast.Name) and part.id in known for part in nodes_in(right)):
        return None
    size, inner = polynomial(right), extent_of(left, known, positive)
    if size is None or (size.value is not None and size.value <= 0):
        return None
    loops = frozenset[ast.For]().union(*(one.loops for one in inner.each())) if inner else frozenset()
    if size.value is None and ast.unparse(right) not in positive:  # by zero, Python does not divide
        return Extent((of(0),), (size - of(1),), exact=False, loops=loops, given=(size,))
    is_round = inner is not None and inner.exact and inner.high[0] - inner.low[0] == size - of(1)
    return Extent((of(0),), (size - of(1),), is_round, loops)


def _extreme(word: str, args: Sequence[Extent], *, whole: bool) -> Extent | None:
    """``min(i + 1, n - 1)``: it is one of them, and above none."""
    if not args:
        return None
    flat = [one for part in args for one in part.each()]
    loops = frozenset[ast.For]().union(*(one.loops for one in flat))
    given = tuple(one for part in flat for one in part.given)
    is_least = word == "min"
    whole_ones = [part for part in args if not part.parts]
    near = tuple(one for part in whole_ones for one in (part.high if is_least else part.low))[:_MOST]
    if not whole:
        return Extent((), near, False, loops, given) if is_least else Extent(near, (), False, loops, given)
    beyond = _common([one.low if is_least else one.high for one in flat], lowest=is_least)
    if beyond:
        low, high = (beyond, near) if is_least else (near, beyond)
        return Extent(low, high, False, loops, given)
    if is_least:
        return union([replace(one, high=(*near, *one.high)[:_MOST], given=given) for one in flat])
    return union([replace(one, low=(*near, *one.low)[:_MOST], given=given) for one in flat])


def _either(one: Extent | None, other: Extent | None) -> Extent | None:
    return union([*one.each(), *other.each()]) if one is not None and other is not None else None


def union(parts: Sequence[Extent]) -> Extent:
    """Where one of these is."""
    if len(parts) == 1:
        return parts[0]
    low = _common([one.low for one in parts], lowest=True)
    high = _common([one.high for one in parts], lowest=False)
    loops = frozenset[ast.For]().union(*(one.loops for one in parts))
    given = tuple(dict.fromkeys(number for one in parts for number in one.given))
    if low and high:
        return Extent(low, high, exact=False, loops=loops, given=given)
    apart = tuple(replace(one, exact=False, given=given) for one in parts[:_MOST])
    return Extent(low, high, False, loops, given, apart if len(parts) <= _MOST else ())


def _common(bounds: Sequence[tuple[Polynomial, ...]], *, lowest: bool) -> tuple[Polynomial, ...]:
    """Bounds of the one and of the other, of which it is known which lies further out."""
    found = bounds[0]
    for more in bounds[1:]:
        pairs = [(one, two, (one - two).value) for one in found for two in more]
        found = tuple(one if (gap < 0) == lowest else two for one, two, gap in pairs if gap is not None)
    return tuple(dict.fromkeys(found))[:_MOST]


def told(
    test: ast.expr, known: Mapping[str, Extent | None], positive: frozenset[str], *, holds: bool
) -> Mapping[str, Extent | None]:
    """What is known where a test holds, or does not."""
    match test:
        case ast.BoolOp(op=ast.And(), values=values) if holds:
            for value in values:
                known = told(value, known, positive, holds=True)
        case ast.BoolOp(op=ast.Or(), values=values) if not holds:
            for value in values:
                known = told(value, known, positive, holds=False)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return told(operand, known, positive, holds=not holds)
        case ast.Compare(left=left, ops=ops, comparators=others) if holds or len(ops) == 1:
            for one, op, other in zip((left, *others), ops, others, strict=False):
                word = type(op).__name__ if holds else _OPPOSITE.get(type(op).__name__, "")
                known = _compared(one, word, other, known, positive)
                known = _compared(other, _TURNED.get(word, ""), one, known, positive)
    return known


_OPPOSITE = {"Lt": "GtE", "LtE": "Gt", "Gt": "LtE", "GtE": "Lt", "Eq": "NotEq", "NotEq": "Eq"}
_TURNED = {"Lt": "Gt", "LtE": "GtE", "Gt": "Lt", "GtE": "LtE", "Eq": "Eq", "NotEq": "NotEq"}


def _compared(
    name: ast.expr,
    word: str,
    other: ast.expr,
    known: Mapping[str, Extent | None],
    positive: frozenset[str],
) -> Mapping[str, Extent | None]:
    """What ``i < n - 1`` tells of ``i``."""
    if not isinstance(name, ast.Name) or known.get(name.id) is None:
        return known
    extent, bound = known[name.id], extent_of(other, known, positive)
    if extent is None or bound is None or extent.parts or bound.parts:
        return known
    low, high = extent.low, extent.high
    if word in ("Lt", "LtE", "Eq"):
        high = (*(one - of(word == "Lt") for one in bound.high), *high)
    if word in ("Gt", "GtE", "Eq"):
        low = (*(one + of(word == "Gt") for one in bound.low), *low)
    if word == "NotEq" and len(bound.low) == 1 and bound.low == bound.high:
        low = tuple(one + of(one == bound.low[0]) for one in low)
        high = tuple(one - of(one == bound.high[0]) for one in high)
    return {
        **known,
        name.id: replace(
            extent, low=low[:_MOST], high=high[:_MOST], exact=False, given=(*extent.given, *bound.given)
        ),
    }
