"""Arrays that are changed in place by arrays, ``p += q``, written as compiled code does them rightly.

Compiled, ``p += q`` neither reads all before it writes, which NumPy does where the two overlap, nor asks
whether they are equally long: it reads past the end of the shorter one. Where the source does not prove that
they are, ``p += np.broadcast_to(q, p.shape)`` asks, and raises ValueError as NumPy does.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from pdeperf.source.edits import Edit


@dataclass(frozen=True, slots=True)
class Update:
    """One such statement.

    Attributes
    ----------
    node
        Over plain names.
    ndim
        The number of dimensions of what is changed.
    place
        Where the text of ``q`` begins and ends.
    is_copied
        All of ``q`` is to be read before anything is written.
    """

    node: ast.AugAssign
    ndim: int
    place: tuple[int, int]
    is_copied: bool

    def copies(self) -> Iterator[Edit]:
        """Edits that read all of ``q`` first."""
        if self.is_copied:
            yield Edit(self.place[1], self.place[1], ".copy()")

    def checks(self, numpy: str) -> Iterator[Edit]:
        """Edits that do, and compare the shapes."""
        start, end = self.place
        yield Edit(start, start, f"{numpy}.broadcast_to(")
        copy = ".copy()" if self.is_copied else ""
        yield Edit(end, end, f"{copy}, {ast.unparse(self.node.target)}.shape)")
