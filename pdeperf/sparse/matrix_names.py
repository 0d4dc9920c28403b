"""Matrices that methods fill under a name of their own, ``K = self.K``, written as attributes."""

import ast
from collections.abc import Collection, Iterator

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.lifetimes.reached import Reached
from pdeperf.source import Module
from pdeperf.source.edits import Edit, extent, owns_lines
from pdeperf.source.scopes import FUNCTIONS, own_nodes, parameters
from pdeperf.sparse.pieces import Piece, Pieces, edited
from pdeperf.sparse.stores import stored_paths


def name_pieces(meaning: Meaning, module: Module, only: Collection[str] | None) -> Pieces:
    """Lines that change where ``K[i, j] += value`` becomes ``self.K[i, j] += value``."""
    pieces: list[Piece] = []
    forgets: list[str] = []
    for home in ast.walk(module.tree):
        if not isinstance(home, ast.FunctionDef) or not isinstance(module.parents.get(home), ast.ClassDef):
            continue
        found = [
            (one, name, path)
            for one, name, path in _named(home)
            if (only is None or path in only) and _is_only_a_name(meaning, module, home, one, name, path)
        ]
        if not found:
            continue
        names = {name: path for _, name, path in found}
        gone = {one.lineno for one, _, _ in found}
        uses = [one for one in own_nodes(home) if isinstance(one, ast.Name) and one.id in names]
        for line in sorted({one.lineno for one in uses} - gone):
            edits = [Edit(*extent(module, one), names[one.id]) for one in uses if one.lineno == line]
            pieces.append(edited(module, line, line, edits))
        pieces += [(line, line, []) for line in gone]
        forgets += [f"{module.scope_name(one)}():{name}" for one, name, _ in found]
    return sorted(pieces), tuple(forgets)


def _named(home: ast.FunctionDef) -> Iterator[tuple[ast.Assign, str, str]]:
    """The statements ``K = self.K`` of a method that stores entries into ``K``."""
    if parameters(home)[:1] != ("self",):
        return
    stored = {path for one in home.body for path in stored_paths(one)}
    for one in home.body:
        match one:
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.Attribute(value=ast.Name(id="self")) as value
            ) if name in stored:
                yield one, name, ast.unparse(value)


def _is_only_a_name(
    meaning: Meaning, module: Module, home: ast.FunctionDef, statement: ast.Assign, name: str, path: str
) -> bool:
    """Is the attribute, wherever the name stands, what it was when the name was bound?"""
    nodes = list(ast.walk(home))
    if any(isinstance(one, (*FUNCTIONS, ast.ClassDef)) for one in nodes if one is not home):
        return False
    if not owns_lines(module, [statement]) or statement.lineno != statement.end_lineno:
        return False
    bound = [one for one in nodes if isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Load)]
    if sum(one.id == name for one in bound) != 1 or any(one.id == "self" for one in bound):
        return False
    if any(isinstance(one, ast.Name) and one.id == name and one.lineno < statement.lineno for one in nodes):
        return False
    if any(isinstance(one, ast.JoinedStr | ast.Global | ast.Nonlocal) for one in nodes):
        return False
    attr = path.rpartition(".")[2]
    if attr in meaning.functions:
        return False
    running = [home, *Reached(meaning).from_nodes([home])]
    return not any(
        isinstance(one, ast.Attribute) and one.attr == attr and not isinstance(one.ctx, ast.Load)
        for function in running
        for one in ast.walk(function)
    )
