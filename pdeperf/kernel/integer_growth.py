"""Which integers may outgrow 64 bits, which Python's never do and compiled ones do without a word.

A counter, a sum of sizes or of products of them stays far below 2**63. What is multiplied from turn to
turn does not, nor what is added to itself, ``a, b = b, a + b``, unless a remainder keeps it small. Under a
remainder by a power of two, wrapped integers even have the right low bits:
``seed = (1103515245 * seed + 12345) % 2**31``.
"""

import ast
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

from pdeperf.kernel.integer_constants import LIMIT, integer_of
from pdeperf.kernel.kinds import Kind
from pdeperf.kernel.list_making import assigned

_USUAL = 2**31
"""Numbers that nothing is known of: counters and sizes stay below."""
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
    """

    def __init__(
        self, statements: Sequence[ast.stmt], kind: Callable[[ast.expr], Kind], constants: Mapping[str, int]
    ) -> None:
        self._statements = statements
        self._kind = kind
        self._constants = constants

    @cached_property
    def _bound(self) -> list[tuple[ast.stmt, str, ast.expr]]:
        """Every integer that the statements bind, and what to."""
        return [found for part in self._statements for node in ast.walk(part) for found in self._binds(node)]

    def _binds(self, node: ast.AST) -> Iterator[tuple[ast.stmt, str, ast.expr]]:
        match node:
            case ast.Assign():
                for target, value in assigned(node):
                    if value is not None and (name := self._name(target)):
                        yield node, name, value
            case ast.AugAssign(target=target, op=op, value=value) if name := self._name(target):
                loaded = _loaded(target)
                yield node, name, ast.copy_location(ast.BinOp(loaded, op, value), node)
            case ast.For(target=target, iter=source):
                for part, whole in _walked(target, source):
                    if name := self._name(part):
                        element = ast.Subscript(whole, ast.Constant(0), ast.Load())
                        yield node, name, ast.copy_location(element, node)

    @cached_property
    def masked(self) -> frozenset[int]:
        """Identities of the operations of which only low bits count: they may wrap."""
        found: set[int] = set()
        for node in self._operations():
            if inner := self._under_mask(node):
                found.update(id(part) for part in ast.walk(inner))
        return frozenset(found)

    @cached_property
    def limits(self) -> dict[str, int]:
        """Names that start small: less than this, either side of zero."""
        low: dict[str, list[int]] = {}
        for _, name, value in self._bound:
            low.setdefault(name, []).append(self._remainder(value))
        return {name: max(given) for name, given in low.items() if all(given)}

    @property
    def needed(self) -> dict[str, int]:
        """Limits that the products under remainders rest on."""
        found: set[str] = set()
        for node in self._operations():
            if self._divisor(node) and not self._under_mask(node):
                found |= {name for name in self.limits if self._factor(node.left, frozenset((name,))) > 1}
        return {name: self.limits[name] for name in sorted(found)}

    def problems(self) -> Iterator[tuple[ast.AST, str]]:
        """Where an integer may outgrow 64 bits, and which."""
        sources = {name: set[str]() for _, name, _ in self._bound}
        for _, name, value in self._bound:
            sources[name] |= {one for one in sources if self._factor(value, frozenset((one,))) > 0}
        reached = {name: _closure(name, sources) for name in sources}
        for node, name, value in self._bound:
            turning = frozenset(one for one in reached[name] if name in reached[one])
            if turning and self._factor(value, turning) > 1 and not self._is_stopped(node, name, turning):
                yield node, f"the integer `{name}` may outgrow 64 bits, which Python's never do"
        for operation in self._operations():
            written = self.value(operation)
            if written is not None and abs(written) >= LIMIT:
                yield operation, f"`{ast.unparse(operation)}` does not fit in 64 bits"
            elif written is None and id(operation) not in self.masked and self._has_large(operation):
                yield operation, f"the integer `{ast.unparse(operation)[:40]}` may outgrow 64 bits"
        for part in self._statements:
            for one in ast.walk(part):
                if isinstance(one, ast.Constant) and type(one.value) is int and abs(one.value) >= LIMIT:
                    yield one, f"`{one.value}` does not fit in 64 bits"

    def value(self, node: ast.expr) -> int | None:
        """The integer that an expression stands for whatever happens."""
        return integer_of(node, self._constants)

    # ---- expressions

    def _operations(self) -> Iterator[ast.BinOp]:
        for part in self._statements:
            for node in ast.walk(part):
                if isinstance(node, ast.BinOp):
                    yield node
        for statement, _, value in self._bound:
            if isinstance(statement, ast.AugAssign) and isinstance(value, ast.BinOp):
                yield value

    def _name(self, target: ast.expr) -> str:
        """The name of an integer that is bound, or of the list of integers that it is put into."""
        if self._kind(_loaded(target)).base != "int":
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
                return self._kind(node).base == "int"
            case ast.UnaryOp(op=ast.USub() | ast.Invert() | ast.UAdd(), operand=operand):
                return self._is_ring(operand)
            case ast.BinOp(left=left, op=ast.LShift(), right=right):
                shift = self.value(right)
                return shift is not None and 0 <= shift < 64 and self._is_ring(left)
            case ast.BinOp(left=left, op=op, right=right) if isinstance(op, _RING):
                return self._is_ring(left) and self._is_ring(right)
            case ast.BinOp() if limit := self._remainder(node):
                return limit <= LIMIT
            case ast.BinOp(left=left, op=ast.RShift()):  # exact, as nothing below has wrapped
                return self._kind(left).base == "int" and not _multiplies(left)
            case ast.Subscript():
                return self._kind(node).base == "int"
        return False

    def _remainder(self, node: ast.expr) -> int:
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
            case ast.BinOp() if limit := self._remainder(node):
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

    def _has_large(self, node: ast.BinOp) -> bool:
        """Is it a product with a number so large that counters times it do not fit?"""
        if not isinstance(node.op, ast.Mult) or self._kind(node).base != "int":
            return False
        values = [self.value(side) for side in (node.left, node.right)]
        is_large = any(value is not None and abs(value) >= _USUAL for value in values)
        return is_large and self._most(node) >= LIMIT

    def _factor(self, node: ast.expr, names: frozenset[str]) -> float:
        """How many times the largest of some integers an expression may be, but for what is added."""
        if self.value(node) is not None or self._kind(node).base not in ("int", "bool", "npint", ""):
            return 0
        match node:
            case ast.Name(id=name):
                return float(name in names)
            case ast.UnaryOp(op=ast.Not()) | ast.Compare():
                return 0
            case ast.UnaryOp(operand=operand):
                return self._factor(operand, names)
            case ast.IfExp(body=body, orelse=orelse):
                return max(self._factor(body, names), self._factor(orelse, names))
            case ast.BoolOp(values=values):
                return max(self._factor(value, names) for value in values)
            case ast.BinOp():
                return self._of_operation(node, names)
            case ast.Subscript(value=base):
                while isinstance(base, ast.Subscript):
                    base = base.value
                is_list = isinstance(base, ast.Name) and self._kind(base).base == "list"
                return float(is_list and isinstance(base, ast.Name) and base.id in names)
            case ast.Call(func=ast.Name(id="sum" | "min" | "max" as name), args=[ast.Name(id=whole) as base]):
                is_in = self._kind(base).base == "list" and whole in names
                return (math.inf if name == "sum" else 1.0) if is_in else 0
            case ast.Call(func=ast.Name(id=name), args=args) if name in _KEEP:
                return max((self._factor(part, names) for part in args), default=0)
        return 0

    def _of_operation(self, node: ast.BinOp, names: frozenset[str]) -> float:
        left, right = self._factor(node.left, names), self._factor(node.right, names)
        if self._under_mask(node) is not None:
            return 0
        match node.op:
            case ast.Add() | ast.Sub():
                return max(left, right) if _is_between(node) else left + right
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

    def _is_stopped(self, node: ast.stmt, name: str, turning: frozenset[str]) -> bool:
        """Does the loop end as soon as a number is large: ``while k < n: k *= 2``?"""
        if turning != {name}:
            return False
        for part in self._statements:
            for loop in ast.walk(part):
                if isinstance(loop, ast.While) and node in loop.body:
                    others = [one for one, bound, _ in self._bound if bound == name and one is not node]
                    inside = {id(one) for one in ast.walk(loop)}
                    value = next(value for one, bound, value in self._bound if one is node and bound == name)
                    slow = self._factor(value, turning) <= 16
                    return slow and _stops(loop.test, name) and not any(id(one) in inside for one in others)
        return False


def _walked(target: ast.expr, source: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Names that run over elements, and over which list's: ``for i, x in enumerate(u)``."""
    match target, source:
        case ast.Name(), ast.Name() | ast.Subscript():
            yield target, source
        case ast.Tuple(elts=[_, part]), ast.Call(func=ast.Name(id="enumerate"), args=[whole, *_]):
            yield from _walked(part, whole)
        case ast.Tuple(elts=parts), ast.Call(func=ast.Name(id="zip"), args=wholes):
            for part, whole in zip(parts, wholes, strict=False):
                yield from _walked(part, whole)


