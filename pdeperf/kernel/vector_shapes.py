"""Which values in compiled functions are short arrays: states, positions, fluxes of a few equations.

The functions are read as they are written out, over plain names, from the kernels inwards.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from pdeperf.kernel.kinds import INT, NPFLOAT, UNKNOWN, Kind, element, infer, join
from pdeperf.kernel.vocabulary import FRESH, qualified, result_kind
from pdeperf.source import Module
from pdeperf.source.scopes import parameters, scope_of
from pdeperf.source.walking import nodes_in

MOST_COMPONENTS = 4
ELEMENTWISE = frozenset(
    f"numpy.{name}"
    for name in "sqrt abs absolute fabs exp log sin cos tan tanh sinh cosh maximum minimum square".split()
)
"""Functions that do to an array what they do to each of its elements."""
MADE = {"numpy.zeros": "0.0", "numpy.empty": "0.0", "numpy.ones": "1.0"}
_LIKE = {"numpy.zeros_like": "0.0", "numpy.empty_like": "0.0", "numpy.ones_like": "1.0"}

Shape = tuple[int, ...]
"""Lengths along the axes of an array, -1 where they are not known."""


class NotShortError(ValueError):
    """Something is done to short arrays that their components cannot do."""


@dataclass(frozen=True, slots=True)
class Value:
    """What is known of a value; of a tuple, its parts."""

    kind: Kind = UNKNOWN
    shape: Shape = ()
    parts: tuple["Value", ...] = ()

    @property
    def size(self) -> int:
        """Number of components of a short array; 0 for anything else."""
        is_short = self.kind.is_array and self.kind.dtype == "float64" and len(self.shape) == 1
        return self.shape[0] if is_short and 0 < self.shape[0] <= MOST_COMPONENTS else 0

    def joined(self, other: "Value") -> "Value":
        """What is known if it may be either."""
        if self == other or other == Value():
            return self
        if self == Value():
            return other
        if self.parts and len(self.parts) == len(other.parts):
            pairs = zip(self.parts, other.parts, strict=True)
            return Value(self.kind, (), tuple(one.joined(another) for one, another in pairs))
        lengths = zip(self.shape, other.shape, strict=False)
        shape = tuple(one if one == another else -1 for one, another in lengths)
        return Value(join(self.kind, other.kind), shape if len(self.shape) == len(other.shape) else ())


@dataclass(slots=True)
class Function:
    """A compiled function, and what its names were found to be."""

    node: ast.FunctionDef
    names: dict[str, Value] = field(default_factory=dict)
    result: Value | None = None


Known = tuple[tuple[dict[str, Value], Value | None], ...]
"""What the names in some functions were found to be, and their results."""


class Shapes:
    """Kinds and shapes of all expressions in some functions.

    Parameters
    ----------
    module
        The functions, after the imports that they are written with.
    entries
        What the arguments of the kernels are.
    shared
        What the names are that the functions read from outside.
    """

    def __init__(
        self,
        module: Module,
        entries: Mapping[str, Mapping[str, Value]],
        shared: Mapping[str, Kind] = MappingProxyType({}),
    ) -> None:
        self.module = module
        self._shared = {name: Value(kind, (-1,) * kind.ndim) for name, kind in shared.items()}
        self.functions = {
            node.name: Function(node) for node in module.tree.body if isinstance(node, ast.FunctionDef)
        }
        self._reached: dict[str, tuple[Function, ...]] = {}
        self._settled: dict[str, tuple[int, Known]] = {}
        self._is_last = False
        for turn in range(4):
            self._is_last = turn == 3  # what is unknown still is unknown for good
            self._settled.clear()
            for name, arguments in entries.items():
                function = self.functions[name]
                self._enter(function, [arguments.get(one, Value()) for one in parameters(function.node)])

    def _enter(self, function: Function, arguments: Sequence[Value], depth: int = 0) -> None:
        if depth > 8:
            return
        for name, value in zip(parameters(function.node), arguments, strict=False):
            known = function.names.get(name)
            function.names[name] = known.joined(value) if known else value
        for _ in range(3):
            before = self._known(function)
            settled_depth, settled = self._settled.get(function.node.name, (0, ()))
            if settled == before and settled_depth <= depth:
                return  # it has been read with this much known, and told no more
            for statement in _own_statements(function.node.body):
                self._bind(statement, function, depth)
            if self._known(function) == before:
                self._settled[function.node.name] = depth, before

    def _known(self, function: Function) -> Known:
        """What is known of a function and of all that it calls: all that reading it again depends on."""
        return tuple((dict(one.names), one.result) for one in self._called_from(function))

    def _called_from(self, function: Function) -> tuple[Function, ...]:
        name = function.node.name
        if name not in self._reached:
            found = [function]
            for one in found:
                calls = (self.called(node) for node in nodes_in(one.node) if isinstance(node, ast.Call))
                found += [callee for callee in calls if callee is not None and callee not in found]
            self._reached[name] = tuple(found)
        return self._reached[name]

    def _bind(self, node: ast.stmt, function: Function, depth: int) -> None:
        for call in (part for part in _expressions(node) if isinstance(part, ast.Call)):
            if callee := self.called(call):
                self._enter(callee, self._given(call, callee, function), depth + 1)
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._put(target, self.value(value, function), function, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._put(target, self.value(value, function), function, value)
            case ast.AugAssign(target=ast.Name() as target, op=op, value=value):
                whole = ast.BinOp(ast.Name(target.id, ast.Load()), op, value)
                self._put(target, self.value(whole, function), function)
            case ast.For(target=target, iter=source):
                self._put(target, self._turn(source, function), function)
            case ast.Return(value=ast.expr() as value):
                found = self.value(value, function)
                function.result = function.result.joined(found) if function.result else found

    def _put(self, target: ast.expr, value: Value, function: Function, given: ast.expr | None = None) -> None:
        if isinstance(target, ast.Name):
            known = function.names.get(target.id, Value())
            function.names[target.id] = Value() if self._is_last and value == Value() else known.joined(value)
        elif isinstance(target, ast.Tuple):
            parts: Sequence[Value] = value.parts
            if isinstance(given, ast.Tuple):
                parts = [self.value(part, function) for part in given.elts]
            elif value.size:
                parts = [Value(NPFLOAT)] * value.size
            elif value.kind.base == "tuple" and value.kind.dtype == "int":
                parts = [Value(INT)] * len(target.elts)
            for part, one in zip(target.elts, parts, strict=False):
                self._put(part, one, function)

    def _turn(self, source: ast.expr, function: Function) -> Value:
        """What a loop's counter is."""
        if isinstance(source, ast.Call) and self.full(source.func) in ("builtins.range", "numba.prange"):
            return Value(INT)
        found = self.value(source, function)
        if found.kind.is_array and found.kind.ndim > 1:
            return Value(Kind("array", found.kind.dtype, found.kind.ndim - 1), found.shape[1:])
        return Value(element(found.kind)) if found.kind.is_array or found.kind.base == "list" else Value()

    def _given(self, call: ast.Call, callee: Function, function: Function) -> list[Value]:
        found = [self.value(argument, function) for argument in call.args]
        words = {word.arg: self.value(word.value, function) for word in call.keywords}
        defaults = callee.node.args.defaults
        names = parameters(callee.node)
        for index, name in enumerate(names[len(found) :], len(found)):
            default = index - len(names) + len(defaults)
            written = self.value(defaults[default], callee) if default >= 0 else Value()
            found.append(words.get(name, written))
        return found

    def called(self, call: ast.Call) -> Function | None:
        """The compiled function that a call means."""
        return self.functions.get(call.func.id) if isinstance(call.func, ast.Name) else None

    def stores(self, function: Function) -> bool:
        """May a function change an array that it is given?"""
        given = frozenset(parameters(function.node))
        for node in ast.walk(function.node):
            target: ast.AST = node.target if isinstance(node, ast.AugAssign) else node
            is_change = isinstance(node, ast.AugAssign) or (
                isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
            )
            while isinstance(target, ast.Subscript):
                target = target.value
            name = target.id if is_change and isinstance(target, ast.Name) else ""
            if name in given and not function.names.get(name, Value()).kind.is_scalar:
                return True
            callee = self.called(node) if isinstance(node, ast.Call) else None
            if callee is not None and callee is not function and self.stores(callee):
                return True
        return False

    def full(self, node: ast.expr) -> str:
        """Full name of a library's function."""
        return qualified(node, self.module, scope_of(self.module, node))

    def value(self, node: ast.expr, function: Function) -> Value:
        """What is known of an expression in a function."""
        match node:
            case ast.Name(id=name):
                return function.names.get(name, self._shared.get(name, Value()))
            case ast.Tuple(elts=parts):
                return Value(Kind("tuple"), (), tuple(self.value(part, function) for part in parts))
            case ast.Call():
                return self._called_value(node, function)
            case ast.IfExp(body=body, orelse=orelse):
                return self.value(body, function).joined(self.value(orelse, function))
        names = {name: one.kind for name, one in (self._shared | function.names).items()}
        kind = infer(node, names, lambda call, _: self.value(call, function).kind)
        return Value(kind, self._shape(node, function) if kind.is_array else ())

    def _shape(self, node: ast.expr, function: Function) -> Shape:
        match node:
            case ast.UnaryOp(operand=operand):
                return self.value(operand, function).shape
            case ast.BinOp(op=ast.MatMult()):
                return ()
            case ast.BinOp(left=left, right=right):
                sides = [self.value(side, function) for side in (left, right)]
                shapes = {side.shape for side in sides if side.kind.is_array}
                plain = all(side.kind.is_array or side.kind.is_scalar for side in sides)
                return shapes.pop() if len(shapes) == 1 and plain else ()
            case ast.Subscript(value=value, slice=index):
                whole = self.value(value, function)
                parts = index.elts if isinstance(index, ast.Tuple) else [index]
                plain = whole.kind.is_array and all(self._is_place(part, function) for part in parts)
                return self._part(whole, index) if plain else ()
        return ()

    def _is_place(self, part: ast.expr, function: Function) -> bool:
        """Is it a slice or one place along one axis: no ``...``, no ``None``, no list of places?"""
        if isinstance(part, ast.Slice):
            return True
        if isinstance(part, ast.Constant):
            return type(part.value) is int
        if isinstance(part, ast.List | ast.Tuple | ast.Compare | ast.ListComp | ast.Starred):
            return False
        kind = self.value(part, function).kind
        return not kind.is_array and kind.base not in ("list", "tuple", "bool", "none")

    def _part(self, whole: Value, index: ast.expr) -> Shape:
        """Shape of a part of an array: rows and columns, and slices between numbers."""
        parts = index.elts if isinstance(index, ast.Tuple) else [index]
        found: list[int] = []
        for length, part in zip(whole.shape, parts, strict=False):
            match part:
                case ast.Slice(lower=None, upper=None, step=None):
                    found.append(length)
                case ast.Slice(
                    lower=None | ast.Constant() as low, upper=ast.Constant(value=int() as high), step=None
                ):
                    first = low.value if low else 0
                    fits = isinstance(first, int) and 0 <= first < high <= length
                    found.append(high - int(first) if fits else -1)  # type: ignore[arg-type]
                case ast.Slice() | ast.Starred():
                    found.append(-1)
        return (*found, *whole.shape[len(parts) :])

    def _called_value(self, node: ast.Call, function: Function) -> Value:
        callee = self.called(node)
        if callee is not None:
            return callee.result or Value()
        arguments = [self.value(argument, function) for argument in node.args]
        full = self.full(node.func)
        first = arguments[0] if arguments else Value()
        if full == "numpy.array" and len(node.args) == 1 and not node.keywords:
            rows = self.literal(node)
            parts = [part for row in rows for part in (row.elts if isinstance(row, ast.List) else [row])]
            lengths = {len(row.elts) if isinstance(row, ast.List) else 0 for row in rows}
            shape = (len(rows), *(lengths - {0}))
            kinds = [self.value(part, function).kind for part in parts]
            if (
                parts
                and len(lengths) == 1
                and all(kind.is_scalar and kind.base not in ("complex", "f32") for kind in kinds)
            ):
                some = any(kind.base in ("float", "npfloat", "number") for kind in kinds)
                return Value(Kind("array", "float64" if some else "int64", len(shape)), shape)
            return first if first.size else Value()
        if full in MADE and len(node.args) == 1 and not node.keywords:
            size = node.args[0]
            if (length := self._length(size, function)) > 0:
                return Value(Kind("array", "float64", 1), (length,))
            if isinstance(size, ast.Tuple):
                axes = tuple(self._length(one, function) for one in size.elts)
                return Value(Kind("array", "float64", len(size.elts)), axes)
        if full in _LIKE or full == "numpy.copy":
            return first
        if full in ELEMENTWISE and any(one.size for one in arguments):
            sizes = {one.size for one in arguments if not one.kind.is_scalar}
            return Value(Kind("array", "float64", 1), (max(sizes),)) if len(sizes) == 1 else Value()
        if full == "numpy.cross" and len(arguments) == 2 and all(one.size == 3 for one in arguments):
            return arguments[0]
        if isinstance(node.func, ast.Attribute) and not full:
            owner = self.value(node.func.value, function)
            if node.func.attr == "copy":
                return owner
            if node.func.attr in ("sum", "max", "min", "mean") and owner.size:
                return Value(NPFLOAT)
            if node.func.attr == "dot":
                return Value(NPFLOAT) if owner.size and first.size else Value()
            return Value()
        return Value(result_kind(full, node, [one.kind for one in arguments])) if full else Value()

    def _length(self, node: ast.expr, function: Function) -> int:
        """A number of elements, where it is one for good: 2, ``len(y)``, ``y.shape[0]``."""
        match node:
            case ast.Constant(value=int() as length):
                return length
            case ast.Call(func=ast.Name(id="len"), args=[array]) | ast.Attribute(value=array, attr="size"):
                shape = self.value(array, function).shape
                return shape[0] if shape and (len(shape) == 1 or isinstance(node, ast.Call)) else -1
            case ast.Subscript(
                value=ast.Attribute(value=array, attr="shape"), slice=ast.Constant(value=int() as axis)
            ):
                shape = self.value(array, function).shape
                return shape[axis] if 0 <= axis < len(shape) else -1
            case ast.Name(id=name):
                bound = [
                    part.value if isinstance(part, ast.Assign) and part.targets == [target] else None
                    for target in ast.walk(function.node)
                    if isinstance(target, ast.Name)
                    and target.id == name
                    and isinstance(target.ctx, ast.Store)
                    for part in [self.module.parents[target]]
                ]
                only = bound[0] if len(bound) == 1 and name not in parameters(function.node) else None
                return self._length(only, function) if only is not None else -1
        return -1

    @staticmethod
    def literal(node: ast.Call) -> list[ast.expr]:
        """The elements of ``np.array([a, b])``."""
        given = node.args[0]
        return given.elts if isinstance(given, ast.List | ast.Tuple) else []

    def is_made(self, node: ast.expr | None) -> bool:
        """Does it make a new array?"""
        return isinstance(node, ast.Call) and self.full(node.func) in FRESH

    def filling(self, node: ast.Call) -> str:
        """What ``np.zeros(2)`` and ``np.ones_like(v)`` are full of."""
        full = self.full(node.func)
        return MADE.get(full, "") or _LIKE.get(full, "")


def _own_statements(block: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    for part in block:
        yield part
        for name in ("body", "orelse"):
            yield from _own_statements(getattr(part, name, []))


def _expressions(node: ast.stmt) -> Iterator[ast.AST]:
    """Everything in a statement but the statements in it."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.stmt):
            yield from nodes_in(child)
