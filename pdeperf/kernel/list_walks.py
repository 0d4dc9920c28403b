"""Loops and comprehensions over lists that become arrays: over their rows, and over their numbers."""

import ast
from dataclasses import dataclass, field

from pdeperf.kernel.list_slots import ListSlots, NoArrayError, Slot
from pdeperf.kernel.list_values import ListValues
from pdeperf.kernel.number_uses import is_test
from pdeperf.kernel.sums_as_loops import unused
from pdeperf.kernel.vocabulary import qualified
from pdeperf.source.edits import Edit, extent, segment
from pdeperf.source.scopes import scope_of

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

    def mapped(self, node: ast.expr, call: ast.Call, depth: int) -> None:
        """``sum(map(sum, rows))`` as ``sum(sum(row.tolist()) for row in rows)``."""
        above = self.module.parents[call]
        alone = isinstance(above, ast.Call) and len(above.args) == 1 and not above.keywords
        if not alone or len(call.args) != 2 or depth > 2:
            self.put(node, "", ".tolist()")
            return
        taken = {one.id for one in self.module.all(ast.Name)}
        name = unused("row" if depth > 1 else "value", taken)
        source, function = segment(self.module, node), segment(self.module, call.args[0])
        ends = (".tolist()", "") if depth > 1 else ("", ".tolist()")
        text = f"{function}({name}{ends[0]}) for {name} in {source}{ends[1]}"
        self.edits.add(Edit(*extent(self.module, call), text))

    def searched(self, node: ast.expr, method: ast.Attribute) -> None:
        """``row.count(2)`` as ``np.count_nonzero(row == 2)``."""
        call = self.module.parents[method]
        match call:
            case ast.Call(args=[ast.Name() | ast.Constant() | ast.Attribute() as wanted], keywords=[]) if (
                method.attr == "count" and call.func is method
            ):
                text = f"np.count_nonzero({segment(self.module, node)} == {segment(self.module, wanted)})"
                self.edits.add(Edit(*extent(self.module, call), text))
            case _:
                self.put(node, "", ".tolist()")

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

    def is_looked_at(self, node: ast.expr, above: ast.AST) -> bool:
        """Does it not matter there whether a number is Python's or NumPy's?"""
        match above:
            case ast.Call(func=ast.Name(id="float" | "int")) | ast.FormattedValue(conversion=-1):
                return True
            case ast.Compare():
                return is_test(above, self.module)
        return False
