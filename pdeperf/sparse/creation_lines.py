"""Creations of matrices that share their lines with other statements, written on lines of their own."""

import ast
from collections.abc import Collection

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.source import Module
from pdeperf.source.edits import extent, indentation, lines_extent, owns_lines, segment
from pdeperf.sparse.pieces import Pieces
from pdeperf.sparse.stores import created


def creation_pieces(meaning: Meaning, module: Module, only: Collection[str] | None) -> Pieces:
    """Lines that change where ``A = lil_matrix((n, n)); b = np.zeros(n)`` becomes two statements."""
    pieces = []
    for node in ast.walk(module.tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if not isinstance(block, list):
                continue
            rows: dict[int, list[ast.stmt]] = {}
            for statement in block:
                rows.setdefault(statement.lineno, []).append(statement)
            for row in rows.values():
                made = {
                    ast.unparse(one.targets[0])
                    for one in row
                    if isinstance(one, ast.Assign) and created(meaning, module, one.value) is not None
                }
                is_wanted = bool(made) and (only is None or bool(made & set(only)))
                if len(row) == 1 or not is_wanted or not owns_lines(module, row):
                    continue
                if row[-1].end_lineno != row[0].lineno:
                    continue
                lead, number = indentation(module, row[0]), row[0].lineno
                lines = [(f"{lead}{segment(module, one)}", number) for one in row]
                tail = module.text[extent(module, row[-1])[1] : lines_extent(module, row)[1]].strip()
                if tail:
                    lines[-1] = f"{lines[-1][0]}  {tail}", number
                pieces.append((number, number, lines))
    return sorted(pieces), ()
