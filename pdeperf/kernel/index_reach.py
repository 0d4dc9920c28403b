"""How far the indices of a region reach: the lowest and the highest place of each array that it looks at.

::

    for i in range(1, n - 1):           u: from 0 to n - 1
        v[i] = u[i + 1] - u[i - 1]      v: from 1 to n - 2

What is looked at in a branch may not be looked at: such a reach is no more than a bound.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pdeperf.kernel.extents import Extent, extent_of, told
from pdeperf.kernel.looked_up import looked_up
from pdeperf.kernel.polynomials import Polynomial, of
from pdeperf.kernel.syntax import number
from pdeperf.source.flow import reads, writes
from pdeperf.source.walking import children, nodes_in

_LEAVING = (ast.Return, ast.Raise, ast.Assert)


@dataclass(frozen=True, slots=True)
class Reach:
    """What a subscript does along one dimension.

    Attributes
    ----------
    array, axis
        Of which array, along which dimension.
    extent
        The places.
    chain
        The loops around it from the outermost that has no branch below it, whatever it is made of.
    around
        Every loop over a range around it.
    runs
        Not negative wherever it is looked at, since the loops around it run.
    statement
        Where it stands.
    is_repeated
        A ``while`` is around it, or it stands where its statement may pass it over: ``a or u[k]``.
    """

    array: str
    axis: int
    extent: Extent
    chain: tuple[ast.For, ...]
    around: tuple[ast.For, ...]
    runs: tuple[Polynomial, ...]
    statement: ast.stmt
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class _State:
    """What is known where a statement stands."""

    known: Mapping[str, Extent | None] = field(default_factory=dict)
    chain: tuple[ast.For, ...] = ()
    around: tuple[ast.For, ...] = ()
    runs: tuple[Polynomial, ...] = ()
    positive: frozenset[str] = frozenset()
    is_repeated: bool = False

    def branch(self) -> "_State":
        return replace(self, chain=())

    def maybe(self) -> "_State":
        """Where a statement looks only at times."""
        return replace(self, chain=(), is_repeated=True)

    def told(self, name: str, extent: Extent | None) -> "_State":
        return replace(self, known={**self.known, name: extent})


def reaches(
    statements: Sequence[ast.stmt], arrays: Mapping[str, int], integers: Mapping[str, int]
) -> Iterator[Reach]:
    """The reach of every subscript of which it is known.

    Parameters
    ----------
    arrays
        Names of arrays, and their number of dimensions.
    integers
        The same of arrays of integers that nothing changes.
    """
    yield from _Walk(arrays, integers).block(statements, _State())


class _Walk:
    def __init__(self, arrays: Mapping[str, int], integers: Mapping[str, int]) -> None:
        self._arrays, self._integers = arrays, integers

    def block(self, statements: Sequence[ast.stmt], state: _State) -> Iterator[Reach]:
        for statement in statements:
            yield from self._statement(statement, state)
            if any(isinstance(part, ast.Continue) for part in _of_this_loop(statement)):
                state = state.branch()  # the next look at times
            state = _after(statement, statements, state, self._integers)

    def _statement(self, node: ast.stmt, state: _State) -> Iterator[Reach]:
        match node:
            case ast.For():
                yield from self._looked_at(node.iter, node, state)
                yield from self.block(node.body, _inside(node, state))
                yield from self.block(node.orelse, state.branch())
            case ast.If():
                yield from self._looked_at(node.test, node, state)
                yield from self.block(node.body, _when(node.test, state.branch(), holds=True))
                yield from self.block(node.orelse, _when(node.test, state.branch(), holds=False))
            case ast.While():
                changed = dict.fromkeys(writes(node))
                inside = replace(state.branch(), known={**state.known, **changed}, is_repeated=True)
                yield from self._looked_at(node.test, node, inside)
                yield from self.block(node.body, inside)
            case ast.FunctionDef() | ast.ClassDef() | ast.Try() | ast.With():
                return
            case _:
                for part in ast.iter_child_nodes(node):
                    yield from self._looked_at(part, node, state)

    def _looked_at(self, node: ast.AST, statement: ast.stmt, state: _State) -> Iterator[Reach]:
        match node:
            case ast.Subscript():
                yield from self._subscript(node, statement, state)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                yield from self._looked_at(test, statement, state)
                yield from self._looked_at(body, statement, _when(test, state.maybe(), holds=True))
                yield from self._looked_at(orelse, statement, _when(test, state.maybe(), holds=False))
                return
            case ast.BoolOp(op=op, values=values):
                for value in values:
                    yield from self._looked_at(value, statement, state)
                    state = _when(value, state.maybe(), holds=isinstance(op, ast.And))
                return
            case ast.Compare(left=left, comparators=[first, *others]):  # a < b < c
                yield from self._looked_at(left, statement, state)
                yield from self._looked_at(first, statement, state)
                for other in others:
                    yield from self._looked_at(other, statement, state.maybe())
                return
            case ast.ListComp() | ast.GeneratorExp() | ast.Lambda() | ast.SetComp() | ast.DictComp():
                return
        for child in children(node):
            yield from self._looked_at(child, statement, state)

    def _is_of_arrays(self, place: ast.expr) -> bool:
        """Is it an array of places, or made of one: ``k``, ``k + 1``?"""
        match place:
            case ast.Name(id=name):
                return name in self._arrays
            case ast.BinOp(left=left, right=right):
                return self._is_of_arrays(left) or self._is_of_arrays(right)
            case ast.UnaryOp(operand=operand):
                return self._is_of_arrays(operand)
        return False

    def _subscript(self, node: ast.Subscript, statement: ast.stmt, state: _State) -> Iterator[Reach]:
        places: list[ast.expr] = []
        whole: ast.expr = node
        while isinstance(whole, ast.Subscript):
            index = whole.slice
            places[:0] = index.elts if isinstance(index, ast.Tuple) else [index]
            whole = whole.value
            if isinstance(whole, ast.Subscript) and _is_sliced(whole):
                return
        if not isinstance(whole, ast.Name) or whole.id not in self._arrays:
            return
        # what stands below is told of by itself
        first = len(places) - (len(node.slice.elts) if isinstance(node.slice, ast.Tuple) else 1)
        for axis, place in enumerate(places):
            if axis >= self._arrays[whole.id]:
                return
            if axis < first or isinstance(place, ast.Slice) or self._is_of_arrays(place):
                continue
            if isinstance(place, ast.Constant) and type(place.value) is not int:
                return  # None and ... stand for other numbers of dimensions
            extent = looked_up(place, state.known, self._integers)
            extent = extent or extent_of(place, state.known, state.positive)
            for one in extent.each() if extent is not None else ():
                told = state.chain, state.around, state.runs, statement, state.is_repeated
                yield Reach(whole.id, axis, one, *told)


def _is_sliced(node: ast.Subscript) -> bool:
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    return any(isinstance(part, ast.Slice) for part in parts)


def _inside(loop: ast.For, state: _State) -> _State:
    """What is known in a loop's body."""
    changed = writes_of(loop.body)
    known: dict[str, Extent | None] = {**state.known, **dict.fromkeys(writes(loop))}
    stops = may_end_early(loop)
    chain = () if stops else (*state.chain, loop)
    positive, runs = state.positive, state.runs
    counter, source = _counter(loop)
    if counter and isinstance(source, ast.Call):
        is_same = counter not in changed and not reads(source) & (changed - {counter})
        found = _counted(source, state) if is_same else None
        if found is not None:
            if not found.given:
                runs = (*runs, *(high - low for high in found.high[:1] for low in found.low[:1]))
            known[counter] = replace(found, loops=found.loops | {loop}, exact=found.exact and not stops)
        stop = source.args[-1] if 1 <= len(source.args) <= 2 else None
        start = number(source.args[0]) if len(source.args) == 2 else 0
        if stop is not None and start is not None and start >= 0 and _is_less(stop):
            positive |= reads(stop)
    return replace(
        state, known=known, chain=chain, around=(*state.around, loop), runs=runs, positive=positive
    )


