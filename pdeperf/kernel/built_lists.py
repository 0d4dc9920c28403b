"""Lists that a script builds by ``append`` and never grows afterwards: arrays from where that ends.

::

    u = []
    for i in range(n):
        row = []
        for j in range(n):
            row.append(math.sin(i * h) * math.sin(j * h))
        u.append(row)
    u = np.array(u, dtype=np.float64)

Up to there nothing changes; what was built must be known to nobody under another name.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pdeperf.kernel.blocks import LOOPS, block_of
from pdeperf.kernel.list_slots import ListSlots, NoArrayError, Slot
from pdeperf.kernel.list_values import ListValues
from pdeperf.kernel.vocabulary import qualified
from pdeperf.source import Module
from pdeperf.source.edits import Edit, indentation, lines_extent, owns_lines
from pdeperf.source.scopes import FUNCTIONS, scope_of, statement_of

_NO_PART = (
    *FUNCTIONS,
    ast.ClassDef,
    ast.Return,
    ast.Break,
    ast.Continue,
    ast.Yield,
    ast.YieldFrom,
    ast.Await,
)
"""What leaves a block, or is run later."""


@dataclass(frozen=True, slots=True)
class Building:
    """Where a list is built.

    Attributes
    ----------
    statements
        From the empty list to the last ``append``.
    edit
        The line that makes an array of it.
    """

    statements: tuple[ast.stmt, ...]
    edit: Edit

    def holds(self, line: int) -> bool:
        """Is it a line of them?"""
        first, last = self.statements[0], self.statements[-1]
        return first.lineno <= line <= (last.end_lineno or last.lineno)


def building(
    slot: Slot, depth: int, uses: Sequence[ast.expr], slots: ListSlots, values: ListValues
) -> Building | None:
    """Where a list is built that is empty at first; None for a list that is not.

    Raises
    ------
    NoArrayError
        If it grows elsewhere, or its rows may have other names.
    """
    module = slots.module
    starts = [(node, home) for node in uses if (home := _made_empty(node, module)) is not None]
    if not starts:
        return None
    node, start = starts[0]
    if len(starts) > 1 or not isinstance(start, ast.stmt):
        raise NoArrayError(f"`{slot.name}` is empty at several places")
    if is_repeated(module, start, frozenset()):
        raise NoArrayError(f"`{slot.name}` is built again and again")
    appends = [one for one in uses if (_appended(one, module) or _appended_to_row(one, module)) is not None]
    block, _ = block_of(module, start)
    last = max((_index(block, one, module) for one in appends), default=-1)
    zone = tuple(block[block.index(start) : last + 1])
    if len(zone) < 2 or any(_index(block, one, module) <= block.index(start) for one in appends):
        raise NoArrayError(f"`{slot.name}` grows elsewhere")
    if any(isinstance(part, _NO_PART) for one in zone for part in ast.walk(one)) or not owns_lines(
        module, zone
    ):
        raise NoArrayError(f"the block that builds `{slot.name}` may be left")
    text = ast.unparse(node)
    found = Building(zone, _array_made(text, zone[-1], values))
    inside = [one for one in uses if found.holds(one.lineno) and one is not node]
    if any(ast.unparse(one) != text for one in inside):
        raise NoArrayError(f"`{slot.name}` is built for several objects")
    for one in inside:
        value, number = _appended(one, module), _appended_to_row(one, module) if depth == 2 else None
        if value is not None and not (depth == 2 and _is_empty(value)):
            _Rows(slots, values, zone).check(value, depth - 1)
        elif number is not None:
            _Rows(slots, values, zone).check(number, 0)
        elif value is None and not _is_looked_at(one, depth, module):
            raise NoArrayError(f"`{text}` is used while it is built")
    _check_calls(slot, zone, slots)
    return found


def is_repeated(module: Module, node: ast.AST, known: frozenset[str]) -> bool:
    """Does a statement stand in a loop, or in a function that is called in one?"""
    for above in module.ancestors(node):
        if isinstance(above, LOOPS):
            return True
        if isinstance(above, FUNCTIONS):
            name = getattr(above, "name", "")
            return name not in known and any(
                is_repeated(module, call, known | {name})
                for call in ast.walk(module.tree)
                if isinstance(call, ast.Call) and ast.unparse(call.func).rpartition(".")[2] == name
            )
    return False


def _made_empty(node: ast.expr, module: Module) -> ast.stmt | None:
    """The statement ``x = []`` in which something is bound."""
    above = module.parents[node]
    match above:
        case ast.Assign(targets=[target], value=ast.List(elts=[])) if target is node:
            return above
        case ast.AnnAssign(target=target, value=ast.List(elts=[])) if target is node:
            return above
        case ast.Tuple(elts=parts):
            match module.parents[above]:
                case ast.Assign(targets=[target], value=ast.Tuple(elts=values)) as home if target is above:
                    made = values[parts.index(node)] if len(values) == len(parts) else None
                    return home if isinstance(made, ast.List) and not made.elts else None
    return None


def _appended(node: ast.expr, module: Module) -> ast.expr | None:
    """What ``x.append(...)`` appends."""
    above = module.parents[node]
    call = module.parents.get(above)
    match call:
        case ast.Call(func=ast.Attribute(attr="append") as func, args=[value], keywords=[]) if func is above:
            return value if isinstance(module.parents.get(call), ast.Expr) else None
    return None


def _appended_to_row(node: ast.expr, module: Module) -> ast.expr | None:
    """What ``x[i].append(...)`` appends."""
    row = module.parents[node]
    if (
        isinstance(row, ast.Subscript)
        and row.value is node
        and not isinstance(row.slice, ast.Slice | ast.Tuple)
    ):
        return _appended(row, module)
    return None


def _is_empty(value: ast.expr) -> bool:
    return isinstance(value, ast.List) and not value.elts


def _index(block: Sequence[ast.stmt], node: ast.expr, module: Module) -> int:
    above = next((one for one in module.ancestors(node) if one in block), None)
    if not isinstance(above, ast.stmt):
        raise NoArrayError("a list grows elsewhere")
    return block.index(above)


def _array_made(text: str, last: ast.stmt, values: ListValues) -> Edit:
    at, indent = lines_extent(values.module, [last])[1], indentation(values.module, last)
    lead = "" if values.module.text[at - 1 : at] == "\n" else "\n"
    return Edit(at, at, f"{lead}{indent}{text} = np.array({text}, dtype=np.{values.dtype})\n")


def _is_looked_at(node: ast.expr, depth: int, module: Module) -> bool:
    """Is it an element that is read, or the length?"""
    above = module.parents[node]
    if isinstance(above, ast.Call) and node in above.args:
        return qualified(above.func, module, scope_of(module, above)) == "builtins.len"
    inner: ast.AST = node
    while isinstance(above, ast.Subscript) and above.value is inner:
        if isinstance(above.slice, ast.Slice) or not isinstance(above.ctx, ast.Load):
            return False
        inner, above, depth = above, module.parents[above], depth - 1
    return depth == 0


def _is_bound_anew(node: ast.Name, module: Module) -> bool:
    """Is a name bound by a loop around it, or by a statement before it in a block around it?"""
    below: ast.AST = node
    for above in module.ancestors(node):
        if isinstance(above, ast.For) and below in above.body and _binds(above.target, node.id):
            return True
        if isinstance(below, ast.stmt) and not isinstance(above, ast.Try):
            block, _ = block_of(module, below)
            earlier = block[: block.index(below)]
            if any(isinstance(one, ast.Assign) and _binds(one.targets[0], node.id) for one in earlier):
                return True
        if isinstance(above, FUNCTIONS):
            break
        below = above
    return False


def _binds(target: ast.expr, name: str) -> bool:
    return any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(target))


def _check_calls(slot: Slot, zone: Sequence[ast.stmt], slots: ListSlots) -> None:
    """Functions that are called meanwhile must not know the list."""
    module = slots.module
    for part in zone:
        for call in ast.walk(part):
            if not isinstance(call, ast.Call) or qualified(call.func, module, scope_of(module, call)):
                continue
            if isinstance(call.func, ast.Attribute) and call.func.attr == "append":
                continue
            function = slots.function_called(call)
            if function is None:
                raise NoArrayError(f"`{ast.unparse(call.func)[:40]}` may know `{slot.name}`")
            for node in ast.walk(function):
                named = node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
                is_call = isinstance(node, ast.Call)
                if named == slot.name or (
                    is_call and not qualified(node.func, module, scope_of(module, node))  # type: ignore[attr-defined]
                ):
                    raise NoArrayError(f"`{function.name}` may know `{slot.name}`")


@dataclass(frozen=True, slots=True)
class _Rows:
    """What is appended while a list is built."""

    slots: ListSlots
    values: ListValues
    zone: Sequence[ast.stmt]

    def check(self, value: ast.expr, depth: int) -> None:
        """Raise unless it is a number for certain, or a new row of such that has no other name afterwards."""
        if depth == 0:
            if not self.values.is_made_of(value):
                raise NoArrayError(f"`{ast.unparse(value)[:40]}` may be no number")
        elif isinstance(value, ast.Name):
            self._row(value, depth)
        elif not self.values.as_array(value, depth):
            raise NoArrayError(f"`{ast.unparse(value)[:40]}` is no row that is made there")

    def _row(self, given: ast.Name, depth: int) -> None:
        slot, module = self.slots.slot_of(given), self.slots.module
        block, _ = block_of(module, statement_of(module, given))
        for node in self._uses(slot):
            above = module.parents[node]
            if not any(node in [*ast.walk(part)] for part in self.zone):
                if isinstance(node.ctx, ast.Load) and not _is_bound_anew(node, module):
                    raise NoArrayError(f"the row `{given.id}` is used elsewhere")
                continue
            if isinstance(node.ctx, ast.Store):
                is_fresh = isinstance(above, ast.Assign) and above.targets == [node] and above in block
                if not is_fresh or not isinstance(above, ast.Assign):
                    raise NoArrayError(f"`{given.id}` may be the same row again")
                if not _is_empty(above.value) and not self.values.as_array(above.value, depth):
                    raise NoArrayError(f"`{given.id}` is bound to what is no new row")
            elif (value := _appended(node, module)) is not None:
                self.check(value, depth - 1)
            elif node is not given and not _is_looked_at(node, depth, module):
                raise NoArrayError(f"`{given.id}` is used while it is built")

    def _uses(self, slot: Slot | None) -> Iterator[ast.Name]:
        if slot is None or slot.form != "name":
            raise NoArrayError("a row is no variable of its own")
        for node in self.slots.module.all(ast.Name):
            if node.id == slot.name and self.slots.slot_of(node) == slot:
                yield node
