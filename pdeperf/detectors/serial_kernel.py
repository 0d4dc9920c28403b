"""Why a compiled kernel leaves cores idle."""

import ast
import os
from collections.abc import Iterator
from math import prod

from pdeperf.kernel.compiled import Compiled, Judged, callers, definition, is_fallback, judged, reached
from pdeperf.kernel.dependence import Answer
from pdeperf.model import Diagnosis, Hotspot, Kind
from pdeperf.source import Project

from . import Detector, diagnosis

WORTH_SHARING_S = 50e-6
"""A fork and join costs some 2 to 10 us: a call much shorter than this cannot gain."""

LEAST_CELLS = 2_000
"""A single loop over fewer cells is done before a second core has begun."""

_FEW_TURNS = 8
"""Rows that are staggered, components of a state: too few to share out."""


class SerialKernel:
    """A function that Numba compiled runs on one core, though its iterations are independent.

    Why it is slow
    --------------
    ``@njit`` compiles a loop as it is written: one iteration after another, on one core. A sweep
    over a grid that writes one array and reads others has no order to keep, and the other cores
    have nothing to do meanwhile.

    Slow
    ----
    ::

        @njit(cache=True)
        def step(u, un, nx, ny, c):
            for i in range(1, nx - 1):
                for j in range(1, ny - 1):
                    un[i, j] = u[i, j] + c * (u[i + 1, j] - 2 * u[i, j] + u[i - 1, j])

    Faster
    ------
    ::

        @njit(parallel=True, cache=True)
        def step(u, un, nx, ny, c):
            for i in prange(1, nx - 1):
                for j in range(1, ny - 1):
                    un[i, j] = u[i, j] + c * (u[i + 1, j] - 2 * u[i, j] + u[i - 1, j])

    When it is wrong
    ----------------
    Where an iteration reads what another writes (Gauss-Seidel, Thomas, a cumulative sum) the loop
    is left alone. Handing out iterations costs some microseconds a loop, so on small grids, or
    on cores that are busy, one core is faster: only a trial tells.

    References
    ----------
    Numba user manual, "Automatic parallelization with @jit"; Allen and Kennedy, "Optimizing
    Compilers for Modern Architectures", chapter 2.
    """

    rule = "serial-kernel"
    kind = Kind.LOOP

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires on each serial kernel in or under a hotspot that has an independent loop with work in it."""
        cells = _most_cells(hotspot)
        cores_count = len(os.sched_getaffinity(0))
        if 0 < _longest_call_s(hotspot) < WORTH_SHARING_S:
            return
        for item in reached(hotspot.where, project):
            if not item.is_serial or is_fallback(item, project):
                continue
            if any(not other.is_serial for other in callers(item, project)):
                continue  # it runs inside a parallel kernel: threads do not nest
            loops = list(judged(item, project))
            independent = [found for found in loops if found.proof.answer is Answer.YES]
            worth = [found for found in independent if _has_work(found, item, cells, project)]
            if not worth:
                continue
            first = worth[0].loop
            yield diagnosis(
                self,
                hotspot,
                where=item.module.span(first),
                message=_message(item, worth),
                headroom=float(cores_count),
                scope=item.name,
            )


def _longest_call_s(hotspot: Hotspot) -> float:
    """Mean time of the hotspot's costliest line each time it runs; 0 when it was not counted."""
    hits = {row.where.first: float(row.value) for row in hotspot.values("hits_count")}
    spent = {row.where.first: float(row.value) for row in hotspot.values("line_time_s")}
    return max((spent[line] / hits[line] for line in spent if hits.get(line)), default=0.0)


def _most_cells(hotspot: Hotspot) -> float:
    """Cells of the largest array that was seen there; infinity where none was."""
    shapes = [str(row.value).split("x") for row in hotspot.values("shape")]
    return max((prod(float(length or 1) for length in shape) for shape in shapes), default=float("inf"))


def _has_work(found: Judged, item: Compiled, cells: float, project: Project) -> bool:
    """Is there enough in one pass of the loop to share out?

    A single loop over cells that an outer loop of the same kernel starts again and again is not
    worth it: each start costs as much as thousands of cells. Nor is one of a few turns, or over few cells.
    """
    if _turns(found.loop) <= _FEW_TURNS:
        return False
    inside = [node for part in found.loop.body for node in ast.walk(part)]
    if any(isinstance(node, ast.For | ast.While) for node in inside):
        return True
    calls = (node.func for node in inside if isinstance(node, ast.Call))
    if any(definition(called, item.module, project) for called in calls):
        return True
    repeated = any(isinstance(above, ast.For | ast.While) for above in item.module.ancestors(found.loop))
    return cells >= LEAST_CELLS and not repeated


def _turns(loop: ast.For) -> float:
    """How often a loop turns when that is written down; infinity otherwise."""
    match loop.iter:
        case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=int() as count)]):
            return count
        case _:
            return float("inf")


def _message(item: Compiled, worth: list[Judged]) -> str:
    lines = ", ".join(str(found.loop.lineno) for found in worth)
    loops = "the loop at line" if len(worth) == 1 else "the loops at lines"
    verb = "has" if len(worth) == 1 else "have"
    return f"`{item.name}` is compiled for one core, but {loops} {lines} {verb} independent iterations"


DETECTOR: Detector = SerialKernel()
