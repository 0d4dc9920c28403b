"""Sizes and bounds that are known only as expressions: ``u.shape[0] - 2``."""

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import gcd


@dataclass(frozen=True, slots=True)
class Size:
    """An integer that is linear in named integers.

    Attributes
    ----------
    const
        The constant term.
    terms
        ``(symbol, coefficient)`` in alphabetical order; a symbol is Python text, ``u.shape[0]``.
    """

    const: int = 0
    terms: tuple[tuple[str, int], ...] = ()

    @classmethod
    def of(cls, symbol: str) -> "Size":
        """The size that a symbol names."""
        return cls(0, ((symbol, 1),))

    @property
    def is_const(self) -> bool:
        """Is it a plain number?"""
        return not self.terms

    @property
    def symbols(self) -> tuple[str, ...]:
        """Names in it."""
        return tuple(symbol for symbol, _ in self.terms)

    def __add__(self, other: "Size | int") -> "Size":
        if isinstance(other, int):
            return Size(self.const + other, self.terms)
        if not other.terms:
            return Size(self.const + other.const, self.terms)
        sums = dict(self.terms)
        for symbol, factor in other.terms:
            sums[symbol] = sums.get(symbol, 0) + factor
        kept = tuple(sorted((symbol, factor) for symbol, factor in sums.items() if factor))
        return Size(self.const + other.const, kept)

    def __mul__(self, factor: int) -> "Size":
        if not factor:
            return Size()
        if factor == 1:
            return self
        return Size(self.const * factor, tuple((symbol, each * factor) for symbol, each in self.terms))

    def __sub__(self, other: "Size | int") -> "Size":
        return self + (-other if isinstance(other, int) else other * -1)

    def put(self, symbol: str, value: "Size") -> "Size":
        """With a symbol replaced."""
        factor = dict(self.terms).get(symbol, 0)
        return self if not factor else self - Size.of(symbol) * factor + value * factor

    def at(self, values: Mapping[str, int]) -> int | None:
        """Its value; None when a symbol's value is unknown."""
        if any(symbol not in values for symbol in self.symbols):
            return None
        return self.const + sum(values[symbol] * factor for symbol, factor in self.terms)

    def __str__(self) -> str:
        text = ""
        for symbol, factor in sorted(self.terms, key=lambda term: term[1] < 0):
            sign = "-" if factor < 0 else "+"
            size = symbol if abs(factor) == 1 else f"{abs(factor)} * {symbol}"
            text += f" {sign} {size}" if text else (size if factor > 0 else f"-{size}")
        if not text:
            return str(self.const)
        return text + (f" {'-' if self.const < 0 else '+'} {abs(self.const)}" if self.const else "")


ONE = Size(1)


Relied = tuple[dict[str, Size], dict[str, None], dict[str, int]]
"""What is relied on: sizes in terms of others, conditions, least values."""


@lru_cache(maxsize=10_000)
def roots(text: str) -> frozenset[str]:
    """Names and paths in a symbol or a condition: of ``self.u.shape[0]`` also ``self`` and ``self.u``."""
    every = ast.walk(ast.parse(text))
    return frozenset(ast.unparse(node) for node in every if isinstance(node, ast.Name | ast.Attribute))


@lru_cache(maxsize=10_000)
def names_of(text: str) -> frozenset[str]:
    """Names in an expression or a condition."""
    return frozenset(node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name))


def holders(symbol: str) -> frozenset[str]:
    """The arrays whose sizes a symbol names, and the numbers in it."""
    array, shape, _ = symbol.partition(".shape[")
    if shape and array.replace(".", "").isidentifier():
        return frozenset((array,))
    return names_of(symbol)


class Unequal(Exception):  # noqa: N818 - a reason, not a fault
    """Two sizes that must agree do not, or cannot be shown to."""


