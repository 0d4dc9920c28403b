"""Arrays with a small fixed dimension as one array for each component: ``q[0]``, ``f[:, :, k]``.

States of conservation laws, distributions of a lattice Boltzmann method, vectors: their statements
treat the components one by one, or all alike. Written out for each component, a statement depends on
the components that it reads and on no others.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from pdeperf.arrays.ir import (
    ANYWHERE,
    Buffer,
    Counter,
    Definition,
    Expr,
    Index,
    NotAffine,
    Read,
    Reduction,
    Scalar,
    Version,
    part,
    placed,
    rebuilt,
    walk,
)
from pdeperf.arrays.program import Item, Nested, Run
from pdeperf.arrays.sizes import Size, Sizes, Unequal

MOST = 32
"""Components that an array may have."""

_Node = tuple[object, int]
_Places = tuple[int | None, ...]


def by_components(items: Sequence[Item], sizes: Sizes, fresh: Callable[[str], str]) -> list[Item]:
    """A region's items, with arrays of components taken apart where each run allows it.

    Parameters
    ----------
    sizes
        Learns how many components there are.
    fresh
        Makes a new name from a stem.
    """
    found: list[Item] = []
    for item in items:
        if isinstance(item, Run):
            found.append(_split(item, sizes, fresh))
        elif isinstance(item, Nested):
            blocks = {name: by_components(block, sizes, fresh) for name, block in item.blocks.items()}
            found.append(replace(item, blocks=blocks))
        else:
            found.append(item)
    return found


def rely_on_components(run: Run, sizes: Sizes) -> None:
    """Rely on how many components a run's arrays have, so that it can be taken apart later."""
    _Dimensions(run.steps, sizes).extents()


def _split(run: Run, sizes: Sizes, fresh: Callable[[str], str]) -> Run:
    if run.relied is None:
        return _taken_apart(run, sizes, fresh)
    saved = sizes.saved()
    sizes.restore(run.relied)
    known = sizes.checks
    found = _taken_apart(run, sizes, fresh)
    is_new = sizes.checks != known  # nobody would check it
    sizes.restore(saved)
    return run if is_new else found


def _taken_apart(run: Run, sizes: Sizes, fresh: Callable[[str], str]) -> Run:
    extents = _Dimensions(run.steps, sizes).extents()
    if not extents:
        return run
    kept = {view.buffer for name, view in run.names.items() if name in run.live}
    try:
        steps = list(_Components(run.steps, extents, sizes, kept, fresh).steps())
    except NotAffine:
        return run
    return replace(run, steps=steps)


@dataclass(slots=True)
class _Class:
    """Dimensions and axes that go together: an axis of a box and what it walks along.

    Attributes
    ----------
    places
        For each dimension in it, the fixed places where it is read or written.
    is_bad
        Something walks along it in another way than from end to end.
    """

    members: set[_Node] = field(default_factory=set)
    places: dict[_Node, set[int]] = field(default_factory=dict)
    is_bad: bool = False


class _Dimensions:
    """Which dimensions of a run's arrays are components."""

    def __init__(self, steps: Sequence[Definition | Reduction], sizes: Sizes) -> None:
        self._sizes = sizes
        self._classes: dict[_Node, _Class] = {}
        self._lengths: dict[_Node, list[Size]] = {}
        for number, step in enumerate(steps):
            self._note(number, step)

    def _class(self, node: _Node, length: Size) -> _Class:
        self._lengths.setdefault(node, []).append(length)
        if node not in self._classes:
            self._classes[node] = _Class({node})
        return self._classes[node]

    def _join(self, one: _Class, other: _Class) -> _Class:
        if one is other:
            return one
        one.members |= other.members
        one.places |= other.places
        one.is_bad = one.is_bad or other.is_bad
        for node in other.members:
            self._classes[node] = one
        return one

    def _note(self, number: int, step: Definition | Reduction) -> None:
        for axis, count in enumerate(step.counts):
            mine = self._class((number, axis), count)
            mine.is_bad = mine.is_bad or isinstance(step, Reduction)
        for buffer, index, is_written in _accesses(step):
            for dimension, each in enumerate(index):
                node = buffer, dimension
                theirs = self._class(node, buffer.shape[dimension])
                if each == ANYWHERE:
                    theirs.is_bad = True
                    continue
                if each.axis is None:
                    place = self._sizes.plain(each.offset)
                    if place.is_const:
                        theirs.places.setdefault(node, set()).add(place.const)
                    else:
                        theirs.is_bad = True
                    continue
                theirs = self._join(theirs, self._class((number, each.axis), step.counts[each.axis]))
                offset = self._sizes.plain(each.offset)
                is_reversed = each.step == -1 and self._sizes.equal(offset, buffer.shape[dimension] - 1)
                if each.modulus is not None or not (offset.is_const or is_reversed):
                    theirs.is_bad = True
                if is_written and len(index) == 1:
                    theirs.is_bad = True

    def extents(self) -> dict[_Node, int]:
        """How many places each dimension and axis of components has; what must hold is noted."""
        found: dict[_Node, int] = {}
        for known in self._without_whole_arrays():
            saved = self._sizes.saved()
            try:
                for node, value in known.items():
                    for length in self._lengths[node]:
                        self._sizes.require_equal(length, Size(value))
            except Unequal:
                self._sizes.restore(saved)
                continue
            found |= known
        return found

    def _without_whole_arrays(self) -> list[dict[_Node, int]]:
        """The classes that are components, but not every dimension of an array: cells are left to each."""
        classes = {id(each): each for each in self._classes.values()}.values()
        found = [known for mine in classes if (known := self._known(mine)) is not None]
        while True:
            every = {node for known in found for node in known}
            whole = [
                buffer
                for buffer in {owner for owner, _ in every if isinstance(owner, Buffer)}
                if len(buffer.shape) > 1 and all((buffer, axis) in every for axis in range(len(buffer.shape)))
            ]
            if not whole:
                return found
            widest = max(
                (known for known in found if any(owner == whole[0] for owner, _ in known)),
                key=lambda known: max(value for (owner, _), value in known.items() if owner == whole[0]),
            )
            found.remove(widest)

    def _known(self, mine: _Class) -> dict[_Node, int] | None:
        """The lengths of a class's members when the script ran, if they are components."""
        if mine.is_bad:
            return None
        known: dict[_Node, int] = {}
        for node in mine.members:
            value = self._sizes.value(self._lengths[node][0])
            if value is None or not 1 <= value <= MOST:
                return None
            known[node] = value
        # One by one in the source, and by more than an edge: a grid's first rows are no components.
        if any(len(places) >= 2 and 2 * len(places) >= known[node] for node, places in mine.places.items()):
            return known
        return None


