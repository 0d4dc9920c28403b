"""Lists that keep lists which become arrays, ``frames.append(u)``: they stay lists, of arrays then."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pdeperf.kernel.dict_flow import DICT, DictFlow
from pdeperf.kernel.kinds import Kind
from pdeperf.kernel.list_slots import NoArrayError, Slot
from pdeperf.kernel.vocabulary import qualified
from pdeperf.source.scopes import FUNCTIONS, parameters, scope_of, uses_of

HELD = 1000
"""Added to the depth of what a list holds, for the list that holds it."""
_READ_WHOLE = frozenset(("builtins.len", "numpy.array", "numpy.asarray", "numpy.stack"))


@dataclass(slots=True, kw_only=True)
class HeldFlow(DictFlow):
    """Lists that become arrays together, and the lists that hold them.

    Attributes
    ----------
    holders
        Lists that may hold others.
    """

    holders: frozenset[Slot] = frozenset()

    def add(self, slot: Slot | None, depth: int) -> None:
        """Take what a slot stands for as an array, or as a list of arrays."""
        is_holder = slot in self.holders and 1 < depth < DICT
        DictFlow.add(self, slot, HELD + depth - 1 if is_holder else depth)

    def is_held_by(self, above: ast.Call | ast.List, depth: int) -> bool:
        """Is a list put into one that holds others, or the first in it?"""
        home = self.module.parents[above]
        match above, home:
            case ast.Call(func=ast.Attribute(value=holder, attr="append")), _:
                slot = self.slot_of(holder)
            case ast.List(), ast.Assign(targets=[holder]):
                slot = self.slot_of(holder)
            case _:
                return False
        if slot in self.holders:
            self.add(slot, depth + 1)
        return slot in self.holders

    def uses_of_holder(self, slot: Slot) -> None:
        """Look at all that a list of arrays is used for."""
        depth, owner = self.depths[slot] - HELD, self.nodes.get(slot.owner)
        if isinstance(owner, FUNCTIONS) and slot.name in parameters(owner):
            raise NoArrayError(f"`{slot.name}` holds lists, and is handed to a function")
        for node in self._places_of(slot):
            above = self.module.parents[node]
            if isinstance(node.ctx, ast.Load):
                self._use_holder(node, above, depth)
                continue
            match above:
                case ast.Assign(value=ast.List(elts=held)) | ast.AnnAssign(value=ast.List(elts=held)):
                    for one in held:
                        self.bind(one, depth)
                case _:
                    raise NoArrayError(f"`{slot.name}` holds lists, and is made elsewhere")

    def _places_of(self, slot: Slot) -> Iterator[ast.Name | ast.Attribute]:
        if slot.form == "name":
            yield from (node for node in uses_of(slot.name, self.module) if self.slot_of(node) == slot)
        else:
            yield from (node for node in self.module.all(ast.Attribute) if node.attr == slot.name)

    def _use_holder(self, node: ast.expr, above: ast.AST, depth: int) -> None:
        home = self.module.parents.get(above)
        match above:
            case ast.Attribute(attr="append") if isinstance(home, ast.Call) and home.func is above:
                if not isinstance(self.module.parents[home], ast.Expr) or len(home.args) != 1:
                    raise NoArrayError("a list that holds lists is used as a whole")
                self.bind(home.args[0], depth)
            case ast.Subscript(value=value, slice=index, ctx=ast.Load()) if value is node and not isinstance(
                index, ast.Slice
            ):
                self.use(above, depth)
            case ast.For(iter=source, target=target) | ast.comprehension(iter=source, target=target) if (
                source is node
            ):
                self.row(target, depth)
            case ast.Call(func=func, args=args) if node in args:
                full = qualified(func, self.module, scope_of(self.module, above))
                if full not in _READ_WHOLE:
                    self.row(_target(above, args.index(node), full, home), depth)
            case ast.If() | ast.While():
                pass
            case _:
                raise NoArrayError("a list that holds lists is used as a whole")


def _target(call: ast.Call, at: int, full: str, home: ast.AST | None) -> ast.expr:
    """What a loop over several lists binds to the elements of one."""
    match home:
        case ast.For(target=target, iter=source) | ast.comprehension(target=target, iter=source) if (
            source is call
        ):
            if full == "builtins.reversed":
                return target
            parts = target.elts if isinstance(target, ast.Tuple) else []
            if full == "builtins.zip" and len(parts) == len(call.args):
                return parts[at]
            if full == "builtins.enumerate" and len(parts) == 2 and at == 0:
                return parts[1]
    raise NoArrayError("a list that holds lists is used as a whole")


def holders_of(depth: int, flow: DictFlow, seen: Mapping[Slot, Kind]) -> frozenset[Slot]:
    """What may hold lists that are nested so deep: lists to which something is appended."""
    found = set()
    for node in flow.module.all(ast.Attribute):
        if node.attr == "append" and isinstance(node.value, ast.Name | ast.Attribute):
            slot = flow.slot_of(node.value)
            if slot is not None and (slot not in seen or seen[slot].ndim == depth + 1):
                found.add(slot)
    return frozenset(found)
