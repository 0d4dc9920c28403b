"""What the source proves about sizes: ``u = np.zeros((nx, ny))`` has ``nx`` rows wherever it is looked at.

Sizes are told in terms of values that no later statement changes: of a name that is bound once, of a
parameter, of an attribute that ``__init__`` binds. What is not followed is not known.
"""

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pdeperf.kernel.fixed_point import Place
from pdeperf.kernel.polynomials import Polynomial, atom, of
from pdeperf.kernel.returns import is_plain, results
from pdeperf.kernel.size_numbers import MOST_STEPS, Numbers
from pdeperf.source import Module
from pdeperf.source.bindings import Binding, How
from pdeperf.source.scopes import statement_of

_MADE = frozenset("zeros ones empty full".split())
_LIKE = frozenset("zeros_like ones_like empty_like full_like copy array asarray ascontiguousarray".split())
_EACH = frozenset(
    "sqrt exp log sin cos tan tanh sinh cosh arctan abs absolute sign floor ceil square negative".split()
)
_PAIRED = frozenset("where maximum minimum power hypot arctan2".split())
_LISTS = frozenset("list range map sorted zip reversed".split())
_DEEPEST = 24


class _Open:
    """The size of what is being asked about already: whatever the others say."""


_OPEN = _Open()
Size = Polynomial | _Open | None


