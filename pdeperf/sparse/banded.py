"""The file with the matrices that it only solves with filled as bands."""

import ast
import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pdeperf.lifetimes.meaning import Meaning
from pdeperf.model import Span
from pdeperf.source import Module
from pdeperf.source.edits import Edit, apply, lines_extent, replace, segment
from pdeperf.sparse.assembly_text import builders_in
from pdeperf.sparse.band_stores import Assembled, NotInBandError, assembled
from pdeperf.sparse.band_text import (
    BAND_ARITHMETIC,
    BAND_MATRIX,
    BAND_OF_DIAGONALS,
    BAND_OF_SPDIAGS,
    SOLVED_BY_BAND,
)
from pdeperf.sparse.band_uses import REFLECTING, BandUses
from pdeperf.sparse.solves import Form, Solve, loops_around, runs_again, solves_in
from pdeperf.sparse.written import Additions

_DIAGONALS = ("scipy.sparse.diags", "scipy.sparse.diags_array")
_UNITS = ("scipy.sparse.identity", "scipy.sparse.eye", "scipy.sparse.eye_array")
_BY_COLUMNS = "scipy.sparse.spdiags"
_NAMED = (ast.Name, ast.Attribute, ast.Constant)
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
    lines
        Of the solves whose matrices are made again and again.
    """

    text: str
    names: tuple[str, ...]
    forgets: tuple[str, ...]
    lines: frozenset[int]


def banded(meaning: Meaning, module: Module, *, was_dense: bool = False) -> Banded | None:
    """The file with all matrices filled as bands that only serve to solve; None if there are none.

    Parameters
    ----------
    was_dense
        The user's matrices were dense: singular ones are told of as NumPy does.
    """
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
    found = _settled([*_filled(meaning, module, solves, added), *_diagonals(meaning, module, solves)])
    if not found:
        return None
    text = BAND_MATRIX
    if any(one.uses.computes for one in found):
        text = BAND_MATRIX.rstrip("\n") + "\n" + BAND_ARITHMETIC
    name = added.definition(text)
    edits: list[Edit] = []
    forgets: set[str] = set()
    for one in found:
        edits += [*one.uses.edits, *one.edits(module, name, added)]
        forgets |= {*one.uses.forgets(), *one.forgets}
    for solve in dict.fromkeys(solve for one in found for solve in one.uses.reached):
        assert isinstance(solve.node, ast.Call)
        text = SOLVED_BY_BAND
        if was_dense:
            text = text.replace("SOLVE(A.tocsr(), b)", "{numpy}.linalg.solve(A.tocsr().toarray(), b)")
            text = text.replace("return SOLVE(A, b)", "return {numpy}.linalg.solve(A.toarray(), b)")
        text = text.replace("SOLVE", solve.otherwise)
        edits.append(replace(module, solve.node.func, added.definition(text, {"BandMatrix": name})))
    text = _without_unused(module, apply(module.text, [*added.edits(), *edits]))
    names = tuple(dict.fromkeys(one.name for one in found))
    lines = {
        solve.node.lineno
        for one in found
        for solve in one.uses.reached
        if runs_again(meaning, module, one.node)
        or any(not loops_around(module, node) and runs_again(meaning, module, node) for node in one.uses.sums)
    }
    return Banded(text, names, tuple(sorted(forgets)), frozenset(lines))


@dataclass(frozen=True, slots=True)
class _Made:
    """Where a matrix is made, and all that is done with it.

    Attributes
    ----------
    call
        What makes it from its diagonals; None where it is filled.
    """

    name: str
    uses: BandUses
    filled: Assembled | None = None
    call: ast.Call | None = None
    full: str = ""
    forgets: frozenset[str] = frozenset()

    @property
    def node(self) -> ast.AST:
        """What makes it."""
        if self.filled is not None:
            return self.filled.statement
        assert self.call is not None
        return self.call

    def edits(self, module: Module, name: str, added: Additions) -> Iterator[Edit]:
        """What makes a band instead."""
        if self.filled is not None:
            for one in self.filled.edits:
                yield Edit(one.start, one.end, one.text.replace("CLASS(", f"{name}("))
        if self.call is None:
            return
        kind = "csr_array" if self.full.endswith("_array") else "csr_matrix"
        diags = f"{added.alias('sparse')}.{'diags_array' if kind == 'csr_array' else 'diags'}"
        text = BAND_OF_SPDIAGS if self.full == _BY_COLUMNS else BAND_OF_DIAGONALS.replace("DIAGS", diags)
        text = text.replace("KIND", kind)
        function = added.definition(text, {"BandMatrix": name})
        if self.full in _UNITS:
            size, *_ = (segment(module, one) for one in self.call.args)
            options = "".join(f", {one.arg}={segment(module, one.value)}" for one in self.call.keywords)
            made = f"{function}([1.0], [0], shape=({size}, {size}){options})"
            yield replace(module, self.call, made)
        else:
            yield replace(module, self.call.func, function)


def _settled(found: Sequence[_Made]) -> Sequence[_Made]:
    """Those of the matrices to whose names nothing else is bound, and which lead to a solve."""
    while True:
        bound = {target for one in found for target in one.uses.bound}
        kept = [one for one in found if not one.uses.unsettled(bound)]
        kept = [one for one in kept if _leads_to_solve(one, kept)]
        if len(kept) == len(found):
            return kept
        found = kept


def _leads_to_solve(made: _Made, every: Sequence[_Made]) -> bool:
    """Is a system solved with a matrix, or with others that it is added to or subtracted from?"""
    known, left = [made], [one for one in every if one is not made]
    for one in known:
        if one.uses.reached:
            return True
        meeting = [other for other in left if one.uses.meets(other.uses)]
        known += meeting
        left = [other for other in left if other not in meeting]
    return False


def _filled(
    meaning: Meaning, module: Module, solves: dict[ast.expr, Solve], added: Additions
) -> Iterator[_Made]:
    """The matrices that are built from stores near the diagonal."""
    builders = builders_in(module)
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Assign):
            continue
        inner = [one.id for one in ast.walk(node.value) if isinstance(one, ast.Name) and one.id in builders]
        if not inner:
            continue
        uses = BandUses(meaning, module, solves)
        try:
            one = assembled(module, node, builders[inner[0]], inner[0], added)
            uses.follow(one.target, {one.statement})
        except NotInBandError:
            continue
        gone = frozenset([f"{_inside(module, one.statement)}{one.stores}"])
        yield _Made(one.target.id, uses, filled=one, forgets=gone)


def _diagonals(meaning: Meaning, module: Module, solves: dict[ast.expr, Solve]) -> Iterator[_Made]:
    """The matrices that are made from their diagonals."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call) or any(isinstance(one, ast.Starred) for one in node.args):
            continue
        full = meaning.full(module, node.func)
        options = {one.arg for one in node.keywords}
        if full in _DIAGONALS:
            fits = 0 < len(node.args) <= (4 if full == "scipy.sparse.diags" else 1) and None not in options
        elif full in _UNITS:
            plain = [one for one in node.args if _may_be_asked_twice(meaning, module, one)]
            same = len({ast.unparse(one) for one in plain}) == 1 and len(plain) == len(node.args) <= 2
            fits = same and options <= {"format"}
        elif full == _BY_COLUMNS:
            fits = len(node.args) == 4 and options <= {"format"}
        else:
            continue
        if not fits:
            continue
        uses = BandUses(meaning, module, solves)
        with contextlib.suppress(NotInBandError):
            uses.follow_value(node)
            yield _Made(ast.unparse(node.func), uses, call=node, full=full)


def _may_be_asked_twice(meaning: Meaning, module: Module, size: ast.expr) -> bool:
    """Is it a number that an expression without calls gives, or the length of something?"""
    calls = [node for node in ast.walk(size) if isinstance(node, ast.Call)]
    plain = (*_NAMED, ast.Subscript, ast.BinOp, ast.Call, ast.operator, ast.expr_context)
    lengths = all(meaning.full(module, call.func) == "builtins.len" and len(call.args) == 1 for call in calls)
    return lengths and all(isinstance(node, plain) for node in ast.walk(size))


def _inside(module: Module, statement: ast.stmt) -> str:
    in_function = any(isinstance(up, ast.FunctionDef) for up in module.ancestors(statement))
    return f"{module.scope_name(statement)}():" if in_function else ""


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
