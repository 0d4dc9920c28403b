"""Rows that are cleared but for the diagonal, as boundary conditions ask: written for all of them at once."""

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


@dataclass(frozen=True, slots=True)
class UnitRows:
    """The stores ``A[k, :] = 0`` and ``A[k, k] = value`` with which the filling of a matrix ends.

    Attributes
    ----------
    rest
        What is stored before, if anything is.
    tops
        The outermost loops around the pairs.
    """

    rest: Filling
    pairs: tuple[tuple[Store, Store], ...]
    tops: tuple[ast.stmt, ...]
    value: str


def unit_rows(module: Module, filling: Filling) -> UnitRows | None:
    """The rows of a matrix that are cleared last; None if none are, or others are stored with them."""
    if filling.form not in ("lil", "dok"):
        return None  # the others keep the zeros
    stores = list(filling.stores)
    pairs: list[tuple[Store, Store]] = []
    while len(stores) > 1 and _is_pair(module, *stores[-2:]):
        pairs.insert(0, (stores[-2], stores[-1]))
        del stores[-2:]
    values = {ast.unparse(store.value) for _, store in pairs}
    if len(values) != 1 or (filling.start is None and not any(store.loops for store in stores)):
        return None
    if stores and not any(store.loops for store in stores):
        return None
    tops = tuple(dict.fromkeys(one.loops[0] for one, _ in pairs))
    if not set(tops) <= set(filling.statements) or not owns_lines(module, [*tops]):
        return None
    first = min(filling.statements.index(top) for top in tops)
    rest = [one for one in filling.statements[:first] if _stores_in(one, stores)]
    if any(_stores_in(one, stores) for one in filling.statements[first:]):
        return None
    statements = filling.statements[: filling.statements.index(rest[-1]) + 1] if rest else ()
    return UnitRows(
        replace(filling, statements=statements, stores=tuple(stores)), tuple(pairs), tops, values.pop()
    )


def _stores_in(statement: ast.stmt, stores: Sequence[Store]) -> bool:
    inside = {id(node) for node in ast.walk(statement)}
    return any(id(store.statement) in inside for store in stores)


def _is_pair(module: Module, clear: Store, store: Store) -> bool:
    """Does one clear a row, and the next one, right after it, set its diagonal to a number?"""
    if clear.act is not Act.CLEAR_ROW or store.act is not Act.SET or store.block or store.negative:
        return False
    if clear.row is None or store.row is None or store.column is None or not clear.loops:
        return False
    if len({ast.unparse(one) for one in (clear.row, store.row, store.column)}) > 1:
        return False
    if any(isinstance(node, ast.Call | ast.NamedExpr) for node in ast.walk(clear.row)):
        return False
    if not isinstance(store.value, ast.Constant) or not isinstance(store.value.value, int | float):
        return False
    if not store.value.value:
        return False
    for one in (clear.statement, store.statement):
        if not isinstance(one, ast.Assign) or len(one.targets) > 1:
            return False
    above = module.parents[clear.statement]
    for name in ("body", "orelse"):
        block = getattr(above, name, [])
        if clear.statement in block and store.statement in block:
            return bool(block.index(store.statement) == block.index(clear.statement) + 1)
    return False


def unit_row_edits(
    module: Module, filling: Filling, units: UnitRows, form: str, added: Additions
) -> list[Edit]:
    """The edits that clear all such rows at once after what is stored before."""
    function = added.definition(UNIT_ROWS)
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
    for clear, store in units.pairs:
        assert clear.row is not None
        start, end = extent(module, clear.statement)[0], extent(module, store.statement)[1]
        edits.append(Edit(start, end, f"{name}.append({on_one_line(module, clear.row)})"))
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
    ((clear, store), *others), (top, *more) = units.pairs, units.tops
    if (
        others
        or more
        or not isinstance(top, ast.For)
        or top.orelse
        or top.body != [clear.statement, store.statement]
    ):
        return ""
    if not isinstance(top.target, ast.Name) or ast.unparse(store.row or top) != top.target.id:
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
