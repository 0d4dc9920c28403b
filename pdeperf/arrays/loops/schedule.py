"""Which loops a run becomes: temporaries contracted, statements fused, arrays updated where they stand.

Every definition starts as a nest of its own. A temporary that is cheap, or read at one place only, is
computed where it is read; nests over the same box are fused where no cell reads what another cell of
the same nest writes; a definition that reads old values of its own array next to the cell it writes
goes to a second buffer.
"""

from collections import Counter as Tally
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

from pdeperf.arrays.ir import (
    Buffer,
    Definition,
    Expr,
    Index,
    NotAffine,
    Op,
    Reduction,
    Version,
    never_meet,
    reads,
    same_cell_only,
    walk,
)
from pdeperf.arrays.loops.real_inputs import (
    RealInputs,
    Step,
    around_boxes,
    expanded,
    inputs,
    real_inputs,
    virtual_inputs,
)
from pdeperf.arrays.program import Run
from pdeperf.arrays.sizes import Size, Sizes

_COMPLEX = 4
"""So many times as much is an operation on complex numbers."""
_COSTS = {"/": 6, "numpy.sqrt": 8, "**": 40, "//": 8, "%": 8}


class Recompute(Enum):
    """How many operations a cell may be computed over again rather than kept in an array."""

    CHEAP = 14
    ALWAYS = 250
    NEVER = 0


class Form(Enum):
    """In which order the cells of a run, or of a time loop, are computed."""

    NESTS = "one nest of loops after the other"
    ROWS = "as nests, their inner loops in several so that each works on few arrays"
    SWEEPS = "one sweep over the rows for several nests, and for several time steps"
    LINES = "a few lines at a time through several statements and loops"
    APART = "as rows, the turns of the outermost loop in any order"
    BLOCKS = "as sweeps of several time steps, blocks of rows in any order"


@dataclass(slots=True)
class Nest:
    """Steps that share their loops, in order."""

    steps: list[Step]

    @property
    def counts(self) -> tuple[Size, ...]:
        """Cells along each axis."""
        return self.steps[0].counts


@dataclass(slots=True)
class Schedule:
    """A run's loops and where their results stand.

    Attributes
    ----------
    nests
        In order.
    virtual
        Temporaries that are computed where they are read.
    doubled
        Definitions that go to a second buffer.
    """

    nests: list[Nest]
    virtual: dict[Version, Definition] = field(default_factory=dict)
    doubled: set[Version] = field(default_factory=set)


def cost(expr: Expr) -> int:
    """Rough number of operations of an expression."""
    return sum(_COSTS.get(part.name, 1 if part.exact else 40) for part in walk(expr) if isinstance(part, Op))


def scheduled(
    run: Run,
    sizes: Sizes,
    *,
    recompute: Recompute = Recompute.CHEAP,
    rotate: bool = False,
    in_order: bool = False,
) -> Schedule:
    """The loops of a run.

    Parameters
    ----------
    recompute
        Compute cheap temporaries anew for each neighbour that reads them.
    rotate
        A second buffer changes places with the first, rather than being copied back.
    in_order
        The innermost loop runs in order: a row may be updated where it stands if only cells ahead are
        read.
    """
    kept = kept_buffers(run)
    stored: set[Version] = set()
    while True:
        virtual = _virtual(run.steps, kept, stored, recompute=recompute)
        if (often := _often(run.steps, virtual, recompute.value)) is None:
            break
        stored.add(often)
    while True:
        concrete = [s for s in run.steps if not (isinstance(s, Definition) and s.target in virtual)]
        schedule = Schedule(_fused(concrete, RealInputs(virtual), sizes), virtual)
        late = _read_too_late(schedule, rotate=rotate)
        if late is not None:
            del virtual[late]
            stored.add(late)
            continue
        if (again := _computed_again(schedule, recompute)) is not None:
            del virtual[again]
            stored.add(again)
            continue
        passing = {v: s for v, s in _read_in_their_cell(schedule, kept) if v not in stored}
        if not passing:
            schedule.doubled = set(_doubled(schedule, in_order=in_order))
            if rotate:
                schedule.doubled |= set(_companions(schedule))
            for nest in schedule.nests:
                nest.steps[:] = around_boxes(nest.steps, schedule.doubled, virtual)
            return schedule
        virtual |= passing


def _read_in_their_cell(schedule: Schedule, kept: frozenset[Buffer]) -> Iterator[tuple[Version, Definition]]:
    """Temporaries that nothing reads but the cell of the nest that has just computed them."""
    written: dict[Buffer, int] = {}
    places: dict[Version, set[tuple[int, tuple[Index, ...]]]] = {}
    for position, nest in enumerate(schedule.nests):
        for step in nest.steps:
            if isinstance(step, Definition):
                written[step.target.buffer] = written.get(step.target.buffer, 0) + 1
            for each in real_inputs(step, schedule.virtual):
                places.setdefault(each.version, set()).add((position, each.index))
    for position, nest in enumerate(schedule.nests):
        for step in nest.steps:
            if (
                isinstance(step, Definition)
                and _is_pure(step)
                and step.target.buffer.array not in kept
                and written[step.target.buffer] == 1
                and places.get(step.target) == {(position, step.index)}
            ):
                yield step.target, step