@dataclass(slots=True)
class Sizes(Numbers):
    """The sizes of the arrays and lists of a project."""

    _facts: dict[str, bool] = field(default_factory=dict)

    def _is_so(self, fact: str, ask: Callable[[], bool]) -> bool:
        if fact not in self._facts:
            self._facts[fact] = ask()
        return self._facts[fact]

    @property
    def is_known(self) -> bool:
        """May sizes be followed at all? Not where arrays may get another shape in place."""
        program = self.provable.program
        changes = lambda: program.is_dynamic or any(map(_reshapes, (node for _, node in program.nodes)))  # noqa: E731
        return not self._is_so("reshapes", changes)

    @property
    def _lists_keep(self) -> bool:
        """Does every list keep its length, but for those that are empty when they are made?"""
        return self._is_so(
            "keep", lambda: not any(self._changes_length(*one) for one in self.provable.program.nodes)
        )

    @property
    def _lists_stay(self) -> bool:
        """Does every list keep its length?"""
        grows = lambda: any(_grown(node) is not None for _, node in self.provable.program.nodes)  # noqa: E731
        return self._lists_keep and not self._is_so("grow", grows)

    def _changes_length(self, module: Module, node: ast.AST) -> bool:
        match node:
            case ast.Delete(targets=targets):
                return any(isinstance(one, ast.Subscript) for one in targets)
            case ast.Call(func=ast.Attribute(attr="pop" | "remove" | "clear")):
                return True
            case ast.AugAssign(target=target, op=ast.Add(), value=ast.Name(id=name)) if self._is_list(name):
                return not self._begins_empty(target)
            case ast.Subscript(ctx=ast.Store(), value=whole, slice=ast.Slice()):
                place = Place(module, self.provable.bindings.scope(module, node), statement_of(module, node))
                return not self._is_array(whole, place)
        grown = _grown(node)
        return grown is not None and not self._begins_empty(grown)

    def _is_list(self, name: str) -> bool:
        """May a list be bound to a name?"""
        parts = (part for one in self._bound_to(name) if one for part in ast.walk(one))
        return any(isinstance(part, ast.List | ast.ListComp) for part in parts)

    def _bound_to(self, name: str) -> list[ast.expr | None]:
        """What is bound to a name, anywhere; None where that is not written there."""
        stores = ((m, n) for m, n in self.provable.program.all(ast.Name) if n.id == name)
        return [getattr(m.parents.get(n), "value", None) for m, n in stores if isinstance(n.ctx, ast.Store)]

    def _begins_empty(self, whole: ast.expr) -> bool:
        """Is a list empty whenever it is made, as all lists of its name are?"""
        match whole:
            case ast.Name(id=name):
                bound = self._bound_to(name)
                given = any(one.arg == name for _, one in self.provable.program.all(ast.arg))
                return not given and all(isinstance(one, ast.List) and not one.elts for one in bound)
            case ast.Attribute(attr=name):
                stored = [value for _, value, _ in self.provable.stores.attribute_values(name)]
                return all(isinstance(one, ast.List) and not one.elts for one in stored)
        return False

    def _is_array(self, node: ast.expr, place: Place) -> bool:
        kinds = self.provable.kinds_of(node, place)
        return bool(kinds) and all(kind.is_array for kind in kinds)

    def size(self, node: ast.expr, axis: int, place: Place) -> Polynomial | None:
        """How long an array, or a list, is along one dimension."""
        self._steps = 0
        return self.known(node, axis, place) if self.is_known else None

    def known(self, node: ast.expr, axis: int, place: Place) -> Polynomial | None:
        """How long it is along one dimension, among other questions."""
        found = self._size(node, axis, place)
        return found if isinstance(found, Polynomial) else None

    def _size(self, node: ast.expr, axis: int, place: Place) -> Size:
        self._steps += 1
        if self._steps > MOST_STEPS or len(self._asked) > _DEEPEST:
            return None
        match node:
            case ast.Name(id=name):
                return self._of_name(name, axis, place)
            case ast.Attribute(attr="T", value=whole):
                return self._size(whole, 1 - axis, place) if self._is_table(whole, place) else None
            case ast.Attribute(value=ast.Name(id=root), attr=name):
                return self._of_attribute(root, name, axis, place)
            case ast.Subscript(value=whole, slice=index):
                return self._of_part(whole, index, axis, place)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                return self._size(operand, axis, place)
            case ast.BinOp(left=left, op=op, right=right):
                return self._of_operator(left, op, right, axis, place)
            case ast.List() | ast.ListComp() if not self._lists_keep:
                return None
            case ast.List(elts=parts):
                if not parts or any(isinstance(part, ast.Starred) for part in parts):
                    return None
                return of(len(parts)) if axis == 0 else self._alike(parts, axis - 1, place)
            case ast.ListComp(elt=element, generators=[only]) if not only.ifs:
                if axis:
                    return self._size(element, axis - 1, place) if not _reads(element, only.target) else None
                return self._turns(only.iter, place)
            case ast.IfExp(body=body, orelse=orelse):
                return _joined([self._size(body, axis, place), self._size(orelse, axis, place)])
            case ast.Call():
                return self._of_call(node, axis, place)
        return None

    def _alike(self, parts: Sequence[ast.expr], axis: int, place: Place) -> Size:
        return _joined([self._size(part, axis, place) for part in parts])

    def _turns(self, source: ast.expr, place: Place) -> Size:
        match source:
            case ast.Call(func=ast.Name(id="range"), args=[stop], keywords=[]):
                return self.number(stop, place)
            case ast.Call(func=ast.Name(id="range"), args=[start, stop], keywords=[]):
                return self._combined(self.number(stop, place), ast.Sub(), self.number(start, place))
            case ast.Name() | ast.Attribute():
                return self._size(source, 0, place)
        return None

    def _of_name(self, name: str, axis: int, place: Place) -> Size:
        reaching = self.provable.bindings.reaching(place.module, place.scope, name, place.at)
        if not self._is_own(name, reaching, place):
            return None
        sizes: list[Size] = []
        for one in reaching:
            found = self._of_binding(one, axis)
            hangs_on_turns = isinstance(found, Polynomial) and any(map(self._loops.get, found.atoms))
            if hangs_on_turns and (len(reaching) > 1 or not self._is_in(one, frozenset(), place)):
                return None
            sizes.append(found)
        return _joined(sizes)

    def _of_binding(self, one: Binding, axis: int) -> Size:
        key = id(one), axis
        if key in self._asked:
            return _OPEN
        self._asked.add(key)
        try:
            place = Place(one.module, one.scope, one.statement)
            if one.how is How.PARAMETER:
                if not self._lists_stay and not self._is_array_at(one.name, place):
                    return None
                leaf = ("size", id(one), axis)
                self._bindings_of[leaf] = one
                return atom(leaf)
            if one.value is None:
                return None
            if one.how is How.VALUE:
                return self._size(one.value, axis, place)
            if one.how is How.UPDATE:
                return self._of_name(one.name, axis, place) if self._is_array_at(one.name, place) else None
            if one.how is How.ELEMENT and not one.path and isinstance(one.value, ast.Name | ast.Attribute):
                return self._size(one.value, axis + 1, place)
            if one.how is How.PART and len(one.path) == 1:
                return self._of_tuple(one.value, one.path[0], axis, place)
            return None
        finally:
            self._asked.discard(key)

    def _is_array_at(self, name: str, place: Place) -> bool:
        return self._is_array(ast.Name(name, ast.Load()), place)

    def _of_tuple(self, node: ast.expr, at: int, axis: int, place: Place) -> Size:
        """The size of a part of a tuple."""
        match node:
            case ast.Tuple(elts=parts) if 0 <= at < len(parts):
                return self._size(parts[at], axis, place)
            case ast.Call(args=[one, other]) if self._full(node, place) == "numpy.meshgrid":
                words = {word.arg: word.value for word in node.keywords}
                order = words.get("indexing", ast.Constant("xy"))
                if not isinstance(order, ast.Constant) or words.keys() - {"indexing"} or axis > 1:
                    return None
                return self._size((one, other)[axis if order.value == "ij" else 1 - axis], 0, place)
            case ast.Call():
                return self._returned(node, at, axis, place)
        return None

    def _of_attribute(self, root: str, name: str, axis: int, place: Place) -> Size:
        stored = self._stored(root, name, place)
        whole = ast.Attribute(ast.Name(root, ast.Load()), name, ast.Load())
        if not stored or (self._is_changed(name) and not self._is_array(whole, place)):
            return None
        sizes: list[Size] = []
        for value, home, path in stored:
            key = id(value), axis
            if key in self._asked:
                continue
            self._asked.add(key)
            try:
                size = self._of_tuple(value, path[0], axis, home) if path else self._size(value, axis, home)
            finally:
                self._asked.discard(key)
            sizes.append(self._of_object(size, root, home) if isinstance(size, Polynomial) else size)
        found = _joined(sizes) if sizes else _OPEN
        return self._in_maker(found, root, place) if isinstance(found, Polynomial) else found

    def _of_part(self, whole: ast.expr, index: ast.expr, axis: int, place: Place) -> Size:
        parts = index.elts if isinstance(index, ast.Tuple) else [index]
        left = 0
        for at, part in enumerate(parts):
            if isinstance(part, ast.Slice):
                if left == axis:
                    is_whole = part.lower is None and part.upper is None and part.step is None
                    return self._size(whole, at, place) if is_whole else None
                left += 1
            elif not self._is_integer(part, place):
                return None
        return self._size(whole, axis - left + len(parts), place)

    def _of_operator(
        self, left: ast.expr, op: ast.operator, right: ast.expr, axis: int, place: Place
    ) -> Size:
        for inner, count in ((left, right), (right, left)):
            if isinstance(op, ast.Mult) and isinstance(inner, ast.List) and inner.elts:
                if not self._lists_keep:
                    return None
                if axis:
                    return self._size(inner, axis, place)
                number = self.number(count, place)
                return number.times(len(inner.elts)) if number is not None else None
        if isinstance(op, ast.Add) and isinstance(left, ast.List | ast.ListComp):
            sizes = self._size(left, axis, place), self._size(right, axis, place)
            told = [size for size in sizes if isinstance(size, Polynomial)]
            return told[0] + told[1] if len(told) == 2 and not axis else None
        one, other = self._ndim(left, place), self._ndim(right, place)
        if one is None or other is None:
            return None
        if not (one and other):
            return self._size(left if one else right, axis, place)
        return self._alike([left, right], axis, place) if one == other else None

    def _of_call(self, node: ast.Call, axis: int, place: Place) -> Size:
        full = self._full(node, place)
        if any(isinstance(part, ast.Starred) for part in node.args):
            return None
        words = {word.arg: word.value for word in node.keywords}
        if not full:
            if isinstance(node.func, ast.Attribute) and node.func.attr in ("copy", "astype", "tolist"):
                return self._size(node.func.value, axis, place)
            return self._returned(node, -1, axis, place)
        home, _, name = full.rpartition(".")
        if full in ("builtins.list", "copy.deepcopy", "copy.copy"):
            return self._size(node.args[0], axis, place) if len(node.args) == 1 else None
        if home == "numpy.random" and name in ("rand", "randn"):
            return self.number(node.args[axis], place) if axis < len(node.args) else None
        if home != "numpy" or None in words or not (node.args or words):
            return None
        if name in _MADE:
            return self._of_shape(node.args[0] if node.args else words.get("shape"), axis, place)
        if name in _LIKE and "shape" not in words and "ndmin" not in words and node.args:
            return self._size(node.args[0], axis, place)
        if name in _EACH and len(node.args) == 1 and not words:
            return self._size(node.args[0], axis, place)
        if name == "linspace" and not axis and "retstep" not in words:
            count = node.args[2] if len(node.args) > 2 else words.get("num", ast.Constant(50))
            return self.number(count, place)
        if name == "arange" and not axis and len(node.args) in (1, 2) and not words.keys() - {"dtype"}:
            bounds = [self.number(part, place) for part in node.args]
            if all(self._is_integer(part, place) for part in node.args):
                return bounds[0] if len(bounds) == 1 else self._combined(bounds[1], ast.Sub(), bounds[0])
        if name == "outer" and axis < 2 and len(node.args) == 2:
            return self._size(node.args[axis], 0, place) if self._is_line(node.args[axis], place) else None
        if name in _PAIRED and not words and len(node.args) == 2 + (name == "where"):
            counts = [self._ndim(part, place) for part in node.args]
            whole = [part for part, count in zip(node.args, counts, strict=True) if count]
            is_plain_one = None not in counts and len({*counts} - {0}) == 1
            return self._alike(whole, axis, place) if is_plain_one else None
        if name == "eye" and axis < 2 and len(node.args) == 1:
            return self.number(node.args[0], place)
        return None

    def _of_shape(self, shape: ast.expr | None, axis: int, place: Place) -> Size:
        match shape:
            case None:
                return None
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return self.number(parts[axis], place) if axis < len(parts) else None
            case ast.Attribute(value=whole, attr="shape"):
                return self._size(whole, axis, place)
        return self.number(shape, place) if not axis and self._is_integer(shape, place) else None

    def _returned(self, node: ast.Call, at: int, axis: int, place: Place) -> Size:
        """The size of what one of the user's functions returns, or of a part of that."""
        functions = self.provable.functions(node, place)
        if len(functions) != 1 or isinstance(node.func, ast.Attribute):
            return None
        module, function = functions[0]
        key = id(function), axis
        if not is_plain(function) or key in self._asked:
            return None
        self._asked.add(key)
        try:
            sizes: list[Size] = []
            scope = self.provable.bindings.scope(module, function)
            for value, where in results(function):
                home = Place(module, scope, where)
                if value is None:
                    return None
                size = self._of_tuple(value, at, axis, home) if at >= 0 else self._size(value, axis, home)
                sizes.append(size)
            found = _joined(sizes)
        finally:
            self._asked.discard(key)
        if not isinstance(found, Polynomial):
            return None
        given = passed_by(node, function)
        return self.in_terms_of(found, {function: given}, place) if given is not None else None