def may_end_early(loop: ast.For) -> bool:
    """May something end a loop before its last turn?"""
    leaves = any(isinstance(part, _LEAVING) for part in nodes_in(loop))
    return leaves or any(isinstance(part, ast.Break) for each in loop.body for part in _of_this_loop(each))


def _of_this_loop(statement: ast.AST) -> Iterator[ast.AST]:
    """A statement and those in it, without the bodies of loops and functions: theirs leave these."""
    yield statement
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return
    inside = statement.orelse if isinstance(statement, ast.For | ast.While) else children(statement)
    for part in inside:
        if isinstance(part, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield from _of_this_loop(part)


def _is_less(stop: ast.expr) -> bool:
    """Is it a name, or a name less a number?"""
    match stop:
        case ast.Name():
            return True
        case ast.BinOp(left=ast.Name(), op=ast.Sub(), right=ast.Constant(value=int() as less)):
            return less >= 0
    return False


def writes_of(block: Iterable[ast.stmt]) -> frozenset[str]:
    """Names that statements bind."""
    return frozenset[str]().union(*(writes(part) for part in block))


def _counter(loop: ast.For) -> tuple[str, ast.expr]:
    """The name that counts, and the range that it runs over: of ``for k, x in enumerate(v)``, a length."""
    match loop:
        case ast.For(target=ast.Name(id=name), iter=ast.Call(func=ast.Name(id="range" | "prange")) as source):
            return name, source
        case ast.For(
            target=ast.Tuple(elts=[ast.Name(id=name), _]),
            iter=ast.Call(func=ast.Name(id="enumerate"), args=[ast.Name() as array], keywords=[]),
        ):
            length = ast.parse(f"range(len({array.id}))", mode="eval").body
            return name, length
    return "", loop.iter


def _counted(source: ast.Call, state: _State) -> Extent | None:
    """Where the counter of a range lies."""
    if source.keywords or not 1 <= len(source.args) <= 3:
        return None
    parts = [extent_of(part, state.known, state.positive) for part in source.args[:2]]
    if len(source.args) == 1:
        parts.insert(0, Extent((of(0),), (of(0),)))
    start, stop = parts
    step = number(source.args[2]) if len(source.args) == 3 else 1
    if start is None or stop is None or not step:
        return None
    first, last = (start, stop) if step > 0 else (stop, start)
    shift = of(1)
    low = first.low if step > 0 else tuple(one + shift for one in first.low)
    high = tuple(one - shift for one in last.high) if step > 0 else last.high
    fixed = not (start.loops or stop.loops)
    exact = fixed and abs(step) == 1 and start.exact and stop.exact
    return Extent(low, high, exact, start.loops | stop.loops, (*start.given, *stop.given))


def _when(test: ast.expr, state: _State, *, holds: bool) -> _State:
    return replace(state, known=told(test, state.known, state.positive, holds=holds))


def _after(
    statement: ast.stmt, block: Sequence[ast.stmt], state: _State, integers: Mapping[str, int]
) -> _State:
    """What is known behind a statement: ``ip = i + 1``, where nothing else of the block binds it."""
    if not state.around:
        return state
    for name in writes(statement):
        extent = None
        if isinstance(statement, ast.Assign) and [ast.unparse(one) for one in statement.targets] == [name]:
            others = (part for part in state.around[-1].body if part is not statement)
            inside = any(name in writes(part) for part in others)
            names = reads(statement.value) & writes_of(block)
            if not inside and not names - state.known.keys() - integers.keys():
                extent = looked_up(statement.value, state.known, integers)
                extent = extent or extent_of(statement.value, state.known, state.positive)
        state = state.told(name, extent)
    return state