def kept_buffers(run: Run) -> frozenset[Buffer]:
    """Buffers that something after the run may read."""
    return frozenset(view.buffer for name, view in run.names.items() if name in run.live)


def _virtual(
    steps: Sequence[Step], kept: frozenset[Buffer], stored: Container[Version], *, recompute: Recompute
) -> dict[Version, Definition]:
    found: dict[Version, Definition] = {}
    prices: dict[Version, int] = {}
    written = Tally(step.target.buffer for step in steps if isinstance(step, Definition))
    read = [list(inputs(step)) for step in steps]
    uses: dict[Version, dict[int, set[tuple[Index, ...]]]] = {}
    for position, each in enumerate(read):
        for one in each:
            uses.setdefault(one.version, {}).setdefault(position, set()).add(one.index)
    # Only what goes around the end, or is looked up, may have no place when it is put in elsewhere.
    is_plain = all(index.modulus is None for each in read for one in each for index in one.index)
    for position, step in enumerate(steps):
        if not isinstance(step, Definition) or not _is_pure(step) or step.target.buffer.array in kept:
            continue
        if written[step.target.buffer] > 1 or step.target in stored:
            continue
        later = [places for reader, places in uses.get(step.target, {}).items() if reader > position]
        most = max(map(len, later), default=0)
        inner = (prices[one.version] for one in read[position] if one.version in found)
        prices[step.target] = price = cost(step.expr) + sum(inner)
        if price * max(most - 1, 0) + (price if len(later) > 2 else 0) > recompute.value:
            continue
        trial = {**found, step.target: step}
        try:
            for other in () if is_plain else _readers(step, steps[position + 1 :], found):
                list(real_inputs(other, trial))
        except NotAffine:
            continue
        found = trial
    return found


def _often(steps: Sequence[Step], virtual: dict[Version, Definition], allowed: int) -> Version | None:
    """A virtual temporary that others, virtual too, would have computed over and over."""
    prices: dict[Version, int] = {}
    for version, made in virtual.items():
        inner = (prices[each.version] for each in inputs(made) if each.version in virtual)
        prices[version] = cost(made.expr) + sum(inner)
    again: dict[Version, int] = {}
    for step in steps:
        if not (isinstance(step, Definition) and step.target in virtual):
            for version, places in Tally(each.version for each in virtual_inputs(step, virtual)).items():
                again[version] = again.get(version, 0) + places - 1
    often = (version for version in virtual if prices[version] * again.get(version, 0) > allowed)
    return next(often, None)


def _computed_again(schedule: Schedule, recompute: Recompute) -> Version | None:
    """A virtual temporary that several nests would compute, for more than it costs to keep it."""
    virtual = schedule.virtual
    prices: dict[Version, int] = {}
    for version, made in virtual.items():
        inner = (prices.get(each.version, 0) for each in inputs(made) if each.version in virtual)
        weight = _COMPLEX if version.buffer.dtype.startswith("complex") else 1
        prices[version] = weight * cost(made.expr) + sum(inner)
    places = Tally(
        version
        for nest in schedule.nests
        for version in {each.version for step in nest.steps for each in virtual_inputs(step, virtual)}
    )
    found = [each for each, count in places.items() if prices[each] * (count - 1) > 2 * recompute.value]
    return max(found, key=lambda each: (prices[each], each.buffer.name), default=None)


def _readers(step: Definition, later: Sequence[Step], virtual: dict[Version, Definition]) -> Iterator[Step]:
    """The steps that read what another makes, themselves or through virtual temporaries."""
    through = {step.target}
    for other in later:
        if any(each.version in through for each in inputs(other)):
            if isinstance(other, Definition) and other.target in virtual:
                through.add(other.target)
            yield other


def _is_pure(step: Definition) -> bool:
    """Does it define a whole temporary at once?"""
    whole = tuple(Index(axis) for axis in range(len(step.counts)))
    return step.target.buffer.is_temporary and step.mask is None and step.index == whole


def _fused(steps: Sequence[Step], known: RealInputs, sizes: Sizes) -> list[Nest]:
    nests: list[Nest] = []
    for position, step in enumerate(steps):
        later = steps[position + 1 :]
        if nests and _joins(nests[-1], step, known, sizes) and not _hides(nests[-1], step, later, known):
            nests[-1].steps.append(step)
        else:
            nests.append(Nest([step]))
    return nests


def _hides(nest: Nest, step: Step, later: Sequence[Step], known: RealInputs) -> bool:
    """Does a step take the place of what the nest has just made and later steps still read?"""
    if not isinstance(step, Definition) or all(
        getattr(made, "target", None) != step.base for made in nest.steps
    ):
        return False
    return any(each.version == step.base for other in later for each in known.of(other))


