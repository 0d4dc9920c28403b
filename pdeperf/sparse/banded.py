"""The file with the matrices that it only solves with filled as bands."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Span
from pdeperf.source import Module
from pdeperf.source.edits import Edit, apply, lines_extent, replace
from pdeperf.sparse.assembly_text import builders_in
from pdeperf.sparse.band_stores import Assembled, NotInBandError, assembled
from pdeperf.sparse.band_text import BAND_MATRIX, SOLVED_BY_BAND
from pdeperf.sparse.band_uses import REFLECTING, BandUses
from pdeperf.sparse.solves import Form, Solve, solves_in
from pdeperf.sparse.written import Additions

_BUILDING = ("placed", "summed", "assembled", "in_bounds", "stored_in_order")


@dataclass(frozen=True, slots=True)
class Banded:
    """A file that fills matrices as bands.

    Attributes
    ----------
    names
        Of the matrices.
    forgets
        What holds something else than before, as results are named.
    """

    text: str
    names: tuple[str, ...]
    forgets: tuple[str, ...]


def banded(meaning: Meaning, module: Module) -> Banded | None:
    """The file with all matrices filled as bands that only serve to solve; None if there are none."""
    if any(word in module.text for word in REFLECTING):
        return None
    whole = Span(file=module.file, first=1, last=len(module.lines))
    solves: dict[ast.expr, Solve] = {
        one.node: one
        for one in solves_in(meaning, module, whole)
        if one.form is Form.SPARSE and isinstance(one.node, ast.Call) and not one.node.keywords
    }
    if not solves:
        return None
    added = Additions(module)
    name = added.definition(BAND_MATRIX)
    edits: list[Edit] = []
    found: list[Assembled] = []
    forgets: set[str] = set()
    reached: list[Solve] = []
    for group in _made(module, added):
        uses = BandUses(meaning, module, solves)
        try:
            for one in group:
                uses.follow(one.target, {one.statement})
            uses.settle()
        except NotInBandError:
            continue
        found += group
        forgets |= set(uses.forgets())
        reached += uses.reached
        edits += [*uses.edits, *(edit for one in group for edit in one.edits)]
    if not found:
        return None
    for solve in dict.fromkeys(reached):
        assert isinstance(solve.node, ast.Call)
        text = SOLVED_BY_BAND.replace("SOLVE", solve.otherwise)
        edits.append(replace(module, solve.node.func, added.definition(text, {"BandMatrix": name})))
    edits = [Edit(one.start, one.end, one.text.replace("CLASS(", f"{name}(")) for one in edits]
    text = _without_unused(module, apply(module.text, [*added.edits(), *edits]))
    gone = {*forgets, *(f"{_inside(module, one)}{one.stores}" for one in found)}
    names = tuple(dict.fromkeys(one.target.id for one in found))
    return Banded(text, names, tuple(sorted(gone)))


def _made(module: Module, added: Additions) -> Iterator[Sequence[Assembled]]:
    """The matrices that are built from stores near the diagonal, together those of one name."""
    builders = builders_in(module)
    groups: dict[tuple[str, str], list[Assembled]] = {}
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Assign):
            continue
        inner = [one.id for one in ast.walk(node.value) if isinstance(one, ast.Name) and one.id in builders]
        if not inner:
            continue
        try:
            one = assembled(module, node, builders[inner[0]], inner[0], added)
        except NotInBandError:
            continue
        groups.setdefault((_inside(module, one), one.target.id), []).append(one)
    yield from groups.values()


def _inside(module: Module, one: Assembled) -> str:
    in_function = any(isinstance(up, ast.FunctionDef) for up in module.ancestors(one.statement))
    return f"{module.scope_name(one.statement)}():" if in_function else ""


def _without_unused(module: Module, text: str) -> str:
    """The text without the functions that built matrices before and that nothing calls any more."""
    while True:
        new = Module(module.file, text, is_script=module.is_script, local_modules=module.local_modules)
        names = [one.id for one in ast.walk(new.tree) if isinstance(one, ast.Name)]
        gone = [
            one
            for one in new.tree.body
            if isinstance(one, ast.FunctionDef)
            and one.name in _BUILDING
            and one.name not in names
            and f"def {one.name}(" in module.text
        ]
        if not gone:
            return text
        start, end = lines_extent(new, gone[:1])
        text = text[:start] + text[end:].lstrip("\n")
