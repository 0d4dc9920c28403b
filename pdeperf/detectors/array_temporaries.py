"""Why array expressions are slow."""

from collections.abc import Iterator

from pdeperf.kernel.passes_over_memory import measured
from pdeperf.kernel.whole_arrays import arrays_at
from pdeperf.model import Diagnosis, Hotspot, Kind
from pdeperf.source import Project

from . import Detector, diagnosis, share_without_libraries


class ArrayTemporaries:
    """Array expressions pass over memory once for every operation.

    Why it is slow
    --------------
    NumPy evaluates an expression one operation at a time. Each reads its operands from memory and
    writes its result to a new array, which the next one reads again; new arrays cost page faults
    as well. The arithmetic itself takes a fraction of the time.

    Slow
    ----
    ::

        u[1:-1] = un[1:-1] + c * (un[2:] - 2 * un[1:-1] + un[:-2])

    Faster
    ------
    One loop that reads each value once and writes each result once, in a function that Numba compiles.

    When it is wrong
    ----------------
    When the time goes into few operations on arrays that fit into the cache's innermost level, or
    into linear algebra and transforms, which libraries do well.

    References
    ----------
    NumPy user guide, "Broadcasting"; McCalpin, "Memory bandwidth and machine balance" (STREAM).
    """

    rule = "array-temporaries"
    kind = Kind.ALLOCATION

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires on a hotspot with expressions of several operations on whole arrays."""
        if hotspot.where.file not in project:
            return
        module = project[hotspot.where.file]
        arrays = arrays_at(hotspot, project)
        on_device = frozenset(
            row.subject
            for row in (*project.observed, *hotspot.values("type"))
            if row.metric == "type" and row.value == "cupy.ndarray" and row.where.file == module.file
        )
        found = measured(module, hotspot.where, arrays, on_device)
        if not found.lines:
            return
        churn = sum(float(row.value) for row in hotspot.values("allocated_bytes"))
        made = f", {churn / 1e9:.2g} GB allocated" if churn > 1e8 else ""
        saved = found.passes > found.least
        would_do = f"where {found.least} would do" if saved else "the least that one loop needs"
        yield diagnosis(
            self,
            hotspot,
            where=hotspot.where,
            share=share_without_libraries(hotspot),
            message=(
                f"{_several(found.operations, 'array operation')} on {_several(len(found.lines), 'line')} "
                f"{'passes' if found.operations == 1 else 'pass'} over memory "
                f"{'once' if found.passes == 1 else f'{found.passes} times'}, {would_do}{made}"
            ),
        )


def _several(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"


DETECTOR: Detector = ArrayTemporaries()
