"""What the names of a region are: arrays with their sizes, numbers with their types, functions."""

import ast
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile
from typing import ClassVar

from pdeperf.arrays.dtypes import KNOWN, Unliftable
from pdeperf.arrays.entries import is_kept
from pdeperf.arrays.inline import as_function
from pdeperf.arrays.ir import Buffer
from pdeperf.arrays.paths import Flat, is_path, is_setting, place_of
from pdeperf.arrays.settings import Settings
from pdeperf.arrays.sizes import Size, Sizes, Unequal, names_of, roots
from pdeperf.arrays.unroll import element
from pdeperf.arrays.uses import Uses
from pdeperf.arrays.values import Cells, number
from pdeperf.kernel.kinds import INT, NPFLOAT, UNKNOWN, Kind, infer
from pdeperf.kernel.type_guards import TypeGuard, merged
from pdeperf.kernel.vocabulary import CONSTANTS, qualified, result_kind
from pdeperf.source import Module, Project

_NUMBERS = {
    "int": ("int64", True),
    "float": ("float64", True),
    "bool": ("bool", True),
    "complex": ("complex128", True),
    "npfloat": ("float64", False),
    "npint": ("int64", False),
    "f32": ("float32", False),
    "number": ("float64", True),
}


_TYPES = {
    "float": "float",
    "number": "float",
    "npfloat": "numpy.float64",
    "int": "int",
    "npint": "numpy.int64",
}
_ATOMS = (ast.Name, ast.Constant, ast.Attribute, ast.Subscript, ast.Call)
_TYPES |= {"bool": "bool", "f32": "numpy.float32", "complex": "complex"}


