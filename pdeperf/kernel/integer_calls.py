"""What becomes of integers from call to call, of a kernel and of the functions that it calls."""

import ast
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from pdeperf.kernel.index_functions import only_value
from pdeperf.kernel.integer_growth import Growth
from pdeperf.kernel.integer_products import ELEMENTS, USUAL, Asked, Products
from pdeperf.kernel.kinds import Kind
from pdeperf.kernel.lowering import Lowering
from pdeperf.source.scopes import FUNCTIONS, own_nodes
from pdeperf.source.walking import nodes_in

_ROUNDS = 4
_SIZED = frozenset("zeros empty ones full linspace arange range eye identity".split())


def returned_factors(
    growth: Growth, statements: Sequence[ast.stmt], given: Sequence[str]
) -> tuple[float, ...]:
    """How many times each of its arguments what a function returns may be, but for what is added."""
    results = [node.value for part in statements for node in ast.walk(part) if isinstance(node, ast.Return)]
    values = [value for value in results if value is not None]
    return tuple(_returned(growth, values, name) for name in given)


def _returned(growth: Growth, values: Sequence[ast.expr], given: str) -> float:
    times = {given: 1.0}
    for turn in range(_ROUNDS):
        found = dict(times)
        for _, name, value in growth.bound:
            found[name] = max(found.get(name, 0), growth.factor(value, times))
        if turn == _ROUNDS - 1:
            found = {name: most if most == times.get(name) else math.inf for name, most in found.items()}
        times = found
    parts = (part for value in values for part in (value.elts if isinstance(value, ast.Tuple) else [value]))
    return max((growth.factor(part, times) for part in parts), default=0)


class Called(Protocol):
    """One of the user's functions, compiled."""

    @property
    def name(self) -> str: ...
    @property
    def grows(self) -> tuple[float, ...]: ...


class Integers:
    """The integers of a kernel, or of a function that a kernel calls.

    Attributes
    ----------
    asked
        What must be asked of those that it is handed.

    Parameters
    ----------
    growth
        What becomes of them from turn to turn.
    kinds
        Of all names.
    """

    def __init__(self, growth: Growth, lowering: Lowering, kinds: Mapping[str, Kind]) -> None:
        self._growth = growth
        self._lowering = lowering
        self._kinds = kinds
        self._is_called = not lowering.leaves
        tree = lowering.module.tree
        things = lowering.module.once(numbers_of_things, tree)
        self._steady = lowering.module.once(steadily_bound, tree)
        self._things = frozenset(name for name in kinds if {name, self._last(name)} & things)
        bound: dict[str, list[ast.expr]] = {}
        for _, name, value in growth.bound:
            bound.setdefault(name, []).append(value)
        self._bound = bound
        self._counters = frozenset(
            part.id
            for one in growth.statements
            for node in ast.walk(one)
            if isinstance(node, ast.For)
            for part in ast.walk(node.target)
            if isinstance(part, ast.Name)
        )
        self._large: list[ast.AST] = []
        self.asked = tuple(self._asked())

    def problems(self) -> Iterator[tuple[ast.AST, str]]:
        """Where an integer may outgrow 64 bits, and which."""
        yield from self._growth.problems()
        for node in self._large:
            yield node, f"the integer `{ast.unparse(node)[:40]}` may outgrow 64 bits"

    def _asked(self) -> Iterator[Asked]:
        limits = {Asked(name, "{}", limit) for name, limit in self._growth.needed.items()}
        if not (self._is_called and only_value(self._growth.statements) is not None):  # else written out
            for found in self._products().asked(self._multiplied()):
                if isinstance(found, Asked):
                    limits.add(found)
                else:
                    self._large.append(found)
        limits.update(self._asked_across())
        least: dict[tuple[str, str], Asked] = {}
        for one in sorted(limits, key=lambda one: (one.name, one.form, one.limit)):
            least.setdefault((one.name, one.form), one)
        yield from least.values()

    def _products(self) -> Products:
        growth = self._growth
        return Products(
            growth.statements,
            growth.kind,
            growth.value,
            growth.below,
            self._bound,
            self._things,
            self._is_handed,
        )

    def _is_handed(self, name: str) -> bool:
        """Is it a number or a list that a kernel gets, and that can be looked at before it is called?"""
        own = name in self._counters or name in self._bound or name in self._lowering.tables
        return not (self._is_called or own)

    def _multiplied(self) -> list[ast.BinOp]:
        """Products of which the value counts, not a place or a number of turns."""
        growth, places = self._growth, self._places()
        return [
            node
            for node in growth.operations()
            if isinstance(node.op, ast.Mult | ast.Pow)
            and id(node) not in growth.masked
            and id(node) not in places
            and growth.kind(node).base == "int"
        ]

    def _places(self) -> frozenset[int]:
        """Identities of all that stands in places, in ranges, and in what names are bound to that do."""
        every = [node for one in self._growth.statements for node in ast.walk(one)]
        found: set[int] = set()
        for node in every:
            if isinstance(node, ast.Subscript):
                found.update(id(part) for part in ast.walk(node.slice))
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
                found.update(id(part) for end in node.args for part in ast.walk(end))
        loads: dict[str, list[int]] = {}
        for node in every:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                loads.setdefault(node.id, []).append(id(node))
        bound = [(name, value) for name, values in self._bound.items() for value in values]
        is_more = True
        while is_more:
            is_more = False
            for name, value in bound:
                if id(value) not in found and loads.get(name) and found.issuperset(loads[name]):
                    found.update(id(part) for part in ast.walk(value))
                    is_more = True
        return frozenset(found)

    def _asked_across(self) -> Iterator[Asked]:
        """Integers that the call before may have made larger, where they are added up or multiplied."""
        numbers = {
            name: 1.0
            for name, kind in self._kinds.items()
            if self._is_whole(kind)
            and name not in self._things | self._counters | self._lowering.tables.keys()
        }
        if self._is_called:
            sources = self._lowering.sources
            numbers = {
                name: 1.0 for name in numbers if name in sources and self._last(name) not in self._steady
            }
        for node, name, value in self._growth.bound:
            if name in self._counters or self._growth.factor(value, numbers) <= 1:
                continue
            if self._is_called:
                if name in numbers:
                    self._large.append(node)
                continue
            for part in ast.walk(value):
                if (
                    isinstance(part, ast.Name)
                    and part.id in numbers
                    and part.id not in self._bound_lists(name)
                ):
                    yield from self._asked_of(part.id)

    def _bound_lists(self, name: str) -> tuple[str, ...]:
        return (name,) if self._kinds[name].base == "list" else ()

    def _asked_of(self, name: str) -> Iterator[Asked]:
        kind = self._kinds[name]
        if kind.base == "int":
            yield Asked(name, "{}", USUAL)
        elif kind.ndim == 1:
            yield Asked(name, ELEMENTS, USUAL)
        elif kind.ndim == 2:
            yield Asked(name, "max((abs(x) for row in {} for x in row), default=0)", USUAL)

    def _is_whole(self, kind: Kind) -> bool:
        return kind.base == "int" or (kind.base == "list" and kind.dtype == "int64")

    def _last(self, name: str) -> str:
        """The attribute that a name of a kernel stands for."""
        return self._lowering.sources.get(name, name).rpartition(".")[2]


