"""Reads the cases under ``tests/cases``: snippets with what the profiler would have said.

``# type: u numpy.ndarray float64 2`` at the head says what a name held (``scope:name`` for a
function's own name; a shape, ``66x66``, may follow); ``# hot: 0.93`` beside a statement's first
line gives its share; ``# fact: malloc_gain 1.5`` beside a line what was measured there;
``# expect: scalar-loop`` beside a line says what a detector must find there; ``# refuse: words``
says why a backend must leave the case alone; ``# seen: L dense 500x500 0.01`` beside a line says what
was seen of a matrix there: its format, shape and density; ``# iterated: scipy.sparse.linalg.cg 300`` how
many iterations a symmetric system took; ``# stored: lil 4800`` how many entries were stored;
``# multiplied: R 400 500x500 1`` how often a matrix was, its shape and bandwidth;
``# banded: 40 1`` how many matrices, never the same, ``spsolve`` was given there, and their bandwidth;
how many had an old pattern may follow.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pdeperf.model import Hotspot, Measurement, Span
from pdeperf.source import Module, Project

CASES = Path(__file__).parent / "cases"

_HOT = re.compile(r"#.*\bhot:\s*([0-9.]+)")
_EXPECT = re.compile(r"#.*\bexpect:\s*([a-z-]+)")
_FACT = re.compile(r"#.*\bfact:\s*(\w+)\s+([0-9.e+]+)")
_REFUSE = re.compile(r"#.*\brefuse:\s*(.+)")
_SEEN = re.compile(r"#.*\bseen:\s*(\S+)\s+(\w+)\s+(\d+x\d+)\s+([0-9.]+)")
_ITERATED = re.compile(r"#.*\biterated:\s*(\S+)\s+(\d+)")
_STORED = re.compile(r"#.*\bstored:\s*(\w+)\s+(\d+)")
_BANDED = re.compile(r"#.*\bbanded:\s*(\d+)\s+(\d+)(?:\s+(\d+))?")
_MULTIPLIED = re.compile(r"#.*\bmultiplied:\s*(\S+)\s+(\d+)\s+(\d+x\d+)\s+(\d+)")
_SOLVED = re.compile(r"#.*\bsolved:\s*(\d+)\s+(\S+)\s+([0-9.]+)")
_TYPE = re.compile(r"#\s*type:\s*(?:(\w+):)?([\w.]+)\s+(\S+)(?:\s+(\w+)\s+(\d+)(?:\s+([\dx]+))?)?\s*$")


@dataclass(frozen=True)
class Case:
    """One snippet and what is known of it."""

    path: Path
    project: Project
    hotspots: tuple[Hotspot, ...]
    expected: frozenset[tuple[str, int]]
    refusals: tuple[str, ...]

    @property
    def file(self) -> str:
        return self.path.name

    @property
    def text(self) -> str:
        return self.project[self.file].text


def read_case(path: Path, text: str | None = None) -> Case:
    """A case from its file, or from a text that takes the file's place."""
    text = path.read_text() if text is None else text
    module = Module(path.name, text)
    lines = text.splitlines()
    observed = tuple(row for line in lines for row in _rows(line, module))
    hotspots = []
    marked: set[str] = set()
    for number, line in enumerate(lines, start=1):
        # A line that stands twice in a rewrite is the fallback's the second time, which does not run.
        if (found := _HOT.search(line)) and line.strip() not in marked:
            marked.add(line.strip())
            where = _span(module, number)
            facts = tuple(row for row in observed if row.where == where or where.contains(row.where))
            facts += tuple(_facts(lines, where))
            facts += tuple(row for row in _matrices(lines, module.file) if where.contains(row.where))
            hotspots.append(
                Hotspot(where=where, share=float(found[1]), scope=_scope(module, number), facts=facts)
            )
    expected = {(found[1], at) for at, line in enumerate(lines, start=1) if (found := _EXPECT.search(line))}
    refusals = tuple(found[1].strip() for line in lines if (found := _REFUSE.search(line)))
    return Case(
        path, Project.from_texts({path.name: text}, observed), tuple(hotspots), frozenset(expected), refusals
    )


