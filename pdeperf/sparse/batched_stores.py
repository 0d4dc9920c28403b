"""What the turns of a loop store into matrices, arrays and lists that others made."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pdeperf.sparse.batched_joints import stacked
from pdeperf.sparse.batched_lists import grow, is_list_of_others
from pdeperf.sparse.batched_objects import kind_of_objects, objects
from pdeperf.sparse.batched_reductions import LARGEST, SMALLEST, Reduction
from pdeperf.sparse.batched_statements import Statements
from pdeperf.sparse.batched_values import NotAtOnce, Value, aligned, made
from pdeperf.sparse.dict_stores import DictStores, stored_into_dict
from pdeperf.sparse.direct_stores import ArrayStores, Entry
from pdeperf.sparse.filling import Filling, Store, acts_of
from pdeperf.sparse.triplet_lists import Appended
from pdeperf.sparse.written import Additions

STORED_IN_ORDER = '''
def stored_in_order(size, stores, parts_count):
    """Rows, columns and values of stores that a loop makes in each of size iterations, in its order.

    A store is (row, column, value, condition): numbers, or arrays with one for each iteration.
    """
    tables = []
    for parts in zip(*stores):
        kind = {numpy}.result_type(*[{numpy}.asarray(part).dtype for part in parts])
        tables.append({numpy}.empty((size, len(parts)), kind))
        for place, part in enumerate(parts):
            tables[-1][:, place] = part
    if not tables:
        return [{numpy}.empty(0, int)] * parts_count
    *tables, done = tables
    return [table.ravel() if done.all() else table[done.astype(bool)] for table in tables]
'''

BLOCK_STORES = '''
def block_stores(rows, columns, values, *more):
    """The stores of ``A[np.ix_(rows, columns)]``; the last one counts where an index is repeated."""
    stores = []
    for a in range(rows.shape[1]):
        for b in range(columns.shape[1]):
            again = (rows[:, a + 1 :] == rows[:, a : a + 1]).any(axis=1)
            again |= (columns[:, b + 1 :] == columns[:, b : b + 1]).any(axis=1)
            *act, condition = more
            counts = condition & ~again if again.any() else condition
            stores.append((rows[:, a], columns[:, b], values[:, a, b], *act, counts))
    return stores
'''

VECTOR_STORES = '''
def vector_stores(places, values, condition):
    """The stores of ``b[places]``; the last one counts where an index is repeated."""
    stores = []
    for a in range(places.shape[1]):
        again = (places[:, a + 1 :] == places[:, a : a + 1]).any(axis=1)
        stores.append((places[:, a], values[:, a], condition & ~again if again.any() else condition))
    return stores
'''

SET_AND_ADDED = '''
def set_and_added(array, places, values, adds):
    """Sets elements of an array and adds to them, in order: what is set forgets what came before."""
    places = tuple({numpy}.where(place < 0, place + size, place) for place, size in zip(places, array.shape))
    keys, times = {numpy}.ravel_multi_index(places, array.shape), {numpy}.arange(values.size)
    last_set = {numpy}.full(array.size, -1)
    last_set[keys[~adds]] = times[~adds]
    sets, adds = times == last_set[keys], adds & (times > last_set[keys])
    array[tuple(place[sets] for place in places)] = values[sets]
    {numpy}.add.at(array, tuple(place[adds] for place in places), values[adds])
'''


@dataclass(slots=True)
class LoopStatements(Statements):
    """The loop itself: what it stores goes into matrices and arrays that others made."""

    fillings: Sequence[Filling] = ()
    added: Additions = field(kw_only=True)
    matrices: dict[str, str] = field(default_factory=dict)
    arrays: dict[str, ArrayStores] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    appended: dict[str, dict[int, Appended]] = field(default_factory=dict)
    pieces: set[str] = field(default_factory=set)
    by_rows: set[str] = field(default_factory=set)
    added_to: frozenset[str] = frozenset()
    rows: set[str] = field(default_factory=set)
    counters: frozenset[str] = frozenset()
    mixed: frozenset[str] = frozenset()
    apart: frozenset[str] = frozenset()
    reductions: Mapping[ast.stmt, Reduction] = field(default_factory=dict)
    reduced: dict[str, None] = field(default_factory=dict)
    totals: dict[str, None] = field(default_factory=dict)
    dicts: dict[str, DictStores] = field(default_factory=dict)

    def taken_in(self, statement: ast.stmt, mask: str) -> bool:
        one = self.reductions.get(statement)
        if one is None:
            return stored_into_dict(self, statement, mask)
        write = self.write
        value = write.number(one.value)
        if not value.varies:
            value = replace(value, node=made(f"{write.numpy}.full({write.count}, X)", X=value.node))
        text = value.text
        if mask:
            plain = isinstance(value.node, ast.Name | ast.Call | ast.Subscript)
            text = f"{text}[{mask}]" if plain else f"({text})[{mask}]"
        if one.is_attribute:
            self.totals[one.name] = None
        else:
            self.reduced[one.name] = None
        if one.kind == "sum":
            more = ".item()" if value.is_plain else ""
            self.line(f"{one.name} {'-' if one.negative else '+'}= {write.numpy}.sum({text}){more}")
        else:
            helper = LARGEST if one.kind == "max" else SMALLEST
            helper = helper.replace("(values) if", "(values).item() if") if value.is_plain else helper
            self.line(f"{one.name} = {self.added.definition(helper)}({text}, {one.name})")
        return True

    def returns(self, value: ast.expr, mask: str) -> None:
        raise NotAtOnce("the loop may end early")

    def stored(self, statement: ast.stmt, mask: str) -> bool:
        stores = [
            (filling, store)
            for filling in self.fillings
            for store in filling.stores
            if store.statement is statement
        ]
        for filling, store in stores:
            self.matrix(filling, store, mask)
        if stores:
            return True
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]  # type: ignore[attr-defined]
        outer = [
            target
            for target in targets
            if isinstance(target, ast.Subscript) and ast.unparse(target.value) not in self.write.names
        ]
        if not outer:
            return False
        assert isinstance(statement, ast.Assign | ast.AugAssign)
        if len(targets) > 1 and (
            len(outer) < len(targets) or not isinstance(statement.value, ast.Constant | ast.Name)
        ):
            raise NotAtOnce("a value is stored in several places")
        for target in outer:
            self.array(statement, target, mask)
        return True

    def one_of_objects(self, targets: Sequence[ast.expr], value: ast.expr, mask: str) -> Value | None:
        write = self.write
        match targets, value:
            case [ast.Name(id=name)], ast.Subscript(value=ast.Name() | ast.Attribute() as base, slice=index):
                text = ast.unparse(base)
            case _:
                return None
        kind = kind_of_objects(write, text)
        if not kind or text.partition(".")[0] in {*write.own, *write.names} or text in write.stored:
            return None
        place = write.number(index)
        if mask or self.depth or not place.varies:
            raise NotAtOnce(f"`{ast.unparse(value)}` is not looked up in every turn")
        loop = next(above for above in write.module.ancestors(value) if isinstance(above, ast.For))
        held: ast.expr = base
        if ast.unparse(loop.target) != place.text or ast.unparse(loop.iter) != f"range(len({text}))":
            held, listed = ast.Name(self.fresh(f"{name}s"), ast.Load()), made("X.tolist()", X=place.node)
            self.line(f"{held.id} = [{text}[place] for place in {ast.unparse(listed)}]")
        return objects(self, self.added, held, name, loop.body, kind)

    def matrix(self, filling: Filling, store: Store, mask: str) -> None:
        """A store into a matrix."""
        stores = self.matrices.get(filling.path)
        if stores is None:
            stem = filling.path.rpartition(".")[2]
            stores = self.matrices[filling.path] = self.fresh(f"{stem}_stores")
        value = self.settled(stacked(self.write, self.write.value(store.value)))
        if store.negative:
            value = replace(value, node=ast.UnaryOp(ast.USub(), value.node))
        where = mask or "True"
        if len(acts_of(filling)) > 1:
            where = f"{int(store.act)}, {where}"
        if not store.block:
            if value.rank != 0:
                raise NotAtOnce("an entry is set to more than one number")
            parts = [
                self.settled(self.write.number(index)).text if index is not None else "0"
                for index in (store.row, store.column)
            ]
            self.line(f"{stores}.append(({', '.join([*parts, value.text, where])}))")
            return
        assert store.row is not None and store.column is not None
        rows, columns = (
            self.settled(stacked(self.write, self.write.value(index))) for index in (store.row, store.column)
        )
        if not (rows.varies and columns.varies and rows.rank == columns.rank == 1):
            raise NotAtOnce("a block is stored at places that are the same for all elements")
        if value.rank not in (1, 2):
            raise NotAtOnce("it is not known what a block holds")
        block = self.added.definition(BLOCK_STORES)
        values = value.node
        if not value.varies or value.rank == 1:
            one = "X[:, None]" if value.varies else "X"
            text = f"{self.write.numpy}.broadcast_to({one}, ({self.write.count}, R.shape[1], C.shape[1]))"
            values = made(text, X=value.node, R=rows.node, C=columns.node)
        given = ", ".join((rows.text, columns.text, ast.unparse(values), where))
        self.line(f"{stores} += {block}({given})")

    def array(self, statement: ast.Assign | ast.AugAssign, target: ast.Subscript, mask: str) -> None:
        """A store into an array of numbers."""
        path = ast.unparse(target.value)
        write = self.write
        self.check_outer(target.value)
        dimensions, kinds = write.seen(path, "ndim"), write.seen(path, "dtype")
        indices = target.slice.elts if isinstance(target.slice, ast.Tuple) else [target.slice]
        is_of_truths = kinds == {"bool"} and isinstance(statement, ast.Assign) and _is_truth(statement.value)
        is_known = kinds in ({"float64"}, {"complex128"}) or is_of_truths
        if write.seen(path, "type") != {"numpy.ndarray"} or not is_known:
            raise NotAtOnce(f"`{path}` is no array of floats")
        if len(dimensions) != 1:
            raise NotAtOnce(f"`{path}` has other axes at times")
        missing = int(float(next(iter(dimensions)))) - len(indices)
        if missing > 0 or any(isinstance(one, ast.Slice) for one in indices):
            self.row(statement, path, [*indices, *[ast.Slice() for _ in range(missing)]], mask)
            return
        value = self.settled(stacked(write, write.value(statement.value)))
        adds = isinstance(statement, ast.AugAssign)
        if adds and not isinstance(statement.op, ast.Add | ast.Sub):  # type: ignore[union-attr]
            raise NotAtOnce(f"line {statement.lineno} does more than add to an element")
        if adds and isinstance(statement.op, ast.Sub):  # type: ignore[union-attr]
            value = replace(value, node=ast.UnaryOp(ast.USub(), value.node))
        known = self.arrays.get(path)
        if known is None:
            stem = path.rpartition(".")[2]
            is_mixed = path in self.mixed
            known = self.arrays[path] = ArrayStores(
                self.fresh(f"{stem}_stores"),
                adds,
                len(indices),
                is_mixed,
                is_distinct=path in self.apart,
            )
        if (known.adds != adds and not known.is_mixed) or path in self.rows or known.axes != len(indices):
            raise NotAtOnce(f"`{path}` is both set and added to")
        places = [self.settled(stacked(write, write.value(one))) for one in indices]
        where = mask or "True"
        if known.is_mixed:
            where = f"{adds}, {where}"
        elif len(places) == 1 and places[0].rank == 1 and places[0].varies and value.rank in (0, 1):
            function = self.added.definition(VECTOR_STORES)
            values = aligned(value, 1)
            if not value.varies or value.rank == 0:
                values = made(f"{write.numpy}.broadcast_to(X, P.shape)", X=values, P=places[0].node)
            self.line(f"{known.name} += {function}({places[0].text}, {ast.unparse(values)}, {where})")
            known.is_direct = False
            return
        if value.rank != 0 or any(one.rank != 0 for one in places):
            raise NotAtOnce(f"line {statement.lineno} stores more than one element")
        known.is_direct &= not self.turns and not self.depth
        entry = Entry(
            len(self.lines),
            tuple(one.node for one in places),
            tuple(one.varies for one in places),
            value.node,
            value.varies,
            mask,
            adds,
        )
        known.entries.append(entry)
        texts = [*(one.text for one in places), value.text, where]
        self.line(f"{known.name}.append(({', '.join(texts)}))")

    def check_outer(self, node: ast.expr) -> None:
        """It is no part of what differs between the elements."""
        while isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        if isinstance(node, ast.Name) and node.id in self.write.names:
            raise NotAtOnce(f"a part of `{node.id}` is stored into")

    def row(
        self, statement: ast.Assign | ast.AugAssign, path: str, indices: Sequence[ast.expr], mask: str
    ) -> None:
        """A store into a row or a column that no other element stores into: ``X[:, j] = ...``."""
        write = self.write
        places = [place for place, one in enumerate(indices) if not isinstance(one, ast.Slice)]
        is_own = [_name(shifted(indices[place])) in self.counters for place in places]
        if isinstance(statement, ast.AugAssign) or is_own != [True] or mask or self.turns or self.branches:
            raise NotAtOnce(f"line {statement.lineno} stores more than one element")
        if path in self.rows or path in self.arrays:
            raise NotAtOnce(f"`{path}` is stored into at several places")
        for one in indices:
            if isinstance(one, ast.Slice) and any(
                bound is not None and write.number(bound).varies for bound in (one.lower, one.upper, one.step)
            ):
                raise NotAtOnce("a slice differs between the elements")
        self.rows.add(path)
        value = stacked(write, write.value(statement.value))
        rank = len(indices) - 1
        if value.rank is None or value.rank > rank:
            raise NotAtOnce(f"line {statement.lineno} stores what has more axes than its place")
        node = aligned(value, rank)
        if value.varies and places[0] > 0:
            text = "X.T" if rank == 1 else f"{write.numpy}.moveaxis(X, 0, {places[0]})"
            node = made(text, X=node)
        index = ast.unparse(ast.Tuple(list(indices), ast.Load()) if len(indices) > 1 else indices[0])
        self.line(f"{path}[{index.strip('()')}] = {ast.unparse(node)}")

    def grown(self, statement: ast.stmt, base: ast.expr, method: str, argument: ast.expr, mask: str) -> None:
        """``items.append(x)``, of a list that others made too."""
        if is_list_of_others(self, base):
            grow(self, base, method, argument, mask)
        else:
            Statements.grown(self, statement, base, method, argument, mask)

    def changed(self, statement: ast.AugAssign, mask: str) -> None:
        target = statement.target
        if isinstance(target, ast.Name) and isinstance(statement.op, ast.Add) and target.id in self.added_to:
            self.grown(statement, target, "+=", statement.value, mask)
        else:
            Statements.changed(self, statement, mask)


def shifted(node: ast.expr) -> ast.expr:
    """``i`` of ``i - 1``: another element for each."""
    match node:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=ast.Constant(value=int())):
            return left
        case _:
            return node


def _is_truth(node: ast.expr) -> bool:
    """Is an expression True or False, whatever is in it?"""
    match node:
        case ast.Compare(ops=[_]) | ast.UnaryOp(op=ast.Not()) | ast.Constant(value=True | False):
            return True
        case ast.BoolOp(values=parts):
            return all(map(_is_truth, parts))
        case _:
            return False


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def stored_in(loop: ast.For) -> Iterator[str]:
    """What the loop stores into."""
    for node in ast.walk(loop):
        match node:
            case ast.Subscript(value=value, ctx=ast.Store() | ast.Del()):
                yield ast.unparse(value)
            case ast.Call(func=ast.Attribute(value=value, attr="append" | "extend")):
                yield ast.unparse(value)


def stores_numbers(loop: ast.For, fillings: Sequence[Filling]) -> bool:
    """Does the loop store into arrays, not into the matrices alone?"""
    matrices = {filling.path for filling in fillings}
    return any(
        isinstance(node, ast.Subscript)
        and not isinstance(node.ctx, ast.Load)
        and ast.unparse(node.value) not in matrices
        for node in ast.walk(loop)
    )


def set_and_added(loop: ast.For) -> frozenset[str]:
    """What the loop both stores into and adds to."""
    stores: dict[type[ast.stmt], set[str]] = {ast.Assign: set(), ast.AugAssign: set()}
    for node in ast.walk(loop):
        if isinstance(node, ast.Assign | ast.AugAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Subscript):
                    stores[type(node)].add(ast.unparse(target.value))
    return frozenset(stores[ast.Assign] & stores[ast.AugAssign])
