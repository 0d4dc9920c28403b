"""Source text in which expressions are replaced, others within them too."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pdeperf.source import Module
from pdeperf.source.edits import Edit, extent, lines_extent, segment

Text = str | Callable[[], str]


@dataclass(slots=True)
class Rendering:
    """What stands for expressions of a file.

    Attributes
    ----------
    made
        Texts by the identities of nodes: written when they are asked for, from what stands within.
    statements
        Lines that take the place of statements.
    inserts
        Lines that are added, and where.
    """

    module: Module
    made: dict[int, Text] = field(default_factory=dict)
    statements: dict[int, Callable[[], str]] = field(default_factory=dict)
    inserts: list[tuple[int, Callable[[], str]]] = field(default_factory=list)

    def text(self, node: ast.expr | ast.stmt) -> str:
        """The text of an expression or a statement as it will be."""
        text = self.made.get(id(node))
        return self.within(node) if text is None else text if isinstance(text, str) else text()

    def within(self, node: ast.expr | ast.stmt) -> str:
        """Its own text, with what is replaced within it."""
        start, end = extent(self.module, node)
        parts, at = list[str](), start
        for inner in sorted(self._inner(node), key=lambda one: extent(self.module, one)):
            first, last = extent(self.module, inner)
            parts += [self.module.text[at:first], self.text(inner)]
            at = last
        return "".join([*parts, self.module.text[at:end]])

    def one_line(self, node: ast.expr) -> str:
        """The same on one line."""
        text = self.text(node)
        return text if "\n" not in text else ast.unparse(ast.parse(f"({text})", mode="eval").body)

    def edits(self) -> Iterator[Edit]:
        """The edits of the whole file.

        Raises
        ------
        ValueError
            If the place of an expression is not known.
        """
        for start, lines in self.inserts:
            yield Edit(start, start, lines())
        yield from self._edits(self.module.tree)

    def _edits(self, node: ast.AST) -> Iterator[Edit]:
        for child in ast.iter_child_nodes(node):
            if id(child) in self.statements:
                assert isinstance(child, ast.stmt)
                yield Edit(*lines_extent(self.module, [child]), self.statements[id(child)]())
            elif id(child) in self.made:
                assert isinstance(child, ast.expr)
                self._check(child)
                yield Edit(*extent(self.module, child), self.text(child))
            else:
                yield from self._edits(child)

    def _inner(self, node: ast.AST) -> Iterator[ast.expr]:
        """The outermost of what is replaced within a node."""
        for child in ast.iter_child_nodes(node):
            if id(child) in self.made:
                assert isinstance(child, ast.expr)
                self._check(child)
                yield child
            else:
                yield from self._inner(child)

    def _check(self, node: ast.expr) -> None:
        """Places in formatted texts are not always right."""
        if any(isinstance(above, ast.JoinedStr) for above in self.module.ancestors(node)):
            try:
                found = ast.parse(f"({segment(self.module, node)})", mode="eval").body
            except SyntaxError as error:
                raise ValueError("the place of an expression is not known") from error
            if ast.unparse(found) != ast.unparse(node):
                raise ValueError("the place of an expression is not known")