def _facts(lines: list[str], where: Span) -> Iterator[Measurement]:
    for number in range(where.first, where.last + 1):
        for found in _FACT.finditer(lines[number - 1]):
            at = Span(file=where.file, first=number, last=number)
            yield Measurement(where=at, metric=found[1], value=float(found[2]), collector="case")


def _rows(line: str, module: Module) -> Iterator[Measurement]:
    found = _TYPE.match(line.strip())
    if found is None:
        return
    scope, name, kind, dtype, ndim, shape = found.groups()
    where = Span(file=module.file, first=1, last=len(module.lines))
    if scope:
        function = next(
            node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef) and node.name == scope
        )
        where = module.span(function)
    values: list[tuple[str, float | str]] = [("type", kind)]
    if dtype is not None:
        values += [("dtype", dtype), ("ndim", float(ndim))]
    if shape is not None:
        values.append(("shape", shape))
    for metric, value in values:
        yield Measurement(where=where, metric=metric, value=value, collector="arguments", subject=name)


def _matrices(lines: list[str], file: str) -> Iterator[Measurement]:
    for number, line in enumerate(lines, start=1):
        if found := _ITERATED.search(line):
            where = Span(file=file, first=number, last=number)
            seen = {"krylov_solves_count": 1.0, "iterations_total_count": float(found[2])}
            for metric, value in {**seen, "positive_diagonal": 1.0, "symmetry": "values"}.items():
                yield Measurement(
                    where=where, metric=metric, value=value, collector="sparse", subject=found[1]
                )
        if found := _STORED.search(line):
            where = Span(file=file, first=number, last=number)
            yield Measurement(
                where=where,
                metric="inserts_count",
                value=float(found[2]),
                collector="sparse",
                subject=found[1],
            )
        if found := _BANDED.search(line):
            where = Span(file=file, first=number, last=number)
            told = {"solves_count": found[1], "bandwidth": found[2], "same_pattern_count": found[3] or 0}
            for metric, number_seen in told.items():
                yield Measurement(
                    where=where,
                    metric=metric,
                    value=float(number_seen),
                    collector="sparse",
                    subject="scipy.sparse.linalg.spsolve",
                )
        if found := _MULTIPLIED.search(line):
            where = Span(file=file, first=number, last=number)
            told = {"products_count": float(found[2]), "bandwidth": float(found[4]), "matrix_shape": found[3]}
            for metric, value in told.items():
                yield Measurement(
                    where=where, metric=metric, value=value, collector="sparse", subject=found[1]
                )
        if found := _SOLVED.search(line):
            where = Span(file=file, first=number, last=number)
            rows: dict[str, float | str] = {"matrix_shape": f"{found[1]}x{found[1]}", "solves_count": 1.0}
            rows |= {"nnz_count": 5.0 * int(found[1]), "positive_diagonal": 1.0, "symmetry": "values"}
            for metric, value in rows.items():
                yield Measurement(
                    where=where, metric=metric, value=value, collector="sparse", subject=found[2]
                )
            yield Measurement(
                where=where,
                metric="library_share",
                value=float(found[3]),
                collector="pyspy",
                subject="scipy.sparse.linalg",
            )
        if found := _SEEN.search(line):
            subject, form, shape, density = found.groups()
            facts = {"matrix_format": form, "matrix_shape": shape, "density": float(density)}
            where = Span(file=file, first=number, last=number)
            for metric, value in facts.items():
                yield Measurement(
                    where=where, metric=metric, value=value, collector="sparse", subject=subject
                )


def _span(module: Module, line: int) -> Span:
    """The outermost statement that starts on a line, or the line alone."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.stmt) and node.lineno == line:
            return module.span(node)
    return Span(file=module.file, first=line, last=line)


def _scope(module: Module, line: int) -> str:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.stmt) and node.lineno == line:
            return module.scope_name(node)
    return "<module>"
