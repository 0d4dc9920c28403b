"""Which files the user's program is made of, parsed once."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import TypeVar, cast

from pdeperf.model import Measurement, Span
from pdeperf.source.walking import children, nodes_in

Found = TypeVar("Found")
Kind = TypeVar("Kind", bound=ast.AST)


class Module:
    """One file of the user's program: its text, its lines and its syntax tree with parents.

    Parameters
    ----------
    file
        POSIX path relative to the workload's root.
    text
        The whole file.
    is_script
        It is the one that the user runs, not one that it imports.
    local_modules
        Dotted names of the project's modules: what is imported from these is the user's own.

    Raises
    ------
    SyntaxError
        If the text is not Python.
    """

    def __init__(
        self,
        file: str,
        text: str,
        *,
        is_script: bool = False,
        local_modules: frozenset[str] = frozenset(),
    ) -> None:
        self.file = file
        self.local_modules = local_modules
        self.is_script = is_script
        self.text = text
        self.tree = ast.parse(text, filename=file)
        self._found: dict[tuple[object, ...], object] = {}

    def once(self, work: Callable[..., Found], *about: object) -> Found:
        """What ``work(*about)`` returns, worked out once: the tree never changes.

        Parameters
        ----------
        work
            A function that depends on nothing but this tree and ``about``.
        about
            Its arguments: nodes of this tree, texts.
        """
        key = work, *about
        if key not in self._found:
            self._found[key] = work(*about)
        return cast(Found, self._found[key])

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines with their ends; ``lines[0]`` is line 1."""
        # str.splitlines also breaks at form feeds and others, where Python's line count does not.
        return tuple(re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", self.text))

    @cached_property
    def nodes(self) -> Sequence[ast.AST]:
        """All nodes of the tree, those nearer to its root first."""
        return tuple(nodes_in(self.tree))

    @cached_property
    def _by_kind(self) -> Mapping[type[ast.AST], Sequence[ast.AST]]:
        found: dict[type[ast.AST], list[ast.AST]] = {}
        for node in self.nodes:
            found.setdefault(node.__class__, []).append(node)
        return found

    def all(self, kind: type[Kind]) -> Sequence[Kind]:
        """All nodes of one kind, those nearer to the root first."""
        return cast(Sequence[Kind], self._by_kind.get(kind, ()))

    @cached_property
    def parents(self) -> Mapping[ast.AST, ast.AST]:
        """Each node's parent; the module itself has none."""
        return MappingProxyType({child: node for node in self.nodes for child in children(node)})

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around one, innermost first, the module last."""
        while (parent := self.parents.get(node)) is not None:
            yield parent
            node = parent

    def span(self, node: ast.stmt | ast.expr) -> Span:
        """The lines of a statement or an expression."""
        return Span(file=self.file, first=node.lineno, last=node.end_lineno or node.lineno)

    def line_in_file(self, line: int) -> int:
        """The line of the file that a node's line stands for."""
        return line

    def scope_name(self, node: ast.AST) -> str:
        """Qualified name of the function around a node, ``<module>`` at top level."""
        names = [
            above.name
            for above in self.ancestors(node)
            if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        ]
        return ".".join(reversed(names)) or "<module>"


@lru_cache(maxsize=16)
def parsed(file: str, text: str, *, is_script: bool) -> Module:
    """A file, parsed once for several rewrites that come out alike.

    Raises
    ------
    SyntaxError
        If the text is not Python.
    """
    return Module(file, text, is_script=is_script)


@dataclass(frozen=True, slots=True)
class Project:
    """The user's files that took part in a run, by relative path; the script comes first.

    Attributes
    ----------
    modules
        The parsed files.
    observed
        The rows of the collector ``arguments``: the types that names had when the script ran.
    """

    modules: Mapping[str, Module]
    observed: tuple[Measurement, ...] = ()

    @classmethod
    def from_texts(cls, texts: Mapping[str, str], observed: tuple[Measurement, ...] = ()) -> "Project":
        """Parse every file; raises SyntaxError at the first that is not Python."""
        names = frozenset(_dotted(texts))
        modules = {
            file: Module(file, text, is_script=index == 0, local_modules=names)
            for index, (file, text) in enumerate(texts.items())
        }
        return cls(MappingProxyType(modules), observed)

    def __getitem__(self, file: str) -> Module:
        return self.modules[file]

    def __contains__(self, file: str) -> bool:
        return file in self.modules


def import_folder(files: Iterable[str]) -> str:
    """The folder that the program's absolute imports start from: the script's, or that of its package.

    The script comes first; where the package around it ran too, it ran as ``python -m package.script``.
    """
    paths = list(files)
    folder = paths[0].rpartition("/")[0] if paths else ""
    while folder and f"{folder}/__init__.py" in paths:
        folder = folder.rpartition("/")[0]
    return folder


def _dotted(files: Iterable[str]) -> Iterator[str]:
    """The names that files are imported by: from the script's folder, and from that of its package."""
    paths = list(files)
    script = paths[0].rpartition("/")[0] if paths else ""
    for folder in dict.fromkeys((script, import_folder(paths))):
        start = f"{folder}/" if folder else ""
        for path in paths[1:]:
            if path.startswith(start):
                yield path.removeprefix(start).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
