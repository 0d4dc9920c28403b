"""Which variables of a file stand for one and the same list of records at times."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pdeperf.kernel.list_slots import NoArrayError, Slot
from pdeperf.kernel.records import Parts, Records, RecordTypes, Type
from pdeperf.kernel.vocabulary import qualified
from pdeperf.source.scopes import FUNCTIONS, scope_of


class KeptError(ValueError):
    """A list of records has to stay a list.

    Parameters
    ----------
    slot
        One of the variables that stand for it.
    reason
        Why.
    """

    def __init__(self, slot: Slot, reason: str) -> None:
        super().__init__(reason)
        self.slot = slot


@dataclass(slots=True)
class Groups:
    """Which variables stand for one and the same list at times."""

    types: RecordTypes
    heads: dict[Slot, Slot] = field(default_factory=dict)

    def __post_init__(self) -> None:
        module = self.types.module
        for node in module.nodes:
            match node:
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        self._together(target, value)
                case (
                    ast.AnnAssign(target=target, value=ast.expr() as value)
                    | ast.NamedExpr(target=target, value=value)
                ):
                    self._together(target, value)
                case ast.Return(value=ast.expr() as value):
                    function = next(one for one in module.ancestors(node) if isinstance(one, FUNCTIONS))
                    self._meet(self.types.slot("result", function, ""), value)
        for function in module.all(ast.FunctionDef):
            is_method = isinstance(module.parents.get(function), ast.ClassDef)
            for one in (*function.args.args, *function.args.kwonlyargs):
                slot = self.types.slot("name", function, one.arg)
                if has_lists(self.types.types.get(slot)):
                    for given in self.types.arguments(function, one.arg, is_method=is_method):
                        if given is not None:
                            self._meet(slot, given)

    def _together(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            parts = target.elts
            if isinstance(value, ast.Tuple) and len(value.elts) == len(parts):
                for part, one in zip(parts, value.elts, strict=True):
                    self._together(part, one)
            else:
                for part in parts:
                    self._together(part, value)
        elif isinstance(target, ast.Name | ast.Attribute):
            slot = self.types.slot_of(target)
            if slot is not None:
                self._meet(slot, value)

    def _meet(self, slot: Slot, value: ast.expr) -> None:
        if has_lists(self.types.types.get(slot)):
            for other in self.sources(value):
                if has_lists(self.types.types.get(other)):
                    self.heads[self.head(slot)] = self.head(other)

    def sources(self, value: ast.expr) -> Iterator[Slot]:
        """The variables whose list a value is, or may be."""
        match value:
            case ast.Name() | ast.Attribute():
                slot = self.types.slot_of(value)
                if slot is not None:
                    yield slot
            case ast.IfExp(body=body, orelse=orelse):
                yield from (*self.sources(body), *self.sources(orelse))
            case ast.Tuple(elts=parts):
                for part in parts:
                    yield from self.sources(part)
            case ast.NamedExpr(value=inner):
                yield from self.sources(inner)
            case ast.Call():
                full = qualified(value.func, self.types.module, scope_of(self.types.module, value))
                function = self.types.function_called(value) if not full else None
                if function is not None:
                    yield self.types.slot("result", function, "")

    def head(self, slot: Slot) -> Slot:
        """One variable for all that stand for the same list."""
        while slot in self.heads and self.heads[slot] != slot:
            slot = self.heads[slot]
        return slot

    def of(self, node: ast.expr) -> Slot | None:
        """The list that an expression is; None where it is made there."""
        for slot in self.sources(node):
            if has_lists(self.types.types.get(slot)):
                return self.head(slot)
        return None


def has_lists(found: Type) -> bool:
    """Is it a list of records, or a tuple with one?"""
    if isinstance(found, Parts):
        return any(map(has_lists, found.types))
    return isinstance(found, Records) and found.of is not None


def with_slot(slot: Slot, work: Callable[[], None]) -> None:
    """Say which list has to stay where one has to."""
    try:
        work()
    except NoArrayError as error:
        raise KeptError(slot, str(error)) from error
