"""Sums of products of sizes, such as ``nx * ny - 1``: what places and lengths of arrays are computed from."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce

Atom = Hashable
Monomial = tuple[Atom, ...]
Term = tuple[Monomial, int]


@dataclass(frozen=True, slots=True)
class Polynomial:
    """An integer in terms of others.

    Attributes
    ----------
    terms
        Factors and their coefficient; the constant has no factor. None is zero.
    """

    terms: frozenset[Term]

    def __add__(self, other: "Polynomial") -> "Polynomial":
        return _collected((*self.terms, *other.terms))

    def __sub__(self, other: "Polynomial") -> "Polynomial":
        return self + other.times(-1)

    def __mul__(self, other: "Polynomial") -> "Polynomial":
        pairs = ((one, two) for one in self.terms for two in other.terms)
        return _collected((_ordered((*one[0], *two[0])), one[1] * two[1]) for one, two in pairs)

    def times(self, factor: int) -> "Polynomial":
        """The same, so many times."""
        return _collected((factors, factor * count) for factors, count in self.terms)

    @property
    def value(self) -> int | None:
        """The number, where it hangs on nothing."""
        return self.constant if all(not factors for factors, _ in self.terms) else None

    @property
    def constant(self) -> int:
        """The part that hangs on nothing."""
        return next((count for factors, count in self.terms if not factors), 0)

    @property
    def atoms(self) -> frozenset[Atom]:
        """What it is made of."""
        return frozenset(atom for factors, _ in self.terms for atom in factors)

    def substituted(self, given: Callable[[Atom], "Polynomial | None"]) -> "Polynomial | None":
        """The same with each atom replaced; None if one cannot be."""
        found = of(0)
        for factors, count in self.terms:
            parts = [given(atom) for atom in factors]
            known = [part for part in parts if part is not None]
            if len(known) < len(parts):
                return None
            found += reduce(lambda one, other: one * other, known, of(count))
        return found

    def least(self, least: Mapping[Atom, int], most: Mapping[Atom, int]) -> int | None:
        """The smallest that it may be, where that is known: products are of what is not negative."""
        total = 0
        for factors, count in self.terms:
            bounds = least if count > 0 else most
            is_positive = all(atom in bounds and least.get(atom, -1) >= 0 for atom in factors)
            if not is_positive and (len(factors) != 1 or factors[0] not in bounds):
                return None
            total += reduce(lambda one, atom: one * bounds[atom], factors, count)
        return total


def of(value: int) -> Polynomial:
    """A number."""
    return _collected([((), value)])


def atom(name: Atom) -> Polynomial:
    """One unknown."""
    return Polynomial(frozenset({((name,), 1)}))


def _ordered(factors: Monomial) -> Monomial:
    return tuple(sorted(factors, key=repr))


def _collected(parts: Iterable[tuple[Monomial, int]]) -> Polynomial:
    found: dict[Monomial, int] = {}
    for factors, count in parts:
        found[factors] = found.get(factors, 0) + count
    return Polynomial(frozenset((factors, count) for factors, count in found.items() if count))


def written(number: Polynomial) -> str:
    """As Python text, of atoms that are text: ``nx * ny + 1``."""
    parts = sorted(number.terms, key=lambda term: (term[1] < 0, not term[0], repr(term)))
    text = ""
    for factors, count in parts:
        names = [_factor(str(factor), alone=len(factors) == 1 and abs(count) == 1) for factor in factors]
        size = " * ".join([*([str(abs(count))] if abs(count) != 1 or not names else []), *names])
        sign = "-" if count < 0 else "+"
        text = f"{text} {sign} {size}" if text else f"{'-' if count < 0 else ''}{size}"
    return text or "0"


def _factor(text: str, *, alone: bool) -> str:
    plain = text.replace("_", "a").replace(".", "a").replace("[", "a").replace("]", "a").isalnum()
    plain = plain or text.startswith(("len(", "min(", "max(", "lowest_of(", "highest_of("))
    return text if plain or (alone and "//" in text) else f"({text})"
