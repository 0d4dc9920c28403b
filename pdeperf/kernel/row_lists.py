"""Lists of tuples in kernels, ``for left, right, area in faces``: an array for each place in the tuples.

The access path ``faces[:].0`` stands for the first elements of all tuples in ``faces``.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pdeperf.kernel.kinds import Kind
from pdeperf.kernel.object_lists import ObjectLists
from pdeperf.kernel.observed import Seen
from pdeperf.kernel.paths import ROWS, Problem, column_name, is_path, root_name
from pdeperf.kernel.syntax import shallow
from pdeperf.source.edits import replace

_ELEMENTS: Mapping[str, str] = {
    "int": "int64",
    "float": "float64",
    "bool": "bool",
    "numpy.float64": "npfloat",
    "float|numpy.float64": "float64",  # Python's float: it raises where NumPy's warns
}
ROWS_TEXT = '''def are_rows(values, *types):
    """Are these tuples whose elements have these types?"""
    return {tuple(map(type, row)) for row in values} == {types}
'''


MIXED_ROWS_TEXT = '''def are_rows_of(values, *types):
    """Are these tuples whose elements have one of these types each?"""
    if {*map(len, values)} != {len(types)}:
        return False
    return all({*map(type, column)} <= {*kinds} for column, kinds in zip(zip(*values), types))
'''
MIXED = frozenset(("float", "numpy.float64"))


@dataclass(slots=True)
class RowLists(ObjectLists):
    """The part of a lowering that knows lists of tuples."""

    def rows_statement(self, node: ast.stmt) -> ast.stmt | None:
        """``for a, b in rows`` over an array for each of the two; None for other statements."""
        if not isinstance(node, ast.For) or node.orelse:
            return None
        source, target = node.iter, node.target
        counted = (
            isinstance(source, ast.Call)
            and isinstance(source.func, ast.Name)
            and source.func.id == "enumerate"
            and self.scope.resolve("enumerate") is None
            and len(source.args) == 1
        )
        if counted and isinstance(target, ast.Tuple) and len(target.elts) == 2:
            assert isinstance(source, ast.Call)
            source, target = source.args[0], target.elts[1]
        names = [part.id for part in getattr(target, "elts", []) if isinstance(part, ast.Name)]
        columns = self._columns(source, len(getattr(target, "elts", [])))
        if not columns or len(names) != len(columns):
            return None
        text = self.canonical(ast.unparse(source))
        arrays = [
            self.name_of(
                f"{text}{ROWS}{at}",
                Seen(Kind("list", _ELEMENTS[types], 1), elements=frozenset(types.split("|"))),
                column_name(text, name.strip("_")),
            )
            for at, (types, name) in enumerate(zip(columns, names, strict=True))
        ]
        self.edits.append(replace(self.module, source, f"zip({', '.join(arrays)})"))
        made = ast.parse(f"zip({', '.join(arrays)})", mode="eval").body
        for part in ast.walk(made):
            if isinstance(part, ast.expr):
                ast.copy_location(part, source)
        fresh = shallow(node)
        fresh.iter = made
        if counted:
            fresh.iter = shallow(node.iter)
            fresh.iter.args = [made]  # type: ignore[attr-defined]
        fresh.target = self.expression(node.target)
        fresh.body = [self.statement(part) for part in node.body]
        return fresh

    def _columns(self, source: ast.expr, count: int) -> Sequence[str]:
        """What types the tuples' elements have, place by place; none where the list becomes no arrays."""
        if count < 2 or not is_path(source) or root_name(source) in self.own | self.assigned:
            return ()
        if isinstance(source, ast.Name) and self.observed.tables.named(source.id, self.module, self.scope):
            return ()  # an array already
        if isinstance(source, ast.Attribute):
            home = self.module.parents.get(self.scope.node)
            inside = home if isinstance(home, ast.ClassDef) else None
            if self.observed.tables.of_class(source, self.module, inside):
                return ()
        seen = self.look(ast.unparse(source))
        if seen is None or seen.kind.base != "object" or len(seen.columns) != count:
            return ()
        return seen.columns


def rows_of(sources: Mapping[str, str]) -> dict[str, list[str]]:
    """For each list of tuples: the kernel's names of its columns, all of them, in order."""
    found: dict[str, dict[int, str]] = {}
    for name, text in sources.items():
        rows, mark, at = text.rpartition(ROWS)
        if mark:
            found.setdefault(rows, {})[int(at)] = name
    return {rows: [names[at] for at in sorted(names)] for rows, names in found.items()}


def rows_problems(sources: Mapping[str, str], line: int) -> Iterator[Problem]:
    """A list of tuples that is copied to arrays is used in no other way."""
    for rows in rows_of(sources):
        for text in sources.values():
            if ROWS not in text and (text == rows or text.startswith((f"{rows}[", f"{rows}."))):
                yield Problem(line, f"`{text}` is used beside a loop over the tuples in `{rows}`")
