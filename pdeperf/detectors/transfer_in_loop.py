"""Why copying arrays between host and device in a time loop is slow."""

from collections.abc import Iterator

from pdeperf.model import Diagnosis, Hotspot, Kind
from pdeperf.source import Project
from pdeperf.transfers.on_device import Move
from pdeperf.transfers.turns import in_every_turn

from . import Detector, diagnosis


class TransferInLoop:
    """Arrays are copied between host and device in every turn of a loop.

    Why it is slow
    --------------
    A copy between host and device moves some 4 to 12 GB/s, a kernel in the device's own memory hundreds
    to thousands. The copy also waits for all that was begun before it: one copy in each step costs
    more than the step itself.

    Slow
    ----
    ::

        for step in range(steps):
            u = cp.asarray(u_host)
            u = u + dt * laplacian(u)
            u_host = cp.asnumpy(u)

    Faster
    ------
    ::

        u = cp.asarray(u_host)
        for step in range(steps):
            u = u + dt * laplacian(u)
        u_host = cp.asnumpy(u)

    When it is wrong
    ----------------
    Where the host really needs the array in each step: then copy less of it, or less often.

    References
    ----------
    NVIDIA, "CUDA C++ Best Practices Guide", chapter 10 (memory optimizations); CuPy user guide,
    "Performance best practices".
    """

    rule = "transfer-in-loop"
    kind = Kind.TRANSFER

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires on each copy that a loop makes in every turn."""
        for event, where, counted in in_every_turn(hotspot, project, Move.TO_HOST, Move.TO_DEVICE):
            to = "host" if event.move is Move.TO_HOST else "device"
            message = (
                f"line {where.first}: an array goes to the {to} in every turn "
                f"of the loop at line {event.loop.lineno}{counted}"
            )
            yield diagnosis(self, hotspot, where=where, message=message)


DETECTOR: Detector = TransferInLoop()
