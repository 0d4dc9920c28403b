"""The functions that are written into the user's script to build a matrix from entry-wise stores."""

from dataclasses import dataclass
from itertools import product

from pdeperf.source import Module
from pdeperf.sparse.filling import Act, Filling, acts_of
from pdeperf.sparse.written import Additions

IN_BOUNDS = '''
def in_bounds(rows, columns, shape):
    """Indices as arrays, negative ones counted from the end."""
    pairs = zip((rows, columns), shape)
    return [{numpy}.where({numpy}.less(index, 0), {numpy}.add(index, size), index) for index, size in pairs]
'''

SUMMED = '''
def summed(rows, columns, values, shape):
    """The sparse matrix that additions to single entries leave; zeros are not stored."""
    values = {numpy}.asarray(values, dtype=SCALAR)
    matrix = {sparse}.CSR((values, in_bounds(rows, columns, shape)), shape=shape)
    matrix.eliminate_zeros()
    return matrix
'''

PLACED = '''
def placed(rows, columns, values, shape):
    """The sparse matrix that setting single entries leaves: the last value counts; zeros are not stored."""
    rows, columns = in_bounds(rows, columns, shape)
    values = {numpy}.asarray(values, dtype=SCALAR)
    matrix = {sparse}.CSR((values, (rows, columns)), shape=shape)
    if matrix.nnz < rows.size:  # some entry was set again
        keys = rows * shape[1] + columns
        last = rows.size - 1 - {numpy}.unique(keys[::-1], return_index=True)[1]
        matrix = {sparse}.CSR((values[last], (rows[last], columns[last])), shape=shape)
    matrix.eliminate_zeros()
    return matrix
'''

ASSEMBLED = '''
def assembled(rows, columns, values, acts, shape=None, form="csr", *, start=None, zeros=False):
    """The sparse matrix that entry-wise stores leave, in the order in which they were made.

    acts says of all stores, or of each: 0 sets the entry, 1 adds to it, 2 clears the row, 3 the column.
    Entries that become zero are not stored, as in a LIL matrix, unless zeros are asked for.
    """
    shape = shape if start is None else start.shape
    rows, columns = in_bounds(rows, columns, shape)
    values, acts = {numpy}.asarray(values, dtype=SCALAR), {numpy}.broadcast_to(acts, rows.shape)
    start_count = 0
    if start is not None:
        entries = {sparse}.coo_matrix(start)
        start_count = entries.nnz
        rows, columns = {numpy}.r_[entries.row, rows], {numpy}.r_[entries.col, columns]
        values = {numpy}.r_[entries.data, values.astype(entries.dtype)]
        acts = {numpy}.r_[{numpy}.ones(start_count, int), acts]
    times = {numpy}.arange(rows.size)
    if (acts > 1).any():
        row_cleared, column_cleared = {numpy}.full(shape[0], -1), {numpy}.full(shape[1], -1)
        row_cleared[rows[acts == 2]] = times[acts == 2]
        column_cleared[columns[acts == 3]] = times[acts == 3]
        kept = (acts < 2) & (times > row_cleared[rows]) & (times > column_cleared[columns])
        rows, columns, values, acts, times = rows[kept], columns[kept], values[kept], acts[kept], times[kept]
    keys, entry = {numpy}.unique(rows.astype({numpy}.int64) * shape[1] + columns, return_inverse=True)
    last_set = {numpy}.full(keys.size, -1)
    last_set[entry[acts == 0]] = times[acts == 0]
    counts = times >= last_set[entry]  # what stood there before an entry was set counts no more
    sums = {numpy}.zeros(keys.size, values.dtype)
    {numpy}.add.at(sums, entry[counts], values[counts])
    if not zeros:
        kept = sums != 0
        kept[entry[times < start_count]] = True
        keys, sums = keys[kept], sums[kept]
    return {sparse}.CSR((sums, {numpy}.divmod(keys, shape[1])), shape=shape).asformat(form)
'''

BLOCK = '''
def block(rows, columns, values, act, shape):
    """What a store into A[np.ix_(rows, columns)] does; the last one counts where an index is repeated."""
    rows, columns = (index.ravel() for index in {numpy}.ix_(rows, columns))
    values = {numpy}.broadcast_to(values, (rows.size, columns.size))
    row_keys = {numpy}.where(rows < 0, rows + shape[0], rows).tolist()
    column_keys = {numpy}.where(columns < 0, columns + shape[1], columns).tolist()
    if len(set(row_keys)) < rows.size or len(set(column_keys)) < columns.size:
        last_rows = sorted(dict(zip(row_keys, range(rows.size))).values())
        last_columns = sorted(dict(zip(column_keys, range(columns.size))).values())
        values = values[{numpy}.ix_(last_rows, last_columns)]
        rows, columns = rows[last_rows], columns[last_columns]
    acts = {numpy}.full(values.size, act)
    return {numpy}.repeat(rows, columns.size), {numpy}.tile(columns, rows.size), values.ravel(), acts
'''


def builder(filling: Filling, form: str, added: Additions) -> tuple[str, str, str]:
    """What builds a matrix: a function, what it is given after the shape, and what follows the call."""
    kind = f"csr_{filling.kind or 'matrix'}"
    scalar = "complex" if filling.scalar == "complex" else "float"
    keeps_zeros = filling.form in ("csr", "csc")
    acts = acts_of(filling)
    if filling.start is None and acts in ({Act.ADD}, {Act.SET}):
        text = SUMMED if acts == {Act.ADD} else PLACED
        follows = f".to{form}()" if form != "csr" else ""
        more = ""
    else:
        text, follows = ASSEMBLED, ""
        more = f', "{form}"' if form != "csr" else ""
        more += ", zeros=True" if keeps_zeros else ""
    return _defined(text, kind, scalar, keeps_zeros, added), more, follows


def _defined(text: str, kind: str, scalar: str, keeps_zeros: bool, added: Additions) -> str:
    if keeps_zeros and text is not ASSEMBLED:
        text = text.replace("    matrix.eliminate_zeros()\n", "").replace("; zeros are not stored", "")
    text = text.replace("CSR", kind).replace("SCALAR", scalar)
    return added.definition(text, {"in_bounds": added.definition(IN_BOUNDS)})


@dataclass(frozen=True, slots=True)
class Builder:
    """What a function that builds a matrix does with its stores, if they do not say so themselves."""

    kind: str
    scalar: str
    act: Act | None


def builders_in(module: Module) -> dict[str, Builder]:
    """The functions of a file that were written into it to build matrices, word for word."""
    found = {}
    added = Additions(module)
    kept = added.kept()
    acts = {SUMMED: Act.ADD, PLACED: Act.SET, ASSEMBLED: None}
    for text, kind, scalar, zeros in product(acts, ("matrix", "array"), ("float", "complex"), (True, False)):
        name = _defined(text, f"csr_{kind}", scalar, zeros, added)
        if name not in found and added.kept()[2] == kept[2]:
            found[name] = Builder(f"csr_{kind}", scalar, acts[text])
        added.back_to(kept)
    return found
