"""What a loop calls for its effects alone, written in the loop: ``add(i, j, value)``."""

import ast
from collections.abc import Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.source import Module
from pdeperf.source.edits import indentation
from pdeperf.sparse.divided import Divided, written_anew
from pdeperf.sparse.in_place import in_place
from pdeperf.sparse.pieces import Piece
from pdeperf.sparse.stores_by_functions import (
    InPlaces,
    given_to,
    statements_of_line,
    statements_that_call,
    written_in_place,
)

_ROUNDS_COUNT = 3
"""A function that adds an entry may be called by one that adds an element."""


def steps_in_place(meaning: Meaning, module: Module, loop: ast.For) -> tuple[InPlaces, ast.For] | None:
    """The file with the bodies of such functions in the place of their calls, and the loop there.

    None if the loop calls nothing like that, or nothing that may stand in the loop.
    """
    line, found = loop.lineno, InPlaces(_as_it_is(meaning, module), (), ())
    forgets: list[str] = []
    is_written = False
    for turn in range(_ROUNDS_COUNT + 1):
        if turn == 0:
            pieces = list(_below_one_another(module, loop))
            new = written_anew(meaning.project, module, pieces) if pieces else None
        else:
            calls = [
                one
                for statement, call, function in statements_that_call(meaning, module)
                if isinstance(statement, ast.Expr)
                and loop in module.ancestors(statement)
                and (given := given_to(call, function)) is not None
                and (one := in_place(meaning, module, statement, call, function, given, at_once=True))
                is not None
            ]
            if not calls:
                break
            new, names = written_in_place(meaning, module, calls)
            forgets += names
            is_written = True
        if new is None:
            continue
        before = found.divided.origins
        found = InPlaces(
            Divided(new.project, new.module, tuple(before[one - 1] for one in new.origins)),
            tuple(dict.fromkeys(forgets)),
            (),
        )
        meaning, module = Meaning(new.project), new.module
        loop = _loop_of(found.divided, line)
    return (found, loop) if is_written else None


def _as_it_is(meaning: Meaning, module: Module) -> Divided:
    return Divided(meaning.project, module, tuple(range(1, len(module.lines) + 1)))


def _loop_of(divided: Divided, line: int) -> ast.For:
    """The loop that stands at some line of the user's file."""
    return next(
        one
        for one in ast.walk(divided.module.tree)
        if isinstance(one, ast.For) and divided.origins[one.lineno - 1] == line
    )


def _below_one_another(module: Module, loop: ast.For) -> Iterator[Piece]:
    """``if test: add(..)`` of a loop, on two lines where a call stands beside the test."""
    rows: dict[int, list[ast.stmt]] = {}
    for node in ast.walk(loop):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            row = statements_of_line(module, node)
            rows[row[0].lineno] = row
    for line, row in sorted(rows.items()):
        text = module.lines[line - 1].rstrip("\r\n").encode()
        column = row[0].col_offset
        if text[:column].rstrip().endswith(b":") and row[-1].end_lineno == line:
            lead = indentation(module, _heading(module, row[0]))
            heading, rest = text[:column].rstrip().decode(), text[column:].decode()
            yield line, line, [(heading, line), (f"{lead}    {rest}", line)]


def _heading(module: Module, node: ast.stmt) -> ast.stmt:
    """The statement whose block begins beside its colon; of ``elif`` and ``else``, the first ``if``."""
    above = module.parents[node]
    while isinstance(above, ast.If) and module.lines[above.lineno - 1].lstrip().startswith("elif"):
        above = module.parents[above]
    assert isinstance(above, ast.stmt)
    return above
