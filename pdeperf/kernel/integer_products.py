"""How large products of integers become, and of which integers a kernel must ask that they be small.

What counts turns of loops or elements of arrays stays below 2**31, and a product of several such numbers,
``nx * ny * nz``, below 2**45: nobody waits for so many turns of a Python loop, and no memory holds so many
elements. Powers of one of them, ``(2 * k + 1)**4``, and products of other integers that a kernel is handed
may be larger than 64 bits hold: how large they may be is asked before it is called.
"""

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pdeperf.kernel.integer_constants import LIMIT
from pdeperf.kernel.kinds import Kind

_BITS = 31
"""Of the number of turns of a loop, or of the elements of an array."""
_TOGETHER = 45
"""Bits of the number of turns of nested loops, or of the elements of an array of several dimensions."""
_FEWEST = 8
"""Numbers of so few bits are not asked for: hardly any would pass."""
_MOST_TERMS = 64
_SEVERAL = 100
"""A number that makes another one much larger."""
USUAL = 2**_BITS
ELEMENTS = "max(map(abs, {}), default=0)"
"""The largest element of a list, either side of zero."""

Term = Mapping[str, int]
"""A product: how often each number is in it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a kernel asks of a number: that it be less than a limit, either side of zero.

    Attributes
    ----------
    name
        The name that it is read from.
    form
        The number, with ``{}`` for that name.
    """

    name: str
    form: str
    limit: int

    def text(self, path: str) -> str:
        """The condition, as Python text."""
        return f"{-self.limit} < {self.form.format(path)} < {self.limit}"


