"""Shelf: why a hotspot is slow. One file a rule, named after the fault."""

from collections.abc import Iterator
from typing import Protocol

from pdeperf.model import Diagnosis, Hotspot, Kind, Span
from pdeperf.source import Project


class Detector(Protocol):
    """Says whether a hotspot has one particular fault.

    A plugin is one module that ends with ``DETECTOR: Detector = ...``. Its class docstring has
    the sections *Why it is slow*, *Slow*, *Faster*, *When it is wrong*, *References*, which
    ``pdeperf explain RULE`` prints.
    """

    @property
    def rule(self) -> str:
        """The fault's name, ``scalar-loop`` for the module ``scalar_loop``."""
        ...

    @property
    def kind(self) -> Kind:
        """The class of bottleneck."""
        ...

    def detect(self, hotspot: Hotspot, project: Project) -> Iterator[Diagnosis]:
        """Find the fault in a hotspot; yields nothing where it is absent."""
        ...


_NUMPYS_OWN = frozenset(("numpy", "python", ""))


def share_without_libraries(hotspot: Hotspot) -> float:
    """A hotspot's share without what solvers, transforms and BLAS take in it, which no loop of ours saves."""
    rows = (row for row in hotspot.values("native_library_share") if row.subject not in _NUMPYS_OWN)
    return max(0.0, hotspot.share - sum(float(row.value) for row in rows))


def diagnosis(
    detector: Detector,
    hotspot: Hotspot,
    *,
    where: Span,
    message: str,
    share: float | None = None,
    headroom: float | None = None,
    scope: str | None = None,
    alike: tuple[Span, ...] = (),
) -> Diagnosis:
    """What a detector has found in a hotspot; share, headroom and scope are the hotspot's unless given."""
    return Diagnosis(
        rule=detector.rule,
        kind=detector.kind,
        where=where,
        message=message,
        share=hotspot.share if share is None else share,
        headroom=hotspot.headroom if headroom is None else headroom,
        scope=hotspot.scope if scope is None else scope,
        facts=hotspot.facts,
        alike=alike,
    )
