"""Indices of blocks that have names, ``block = np.ix_(rows, columns)``, written where they are used."""

import ast
from collections.abc import Collection, Iterator, Sequence

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.source import Module
from pdeperf.source.edits import Edit, extent, owns_lines, segment
from pdeperf.source.scopes import FUNCTIONS
from pdeperf.sparse.pieces import Piece, Pieces, edited
from pdeperf.sparse.stores import stored_paths


def index_pieces(meaning: Meaning, module: Module, only: Collection[str] | None) -> Pieces:
    """Lines that change where ``A[block] += values`` becomes ``A[np.ix_(rows, columns)] += values``.

    ``only`` names the matrices that are stored into; None stands for all.
    """
    edits: dict[ast.stmt, list[Edit]] = {}
    removed: list[ast.stmt] = []
    forgets: list[str] = []
    for block in _blocks(module.tree):
        for place, statement in enumerate(block):
            uses = _uses(meaning, module, statement, block[place + 1 :])
            stored = {path for _, at in uses for path in stored_paths(at)}
            if not uses or (only is not None and not stored <= set(only)):
                continue
            assert isinstance(statement, ast.Assign)
            removed.append(statement)
            forgets.append(f"{module.scope_name(statement)}():{ast.unparse(statement.targets[0])}")
            for use, at in uses:
                edits.setdefault(at, []).append(Edit(*extent(module, use), segment(module, statement.value)))
    pieces: list[Piece] = [(one.lineno, one.end_lineno or one.lineno, []) for one in removed]
    for at, those in edits.items():
        pieces.append(edited(module, at.lineno, at.end_lineno or at.lineno, those))
    return sorted(pieces), tuple(forgets)


def _blocks(tree: ast.Module) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for name in ("body", "orelse"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                yield block


def _uses(
    meaning: Meaning, module: Module, statement: ast.stmt, later: Sequence[ast.stmt]
) -> list[tuple[ast.Name, ast.stmt]]:
    """Where the name of an index is used, with the statements; empty if it is used otherwise as well."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(args=[_, _], keywords=[]) as made):
            pass
        case _:
            return []
    plain = all(isinstance(one, ast.Name | ast.Attribute) for one in made.args)
    if meaning.full(module, made.func) != "numpy.ix_" or not plain or "\n" in segment(module, made):
        return []
    home = meaning.home(module, statement)
    if not isinstance(home, FUNCTIONS) or not owns_lines(module, [statement]):
        return []  # a name of the file is a result
    count = sum(isinstance(one, ast.Name) and one.id == name for one in ast.walk(home)) - 1
    given = {ast.unparse(one) for one in made.args}
    uses: list[tuple[ast.Name, ast.stmt]] = []
    for one in later:
        here = [node for node in ast.walk(one) if isinstance(node, ast.Name) and node.id == name]
        for node in here:
            above = module.parents[node]
            stores = isinstance(above, ast.Subscript) and not isinstance(above.ctx, ast.Load)
            if not stores or not isinstance(one, ast.Assign | ast.AugAssign) or not owns_lines(module, [one]):
                return []
            uses.append((node, one))
        if len(uses) == count:
            return uses
        if any(
            given & {ast.unparse(node), ast.unparse(getattr(node, "value", node))} for node in _changed(one)
        ):
            return []
    return []


def _changed(statement: ast.stmt) -> Iterator[ast.expr]:
    """What a statement binds or stores into, or may by a method or a function that it calls."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            yield node
        elif isinstance(node, ast.Call):
            yield from (one for one in ast.walk(node) if isinstance(one, ast.Name | ast.Attribute))
