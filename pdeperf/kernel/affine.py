"""Which integer an index expression stands for, as a function of the loop variables.

Numbers are kept as isl piecewise quasi-affine functions of the loop variables around a place and
of symbolic parameters (sizes, scalars that the loop does not change). A number that several paths
may have computed keeps one piece for each; a number that is not affine is known to be a number and
no more.
"""

from dataclasses import dataclass, replace
from functools import reduce

import islpy as isl

PIECES_MOST = 6
"""Beyond this many alternatives a number counts as unknown."""


@dataclass(frozen=True, slots=True)
class Number:
    """A scalar.

    Attributes
    ----------
    pieces
        What it may be; None when it is not affine.
    integral
        Is it surely an integer? Only then do comparisons say anything.
    element
        May it be an array after all? So it is with a name that nobody described, and with what is
        read from an array whose number of dimensions nobody stated.
    """

    pieces: tuple[isl.PwAff, ...] | None = None
    integral: bool = False
    element: bool = False


UNKNOWN = Number()


class Frame:
    """The loop variables and parameters that index expressions are written in.

    Parameters
    ----------
    parameters
        Names of all parameters that may occur, fixed from the start so that every isl object
        lives in the same space.
    """

    def __init__(self, parameters: frozenset[str], operations_most: int = 400_000) -> None:
        self.context = isl.Context()
        self.context.set_max_operations(operations_most)
        self.parameters = tuple(sorted(parameters))
        self._position = {name: at for at, name in enumerate(self.parameters)}
        self._spaces: dict[int, isl.Space] = {}
        self._known: dict[tuple[str | int, int], isl.PwAff] = {}

    def space(self, depth: int) -> isl.Space:
        """The space of iteration points under ``depth`` loops."""
        if depth not in self._spaces:
            space = isl.Space.set_alloc(self.context, len(self.parameters), depth)
            for at, name in enumerate(self.parameters):
                space = space.set_dim_name(isl.dim_type.param, at, name)
            self._spaces[depth] = space
        return self._spaces[depth]

    def everywhere(self, depth: int) -> isl.Set:
        """All iteration points under ``depth`` loops."""
        return isl.Set.universe(self.space(depth))

    def anywhere(self, depth: int) -> isl.Map:
        """The relation from every iteration point to every integer."""
        return isl.Map.universe(self.space(depth).map_from_domain_and_range(self.space(1)))

    def constant(self, value: int, depth: int) -> isl.PwAff:
        """The same integer at every point."""
        if (value, depth) not in self._known:
            local = isl.LocalSpace.from_space(self.space(depth))
            self._known[value, depth] = isl.PwAff.from_aff(
                isl.Aff.val_on_domain(local, isl.Val.int_from_si(self.context, value))
                if -(2**31) < value < 2**31
                else isl.Aff.val_on_domain(local, isl.Val.read_from_str(self.context, str(value)))
            )
        return self._known[value, depth]

    def parameter(self, name: str, depth: int) -> isl.PwAff:
        """A parameter's value."""
        if (name, depth) not in self._known:
            local = isl.LocalSpace.from_space(self.space(depth))
            value = isl.Aff.var_on_domain(local, isl.dim_type.param, self._position[name])
            self._known[name, depth] = isl.PwAff.from_aff(value)
        return self._known[name, depth]

    def with_sizes(self, depth: int) -> isl.Set:
        """All iteration points, no size of an array being negative."""
        found = isl.BasicSet.universe(self.space(depth))
        for at, name in enumerate(self.parameters):
            if ".shape[" in name:
                found = found.lower_bound_val(isl.dim_type.param, at, isl.Val.zero(self.context))
        return isl.Set.from_basic_set(found)

    def axis(self, at: int, depth: int) -> isl.PwAff:
        """The value of the loop variable ``at``, counted from the outermost."""
        local = isl.LocalSpace.from_space(self.space(depth))
        return isl.PwAff.from_aff(isl.Aff.var_on_domain(local, isl.dim_type.set, at))

    def knows(self, name: str) -> bool:
        """Is it a parameter?"""
        return name in self._position


def at_depth(number: Number, depth: int) -> Number:
    """The same number seen from under more loops; unknown if it hangs on loops that ended."""
    if number.pieces is None:
        return number
    lifted = []
    for piece in number.pieces:
        have = piece.dim(isl.dim_type.in_)
        if have > depth:
            return replace(number, pieces=None)
        lifted.append(piece.add_dims(isl.dim_type.in_, depth - have) if have < depth else piece)
    return replace(number, pieces=tuple(lifted))


def single_constant(number: Number) -> int | None:
    """The integer, when it is one and the same everywhere."""
    if number.pieces is None or len(number.pieces) != 1 or not number.pieces[0].is_cst():
        return None
    pieces = number.pieces[0].get_pieces()
    if len(pieces) != 1:
        return None
    value = pieces[0][1].get_constant_val()
    if not value.is_int():
        return None
    text = value.to_str()
    if text is None:  # without an error of its own, when all operations are used up
        raise isl.Error("maximal number of operations exceeded")
    return int(text)


