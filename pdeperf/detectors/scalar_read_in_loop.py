"""Why reading one number from the device in each step is slow."""

from collections.abc import Iterator

from pdeperf.model import Diagnosis, Hotspot, Kind
from pdeperf.source import Project
from pdeperf.transfers.on_device import Move
from pdeperf.transfers.turns import in_every_turn

from . import Detector, diagnosis


class ScalarReadInLoop:
    """One number is read from the device in every turn of a loop, and the host waits for it.

    Why it is slow
    --------------
    Kernels are launched ahead of time: the host is done with a step long before the device. To read a
    number the host must wait until all is done, and then launches the next step to an idle device: some
    10 to 20 us are lost each time, as much as several kernels on small arrays.

    Slow
    ----
    ::

        while float(cp.abs(new - u).max()) > tol:
            u, new = new, step(new)

    Faster
    ------
    ::

        turns = 0
        while True:
            u, new = new, step(new)
            turns += 1
            if turns % 20 == 0 and float(cp.abs(new - u).max()) <= tol:
                break

    When it is wrong
    ----------------
    Testing every k-th time only makes some turns more: right where more turns do no harm, as in an
    iteration that converges; wrong where the number of turns is itself a result.

    References
    ----------
    NVIDIA, "CUDA C++ Best Practices Guide", chapter 10 (memory optimizations); CuPy user guide,
    "Performance best practices".
    """

    rule = "scalar-read-in-loop"
    kind = Kind.TRANSFER

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires on each number that a loop reads in every turn."""
        for event, where, counted in in_every_turn(hotspot, project, Move.NUMBER):
            message = (
                f"line {where.first}: one number is read from the device in every turn of the loop "
                f"at line {event.loop.lineno}{counted}; meanwhile the device stands still"
            )
            yield diagnosis(self, hotspot, where=where, message=message)


DETECTOR: Detector = ScalarReadInLoop()
