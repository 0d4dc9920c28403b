"""Edits to source text by place: everything that is not edited stays as it was, comments included."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pdeperf.source.project import Module


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace ``text[start:end]``; ``start == end`` inserts."""

    start: int
    end: int
    text: str


class OverlappingEditsError(ValueError):
    """Two edits touch the same characters."""


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with every edit done.

    Raises
    ------
    OverlappingEditsError
        If two edits touch the same characters.
    """
    parts: list[str] = []
    at = 0
    for edit in sorted(set(edits)):
        if edit.start < at:
            raise OverlappingEditsError(f"edits overlap at character {edit.start}")
        parts.append(text[at : edit.start])
        parts.append(edit.text)
        at = edit.end
    parts.append(text[at:])
    return "".join(parts)


def offset(module: Module, line: int, column_bytes: int) -> int:
    """Character offset of a syntax tree's position (1-based line, column in UTF-8 bytes)."""
    before = sum(len(text) for text in module.lines[: line - 1])
    row = module.lines[line - 1] if line <= len(module.lines) else ""
    return before + len(row.encode()[:column_bytes].decode())


def extent(module: Module, node: ast.expr | ast.stmt) -> tuple[int, int]:
    """Where a node's text starts and ends, in characters."""
    end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
    return offset(module, node.lineno, node.col_offset), offset(module, end_line, end_column)


def segment(module: Module, node: ast.expr | ast.stmt) -> str:
    """A node's text as the user wrote it."""
    start, end = extent(module, node)
    return module.text[start:end]


def replace(module: Module, node: ast.expr | ast.stmt, text: str) -> Edit:
    """An edit that puts text where a node stands."""
    return Edit(*extent(module, node), text)


def lines_extent(module: Module, statements: Sequence[ast.stmt]) -> tuple[int, int]:
    """From the start of the first statement's line to the end of the last statement's line."""
    first, last = statements[0].lineno, statements[-1].end_lineno or statements[-1].lineno
    return offset(module, first, 0), sum(len(text) for text in module.lines[:last])


def owns_lines(module: Module, statements: Sequence[ast.stmt]) -> bool:
    """Do the statements fill their lines alone (no ``;``, no ``if x: y`` on one line)?"""
    start, end = lines_extent(module, statements)
    head = module.text[start : extent(module, statements[0])[0]]
    tail = module.text[extent(module, statements[-1])[1] : end].strip()
    return not head.strip() and (not tail or tail.startswith("#"))


def indentation(module: Module, statement: ast.stmt) -> str:
    """White space before a statement."""
    row = module.lines[statement.lineno - 1]
    return row[: len(row) - len(row.lstrip())]


def dedented(module: Module, around: ast.stmt, statements: Sequence[ast.stmt]) -> Iterator[Edit]:
    """What moves statements of a block out of the statement around them."""
    shift = statements[0].col_offset - around.col_offset
    at, end = lines_extent(module, statements)
    for row in module.text[at:end].splitlines(keepends=True):
        yield Edit(at, at + min(shift, len(row) - len(row.lstrip(" \t"))), "")
        at += len(row)


def after_imports(module: Module, before: ast.stmt | None = None) -> int:
    """Offset just after the leading imports: where a new top-level function belongs.

    Parameters
    ----------
    before
        A top-level statement; imports after it do not count.
    """
    body = module.tree.body
    stop = body.index(before) if before in body else len(body)
    last: ast.stmt | None = None
    for statement in body[:stop]:
        is_import = isinstance(statement, ast.Import | ast.ImportFrom)
        if is_import or (isinstance(statement, ast.Try) and _only_imports(statement)):
            last = statement
        elif isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.For | ast.While):
            break
    if last is None and body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        last = body[0]
    if last is None:
        return _after_header(module)
    return sum(len(text) for text in module.lines[: last.end_lineno or last.lineno])


def _only_imports(statement: ast.Try) -> bool:
    return all(isinstance(part, ast.Import | ast.ImportFrom | ast.Pass) for part in statement.body)


def _after_header(module: Module) -> int:
    """After the shebang and the coding line."""
    at = 0
    for row in module.lines[:2]:
        if not (row.startswith("#!") or (row.startswith("#") and "coding" in row)):
            break
        at += len(row)
    return at


def add_import(module: Module, package: str, names: Iterable[str]) -> list[Edit]:
    """Edits that make ``from package import names`` hold, merged into an import that is there."""
    wanted = set(names)
    for statement in module.tree.body:
        if not (
            isinstance(statement, ast.ImportFrom) and statement.module == package and not statement.level
        ):
            continue
        if any(alias.name == "*" or (alias.name in wanted and alias.asname) for alias in statement.names):
            continue
        present = {alias.name for alias in statement.names if not alias.asname}
        if wanted <= present:
            return []
        every = [
            alias.name + (f" as {alias.asname}" if alias.asname else "") for alias in statement.names
        ] + sorted(wanted - present)
        return [replace(module, statement, f"from {package} import {', '.join(every)}")]
    if not wanted:
        return []
    at = _import_place(module)
    lead = "" if at == 0 or module.text[at - 1 : at] == "\n" else "\n"
    return [Edit(at, at, f"{lead}from {package} import {', '.join(sorted(wanted))}\n")]


def _import_place(module: Module) -> int:
    """After the last of the leading imports, before any code."""
    last: ast.stmt | None = None
    for index, statement in enumerate(module.tree.body):
        if isinstance(statement, ast.Import | ast.ImportFrom):
            last = statement
        elif not (
            index == 0 and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        ):
            break
        elif last is None:
            last = statement
    if last is None:
        return _after_header(module)
    return sum(len(text) for text in module.lines[: last.end_lineno or last.lineno])
