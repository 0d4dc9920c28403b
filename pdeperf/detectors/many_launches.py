"""Why a kernel for every operation is slow."""

import ast
from collections.abc import Iterator

from pdeperf.model import Diagnosis, Hotspot, Kind
from pdeperf.source import Project
from pdeperf.transfers.events import LOOPS, counted
from pdeperf.transfers.turns import device_of

from . import Detector, diagnosis

_LEAST_LAUNCHES = 8


class ManyLaunches:
    """Every operation is a kernel of its own: many launches, and many passes over memory.

    Why it is slow
    --------------
    Every operation on CuPy arrays launches a kernel. Each launch takes the host some 5 us, as long as a
    device takes to pass over a million numbers; and with large arrays each kernel reads and writes whole
    arrays, where one kernel for all would read and write each number once.

    Slow
    ----
    ::

        u = u + dt * (cp.roll(u, 1) - 2 * u + cp.roll(u, -1)) / dx**2

    Faster
    ------
    One kernel for the whole expression: ``cupy.fuse``, an ``ElementwiseKernel``, or a ``RawKernel`` that
    reads the neighbours itself.

    When it is wrong
    ----------------
    Where the time goes into transforms or linear algebra, which CuPy's libraries do in one kernel each.

    References
    ----------
    NVIDIA, "CUDA C++ Best Practices Guide", chapter 10 (memory optimizations); CuPy user guide,
    "Performance best practices".
    """

    rule = "many-launches"
    kind = Kind.TRANSFER

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires on an innermost loop with many operations on arrays on the GPU."""
        device = device_of(hotspot, project)
        if device is None:
            return
        module = device.module
        for loop in ast.walk(module.tree):
            if not isinstance(loop, LOOPS) or not hotspot.where.first <= loop.lineno <= hotspot.where.last:
                continue
            if any(isinstance(node, LOOPS) for node in ast.walk(loop) if node is not loop):
                continue
            launches = sum(device.launches_with_calls(each) for each in loop.body)
            lines = range(loop.lineno, (loop.end_lineno or loop.lineno) + 1)
            count = sum(counted(hotspot, line, "launches_count") for line in lines)
            moved = sum(counted(hotspot, line, "launched_bytes") for line in lines)
            if launches < _LEAST_LAUNCHES:
                continue
            size = f" of {moved / count / 1e3:.3g} kB each" if count else ""
            yield diagnosis(
                self,
                hotspot,
                where=module.span(loop),
                message=f"each turn launches at least {launches} kernels{size}",
            )


DETECTOR: Detector = ManyLaunches()
