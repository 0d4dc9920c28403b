"""Why copying arrays between host and device in a time loop is slow."""

from collections.abc import Iterator

from pdeperf.model import Diagnosis, Hotspot, Kind, Span
from pdeperf.source import Project
from pdeperf.transfers.events import Move, OnDevice, events, in_words

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
        if hotspot.where.file not in project:
            return
        module = project[hotspot.where.file]
        device = OnDevice(module, (*project.observed, *hotspot.facts))
        if not device.is_used:
            return
        seen: set[int] = set()
        for event in events(device, hotspot.where):
            line = event.node.lineno
            if event.move not in (Move.TO_HOST, Move.TO_DEVICE) or line in seen:
                continue
            seen.add(line)
            to = "host" if event.move is Move.TO_HOST else "device"
            counted = in_words(hotspot, event.node, event.move.value)
            yield diagnosis(
                self,
                hotspot,
                where=Span(file=module.file, first=line, last=event.node.end_lineno or line),
                message=(
                    f"line {line}: an array goes to the {to} in every turn "
                    f"of the loop at line {event.loop.lineno}{counted}"
                ),
            )


DETECTOR: Detector = TransferInLoop()
