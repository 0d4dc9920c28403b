"""Which integers may outgrow 64 bits, which Python's never do and compiled ones do without a word.

A counter, a sum of sizes or of products of them stays far below 2**63. What is multiplied from turn to
turn does not, nor what is added to itself, ``a, b = b, a + b``, unless a remainder keeps it small. Under a
remainder by a power of two, wrapped integers even have the right low bits:
``seed = (1103515245 * seed + 12345) % 2**31``.
"""

import ast
import math
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, repeat

from pdeperf.kernel.integer_constants import LIMIT, integer_of
from pdeperf.kernel.integer_forms import is_between, loaded, multiplies, stops, walked
from pdeperf.kernel.kinds import Kind
from pdeperf.kernel.list_making import assigned

_USUAL = 2**31
"""Numbers that nothing is known of: counters and sizes stay below."""
_LARGE = 2**32
"""A number that hardly a loop adds so often that it does not fit."""
_RING = (ast.Add, ast.Sub, ast.Mult, ast.BitAnd, ast.BitOr, ast.BitXor)
_KEEP = frozenset("abs max min int".split())


class Growth:
    """What becomes of the integers of some statements from turn to turn.

    Parameters
    ----------
    statements
        Lowered ones.
    kind
        The kind of an expression.
    constants
        Integers that names stand for, for good.
    grows
        For functions of the user's, how many times each argument what they return may be.
    """

    def __init__(
        self,
        statements: Sequence[ast.stmt],
        kind: Callable[[ast.expr], Kind],
        constants: Mapping[str, int],
        grows: Mapping[str, Sequence[float]] = types.MappingProxyType({}),
    ) -> None:
        self.statements = statements
        self.kind = kind
        self._constants = constants
        self._grows = grows

    @cached_property
    def bound(self) -> list[tuple[ast.stmt, str, ast.expr]]:
        """Every integer that the statements bind, and what to."""
        return [found for part in self.statements for node in ast.walk(part) for found in self._binds(node)]

    def _binds(self, node: ast.AST) -> Iterator[tuple[ast.stmt, str, ast.expr]]:
        match node:
            case ast.Assign():
                for target, value in assigned(node):
                    if value is not None and (name := self._name(target)):
                        yield node, name, value
            case ast.AugAssign(target=target, op=op, value=value) if name := self._name(target):
                changed = ast.BinOp(loaded(target), op, value)
                yield node, name, ast.copy_location(changed, node)
            case ast.For(target=target, iter=source):
                for part, whole in walked(target, source):
                    if name := self._name(part):
                        element = ast.Subscript(whole, ast.Constant(0), ast.Load())
                        yield node, name, ast.copy_location(element, node)

    @cached_property
    def masked(self) -> frozenset[int]:
        """Identities of the operations of which only low bits count: they may wrap."""
        found: set[int] = set()
        for node in self.operations():
            if inner := self._under_mask(node):
                found.update(id(part) for part in ast.walk(inner))
        return frozenset(found)

    @cached_property
    def limits(self) -> dict[str, int]:
        """Names that start small: less than this, either side of zero."""
        low: dict[str, list[int]] = {}
        for _, name, value in self.bound:
            low.setdefault(name, []).append(self.below(value))
        return {name: max(given) for name, given in low.items() if all(given)}

    @property
    def needed(self) -> dict[str, int]:
        """Limits that the products under remainders rest on."""
        found: set[str] = set()
        for node in self.operations():
            if self._divisor(node) and not self._under_mask(node):
                found |= {name for name in self.limits if self.factor(node.left, {name: 1}) > 1}
        return {name: self.limits[name] for name in sorted(found)}

    def problems(self) -> Iterator[tuple[ast.AST, str]]:
        """Where an integer may outgrow 64 bits, and which."""
        sources = {name: set[str]() for _, name, _ in self.bound}
        for _, name, value in self.bound:
            sources[name] |= {one for one in sources if self.factor(value, {one: 1}) > 0}
        reached = {name: _closure(name, sources) for name in sources}
        for node, name, value in self.bound:
            turning = {one: 1.0 for one in reached[name] if name in reached[one]}
            factor = self.factor(value, turning) if turning else 0
            doubles = factor > 1 and not self._is_stopped(node, name, turning)
            if doubles or (factor == 1 and self._adds_large(value)):
                yield node, f"the integer `{name}` may outgrow 64 bits, which Python's never do"
        for operation in self.operations():
            written = self.value(operation)
            if written is not None and abs(written) >= LIMIT:
                yield operation, f"`{ast.unparse(operation)}` does not fit in 64 bits"
            elif written is None and id(operation) not in self.masked and self._has_large(operation):
                yield operation, f"the integer `{ast.unparse(operation)[:40]}` may outgrow 64 bits"
        for part in self.statements:
            for one in ast.walk(part):
                if isinstance(one, ast.Constant) and type(one.value) is int and abs(one.value) >= LIMIT:
                    yield one, f"`{one.value}` does not fit in 64 bits"

    def value(self, node: ast.expr) -> int | None:
        """The integer that an expression stands for whatever happens."""
        return integer_of(node, self._constants)

    # ---- expressions

    def operations(self) -> Iterator[ast.BinOp]:
        for part in self.statements:
            for node in ast.walk(part):
                if isinstance(node, ast.BinOp):
                    yield node
        for statement, _, value in self.bound:
            if isinstance(statement, ast.AugAssign) and isinstance(value, ast.BinOp):
                yield value

    def _name(self, target: ast.expr) -> str:
        """The name of an integer that is bound, or of the list of integers that it is put into."""
        if self.kind(loaded(target)).base != "int":
            return ""
        while isinstance(target, ast.Subscript):
            target = target.value
        return target.id if isinstance(target, ast.Name) else ""

    def _divisor(self, node: ast.BinOp) -> int:
        """The number, known and positive, that a remainder is less than."""
        value = self.value(node.right) if isinstance(node.op, ast.Mod) else None
        return value if value is not None and 0 < value < LIMIT else 0

    def _mask(self, node: ast.BinOp) -> int:
        """What ``& mask`` makes numbers less than."""
        if isinstance(node.op, ast.BitAnd):
            for side in (node.left, node.right):
                value = self.value(side)
                if value is not None and 0 <= value < LIMIT:
                    return value + 1
        return 0

    def _under_mask(self, node: ast.BinOp) -> ast.expr | None:
        """What is computed bit by bit and cut to its low bits, if this cuts it."""
        limit = self._divisor(node) or self._mask(node)
        if not limit or limit & (limit - 1):
            return None
        is_first = isinstance(node.op, ast.BitAnd) and self.value(node.left) is not None
        inner = node.right if is_first else node.left
        return inner if self._is_ring(inner) else None

    def _is_ring(self, node: ast.expr) -> bool:
        value = self.value(node)
        if value is not None:
            return abs(value) < LIMIT
        match node:
            case ast.Name():
                return self.kind(node).base == "int"
            case ast.UnaryOp(op=ast.USub() | ast.Invert() | ast.UAdd(), operand=operand):
                return self._is_ring(operand)
            case ast.BinOp(left=left, op=ast.LShift(), right=right):
                shift = self.value(right)
                return shift is not None and 0 <= shift < 64 and self._is_ring(left)
            case ast.BinOp(left=left, op=op, right=right) if isinstance(op, _RING):
                return self._is_ring(left) and self._is_ring(right)
            case ast.BinOp() if limit := self.below(node):
                return limit <= LIMIT
            case ast.BinOp(left=left, op=ast.RShift()):  # exact, as nothing below has wrapped
                return self.kind(left).base == "int" and not multiplies(left)
            case ast.Subscript():
                return self.kind(node).base == "int"
        return False

    def below(self, node: ast.expr) -> int:
        """What a number is less than, either side of zero; 0 where nothing bounds it."""
        value = self.value(node)
        if value is not None:
            return abs(value) + 1
        return (self._divisor(node) or self._mask(node)) if isinstance(node, ast.BinOp) else 0

    def _most(self, node: ast.expr) -> float:
        """What the absolute value of an integer stays below."""
        value = self.value(node)
        if value is not None:
            return abs(value) + 1
        match node:
            case ast.Name(id=name):
                return self.limits.get(name, _USUAL)
            case ast.BinOp() if limit := self.below(node):
                return limit
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                return self._most(left) * self._most(right)
            case ast.BinOp(left=left, op=ast.FloorDiv() | ast.RShift()):
                return self._most(left)
            case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int() as power)):
                return self._most(left) ** min(max(power, 1), 64)
            case ast.BinOp(left=left, right=right):
                return self._most(left) + self._most(right)
            case ast.UnaryOp(operand=operand):
                return self._most(operand)
        return _USUAL

    def _adds_large(self, node: ast.expr) -> bool:
        """Is a number added that some turns of a loop make larger than 64 bits?"""
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
            return any(map(self._adds_large, (node.left, node.right)))
        return abs(self.value(node) or 0) >= _LARGE

    def _has_large(self, node: ast.BinOp) -> bool:
        """Is it a product with a number so large that counters times it do not fit?"""
        if not isinstance(node.op, ast.Mult) or self.kind(node).base != "int":
            return False
        values = [self.value(side) for side in (node.left, node.right)]
        is_large = any(value is not None and abs(value) >= _USUAL for value in values)
        return is_large and self._most(node) >= LIMIT

    def factor(self, node: ast.expr, names: Mapping[str, float]) -> float:
        """How many times the largest of some integers an expression may be, but for what is added.

        Each name stands for so many times the largest as is said of it.
        """
        if self.value(node) is not None or self.kind(node).base not in ("int", "bool", "npint", ""):
            return 0
        match node:
            case ast.Name(id=name):
                return names.get(name, 0)
            case ast.UnaryOp(op=ast.Not()) | ast.Compare():
                return 0
            case ast.UnaryOp(operand=operand):
                return self.factor(operand, names)
            case ast.IfExp(body=body, orelse=orelse):
                return max(self.factor(body, names), self.factor(orelse, names))
            case ast.BoolOp(values=values):
                return max(self.factor(value, names) for value in values)
            case ast.BinOp():
                return self._of_operation(node, names)
            case ast.Subscript(value=base):
                while isinstance(base, ast.Subscript):
                    base = base.value
                is_list = isinstance(base, ast.Name) and self.kind(base).base == "list"
                return names.get(base.id, 0) if is_list and isinstance(base, ast.Name) else 0
            case ast.Call(func=ast.Name(id="sum" | "min" | "max" as name), args=[ast.Name(id=whole) as base]):
                is_in = self.kind(base).base == "list" and whole in names
                return (math.inf if name == "sum" else 1.0) if is_in else 0
            case ast.Call(func=ast.Name(id=name), args=args) if name in _KEEP and not self._of_floats(args):
                return max((self.factor(part, names) for part in args), default=0)
            case ast.Call(func=ast.Name(id=name), args=args) if name in self._grows:
                given = zip(chain(self._grows[name], repeat(math.inf)), args, strict=False)
                return sum(_times(times, self._of_argument(part, names)) for times, part in given)
            case ast.Call(
                func=ast.Name(id="int" | "round") | ast.Attribute(attr="floor" | "ceil" | "trunc"),
                args=[number],
            ):
                return self._float_factor(number, names)
        return 0

    def _of_argument(self, node: ast.expr, names: Mapping[str, float]) -> float:
        is_list = isinstance(node, ast.Name) and self.kind(node).base == "list"
        return names.get(node.id, 0) if is_list and isinstance(node, ast.Name) else self.factor(node, names)

    def _of_floats(self, args: Sequence[ast.expr]) -> bool:
        return any(self.kind(part).base not in ("int", "bool", "npint", "") for part in args)

    def _float_factor(self, node: ast.expr, names: Mapping[str, float]) -> float:
        """The same of a float that is computed from integers, ``k * 1.5``."""
        if self.kind(node).base == "int":
            return self.factor(node, names)
        match node:
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
                return self._float_factor(left, names) + self._float_factor(right, names)
            case (
                ast.BinOp(left=ast.Constant(value=int() | float() as by), op=ast.Mult(), right=inner)
                | ast.BinOp(left=inner, op=ast.Mult(), right=ast.Constant(value=int() | float() as by))
            ):
                return _times(abs(by), self._float_factor(inner, names))
            case ast.BinOp(left=left, op=ast.Div(), right=ast.Constant(value=int() | float() as by)) if by:
                return self._float_factor(left, names) / abs(by)
            case ast.BinOp(left=left, right=right):
                return math.inf if self._float_factor(left, names) or self._float_factor(right, names) else 0
            case ast.UnaryOp(operand=operand):
                return self._float_factor(operand, names)
            case ast.Call(args=args):
                return max((self._float_factor(part, names) for part in args), default=0)
        return 0

    def _of_operation(self, node: ast.BinOp, names: Mapping[str, float]) -> float:
        left, right = self.factor(node.left, names), self.factor(node.right, names)
        if self._under_mask(node) is not None:
            return 0
        match node.op:
            case ast.Add() | ast.Sub():
                return max(left, right) if is_between(node) else left + right
            case ast.Mult():
                for one, other in ((node.left, right), (node.right, left)):
                    value = self.value(one)
                    if value is not None:
                        return abs(value) * other
                return math.inf if left or right else 0
            case ast.FloorDiv() | ast.RShift():
                value = self.value(node.right) or 0
                by = abs(value) if isinstance(node.op, ast.FloorDiv) else 1 << min(max(value, 0), 64)
                return left / max(by, 1)
            case ast.Mod():
                if limit := self._divisor(node):
                    fits = limit and self._most(node.left) < LIMIT
                    return 0 if fits or left <= 2 else left
                return right if left <= 2 else left
            case ast.BitAnd():
                return 0 if self._mask(node) and left <= 2 and right <= 2 else max(left, right)
            case ast.BitOr() | ast.BitXor():
                return max(left, right)
        return math.inf if left or right else 0  # powers, shifts

    def _is_stopped(self, node: ast.stmt, name: str, turning: Mapping[str, float]) -> bool:
        """Does the loop end as soon as a number is large: ``while k < n: k *= 2``?"""
        if turning.keys() != {name}:
            return False
        for part in self.statements:
            for loop in ast.walk(part):
                if isinstance(loop, ast.While) and node in loop.body:
                    others = [one for one, bound, _ in self.bound if bound == name and one is not node]
                    inside = {id(one) for one in ast.walk(loop)}
                    value = next(value for one, bound, value in self.bound if one is node and bound == name)
                    slow = self.factor(value, turning) <= 16
                    return slow and stops(loop.test, name) and not any(id(one) in inside for one in others)
        return False


def _times(one: float, other: float) -> float:
    return one * other if one and other else 0


def _closure(name: str, sources: Mapping[str, set[str]]) -> frozenset[str]:
    """Names that a name is computed from, through any others."""
    found, waiting = set[str](), [*sources[name]]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += sources[one]
    return frozenset(found)
