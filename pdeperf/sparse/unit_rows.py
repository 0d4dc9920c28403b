"""Rows and columns that are cleared but for the diagonal, as boundary conditions ask: all of them at once."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pdeperf.lifetimes.text import after, before, on_one_line
from pdeperf.source import Module
from pdeperf.source.edits import Edit, extent, lines_extent, owns_lines
from pdeperf.source.flow import live_after, reads
from pdeperf.source.scopes import FUNCTIONS
from pdeperf.sparse.filling import Act, Filling, Store
from pdeperf.sparse.triplets import replaced
from pdeperf.sparse.written import Additions

UNIT_ROWS = '''
def with_unit_rows(A, rows, value=1):
    """A in CSR format, with some rows cleared, but for a value on the diagonal."""
    entries = A.tocoo()
    is_cleared = {numpy}.zeros(A.shape[0], dtype=bool)
    is_cleared[list(rows)] = True
    kept, (fixed,) = ~is_cleared[entries.row], is_cleared.nonzero()
    values = {numpy}.r_[entries.data[kept], {numpy}.full(fixed.size, value, entries.dtype)]
    places = {numpy}.r_[entries.row[kept], fixed], {numpy}.r_[entries.col[kept], fixed]
    return type(entries)((values, places), shape=A.shape).tocsr()
'''

UNIT_LINES = '''
def with_unit_rows_and_columns(A, lines, value=1):
    """A in CSR format, with the rows and columns of some numbers cleared, but for a value on the diagonal."""
    entries = A.tocoo()
    is_cleared = {numpy}.zeros(A.shape[0], dtype=bool)
    is_cleared[list(lines)] = True
    kept, (fixed,) = ~(is_cleared[entries.row] | is_cleared[entries.col]), is_cleared.nonzero()
    values = {numpy}.r_[entries.data[kept], {numpy}.full(fixed.size, value, entries.dtype)]
    places = {numpy}.r_[entries.row[kept], fixed], {numpy}.r_[entries.col[kept], fixed]
    return type(entries)((values, places), shape=A.shape).tocsr()
'''


@dataclass(frozen=True, slots=True)
class UnitRows:
    """The stores ``A[k, :] = 0`` and ``A[k, k] = value`` with which the filling of a matrix ends.

    ``A[:, k] = 0`` may stand among them, which is one more store of each group.

    Attributes
    ----------
    rest
        What is stored before, if anything is.
    tops
        The outermost loops around the pairs.
    """

    rest: Filling
    groups: tuple[tuple[Store, ...], ...]
    tops: tuple[ast.stmt, ...]
    value: str


def unit_rows(module: Module, filling: Filling) -> UnitRows | None:
    """The rows of a matrix that are cleared last; None if none are, or others are stored with them."""
    if filling.form not in ("lil", "dok"):
        return None  # the others keep the zeros
    stores = list(filling.stores)
    groups: list[tuple[Store, ...]] = []
    while found := next((tuple(stores[-size:]) for size in (3, 2) if _is_group(module, stores[-size:])), ()):
        groups.insert(0, found)
        del stores[-len(found) :]
    values = {ast.unparse(group[-1].value) for group in groups}
    if len({len(group) for group in groups}) != 1 or len(values) != 1:
        return None
    if len(groups[0]) == 3 and not _is_square(filling):
        return None
    if filling.start is None and not any(store.loops for store in stores):
        return None
    if stores and not any(store.loops for store in stores):
        return None
    tops = tuple(dict.fromkeys(group[0].loops[0] for group in groups))
    if not set(tops) <= set(filling.statements) or not owns_lines(module, [*tops]):
        return None
    first = min(filling.statements.index(top) for top in tops)
    rest = [one for one in filling.statements[:first] if _stores_in(one, stores)]
    if any(_stores_in(one, stores) for one in filling.statements[first:]):
        return None
    statements = filling.statements[: filling.statements.index(rest[-1]) + 1] if rest else ()
    return UnitRows(
        replace(filling, statements=statements, stores=tuple(stores)), tuple(groups), tops, values.pop()
    )


def _stores_in(statement: ast.stmt, stores: Sequence[Store]) -> bool:
    inside = {id(node) for node in ast.walk(statement)}
    return any(id(store.statement) in inside for store in stores)


def _is_square(filling: Filling) -> bool:
    """Is it written that a matrix has as many columns as rows?"""
    sizes = filling.shape.elts if isinstance(filling.shape, ast.Tuple) else []
    return filling.start is not None or len({ast.unparse(size) for size in sizes}) == 1


def _is_group(module: Module, group: Sequence[Store]) -> bool:
    """Do stores clear a row, and its column, and does the last one, right after, set the diagonal?"""
    if len(group) < 2:
        return False
    *clears, store = group
    acts = [Act.CLEAR_ROW] if len(clears) == 1 else [Act.CLEAR_ROW, Act.CLEAR_COLUMN]
    if sorted(one.act for one in clears) != acts or store.act is not Act.SET or store.block or store.negative:
        return False
    indices = [one.row if one.act is Act.CLEAR_ROW else one.column for one in clears]
    index = indices[0]
    if index is None or store.row is None or store.column is None or not all(one.loops for one in clears):
        return False
    if len({ast.unparse(one) for one in (*indices, store.row, store.column) if one is not None}) > 1:
        return False
    if any(isinstance(node, ast.Call | ast.NamedExpr) for node in ast.walk(index)):
        return False
    if not isinstance(store.value, ast.Constant) or not isinstance(store.value.value, int | float):
        return False
    if not store.value.value:
        return False
    statements = [one.statement for one in group]
    if any(not isinstance(one, ast.Assign) or len(one.targets) > 1 for one in statements):
        return False
    above = module.parents[statements[0]]
    for name in ("body", "orelse"):
        block = getattr(above, name, [])
        if statements[0] in block:
            first = block.index(statements[0])
            return bool(block[first : first + len(statements)] == statements)
    return False


def unit_row_edits(
    module: Module, filling: Filling, units: UnitRows, form: str, added: Additions
) -> list[Edit]:
    """The edits that clear all such rows at once after what is stored before."""
    function = added.definition(UNIT_ROWS if len(units.groups[0]) == 2 else UNIT_LINES)
    path, more = filling.path, "" if units.value == "1" else f", {units.value}"
    follows = "" if form == "csr" else f".to{form}()"
    edits = []
    if not units.rest.stores:
        assert filling.start is not None
        edits.append(_started(module, filling))
    rows = _all_rows(module, filling, units)
    if rows:
        line = f"{path} = {function}({path}, {rows}{more}){follows}"
        return [*edits, replaced(module, units.tops[0], [line])]
    name = added.name(f"{path.rpartition('.')[2]}_unit_rows")
    first, last = units.tops[0], units.tops[-1]
    edits.append(before(module, first, [f"{name} = []"]))
    for group in units.groups:
        row = group[-1].row
        assert row is not None
        start, end = extent(module, group[0].statement)[0], extent(module, group[-1].statement)[1]
        edits.append(Edit(start, end, f"{name}.append({on_one_line(module, row)})"))
    edits.append(after(module, last, [f"{path} = {function}({path}, {name}{more}){follows}"]))
    return edits


def _started(module: Module, filling: Filling) -> Edit:
    assert filling.start is not None
    text = on_one_line(module, filling.start)
    if text == filling.path and owns_lines(module, [filling.creation]):
        return Edit(*lines_extent(module, [filling.creation]), "")
    return replaced(module, filling.creation, [f"{filling.path} = {text}"])


def _all_rows(module: Module, filling: Filling, units: UnitRows) -> str:
    """What the only loop goes through, if it does nothing else and nobody asks for where it ended."""
    (group, *others), (top, *more) = units.groups, units.tops
    statements = [one.statement for one in group]
    if others or more or not isinstance(top, ast.For) or top.orelse or top.body != statements:
        return ""
    if not isinstance(top.target, ast.Name) or ast.unparse(group[-1].row or top) != top.target.id:
        return ""
    is_plain = isinstance(top.iter, ast.Name | ast.Attribute | ast.Call | ast.List | ast.Tuple)
    if not is_plain or top.target.id in _asked_for(module, top):
        return ""
    return on_one_line(module, top.iter)


def _asked_for(module: Module, loop: ast.For) -> frozenset[str]:
    """Names that something may read after a loop."""
    home = next(above for above in module.ancestors(loop) if isinstance(above, (ast.Module, *FUNCTIONS)))
    inner = (node for node in ast.walk(home) if isinstance(node, FUNCTIONS) and node is not home)
    return live_after(home, [loop], always=frozenset[str]().union(*map(reads, inner)))


def forgotten(module: Module, filling: Filling, units: UnitRows) -> frozenset[str]:
    """What counts the rows and is bound no more, as results are named."""
    if not _all_rows(module, filling, units):
        return frozenset()
    top = units.tops[0]
    assert isinstance(top, ast.For)
    is_inside = any(isinstance(above, FUNCTIONS) for above in module.ancestors(top))
    return frozenset(
        [f"{module.scope_name(top)}():{ast.unparse(top.target)}" if is_inside else ast.unparse(top.target)]
    )
