"""Why updates that make new arrays are slow."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.ownership import Ownership
from pdeperf.lifetimes.updates import updates
from pdeperf.model import Diagnosis, Hotspot, Kind
from pdeperf.source import Module, Project

from . import Detector, diagnosis


class ArrayRebound:
    """An update makes a new array where it could change the old one.

    Why it is slow
    --------------
    ``u = u + dt * rhs`` makes one array for ``dt * rhs`` and one more for the sum, then gives the old ``u``
    back. ``u += dt * rhs`` adds where ``u`` lies: a third less memory to write, and no new pages.

    Slow
    ----
    ::

        u = u + dt * rhs(u)

    Faster
    ------
    ::

        u += dt * rhs(u)

    When it is wrong
    ----------------
    When another name, a list, an attribute, a plot or the caller holds the same array: it would change with
    it. When the sum has another type or another shape than the array.

    References
    ----------
    NumPy user guide, "Copies and views"; Python reference, "Augmented assignment statements".
    """

    rule = "array-rebound"
    kind = Kind.ALLOCATION

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Fires once on a hotspot with updates of whole arrays by the array's own name."""
        if hotspot.where.file not in project:
            return
        module = project[hotspot.where.file]
        found = list(updates(Ownership.of(project), module, _statements(module, hotspot)))
        if not found:
            return
        places = tuple(module.span(one.statement) for one in found)
        lines = {place.first for place in places}
        churn = sum(float(r.value) for r in hotspot.values("temporary_bytes") if r.where.first in lines)
        made = f" ({churn / 1e9:.2g} GB)" if churn > 1e8 else ""
        names = ", ".join(dict.fromkeys(f"`{one.target}`" for one in found))
        yield diagnosis(
            self,
            hotspot,
            where=places[0],
            message=f"each update makes a new array{made} for {names}",
            alike=places[1:],
        )


def _statements(module: Module, hotspot: Hotspot) -> list[ast.stmt]:
    where = hotspot.where
    return [
        node
        for node in ast.walk(module.tree)
        if isinstance(node, ast.stmt) and where.first <= node.lineno <= where.last
    ]


DETECTOR: Detector = ArrayRebound()
