"""The vocabulary for reading and editing the user's source."""

from pdeperf.source.project import Module, Project

__all__ = ["Module", "Project"]
