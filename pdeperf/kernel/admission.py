"""Whether statements may stand in a compiled kernel and keep their Python meaning."""

import ast
from collections.abc import Iterable, Iterator, Sequence

from pdeperf.kernel.array_stores import note
from pdeperf.kernel.array_updates import Update
from pdeperf.kernel.draws import is_whole
from pdeperf.kernel.integer_calls import Called, Integers, returned_factors
from pdeperf.kernel.integer_constants import fixed_integers
from pdeperf.kernel.integer_growth import Growth
from pdeperf.kernel.kinds import (
    COMPILED_DTYPES,
    SMALL,
    UNKNOWN,
    Kind,
    infer,
    is_small,
    product,
)
from pdeperf.kernel.list_making import assigned
from pdeperf.kernel.lowering import Lowering, Problem
from pdeperf.kernel.prints import PRINTED, steady
from pdeperf.kernel.vocabulary import MATRICES, is_exact, qualified, result_kind
from pdeperf.kernel.written_numbers import written_number
from pdeperf.kernel.zero_checks import is_never_zero
from pdeperf.source.edits import extent
from pdeperf.source.flow import reads
from pdeperf.source.scopes import bound_names

_LARGEST = 4
"""Power of an integer that is taken to stay within 64 bits: of loop counters it does."""


_OF_SMALL = (
    "arithmetic of small integers, which wrap in NumPy and not when compiled",
    "make the array of dtype=int, or the number an int(...)",
)


