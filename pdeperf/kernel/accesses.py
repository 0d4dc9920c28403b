"""Which elements of which arrays an expression touches, seen from the loops around it."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce

import islpy as isl

from pdeperf.kernel import affine
from pdeperf.kernel.affine import Frame, Number
from pdeperf.kernel.values import Access, Gap, Local, Resolve, Several, UnliftableError, Unset, Value, View
from pdeperf.kernel.vocabulary import CONSTANTS

Wrapped = tuple[isl.PwAff, isl.Set, isl.Map]


@dataclass(slots=True)
class Reader:
    """Evaluates expressions and notes what they read.

    Attributes
    ----------
    arrays
        Number of dimensions by array name; None where it is inferred from use.
    integers, scalars
        Names that are surely integers, or surely numbers. What an unknown name holds may be an array.
    domain
        The iteration points that reach the current place; at least those.
    kept
        How many loops, from the analysed one inwards, accesses tell apart.
    """

    frame: Frame
    arrays: Mapping[str, int]
    stated: frozenset[str]
    integers: frozenset[str]
    callees: Mapping[str, ast.FunctionDef]
    resolve: Resolve
    domain: isl.Set
    scalars: frozenset[str] = frozenset()
    depth: int = 1
    environment: dict[str, Value] = field(default_factory=dict)
    accesses: list[Access] = field(default_factory=list)
    scope: str = ""
    fixed: Mapping[str, ast.expr] = field(default_factory=dict)
    constants: Mapping[str, int] = field(default_factory=dict)
    calls_deep: int = 0
    kept: int = 1
    wrapped: dict[tuple[str, int, int], list[Wrapped]] = field(default_factory=dict)

    # ---- names and constants

    def constant(self, value: int) -> Number:
        """An integer."""
        return Number((self.frame.constant(value, self.depth),), True)

    def parameter(self, name: str) -> Number:
        """A symbolic integer that the loop does not change."""
        return Number((self.frame.parameter(name, self.depth),), True)

    def name(self, node: ast.Name) -> Value:
        """What a name stands for here."""
        name = node.id
        if name in self.environment:
            value = self.environment[name]
            if isinstance(value, Unset):
                raise UnliftableError(node, f"`{name}` may be different things here")
            return affine.at_depth(value, self.depth) if isinstance(value, Number) else value
        if self.scope:
            return self._outside(node)
        if name in self.arrays:
            return View(name)
        if name in self.fixed:
            return self.evaluate(self.fixed[name])
        if name in self.constants:
            return self.constant(self.constants[name])
        if self.frame.knows(name) and name in self.integers:
            return self.parameter(name)
        return Number(element=name not in self.scalars)

    def _outside(self, node: ast.Name) -> Value:
        """A global that a called function reads."""
        if node.id in self.constants:
            return self.constant(self.constants[node.id])
        return Number(element=True)

    # ---- expressions

    def evaluate(self, node: ast.expr) -> Value:
        """What an expression yields; its reads are noted."""
        match node:
            case ast.Constant(value=bool()):
                return Number()
            case ast.Constant(value=int() as integer):
                return self.constant(integer)
            case ast.Constant():
                return Number()
            case ast.Name():
                return self.name(node)
            case ast.BinOp(left=left, op=op, right=right):
                return self.binary(self.evaluate(left), op, self.evaluate(right), node)
            case ast.UnaryOp(op=op, operand=operand):
                value = self.evaluate(operand)
                if isinstance(value, Number) and isinstance(op, ast.USub):
                    return affine.negate(value)
                return (
                    value
                    if isinstance(op, ast.UAdd) and isinstance(value, Number)
                    else self.used(value, node)
                )
            case ast.Compare() | ast.BoolOp():
                self.condition(node)
                return Number() if self._scalar_test(node) else Local()
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.choice(test, body, orelse, node)
            case ast.Subscript(value=base, slice=index):
                return self.subscript(self.evaluate(base), index, node)
            case ast.Attribute():
                return self.attribute(node)
            case ast.Tuple(elts=parts):
                return Several(tuple(self.evaluate(part) for part in parts))
            case ast.Call():
                return self.call(node)
            case _:
                raise UnliftableError(node, f"`{ast.unparse(node)[:40]}` is not understood")

    def _scalar_test(self, node: ast.expr) -> bool:
        return not any(isinstance(inner, ast.Name) and inner.id in self.arrays for inner in ast.walk(node))

    def used(self, value: Value, node: ast.AST) -> Value:
        """Read a value as an operand; what comes of it belongs to this iteration alone."""
        match value:
            case Number(element=element):
                return Local() if element else Number()
            case View():
                self.touch(value, node, writes=False)
                return Local()
            case Several(values=values):
                for part in values:
                    self.used(part, node)
                return Local()
            case Unset():
                raise UnliftableError(node, "one of several things is used here")
            case _:
                return Local()

    def binary(self, left: Value, op: ast.operator, right: Value, node: ast.AST) -> Value:
        """Arithmetic."""
        scalars = isinstance(left, Number) and isinstance(right, Number)
        if not scalars or left.element or right.element:  # type: ignore[union-attr]
            self.used(left, node)
            self.used(right, node)
            return Local()
        assert isinstance(left, Number) and isinstance(right, Number)
        match op:
            case ast.Add():
                return affine.add(left, right)
            case ast.Sub():
                return affine.subtract(left, right)
            case ast.Mult():
                return affine.multiply(left, right)
            case ast.FloorDiv():
                return affine.floor_divide(left, right)
            case ast.Mod():
                return affine.modulo(left, right, self.domain)
            case _:
                return Number()

    def condition(self, node: ast.expr) -> tuple[isl.Set, isl.Set]:
        """Where a condition may hold and where it may fail, within the domain; reads are noted."""
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                holds, fails = self.condition(operand)
                return fails, holds
            case ast.BoolOp(op=op, values=values):
                return self._connected(isinstance(op, ast.And), values)
            case ast.Compare(left=left, ops=ops, comparators=others):
                sides = [self.evaluate(side) for side in (left, *others)]
                holds, fails = self.domain, self.domain.subtract(self.domain)
                for one, operator, other in zip(sides, ops, sides[1:], strict=False):
                    if isinstance(one, Number) and isinstance(other, Number):
                        yes, no = affine.compare(one, type(operator).__name__, other, self.domain)
                    else:
                        self.used(one, node)
                        self.used(other, node)
                        yes, no = self.domain, self.domain
                    holds, fails = holds.intersect(yes), fails.union(no)
                return holds, fails.coalesce()
            case _:
                self.used(self.evaluate(node), node)
                return self.domain, self.domain

    def _connected(self, conjunction: bool, values: list[ast.expr]) -> tuple[isl.Set, isl.Set]:
        outside = self.domain
        going, stopped = self.domain, self.domain.subtract(self.domain)
        for value in values:
            self.domain = going
            holds, fails = self.condition(value)
            going, stopped = (holds, stopped.union(fails)) if conjunction else (fails, stopped.union(holds))
        self.domain = outside
        return (going, stopped.coalesce()) if conjunction else (stopped.coalesce(), going)

    def choice(self, test: ast.expr, body: ast.expr, orelse: ast.expr, node: ast.AST) -> Value:
        """A conditional expression."""
        outside = self.domain
        holds, fails = self.condition(test)
        self.domain = holds
        yes = self.evaluate(body)
        self.domain = fails
        no = self.evaluate(orelse)
        self.domain = outside
        return self.joined(yes, holds, no, fails, node)

    def joined(
        self, one: Value, where_one: isl.Set, other: Value, where_other: isl.Set, node: ast.AST
    ) -> Value:
        """What a name or expression is after two paths meet."""
        if isinstance(one, Number) and isinstance(other, Number):
            if one is other:
                return one
            here = affine.restricted(affine.at_depth(one, self.depth), where_one)
            there = affine.restricted(affine.at_depth(other, self.depth), where_other)
            return affine.either(here, there)
        if one is other or (isinstance(one, View) and one == other == View(one.array)):
            return one
        if isinstance(one, Number | Local) and isinstance(other, Number | Local):
            return Local()
        return Unset()

    # ---- arrays

    def attribute(self, node: ast.Attribute) -> Value:
        """``u.shape``, ``u.size``, ``np.pi``."""
        if self.resolve(node) in CONSTANTS:
            return Number()
        base = self.evaluate(node.value) if isinstance(node.value, ast.Name | ast.Subscript) else None
        if isinstance(base, View) and node.attr == "shape":
            return Several(tuple(self.extent(base, at) for at in range(self._open_dimensions(base))))
        if isinstance(base, View | Local) and node.attr in ("size", "ndim"):
            return Number(None, True)
        if isinstance(base, Local) and node.attr in ("shape", "T", "real", "imag"):
            return Local()
        raise UnliftableError(node, f"`{ast.unparse(node)[:40]}` is not understood")

    def _open_dimensions(self, view: View) -> int:
        gaps = sum(isinstance(entry, Gap) for entry in view.index)
        return gaps + max(0, self.arrays[view.array] - len(view.index))

    def extent(self, view: View, at: int) -> Number:
        """Length of a view along its own dimension ``at``."""
        gaps = [place for place, entry in enumerate(view.index) if isinstance(entry, Gap)]
        if at < len(gaps):
            entry = view.index[gaps[at]]
            if not (isinstance(entry, Gap) and entry.full):
                return Number(None, True)
            place = gaps[at]
        else:
            place = len(view.index) + at - len(gaps)
        return self.shape_of(view.array, place)

    def shape_of(self, array: str, place: int) -> Number:
        """Extent of an array as a symbol."""
        symbol = f"{array}.shape[{place}]"
        return self.parameter(symbol) if self.frame.knows(symbol) else Number(None, True)

    def subscript(self, base: Value, index: ast.expr, node: ast.Subscript) -> Value:
        """Read ``base[index]``; a view if dimensions are left."""
        if isinstance(base, Several):
            at = self.evaluate(index)
            position = affine.single_constant(at) if isinstance(at, Number) else None
            if position is not None and -len(base.values) <= position < len(base.values):
                return base.values[position]
            return Local() if all(isinstance(v, Number) for v in base.values) else Unset()
        if isinstance(base, Local):
            self._index_parts(index)
            return Local()
        if not isinstance(base, View):
            raise UnliftableError(
                node, f"`{ast.unparse(node.value)[:40]}` is subscripted but is not an array"
            )
        view = self.place(base, index, node)
        if self._open_dimensions(view) == 0 and not any(isinstance(entry, Gap) for entry in view.index):
            self.touch(view, node, writes=False)
            parts = index.elts if isinstance(index, ast.Tuple) else [index]
            return Number(element=view.array not in self.stated or any(map(_is_marker, parts)))
        return view

    def _index_parts(self, index: ast.expr) -> list[Number | Gap | None]:
        parts = index.elts if isinstance(index, ast.Tuple) else [index]
        found: list[Number | Gap | None] = []
        for part in parts:
            if isinstance(part, ast.Slice):
                bounds = [bound for bound in (part.lower, part.upper, part.step) if bound is not None]
                for bound in bounds:
                    self.used(self.evaluate(bound), bound)
                found.append(Gap(full=not bounds))
                continue
            if _is_marker(part):
                self.used(self.evaluate(part), part)
                found.append(None)
                continue
            value = self.evaluate(part)
            if value is not None and not isinstance(value, Number):
                self.used(value, part)
            found.append(value if isinstance(value, Number) and not value.element else None)
        return found

    def place(self, base: View, index: ast.expr, node: ast.AST) -> View:
        """The view ``base[index]``, nothing read yet but the index itself."""
        parts = self._index_parts(index)
        entries = list(base.index)
        gaps = [at for at, entry in enumerate(entries) if isinstance(entry, Gap)]
        if any(part is None for part in parts):  # an array, None or ... among the indices: positions unknown
            entries = [Number() if at in gaps else entry for at, entry in enumerate(entries)]
            entries += [Number()] * (self.arrays[base.array] - len(entries))
            return View(base.array, tuple(entries))
        for at, part in enumerate(parts):
            assert part is not None
            if at >= len(gaps):
                entries.append(part)
                continue
            outer = entries[gaps[at]]
            assert isinstance(outer, Gap)
            if isinstance(part, Gap):
                entries[gaps[at]] = Gap(outer.full and part.full)
            else:
                entries[gaps[at]] = part if outer.full else Number()
        if len(entries) > self.arrays[base.array]:
            raise UnliftableError(node, f"`{base.array}` has fewer dimensions than it has indices")
        return View(base.array, tuple(entries))

    def touch(self, view: View, node: ast.AST, *, writes: bool) -> None:
        """Note that a view is read or written as a whole."""
        elements: isl.Map | None = None
        exact = True
        for at in range(self.arrays[view.array]):
            entry = view.index[at] if at < len(view.index) else Gap()
            along, known = self._along(view.array, at, entry)
            exact = exact and known
            elements = along if elements is None else elements.flat_range_product(along)
        if elements is None:
            raise UnliftableError(node, f"`{view.array}` has no dimensions")
        elements = elements.intersect_domain(self.domain)
        if self.depth > self.kept:
            elements = elements.project_out(isl.dim_type.in_, self.kept, self.depth - self.kept)
        text = ast.unparse(node) if isinstance(node, ast.Subscript) else view.array
        line = getattr(node, "lineno", 0)
        found = Access(view.array, elements.coalesce(), writes, exact, line, text)
        if not any(found.is_same(other) for other in self.accesses):
            self.accesses.append(found)

    def _along(self, array: str, at: int, entry: Number | Gap) -> tuple[isl.Map, bool]:
        if isinstance(entry, Gap):
            return self.frame.anywhere(self.depth), True
        entry = affine.at_depth(entry, self.depth)
        if entry.pieces is None:
            return self.frame.anywhere(self.depth), False
        parts = [self._wrapping(array, at, piece) for piece in entry.pieces]
        return reduce(isl.Map.union, parts), len(parts) == 1

    def _wrapping(self, array: str, at: int, index: isl.PwAff) -> isl.Map:
        """Elements that an index names, worked out once for the same points."""
        known = self.wrapped.setdefault((array, at, self.depth), [])
        for before, domain, found in known:
            if before.plain_is_equal(index) and domain.plain_is_equal(self.domain):
                return found
        found = self._elements(array, at, index)
        known.append((index, self.domain, found))
        return found

    def _elements(self, array: str, at: int, index: isl.PwAff) -> isl.Map:
        """Elements that an index names; a negative one counts from the end, as in Python."""
        zero = self.frame.constant(0, self.depth)
        negative = self.domain.intersect(index.lt_set(zero))
        symbol = f"{array}.shape[{at}]"
        if not self.frame.knows(symbol):
            return isl.Map.from_pw_aff(index) if negative.is_empty() else self.frame.anywhere(self.depth)
        size = self.frame.parameter(symbol, self.depth)
        plain = index.intersect_domain(index.ge_set(zero).intersect(index.lt_set(size)))
        direct = isl.Map.from_pw_aff(plain)
        if negative.is_empty():
            return direct
        wrapped = index.add(size)
        inside = index.lt_set(zero).intersect(wrapped.ge_set(zero))
        return direct.union(isl.Map.from_pw_aff(wrapped.intersect_domain(inside)))

    def call(self, node: ast.Call) -> Value:
        """What a call yields."""
        raise UnliftableError(node, "calls are not followed here")


def _is_marker(part: ast.expr) -> bool:
    """Does an index not stand for one position along one dimension?"""
    if isinstance(part, ast.Constant):
        return not isinstance(part.value, int) or isinstance(part.value, bool)
    return isinstance(part, ast.Compare | ast.BoolOp | ast.List | ast.Tuple) or (
        isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.Not | ast.Invert)
    )
