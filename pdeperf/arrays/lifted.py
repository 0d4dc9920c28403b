"""What a region computes, before any loops are written: worked out once for all schedules."""

import ast
import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from pdeperf.arrays.computed_once import computed_once
from pdeperf.arrays.conditions import first_made
from pdeperf.arrays.definitions import numpy_name
from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.invariants import Constants, without_invariants
from pdeperf.arrays.kept_text import without_unread
from pdeperf.arrays.lifting.components import by_components
from pdeperf.arrays.lifting.late import bound_here
from pdeperf.arrays.lifting.lift import Lifter
from pdeperf.arrays.loops.boxes import NotABox
from pdeperf.arrays.loops.dead_stores import without_dead_stores
from pdeperf.arrays.loops.renewal import renewed
from pdeperf.arrays.loops.same_values import with_values_once
from pdeperf.arrays.loops.write import LateCheck
from pdeperf.arrays.names import Names
from pdeperf.arrays.overlap import pairs_apart
from pdeperf.arrays.program import Item, bound_by_text, runs_of
from pdeperf.arrays.rebound import bound_again
from pdeperf.arrays.settled_sizes import settle
from pdeperf.arrays.sizes import Sizes, Unequal
from pdeperf.kernel.lowering import Problem
from pdeperf.source import Module, Project

Owner = TypeVar("Owner", Names, Sizes)


@dataclass(frozen=True, slots=True)
class Lifted:
    """A region as a program.

    Attributes
    ----------
    late
        Names and paths whose arrays are checked where they are used, because they may be bound to others.
    by_text
        Names that statements about anything but arrays bind.
    last
        Statements that follow the region: entries of dicts get their arrays.
    apart
        Pairs of arrays that must not share memory.
    unfilled
        Arrays that are no longer filled.
    needs_import
        NumPy is not known in the file by the name that the loops have for it.
    """

    names: Names
    sizes: Sizes
    items: Sequence[Item]
    late: frozenset[str]
    by_text: frozenset[str]
    constants: Constants
    last: tuple[str, ...]
    apart: Sequence[tuple[str, str]]
    unfilled: frozenset[str]
    needs_import: bool
    problems: tuple[Problem, ...]

    def own(self) -> "Lifted":
        """The same to write loops from, which notes names and relies on sizes."""
        names, sizes = _copied(self.names), _copied(self.sizes)
        names.note_integers(sizes)
        return replace(self, names=names, sizes=sizes)


def _copied(owner: Owner) -> Owner:
    own = copy.copy(owner)
    for name, value in list(vars(own).items()):
        if isinstance(value, dict | set | list):
            setattr(own, name, value.copy())
    return own


def lifted(
    project: Project, module: Module, region: Sequence[ast.stmt], late: frozenset[str] = frozenset()
) -> Lifted | list[Problem]:
    """What a region computes, or why that is not known; more is ``late`` where it turns out so."""
    first = region[0]
    while True:
        names = Names(project, module, region)
        sizes = Sizes({})
        sizes.late = late
        sizes.made_late = lambda paths: any(not path.endswith(".shape") for path in first_made(paths, module))
        names.note_integers(sizes)
        settle(names, sizes, module)
        names.may_rebind = True
        lifter = Lifter(names, sizes)
        by_text: frozenset[str] = frozenset()
        try:
            names.library, needs_import = numpy_name(module, names)
            items = lifter.block(region)
            if not any(True for _ in runs_of(items)):
                return lifter.problems or [Problem(first.lineno, "no array is computed here")]
            items = without_unread(items, names)
            by_text = bound_here(items, names)
            entered = {buffer.name for run in runs_of(items) for buffer in run.entry.values()}
            if not late and entered & by_text - bound_by_text(items):
                raise LateCheck("arrays come about here")
            if late and not (by_text | sizes.stale) <= late:
                raise LateCheck("sizes come about here")
            last = bound_again(items, names, by_text)
            apart = pairs_apart(module, names, items, late=late)
            items, constants = without_invariants(items, names, sizes, by_text)
            items = computed_once(items, names, sizes, by_text)
            items = by_components(items, sizes, names.fresh_plain)
            items, unfilled = without_dead_stores(items, names, sizes, names.fresh_plain)
            items = renewed(items, sizes, names.fresh_plain)
            items = with_values_once(items, sizes)
        except LateCheck as problem:
            if (wider := late | by_text | sizes.stale) == late:
                return [*lifter.problems, Problem(first.lineno, str(problem))]
            late = wider
            continue
        except (Unliftable, Unequal, NotABox) as problem:
            return [*lifter.problems, Problem(first.lineno, str(problem))]
        return Lifted(
            names,
            sizes,
            items,
            late,
            by_text,
            constants,
            last,
            tuple(apart),
            unfilled,
            needs_import,
            tuple(lifter.problems),
        )
