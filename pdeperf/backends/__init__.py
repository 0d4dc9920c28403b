"""Shelf: what may make a hotspot fast. One file a technique."""

from collections.abc import Iterator
from typing import Protocol

from pdeperf.model import Candidate, Diagnosis, Refusal
from pdeperf.source import Project


class Backend(Protocol):
    """Proposes rewrites for the diagnoses of some rules.

    A plugin is one module that ends with ``BACKEND: Backend = ...``, with the same docstring
    sections as a detector.
    """

    @property
    def name(self) -> str:
        """The technique's name, the module's name with dashes."""
        ...

    @property
    def answers(self) -> frozenset[str]:
        """The rules of the diagnoses that it can answer."""
        ...

    def propose(self, diagnosis: Diagnosis, project: Project) -> Iterator[Candidate | Refusal]:
        """Propose rewrites, the most promising first, or say why there is none."""
        ...
