"""Why a loop that collects its results in an array is slow."""

from collections.abc import Iterator

from pdeperf.lifetimes.growth import growths, search_in
from pdeperf.lifetimes.meaning import loops_at
from pdeperf.model import Diagnosis, Hotspot, Kind
from pdeperf.source import Project

from . import Detector, diagnosis


class GrowingArray:
    """A loop makes an array longer by copying all of it.

    Why it is slow
    --------------
    An array cannot grow: ``np.append``, ``np.concatenate`` and ``np.vstack`` allocate a new one and copy
    every element that is there already. A loop of n turns copies n²/2 elements to collect n.

    Slow
    ----
    ::

        times = np.array([0.0])
        while times[-1] < t_end:
            u = step(u)
            times = np.append(times, times[-1] + dt)

    Faster
    ------
    ::

        times = [0.0]
        while times[-1] < t_end:
            u = step(u)
            times.append(times[-1] + dt)
        times = np.array(times)

    When it is wrong
    ----------------
    When the loop needs the array as an array on its way: to plot it, to sum it, to hand it to a function.

    References
    ----------
    NumPy reference, ``numpy.append``: "append does not occur in-place: a new array is allocated and filled".
    """

    rule = "growing-array"
    kind = Kind.ALLOCATION

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires once on a hotspot in which loops make arrays longer, or that lies in such a loop."""
        if hotspot.where.file not in project:
            return
        module = project[hotspot.where.file]
        found = growths(search_in(project, module), list(loops_at(module, hotspot.where)))
        places = tuple(module.span(one.statement) for growth in found for one in growth.additions)
        if not places:
            return
        lines = [place.first for place in places]
        churn = sum(float(r.value) for r in hotspot.values("temporary_bytes") if r.where.first in lines)
        copied = f": {churn / 1e9:.2g} GB copied" if churn > 1e8 else ""
        names = ", ".join(f"`{growth.name}`" for growth in found)
        yield diagnosis(
            self,
            hotspot,
            where=places[0],
            message=f"the whole of {names} is copied in every turn{copied}",
            share=_share(hotspot, lines),
            alike=places[1:],
        )


def _share(hotspot: Hotspot, lines: list[int]) -> float:
    """The part of the run that the lines themselves take, where that was measured."""
    measured = hotspot.values("line_share")
    if not measured:
        return hotspot.share
    return min(hotspot.share, sum(float(row.value) for row in measured if row.where.first in lines))


DETECTOR: Detector = GrowingArray()
