"""Files of which some statements are taken several times, as if they stood again after the end."""

import ast
import copy
from collections.abc import Callable, Sequence
from types import MappingProxyType

from pdeperf.source.edits import lines_extent
from pdeperf.source.project import Module


class RepeatingModule(Module):
    """A module whose text goes on with copies of its own statements, each with places of its own.

    Parameters
    ----------
    module
        The file as it is; its tree is shared, and never changed.
    """

    def __init__(self, module: Module) -> None:
        self.__dict__.update(
            {name: value for name, value in vars(module).items() if name not in ("lines", "parents")}
        )
        self._found: dict[tuple[object, ...], object] = {}
        self._own_lines_count = len(module.lines)
        self._copies: dict[tuple[ast.stmt, object], list[ast.stmt]] = {}
        self._lines_of_copies: dict[int, int] = {}
        self._starts: dict[ast.stmt, int] = {}

    def again(
        self,
        statements: Sequence[ast.stmt],
        key: object,
        change: Callable[[Sequence[ast.stmt]], list[ast.stmt]] = copy.deepcopy,  # type: ignore[assignment]
    ) -> list[ast.stmt]:
        """Copies of the statements of a block, placed after all other text.

        Parameters
        ----------
        key
            Another key makes other copies.
        change
            Makes the copies; what it puts in has the place of what was there.
        """
        if (statements[0], key) not in self._copies:
            self._copies[statements[0], key] = self._placed(statements, change(statements))
        return self._copies[statements[0], key]

    def _placed(self, statements: Sequence[ast.stmt], made: list[ast.stmt]) -> list[ast.stmt]:
        first, last = statements[0].lineno, statements[-1].end_lineno or statements[-1].lineno
        comments_count = 0
        while self.lines[first - comments_count - 2].lstrip().startswith("#"):
            comments_count += 1
        first -= comments_count
        if not self.text.endswith(("\n", "\r")):
            self.text += "\n"
        self.text += "\n"  # an insertion at the end of one copy is none at the start of the next
        self.__dict__.pop("lines", None)
        shift = len(self.lines) + 1 - first
        rows = self.lines[first - 1 : last]
        above = self.parents[statements[0]]
        parents = dict(self.parents)
        for part in made:
            parents[part] = above
            for node in ast.walk(part):
                parents.update((child, node) for child in ast.iter_child_nodes(node))
                if isinstance(node, ast.stmt | ast.expr | ast.keyword | ast.arg | ast.alias):
                    self._lines_of_copies[node.lineno + shift] = self.line_in_file(node.lineno)
                    node.lineno += shift
                    node.end_lineno = (node.end_lineno or node.lineno - shift) + shift
        self.__dict__["parents"] = MappingProxyType(parents)
        self._starts[made[0]] = len(self.text)
        self.text += "".join(rows)
        if not self.text.endswith(("\n", "\r")):
            self.text += "\n"
        del self.__dict__["lines"]
        return made

    def extent_of(self, copies: Sequence[ast.stmt]) -> tuple[int, int]:
        """Where the text of copies stands, with the comments before them."""
        return self._starts[copies[0]], lines_extent(self, copies)[1]

    def line_in_file(self, line: int) -> int:
        """The line of the file that a node's line stands for."""
        return self._lines_of_copies.get(line, min(line, self._own_lines_count))