def _accesses(step: Definition | Reduction) -> Iterator[tuple[Buffer, tuple[Index, ...], bool]]:
    exprs: list[Expr] = [step.expr]
    if isinstance(step, Definition):
        yield step.target.buffer, step.index, True
        if step.mask is not None:
            exprs.append(step.mask)
    for expr in exprs:
        for leaf in walk(expr):
            if isinstance(leaf, Read):
                yield leaf.version.buffer, leaf.index, False


class _Components:
    """A run's steps, written out for each component."""

    def __init__(
        self,
        steps: Sequence[Definition | Reduction],
        extents: dict[_Node, int],
        sizes: Sizes,
        kept: set[Buffer],
        fresh: Callable[[str], str],
    ) -> None:
        self._steps, self._extents, self._sizes = steps, extents, sizes
        self._kept, self._fresh = kept, fresh
        self._parts: dict[tuple[Buffer, _Places], Buffer] = {}
        self._numbers: dict[Version, dict[_Places, int]] = {}

    def steps(self) -> Iterator[Definition | Reduction]:
        """All steps in order."""
        for number, step in enumerate(self._steps):
            if isinstance(step, Definition):
                self._numbers[step.target] = dict(self._numbers.get(step.base, {}))
            axes = [axis for axis in range(len(step.counts)) if (number, axis) in self._extents]
            for places in product(*(range(self._extents[number, axis]) for axis in axes)):
                yield self._at(step, dict(zip(axes, places, strict=True)))

    def _at(self, step: Definition | Reduction, fixed: dict[int, int]) -> Definition | Reduction:
        """A step for one place along each axis of components."""
        rest = [axis for axis in range(len(step.counts)) if axis not in fixed]
        inner = tuple(
            Index(None, 1, Size(fixed[axis])) if axis in fixed else Index(rest.index(axis))
            for axis in range(len(step.counts))
        )
        counts = tuple(step.counts[axis] for axis in rest)
        expr = self._renamed(placed(step.expr, inner))
        if isinstance(step, Reduction):
            return replace(step, counts=counts, expr=expr)
        mask = self._renamed(placed(step.mask, inner)) if step.mask is not None else None
        whole = placed(Read(step.target, step.index), inner)
        assert isinstance(whole, Read)
        buffer, places, index = self._part(whole)
        if not any(place is not None for place in places):
            return replace(step, counts=counts, index=index, expr=expr, mask=mask)
        numbers = self._numbers[step.target]
        numbers[places] = numbers.get(places, 0) + 1
        target = Version(buffer, numbers[places])
        return replace(step, target=target, counts=counts, index=index, expr=expr, mask=mask)

    def _renamed(self, expr: Expr) -> Expr:
        def change(leaf: Read | Counter | Scalar) -> Expr:
            if not isinstance(leaf, Read):
                return leaf
            buffer, places, index = self._part(leaf)
            if buffer is leaf.version.buffer:
                return leaf
            number = self._numbers.get(leaf.version, {}).get(places, 0)
            return Read(Version(buffer, number), index)

        return rebuilt(expr, change)

    def _part(self, read: Read) -> tuple[Buffer, _Places, tuple[Index, ...]]:
        """The component that an element belongs to, and where it stands in it."""
        whole = read.version.buffer
        places: list[int | None] = []
        for dimension, index in enumerate(read.index):
            extent = self._extents.get((whole, dimension))
            if extent is None or len(read.index) == 1:
                places.append(None)
                continue
            offset = self._sizes.plain(index.offset)
            if index.axis is not None or not offset.is_const or not 0 <= offset.const < extent:
                raise NotAffine("a component that is not fixed")
            places.append(offset.const)
        key = tuple(places)
        if all(place is None for place in places) or all(place is not None for place in places):
            return whole, (None,) * len(places), read.index
        if (whole, key) not in self._parts:
            self._parts[whole, key] = self._made(whole, key)
        rest = tuple(each for each, place in zip(read.index, places, strict=True) if place is None)
        return self._parts[whole, key], key, rest

    def _made(self, whole: Buffer, places: _Places) -> Buffer:
        found = part(whole, places)
        if not whole.is_temporary or whole in self._kept:
            return found
        stem = "_".join([whole.name, *(str(place) for place in places if place is not None)])
        return Buffer(self._fresh(stem), found.shape, whole.dtype, is_temporary=True)
