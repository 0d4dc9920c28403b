"""Whether the numbers in records are floats for certain, whatever a script is given."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from pdeperf.kernel.assumed import Assumed
from pdeperf.kernel.kinds import FLOAT, UNKNOWN
from pdeperf.kernel.list_slots import Slot
from pdeperf.kernel.list_values import ListValues, knows_no_numpy
from pdeperf.kernel.record_makers import Record
from pdeperf.kernel.records import Parts, Records, RecordTypes
from pdeperf.kernel.vocabulary import qualified
from pdeperf.source.scopes import own_nodes, parameters, scope_of

Bound = tuple[str, int, ast.expr | None]
"""How a variable is bound: to a value, a part of it, an element of it, a part of an element."""


@dataclass(slots=True)
class RecordNumbers:
    """Proofs about the numbers in records, each of which may rest on the others.

    A record is made of numbers that are computed of those of earlier records: they are floats if every
    expression that makes one gives floats as long as it is given floats.

    Attributes
    ----------
    has_failed
        Something was taken for granted that turned out otherwise.
    """

    types: RecordTypes
    values: ListValues
    has_failed: bool = False
    _bound: dict[Slot, list[Bound]] = field(default_factory=dict)
    _known: dict[Slot, bool] = field(default_factory=dict)
    _asked: set[Slot] = field(default_factory=set)
    _assumed_slots: set[Slot] = field(default_factory=set)

    def __post_init__(self) -> None:
        assumed = Assumed(self.values.provable, FLOAT, self.is_number_of)
        module = self.types.module
        self.values = ListValues(module, self.values.provable, "float64", self.is_number_of, assumed)
        for node in module.nodes:
            for target, how in _bindings(node):
                for slot, one in self._slots(target, how):
                    self._bound.setdefault(slot, []).append(one)
        for function in module.all(ast.FunctionDef):
            is_method = isinstance(module.parents.get(function), ast.ClassDef)
            for name in parameters(function):
                slot = self.types.slot("name", function, name)
                given = self.types.arguments(function, name, is_method=is_method)
                self._bound.setdefault(slot, []).extend(("value", -1, one) for one in given)

    def _slots(self, target: ast.expr, how: Bound) -> Iterator[tuple[Slot, Bound]]:
        form, _, value = how
        if isinstance(target, ast.Name | ast.Attribute):
            slot = self.types.slot_of(target)
            if slot is not None:
                yield slot, how
        elif isinstance(target, ast.Tuple | ast.List):
            starred = any(isinstance(one, ast.Starred) for one in target.elts)
            for at, part in enumerate(target.elts):
                inner: Bound = ("anything", -1, None)
                if form == "value" and isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts):
                    inner = ("value", -1, value.elts[at])
                elif form in ("value", "element") and not starred:
                    inner = ("part" if form == "value" else "element part", at, value)
                    if form == "element" and (column := self._column(value, at)) is not None:
                        inner = ("element", -1, column)
                yield from self._slots(part, inner)
        elif isinstance(target, ast.Starred):
            yield from self._slots(target.value, ("anything", -1, None))

    def _column(self, source: ast.expr | None, at: int) -> ast.expr | None:
        """What a part of the target of a walk over several things at once walks."""
        if not isinstance(source, ast.Call):
            return None
        full = qualified(source.func, self.types.module, scope_of(self.types.module, source))
        if full == "builtins.zip" and at < len(source.args):
            return source.args[at]
        return source.args[0] if full == "builtins.enumerate" and at == 1 else None

    # ---- questions

    def is_float(self, node: ast.expr) -> bool:
        """Is a number a float for certain?"""
        match node:
            case ast.Constant(value=value):
                return type(value) in (int, float)
            case ast.IfExp(body=body, orelse=orelse):
                return self.is_float(body) and self.is_float(orelse)
        if self.values.is_made_of(node):
            return True
        assert self.values.assumed is not None
        module = self.types.module
        kinds = self.values.assumed.elements(node, module, scope_of(module, node))
        known = {kind.base for kind in kinds if kind != UNKNOWN}
        # NumPy's numbers are stored as they are, and leave as Python's: what divides by zero raises then.
        return known <= {"float", "npfloat"} and (
            UNKNOWN not in kinds or module.once(knows_no_numpy, module.tree)
        )

    def are_floats(self, node: ast.expr) -> bool:
        """Are all numbers in a record, or in a list of records, floats for certain?"""
        match node:
            case ast.Tuple(elts=parts):
                return all(map(self.is_float, parts))
            case ast.List(elts=parts):
                return all(map(self.are_floats, parts))
            case ast.ListComp(elt=element):
                return self.are_floats(element)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self.are_floats(left) and self.are_floats(right)
            case ast.BinOp(left=left, right=right):
                listed = left if isinstance(self.types.of(left), Records) else right
                return self.are_floats(listed)
            case ast.IfExp(body=body, orelse=orelse):
                return self.are_floats(body) and self.are_floats(orelse)
            case ast.Name() | ast.Attribute():
                slot = self.types.slot_of(node)
                return slot is not None and self._of_slot(slot)
            case ast.Subscript(value=value):
                return isinstance(self.types.of(value), Records) and self.are_floats(value)
            case ast.Call():
                return self._of_call(node)
        return False

    def _of_call(self, call: ast.Call) -> bool:
        full = qualified(call.func, self.types.module, scope_of(self.types.module, call))
        if full == "builtins.tuple" and len(call.args) == 1:
            given = call.args[0]
            if isinstance(given, ast.GeneratorExp | ast.ListComp):
                return self.is_float(given.elt)
            return self.are_floats(given)
        if full:
            return len(call.args) == 1 and self.are_floats(call.args[0])
        if isinstance(call.func, ast.Attribute) and call.func.attr == "copy" and not call.args:
            return self.are_floats(call.func.value)
        function = self.types.function_called(call)
        return function is not None and all(map(self.are_floats, self._returned(function)))

    def _returned(self, function: ast.FunctionDef) -> Iterator[ast.expr]:
        for node in own_nodes(function):
            if isinstance(node, ast.Return):
                yield node.value if node.value is not None else ast.Constant(None)

    def _of_slot(self, slot: Slot) -> bool:
        if slot in self._known:
            return self._known[slot]
        if slot in self._asked:
            self._assumed_slots.add(slot)
            return True
        self._asked.add(slot)
        found = self._bound.get(slot, [])
        self._known[slot] = bool(found) and all(map(self._of_binding, found))
        if not self._known[slot] and slot in self._assumed_slots:
            self.has_failed = True
        return self._known[slot]

    def _of_binding(self, bound: Bound) -> bool:
        form, at, value = bound
        if value is None:
            return False
        if form == "part":
            return self._of_part(value, at)
        found = self.types.of(value)
        if form == "element":
            return isinstance(found, Records) and self.are_floats(value)
        is_empty = isinstance(found, Records) and isinstance(value, ast.List) and not value.elts
        return form == "value" and (is_empty or self.are_floats(value))

    def _of_part(self, value: ast.expr, at: int) -> bool:
        """A record that is one of several results of a function."""
        if not isinstance(value, ast.Call) or not isinstance(self.types.of(value), Parts):
            return False
        function = self.types.function_called(value)
        if function is None:
            return False
        for returned in self._returned(function):
            if not isinstance(returned, ast.Tuple) or not self.are_floats(returned.elts[at]):
                return False
        return True

    def is_number_of(self, node: ast.expr) -> bool:
        """Is it a number in a record of floats?"""
        match node:
            case ast.Subscript(value=value, slice=index) if not isinstance(index, ast.Slice):
                return isinstance(self.types.of(value), Record) and self.are_floats(value)
            case ast.Name():
                slot = self.types.slot_of(node)
                found = self._bound.get(slot, []) if slot is not None else []
                return bool(found) and all(map(self._is_number, found))
        return False

    def _is_number(self, bound: Bound) -> bool:
        """Does a variable get one of the numbers of a record?"""
        form, _, value = bound
        if value is None:
            return False
        found = self.types.of(value)
        if form in ("part", "element"):
            return isinstance(found, Record) and self.are_floats(value)
        return form == "element part" and isinstance(found, Records) and self.are_floats(value)


def _bindings(node: ast.AST) -> Iterator[tuple[ast.expr, Bound]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((target, ("value", -1, value)) for target in targets)
        case (
            ast.AnnAssign(target=target, value=ast.expr() as value)
            | ast.NamedExpr(target=target, value=value)
        ):
            yield target, ("value", -1, value)
        case ast.AugAssign(target=target):
            yield target, ("anything", -1, None)
        case ast.For(target=target, iter=source) | ast.comprehension(target=target, iter=source):
            yield target, ("element", -1, source)
        case ast.withitem(optional_vars=ast.expr() as target):
            yield target, ("anything", -1, None)
        case ast.Call(func=ast.Attribute(value=base, attr="append"), args=[value]):
            yield base, ("value", -1, value)
