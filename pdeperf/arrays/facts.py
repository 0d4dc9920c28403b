"""What was seen of a region's names when the script ran."""

import ast
import keyword
from collections.abc import Iterator, Sequence

from pdeperf.arrays.dtypes import Unliftable
from pdeperf.arrays.paths import plain
from pdeperf.arrays.vocabulary import names_taken
from pdeperf.kernel.observed import Observed, Seen
from pdeperf.source import Module, Project
from pdeperf.source.scopes import home_of, scope_of

_METRICS = frozenset(
    ("shape", "value", "shares_memory", "type", "first_place", "turned_by", "nnz_count", "filled")
)
_OF_ELEMENTS = frozenset(("dtype", "ndim"))


def _text(value: float | str) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


class Facts:
    """What was seen in one region of one scope, and in the functions that are put into it.

    Parameters
    ----------
    project
        With the types that were seen.
    module
        The file in which the region stands.
    region
        The region's statements, consecutive in one block.
    """

    def __init__(self, project: Project, module: Module, region: Sequence[ast.stmt]) -> None:
        self.project, self.module, self.observed = project, module, Observed(project)
        self.scope = scope_of(module, home_of(module, region[0]))
        self._facts = [
            (row.subject, row.metric, _text(row.value), row.where.first)
            for row in project.observed
            if row.where.file == module.file
            and (
                row.metric in _METRICS or (row.metric in _OF_ELEMENTS and row.subject.endswith(("[]", "{}")))
            )
        ]
        self.region = tuple(region)
        self.lines = range(region[0].lineno, (region[-1].end_lineno or region[-1].lineno) + 1)
        self.taken = names_taken(module, self.scope)
        self.given: set[str] = set()
        """Names that were made up for the rewrite."""
        self.made: frozenset[str] = frozenset()
        """Names that only statements bind which are put in."""
        self._called_as: dict[str, list[tuple[ast.FunctionDef, str]]] = {}
        self.learned: dict[str, tuple[ast.FunctionDef, str]] = {}
        """Paths that were only seen in a function that has been put in, and what they are called there."""

    def look(self, node: ast.expr) -> Seen | None:
        """What was seen of a name or path."""
        text = ast.unparse(node)
        root = node
        while isinstance(root, ast.Attribute | ast.Subscript):
            root = root.value
        assert isinstance(root, ast.Name)
        found = self.observed.look(self.module, self.scope.node, text, self.lines)
        found = found or self.observed.look_elsewhere(self.module, self.scope, text, root.id)
        if found is not None:
            return found
        for home, path in self._inside_names(text):
            if (seen := self.observed.look(self.module, home, path)) is not None:
                self.learned[text] = home, path
                return seen
        return None

    def arrays_in(self, node: ast.expr, count: int) -> tuple[str, int, list[int]] | None:
        """Type, dimensions and shape of the arrays in a tuple or list of so many; None for anything else."""
        seen = self.look(node)
        return self.arrays_of(node, "[]") if seen is not None and seen.keys == tuple(range(count)) else None

    def arrays_of(self, node: ast.expr, inside: str) -> tuple[str, int, list[int]] | None:
        """The same for whatever a list, ``[]``, or a dict, ``{}``, has, if these are all alike."""
        text = f"{ast.unparse(node)}{inside}"
        facts = [set(self._rows(text, metric)) for metric in ("type", "dtype", "ndim", "shape")]
        if any(len(each) != 1 for each in facts):
            return None
        kind, dtype, rank, shape = (each.pop() for each in facts)
        if kind != "numpy.ndarray" or not shape:
            return None
        return dtype, int(rank), [int(size) for size in shape.split("x")]

    def _inside_names(self, text: str) -> Iterator[tuple[ast.FunctionDef, str]]:
        """What a path is called in the functions that have been put in."""
        for given, places in self._called_as.items():
            rest = text[len(given) :]
            if text.startswith(given) and rest[:1] in ("", ".", "["):
                yield from ((home, parameter + rest) for home, parameter in places)

    def _shape(self, name: str, ndim: int) -> list[int]:
        for value in self._rows(name, "shape"):
            parts = value.split("x") if value else []
            if len(parts) == ndim:
                return [int(part) for part in parts]
        return []

    def _rows(self, subject: str, metric: str) -> Iterator[str]:
        near: list[str] = []
        far: list[str] = []
        for each, kind, value, line in self._facts:
            if each == subject and kind == metric:
                (near if line in self.lines else far).append(value)
        places = [
            (path, range(home.lineno, (home.end_lineno or home.lineno) + 1))
            for home, path in self._inside_names(subject)
        ]
        inside = (
            value
            for path, lines in places
            for each, kind, value, line in self._facts
            if each == path and kind == metric and line in lines
        )
        yield from near or far or inside

    def overlapping(self) -> frozenset[tuple[str, str]]:
        """Pairs of arrays that were seen to share memory."""
        return frozenset(
            (one, other)
            for subject, metric, _, line in self._facts
            if metric == "shares_memory" and line in self.lines
            for one, _, other in [subject.partition("|")]
        )

    def fresh(self, stem: str, taken: set[str]) -> str:
        """A name like ``stem`` that nothing uses."""
        own = plain(stem)
        if not own or own[0].isdigit():
            own = f"a{own}"
        for suffix in ("_next", "_new", *(f"_{count}" for count in range(2, 1000))):
            name = own + suffix
            if name not in self.taken and name not in taken and not keyword.iskeyword(name):
                self.taken |= {name}
                self.given.add(name)
                return name
        raise Unliftable("no free name")

    def fresh_plain(self, stem: str) -> str:
        """The stem itself if nothing uses it, or the stem with a number."""
        own = plain(stem)
        if not own or own[0].isdigit():
            own = f"a{own}"
        for name in (own, *(f"{own}_{count}" for count in range(2, 1000))):
            if name not in self.taken and not keyword.iskeyword(name):
                self.taken |= {name}
                self.given.add(name)
                return name
        raise Unliftable("no free name")

    def fresh_inside(self, stem: str) -> str:
        """The same, for what only the statements put in bind."""
        name = self.fresh_plain(stem)
        self.made |= {name}
        return name