def numbers_of_things(tree: ast.AST) -> frozenset[str]:
    """Names and attributes that count turns of loops or elements of arrays, or say how many there are."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.For(
                target=ast.Tuple(elts=[ast.Name(id=name), _]), iter=ast.Call(func=ast.Name("enumerate"))
            ):
                found.add(name)
            case ast.For(target=target, iter=ast.Call(func=ast.Name(id="range"), args=ends), body=body):
                found |= _names(target)
                if not any(
                    isinstance(part, ast.Break | ast.Return) for one in body for part in nodes_in(one)
                ):
                    found.update(*map(_names, ends))
            case ast.comprehension(iter=ast.Call(func=ast.Name(id="range"), args=ends)):
                found.update(*map(_names, ends))
            case ast.Call(func=ast.Attribute(attr=name), args=[*args]) if name in _SIZED and args:
                found |= _names(args[-1] if name == "linspace" else args[0])
            case ast.BinOp(left=ast.List(), op=ast.Mult(), right=count):
                found |= _names(count)
            case ast.Assign(targets=[target], value=value) if _is_size(value):
                found |= _names(target)
    return frozenset(found)


def _is_size(node: ast.expr) -> bool:
    match node:
        case ast.Attribute(attr="shape" | "size") | ast.Subscript(value=ast.Attribute(attr="shape")):
            return True
        case ast.Call(func=ast.Name(id="len")):
            return True
    return False


def _names(node: ast.expr) -> set[str]:
    """Names and attributes in sums and products."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return {name}
        case ast.Tuple(elts=parts):
            return set().union(*map(_names, parts))
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult(), right=right):
            return _names(left) | _names(right)
    return set()


def steadily_bound(tree: ast.AST) -> frozenset[str]:
    """Attributes that are bound where an object is made, or to numbers that are written there."""
    steady: set[str] = set()
    others: set[str] = set()
    for home in ast.walk(tree):
        if isinstance(home, (*FUNCTIONS, ast.Module)):
            for node in own_nodes(home):
                match node:
                    case ast.Assign(targets=targets, value=value):
                        is_fixed = isinstance(value, ast.Constant) or getattr(home, "name", "") == "__init__"
                        for target in targets:
                            (steady if is_fixed else others).update(_attributes(target))
                    case ast.AugAssign(target=target):
                        others |= _attributes(target)
    return frozenset(steady - others)


def _attributes(target: ast.expr) -> set[str]:
    return {part.attr for part in ast.walk(target) if isinstance(part, ast.Attribute)}