def _joined(sizes: Sequence[Size]) -> Size:
    """The one size that all say."""
    told = {size for size in sizes if not isinstance(size, _Open)}
    if not sizes or None in told or len(told) > 1:
        return None
    return told.pop() if told else _OPEN


def _reshapes(node: ast.AST) -> bool:
    """May it give an array another shape in place?"""
    match node:
        case ast.Attribute(attr="shape" | "dtype" | "strides", ctx=ast.Store()):
            return True
        case ast.Call(func=ast.Attribute(attr="resize")):
            return True
    return False


def _grown(node: ast.AST) -> ast.expr | None:
    """The list that a statement makes longer."""
    match node:
        case ast.Call(func=ast.Attribute(attr="append" | "extend" | "insert", value=whole)):
            return whole
        case ast.AugAssign(target=target, op=ast.Add(), value=value):
            makes = (part for part in ast.walk(value) if isinstance(part, ast.List | ast.ListComp))
            is_list = isinstance(value, ast.Call) and ast.unparse(value.func) in _LISTS
            return target if is_list or any(True for _ in makes) else None
    return None


def _reads(node: ast.expr, target: ast.expr) -> bool:
    names = {part.id for part in ast.walk(target) if isinstance(part, ast.Name)}
    return any(isinstance(part, ast.Name) and part.id in names for part in ast.walk(node))


def passed_by(
    call: ast.Call, function: ast.FunctionDef | ast.Lambda, skipped: int = 0
) -> dict[str, tuple[ast.expr, Place | None]] | None:
    """What a call gives for each parameter that it names or places; None where that is not plain."""
    if any(isinstance(part, ast.Starred) for part in call.args) or not all(k.arg for k in call.keywords):
        return None
    names = [one.arg for one in function.args.args][skipped:]
    found: dict[str, tuple[ast.expr, Place | None]] = {
        name: (value, None) for name, value in zip(names, call.args, strict=False)
    }
    found |= {word.arg: (word.value, None) for word in call.keywords if word.arg}
    return found
