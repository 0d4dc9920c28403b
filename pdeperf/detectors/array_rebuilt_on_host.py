"""Why making an array on the host in each step is slow."""

from collections.abc import Iterator

from pdeperf.model import Diagnosis, Hotspot, Kind
from pdeperf.source import Project
from pdeperf.transfers.on_device import Move
from pdeperf.transfers.turns import in_every_turn

from . import Detector, diagnosis


class ArrayRebuiltOnHost:
    """An array is made on the host and moved to the device in every turn of a loop.

    Why it is slow
    --------------
    NumPy computes it on one core, the copy moves it at a few GB/s, and the device waits for both. CuPy
    makes most such arrays on the device itself.

    Slow
    ----
    ::

        for step in range(steps):
            source = cp.asarray(np.sin(x - c * step * dt))

    Faster
    ------
    ::

        x_device = cp.asarray(x)
        for step in range(steps):
            source = cp.sin(x_device - c * step * dt)

    When it is wrong
    ----------------
    Where the host's library has no counterpart in CuPy, or reads a file.

    References
    ----------
    NVIDIA, "CUDA C++ Best Practices Guide", chapter 10 (memory optimizations); CuPy user guide,
    "Performance best practices".
    """

    rule = "array-rebuilt-on-host"
    kind = Kind.TRANSFER

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires on each array that a loop makes on the host for the device in every turn."""
        for event, where, counted in in_every_turn(hotspot, project, Move.REBUILT):
            message = (
                f"line {where.first}: an array is made on the host and moved in every turn of the loop "
                f"at line {event.loop.lineno}{counted}"
            )
            yield diagnosis(self, hotspot, where=where, message=message)


DETECTOR: Detector = ArrayRebuiltOnHost()
