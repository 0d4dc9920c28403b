"""Blocks stored into a matrix, ``K[np.ix_(d, d)] += ke``, as entries in arrays of triplets."""

import ast
from collections.abc import Collection, Sequence

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.text import on_one_line
from pdeperf.source import Module
from pdeperf.source.scopes import own_nodes
from pdeperf.sparse.filling import Filling, Store
from pdeperf.sparse.gatherable import is_scalar
from pdeperf.sparse.written import Additions

_IS_LAST = '''
def is_last(indices, place, size):
    """Does no later index mean the same, negative ones counted from the end?"""
    for later in range(place + 1, len(indices)):
        if (indices[later] - indices[place]) % size == 0:
            return False
    return True
'''

_STORE_BLOCK = '''
def store_block(block_rows, block_columns, block, shape, ACT_GIVENrows, columns, values, ACTS_GIVENcount):
    """Put the entries of A[np.ix_(rows, columns)] behind count others; of repeated ones the last."""
    if block.shape != (len(block_rows), len(block_columns)):
        raise ValueError("the block has another shape than its rows and columns")
    if count + block.size > len(values):
        raise IndexError("there are more entries than were foreseen")
    repeats = False
    for place in range(len(block_rows)):
        repeats = repeats or not is_last(block_rows, place, shape[0])
    for place in range(len(block_columns)):
        repeats = repeats or not is_last(block_columns, place, shape[1])
    for i in range(len(block_rows)):
        for j in range(len(block_columns)):
            if not repeats or (is_last(block_rows, i, shape[0]) and is_last(block_columns, j, shape[1])):
                rows[count] = block_rows[i]
                columns[count] = block_columns[j]
                values[count] = block[i, j]
                ACTS_STORED
                count += 1
    return count
'''


def block_stored(
    module: Module, filling: Filling, store: Store, arrays: Sequence[str], count: str, added: Additions
) -> str:
    """The statement that puts a block's entries into the arrays of rows, columns, values and maybe acts."""
    assert store.row is not None and store.column is not None and filling.shape is not None
    mixed = len(arrays) > 3
    text = _STORE_BLOCK
    for name, here in (("ACT_GIVEN", "act, "), ("ACTS_GIVEN", "acts, ")):
        text = text.replace(name, here if mixed else "")
    text = text.replace(" " * 16 + "ACTS_STORED\n", " " * 16 + "acts[count] = act\n" if mixed else "")
    is_last = added.definition(_IS_LAST)
    function = added.definition(text, {"is_last": is_last})
    row, column, value = (on_one_line(module, one) for one in (store.row, store.column, store.value))
    given = [row, column, f"-({value})" if store.negative else value, on_one_line(module, filling.shape)]
    given += [str(int(store.act))] if mixed else []
    return f"{count} = {function}({', '.join([*given, *arrays, count])})"


def entries_of_block(
    meaning: Meaning, module: Module, filling: Filling, store: Store, changed: Collection[str]
) -> str:
    """How many entries a block has, as an expression of what is known beforehand; empty if unknown."""
    shape = filling.shape
    if not isinstance(shape, ast.Tuple) or not all(map(_is_plain, shape.elts)):
        return ""
    if isinstance(store.value, ast.Constant | ast.UnaryOp) or meaning.is_number(
        module, store.statement, ast.unparse(store.value)
    ):
        return ""
    sizes = [
        _length(meaning, module, store, index, changed)
        for index in (store.row, store.column)
        if index is not None
    ]
    return " * ".join(sizes) if len(sizes) == 2 and all(sizes) else ""


def _is_plain(size: ast.expr) -> bool:
    parts = (ast.Name, ast.Attribute, ast.Constant, ast.BinOp, ast.operator, ast.expr_context)
    return all(isinstance(one, parts) for one in ast.walk(size))


def _length(meaning: Meaning, module: Module, store: Store, index: ast.expr, changed: Collection[str]) -> str:
    """How many indices there are: of a list that is written out, or of a row of a table."""
    match index:
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            plain = all(is_scalar(meaning, module, store.statement, part) for part in parts)
            return str(len(parts)) if parts and plain and hasattr(index, "lineno") else ""
        case ast.Call(func=func, args=[ast.List() | ast.Tuple() as given], keywords=[]):
            is_array = meaning.full(module, func) in ("numpy.array", "numpy.asarray")
            return _length(meaning, module, store, given, changed) if is_array else ""
        case ast.Subscript(value=ast.Name() | ast.Attribute() as table, slice=ast.expr() as row):
            is_row = is_scalar(meaning, module, store.statement, row)
            return _width(meaning, module, store, table, changed) if is_row else ""
        case ast.Name():
            return _bound_length(meaning, module, store, index, changed)
    return ""


def _bound_length(
    meaning: Meaning, module: Module, store: Store, name: ast.Name, changed: Collection[str]
) -> str:
    """That of a name that the loop binds once, ``d = [2 * a, 2 * a + 1]`` or ``for e in triangles``."""
    home = meaning.home(module, store.statement)
    mentions = [one for one in own_nodes(home) if isinstance(one, ast.Name) and one.id == name.id]
    bindings = [one for one in mentions if not isinstance(one.ctx, ast.Load)]
    if len(bindings) != 1 or any(_may_grow(module, one) for one in mentions):
        return ""
    match module.parents.get(bindings[0]):
        case ast.Assign(targets=[ast.Name()], value=value) as bound if set(module.ancestors(bound)) & set(
            store.loops
        ):
            return "" if isinstance(value, ast.Name) else _length(meaning, module, store, value, changed)
        case ast.For(target=ast.Name(), iter=ast.Name() | ast.Attribute() as table) as loop if (
            loop in store.loops
        ):
            return _width(meaning, module, store, table, changed)
        case ast.Tuple(elts=[_, ast.Name() as second]) as pair if second is bindings[0]:
            match module.parents.get(pair):
                case ast.For(iter=ast.Call(func=func, args=[ast.Name() | ast.Attribute() as table])) as loop:
                    counts = loop in store.loops and meaning.full(module, func) == "builtins.enumerate"
                    return _width(meaning, module, store, table, changed) if counts else ""
    return ""


def _may_grow(module: Module, node: ast.Name) -> bool:
    """Is a method of it called, as ``append`` is?"""
    return isinstance(module.parents.get(node), ast.Attribute | ast.AugAssign | ast.Delete)


def _width(
    meaning: Meaning,
    module: Module,
    store: Store,
    table: ast.Name | ast.Attribute,
    changed: Collection[str],
) -> str:
    """The number of columns of a table of integers that nothing replaces while the matrix is filled."""
    text = ast.unparse(table)
    root = next(one.id for one in ast.walk(table) if isinstance(one, ast.Name))
    seen = [
        [meaning.values(module, site, text, metric) for metric in ("type", "ndim", "dtype")]
        for site in (store.statement, *store.loops)
    ]
    known = [one for one in seen if one[0]]
    is_table = known and all(
        one[0] == {"numpy.ndarray"} and one[1] == {"2.0"} and one[2] <= {"int64", "int32"} and one[2]
        for one in known
    )
    return f"{text}.shape[1]" if is_table and root not in changed else ""