def _combine(left: Number, right: Number, operation: str) -> Number:
    integral = left.integral and right.integral
    if (
        left.pieces is None
        or right.pieces is None
        or len(left.pieces) * len(right.pieces) > PIECES_MOST
        or not integral
    ):
        return Number(None, integral)
    pieces = tuple(getattr(one, operation)(other) for one in left.pieces for other in right.pieces)
    return Number(pieces, integral)


def add(left: Number, right: Number) -> Number:
    """Sum."""
    return _combine(left, right, "add")


def subtract(left: Number, right: Number) -> Number:
    """Difference."""
    return _combine(left, right, "sub")


def smaller(left: Number, right: Number) -> Number:
    """Python's ``min`` of two integers."""
    return _combine(left, right, "min")


def larger(left: Number, right: Number) -> Number:
    """Python's ``max`` of two integers."""
    return _combine(left, right, "max")


def negate(number: Number) -> Number:
    """The number with the other sign."""
    if number.pieces is None or not number.integral:
        return Number(None, number.integral)
    return Number(tuple(piece.neg() for piece in number.pieces), number.integral)


def multiply(left: Number, right: Number) -> Number:
    """Product: affine only if a factor is a constant."""
    if single_constant(left) is None and single_constant(right) is None:
        return Number(None, left.integral and right.integral)
    return _combine(left, right, "mul")


def floor_divide(left: Number, right: Number) -> Number:
    """Python's ``//``, which rounds down, by a constant."""
    divisor = single_constant(right)
    integral = left.integral and right.integral
    if not divisor or left.pieces is None or not integral:
        return Number(None, integral)
    pieces = left.pieces if divisor > 0 else tuple(piece.neg() for piece in left.pieces)
    scale = isl.Val.int_from_si(pieces[0].get_ctx(), abs(divisor))
    return Number(tuple(piece.scale_down_val(scale).floor() for piece in pieces), integral)


def modulo(left: Number, right: Number, domain: isl.Set) -> Number:
    """Python's ``%``, which has the divisor's sign.

    A symbolic divisor ``n`` is understood where ``-n <= left < 2 n`` in the whole domain, as in
    ``(i + 1) % n``.
    """
    integral = left.integral and right.integral
    if left.pieces is None or right.pieces is None or not integral:
        return Number(None, integral)
    divisor = single_constant(right)
    if divisor is not None and divisor > 0:
        size = isl.Val.int_from_si(domain.get_ctx(), divisor)
        return Number(tuple(piece.mod_val(size) for piece in left.pieces), integral)
    if len(right.pieces) != 1:
        return Number(None, integral)
    found = [_wrapped_once(piece, right.pieces[0], domain) for piece in left.pieces]
    pieces = tuple(piece for piece in found if piece is not None)
    return Number(pieces if len(pieces) == len(found) else None, integral)


def _wrapped_once(value: isl.PwAff, size: isl.PwAff, domain: isl.Set) -> isl.PwAff | None:
    zero = value.sub(value)
    where = domain.intersect(value.domain())
    fits = size.gt_set(zero).intersect(value.ge_set(size.neg())).intersect(value.lt_set(size.add(size)))
    if not where.is_subset(fits):
        return None
    below = value.add(size).intersect_domain(value.lt_set(zero))
    inside = value.intersect_domain(value.ge_set(zero).intersect(value.lt_set(size)))
    above = value.sub(size).intersect_domain(value.ge_set(size))
    return below.union_add(inside).union_add(above)


def restricted(number: Number, domain: isl.Set) -> Number:
    """The number, known only where the domain holds."""
    if number.pieces is None:
        return number
    return replace(number, pieces=tuple(piece.intersect_domain(domain) for piece in number.pieces))


def either(left: Number, right: Number) -> Number:
    """One number or the other, by the path taken."""
    integral, element = left.integral and right.integral, left.element or right.element
    if left.pieces is None or right.pieces is None:
        return Number(None, integral, element)
    pieces = left.pieces + right.pieces
    return Number(pieces if len(pieces) <= PIECES_MOST else None, integral, element)


COMPARISONS = {
    "Lt": ("lt_set", "ge_set"),
    "LtE": ("le_set", "gt_set"),
    "Gt": ("gt_set", "le_set"),
    "GtE": ("ge_set", "lt_set"),
    "Eq": ("eq_set", "ne_set"),
    "NotEq": ("ne_set", "eq_set"),
}


def compare(left: Number, operator: str, right: Number, domain: isl.Set) -> tuple[isl.Set, isl.Set]:
    """Where in the domain a comparison may hold, and where it may fail."""
    known = left.pieces is not None and right.pieces is not None and left.integral and right.integral
    if not known or operator not in COMPARISONS:
        return domain, domain
    assert left.pieces is not None and right.pieces is not None
    holds, fails = COMPARISONS[operator]
    pairs = [(one, other) for one in left.pieces for other in right.pieces]

    def where(method: str) -> isl.Set:
        parts = [getattr(one, method)(other) for one, other in pairs]
        union: isl.Set = reduce(lambda a, b: a.union(b), parts)
        return domain.intersect(union).coalesce()

    return where(holds), where(fails)
