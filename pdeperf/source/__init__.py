"""The vocabulary for reading and editing the user's source."""

from pdeperf.source.project import Module, Project, parsed

__all__ = ["Module", "Project", "parsed"]
