"""Why a loop that makes its work arrays anew is slow."""

from collections.abc import Iterator

from pdeperf.lifetimes.buffers import allocations
from pdeperf.lifetimes.meaning import loops_at
from pdeperf.lifetimes.ownership import Ownership
from pdeperf.model import Diagnosis, Hotspot, Kind
from pdeperf.source import Project

from . import Detector, diagnosis


class AllocationInLoop:
    """A loop allocates arrays of the same size in every turn.

    Why it is slow
    --------------
    Large arrays come from the operating system page by page: each new page costs a fault, is set to zero,
    and pushes older data out of the cache. When the turn ends the memory goes back, and the next
    turn begins again.

    Slow
    ----
    ::

        for step in range(steps):
            flux = np.zeros((ny, nx))
            flux[:, 1:] = u[:, 1:] - u[:, :-1]
            u = u + dt * np.fft.ifft2(np.fft.fft2(flux) * E).real

    Faster
    ------
    ::

        flux = np.zeros((ny, nx))
        for step in range(steps):
            flux.fill(0)
            flux[:, 1:] = u[:, 1:] - u[:, :-1]
            u = u + dt * np.fft.ifft2(np.fft.fft2(flux) * E).real

    When it is wrong
    ----------------
    When something keeps the array of a turn: a list of results, a second name, a view, an attribute, the
    caller. Small arrays cost next to nothing to make.

    References
    ----------
    Gorelick, Ozsvald, "High Performance Python", chapter 6 (memory allocations and in-place operations).
    """

    rule = "allocation-in-loop"
    kind = Kind.ALLOCATION

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires once on a hotspot whose loops make arrays of a size that stays the same."""
        if hotspot.where.file not in project:
            return
        module = project[hotspot.where.file]
        found = allocations(Ownership.of(project), module, list(loops_at(module, hotspot.where)))
        if not found:
            return
        places = tuple(module.span(one.statement) for one in found)
        names = ", ".join(f"`{one.name}`" for one in found)
        lines = {place.first for place in places}
        churn = sum(float(r.value) for r in hotspot.values("temporary_bytes") if r.where.first in lines)
        made = f": {churn / 1e9:.2g} GB" if churn > 1e8 else ""
        yield diagnosis(
            self,
            hotspot,
            where=places[0],
            message=f"allocated anew in every turn of the loop{made}: {names}",
            alike=places[1:],
        )


DETECTOR: Detector = AllocationInLoop()