class Names(Settings):
    """The names of one region of one scope."""

    exchanges_paths: ClassVar[bool] = False
    """Is ``self.u, self.v = self.v, self.u`` a part of a run?"""
    counts: ClassVar[bool] = True
    """Are sums of integers and of truth values part of a run?"""
    gathers: ClassVar[bool] = True
    """Are elements at computed places part of a run?"""

    def __init__(self, project: Project, module: Module, region: Sequence[ast.stmt]) -> None:
        super().__init__(project, module, region)
        self._arrays: dict[str, tuple[str, int]] = {}
        self._kinds: dict[str, Kind] = {}
        self._sizes = Sizes({})
        self.is_repeated = any(
            isinstance(above, ast.For | ast.While)
            for above in takewhile(lambda node: node is not self.scope.node, module.ancestors(region[0]))
        )
        self.rewritten: set[int] = set()
        self.kept_alive: list[ast.AST] = []
        self.uses = Uses(self.called)
        self.several_shapes: set[str] = set()
        self.held()
        self.settings()
        self.library = "np"
        """What the file calls NumPy."""
        self.made_of: set[str] = set()
        """Attributes of which properties make numbers that the region reads."""
        self.carried: set[str] = set()
        """Names of views that are not bound because only other runs read them."""

    def _kind(self, node: ast.expr) -> Kind:
        text = ast.unparse(node)
        if text in self._arrays:
            dtype, ndim = self._arrays[text]
            return Kind("array", dtype, ndim)
        if text in self._kinds:
            return self._kinds[text]
        if isinstance(node, ast.Name | ast.Attribute) and is_path(node):
            if qualified(node, self.module, self.scope) in CONSTANTS:
                return Kind("float")
            seen = self.look(node)
            if seen is not None and not seen.is_property:
                return seen.kind
        if is_setting(node) or place_of(node) is not None:
            seen = self.look(node)
            return seen.kind if seen is not None else UNKNOWN
        return UNKNOWN

    def is_property(self, node: ast.Attribute) -> bool:
        """Was an attribute seen to be computed by a property?"""
        seen = self.look(node) if is_path(node) else None
        return seen is not None and seen.is_property

    def rank(self, name: str) -> int:
        """Number of dimensions of a name's array."""
        return self._kind(ast.Name(id=name, ctx=ast.Load())).ndim

    def array(self, node: ast.expr, sizes: Sizes) -> Buffer | None:
        """The array that a path stands for when a run begins; None if it is no array.

        Raises
        ------
        Unliftable
            If it is an array whose type is not compiled.
        """
        kind = self._kind(node)
        if not kind.is_array or not kind.ndim:
            return None
        if kind.dtype not in KNOWN:
            raise Unliftable(f"`{ast.unparse(node)}` is an array of {kind.dtype}")
        text, shape = ast.unparse(node), self._shape(ast.unparse(node), kind.ndim)
        if isinstance(node, ast.Subscript):
            text = self._alias(node)
        if text in self.several_shapes:
            raise Unliftable(f"`{text}` stands for arrays of several shapes")
        symbols = [f"{text}.shape[{axis}]" for axis in range(kind.ndim)]
        for symbol, value in zip(symbols, shape, strict=False):
            sizes.note(symbol, value)
        return Buffer(text, tuple(Size.of(symbol) for symbol in symbols), kind.dtype)

    def _alias(self, node: ast.Subscript) -> str:
        """A name for an entry of a dict."""
        text, key = ast.unparse(node), self._key(node)
        if place_of(node) is not None:
            text = f"{ast.unparse(node.value)}[{key}]"
        known = next((name for name, entry in self.aliases.items() if entry == text), None)
        if known is not None:
            return known
        is_bound = not is_kept(node.value, key, self.region, self.module, self.called, self.was_array)
        if is_bound and not (self.may_rebind and self.is_settled(ast.unparse(node.value))):
            raise Unliftable(f"`{text}` may become another array")
        root = node.value
        while isinstance(root, ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name) or root.id not in self.before:
            raise Unliftable(f"`{text}` is made here")
        base = ast.unparse(node.value)
        name = self.fresh_plain(f"{base}_{key}" if isinstance(key, int) else f"{key}_of_{base}")
        self.aliases[name] = text
        self.before |= {name}
        self.rebound |= {name} if is_bound else set()
        return name

    def _key(self, node: ast.Subscript) -> str | int:
        """A dict's key, or a list's place counted from its beginning.

        Raises
        ------
        Unliftable
            If the list was not always as long.
        """
        place = place_of(node)
        if place is None:
            assert isinstance(node.slice, ast.Constant)
            return str(node.slice.value)
        seen = self.look(node.value)
        if seen is None or seen.keys != tuple(range(len(seen.keys))) or not seen.keys:
            raise Unliftable(f"`{ast.unparse(node.value)}` is a list of several lengths")
        return place % len(seen.keys)

    def typed(self, arrays: Sequence[Buffer]) -> Iterator[str]:
        """Conditions that hold where arrays are of the types and numbers of dimensions that they had."""
        guards = (TypeGuard(paths=(each.name,), dtype=each.dtype, ndim=len(each.shape)) for each in arrays)
        yield from (guard.text for guard in merged(guards))

    def note_array(self, name: str, dtype: str, shape: tuple[Size, ...], sizes: Sizes) -> None:
        """The region has bound a name to a new array.

        Raises
        ------
        Unliftable
            If its loops begin their turns with arrays of several types by this name.
        """
        kind = self._kind(ast.Name(id=name, ctx=ast.Load()))
        is_another = kind.is_array and kind.dtype != dtype
        if is_another and name in self.before and self._has_loops() and self._is_read(name):
            raise Unliftable(f"`{name}` stands for arrays of {kind.dtype} and of {dtype}")
        self._arrays[name] = (dtype, len(shape))
        self._settle(name, shape, sizes)

    def _has_loops(self) -> bool:
        return any(isinstance(node, ast.For | ast.While) for each in self.region for node in ast.walk(each))

    def _settle(self, name: str, shape: tuple[Size, ...], sizes: Sizes) -> None:
        """A name's array has this shape: by this binding, and by those before the region too."""
        for axis, size in enumerate(shape):
            symbol = f"{name}.shape[{axis}]"
            is_new = roots(symbol) & sizes.late or not self._is_read(name)
            if name.split(".")[0] in self.before and not is_new:
                for each, value in zip(
                    (f"{name}.shape[{one}]" for one in range(len(shape))),
                    self._shape(name, len(shape)),
                    strict=False,
                ):
                    sizes.note(each, value)
                sizes.require_equal(Size.of(symbol), size)
                continue
            try:
                sizes.define(symbol, size)
            except Unequal:
                self._settle_again(name, symbol, size, sizes)

    def _is_read(self, name: str) -> bool:
        """May the region look at what a name stood for before it?"""
        if not name.isidentifier():
            return True
        return self.uses.is_read(name, (*self.region, *self.put_in, *self.kept_alive))

    def _settle_again(self, name: str, symbol: str, size: Size, sizes: Sizes) -> None:
        """A name's array has another shape by this binding than by those before, unless the two agree."""
        try:
            sizes.require_equal(Size.of(symbol), size)
        except Unequal:
            self.several_shapes.add(name)
            sizes.forget(symbol)

    def note_element(self, name: str, dtype: str, shape: Sequence[int], sizes: Sizes) -> None:
        """A name is bound to an array out of a tuple or a list."""
        self._arrays[name] = (dtype, len(shape))
        for axis, size in enumerate(shape):
            sizes.note(f"{name}.shape[{axis}]", size)

    def note_view(self, name: str, dtype: str, shape: tuple[Size, ...], sizes: Sizes) -> None:
        """The region has bound a name to an array that was there, or to a part of it."""
        self.note_array(name, dtype, shape, sizes)

    def note_number(self, name: str, value: ast.expr) -> None:
        """The region has bound a name to a number."""
        kind = self.kind_of(value)
        if kind.is_scalar and self._kinds.get(name, kind) == kind:
            self._kinds[name] = kind
        elif name in self._kinds and self.look(ast.Name(id=name, ctx=ast.Load())) is None:
            self._kinds[name] = UNKNOWN  # nobody has seen what it is from now on

    def is_number(self, node: ast.expr) -> bool:
        """Is a path always a number?"""
        return self._kind(node).is_scalar if is_path(node) else self.kind_of(node).is_scalar

    def kind_of(self, node: ast.expr) -> Kind:
        """Kind of an expression without arrays in it."""
        if isinstance(node, ast.Starred):
            return UNKNOWN
        found: dict[str, Kind] = {}
        flat = Flat(self._kind, found).visit(ast.parse(ast.unparse(node), mode="eval").body)

        def called(call: ast.Call, kinds: list[Kind]) -> Kind:
            return result_kind(self.called(call.func), call, kinds)

        return infer(flat, found, called)

    def number(self, node: ast.expr) -> Cells:
        """A number.

        Raises
        ------
        Unliftable
            If it is none, or of a type that is not compiled.
        """
        kind = self.kind_of(node)
        if kind.base not in _NUMBERS:
            raise Unliftable(f"`{ast.unparse(node)[:50]}` is not known to be a number")
        for call in (part for part in ast.walk(node) if isinstance(part, ast.Call)):
            if not self.called(call.func).startswith(("numpy.", "math.", "builtins.")):
                raise Unliftable(f"`{ast.unparse(call)[:50]}` is called in an array expression")
        dtype, weak = _NUMBERS[kind.base]
        text = ast.unparse(node)
        return number(
            text if isinstance(node, _ATOMS) else f"({text})",
            node,
            dtype,
            weak=weak,
        )

    def integer(self, node: ast.expr) -> Size:
        """An integer expression as a size.

        Raises
        ------
        Unliftable
            If it is not known to be an integer.
        """
        several = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} & self.several_shapes
        if several:
            raise Unliftable(f"`{min(several)}` stands for arrays of several shapes")
        known = element(node, self.module, self.called) if isinstance(node, ast.Subscript) else None
        if known is not None and not any(map(self.is_bound_here, names_of(known[1].check))):
            self.checks[known[1].check] = None
            return Size(known[0])
        match node:
            case ast.Constant(value=int(value)):
                return Size(value)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.integer(operand) * -1
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self.integer(left) + self.integer(right)
            case ast.BinOp(left=left, op=ast.Sub(), right=right):
                return self.integer(left) - self.integer(right)
            case ast.BinOp(left=ast.Constant(value=int(factor)), op=ast.Mult(), right=right):
                return self.integer(right) * factor
            case ast.BinOp(left=left, op=ast.Mult(), right=ast.Constant(value=int(factor))):
                return self.integer(left) * factor
            case ast.BinOp(left=left, op=ast.FloorDiv(), right=ast.Constant(value=int(part))) if part > 0:
                return self._part(self.integer(left), part)
            case ast.Call(func=ast.Name(id="len"), args=[argument]) if is_path(argument):
                return Size.of(f"{ast.unparse(argument)}.shape[0]")
        if self.kind_of(node).base not in ("int", "npint"):
            raise Unliftable(f"`{ast.unparse(node)[:50]}` is not known to be an integer")
        text = ast.unparse(node)
        self._note_integer(node, text)
        return Size.of(text if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) else f"({text})")

    def _note_integer(self, node: ast.expr, text: str) -> None:
        """Tell the sizes what an integer was seen to be in a function that has been put in."""
        seen = self.look(node) if isinstance(node, ast.Attribute) and is_path(node) else None
        if seen is not None and seen.value.lstrip("-").isdigit() and self._sizes.value(Size.of(text)) is None:
            self._sizes.note(text, int(seen.value))

    def _part(self, whole: Size, divisor: int) -> Size:
        """``whole // divisor``, a symbol of its own whose value is known where the whole's is."""
        whole = self._sizes.plain(whole)
        if whole.is_const:
            return Size(whole.const // divisor)
        plain = len(whole.terms) == 1 and not whole.const and whole.terms[0][1] == 1
        text = f"({whole} // {divisor})" if plain else f"(({whole}) // {divisor})"
        seen = self._sizes.value(whole)
        if seen is not None:
            self._sizes.note(text, seen // divisor)
        return Size.of(text)

    def note_integers(self, sizes: Sizes) -> None:
        """Tell the sizes what integers were seen to be, and ask them from here on."""
        self._sizes = sizes
        for subject, metric, value, _ in self._facts:
            if metric == "value" and value.lstrip("-").isdigit():
                sizes.note(subject, int(value))

    def counters(self, count: int) -> list[str]:
        """Names for loop variables."""
        free = [name for name in ("i", "j", "k", "l", "m") if name not in self.bound | self.given]
        free += [name for name in ("ii", "jj", "kk", "ll", "mm") if name not in self.taken]
        return free[:count]

    @property
    def bound(self) -> frozenset[str]:
        """Names that live in this scope or are read in the region."""
        inside = {n.id for part in self.region for n in ast.walk(part) if isinstance(n, ast.Name)}
        return self.scope.binds | frozenset(inside) | self._always | self.carried

    @contextmanager
    def inside(self, body: list[ast.stmt], statement: ast.stmt) -> Iterator[None]:
        """While statements are lifted that stand in place of one of the scope's own."""
        function = as_function(tuple(body), self.live_after([statement]))
        for part in body:
            for node in ast.walk(part):
                self.rewritten.add(id(node))
                if isinstance(node, ast.stmt):
                    self._homes[id(node)] = function
                if isinstance(node, ast.For) and isinstance(node.target, ast.Name):
                    self._note_counter(node.target.id, node.iter)
        self.kept_alive.append(function)
        self._inside.append(function)
        yield
        self._inside.pop()

    def note_kind(self, name: str, kind: Kind = NPFLOAT) -> None:
        """A name for a number that is made here."""
        self._kinds[name] = kind

    @property
    def new_numbers(self) -> dict[str, str]:
        """Names of numbers that only the rewrite has, and their types."""
        return {
            name: _TYPES[kind.base]
            for name, kind in self._kinds.items()
            if kind.base in _TYPES and name not in self.scope.binds
        }

    def note_counter(self, name: str) -> None:
        """A loop over range binds the name."""
        self._kinds[name] = INT

    def _note_counter(self, name: str, source: ast.expr) -> None:
        match source:
            case ast.Call(func=ast.Name(id="range")):
                self._kinds[name] = INT
