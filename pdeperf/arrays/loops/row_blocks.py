"""Several time steps on blocks of rows that need nothing of one another, then what is left between them.

A sweep of several steps leans back: row ``i`` of a nest runs at ``i + lag``. Cut at such a position, a
block needs nothing from behind it. Ahead of it lies another block, of which it may not need anything
either: it leaves out the rows before ``first + lead``, more of them with each step. When all blocks are
done, the wedges that they have left out are filled, each from its two neighbours.

For what a nest touches in row ``i + a`` and a later one in row ``i + b``, the lag of the later one is
at least the first one's ``+ b - a``, and its lead the first one's ``+ a - b``: along any dependence
``i + lag`` never falls and ``i - lead`` never rises. So a block holds all that its rows depend on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from pdeperf.arrays.ir import Buffer
from pdeperf.arrays.loops.schedule import Schedule
from pdeperf.arrays.loops.sweeps import Sweep, accesses, gap, turned
from pdeperf.arrays.sizes import Sizes


@dataclass(frozen=True, slots=True)
class Blocks:
    """Blocks of rows.

    Attributes
    ----------
    leads
        For each nest of the sweep: so many rows after its block's first it begins.
    step_lead
        What is added to that with each time step.
    width
        Rows between the first position of a wedge and its last, at most.
    least
        Rows of a block, so that wedges lie apart.
    """

    leads: tuple[int, ...]
    step_lead: int
    width: int
    least: int


def blocks_of(
    sweep: Sweep,
    schedule: Schedule,
    sizes: Sizes,
    turns: Mapping[Buffer, Buffer],
    *,
    steps_count: int,
    band: int,
    lag: int,
) -> Blocks | None:
    """Blocks for a sweep of some time steps; None if it has rows that only it keeps, or if nothing is known.

    Parameters
    ----------
    turns
        Arrays that take turns from step to step: which one the next step finds under an array's name.
    band
        Rows that each nest does at a time.
    lag
        Rows by which each step is behind the one before.
    """
    if sweep.rings or sweep.depth < 2:
        return None
    touched = [list(accesses(each, schedule, sweep.depth)) for each in sweep.rows]
    later = turned(touched, turns)
    leads: list[int] = []
    reach = 0
    rows = sweep.rows
    for place in range(len(rows)):
        leads.append(0)
        for earlier in range(place):
            found = gap(rows[earlier], touched[earlier], rows[place], touched[place], sizes, ahead=True)
            if found is None:
                return None
            leads[place] = max(leads[place], leads[earlier] + found)
            reach = max(reach, found)
    step_lead = 0
    for one, other in product(range(len(rows)), repeat=2):
        for distance, seen in ((1, later), (2, touched)):
            found = gap(rows[one], touched[one], rows[other], seen[other], sizes, ahead=True)
            if found is None:
                return None
            step_lead = max(step_lead, -(-(leads[one] - leads[other] + found) // distance))
            reach = max(reach, found)
    most_lag = max(each.lag for each in rows)
    reach = max(reach, most_lag + 2 * lag)
    width = (steps_count - 1) * (lag + step_lead) + most_lag + max(leads) + band
    return Blocks(tuple(leads), step_lead, width, 2 * width + reach + 2)