class Arithmetic:
    """What the arithmetic of lowered statements asks for, so that Numba's agrees with Python's.

    Attributes
    ----------
    problems
        Where no care makes it agree.
    casts
        Operands that need ``np.float32(...)`` to stay single precision.
    divisors
        Divisors of quotients of two Python numbers: division by zero must raise.
    divides_as_numpy
        There are quotients of NumPy's numbers as well: division by zero must not raise.
    asked
        Integers that must be small at first, lest what is made of them outgrow 64 bits.
    exact
        Every operation returns the same bits.

    Parameters
    ----------
    called
        The user's functions that are compiled.
    whole
        The statements with what the functions that they call return written out.
    """

    def __init__(
        self,
        statements: Sequence[ast.stmt],
        names: dict[str, Kind],
        lowering: Lowering,
        called: Iterable[Called] = (),
        whole: Sequence[ast.stmt] = (),
    ) -> None:
        self._names = names
        self._lowering = lowering
        self._statements = statements
        self.problems: list[Problem] = []
        self.casts: list[ast.expr] = []
        self.divisors: list[ast.expr] = []
        self.divides_as_numpy = False
        self.exact = all(is_exact(name) for name in lowering.library) and all(
            use.exact for use in lowering.uses.values()
        )
        arrays = [kind for kind in names.values() if kind.base in ("array", "f32")]
        # Python's own complex numbers cannot be divided by zero.
        self._complex = any(kind.is_array and kind.dtype == "complex128" for kind in arrays)
        self._single = any(kind.dtype == "float32" or kind.base == "f32" for kind in arrays)
        for name, kind in names.items():
            if kind.is_array and kind.dtype not in COMPILED_DTYPES:
                self._problem(
                    statements[0],
                    f"`{name}` is an array of {kind.dtype or 'unknown type'}: compiled arithmetic differs",
                )
        self._computed = self._computed_names()
        self._tests = frozenset(_tested(statements))
        used = frozenset[str]().union(*(reads(part) for part in statements))
        fixed = fixed_integers(sorted(used), lowering.module, lowering.scope)
        grows = {one.name: one.grows for one in called}
        self._growth = Growth(statements, self._kind, fixed, grows)
        integers = Integers(Growth(whole or statements, self._kind, fixed, grows), lowering, names)
        for node, reason in integers.problems():
            self._problem(node, reason)
        self.asked = integers.asked
        for statement in statements:
            for node in ast.walk(statement):
                self._check(node)

    def grows(self, given: Sequence[str]) -> tuple[float, ...]:
        """How many times each of its arguments what a function returns may be."""
        return returned_factors(self._growth, self._statements, given)

    def _computed_names(self) -> frozenset[str]:
        """Names of arrays that are the results of arithmetic wherever they are bound."""
        computed: set[str] = set()
        others: set[str] = set()
        for part in self._statements:
            for node in ast.walk(part):
                match node:
                    case ast.Assign(targets=[ast.Name(id=name)], value=ast.BinOp() | ast.UnaryOp()):
                        computed.add(name)
                    case ast.Assign(targets=targets):
                        others |= {name for target in targets for name in bound_names(target)}
                    case ast.For(target=target) | ast.AnnAssign(target=target):
                        others |= set(bound_names(target))
        return frozenset(computed - others - self._lowering.own)

    def _problem(self, node: ast.AST, reason: str, advice: str = "") -> None:
        self.problems.append(Problem(getattr(node, "lineno", 0), reason, advice))

    def _update(self, node: ast.AugAssign, value: ast.expr) -> None:
        """``u[1:] += u[:-1]``: NumPy reads all before it writes, compiled code does not."""
        kinds = self._kind(_loaded(node.target)), self._kind(value)
        if kinds[0].dtype == "int64" and kinds[1].dtype != "int64":
            self._problem(node, "an array of integers is changed in place by other numbers")
        fresh = isinstance(value, ast.BinOp | ast.UnaryOp)  # computed whole before it is added
        fresh = fresh or (isinstance(value, ast.Name) and value.id in self._computed)
        fresh = fresh or _is_copied(value)
        if not (fresh or isinstance(value, ast.Name | ast.Subscript | ast.Attribute | ast.Call)):
            self._problem(node, "an array is updated in place from what may overlap it")
            return
        place = extent(self._lowering.module, value)
        self._lowering.updates.append(Update(node, kinds[0].ndim, place, is_copied=not fresh))

    def _kind(self, node: ast.expr) -> Kind:
        return infer(node, self._names, self._lowering.call_kind)

    def _check(self, node: ast.AST) -> None:
        if isinstance(node, ast.Assign):
            for part, given in assigned(node):
                if isinstance(part, ast.Subscript):
                    self._stored(node, self._kind(_loaded(part)), given)
                    self._note(node, part, given)
        match node:
            case ast.BinOp(left=left, op=op, right=right):
                self._operation(node, left, op, right)
            case ast.AugAssign(target=target, op=op, value=value):
                self._operation(node, ast.copy_location(_loaded(target), target), op, value)
                self._note(node, target, value)
                if self._kind(_loaded(target)).is_array and not self._kind(value).is_scalar:
                    self._update(node, value)
            case ast.UnaryOp(op=ast.USub() | ast.Invert(), operand=operand) if is_small(self._kind(operand)):
                self._problem(node, *_OF_SMALL)
            case ast.BoolOp(values=values) if id(node) not in self._tests:
                self._one_kind(node, values)
            case ast.IfExp(body=body, orelse=orelse):
                self._one_kind(node, [body, orelse])
            case ast.Compare(left=left, comparators=others) if self._single:
                for other in others:
                    self._single_precision(node, left, other)
            case ast.Subscript(slice=index):
                self._places(node, index)
            case ast.Call():
                self._call(node)

    def _note(self, node: ast.Assign | ast.AugAssign, target: ast.expr, value: ast.expr | None) -> None:
        index = target.slice if isinstance(target, ast.Subscript) else ast.Tuple(elts=[])
        places = index.elts if isinstance(index, ast.Tuple) else [index]
        is_view = all(isinstance(place, ast.Slice) or self._kind(place).is_scalar for place in places)
        kind = self._kind(_loaded(target)) if is_view else UNKNOWN
        note(self._lowering.array_stores, node, target, kind, UNKNOWN if value is None else self._kind(value))

    def _places(self, node: ast.Subscript, index: ast.expr) -> None:
        """Numba takes one index array of one dimension."""
        parts = index.elts if isinstance(index, ast.Tuple) else [index]
        if any(isinstance(part, ast.List) for part in parts):
            self._problem(node, f"`{ast.unparse(node)[:50]}` is indexed by a list")
        kinds = [self._kind(part) for part in parts]
        arrays = [kind for kind in kinds if kind.is_array]
        if len(arrays) > 1 or any(kind.ndim > 1 for kind in arrays):
            self._problem(node, f"`{ast.unparse(node)[:50]}` is indexed by arrays of several dimensions")

    def _stored(self, node: ast.AST, target: Kind, value: ast.expr | None) -> None:
        """What is stored among small integers must fit."""
        if not is_small(target):
            return
        kind, written = (self._kind(value), _number(value)) if value is not None else (UNKNOWN, None)
        fits = isinstance(written, int) and written in SMALL.get(target.dtype, ())
        if not (fits or kind.base == "bool" or (is_small(kind) and kind.dtype == target.dtype)):
            self._problem(node, f"a number that may not fit is stored as {target.dtype}", _OF_SMALL[1])

    def _one_kind(self, node: ast.AST, values: Sequence[ast.expr]) -> None:
        """A value that is a truth value or a number, as it happens, becomes a number when compiled."""
        bases = {self._kind(value).base for value in values}
        if "bool" in bases and len(bases) > 1:
            self._problem(node, "a value that is sometimes True or False, sometimes a number")

    def _operation(self, node: ast.AST, left: ast.expr, op: ast.operator, right: ast.expr) -> None:
        kinds = self._kind(left), self._kind(right)
        if any(map(is_small, kinds)) and not _is_same_in_small(kinds, op, right):
            self._problem(node, *_OF_SMALL)
        if isinstance(op, ast.Pow):
            whole = (
                isinstance(right, ast.Constant) and type(right.value) is int and 0 <= right.value <= _LARGEST
            )
            sign = _number(left) in (1, -1)
            fixed = isinstance(node, ast.expr) and self._growth.value(node) is not None
            whole = whole or sign or fixed
            if kinds[0].base in ("int", "bool") and kinds[1].base == "int" and not whole:
                self._problem(node, "an integer to a power that may be negative or large")
            # pow(x, 2.0) is not always x * x to the last bit; NumPy squares arrays, though.
            self.exact = (
                self.exact and kinds[0].is_array and isinstance(right, ast.Constant) and right.value == 2
            )
        if isinstance(op, ast.Div | ast.FloorDiv | ast.Mod):
            numpys = ("npfloat", "f32", "array", "complex" if self._complex else "array")
            numpy_side = any(kind.base in numpys for kind in kinds)
            safe = is_never_zero(right) or self._is_written(right)
            if not (numpy_side or safe or id(node) in self._lowering.guarded):
                self.divisors.append(right)
            self.divides_as_numpy = self.divides_as_numpy or (numpy_side and not safe)
        if any(kind.base == "complex" or kind.dtype == "complex128" for kind in kinds):
            self.exact = self.exact and isinstance(op, ast.Add | ast.Sub)
        if isinstance(op, ast.MatMult):
            self.exact = False
            if product(*kinds) == UNKNOWN:
                self._problem(node, "a product of what was not seen to be matrices of float64")
        written = self._growth.value(node) if isinstance(node, ast.expr) else None
        if isinstance(op, ast.LShift) and written is None and id(node) not in self._growth.masked:
            self._problem(node, "an integer that may outgrow 64 bits")
        if self._single:
            self._single_precision(node, left, right)

    def _is_written(self, divisor: ast.expr) -> bool:
        """Is it a number other than zero, by what the script writes down?"""
        names, lowering = reads(divisor), self._lowering
        if names & (lowering.own | lowering.sources.keys()):
            return False
        return bool(written_number(divisor, lowering.module, lowering.scope))

    def _single_precision(self, node: ast.AST, left: ast.expr, right: ast.expr) -> None:
        for one, other in ((left, right), (right, left)):
            kind, partner = self._kind(one), self._kind(other)
            is_single = kind.base == "f32" or (kind.is_array and kind.dtype == "float32")
            if not is_single:
                continue
            if partner.base in ("float", "int", "bool"):
                if not (isinstance(partner, Kind) and _is_exponent(node, other)):
                    self.casts.append(other)
            elif partner.base not in ("f32", "npfloat", "array"):
                self._problem(
                    node, f"single precision meets `{ast.unparse(other)[:30]}`, whose type is not known"
                )

    def _call(self, node: ast.Call) -> None:
        name = qualified(node.func, self._lowering.module, self._lowering.scope)
        if name == "builtins.round" and len(node.args) > 1:
            self._problem(node, "`round` to some digits, which Numba rounds differently")
        whole = name in ("builtins.int", "builtins.float", "builtins.bool", "builtins.len", "numpy.float64")
        if name and not whole and any(kind.base == "small" for kind in self._kinds(node)):
            self._problem(node, *_OF_SMALL)
        if name == "builtins.print":
            self._printed(node)
        if name in MATRICES and (node.keywords or result_kind(name, node, self._kinds(node)) == UNKNOWN):
            self._problem(node, f"`{ast.unparse(node.func)}` of what was not seen to be arrays of float64")
        use = self._lowering.uses.get(id(node))
        drawn = use is not None and use.name == "random_integer"
        if drawn and not is_whole([self._kind(part) for part in node.args[1:]]):
            self._problem(node, "`randint` between what may not be integers")
        if name == "numpy.array" and node.args and isinstance(node.args[0], ast.ListComp):
            made = node.args[0].elt
            if self._kind(made).base == "tuple" or (
                isinstance(made, ast.Call) and self._kind(made) == UNKNOWN
            ):
                self._problem(node, "an array is made of tuples, which Numba keeps as tuples")
        if self._single:
            self._single_call(node, name)

    def _kinds(self, node: ast.Call) -> list[Kind]:
        return [self._kind(argument) for argument in node.args]

    def _printed(self, node: ast.Call) -> None:
        """Numbers are printed with the type that they have at that moment."""
        for argument in node.args:
            kind = self._kind(argument)
            named = isinstance(argument, ast.Name)
            given = self._lowering.kinds.get(argument.id, UNKNOWN) if isinstance(argument, ast.Name) else kind
            if kind.base not in PRINTED or (
                named and not steady(ast.unparse(argument), self._statements, self._kind, given)
            ):
                self._problem(node, "it prints")

    def _single_call(self, node: ast.Call, name: str) -> None:
        kinds = [self._kind(argument) for argument in node.args]
        if any(kind.base == "f32" for kind in kinds):
            if name.startswith("math.") or name in ("builtins.float", "builtins.round", "builtins.pow"):
                self._problem(node, f"`{name}` of a single-precision number")
            elif len({kind.base for kind in kinds}) > 1:
                self._problem(node, f"`{ast.unparse(node.func)}` mixes single precision with other numbers")