class Sizes:
    """What is known about the sizes of one region: which must be equal, and what was seen.

    Parameters
    ----------
    seen
        Values that symbols had when the script ran.

    Attributes
    ----------
    ranges
        Least and greatest value of loop counters.
    late
        Names whose arrays or numbers come about while the region runs: what holds of their sizes is
        known where it is checked, and only there.
    made_late
        May some paths be None, or not be there, where the region begins? Other sizes are preferred.
    stale
        Other names whose sizes are only known in terms of such ones.
    """

    def __init__(self, seen: Mapping[str, int]) -> None:
        self._seen = dict(seen)
        self._same: dict[str, Size] = {}
        self._least: dict[str, int] = {}
        self.ranges: dict[str, tuple[Size, Size]] = {}
        self._checks: dict[str, None] = {}
        self.late: frozenset[str] = frozenset()
        self.made_late: Callable[[frozenset[str]], bool] = lambda paths: False
        self.stale: set[str] = set()

    @property
    def checks(self) -> tuple[str, ...]:
        """Conditions that must hold when the region is entered, as Python text."""
        least = (f"{symbol} >= {number}" for symbol, number in self._least.items() if number > 0)
        return (*self._checks, *least)

    def note(self, symbol: str, value: int) -> None:
        """A symbol's value in the observed run."""
        self._seen.setdefault(symbol, value)

    @property
    def seen(self) -> Mapping[str, int]:
        """Values that symbols had when the script ran."""
        return self._seen

    def saved(self) -> Relied:
        """What is relied on so far, for :meth:`restore`."""
        return dict(self._same), dict(self._checks), dict(self._least)

    def restore(self, saved: Relied) -> None:
        """Rely on what was saved, and on nothing else."""
        self._same, self._checks, self._least = dict(saved[0]), dict(saved[1]), dict(saved[2])

    def left_late(self) -> tuple[str, ...]:
        """Conditions on late sizes that are relied on here; they are forgotten."""

        def is_late(text: str) -> bool:
            return bool(roots(text) & self.late)

        found = tuple(text for text in self.checks if is_late(text))
        plain = {symbol: self.plain(size) for symbol, size in self._same.items()}
        for symbol, size in plain.items():
            if is_late(symbol) or any(is_late(other) for other in size.symbols):
                del self._same[symbol]
                self.stale |= holders(symbol) - self.late
            else:
                self._same[symbol] = size
        self._checks = {text: None for text in self._checks if not is_late(text)}
        self._least = {symbol: least for symbol, least in self._least.items() if not is_late(symbol)}
        return found

    def plain(self, size: Size) -> Size:
        """In terms of as few symbols as are known to be needed."""
        while True:
            known = next((symbol for symbol in size.symbols if symbol in self._same), None)
            if known is None:
                return size
            size = size.put(known, self._same[known])

    def value(self, size: Size) -> int | None:
        """What it was when the script ran."""
        return self.plain(size).at(self._seen)

    def equal(self, one: Size, other: Size) -> bool:
        """Are they equal whatever the symbols are, as far as is known?"""
        return self.plain(one - other) == Size()

    def keep_late(self, name: str, shape: Iterable["Size"]) -> None:
        """Raise Unequal where a name whose sizes are late gets others: one symbol cannot stand for both."""
        for axis, size in enumerate(shape):
            if name in self.late and not self.equal(Size.of(f"{name}.shape[{axis}]"), size):
                raise Unequal(f"`{name}` gets another size where it stands")

    def is_one(self, size: Size) -> bool:
        """Was it always 1, so that NumPy broadcasts it? Then that is checked on entry."""
        size = self.plain(size)
        if size.is_const:
            return size.const == 1
        if size.at(self._seen) != 1:
            return False
        self.require_equal(size, ONE)
        return True

    def require(self, check: str) -> None:
        """Rely on a condition, as Python text, that held when the script ran."""
        self._checks[check] = None

    def define(self, symbol: str, size: Size) -> None:
        """A symbol stands for a size from here on."""
        size = self.plain(size)
        if symbol not in size.symbols:
            if symbol in self._same and self._same[symbol] != size:
                raise Unequal(f"{symbol} changes")
            self._same[symbol] = size
            if (value := size.at(self._seen)) is not None:
                self._seen[symbol] = value

    def forget(self, symbol: str) -> None:
        """A symbol stands for several sizes: it says nothing any more."""
        self._same.pop(symbol, None)

    def require_equal(self, one: Size, other: Size) -> None:
        """Take two sizes for equal from here on, checked on entry.

        Raises
        ------
        Unequal
            If they are known to differ, or differed when the script ran.
        """
        rest = self.plain(one - other)
        if rest == Size():
            return
        if rest.is_const:
            raise Unequal(f"{one} is not {other}")
        value = rest.at(self._seen)
        if value is None:
            raise Unequal(f"whether {one} is {other} was not seen")
        if value != 0:
            raise Unequal(f"{one} was not {other}")
        common = gcd(*(factor for _, factor in rest.terms))
        if rest.const % common == 0:
            rest = Size(
                rest.const // common, tuple((symbol, factor // common) for symbol, factor in rest.terms)
            )
        single = [(symbol, factor) for symbol, factor in rest.terms if abs(factor) == 1]
        if not single:
            raise Unequal(f"whether {one} is {other} is not simple enough")
        # Prefer to do away with an array's own size for a number that the user named.
        symbol, factor = max(
            single,
            key=lambda term: (
                self.made_late(roots(term[0])),
                bool(roots(term[0]) & self.late),
                ".shape[" in term[0],
                term[0],
            ),
        )
        value_of = (rest - Size.of(symbol) * factor) * (-factor)
        self._checks[f"{symbol} == {value_of}"] = None
        self._same[symbol] = value_of

    def is_at_most(self, one: Size, other: Size) -> bool:
        """Is ``one <= other`` whatever the symbols are, as far as is checked on entry?"""
        rest = self.plain(other - one)
        least: dict[str, int] = {}
        for symbol, number in self._least.items():
            same = self.plain(Size.of(symbol))
            if len(same.terms) == 1 and same.terms[0][1] == 1:
                least[same.terms[0][0]] = max(least.get(same.terms[0][0], 0), number - same.const)
        if any(f < 0 or not (".shape[" in s or s in least) for s, f in rest.terms):
            return False
        return rest.const + sum(least.get(symbol, 0) * factor for symbol, factor in rest.terms) >= 0

    def _lowest(self, size: Size) -> Size:
        """With every loop counter where it makes the size smallest."""
        for symbol, factor in size.terms:
            if symbol in self.ranges:
                low, high = self.ranges[symbol]
                return self._lowest(self.plain(size.put(symbol, low if factor > 0 else high)))
        return size

    def require_at_least(self, one: Size, other: Size) -> None:
        """Rely on ``one >= other``, checked on entry unless it always holds.

        Raises
        ------
        Unequal
            If it did not hold when the script ran, or was not seen.
        """
        rest = self._lowest(self.plain(one - other))
        if rest.is_const:
            if rest.const < 0:
                raise Unequal(f"{one} is less than {other}")
            return
        if rest.const >= 0 and all(f > 0 and ".shape[" in s for s, f in rest.terms):
            return
        value = rest.at(self._seen)
        if value is None or value < 0:
            raise Unequal(f"{one} was less than {other}, or was not seen")
        if len(rest.terms) == 1 and rest.terms[0][1] == 1:
            symbol = rest.terms[0][0]
            self._least[symbol] = max(self._least.get(symbol, 0), -rest.const)
            return
        positive = Size(max(rest.const, 0), tuple(term for term in rest.terms if term[1] > 0))
        self._checks[f"{positive} >= {positive - rest}"] = None