def _joins(nest: Nest, step: Step, known: RealInputs, sizes: Sizes) -> bool:
    """May a step run in the loops of a nest, each cell after the nest's own?"""
    if isinstance(step, Reduction) or any(isinstance(each, Reduction) for each in nest.steps):
        return False
    if len(step.counts) != len(nest.counts):
        return False
    if not all(sizes.equal(one, other) for one, other in zip(step.counts, nest.counts, strict=True)):
        return False
    written = {each.target: each for each in nest.steps if isinstance(each, Definition)}
    for each in known.of(step):
        maker = written.get(each.version)
        if maker is None or never_meet(maker.index, each.index):
            continue
        if maker.index != each.index:
            return False
    for other in nest.steps:
        assert isinstance(other, Definition)
        if other.target.buffer == step.target.buffer:
            # Later versions of one array: the same cell, or another order would show.
            if other.index != step.index:
                return False
            continue
    around = {_periodic(other, known) for other in nest.steps}
    return around == {_periodic(step, known)} or _shares_data(nest, step, known)


def _shares_data(nest: Nest, step: Step, known: RealInputs) -> bool:
    """Does a step read an array that a nest reads or writes?"""
    shared = {each.version for other in nest.steps for each in known.of(other)}
    shared |= {other.target for other in nest.steps if isinstance(other, Definition)}
    return any(each.version in shared for each in known.of(step))


def _periodic(step: Step, known: RealInputs) -> frozenset[int]:
    """Axes along which a step reads around the end."""
    return frozenset(
        index.axis
        for each in known.of(step)
        for index in each.index
        if index.modulus is not None and index.axis is not None
    )


def _read_too_late(schedule: Schedule, *, rotate: bool) -> Version | None:
    """A virtual temporary through which an old version is read after it is gone.

    Where buffers rotate, the version before the last still stands in the other one.
    """
    overwrites: dict[tuple[int, Version], int] = {}
    for place, nest in enumerate(schedule.nests):
        last = place + 1 if rotate else place
        for step in nest.steps:
            for each in inputs(step):
                if each.version not in schedule.virtual:
                    continue
                for real in reads(expanded(each, schedule.virtual)):
                    if (key := (last, real.version)) not in overwrites:
                        overwrites[key] = sum(
                            _writes_after(one, real.version) for one in schedule.nests[:last]
                        )
                    if overwrites[key] > int(rotate):
                        return each.version
    return None


def _writes_after(nest: Nest, version: Version) -> bool:
    return any(
        isinstance(step, Definition)
        and step.target.buffer == version.buffer
        and step.target.number > version.number
        for step in nest.steps
    )


def _doubled(schedule: Schedule, *, in_order: bool) -> Iterator[Version]:
    """Definitions whose array's old values are read later, or beside the cell they write."""
    known = RealInputs(schedule.virtual)
    read_in = [{real.version for step in nest.steps for real in known.of(step)} for nest in schedule.nests]
    for place, nest in enumerate(schedule.nests):
        runs_in_order = in_order and not any(_periodic(step, known) for step in nest.steps)
        for step in nest.steps:
            if not isinstance(step, Definition) or is_new(step):
                continue
            beside = any(
                real.version == step.base
                and not same_cell_only(real.index, step.index, len(step.counts))
                and not never_meet(real.index, step.index)
                and not (runs_in_order and _is_ahead(real.index, step.index))
                for other in nest.steps
                for real in known.of(other)
            )
            if beside or any(step.base in each for each in read_in[place + 1 :]):
                yield step.target


def _companions(schedule: Schedule) -> Iterator[Version]:
    """Last definitions of components that go to a second array because others of their array do."""
    wholes = {version.buffer.whole for version in schedule.doubled} - {None}
    turned = {version.buffer for version in schedule.doubled}
    last: dict[Buffer, Version] = {}
    for nest in schedule.nests:
        for step in nest.steps:
            if isinstance(step, Definition) and step.target.buffer.whole in wholes:
                last[step.target.buffer] = step.target
    yield from (version for buffer, version in last.items() if buffer not in turned)


def _is_ahead(read: tuple[Index, ...], written: tuple[Index, ...]) -> bool:
    """Is what is read in the row that is written, and further on?"""
    *rows, last = zip(read, written, strict=True)
    if any(one != other for one, other in rows) or any(one.axis == last[1].axis for one, _ in rows):
        return False
    one, other = last
    if one.axis is None or one.axis != other.axis or not one.step == other.step == 1:
        return False
    distance = one.offset - other.offset
    return one.modulus is None and other.modulus is None and distance.is_const and distance.const >= 0


def is_new(step: Definition) -> bool:
    """Does it fill an array that the run has just made?"""
    return step.target.buffer.is_temporary and step.target.number == 1