@dataclass(slots=True)
class Products:
    """The products of integers in some statements.

    Attributes
    ----------
    statements
        Lowered ones.
    kind
        The kind of an expression.
    value
        The integer that an expression stands for whatever happens.
    below
        What a remainder or a masked number is less than; 0 for anything else.
    bound
        Every integer that the statements bind, and what to.
    sizes
        Names that stand for numbers of turns or of elements.
    handed
        Is it a name that the statements do not bind?
    """

    statements: Sequence[ast.stmt]
    kind: Callable[[ast.expr], Kind]
    value: Callable[[ast.expr], int | None]
    below: Callable[[ast.expr], int]
    bound: Mapping[str, Sequence[ast.expr]]
    sizes: frozenset[str]
    handed: Callable[[str], bool]
    _atoms: dict[str, Asked] = field(default_factory=dict)
    _open: set[str] = field(default_factory=set)
    _counters: dict[str, list[ast.expr]] = field(default_factory=dict)

    def asked(self, products: Sequence[ast.BinOp]) -> Iterator[Asked | ast.BinOp]:
        """What must be asked of numbers, and products that may be too large whatever is asked."""
        for part in self.statements:
            for node in ast.walk(part):
                match node:
                    case ast.For(
                        target=ast.Name(id=name), iter=ast.Call(func=ast.Name(id="range"), args=ends)
                    ):
                        self._counters.setdefault(name, []).extend(ends)
        for node in products:
            terms = self._terms(node, frozenset())
            if terms is None:
                continue
            bits = self._bits(terms)
            if bits == 0:
                yield node
            for name in sorted({one for term, _ in terms for one in term if one in self._atoms}):
                if bits < _BITS or (name in self._open and _is_multiplied(name, terms)):
                    yield replace(self._atoms[name], limit=2**bits)

    def _bits(self, terms: Sequence[tuple[Term, int]]) -> int:
        """Of how many bits the numbers may be that can be asked for; 0 if it is no use."""
        for bits in range(_BITS, _FEWEST - 1, -1):
            if sum(factor * 2.0 ** self._size(term, bits) for term, factor in terms) < LIMIT:
                return bits
        return 0

    def _size(self, term: Term, bits: int) -> float:
        """The logarithm of what a product is less than."""
        most = max(term.values(), default=0)
        alone = sum(count * (bits if name in self._atoms else _BITS) for name, count in term.items())
        if any(name in self._open for name in term):
            return alone
        return min(alone, most * _TOGETHER)

    def _terms(self, node: ast.expr, around: frozenset[str]) -> list[tuple[Term, int]] | None:
        """An integer as a sum of products; None where there are too many of them."""
        value = self.value(node)
        if value is not None:
            return [({}, abs(value))]
        match node:
            case ast.BinOp() if limit := self.below(node):
                return [({}, limit)]
            case ast.Name(id=name):
                return self._of_name(name, around)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                return self._terms(operand, around)
            case (
                ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, op=ast.Add() | ast.Sub(), right=other)
            ):
                return _sum((self._terms(one, around), self._terms(other, around)))
            case ast.BinOp(left=one, op=ast.Mult(), right=other):
                return _product(self._terms(one, around), self._terms(other, around))
            case ast.BinOp(left=one, op=ast.FloorDiv() | ast.RShift()):
                return self._terms(one, around)
            case ast.BinOp(op=ast.Mod(), right=other):
                return self._terms(other, around)
            case ast.BinOp(left=one, op=ast.Pow(), right=ast.Constant(value=int() as power)) if (
                0 < power <= 64
            ):
                result = base = self._terms(one, around)
                for _ in range(power - 1):
                    result = _product(result, base)
                return result
            case ast.Call(func=ast.Name(id="abs" | "min" | "max" | "int"), args=[*args]) if self._are_whole(
                args
            ):
                return _sum(self._terms(part, around) for part in args)
            case ast.Subscript(
                value=ast.Attribute(value=ast.Name(id=name), attr="shape"), slice=ast.Constant()
            ):
                return self._atom(name, ast.unparse(node).replace(name, "{}", 1))
            case ast.Call(func=ast.Name(id="len"), args=[ast.Name(id=name)]):
                return self._atom(name, "len({})")
            case ast.Subscript(value=ast.Name(id=name) as whole) if self.kind(whole) == Kind(
                "list", "int64", 1
            ):
                self._open.add(ELEMENTS.format(name))
                return self._atom(name, ELEMENTS)
        return [({ast.unparse(node): 1}, 1)]

    def _are_whole(self, args: Sequence[ast.expr]) -> bool:
        return bool(args) and all(self.kind(part).base in ("int", "bool") for part in args)

    def _of_name(self, name: str, around: frozenset[str]) -> list[tuple[Term, int]] | None:
        if name in around:
            return [({name: 1}, 1)]
        given = [*self.bound.get(name, ()), *self._counters.get(name, ())]
        if given and not self._is_turned(name):
            return _sum(self._terms(part, around | {name}) for part in given)
        found = self._atom(name, "{}")
        if name not in self.sizes and not given and self.handed(name):
            self._open.add(name)
        return found

    def _is_turned(self, name: str) -> bool:
        """Is a number computed from itself, through others perhaps?"""
        waiting, known = [*self.bound.get(name, ())], set[str]()
        while waiting:
            for part in ast.walk(waiting.pop()):
                if isinstance(part, ast.Name) and part.id not in known:
                    known.add(part.id)
                    waiting += self.bound.get(part.id, ())
        return name in known

    def _atom(self, name: str, form: str) -> list[tuple[Term, int]]:
        key = form.format(name)
        if self.handed(name):
            self._atoms[key] = Asked(name, form, LIMIT)
        return [({key: 1}, 1)]


def _is_multiplied(name: str, terms: Sequence[tuple[Term, int]]) -> bool:
    """Is a number multiplied by another one, or by a large one that is written there?"""
    return any(sum(term.values()) > 1 or factor > _SEVERAL for term, factor in terms if name in term)


def _sum(parts: Iterable[list[tuple[Term, int]] | None]) -> list[tuple[Term, int]] | None:
    found: dict[tuple[tuple[str, int], ...], int] = {}
    for part in parts:
        if part is None:
            return None
        for term, factor in part:
            key = tuple(sorted(term.items()))
            found[key] = found.get(key, 0) + factor
    return [(dict(key), factor) for key, factor in found.items()] if len(found) <= _MOST_TERMS else None


def _product(
    one: list[tuple[Term, int]] | None, other: list[tuple[Term, int]] | None
) -> list[tuple[Term, int]] | None:
    if one is None or other is None or len(one) * len(other) > _MOST_TERMS**2:
        return None
    return _sum(
        [[({n: a.get(n, 0) + b.get(n, 0) for n in {**a, **b}}, p * q)] for a, p in one for b, q in other]
    )
