"""Loops and comprehensions over lists that become arrays: over their rows, and over their numbers."""

import ast
from dataclasses import dataclass, field

from pdeperf.kernel.list_slots import ListSlots, NoArrayError, Slot
from pdeperf.kernel.list_values import ListValues
from pdeperf.kernel.vocabulary import qualified
from pdeperf.source import Module
from pdeperf.source.edits import Edit, extent
from pdeperf.source.flow import writes
from pdeperf.source.scopes import COMPREHENSIONS, FUNCTIONS, scope_of

READERS = frozenset("sum max min print str repr sorted list tuple set any all".split())
"""Builtins that neither change nor keep a list of numbers that they are given."""


@dataclass(slots=True, kw_only=True)
class ListWalks(ListSlots):
    """Lists that become arrays together, and what loops make of them.

    Attributes
    ----------
    values
        What makes such lists.
    depths
        How deep each list is nested.
    has_new_rows
        Rows are bound to new lists, which other names of the old rows would not see.
    copies
        Copies of lists, which become lists or arrays by what they are bound to.
    has_stores
        Something is stored in one of them after it was made.
    has_whole
        One is made of whole numbers alone.
    """

    values: ListValues
    depths: dict[Slot, int] = field(default_factory=dict)
    edits: set[Edit] = field(default_factory=set)
    copies: dict[int, tuple[ast.expr, ast.expr]] = field(default_factory=dict)
    has_new_rows: bool = False
    has_stores: bool = False
    has_whole: bool = False
    _waiting: list[Slot] = field(default_factory=list)
    _used: set[int] = field(default_factory=set)

    def use(self, node: ast.expr, depth: int) -> None:
        """An expression that is a list, or an element where the depth is zero, is used."""
        raise NotImplementedError

    def add(self, slot: Slot | None, depth: int) -> None:
        if slot is None or depth < 1:
            raise NoArrayError("a list goes where it is not followed")
        if slot in self.depths:
            if self.depths[slot] != depth:
                raise NoArrayError(f"`{slot.name}` is nested to several depths")
            return
        self.depths[slot] = depth
        self._waiting.append(slot)

    def put(self, node: ast.expr, before: str, after: str) -> None:
        start, end = extent(self.module, node)
        if before:
            self.edits.add(Edit(start, start, before))
        if after.startswith("."):
            # It belongs to the node, and stands before what is added after what the node ends.
            self.edits.add(Edit(end - 1, end, f"{self.module.text[end - 1]}{after}"))
        else:
            self.edits.add(Edit(end, end, after))

    def walked(self, node: ast.expr, target: ast.expr, depth: int) -> None:
        if depth == 1:
            self._elements(node, self.module.parents[node])
        elif isinstance(target, ast.Tuple):
            self._unpacked(node, target, depth, self.module.parents[node])
        else:
            self.row(target, depth - 1)

    def _unpacked(self, node: ast.expr, target: ast.Tuple, depth: int, home: ast.AST) -> None:
        """``for x, y in points``: Python's numbers of each row, which nothing changes meanwhile."""
        plain = depth == 2 and all(isinstance(part, ast.Name) for part in target.elts)
        walk = self.module.parents[home] if isinstance(home, ast.comprehension) else home
        if not plain or any(map(self._may_store, ast.walk(walk))):
            raise NoArrayError("rows are unpacked")
        self.put(node, "", ".tolist()")

    def row(self, target: ast.expr, depth: int) -> None:
        """A loop's name for each row."""
        slot = self.slot_of(target) if isinstance(target, ast.Name) else None
        if slot is None:
            raise NoArrayError("rows are unpacked")
        if slot.form == "name":
            self.add(slot, depth)
            return
        made = self.nodes[slot.owner]
        if self.depths.setdefault(slot, depth) != depth:
            raise NoArrayError(f"`{slot.name}` is nested to several depths")
        for part in ast.walk(made):
            if not isinstance(part, ast.Name) or id(part) in self._used:
                continue
            if isinstance(part.ctx, ast.Load) and self.slot_of(part) == slot:
                self._used.add(id(part))
                self.use(part, depth)

    def is_mapped(self, call: ast.Call, full: str) -> bool:
        """Is it ``map(sum, rows)``, with one of Python's own functions?"""
        first = call.args[0] if call.args else call.func
        called = qualified(first, self.module, scope_of(self.module, call))
        is_one = full == "builtins.map" and called.startswith("builtins.")
        return is_one and self._is_used_up(self.module.parents[call])

    def _is_used_up(self, above: ast.AST) -> bool:
        """Does a call take all of what an iterator gives, at once?"""
        return (
            isinstance(above, ast.Call)
            and qualified(above.func, self.module, scope_of(self.module, above)).removeprefix("builtins.")
            in READERS
        )

    def _elements(self, node: ast.expr, home: ast.AST) -> None:
        """Python's numbers of a list that is walked; each as it is then, where the walk may change them."""
        walk = self.module.parents[home] if isinstance(home, ast.comprehension) else home
        if any(map(self._may_store, ast.walk(walk))):
            self.put(node, f"map({self.values.number}, ", ")")
        else:
            self.put(node, "", ".tolist()")

    def _may_store(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Subscript):
            return not isinstance(node.ctx, ast.Load)
        return isinstance(node, ast.Call) and not qualified(
            node.func, self.module, scope_of(self.module, node)
        )

    def walked_together(self, node: ast.expr, call: ast.Call, depth: int) -> None:
        """``for i, row in enumerate(u)``, ``for a, b in zip(u, v)``."""
        home, full = self.module.parents[call], qualified(call.func, self.module, scope_of(self.module, call))
        target = home.target if isinstance(home, ast.For | ast.comprehension) and home.iter is call else None
        if depth == 1 and (target is not None or self._is_used_up(home)):
            self._elements(node, home)
            return
        match target:
            case ast.Name() if full == "builtins.reversed":
                self.row(target, depth - 1)
            case ast.Tuple(elts=parts):
                part = parts[1 if full == "builtins.enumerate" else call.args.index(node)]
                if isinstance(part, ast.Tuple):
                    self._unpacked(node, part, depth, home)
                else:
                    self.row(part, depth - 1)
            case _:
                raise NoArrayError("rows are walked in a way that is not followed")


def walked_by(node: ast.Name, module: Module) -> ast.expr:
    """What a loop or a comprehension walks with a name; None's own constant where there is none such."""
    below: ast.AST = node
    for above in module.ancestors(node):
        if isinstance(above, FUNCTIONS):
            break
        walks = above.generators if isinstance(above, COMPREHENSIONS) else ()
        if isinstance(above, ast.For) and below in above.body:
            if any(node.id in writes(part) for part in above.body):
                break
            walks = [above]  # type: ignore[list-item]
        for part in walks:
            if any(isinstance(one, ast.Name) and one.id == node.id for one in ast.walk(part.target)):
                return _source_of(node.id, part)
        below = above
    return ast.Constant(None)


def _source_of(name: str, part: ast.comprehension | ast.For) -> ast.expr:
    """The list of which a name is each element."""
    match part.target, part.iter:
        case ast.Name(), source:
            return source
        case ast.Tuple(elts=[_, ast.Name(id=one)]), ast.Call(func=ast.Name(id="enumerate"), args=[source]):
            return source if one == name else ast.Constant(None)
        case ast.Tuple(elts=targets), ast.Call(func=ast.Name(id="zip"), args=sources):
            for target, source in zip(targets, sources, strict=False):
                if isinstance(target, ast.Name) and target.id == name:
                    return source
    return ast.Constant(None)
