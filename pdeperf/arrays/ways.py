"""The ways in which a region's loops may be written, and which of them are worth a trial."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pdeperf.arrays.expand import Expansion
from pdeperf.arrays.loops.costs import Cost
from pdeperf.arrays.loops.schedule import Form, Recompute

_MOST = 3
_HOPELESS = 2.0
"""What is predicted to take so much longer than the best is not tried."""
_SERIAL = 8.0
"""For one core it is compiled in half the time: worth a try though it be predicted to take so much longer."""
_ALIKE = 1.1
"""What is predicted to take at most so much longer is about as fast."""
_SPARED = 1000
"""So many characters less, and the compiler is done half a second sooner."""


@dataclass(frozen=True, slots=True)
class Way:
    """A schedule, and whether its loops are shared out over the cores."""

    recompute: Recompute
    form: Form
    is_shared: bool = False


WAYS = (
    Way(Recompute.CHEAP, Form.NESTS),
    Way(Recompute.CHEAP, Form.ROWS),
    Way(Recompute.CHEAP, Form.SWEEPS),
    Way(Recompute.CHEAP, Form.LINES),
    Way(Recompute.ALWAYS, Form.NESTS),
    Way(Recompute.NEVER, Form.SWEEPS),
    Way(Recompute.NEVER, Form.NESTS),
    Way(Recompute.CHEAP, Form.BLOCKS, is_shared=True),
    Way(Recompute.CHEAP, Form.APART, is_shared=True),
    Way(Recompute.ALWAYS, Form.APART, is_shared=True),
    Way(Recompute.CHEAP, Form.LINES, is_shared=True),
)
"""Those that come out alike count once."""

Found = tuple[Way, Expansion]
Choice = Callable[[Sequence[Found]], Sequence[Found]]
"""Which of the ways are proposed, the most promising first."""


def cores_count() -> int:
    """How many cores a kernel would have."""
    asked = os.environ.get("NUMBA_NUM_THREADS", "")
    if asked.isdigit() and int(asked):
        return int(asked)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def promising(found: Sequence[Found]) -> Sequence[Found]:
    """Those that may be the fastest here, by what their loops cost."""
    cores = cores_count()
    plain = {way.recompute: each.cost for way, each in found if way.form is Form.NESTS}

    def predicted(one: Found) -> float:
        way, each = one
        cost = _of_tiles(plain.get(way.recompute, each.cost)) if each.is_tiled else each.cost
        return cost.on(cores if way.is_shared else 1)

    def sooner(one: Found) -> list[Found]:
        """What is about as fast as one, and compiled much sooner; that first."""
        most = _ALIKE * predicted(one)
        alike = [each for each in found if each[0].is_shared == one[0].is_shared and predicted(each) <= most]
        shortest = min(alike, key=_compiling)
        return [shortest, one] if _compiling(one) - _compiling(shortest) >= _SPARED else [one]

    ordered: list[Found] = []
    for one in sorted(found, key=predicted):
        ordered += [each for each in sooner(one) if each not in ordered]
    least = min(map(predicted, found), default=0.0)
    kept = [each for each in ordered if predicted(each) <= _HOPELESS * least][:_MOST]
    serial = next((each for each in ordered if not each[0].is_shared), None)
    if serial is None or serial in kept or predicted(serial) > _SERIAL * least:
        return kept
    return [*kept[: _MOST - 1], serial]


def _compiling(one: Found) -> float:
    """What a compiler takes for the text, roughly: for loops that are shared out twice as long."""
    way, each = one
    rows = each.project[each.where.file].lines[each.where.first - 1 : each.where.last]
    return sum(len(row.strip()) for row in rows) * (2.0 if way.is_shared else 1.0)


def _of_tiles(plain: Cost) -> Cost:
    """What several steps take that share a sweep: their arrays are in the cache, cores wait less often."""
    return replace(plain, memory_ns=0.0, forks_count=plain.forks_count / 4)


def every(found: Sequence[Found]) -> Sequence[Found]:
    """All of them."""
    return found