def _is_same_in_small(kinds: tuple[Kind, Kind], op: ast.operator, right: ast.expr) -> bool:
    """Is it arithmetic of a small integer that compiled code does alike: with floats, or bit by bit?"""
    if any(kind.base in ("float", "npfloat", "number") or kind.dtype == "float64" for kind in kinds):
        return True
    bits = isinstance(op, ast.BitAnd | ast.BitOr | ast.BitXor | ast.RShift)
    written = _number(right)
    fits = isinstance(written, int) and 0 <= written < min(len(SMALL.get(kinds[0].dtype, ())), 2**7)
    return bits and is_small(kinds[0]) and (fits or kinds[0] == kinds[1])


def _tested(statements: Sequence[ast.stmt]) -> Iterator[int]:
    """Identities of the expressions of which only the truth counts."""
    for statement in statements:
        for node in ast.walk(statement):
            match node:
                case (
                    ast.If(test=test)
                    | ast.While(test=test)
                    | ast.IfExp(test=test)
                    | ast.Assert(test=test)
                    | ast.UnaryOp(op=ast.Not(), operand=test)
                ):
                    yield from _parts_of_test(test)
                case ast.comprehension(ifs=tests):
                    for test in tests:
                        yield from _parts_of_test(test)


def _parts_of_test(test: ast.expr) -> Iterator[int]:
    yield id(test)
    if isinstance(test, ast.BoolOp):
        for value in test.values:
            yield from _parts_of_test(value)


def _number(node: ast.expr) -> object:
    """A number written in the source, with its sign."""
    if (
        isinstance(node, ast.UnaryOp)
        and isinstance(node.op, ast.USub)
        and isinstance(node.operand, ast.Constant)
    ):
        value = node.operand.value
        return -value if isinstance(value, int | float) else None
    return node.value if isinstance(node, ast.Constant) else None


def _is_exponent(node: ast.AST, operand: ast.expr) -> bool:
    return (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Pow)
        and node.right is operand
        and isinstance(operand, ast.Constant)
        and isinstance(operand.value, int)
    )


def _loaded(target: ast.expr) -> ast.expr:
    match target:
        case ast.Name(id=name):
            return ast.Name(id=name, ctx=ast.Load())
        case ast.Subscript(value=value, slice=index):
            return ast.Subscript(value=value, slice=index, ctx=ast.Load())
        case _:
            return target


def _is_copied(node: ast.expr) -> bool:
    """Is it ``u.copy()``?"""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "copy"
