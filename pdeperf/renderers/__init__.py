"""Shelf: how a report is shown. One file a format."""

from typing import Protocol

from pdeperf.model import Report


class Renderer(Protocol):
    """Turns a report into one text.

    A plugin is one module that ends with ``RENDERER: Renderer = ...``.
    """

    @property
    def name(self) -> str:
        """The format's name, as in ``--format NAME``."""
        ...

    @property
    def suffix(self) -> str:
        """The file suffix, ``.html``."""
        ...

    def render(self, report: Report) -> str:
        """The whole text."""
        ...
