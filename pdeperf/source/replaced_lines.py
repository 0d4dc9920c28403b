"""A project in which some lines of a file are written anew, with what was seen there moved along."""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from pdeperf.model import Measurement
from pdeperf.source.project import Module, Project

Row = tuple[str, int]
"""A line of the new text, and the line that it comes from; 0 for a new one."""


def with_lines(
    project: Project, module: Module, statement: ast.stmt, rows: Sequence[Row]
) -> tuple[Project, Mapping[int, int]]:
    """The project with other lines in place of a statement's, and where its lines have gone."""
    first, last = statement.lineno, statement.end_lineno or statement.lineno
    lines = module.lines
    ends = "\r\n" if lines[first - 1].endswith("\r\n") else "\n"
    body = [row.rstrip("\r\n") + ends for row, _ in rows]
    text = "".join([*lines[: first - 1], *body, *lines[last:]])
    made = Module(module.file, text, is_script=module.is_script, local_modules=module.local_modules)
    places: dict[int, int] = {}
    for number, (_, line) in enumerate(rows, first):
        places.setdefault(line, number)
    move = _Move(module.file, first, last, len(rows) - (last - first + 1), places)
    observed = tuple(map(move.row, project.observed))
    modules = {file: made if file == module.file else other for file, other in project.modules.items()}
    return replace(project, modules=MappingProxyType(modules), observed=observed), places


@dataclass(frozen=True, slots=True)
class _Move:
    """Where lines go when ``first`` to ``last`` of a file are written anew, ``shift`` lines longer."""

    file: str
    first: int
    last: int
    shift: int
    places: Mapping[int, int]

    def line(self, line: int, *, is_end: bool = False) -> int:
        """The new number of a line; of one that is gone, that of the line before it."""
        if line < self.first:
            return line
        if line > self.last or (is_end and line == self.last):
            return line + self.shift
        return self.places.get(line) or self.line(line - 1)

    def row(self, row: Measurement) -> Measurement:
        """The same fact at its new place."""
        value = row.value
        found = re.fullmatch(rf"{re.escape(self.file)}:(\d+):(.*)", str(value))
        if row.metric == "function" and found:
            value = f"{self.file}:{self.line(int(found[1]))}:{found[2]}"
        if row.where.file != self.file:
            return replace(row, value=value)
        start = self.line(row.where.first)
        end = max(start, self.line(row.where.last, is_end=row.where.first < self.first))
        return replace(row, value=value, where=replace(row.where, first=start, last=end))