def _stops(test: ast.expr, name: str) -> bool:
    """Does a condition ask that a number be less than another one?"""
    match test:
        case ast.BoolOp(op=ast.And(), values=values):
            return any(_stops(value, name) for value in values)
        case ast.Compare(left=ast.Name(id=left), ops=[ast.Lt() | ast.LtE()], comparators=[limit]):
            return left == name and not any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(limit))
    return False


def _is_between(node: ast.BinOp) -> bool:
    """Is it ``low + (high - low) // 2``?"""
    match node:
        case ast.BinOp(
            left=low,
            op=ast.Add(),
            right=ast.BinOp(left=ast.BinOp(op=ast.Sub(), right=start), op=ast.FloorDiv()),
        ):
            return ast.dump(low) == ast.dump(start)
    return False


def _multiplies(node: ast.expr) -> bool:
    grows = (ast.Mult, ast.LShift, ast.Pow)
    return any(isinstance(part, ast.BinOp) and isinstance(part.op, grows) for part in ast.walk(node))


def _closure(name: str, sources: Mapping[str, set[str]]) -> frozenset[str]:
    """Names that a name is computed from, through any others."""
    found, waiting = set[str](), [*sources[name]]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += sources[one]
    return frozenset(found)


def _loaded(target: ast.expr) -> ast.expr:
    match target:
        case ast.Name(id=name):
            return ast.copy_location(ast.Name(id=name, ctx=ast.Load()), target)
        case ast.Subscript(value=value, slice=index):
            return ast.copy_location(ast.Subscript(value=value, slice=index, ctx=ast.Load()), target)
    return target
