"""Where something stands in the user's source."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Span:
    """A run of whole lines in one file.

    Attributes
    ----------
    file
        POSIX path relative to the workload's folder, never absolute.
    first, last
        Line numbers, counted from 1, both included.
    """

    file: str
    first: int
    last: int

    def __str__(self) -> str:
        lines = f"{self.first}" if self.first == self.last else f"{self.first}-{self.last}"
        return f"{self.file}:{lines}"

    def contains(self, other: "Span") -> bool:
        """Does the other span lie inside this one?"""
        return self.file == other.file and self.first <= other.first and other.last <= self.last
